// Package past is what is kept of one alarm for those who look back: everything
// that happened to it, in order, and what the machine knew after each thing. It
// guarantees:
//
//   - At gives the alarm as it was told of after a step: nothing that was
//     learned later is in it.
//   - What is kept is bounded: of an alarm that nobody takes for days the
//     middle is left out, and it is said how much; so are the oldest calls of it.
//
// It is pure: where stories are kept, and who may read them, is not its business.
package past

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"telecare/alerting"
)

// Of an alarm with more steps the middle is left out.
const (
	first = 100
	most  = 500
	// mostCalls of the steps that were left out are kept, the newest.
	mostCalls = 200
)

// Step is one thing that happened to an alarm.
type Step struct {
	Entry alerting.Entry `json:"entry"`
	// Alarm is as it was after it, without its history and calls: these are those
	// of the steps until then.
	Alarm alerting.Alarm `json:"alarm"`
	// Calls are those that are new, or have come further.
	Calls []alerting.Notification `json:"calls,omitempty"`
}

// Story is what is kept of one alarm.
type Story struct {
	Steps []Step `json:"steps"`
	// Left is how many steps after the first ones were left out.
	Left int `json:"left,omitempty"`

	calls map[alerting.NotificationID]alerting.Notification // after the newest step
}

// Add adds what happened.
func (s *Story) Add(c alerting.Changed) {
	if s.calls == nil {
		s.calls = map[alerting.NotificationID]alerting.Notification{}
		for _, x := range s.Steps {
			for _, n := range x.Calls {
				s.calls[n.ID] = n
			}
		}
	}
	x := Step{Entry: c.Entry, Alarm: c.Alarm}
	x.Alarm.History, x.Alarm.Calls, x.Alarm.Refs, x.Alarm.Later = nil, nil, nil, nil
	for _, n := range c.Alarm.Calls {
		if s.calls[n.ID] != n {
			s.calls[n.ID] = n
			x.Calls = append(x.Calls, n)
		}
	}
	if s.Steps = append(s.Steps, x); len(s.Steps) > most {
		gone := s.Steps[first]
		s.Steps = slices.Delete(s.Steps, first, first+1)
		calls := join(gone.Calls, s.Steps[first].Calls)
		s.Steps[first].Calls = calls[max(0, len(calls)-mostCalls):]
		s.Left++
	}
}

// join puts the calls of a step behind those of the one before.
func join(before, after []alerting.Notification) []alerting.Notification {
	out := slices.Clone(before)
	for _, n := range after {
		if i := slices.IndexFunc(out, func(o alerting.Notification) bool { return o.ID == n.ID }); i >= 0 {
			out[i] = n
		} else {
			out = append(out, n)
		}
	}
	return out
}

// At is the alarm as it was known after a step, from 0; the last of several
// that happened in one moment knows of all of them.
func (s *Story) At(step int) alerting.Alarm {
	a := s.Steps[step].Alarm
	for _, x := range s.Steps[:step+1] {
		a.Calls = join(a.Calls, x.Calls)
		if x.Entry.What != alerting.Folded {
			a.History = append(a.History, x.Entry)
		}
	}
	return a
}

// Newest is the alarm as it is known now.
func (s *Story) Newest() alerting.Alarm { return s.At(len(s.Steps) - 1) }

// Encode writes a story small.
func (s *Story) Encode() ([]byte, error) {
	var b bytes.Buffer
	z, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(s); err != nil {
		return nil, fmt.Errorf("write the story of an alarm: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// longest is what a story can be at most: most steps, each with all calls anew.
const longest = 64 << 20

// Decode reads one.
func Decode(b []byte) (*Story, error) {
	s := new(Story)
	err := json.NewDecoder(io.LimitReader(flate.NewReader(bytes.NewReader(b)), longest)).Decode(s)
	if err == nil && len(s.Steps) == 0 {
		err = fmt.Errorf("it has no step")
	}
	if err != nil {
		return nil, fmt.Errorf("read the story of an alarm: %w", err)
	}
	return s, nil
}

// Query says which alarms are looked for. The zero value is all that are not
// technical.
type Query struct {
	From, Until time.Time // raised in this time; zero has no bound
	Technical   bool      // those of faults instead
	Kind        string
	State       alerting.State
	Open        bool // not closed
	Outcome     alerting.Outcome
	Number      int
	Place       alerting.PlaceID
	Device      string
	Person      alerting.Person // was called, or did something about it
	// Mine, if set, must have been called too, or done something: whoever looks may
	// see no others.
	Mine alerting.Person
	// Any, if set: at least one of these.
	Any   *Any
	After Cursor // those behind it
	Limit int
}

// Any are ids that a text stands for.
type Any struct {
	Numbers   []int
	Places    []alerting.PlaceID
	Devices   []string
	People    []alerting.Person
	Residents []alerting.ResidentID
}

// Cursor is a place in the list of alarms, the newest first. The zero value is
// its beginning.
type Cursor struct {
	Raised time.Time
	ID     alerting.AlarmID
}

// Page is a part of the list.
type Page struct {
	Alarms []alerting.Alarm
	More   bool
	// Until is the time until which the journal was read; Behind says that there is
	// more of it, not read yet.
	Until  time.Time
	Behind bool
}
