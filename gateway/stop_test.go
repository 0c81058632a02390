package gateway

import (
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// TestStopLosesNothing: what was said just before a stop is decided and on disk
// with its snapshot, however slow the disk is just then; nobody need say it again.
func TestStopLosesNothing(t *testing.T) {
	for name, slow := range map[string]time.Duration{"a disk that is well": 0, "a slow disk": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			for range 20 { // which of two things that are ready comes first is chance
				synctest.Test(t, func(t *testing.T) {
					n := newNight(t)
					n.start()
					n.presses("pendant 7")
					alarm := n.board.open()[0].ID
					if slow > 0 {
						stall := make(chan struct{})
						n.disk.mu.Lock()
						n.disk.stall = stall
						n.disk.mu.Unlock()
						n.says("radar", devices.Frame{Unanswered: true, Message: devices.Message{Events: []devices.Event{{Kind: devices.Heartbeat}, {Kind: devices.Tamper}}}}) // under way
						time.AfterFunc(slow, func() {
							n.disk.mu.Lock()
							n.disk.stall = nil
							n.disk.mu.Unlock()
							close(stall)
						})
					}
					// The loop is busy while both come, what is said and the stop.
					busy := make(chan struct{})
					n.g.lookAt(func(*alerting.Machine) { <-busy })
					synctest.Wait()
					taken := make(chan error, 1)
					n.g.inbox.put(item{in: alerting.Take{Alarm: alarm, By: "marta"}, answer: func(err error) { taken <- err }})
					stopped := make(chan struct{})
					go func() { n.stop(); close(stopped) }()
					synctest.Wait()
					close(busy)
					<-stopped
					select {
					case err := <-taken:
						n.expect("the answer was kept", err, nil)
					default:
						t.Fatal("what was said just before the stop was not decided")
					}
					if len(n.disk.snapshots) == 0 || n.disk.snapshots[0].Seq != int64(n.disk.length()) {
						t.Fatalf("snapshots %d, want the newest to be of the last record, %d", len(n.disk.snapshots), n.disk.length())
					}
					n.start()
					n.expect("held after the next start", n.board.open()[0].Holder, "marta")
					n.stop()
				})
			}
		})
	}
}

// TestStopDoesNotWaitForADiskThatHangs: and then nobody is told that what they
// said was kept.
func TestStopDoesNotWaitForADiskThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.presses("pendant 7")
		alarm := n.board.open()[0].ID
		n.disk.mu.Lock()
		n.disk.stall = make(chan struct{})
		n.disk.mu.Unlock()
		took := make(chan error, 1)
		n.g.inbox.put(item{in: alerting.Take{Alarm: alarm, By: "marta"}, answer: func(err error) { took <- err }})
		began := time.Now()
		n.stop()
		n.expect("the stop took", time.Since(began), lastPatience)
		n.expect("the answer was kept", (<-took) == nil, false)
	})
}
