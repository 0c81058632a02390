package dashboards

import (
	"encoding/json"
	"testing"
	"time"

	"telecare/devices"
)

func TestWeek(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 30, 0, 0, time.UTC)
	w := weeks{}
	say := func(at time.Time, battery float64) {
		s := devices.Status{ID: "d-1", LastSeen: at}
		if battery > 0 {
			s.Readings = []devices.Reading{{Quantity: devices.Battery, Value: battery, Unit: "%"}}
		}
		w.heard(s, now)
	}
	say(time.Time{}, 1)              // never
	say(now.Add(-8*24*time.Hour), 1) // too long ago
	say(now.Add(time.Hour), 1)       // a clock ahead
	say(now.Add(-3*time.Hour), 70)
	say(now.Add(-3*time.Hour+5*time.Minute), 69)
	say(now.Add(-4*time.Hour), 50) // late
	say(now, 0)
	got := w["d-1"]
	if len(got) != 2 || got[0].battery != 69 || !got[0].at.Equal(now.Truncate(time.Hour).Add(-3*time.Hour)) || got[1].battery == got[1].battery {
		t.Errorf("kept is %+v", got)
	}
	for range 400 {
		now = now.Add(time.Hour)
		say(now, 10)
	}
	if n := len(w["d-1"]); n != 7*24 && n != 7*24+1 {
		t.Errorf("%d hours are kept, want those of a week", n)
	}

	h := newHouse(t, newWard(same), nil)
	var week weekView
	c := h.caller(t, "centre")
	if err := json.Unmarshal([]byte(c.want(200, "GET", apiRoot+"/devices/d-2/week", "")), &week); err != nil || len(week.Hours) != 1 || week.Hours[0].Battery == nil || week.Since.IsZero() {
		t.Errorf("the week is %+v (%v)", week, err)
	}
	week = weekView{}
	if err := json.Unmarshal([]byte(h.caller(t, "wall").want(200, "GET", apiRoot+"/devices/d-2/week", "")), &week); err != nil || week.Hours[0].Battery != nil {
		t.Errorf("a screen on a wall is told %+v (%v)", week, err)
	}
	c.want(404, "GET", apiRoot+"/devices/d-none/week", "")
}
