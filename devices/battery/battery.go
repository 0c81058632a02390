// Package battery judges a battery by everything that is known of it together:
// what the device says in percent, in volts and by a flag, how old it is, and
// whether the device still reports as regularly as it did. It guarantees that
// what is not known is never taken for fine or for empty, and that one reading
// alone makes no battery new. It decides nothing about alarms.
//
// Everything is a value: Note takes evidence in, Judge says what it amounts to.
package battery

import (
	"math"
	"time"

	"telecare/devices"
)

// Bounds of judgement.
const (
	lowPercent   = 15.0
	lowVoltage   = 0.835 // of the cell's nominal voltage: 2.5 V of 3 V, 3.5 V of 4.2 V
	fullVoltage  = 0.97
	fullPercent  = 50.0 // says that it is far from empty
	leap         = 25.0 // percent up that no battery gains by itself
	newPercent   = 80.0
	emptyAt      = 5.0 // percent at which a device falls silent
	soon         = 2.0 // weeks
	mostWeeks    = 520.0
	least        = 14 * 24 * time.Hour // before anything is estimated
	old          = 5 * 365 * 24 * time.Hour
	aged         = 2 * 365 * 24 * time.Hour
	pointsKept   = 24
	gapsWatched  = 8 // of the newest gaps between frames
	gapsTooLong  = 3 // of them, three times as long as usual
	highestVolts = 14.0
)

// History is what is kept of a battery. The zero History knows nothing.
type History struct {
	// Since is when this battery was first heard of.
	Since    time.Time `json:"since,omitzero"`
	Replaced time.Time `json:"replaced,omitzero"`
	Points   []Point   `json:"points,omitempty"` // one a day at most, thinned out as it ages

	Percent *float64 `json:"percent,omitempty"`
	Same    int      `json:"same,omitempty"` // readings in a row without a leap
	Up      int      `json:"up,omitempty"`   // readings in a row that leap up
	Volts   *float64 `json:"volts,omitempty"`
	Most    float64  `json:"most,omitempty"` // highest voltage of this battery
	Flag    int      `json:"flag,omitempty"` // 1 low, -1 not low, 0 never said

	Heard time.Time     `json:"heard,omitzero"`
	Gap   time.Duration `json:"gap,omitempty"`  // usual time between frames
	Gaps  int           `json:"gaps,omitempty"` // counted, up to 255
	Long  uint8         `json:"long,omitempty"` // a bit for each of the newest gaps that was too long
}

// Point is how full it was.
type Point struct {
	At   time.Time `json:"at"`
	Full float64   `json:"full"` // percent
}

// Note takes in what a frame says. A frame that says nothing of the battery is
// evidence of regularity all the same.
func (h *History) Note(at time.Time, m devices.Message) {
	if m.Hearsay || at.Before(h.Heard) {
		return
	}
	h.gap(at)
	for _, r := range m.Readings {
		switch {
		case r.Quantity == devices.Battery && r.Value >= 0 && r.Value <= 100:
			h.percent(at, r.Value)
		case r.Quantity == devices.Voltage && r.Value > 0.5 && r.Value < highestVolts:
			h.voltage(at, r.Value)
		}
	}
	for _, e := range m.Events {
		switch e.Kind {
		case devices.BatteryLow:
			h.Flag = 1
		case devices.BatteryOK:
			h.Flag = -1
		}
	}
	for _, k := range m.Cleared {
		if k == devices.BatteryLow {
			h.Flag = -1
		}
	}
	if full, ok := h.full(); ok {
		h.point(at, full)
	}
}

// gap notes how long the device was not heard. What comes within a minute
// belongs to one report.
func (h *History) gap(at time.Time) {
	gap := at.Sub(h.Heard)
	if h.Heard.IsZero() || gap < time.Minute {
		if h.Heard.IsZero() {
			h.Heard = at
		}
		return
	}
	h.Heard = at
	if h.Gaps == 0 {
		h.Gap, h.Gaps = gap, 1
		return
	}
	h.Long <<= 1
	if gap > 3*h.Gap {
		h.Long |= 1
	}
	if h.Long&7 == 7 { // three in a row: it reports like that now
		h.Gap = gap
	}
	h.Gap += (min(gap, 3*h.Gap) - h.Gap) / 8
	h.Gaps = min(h.Gaps+1, 255)
}

func (h *History) percent(at time.Time, p float64) {
	switch {
	case h.Percent == nil:
	case p-*h.Percent >= leap:
		if h.Up++; h.Up < 2 {
			return // it has to be said again
		}
		if p >= newPercent && h.Same >= 2 {
			h.renew(at)
		}
		h.Same = 0
	case *h.Percent-p >= leap:
		h.Same = 0
	}
	h.Percent = &p
	h.Up = 0
	h.Same = min(h.Same+1, 255)
}

func (h *History) voltage(at time.Time, v float64) {
	if h.Volts != nil && v-*h.Volts >= nominal(v)/10 && v >= fullVoltage*nominal(v) && h.Percent == nil {
		h.renew(at)
	}
	h.Volts = &v
	h.Most = max(h.Most, v)
}

// renew begins a new battery.
func (h *History) renew(at time.Time) {
	h.Since, h.Replaced, h.Points, h.Most, h.Long = at, at, nil, 0, 0
	if h.Flag > 0 {
		h.Flag = 0 // it was the old one's; the device says it again if it holds
	}
}

// full is how full it is, by percent or else by voltage.
func (h *History) full() (float64, bool) {
	switch {
	case h.Percent != nil:
		return *h.Percent, true
	case h.Volts != nil:
		n := nominal(h.Most)
		return min(max((*h.Volts/n-0.8)/0.2*100, 0), 100), true
	}
	return 0, false
}

func (h *History) point(at time.Time, full float64) {
	if h.Since.IsZero() {
		h.Since = at
	}
	if n := len(h.Points); n > 0 && at.Sub(h.Points[n-1].At) < 24*time.Hour {
		return
	}
	if len(h.Points) >= pointsKept {
		var kept []Point // another slice: the old one may be on its way to the disk
		for i, p := range h.Points {
			if i%2 == 0 {
				kept = append(kept, p)
			}
		}
		h.Points = kept
	}
	h.Points = append(h.Points, Point{at, full})
}

// nominal is the voltage of the cells in which somebody sees v: that of a fresh
// cell may be a tenth above it.
func nominal(v float64) float64 {
	for _, n := range []float64{1.5, 3, 3.6, 4.2, 4.5, 6, 9, 12} {
		if v <= n*1.1 {
			return n
		}
	}
	return v
}

// Judge says what a history amounts to now.
func Judge(h History, now time.Time) devices.BatteryHealth {
	j := devices.BatteryHealth{Replaced: h.Replaced, Weeks: weeks(h.Points, now)}
	var low, well []string
	if h.Percent != nil {
		switch p := *h.Percent; {
		case p <= lowPercent:
			low = append(low, "percent")
		case p >= fullPercent:
			well = append(well, "percent")
		}
	}
	if h.Volts != nil {
		switch v, n := *h.Volts, nominal(max(h.Most, *h.Volts)); {
		case v <= lowVoltage*n:
			low = append(low, "voltage")
		case v >= fullVoltage*n:
			well = append(well, "voltage")
		}
	}
	if h.Flag > 0 {
		low = append(low, "flag")
	}
	if len(low) > 0 && len(well) > 0 {
		j.State, j.Why = devices.BatteryUnclear, append(low, well...)
		return j
	}
	age := time.Duration(0)
	if !h.Since.IsZero() {
		age = now.Sub(h.Since)
	}
	irregular := h.irregular()
	full, known := h.full()
	if j.Weeks > 0 && j.Weeks < soon {
		low = append(low, "weeks")
	}
	if age > old {
		low = append(low, "age")
	}
	if irregular && (age > aged || known && full < 2*lowPercent) {
		low = append(low, "irregular")
	}
	switch {
	case len(low) > 0:
		j.State, j.Why = devices.BatteryEmpties, low
	case known || h.Flag < 0:
		j.State = devices.BatteryFine
	}
	return j
}

func (h *History) irregular() bool {
	n := 0
	for long := h.Long; long != 0; long &= long - 1 {
		n++
	}
	return h.Gaps > gapsWatched && n >= gapsTooLong
}

// weeks estimates by the straight line through the points how long it lasts
// from now on.
func weeks(points []Point, now time.Time) float64 {
	if len(points) < 3 || points[len(points)-1].At.Sub(points[0].At) < least {
		return 0
	}
	var x, y, xx, xy float64
	for _, p := range points {
		t := p.At.Sub(points[0].At).Hours() / (7 * 24)
		x, y, xx, xy = x+t, y+p.Full, xx+t*t, xy+t*p.Full
	}
	n := float64(len(points))
	slope := (n*xy - x*y) / (n*xx - x*x)
	if !(slope < -0.01) { // a percent in two years is nothing to go by
		return 0
	}
	at := (y-slope*x)/n + slope*now.Sub(points[0].At).Hours()/(7*24)
	left := (emptyAt - at) / slope
	return math.Round(10*min(max(left, 0.1), mostWeeks)) / 10
}
