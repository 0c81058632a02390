package gateway

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// shelf is a reading store that can hang.
type shelf struct {
	mu      sync.Mutex
	hang    chan struct{}
	samples int
	closed  int
}

func (s *shelf) Append(ctx context.Context, samples []devices.Sample, closed []alerting.Alarm) error {
	s.mu.Lock()
	hang := s.hang
	s.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.samples += len(samples)
	s.closed += len(closed)
	return nil
}

func TestReadingsAreShedAndPressesAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		store := &shelf{}
		n.readings = store
		n.start()
		reading := func() *answered {
			return n.says("door", devices.Frame{Message: devices.Message{Readings: []devices.Reading{{Quantity: devices.Battery, Value: 80}}}})
		}
		n.expect("a reading", reading(), "answered")

		store.mu.Lock()
		store.hang = make(chan struct{})
		store.mu.Unlock()
		stall := make(chan struct{})
		n.disk.mu.Lock()
		n.disk.stall = stall
		n.disk.mu.Unlock()
		first, second := reading(), reading()
		n.expect("while the disk stands still", first, "not answered")
		_, press := n.presses("pendant 7")
		n.expect("called", n.marta.rang(), []string{"call panic Room 7 to marta"})
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		n.expect("shed after a second", first, "answered")
		n.expect("shed, too", second, "answered")
		n.expect("and from then on at once", reading(), "answered")
		n.expect("the press stays unanswered", press, "not answered")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		n.expect("not ready", n.g.Ready() != nil, true)
		n.expect("journal fault", n.board.fault("store_down journal"), true)
		n.expect("spool fault", n.board.fault("spool_down spool"), true)
		a := n.board.open()[0]
		n.expect("take", n.g.Act(context.Background(), alerting.Take{Alarm: a.ID, By: "marta"}), nil)
		n.expect("close", n.g.Act(context.Background(), alerting.Close{Alarm: a.ID, By: "marta", Outcome: alerting.Helped}), nil)

		store.mu.Lock()
		close(store.hang)
		store.hang = nil
		store.mu.Unlock()
		n.disk.mu.Lock()
		n.disk.stall = nil
		n.disk.mu.Unlock()
		close(stall)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		n.expect("the press in the end", press, "answered")
		n.expect("ready again", n.g.Ready(), nil)
		n.expect("journal fault is over", n.board.fault("store_down journal"), false)
		n.expect("spool fault is over", n.board.fault("spool_down spool"), false)
		n.expect("the closed alarm was not shed", store.closed, 1)
		n.expect("a reading afterwards", reading(), "answered")
		n.stop()
	})
}

// TestDiskIsFullForAnHour: a press every half a minute is called at once, taken
// and closed; when there is room again everything is answered, and after a
// restart all of it is there. (A real disk is full for two minutes in
// `make accept`.)
func TestDiskIsFullForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.disk.mu.Lock()
		n.disk.fail = syscall.ENOSPC
		n.disk.mu.Unlock()
		const presses = 120
		var answers []*answered
		for i := range presses {
			at := time.Now()
			a := n.says("pendant 7", devices.Frame{
				Session: "zigbee", Packet: uint16(i + 1), Raw: []byte("pressed"),
				Message: devices.Message{Events: []devices.Event{{Kind: devices.Button}}},
			})
			answers = append(answers, a)
			n.expect("calls", len(n.marta.rang()), i+1)
			n.expect("at once", time.Since(at), time.Duration(0))
			id := n.board.open()[0].ID
			time.Sleep(10 * time.Second)
			n.expect("take", n.g.Act(t.Context(), alerting.Take{Alarm: id, By: "marta"}), nil)
			n.expect("close", n.g.Act(t.Context(), alerting.Close{Alarm: id, By: "marta", Outcome: alerting.Helped}), nil)
			time.Sleep(20 * time.Second)
			n.expect("answer", a, "not answered")
		}
		n.expect("ready on a full disk", n.g.Ready() != nil, true)
		n.disk.mu.Lock()
		n.disk.fail = nil
		n.disk.mu.Unlock()
		time.Sleep(5 * time.Second)
		for _, a := range answers {
			n.expect("in the end", a, "answered")
		}
		n.expect("ready again", n.g.Ready(), nil)
		n.crash()
		n.board.fresh()
		n.start()
		n.expect("open", len(n.board.open()), 0)
		n.expect("alarms, none lost and none twice", len(n.board.alarms), presses)
		n.stop()
	})
}

// TestStartWithoutAJournal: the journal cannot be read at the start. People are
// called from what is kept outside it; when it can be read, an alarm from
// before the start and one since are both there.
func TestStartWithoutAJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.stop() // leaves a snapshot
		outside := n.disk.snapshots[0]
		n.start()
		_, before := n.presses("pendant 7") // not in that snapshot
		n.expect("before", before, "answered")
		n.stop()
		n.disk.snapshots = nil // the newest one would know it

		n.fallback = func() (alerting.Snapshot, bool, error) { return outside, true, nil }
		n.disk.unreadable(errDisk)
		n.start()
		n.expect("not ready", n.g.Ready(), "the journal cannot be read")
		fall := n.says("radar", devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Fall, Level: true}}}})
		n.expect("called", n.marta.rang()[len(n.marta.rang())-1], "call fall Room 7 to marta")
		n.expect("unanswered", fall, "not answered")
		time.Sleep(40 * time.Second)
		synctest.Wait()
		n.expect("escalated", n.centre.rang()[len(n.centre.rang())-1], "call fall Room 7 to centre")
		n.expect("fault", n.board.fault("store_down journal"), true)

		n.disk.unreadable(nil)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		n.expect("answered in the end", fall, "answered")
		n.expect("fault is over", n.board.fault("store_down journal"), false)
		kinds := map[devices.Kind]int{}
		for _, a := range n.board.open() {
			kinds[a.Kind]++
		}
		n.expect("both alarms", kinds, map[devices.Kind]int{devices.Panic: 1, devices.Fall: 1})
		n.stop()
		n.start()
		n.expect("both after the next start", len(n.board.open()), 2)
		n.stop()
	})
}

var errFresh error = freshDisk{}

type freshDisk struct{}

func (freshDisk) Error() string { return "damaged; a new one begins" }
func (freshDisk) Fresh() bool   { return true }

// TestJournalIsDamagedWhileRunning: it begins anew with all that is known, and
// nobody stays unanswered.
func TestJournalIsDamagedWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.presses("pendant 7")
		time.Sleep(10 * time.Second)
		n.disk.mu.Lock()
		n.disk.recs, n.disk.snapshots = nil, nil
		n.disk.fresh = true
		n.disk.mu.Unlock()
		fall := n.says("radar", devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Fall, Level: true}}}})
		synctest.Wait()
		n.expect("answered", fall, "answered")
		n.expect("it begins with what is known", n.disk.recs[0].Kind, "adopt")
		n.stop()
		n.disk.snapshots = nil // by its records alone
		n.start()
		n.expect("both alarms after a restart", len(n.board.open()), 2)
		done, err := Replay(context.Background(), n.disk, 1, discard{})
		n.expect("replay", errors.Join(err), nil)
		n.expect("decided otherwise", done.Differ, 0)
		n.stop()
	})
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
