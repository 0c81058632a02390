package alerting

import (
	"encoding/json"
	"testing"
	"time"

	"telecare/devices"
)

// A state whose plan has a watch that the state itself does not, as one that was
// mended by hand, is taken as it is: somebody's visit ends without a panic, and
// the watch begins with the state.
func TestStateWithoutItsWatches(t *testing.T) {
	now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(now, Apply{ward()})
	b, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if s["watches"] == nil {
		t.Fatal("the state has no watches")
	}
	delete(s, "watches")
	if b, err = json.Marshal(s); err != nil {
		t.Fatal(err)
	}
	m, err = Restore(b)
	if err != nil {
		t.Fatal(err)
	}
	var id AlarmID
	for _, e := range m.Step(now.Add(time.Second), Heard{Device: "d2", Kind: devices.Panic}) { // in room-2, which is watched
		if n, ok := e.(Notify); ok {
			id = n.Alarm
		}
	}
	m.Step(now.Add(2*time.Second), Arrive{Alarm: id, By: "jan"})
	m.Step(now.Add(3*time.Second), Close{Alarm: id, By: "jan", Outcome: Helped})
	if a, _ := m.Alarm(id); a.State != Closed {
		t.Fatalf("the alarm is %s", a.State)
	}
	raised := false
	for _, e := range m.Step(now.Add(2*time.Hour), Tick{}) {
		c, ok := e.(Changed)
		raised = raised || ok && c.Alarm.Kind == devices.Inactivity
	}
	if !raised {
		t.Error("nothing moves for two hours, and nobody is called")
	}
}

// What is nowhere is not all in one place: that somebody is with whoever pressed a
// pendant of no place, or has just been, says nothing of a door of no place.
func TestNowhereIsNoPlace(t *testing.T) {
	now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	p := ward()
	p.Devices["pendant"] = Device{Button: true}
	p.Devices["door"] = Device{Sensor: true}
	p.Watches = map[WatchID]Watch{"w": {Kind: devices.Wandering, Resident: "maria", Devices: []devices.ID{"door"}, Times: []WatchTime{{Hours: Hours{Days: days("mon-sun")}}}}}
	m := New()
	step := func(in Input) (raised []Alarm) {
		now = now.Add(time.Second)
		for _, e := range m.Step(now, in) {
			if c, ok := e.(Changed); ok && c.Entry.What == WasRaised {
				raised = append(raised, c.Alarm)
			}
		}
		return raised
	}
	step(Apply{p})
	step(Sign{Device: "door", What: Shut})
	pressed := step(Heard{Device: "pendant", Kind: devices.Panic})
	if len(pressed) != 1 {
		t.Fatalf("a press is %d alarms", len(pressed))
	}
	step(Arrive{Alarm: pressed[0].ID, By: "jan"})
	opened := step(Sign{Device: "door", What: Opened})
	if len(opened) != 1 || opened[0].Kind != devices.Wandering || opened[0].Watch != "w" {
		t.Fatalf("while somebody is nowhere, a door that opens is %+v", opened)
	}
	step(Close{Alarm: opened[0].ID, By: "marta", Outcome: Helped})
	step(Close{Alarm: pressed[0].ID, By: "jan", Outcome: Helped})
	step(Sign{Device: "door", What: Shut})
	if opened = step(Sign{Device: "door", What: Opened}); len(opened) != 1 {
		t.Errorf("after somebody was nowhere, a door that opens is %+v", opened)
	}
}
