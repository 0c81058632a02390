package alerting

import (
	"cmp"
	"slices"
	"time"

	"telecare/devices"
)

// MaxTest is how long a test window may be.
const MaxTest = 4 * time.Hour

// TestWindow is a time in which somebody tries buttons: of one device, of a
// place, or of the whole site when neither is set. It swallows no alarm: the
// first press of a device in it is a test, and everything else is real.
type TestWindow struct {
	Device devices.ID `json:"device,omitempty"`
	Place  PlaceID    `json:"place,omitempty"`
	From   time.Time  `json:"from"`
	Until  time.Time  `json:"until"`
	By     Person     `json:"by,omitempty"`
	Heard  []Tested   `json:"heard,omitempty"` // in the order in which they were
}

// Tested is the press of a device that was taken for a test.
type Tested struct {
	Device devices.ID `json:"device"`
	Alarm  AlarmID    `json:"alarm"`
	At     time.Time  `json:"at"`
}

// trial is a TestWindow with its place in the queue of deadlines.
type trial struct {
	TestWindow
	timer timer
}

type tested struct {
	device devices.ID
	place  PlaceID
}

// Tests lists the test windows, in order of devices and places.
func (m *Machine) Tests() []TestWindow {
	out := make([]TestWindow, 0, len(m.tests))
	for _, t := range m.tests {
		w := t.TestWindow
		w.Heard = slices.Clone(w.Heard)
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b TestWindow) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// setTest begins a window, anew when there is one, or ends it.
func (m *Machine) setTest(in SetTest) {
	key := tested{in.Device, in.Place}
	old := m.tests[key]
	switch {
	case in.Until.Sub(m.now) > MaxTest:
		m.refuse("", in.By, TooLong, "")
	case in.Device != "" && in.Place != "":
		m.refuse("", in.By, NoSuchPlace, "")
	case !in.Until.After(m.now):
		if old != nil {
			m.endTest(old, in.By)
		}
	default:
		if old != nil {
			m.due.stop(&old.timer)
		}
		m.addTest(TestWindow{Device: in.Device, Place: in.Place, From: m.now, Until: in.Until.UTC().Round(0), By: in.By})
		m.effects = append(m.effects, TestChanged{Window: m.tests[key].TestWindow, On: true})
	}
}

func (m *Machine) addTest(w TestWindow) {
	t := &trial{TestWindow: w}
	t.timer = timer{order: "test " + string(w.Device) + " " + string(w.Place), pass: func(m *Machine) { m.endTest(t, "") }}
	m.tests[tested{w.Device, w.Place}] = t
	m.due.set(&t.timer, w.Until)
}

func (m *Machine) endTest(t *trial, by Person) {
	m.due.stop(&t.timer)
	delete(m.tests, tested{t.Device, t.Place})
	t.By = by
	m.effects = append(m.effects, TestChanged{Window: t.TestWindow})
}

// isTest takes in a press that is the first of its device in a test window:
// heard, shown, and over. A fall, smoke or anything else that nobody presses is
// real, and so is what may be old.
func (m *Machine) isTest(id AlarmID, in Heard) bool {
	if len(m.tests) == 0 || in.Kind != devices.Panic && in.Kind != devices.Medical || in.Late || in.Repeat {
		return false
	}
	place, residents := m.from(m.plan.Devices[in.Device], m.wall())
	var windows []*trial
	for _, key := range []tested{{in.Device, ""}, {"", place}, {}} {
		t := m.tests[key]
		if t == nil || !m.now.Before(t.Until) {
			continue // one that is due to end says nothing any more
		}
		if slices.ContainsFunc(t.Heard, func(h Tested) bool { return h.Device == in.Device }) {
			return false // the second press: somebody means it
		}
		if !slices.Contains(windows, t) {
			windows = append(windows, t)
		}
	}
	if len(windows) == 0 {
		return false
	}
	a := &alarm{Alarm: Alarm{
		ID: id, Kind: in.Kind, Device: in.Device, Place: place, Residents: residents,
		Presses: 1, LastPress: m.now,
	}}
	m.begin(a)
	m.note(a, Entry{What: WasRaised, Text: "test"})
	m.end(a, TestAlarm)
	m.refer(a, in.Ref)
	for _, t := range windows {
		t.Heard = append(t.Heard, Tested{in.Device, id, m.now})
	}
	return true
}
