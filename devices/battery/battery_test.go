package battery

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"telecare/devices"
)

const (
	OK            = devices.BatteryFine
	Low           = devices.BatteryEmpties
	Contradiction = devices.BatteryUnclear
)

var begin = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func day(n float64) time.Time { return begin.Add(time.Duration(n * 24 * float64(time.Hour))) }

// says is a frame: percent and volts when not negative, and what it says beside.
func says(percent, volts float64, kinds ...devices.Kind) devices.Message {
	var m devices.Message
	if percent >= 0 {
		m.Readings = append(m.Readings, devices.Reading{Quantity: devices.Battery, Value: percent, Unit: "%"})
	}
	if volts >= 0 {
		m.Readings = append(m.Readings, devices.Reading{Quantity: devices.Voltage, Value: volts, Unit: "V"})
	}
	for _, k := range kinds {
		m.Events = append(m.Events, devices.Event{Kind: k})
	}
	return m
}

func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		frames []devices.Message
		want   devices.BatteryState
		why    []string
	}{
		"nothing is known":                 {[]devices.Message{says(-1, -1)}, "", nil},
		"unknown is not empty":             {[]devices.Message{says(-1, -1, devices.Panic)}, "", nil},
		"full":                             {[]devices.Message{says(97, -1)}, OK, nil},
		"low by percent":                   {[]devices.Message{says(9, -1)}, Low, []string{"percent"}},
		"half, and not low":                {[]devices.Message{says(30, 2.8)}, OK, nil},
		"low by voltage of 3 V":            {[]devices.Message{says(-1, 2.4)}, Low, []string{"voltage"}},
		"good voltage":                     {[]devices.Message{says(-1, 3.1)}, OK, nil},
		"low by voltage of a lithium cell": {[]devices.Message{says(-1, 4.1), says(-1, 3.45)}, Low, []string{"voltage"}},
		"mains are no battery":             {[]devices.Message{says(-1, 230)}, "", nil},
		"low by its flag":                  {[]devices.Message{says(-1, -1, devices.BatteryLow)}, Low, []string{"flag"}},
		"not low by its flag":              {[]devices.Message{says(-1, -1, devices.BatteryOK)}, OK, nil},
		"flag taken back":                  {[]devices.Message{says(-1, -1, devices.BatteryLow), {Cleared: []devices.Kind{devices.BatteryLow}}}, OK, nil},
		"full and low":                     {[]devices.Message{says(100, -1, devices.BatteryLow)}, Contradiction, []string{"flag", "percent"}},
		"percent against voltage":          {[]devices.Message{says(100, 2.3)}, Contradiction, []string{"voltage", "percent"}},
		"empty against voltage":            {[]devices.Message{says(3, 3.05)}, Contradiction, []string{"percent", "voltage"}},
		"all alike":                        {[]devices.Message{says(8, 2.4, devices.BatteryLow)}, Low, []string{"percent", "voltage", "flag"}},
	} {
		var h History
		for i, m := range c.frames {
			h.Note(day(float64(i)), m)
		}
		if got := Judge(h, day(2)); got.State != c.want || !slices.Equal(got.Why, c.why) {
			t.Errorf("%s: %+v, want %q by %v", name, got, c.want, c.why)
		}
	}
}

// TestWeeks: a percent a day from 90 is empty after 85 days.
func TestWeeks(t *testing.T) {
	var h History
	for d := range 81 {
		h.Note(day(float64(d)), says(90-float64(d), -1))
		j := Judge(h, day(float64(d)))
		switch left := float64(85-d) / 7; {
		case d < 14 && j.Weeks != 0:
			t.Errorf("day %d: %v weeks by too little", d, j.Weeks)
		case d >= 14 && (j.Weeks < left-0.2 || j.Weeks > left+0.2):
			t.Errorf("day %d: %v weeks left, want %.1f", d, j.Weeks, left)
		case d < 70 && j.State != OK, d > 72 && j.State != Low:
			t.Errorf("day %d: %+v", d, j)
		}
		if len(h.Points) > pointsKept {
			t.Fatalf("%d points", len(h.Points))
		}
	}
	b, err := json.Marshal(h)
	if err != nil || len(b) > 2000 {
		t.Errorf("%d bytes are kept: %v", len(b), err)
	}
	steady := History{}
	for d := range 400 {
		steady.Note(day(float64(d)), says(100, 3))
	}
	if j := Judge(steady, day(400)); j.Weeks != 0 || j.State != OK {
		t.Errorf("a battery that stays full: %+v", j)
	}
}

func TestReplaced(t *testing.T) {
	var h History
	for d := range 5 {
		h.Note(day(float64(d)), says(12, -1, devices.BatteryLow))
	}
	h.Note(day(5), says(100, -1))
	if j := Judge(h, day(5)); j.State != Low || !j.Replaced.IsZero() {
		t.Errorf("one reading made it new: %+v", j)
	}
	h.Note(day(5.1), says(100, -1))
	if j := Judge(h, day(5.1)); j.State != OK || !j.Replaced.Equal(day(5.1)) {
		t.Errorf("it was replaced: %+v", j)
	}
	// A reading that is none: no battery was replaced.
	h.Note(day(6), says(0, -1))
	h.Note(day(6.1), says(100, -1))
	h.Note(day(6.2), says(100, -1))
	if j := Judge(h, day(6.2)); j.State != OK || !j.Replaced.Equal(day(5.1)) {
		t.Errorf("a slip of a reading: %+v", j)
	}
	var v History
	v.Note(day(0), says(-1, 2.4))
	v.Note(day(1), says(-1, 3.05))
	if j := Judge(v, day(1)); j.State != OK || !j.Replaced.Equal(day(1)) {
		t.Errorf("replaced by its voltage: %+v", j)
	}
}

// TestIrregular: an aged battery under a device that reported every hour and
// misses ever more of them.
func TestIrregular(t *testing.T) {
	var h History
	at := begin
	for range 50 {
		h.Note(at, says(28, -1))
		at = at.Add(time.Hour)
	}
	if j := Judge(h, at); j.State != OK {
		t.Errorf("regular: %+v", j)
	}
	for range 4 {
		at = at.Add(7 * time.Hour)
		h.Note(at, says(28, -1))
	}
	if j := Judge(h, at); j.State != Low || !slices.Contains(j.Why, "irregular") {
		t.Errorf("irregular: %+v", j)
	}
	var full History
	full.Note(begin, says(100, -1))
	if j := Judge(full, begin.Add(6*365*24*time.Hour)); j.State != Low || !slices.Equal(j.Why, []string{"age"}) {
		t.Errorf("six years old: %+v", j)
	}
}

// What was said before, or comes out of order, changes nothing.
func TestNoteKeepsOrder(t *testing.T) {
	var h History
	h.Note(day(3), says(80, -1))
	h.Note(day(1), says(2, -1))
	h.Note(day(4), devices.Message{Hearsay: true, Readings: says(2, -1).Readings})
	if j := Judge(h, day(4)); j.State != OK {
		t.Errorf("%+v", j)
	}
}
