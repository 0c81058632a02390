package past

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"telecare/alerting"
	"telecare/devices"
)

var night = time.Date(2026, 11, 1, 2, 0, 0, 0, time.UTC)

// ward is a machine with two responders over two channels each.
func ward() *alerting.Machine {
	m := alerting.New()
	two := []alerting.Contact{{Channel: "app"}, {Channel: "sms"}}
	m.Step(night, alerting.Apply{Plan: alerting.Plan{
		Site: "home", Devices: map[devices.ID]alerting.Device{"d-7": {Place: "p-7"}},
		People: map[alerting.Person]alerting.Responder{"marta": {Contacts: two}, "jan": {Contacts: two}, "centre": {Contacts: two}},
		Policies: map[alerting.PolicyID]alerting.Policy{"y": {Steps: []alerting.PolicyStep{
			{Call: []alerting.Target{{Person: "marta"}}, Wait: time.Minute}, {Call: []alerting.Target{{Person: "jan"}}, Wait: time.Minute}}}},
		Default: "y", LastResort: "centre",
	}})
	return m
}

// What is known after each step is what the machine told then, whatever came
// later, and whether the story was written and read meanwhile.
func TestKnownThen(t *testing.T) {
	m, s := ward(), new(Story)
	step := func(after time.Duration, in alerting.Input) []alerting.Effect {
		effects := m.Step(night.Add(after), in)
		for _, e := range effects {
			if c, ok := e.(alerting.Changed); ok {
				s.Add(c)
			}
		}
		return effects
	}
	saved := map[int]alerting.Alarm{}
	do := func(after time.Duration, in alerting.Input) {
		effects := step(after, in)
		if n := len(s.Steps) - 1; n >= 0 {
			saved[n] = m.Alarms()[0]
		}
		for _, e := range effects {
			if n, ok := e.(alerting.Notify); ok && n.Channel == "app" && n.Reason != alerting.Stopped {
				step(after+time.Second, alerting.Sent{Alarm: n.Alarm, Notification: n.ID, Error: "timeout"})
				saved[len(s.Steps)-1] = m.Alarms()[0]
				step(after+3*time.Second, alerting.Sent{Alarm: n.Alarm, Notification: n.ID})
				saved[len(s.Steps)-1] = m.Alarms()[0]
			}
		}
		b, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if s, err = Decode(b); err != nil {
			t.Fatal(err)
		}
	}
	do(0, alerting.Heard{Device: "d-7", Kind: devices.Panic, Ref: "1"})
	id := m.Alarms()[0].ID
	do(30*time.Second, alerting.Heard{Device: "d-7", Kind: devices.Panic, Ref: "2"})
	do(2*time.Minute, alerting.Tick{})
	do(150*time.Second, alerting.Take{Alarm: id, By: "jan"})
	do(3*time.Minute, alerting.Arrive{Alarm: id, By: "jan"})
	do(9*time.Minute, alerting.Close{Alarm: id, By: "jan", Outcome: alerting.Helped})
	if len(saved) < 8 {
		t.Fatalf("%d steps, which is no night", len(saved))
	}
	for n, want := range saved {
		if diff := cmp.Diff(want, s.At(n), cmpopts.IgnoreFields(alerting.Alarm{}, "Refs", "Later")); diff != "" {
			t.Errorf("after step %d (%s) something else is known than was told (-told +known):\n%s", n, s.Steps[n].Entry.What, diff)
		}
	}
	if a := s.At(0); len(a.History) != 1 || a.State != alerting.Raised || !a.ClosedAt.IsZero() {
		t.Errorf("at first it is known: %+v", a)
	}
}

// Of an alarm that nobody takes for days the middle is left out.
func TestBounded(t *testing.T) {
	m, s := ward(), new(Story)
	all := 0
	var step func(time.Time, alerting.Input)
	step = func(at time.Time, in alerting.Input) {
		for _, e := range m.Step(at, in) {
			switch e := e.(type) {
			case alerting.Changed:
				s.Add(e)
				all++
			case alerting.Notify:
				step(at, alerting.Sent{Alarm: e.Alarm, Notification: e.ID})
			}
		}
	}
	step(night, alerting.Heard{Device: "d-7", Kind: devices.Panic, Ref: "1"})
	for range 300 {
		step(m.Next(), alerting.Tick{})
	}
	if all < 2*most || len(s.Steps) != most || s.Left != all-most {
		t.Fatalf("of %d steps %d are kept and %d said to be left out", all, len(s.Steps), s.Left)
	}
	if a := s.Newest(); a.Turn == 0 || !a.History[len(a.History)-1].At.Equal(s.Steps[most-1].Entry.At) {
		t.Errorf("the newest is %+v", a.History[len(a.History)-1])
	}
	newest := s.Newest()
	if got := len(newest.Calls); got < mostCalls || got > 2*most || len(s.Steps[first].Calls) > mostCalls+10 {
		t.Errorf("%d calls are known", got)
	}
	now := m.Alarms()[0]
	if diff := cmp.Diff(now.Calls[len(now.Calls)-100:], newest.Calls[len(newest.Calls)-100:]); diff != "" {
		t.Errorf("the newest calls are others (-machine +known):\n%s", diff)
	}
	b, err := s.Encode()
	if err != nil || len(b) > 64<<10 {
		t.Errorf("it takes %d bytes (%v)", len(b), err)
	}
}

func FuzzDecode(f *testing.F) {
	s := Story{Steps: []Step{{Entry: alerting.Entry{At: night, What: alerting.WasRaised}, Alarm: alerting.Alarm{ID: "a-1"}}}}
	b, err := s.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		_ = fmt.Sprint(s.Newest().ID)
	})
}
