package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"telecare/alerting"
)

// Past tells what happened from a moment on, by playing the journal again as it
// would be decided now. The journal itself keeps only its newest snapshots, so
// that a moment long ago would be reached from the very beginning each time:
// states on the way are kept where Marks has room for them. It changes nothing
// in the journal, and holds no record longer than its turn.
type Past struct {
	History History
	Marks   Marks // nil: every time from the journal's beginning
	// Rest, if set, is called again and again with how long it has worked since,
	// so that others have their turn.
	Rest func(worked time.Duration)
}

// Marks keep states by the moment that they are of. What they have lost, or
// kept wrongly, only costs time.
type Marks interface {
	// Before gives the newest that is not after at; nil when there is none.
	Before(at time.Time) []byte
	Keep(at time.Time, mark []byte)
}

// Moment is a record that is played again.
type Moment struct {
	At      time.Time
	Input   alerting.Input
	Effects []alerting.Effect
	Same    bool // it was decided so then, too
}

// Teller is told what happened.
type Teller interface {
	// Begin comes first and once, with the machine as it was at the moment asked
	// for. first: the journal begins later, at at, and knows of nothing before.
	Begin(m *alerting.Machine, at time.Time, first bool)
	// Next comes for every record from then on, with the machine after it, until
	// it reports that it has heard enough.
	Next(m *alerting.Machine, x Moment) (enough bool)
}

// mark is a state that is kept, and the record that led to it.
type mark struct {
	Version int             `json:"version"` // of the machine: another one may have come to another state
	Seq     int64           `json:"seq"`
	At      time.Time       `json:"at"`
	Digest  []byte          `json:"digest"`
	Machine json.RawMessage `json:"machine"`
}

var errEnough = errors.New("enough")

// Tell tells what happened from at on. The states at keep, which are in their
// order and not before at, are kept when it passes them, as that at at is.
func (p Past) Tell(ctx context.Context, at time.Time, keep []time.Time, to Teller) error {
	r := p.start(ctx, at)
	keep = append([]time.Time{at}, keep...)
	begun := false
	var last alerting.Record
	worked, n := time.Now(), 0
	err := p.History.Records(ctx, r.seq, func(rec alerting.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n++; n%64 == 0 && p.Rest != nil {
			p.Rest(time.Since(worked))
			worked = time.Now()
		}
		for len(keep) > 0 && !rec.At.Before(keep[0]) {
			if last.Seq > 0 {
				p.keep(keep[0], last, r.machine)
			}
			keep = keep[1:]
		}
		if !begun && !rec.At.Before(at) {
			begun = true
			if r.seq == 0 {
				to.Begin(r.machine, rec.At, true)
			} else {
				to.Begin(r.machine, at, false)
			}
		}
		same, err := r.replay(rec)
		if err != nil {
			return err
		}
		if last = rec; begun && to.Next(r.machine, Moment{rec.At, r.input, r.effects, same}) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if !begun {
		to.Begin(r.machine, at, false) // nothing has happened since
	}
	return nil
}

// start is the newest state that was kept and is of this journal, or its
// beginning.
func (p Past) start(ctx context.Context, at time.Time) *replayer {
	fresh := &replayer{machine: alerting.New(), seen: deliveries{}}
	if p.Marks == nil {
		return fresh
	}
	var k mark
	if json.Unmarshal(p.Marks.Before(at), &k) != nil || k.Seq < 1 || k.Version != alerting.Version {
		return fresh
	}
	// A journal that began anew has other records under the same numbers.
	err := p.History.Records(ctx, k.Seq-1, func(rec alerting.Record) error {
		if rec.At.Equal(k.At) && bytes.Equal(rec.Digest[:], k.Digest) {
			return errEnough
		}
		return errors.New("another journal")
	})
	if !errors.Is(err, errEnough) {
		return fresh
	}
	m, err := alerting.Restore(k.Machine)
	if err != nil {
		return fresh
	}
	return &replayer{machine: m, seq: k.Seq, seen: deliveries{}}
}

func (p Past) keep(at time.Time, last alerting.Record, m *alerting.Machine) {
	if p.Marks == nil {
		return
	}
	state, err := m.State()
	if err != nil {
		return
	}
	if b, err := json.Marshal(mark{alerting.Version, last.Seq, last.At, last.Digest[:], state}); err == nil {
		p.Marks.Keep(at, b)
	}
}
