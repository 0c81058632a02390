package alerting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/devices"

	"pgregory.net/rapid"
)

// TestFaultsHideNothing draws nights at random and plays each twice, with
// somebody who is told of faults and with nobody: what is done for people in
// need is the same, in the same moment, in the same order.
func TestFaultsHideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		with, without := New(), New()
		now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
		plan := ward()
		with.Step(now, Apply{plan})
		plan.Faults = nil
		without.Step(now, Apply{plan})
		calls := map[NotificationID]Notify{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 900, 5000, 61000, 700000}).Draw(t, "ms")) * time.Millisecond)
			in := drawInput(t, with, calls)
			effects := with.Step(now, in)
			for _, e := range effects {
				if n, ok := e.(Notify); ok {
					calls[n.ID] = n
				}
			}
			if a, ok := with.Alarm(alarmOf(in)); ok && a.Kind == Technical {
				in = Tick{}
			}
			got, want := forPeople(with, effects), forPeople(without, without.Step(now, in))
			if got != want {
				t.Fatalf("%T: with technicians\n%s\nand without\n%s", in, got, want)
			}
			check(t, with, now)
		}
	})
}

// alarmOf is the alarm that an input is about.
func alarmOf(in Input) AlarmID {
	switch in := in.(type) {
	case Take:
		return in.Alarm
	case Decline:
		return in.Alarm
	case Arrive:
		return in.Alarm
	case NeedHelp:
		return in.Alarm
	case HandOver:
		return in.Alarm
	case Close:
		return in.Alarm
	case Reopen:
		return in.Alarm
	case Recover:
		return in.Alarm
	case Sent:
		return in.Alarm
	}
	return ""
}

// forPeople shows what is done for people in need. Technical alarms have numbers
// of the same row, which is left out.
func forPeople(m *Machine, effects []Effect) string {
	technical := func(id AlarmID) bool {
		a, _ := m.Alarm(id)
		return a.Kind == Technical
	}
	var b strings.Builder
	for _, e := range effects {
		switch e := e.(type) {
		case Notify:
			if !technical(e.Alarm) {
				e.Number = 0
				fmt.Fprintf(&b, "%+v\n", e)
			}
		case Withdraw:
			if !technical(e.Alarm) {
				e.Number = 0
				fmt.Fprintf(&b, "%+v\n", e)
			}
		case Inform:
			e.Number = 0
			fmt.Fprintf(&b, "%+v\n", e)
		case Changed:
			if e.Alarm.Kind != Technical {
				fmt.Fprintf(&b, "%s %+v\n", e.Alarm.ID, e.Entry)
			}
		case Refused:
			if technical(e.Alarm) {
				continue
			}
			fmt.Fprintf(&b, "%+v\n", e)
		default:
			fmt.Fprintf(&b, "%s\n", EffectText(e, Zone{}))
		}
	}
	return b.String()
}

// TestFloodOfFaults: 40,000 devices behind one source fall silent. That is one
// call, few lines of history, and no step takes longer for it than a look at them
// all.
func TestFloodOfFaults(t *testing.T) {
	const n = 40_000
	plan := Plan{
		Site: "lipowa", Default: "technicians", LastResort: "jan", Devices: map[devices.ID]Device{}, Faults: &FaultPlan{Policy: "technicians"},
		People:   map[Person]Responder{"jan": {Contacts: []Contact{{Channel: "phone"}}}},
		Policies: map[PolicyID]Policy{"technicians": {Steps: []PolicyStep{{Call: []Target{{Person: "jan"}}, Wait: time.Hour}}}},
	}
	var ids []devices.ID
	for i := range n {
		id := devices.ID(fmt.Sprintf("b-%05d", i))
		plan.Devices[id] = Device{Place: PlaceID(fmt.Sprintf("flat-%05d", i)), Button: true}
		ids = append(ids, id)
	}
	m := New()
	now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m.Step(now, Apply{plan})
	for batch := range slices.Chunk(ids, 500) {
		m.Step(now, Through{"broker", batch})
	}
	var slowest time.Duration
	notified, changed := 0, 0
	step := func(in Input) {
		began := time.Now()
		effects := m.Step(now, in)
		slowest = max(slowest, time.Since(began))
		for _, e := range effects {
			switch e := e.(type) {
			case Notify:
				notified++
				m.Step(now, Sent{Alarm: e.Alarm, Notification: e.ID})
			case Changed:
				changed++
			}
		}
	}
	for _, on := range []bool{true, false} {
		for i, id := range ids {
			step(FaultEdge{Code: Silent, Subject: string(id), On: on})
			if i%1000 == 0 {
				now = now.Add(time.Second)
			}
		}
		now = now.Add(3 * time.Minute)
		step(Tick{})
	}
	now = now.Add(time.Minute)
	step(Tick{})
	t.Logf("%d messages, %d lines of history, the slowest step took %s", notified, changed, slowest)
	// A call and that it is over; lines for raised, called, reached, what joined
	// and what left.
	if notified > 2 || changed > 12 {
		t.Errorf("%d messages and %d lines of history for one source", notified, changed)
	}
	if n := len(m.groups); n != 0 {
		t.Errorf("%d groups are left when all is well", n)
	}
}
