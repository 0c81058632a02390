package alerting

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"telecare/devices"
)

// state is the machine's whole state as it is written into snapshots.
type state struct {
	Now    time.Time     `json:"now"`
	Behind time.Duration `json:"behind,omitempty"`
	Plan   Plan          `json:"plan"`
	Number int           `json:"number"`
	Alarms []Alarm       `json:"alarms,omitempty"`
	Levels []level       `json:"levels,omitempty"`
	Faults []Fault       `json:"faults,omitempty"`
	Waits  []Wait        `json:"waits,omitempty"`

	Watches  []WatchState `json:"watches,omitempty"`
	Contacts []contact    `json:"contacts,omitempty"`
	Doors    []placeUntil `json:"doors,omitempty"`
	Pauses   []placeUntil `json:"pauses,omitempty"`
	Absences []Absence    `json:"absences,omitempty"`
	Tests    []TestWindow `json:"tests,omitempty"`

	Breaks []Break     `json:"breaks,omitempty"`
	Signs  []SignsTold `json:"signs,omitempty"`

	FaultGroups []FaultGroup `json:"fault_groups,omitempty"`
	Through     []heardBy    `json:"through,omitempty"`
}

type level struct {
	Device devices.ID   `json:"device"`
	Kind   devices.Kind `json:"kind"`
}

// State writes the whole state. Restore(State()) behaves the same for ever.
func (m *Machine) State() ([]byte, error) { return m.Freeze()(nil) }

// Freeze takes the whole state as it is now and returns what appends it to b. That
// takes long where there are many devices or alarms, and may be done on another
// goroutine while the machine goes on.
func (m *Machine) Freeze() (write func(b []byte) ([]byte, error)) {
	s := state{Now: m.now, Behind: m.behind, Plan: m.plan, Number: m.number, Alarms: m.Alarms(), Faults: m.Faults(), Waits: m.Waits(), Breaks: m.Breaks(), Signs: m.Signs()}
	m.freezeWatches(&s)
	m.freezeFaults(&s)
	for t := range m.levels {
		s.Levels = append(s.Levels, level{t.device, t.kind})
	}
	slices.SortFunc(s.Levels, func(a, b level) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Kind, b.Kind))
	})
	return func(b []byte) ([]byte, error) {
		// Alarm by alarm, by way of one buffer: of all of them at once JSON would
		// keep several copies.
		var one bytes.Buffer
		put := func(v any) error {
			one.Reset()
			err := json.NewEncoder(&one).Encode(v)
			b = append(b, bytes.TrimSuffix(one.Bytes(), []byte("\n"))...)
			return err
		}
		alarms := s.Alarms
		rest := s
		rest.Alarms = nil
		if err := put(rest); err != nil {
			return nil, fmt.Errorf("write machine state: %w", err)
		}
		began := len(b)
		for i := range alarms {
			if i == 0 {
				b = append(b[:len(b)-1], `,"alarms":[`...)
			} else {
				b = append(b, ',')
			}
			if err := put(&alarms[i]); err != nil {
				return nil, fmt.Errorf("write machine state: alarm %d: %w", alarms[i].Number, err)
			}
			if i == 15 { // the others are about as long
				b = slices.Grow(b, (len(b)-began)/16*len(alarms))
			}
		}
		if len(alarms) > 0 {
			b = append(b, "]}"...)
		}
		return b, nil
	}
}

// Restore makes a machine from a state written by this or an earlier version.
func Restore(b []byte) (*Machine, error) {
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("read machine state: %w", err)
	}
	m := New()
	m.now, m.behind, m.plan, m.number = s.Now, s.Behind, s.Plan, s.Number
	m.where = m.plan.Whereabouts()
	for _, a := range s.Alarms {
		x := &alarm{Alarm: a}
		m.alarms[a.ID] = x
		if a.Open() {
			m.open.add(x)
		}
		if a.endedByItself() {
			m.ended[trigger{a.Device, a.Kind}] = a.ID
		}
		for _, ref := range a.Refs {
			m.refs[reference{trigger{a.Device, a.Kind}, ref}] = a.ID
		}
		m.schedule(x)
	}
	for _, l := range s.Levels {
		m.levels[trigger{l.Device, l.Kind}] = true
	}
	for _, f := range s.Faults {
		m.faults[faultKey{f.Code, f.Subject}] = f
	}
	for _, w := range s.Waits {
		m.addWait(&wait{Wait: w})
	}
	m.restoreWatches(s)
	for _, b := range s.Breaks {
		m.breaks[b.Who] = b.Until
	}
	m.setBreaks()
	m.restoreHoles()
	m.restoreFaults(s)
	m.restoreSigns(s.Signs)
	return m, nil
}

// adopt makes a written state the machine's own. A state that cannot be read
// changes nothing: what is in memory is the better guess then. Time does not go
// back with it.
func (m *Machine) adopt(in Adopt) {
	other, err := Restore(in.State)
	if err != nil {
		return
	}
	if m.now.After(other.now) {
		other.now = m.now
	}
	*m = *other
}
