package alerting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/devices"
)

// The gateway's machine sleeps over the end of a pre-alarm, and something else is
// the first that it hears. The fall was raised when it had waited, not when the
// machine woke up: the month's numbers count from there.
func TestFallHasWaitedInASleep(t *testing.T) {
	fall := time.Date(2026, 11, 17, 3, 12, 20, 0, time.UTC)
	for name, first := range map[string]Input{
		"a press": Heard{Device: "pendant", Kind: devices.Panic},
		"a fall":  Heard{Device: "radar", Kind: devices.Fall, Ref: "2"},
		"nothing": Tick{},
	} {
		t.Run(name, func(t *testing.T) {
			p := ward()
			p.Devices["radar"] = Device{Place: "room-r", PreAlarm: PreAlarm}
			p.Devices["pendant"] = Device{Place: "room-r"}
			m := New()
			m.Step(fall, Apply{p})
			m.Step(fall, Heard{Device: "radar", Kind: devices.Fall, Ref: "1"})
			m.Step(fall.Add(time.Hour), first)
			for _, a := range m.Alarms() {
				if a.Device == "radar" && a.RaisedAt.Equal(fall.Add(PreAlarm)) {
					return
				}
			}
			t.Errorf("the alarms are %+v, want one of the fall, raised at %s", m.Alarms(), fall.Add(PreAlarm))
		})
	}
}

// Falls that wait since the same moment are in the order of their devices.
func TestFallsOfOneMomentInOrder(t *testing.T) {
	fall := time.Date(2026, 11, 17, 3, 12, 20, 0, time.UTC)
	p := ward()
	for i := range 9 {
		p.Devices[devices.ID(fmt.Sprintf("radar-%d", i))] = Device{Place: PlaceID(fmt.Sprintf("place-%d", i)), PreAlarm: PreAlarm}
	}
	m := New()
	m.Step(fall, Apply{p})
	for _, i := range []int{4, 8, 0, 6, 2, 7, 1, 5, 3} {
		m.Step(fall, Heard{Device: devices.ID(fmt.Sprintf("radar-%d", i)), Kind: devices.Fall})
	}
	if waits := m.Waits(); len(waits) != 9 || !slices.IsSortedFunc(waits, func(a, b Wait) int { return strings.Compare(string(a.Heard.Device), string(b.Heard.Device)) }) {
		t.Errorf("the order is %+v", waits)
	}
}
