package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/devices/devicetest"
	"telecare/devices/serial"
)

// TestReceiverWhileTheDiskStands: a receiver of alarms repeats what is not
// acknowledged within 4 s. The commit takes 10 s: help is called at once, the
// repeats are the same press, and the acknowledgment comes when it is on disk
// and then once. On a real line, so in real time.
func TestReceiverWhileTheDiskStands(t *testing.T) {
	t.Parallel()
	for _, r := range []struct{ format, beat, event string }{
		{serial.SurGard, "1011           @    \x14", "5011 181234E10100012\x14"},
		{serial.Ademco685, "\n00 OKAY @\r", "\n11 1234 18 E101 00 C012 \r"},
	} {
		t.Run(r.format, func(t *testing.T) {
			t.Parallel()
			receiverWhileTheDiskStands(t, r.format, r.beat, r.event)
		})
	}
}

func receiverWhileTheDiskStands(t *testing.T, format, beat, event string) {
	n := newNight(t)
	n.site.Devices[devices.Address(format+"/1234/012")] = Device{ID: "d-1", Role: devices.Panic, Window: 25 * time.Hour}
	stall := make(chan struct{})
	g := New(Options{
		Site: n.site, Journal: n.disk, History: n.disk,
		Notifiers:  map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre},
		Publishers: []Publisher{n.board}, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler),
	})
	wire, err := devicetest.NewWire()
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	line, err := serial.New(serial.Config{Name: "receiver", Port: wire.Port, Format: format}, g.Handle, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- g.Run(ctx) }()
	go func() { ended <- line.Run(ctx) }()
	defer func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}()

	r := receiver{t, wire}
	// It speaks when it is heard: its heartbeats go on until one is answered.
	for !r.sends(beat, 4*time.Second) {
	}

	n.disk.mu.Lock()
	n.disk.stall = stall
	n.disk.mu.Unlock()
	began := time.Now()
	free := time.AfterFunc(10*time.Second, func() {
		n.disk.mu.Lock()
		n.disk.stall = nil
		n.disk.mu.Unlock()
		close(stall)
	})
	defer free.Stop()
	acknowledged, times := false, 0
	for !acknowledged && times < 4 {
		acknowledged = r.sends(event, 4*time.Second)
		times++
	}
	if took := time.Since(began); !acknowledged || took < 10*time.Second {
		t.Errorf("acknowledged %v after %v and %d times", acknowledged, took, times)
	}
	if calls := n.marta.rang(); fmt.Sprint(calls) != "[call panic Room 7 to marta]" || n.marta.first().Sub(began) > 2*time.Second {
		t.Errorf("called %q, first after %v", calls, n.marta.first().Sub(began))
	}
	if r.hears(500 * time.Millisecond) {
		t.Error("acknowledged twice: the second is taken for the next frame's")
	}
	if open := n.board.open(); len(open) != 1 || open[0].Presses != 1 {
		t.Errorf("after the repeats there are %+v", open)
	}

	// The same bytes again, after the answer, are another press.
	if !r.sends(event, 4*time.Second) {
		t.Error("the second press was not acknowledged")
	}
	if open := n.board.open(); len(open) != 1 || open[0].Presses != 2 {
		t.Errorf("after the second press there are %+v", open)
	}
	t.Logf("called after %v, acknowledged after %d transmissions", n.marta.first().Sub(began), times)
}

// receiver sends a frame and waits for its acknowledgment, as a Sur-Gard does.
type receiver struct {
	t    *testing.T
	line *devicetest.Wire
}

func (r receiver) sends(frame string, wait time.Duration) bool {
	r.t.Helper()
	if _, err := r.line.WriteString(frame); err != nil {
		r.t.Fatal(err)
	}
	return r.hears(wait)
}

func (r receiver) hears(wait time.Duration) bool {
	r.t.Helper()
	if err := r.line.SetReadDeadline(time.Now().Add(wait)); err != nil {
		r.t.Fatal(err)
	}
	b := make([]byte, 1)
	n, _ := r.line.Read(b)
	if n == 1 && b[0] != 6 {
		r.t.Errorf("heard %x", b)
	}
	return n == 1
}
