package devices

import (
	"fmt"
	"testing"
)

func TestMessageAs(t *testing.T) {
	button := Message{Events: []Event{{Kind: Button, Ref: "1"}, {Kind: Tamper, Level: true}}, Cleared: []Kind{BatteryLow}}
	reads := func(q Quantity, v float64) Message { return Message{Readings: []Reading{{Quantity: q, Value: v}}} }
	radar := Message{Readings: []Reading{{Quantity: Occupancy, Value: 1}, {Quantity: InBed, Value: 0}}}
	for _, c := range []struct {
		what string
		m    Message
		role Kind
		want string
	}{
		{"a press without a role", button, "", "button#1 tamper* -battery_low"},
		{"of a pendant", button, Panic, "panic#1 tamper* -battery_low"},
		{"of a mat", button, BedExit, "bed_exit#1 tamper* -battery_low"},
		{"a cord let go", Message{Cleared: []Kind{Button}}, Panic, "-panic"},
		{"nobody on a mat", reads(Occupancy, 0), BedExit, "bed_exit*"},
		{"somebody on it", reads(Occupancy, 1), BedExit, "-bed_exit"},
		{"a contact let go", reads(Contact, 0), BedExit, "bed_exit*"},
		{"a contact pressed", reads(Contact, 1), BedExit, "-bed_exit"},
		{"a radar: there, and not in bed", radar, BedExit, "bed_exit*"},
		{"who says it in words", Message{Cleared: []Kind{BedExit}, Readings: []Reading{{Quantity: Occupancy, Value: 0}}}, BedExit, "-bed_exit"},
		{"a switch that is on", Message{Events: []Event{{Kind: Button, Level: true}}}, BedExit, "-bed_exit"},
		{"a switch that is off", Message{Cleared: []Kind{Button, Tamper}}, BedExit, "bed_exit* -tamper"},
		{"a switch of a pendant", Message{Events: []Event{{Kind: Button, Level: true}}}, Panic, "panic*"},
		{"a battery", reads(Battery, 0), BedExit, ""},
		{"a motion sensor", reads(Occupancy, 0), "", ""},
		{"a radar for falls", radar, Fall, ""},
	} {
		was := fmt.Sprint(c.m)
		if got := said(c.m.As(c.role)); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if fmt.Sprint(c.m) != was {
			t.Errorf("%s: what was said is changed", c.what)
		}
	}
}

func said(m Message) (out string) {
	add := func(s string) {
		if out != "" {
			out += " "
		}
		out += s
	}
	for _, e := range m.Events {
		s := string(e.Kind)
		if e.Ref != "" {
			s += "#" + e.Ref
		}
		if e.Level {
			s += "*"
		}
		add(s)
	}
	for _, k := range m.Cleared {
		add("-" + string(k))
	}
	return out
}

// TestAlarmKinds holds the list against what raises an alarm.
func TestAlarmKinds(t *testing.T) {
	if len(AlarmKinds()) != 12 || !BedExit.RaisesAlarm() || Button.RaisesAlarm() || Kind("").RaisesAlarm() || FaultClear.RaisesAlarm() {
		t.Error("the kinds that raise an alarm are others")
	}
	if len(Kinds()) != 29 {
		t.Errorf("%d kinds", len(Kinds()))
	}
}
