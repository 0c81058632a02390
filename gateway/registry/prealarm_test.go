package registry

import (
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// A fall waits for a cancel where the registry says so, and a button may cancel.
func TestPreAlarm(t *testing.T) {
	const device, button = "heard_every: 30m}", "role: panic, place: room-9}"
	for text, want := range map[string]time.Duration{"on": alerting.PreAlarm, "25s": 25 * time.Second, "": 0} {
		line := device
		if text != "" {
			line = "pre_alarm: " + text + ", " + device
		}
		d := changed(t, device, line, button, "role: cancel, place: room-9}")
		roundTrip(t, d)
		s, err := d.site(1, d.byKey().ids)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Plan.Devices["radar-10"].PreAlarm; got != want {
			t.Errorf("pre_alarm %q is %v, want %v", text, got, want)
		}
		for _, v := range s.Devices {
			if v.Key == "button-9" && v.Role != devices.Cancel {
				t.Errorf("button-9 has role %q", v.Role)
			}
		}
	}
}
