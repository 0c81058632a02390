package alerting

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"telecare/devices"
)

// TestAdopted: what was still known is taken over whole, and time goes on; what
// cannot be read changes nothing.
func TestAdopted(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	old := New()
	old.Step(at, Apply{ward()})
	old.Step(at, Heard{Device: "d2", Kind: devices.Panic})
	old.Step(at, Heard{Device: "d2", Kind: devices.Smoke, Level: true})
	known, err := old.State()
	if err != nil {
		t.Fatal(err)
	}

	m := New()
	m.Step(at.Add(time.Minute), Adopt{known})
	if len(m.Alarms()) != 2 || !m.LevelOn("d2", devices.Smoke) || m.LevelOn("d2", devices.Gas) || len(m.Plan().Devices) != 4 {
		t.Errorf("adopted, it knows %d alarms of %d devices", len(m.Alarms()), len(m.Plan().Devices))
	}
	if !m.Now().Equal(at.Add(time.Minute)) {
		t.Errorf("time went back to %s", m.Now())
	}
	before, _ := m.State()
	m.Step(at.Add(time.Minute), Adopt{json.RawMessage(`{"now":7}`)})
	if after, _ := m.State(); !bytes.Equal(before, after) {
		t.Errorf("a state that cannot be read changed\n%s\nto\n%s", before, after)
	}

	m = New()
	m.Step(at.Add(-time.Hour), Adopt{known})
	if !m.Now().Equal(at) {
		t.Errorf("it is %s, and what was known is from %s", m.Now(), at)
	}
}

// TestTimeOfAMachine: it never goes back, is UTC, and is nothing's before the
// first input; how far the wall is behind is never less than nothing.
func TestTimeOfAMachine(t *testing.T) {
	m := New()
	if !m.Next().IsZero() || !m.Now().IsZero() {
		t.Errorf("a new machine is at %s and waits for %s", m.Now(), m.Next())
	}
	at := time.Now()
	m.Step(at, Tick{})
	m.Step(at.Add(-time.Hour), Tick{})
	if m.Now() != at.UTC().Round(0) {
		t.Errorf("it is %s, and was told %s", m.Now(), at)
	}
	for _, behind := range []time.Duration{time.Hour, -time.Hour} {
		m.Step(at, ClockSet{behind})
		if m.Behind() != max(behind, 0) {
			t.Errorf("told that the wall is %s behind, it is %s", behind, m.Behind())
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an input that is none is swallowed")
		}
	}()
	m.Step(at, nil)
}

// TestCopies: who holds what a machine handed out cannot change what it knows.
func TestCopies(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	p := ward()
	p.Stays[0].Hours = nil
	p.Stays[0].From = at.Add(-time.Hour)
	m.Step(at, Apply{p})
	effects := m.Step(at, Heard{Device: "d2", Kind: devices.Panic, Ref: "1"})
	effects = append(effects, m.Step(at, Heard{Device: "d0", Kind: devices.Panic})...)
	m.Step(at, SetTest{Device: "d1", Until: at.Add(time.Hour)})
	m.Step(at, Heard{Device: "d1", Kind: devices.Panic})
	id := m.Alarms()[0].ID
	for _, in := range []Input{Take{id, "marta"}, NeedHelp{id, "marta"}, Decline{id, "jan"}, Take{id, "centre"}, Arrive{id, "marta"}, Arrive{id, "centre"}} {
		m.Step(at, in)
	}
	before, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	if a, ok := m.Alarm(id); !ok || len(a.Residents) == 0 || len(a.Refs) == 0 || len(a.With) == 0 || len(a.There) == 0 || len(a.Declined) == 0 || len(a.Calls) == 0 {
		t.Fatalf("not everything is in %+v", a)
	}
	if a := m.Alarms()[1]; len(a.Later) == 0 {
		t.Fatalf("nothing is left for later in %+v", a)
	}
	if _, ok := m.Alarm("a-none"); ok {
		t.Error("an alarm that is none is known")
	}
	spoil := func(a Alarm) {
		for _, s := range [][]Person{a.Declined, a.With, a.There, a.Asked} {
			for i := range s {
				s[i] = "spoilt"
			}
		}
		for i := range a.Residents {
			a.Residents[i] = "spoilt"
		}
		for i := range a.Refs {
			a.Refs[i] = "spoilt"
		}
		for i := range a.Later {
			a.Later[i].To = "spoilt"
		}
		for i := range a.Calls {
			a.Calls[i].To = "spoilt"
		}
		for i := range a.History {
			a.History[i].Who = "spoilt"
		}
	}
	for _, a := range m.Alarms() {
		spoil(a)
	}
	for _, e := range effects {
		if c, ok := e.(Changed); ok {
			spoil(c.Alarm)
		}
	}
	for _, w := range m.Tests() {
		for i := range w.Heard {
			w.Heard[i].Device = "spoilt"
		}
	}
	if after, _ := m.State(); !bytes.Equal(before, after) {
		t.Errorf("changed from\n%s\nto\n%s", before, after)
	}
}

// TestFrozen: what Freeze took is what State writes, however the machine goes on.
func TestFrozen(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{ward()})
	for i := range 3 {
		want, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		var s state
		if err := json.Unmarshal(want, &s); err != nil || len(s.Alarms) != i {
			t.Fatalf("%d alarms are written, want %d: %v", len(s.Alarms), i, err)
		}
		write := m.Freeze()
		m.Step(at, Heard{Device: "d2", Kind: devices.Panic, Ref: string(rune('a' + i))})
		m.Step(at.Add(time.Minute*time.Duration(i)), Close{m.Alarms()[i].ID, "jan", Helped})
		if got, err := write(nil); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v\n%s, not\n%s", err, got, want)
		}
	}
	if _, err := Restore([]byte("[")); err == nil {
		t.Error("half a state is read")
	}
}

// TestBounded: what an alarm remembers is bounded, however long nobody takes it
// and however often it is pressed.
func TestBounded(t *testing.T) {
	for have, want := range map[int][2]int{250: {250, 250}, 251: {201, 200}, 300: {201, 200}} {
		a := &alarm{}
		for i := range have {
			a.History = append(a.History, Entry{Step: i})
			a.Calls = append(a.Calls, Notification{Step: i})
		}
		a.trim()
		if len(a.History) != want[0] || len(a.Calls) != want[1] {
			t.Errorf("of %d, %d lines and %d calls are left, want %d", have, len(a.History), len(a.Calls), want)
		}
		if a.History[0].Step != 0 || a.History[len(a.History)-1].Step != have-1 || a.Calls[len(a.Calls)-1].Step != have-1 {
			t.Errorf("of %d, not the first line and the newest are left", have)
		}
	}

	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{Plan{Site: "lipowa", Default: "ward", LastResort: "centre",
		People:   map[Person]Responder{"centre": {Contacts: []Contact{{Channel: "screen"}, {Channel: "sms", After: time.Second}}}},
		Policies: map[PolicyID]Policy{"ward": {Steps: []PolicyStep{{Call: []Target{{Person: "centre"}}, Wait: 10 * time.Second}}}},
	}})
	m.Step(at, Heard{Device: "d", Kind: devices.Panic, Ref: "0"})
	id := m.Alarms()[0].ID
	for i := range 300 {
		for _, e := range m.Step(m.Next(), Tick{}) {
			if call, ok := e.(Notify); ok {
				m.Step(m.Now(), Sent{Alarm: id, Notification: call.ID})
			}
		}
		for _, e := range m.Step(m.Now(), Heard{Device: "d", Kind: devices.Panic, Ref: string(rune('A' + i))}) {
			if call, ok := e.(Notify); ok {
				m.Step(m.Now(), Sent{Alarm: id, Notification: call.ID})
			}
		}
		a, _ := m.Alarm(id)
		if len(a.Calls) > 250 || len(a.History) > 250 || a.History[0].What != WasRaised {
			t.Fatalf("after %d turns it remembers %d calls and %d lines, of %q first", i, len(a.Calls), len(a.History), a.History[0].What)
		}
		if len(a.Refs) != min(i+2, 32) || a.Refs[len(a.Refs)-1] != string(rune('A'+i)) || len(m.refs) != len(a.Refs) {
			t.Fatalf("after %d presses it remembers %q", i+2, a.Refs)
		}
	}
}

// TestPlanThatNobodyChecked: also without any policy the last resort is called,
// and a step that says no wait has one.
func TestPlanThatNobodyChecked(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	people := map[Person]Responder{"centre": {Contacts: []Contact{{Channel: "screen"}}}}
	for name, p := range map[string]Plan{
		"no policy": {LastResort: "centre", People: people},
		"no wait": {LastResort: "centre", People: people, Default: "ward",
			Policies: map[PolicyID]Policy{"ward": {Steps: []PolicyStep{{Call: []Target{{Person: "centre"}}}}}}},
	} {
		m := New()
		m.Step(at, Apply{p})
		m.Step(at, Heard{Device: "d", Kind: devices.Panic})
		a := m.Alarms()[0]
		if len(a.Calls) != 1 || a.Deadline != at.Add(Unreached) {
			t.Fatalf("%s: %d calls, until %s", name, len(a.Calls), a.Deadline)
		}
		m.Step(at, Recover{Alarm: "a-lost", By: "centre", Kind: devices.Panic, Device: "d", RaisedAt: at})
		if lost, _ := m.Alarm("a-lost"); lost.State != Acknowledged {
			t.Errorf("%s: recovered, it is %s", name, lost.State)
		}
		m.Step(at, Sent{Alarm: a.ID, Notification: a.Calls[0].ID})
		if a = m.Alarms()[0]; a.Deadline != at.Add(Unreached) || a.Wait != Unreached {
			t.Errorf("%s: called, it waits %s until %s", name, a.Wait, a.Deadline)
		}
	}
}
