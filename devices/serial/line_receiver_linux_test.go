package serial

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"telecare/devices"
	"telecare/devices/devicetest"
)

// receiver is the far end of a line.
type receiver struct{ *devicetest.Wire }

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	w, err := devicetest.NewWire()
	must(t, err)
	t.Cleanup(func() { w.Close() })
	return &receiver{w}
}

// hears returns the next byte that the computer says, "" when none comes in time.
func (r *receiver) hears(t testing.TB, within time.Duration) string {
	t.Helper()
	must(t, r.SetReadDeadline(time.Now().Add(within)))
	b := make([]byte, 1)
	n, _ := r.Read(b)
	return fmt.Sprintf("%x", b[:n])
}

// Over a real line: an event is acknowledged when it is stored and not before,
// a heartbeat at once, a damaged frame is asked for again, noise is passed over.
func TestReceiverIsAnswered(t *testing.T) {
	r := newReceiver(t)
	type heard struct {
		devices.Frame
		answer func(error)
	}
	frames := make(chan heard, 100)
	line, err := New(Config{Name: "receiver", Port: r.Port, Format: SurGard}, func(f devices.Frame, answer func(error)) {
		frames <- heard{f, answer}
	}, slog.New(slog.DiscardHandler))
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- line.Run(ctx) }()
	defer func() { cancel(); must(t, <-ended) }()
	eventually(t, "the port is open", func() bool {
		line.answers.mu.Lock()
		defer line.answers.mu.Unlock()
		return line.answers.write != nil
	})
	next := func() heard {
		t.Helper()
		select {
		case h := <-frames:
			return h
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was heard")
		}
		panic("unreachable")
	}
	say := func(s string) { t.Helper(); _, err := r.WriteString(s); must(t, err) }

	say("\xff\x00\x8030\x145011 181234E10100012\x14")
	if noise := next(); noise.Err == nil || noise.Session != "" {
		t.Errorf("noise was read as %+v", noise.Frame)
	}
	press := next()
	if said(press.Message, press.Err) != "1234/012 panic" || press.Unanswered || press.Session != "receiver/line" || press.Dup {
		t.Errorf("the press is %+v", press.Frame)
	}
	if b := r.hears(t, 300*time.Millisecond); b != "" {
		t.Errorf("%s was said before the press is on disk", b)
	}
	say("5011 181234E10100012\x14")
	again := next()
	if !again.Dup || again.Packet != press.Packet {
		t.Errorf("the repeat is %+v", again.Frame)
	}
	press.answer(nil)
	again.answer(nil)
	if b := r.hears(t, 10*time.Second); b != "06" {
		t.Errorf("%q was said to a stored press", b)
	}
	if b := r.hears(t, 300*time.Millisecond); b != "" {
		t.Errorf("%s was said once more", b)
	}

	say("1011           @    \x14")
	if b := r.hears(t, 10*time.Second); b != "06" {
		t.Errorf("%q was said to a heartbeat", b)
	}
	if h := next(); said(h.Message, h.Err) != "dongle heartbeat" {
		t.Errorf("the heartbeat is %+v", h.Frame)
	}
	if err := line.Ready(); err != nil {
		t.Error(err)
	}

	say("5011 181234E1010012\x14")
	if b := r.hears(t, 10*time.Second); b != "15" {
		t.Errorf("%q was said to a damaged frame", b)
	}
	next().answer(nil)
	say("5011 181234E10100012\x14")
	third := next()
	third.answer(nil)
	if b := r.hears(t, 10*time.Second); b != "06" || third.Dup {
		t.Errorf("%q was said to another press %+v", b, third.Frame)
	}
}
