package alerting

import (
	"testing"
	"time"

	"telecare/devices"

	"github.com/google/go-cmp/cmp"
)

// TestRefused: whoever is refused is told of which alarm, why, and who has it.
func TestRefused(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{ward()})
	m.Step(at, Heard{Device: "d1", Kind: devices.Panic})
	m.Step(at, Heard{Device: "d2", Kind: devices.Gas})
	m.Step(at, Heard{Device: "d3", Kind: devices.Panic})
	closed, held, open := m.Alarms()[0].ID, m.Alarms()[1].ID, m.Alarms()[2].ID
	m.Step(at, Take{closed, "marta"})
	m.Step(at, Close{closed, "marta", Helped})
	m.Step(at, Arrive{held, "marta"})
	m.Step(at, Take{held, "jan"})
	soon := at.Add(time.Minute)
	for name, c := range map[string]struct {
		in   Input
		want Refused
	}{
		"no such alarm":           {Take{"a-none", "jan"}, Refused{"a-none", "jan", NoSuchAlarm, ""}},
		"held":                    {Take{held, "centre"}, Refused{held, "centre", AlreadyHeld, "marta"}},
		"closed":                  {Take{closed, "jan"}, Refused{closed, "jan", AlreadyClosed, "marta"}},
		"closed otherwise":        {Close{closed, "jan", Hurt}, Refused{closed, "jan", AlreadyClosed, "marta"}},
		"no outcome":              {Close{open, "jan", Cancelled}, Refused{open, "jan", NoOutcome, ""}},
		"not closed":              {Reopen{held, "jan"}, Refused{held, "jan", NotClosed, "marta"}},
		"not the holder":          {HandOver{held, "jan", "centre"}, Refused{held, "jan", NotHolder, "marta"}},
		"to nobody":               {HandOver{held, "marta", "nobody"}, Refused{held, "marta", CannotCall, "nobody"}},
		"to oneself":              {HandOver{held, "marta", "marta"}, Refused{held, "marta", CannotCall, "marta"}},
		"nobody and nowhere away": {Away{Until: soon, By: "jan"}, Refused{"", "jan", NoSuchPlace, ""}},
		"both away":               {Away{Resident: "anna", Place: "room-2", Until: soon, By: "jan"}, Refused{"", "jan", NoSuchPlace, ""}},
		"away for too long":       {Away{Resident: "anna", Until: at.Add(MaxAway + 1), By: "jan"}, Refused{"", "jan", TooLong, ""}},
		"test of both":            {SetTest{Device: "d1", Place: "room-1", Until: soon, By: "jan"}, Refused{"", "jan", NoSuchPlace, ""}},
		"test for too long":       {SetTest{Device: "d1", Until: at.Add(MaxTest + 1), By: "jan"}, Refused{"", "jan", TooLong, ""}},
		"pause of nowhere":        {Pause{Until: soon, By: "jan"}, Refused{"", "jan", NoSuchPlace, ""}},
		"pause for too long":      {Pause{Place: "room-1", Until: at.Add(MaxPause + 1), By: "jan"}, Refused{"", "jan", TooLong, ""}},
		"stranger on a break":     {BreakBegins{"who", soon}, Refused{"", "who", NoSuchPerson, ""}},
		"break that is over":      {BreakBegins{"jan", at}, Refused{"", "jan", NoBreak, ""}},
		"break that never ends":   {BreakBegins{"jan", at.Add(MaxBreak + 1)}, Refused{"", "jan", NoBreak, ""}},
		"no alarm by hand":        {RaiseByHand{devices.Heartbeat, "room-1", "jan", false}, Refused{"", "jan", NotAnAlarm, ""}},
		"no alarm recovered":      {Recover{Alarm: "a-x", By: "jan", Kind: devices.Heartbeat, RaisedAt: at}, Refused{"a-x", "jan", NotAnAlarm, ""}},
		"too old":                 {Recover{Alarm: "a-x", By: "jan", Kind: devices.Fall, RaisedAt: at.Add(-Remember)}, Refused{"a-x", "jan", NoSuchAlarm, ""}},
		"without an id":           {Recover{By: "jan", Kind: devices.Fall, RaisedAt: at}, Refused{"", "jan", NoSuchAlarm, ""}},
	} {
		before, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Effect{c.want}, m.Step(at, c.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if after, _ := m.State(); string(after) != string(before) {
			t.Errorf("%s: refused, and yet\n%s\nbecame\n%s", name, before, after)
		}
	}
	if got := m.Step(at, Close{closed, "jan", Helped}); len(got) > 0 {
		t.Errorf("closed so already, %+v", got)
	}
}

// TestTimesAsTheyAreTold: a time that somebody gives is kept to the nanosecond,
// and is the longest that is allowed.
func TestTimesAsTheyAreTold(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{ward()})
	odd := 123_456_789 * time.Nanosecond
	cet := time.FixedZone("CET", 3600)
	for _, in := range []Input{
		Away{Resident: "anna", Until: at.Add(MaxAway - odd).In(cet), By: "jan"}, SetTest{Device: "d1", Until: at.Add(MaxTest - odd).In(cet), By: "jan"},
		Pause{Place: "room-1", Until: at.Add(MaxPause - odd).In(cet), By: "jan"}, BreakBegins{"jan", at.Add(MaxBreak - odd).In(cet)},
	} {
		m.Step(at, in)
	}
	if a := m.Absences(); len(a) != 1 || a[0].Until != at.Add(MaxAway-odd) {
		t.Errorf("away %+v", a)
	}
	if w := m.Tests(); len(w) != 1 || w[0].Until != at.Add(MaxTest-odd) {
		t.Errorf("tests %+v", w)
	}
	if m.pauses["room-1"] != at.Add(MaxPause-odd) {
		t.Errorf("paused until %s", m.pauses["room-1"])
	}
	if b := m.Breaks(); len(b) != 1 || b[0].Until != at.Add(MaxBreak-odd) {
		t.Errorf("breaks %+v", b)
	}
	for _, in := range []Input{
		Away{Resident: "anna", Until: at.Add(MaxAway), By: "jan"}, SetTest{Device: "d1", Until: at.Add(MaxTest), By: "jan"},
		Pause{Place: "room-1", Until: at.Add(MaxPause), By: "jan"}, BreakBegins{"jan", at.Add(MaxBreak)},
	} {
		for _, e := range m.Step(at, in) {
			if r, ok := e.(Refused); ok {
				t.Errorf("%+v is refused: %+v", in, r)
			}
		}
	}
	// A device of nowhere is tried in a test of everything, once.
	m.Step(at, SetTest{Until: at.Add(time.Minute), By: "jan"})
	m.Step(at, Heard{Device: "d9", Kind: devices.Panic})
	if w := m.Tests(); len(w) != 2 || len(w[0].Heard) != 1 {
		t.Errorf("tried %+v", w)
	}
	m.Step(at, SetTest{Until: at, By: "jan"})
	if got := m.Step(at, SetTest{Device: "d3", Until: at, By: "jan"}); len(got) > 0 {
		t.Errorf("a test that was none ends: %+v", got)
	}
	if got := m.Step(at, SetTest{Device: "d3", Until: at.Add(-1), By: "jan"}); len(got) > 0 {
		t.Errorf("a test that was none ends: %+v", got)
	}
	// What is over as it begins is over.
	m.Step(at, Away{Resident: "anna", Until: at, By: "jan"})
	m.Step(at, SetTest{Device: "d1", Until: at, By: "jan"})
	m.Step(at, Pause{Place: "room-1", Until: at, By: "jan"})
	if len(m.Absences()) > 0 || len(m.Tests()) > 0 || len(m.pauses) > 0 {
		t.Errorf("over, and yet %+v %+v %+v", m.Absences(), m.Tests(), m.pauses)
	}
}

// TestClosedByNobody: who closes an alarm has seen to it; the gateway itself has
// not.
func TestClosedByNobody(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{ward()})
	m.Step(at, Heard{Device: "d3", Kind: devices.Panic})
	id := m.Alarms()[0].ID
	m.Step(at, Close{Alarm: id, Outcome: Mistake})
	if a, _ := m.Alarm(id); !a.AckedAt.IsZero() || a.State != Closed {
		t.Errorf("it is %s, and somebody acknowledged it at %s", a.State, a.AckedAt)
	}
}

// TestForgotten: a state does not carry what is over.
func TestForgotten(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{ward()})
	m.Step(at, Pause{Place: "room-1", Until: at.Add(time.Minute), By: "jan"})
	for after, want := range map[time.Duration]int{time.Minute - 1: 1, time.Minute: 0, time.Hour: 0} {
		m.now = at.Add(after)
		if got := m.untils(m.pauses); len(got) != want {
			t.Errorf("after %s, %d pauses are written", after, len(got))
		}
	}
}
