package serial

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"telecare/devices"
)

// desk is a receiver's side of the answers: what was written, and the answers
// that are still to be given.
type desk struct {
	answers
	wrote []byte
	now   time.Time
}

func newDesk() *desk {
	d := &desk{now: time.Date(2026, 11, 22, 2, 10, 0, 0, time.UTC)}
	d.open(func(b byte) { d.wrote = append(d.wrote, b) })
	return d
}

func (d *desk) hears(raw string) (id string, stored func(error)) {
	packet, again, answer := d.came(Decoded{Raw: []byte(raw), Message: devices.Message{Device: "1234/012"}}, d.now)
	id = fmt.Sprint(packet)
	if again {
		id += " again"
	}
	return id, func(err error) { answer(err, d.now) }
}

func (d *desk) heartbeat() {
	d.alive(Decoded{Raw: []byte("@"), Message: devices.Message{Device: Dongle}}, d.now)
}

func (d *desk) expect(t *testing.T, what, want string) {
	t.Helper()
	if got := fmt.Sprintf("%x", d.wrote); got != want {
		t.Errorf("%s: wrote %q, want %q", what, got, want)
	}
	d.wrote = nil
}

func TestAnswerWaitsForTheDisk(t *testing.T) {
	d := newDesk()
	id, stored := d.hears("press")
	d.expect(t, "before the commit", "")
	stored(nil)
	d.expect(t, "after it", "06")
	stored(nil)
	d.expect(t, "a second time", "")
	if again, _ := d.hears("press"); id != "1" || again != "2" {
		t.Errorf("deliveries are %q and %q: a press of the same bytes, after the answer, is another one", id, again)
	}
}

func TestAnswerAfterRepeats(t *testing.T) {
	d := newDesk()
	_, first := d.hears("press")
	d.now = d.now.Add(4 * time.Second)
	id, second := d.hears("press")
	if id != "1 again" {
		t.Errorf("a repeat is %q", id)
	}
	d.now = d.now.Add(2 * time.Second)
	first(nil)
	second(nil)
	d.expect(t, "both stored", "06") // two would answer the next frame as well
}

func TestAnswerThatCameTooLate(t *testing.T) {
	d := newDesk()
	_, stored := d.hears("press")
	d.now = d.now.Add(5 * time.Second)
	stored(nil)
	d.expect(t, "nobody waits", "")
	id, stored := d.hears("press")
	stored(nil)
	d.expect(t, "repeated", "06")
	if id != "1 again" {
		t.Errorf("the repeat is %q", id)
	}
}

func TestAnswerIsForTheLastFrameOnly(t *testing.T) {
	d := newDesk()
	_, first := d.hears("press")
	_, second := d.hears("smoke")
	first(nil)
	d.expect(t, "for the frame before", "")
	second(nil)
	d.expect(t, "for the last", "06")
	if id, _ := d.hears("press"); id != "1 again" {
		t.Errorf("the first, unanswered, comes again as %q", id)
	}
}

func TestNoAnswerWhenNotStored(t *testing.T) {
	d := newDesk()
	_, stored := d.hears("press")
	stored(errors.New("disk full"))
	d.expect(t, "not stored", "")
	if id, _ := d.hears("press"); id != "1 again" {
		t.Errorf("the repeat is %q", id)
	}
}

func TestHeartbeatIsAnsweredAtOnce(t *testing.T) {
	d := newDesk()
	_, stored := d.hears("press")
	d.heartbeat()
	d.expect(t, "heartbeat while the disk stands still", "06")
	stored(nil)
	d.expect(t, "the press behind it", "") // could be taken for what the receiver sends next
	d.now = d.now.Add(30 * time.Second)
	if id, _ := d.hears("press"); id != "1 again" {
		t.Errorf("given up before, sent again after a heartbeat: %q", id)
	}
	d.heartbeat()
	d.now = d.now.Add(30 * time.Second)
	d.heartbeat()
	if id, _ := d.hears("press"); id != "2" {
		t.Errorf("an idle receiver has nothing to repeat, this is %q", id)
	}
	d.now = d.now.Add(forgetRepeats + time.Second)
	if id, _ := d.hears("press"); id != "3" {
		t.Errorf("a repeat after so long is %q", id)
	}
}

func TestWaitingIsBounded(t *testing.T) {
	d := newDesk()
	for i := range 10 * maxWaiting {
		d.hears(fmt.Sprint(i))
	}
	if len(d.waiting) > maxWaiting {
		t.Errorf("%d are kept", len(d.waiting))
	}
}

func TestDamagedIsAskedForOnce(t *testing.T) {
	d := newDesk()
	for _, x := range []struct {
		frame string
		asks  bool
		wrote string
	}{
		{"5011 18123E10100012", true, "15"},    // a byte is missing
		{"5011 18123E10100012", false, ""},     // the same again: it is meant so
		{"5011 18123E10100012", true, "15"},    // and once more, later
		{"7011 what is this", false, ""},       // read well, not known: nothing to ask for
		{"5\x81\x02\xff\x1b", false, ""},       // noise
		{"\xb5011 18123E10100012", true, "95"}, // on a line with even parity
	} {
		_, err := DecodeSurGard([]byte(x.frame))
		if got := d.refuse(Decoded{Raw: []byte(x.frame), Err: err}); got != x.asks {
			t.Errorf("%q: asks %v", x.frame, got)
		}
		d.expect(t, x.frame, x.wrote)
	}
}

func TestRepeatsAreOnePress(t *testing.T) {
	r := repeats{within: time.Second}
	now := time.Date(2026, 11, 22, 2, 10, 0, 0, time.UTC)
	ref := func(device string, after time.Duration) string {
		now = now.Add(after)
		m := devices.Message{Device: device, Events: []devices.Event{{Kind: devices.Button}}}
		r.mark(&m, now)
		return m.Events[0].Ref
	}
	a := ref("229ad6/A", 0)
	other := ref("1b4d8f/B", 38*time.Millisecond)
	for i := range 100 { // held
		if got := ref("229ad6/A", 100*time.Millisecond); got != a || a == "" {
			t.Fatalf("repeat %d is %q, the press was %q", i, got, a)
		}
	}
	if again := ref("229ad6/A", time.Second); again == a || again == other {
		t.Errorf("another press is %q", again)
	}
	if len(r.recent) != 1 {
		t.Errorf("%d presses are remembered", len(r.recent))
	}
	m := devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Button}}}
	(&repeats{}).mark(&m, now)
	if m.Events[0].Ref != "" {
		t.Error("a format that does not repeat has got a Ref")
	}
}
