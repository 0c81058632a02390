package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"telecare/alerting"
)

// saved is the shell's whole state, as it is kept in snapshots.
type saved struct {
	Machine json.RawMessage `json:"machine"`
	// Deliveries are those of the newest messages, so that a redelivery after
	// a restart is known.
	Deliveries deliveries `json:"deliveries,omitempty"`
}

// recover brings the machine to where the journal ends: the newest snapshot
// that can be read, and every input after it. When the journal cannot be read
// it starts from the snapshot that is kept outside, and joins the journal when
// that can be read. Only a journal of a newer release is an error.
func (g *Gateway) recover(ctx context.Context) error {
	r, err := g.read(ctx)
	switch {
	case isNewer(err):
		return err
	case err != nil:
		g.detached.Store(true)
		r = g.fallback()
		g.o.Log.Error("the journal cannot be read: people are called, nobody is answered, and it is tried again", "error", err)
	case r.damaged:
		g.adopt = true
		r.seq = 0
	case r.seq == 0:
		// Lost, or new: what is kept outside becomes its first record.
		if outside := g.fallback(); outside.seq > 0 {
			g.adopt = true
			r = outside
			r.seq = 0
		}
	}
	g.machine, g.seq, g.snapAt, g.seen = r.machine, r.seq, r.seq, r.seen
	g.clock.start(g.machine.Now(), g.machine.Behind())
	g.saved = time.Now()
	return nil
}

// read replays the journal. Of one that was damaged it gives what could be read,
// or what is kept outside, whichever is newer: the first record of the new one.
func (g *Gateway) read(ctx context.Context) (*replayer, error) {
	snapshots, damaged := g.o.History.Snapshots(ctx)
	r, err := restoreNewest(snapshots)
	if err = errors.Join(damaged, err); isNewer(err) {
		return nil, err
	}
	unused := err
	differ := 0
	err = g.o.History.Records(ctx, r.seq, func(rec alerting.Record) error {
		r.seq = max(r.seq, rec.Seq-1) // behind damage, which the history tells of in the end
		same, err := r.replay(rec)
		if !same {
			differ++
		}
		return err
	})
	if unused != nil && (err == nil || isFresh(err)) { // else it says the same
		g.o.Log.Error("a snapshot cannot be used; an older one is, or the whole journal", "error", unused)
	}
	if differ > 0 {
		g.o.Log.Error("the journal was decided otherwise before; what this version decides is in force", "records", differ)
	}
	if isFresh(err) {
		if outside := g.fallback(); outside.machine.Now().After(r.machine.Now()) {
			r = outside
		}
		r.damaged, err = r.seq > 0, nil
	}
	return r, err
}

// fallback starts from what is kept outside the journal, or from nothing.
func (g *Gateway) fallback() *replayer {
	s, ok, err := g.o.Fallback()
	if err != nil {
		g.o.Log.Error("the snapshot outside the journal cannot be used either", "error", err)
	}
	var all []alerting.Snapshot
	if ok && err == nil {
		all = append(all, s)
	}
	r, err := restoreNewest(all)
	if err != nil {
		g.o.Log.Error("the snapshot outside the journal cannot be used either", "error", err)
	}
	return r
}

// isNewer reports whether an error says that a newer release wrote the journal.
func isNewer(err error) bool {
	var n interface{ Newer() bool }
	return errors.As(err, &n) && n.Newer()
}

// replayer brings a machine along a journal.
type replayer struct {
	machine *alerting.Machine
	seq     int64
	seen    deliveries
	damaged bool              // it is of a journal that is no more
	effects []alerting.Effect // of the newest record
	input   alerting.Input
}

// restoreNewest starts from the newest snapshot that can be used. The error
// says why a newer one could not; the replayer is always good.
func restoreNewest(snapshots []alerting.Snapshot) (*replayer, error) {
	var failed error
	for _, s := range snapshots {
		if s.Version > alerting.Version {
			failed = errors.Join(failed, fmt.Errorf("snapshot %d is of version %d: %w", s.Seq, s.Version, alerting.ErrNewer))
			continue
		}
		var sv saved
		if err := json.Unmarshal(s.State, &sv); err != nil {
			failed = errors.Join(failed, fmt.Errorf("snapshot %d: %w", s.Seq, err))
			continue
		}
		m, err := alerting.Restore(sv.Machine)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("snapshot %d: %w", s.Seq, err))
			continue
		}
		if sv.Deliveries == nil {
			sv.Deliveries = deliveries{}
		}
		return &replayer{machine: m, seq: s.Seq, seen: sv.Deliveries}, failed
	}
	return &replayer{machine: alerting.New(), seen: deliveries{}}, failed
}

// replay steps the machine with a record and reports whether it decides what
// was decided then.
func (r *replayer) replay(rec alerting.Record) (same bool, err error) {
	if rec.Version > alerting.Version {
		return false, fmt.Errorf("record %d is of version %d, this program decides as version %d: %w", rec.Seq, rec.Version, alerting.Version, alerting.ErrNewer)
	}
	if rec.Seq != r.seq+1 {
		return false, fmt.Errorf("record %d follows %d: the journal has a hole", rec.Seq, r.seq)
	}
	if r.input, err = alerting.DecodeInput(rec.Kind, rec.Body); err != nil {
		return false, fmt.Errorf("record %d: %w", rec.Seq, err)
	}
	r.effects = r.machine.Step(rec.At, r.input)
	r.seq = rec.Seq
	if rec.Delivery != "" {
		r.seen.restore(rec.Delivery)
	}
	return alerting.Digest(r.effects) == rec.Digest, nil
}

// begin puts the plan in force, clears faults that only a running gateway can
// know of, shows how things stand, and sends again what had no result. No time
// goes by before that: what was due meanwhile is looked at when the plan is right,
// and in the same moment in which the machine learns of the start, of the time
// and of the clock on the wall.
func (g *Gateway) begin() {
	g.beginning = true
	if g.adopt {
		g.renew(g.epoch)
	}
	alarms := g.machine.Alarms()
	g.show(alarms)
	g.o.Recovered(forPeople(alarms))
	if !samePlan(g.machine.Plan(), g.site.Plan) {
		g.step(alerting.Apply{Plan: g.site.Plan}, "", nil)
	}
	for _, f := range g.machine.Faults() {
		if !isDevice(g.site, f.Subject) && f.Code != alerting.RosterHole { // that one the machine finds itself
			g.step(alerting.FaultEdge{Code: f.Code, Subject: f.Subject}, "", nil)
		}
	}
	g.beginning = false
	g.step(alerting.Start{Clock: g.clockNews()}, "", nil)
}

// onBreak tells who watches that somebody is on a break, or back.
func (g *Gateway) onBreak(who alerting.Person, until time.Time) {
	for _, p := range g.o.Publishers {
		if b, ok := p.(Breaks); ok {
			b.Break(who, until)
		}
	}
}

// show tells everybody who watches how things stand.
func (g *Gateway) show(alarms []alerting.Alarm) {
	for _, b := range g.machine.Breaks() {
		g.onBreak(b.Who, b.Until)
	}
	for _, a := range alarms {
		g.publish(a)
	}
	for _, f := range g.machine.Faults() {
		if isDevice(g.site, f.Subject) || f.Code == alerting.RosterHole {
			g.watch.fault(f, true)
			for _, p := range g.o.Publishers {
				p.Fault(f, true)
			}
		}
	}
}

// renew begins a new journal with all that is known, when the old one was lost.
func (g *Gateway) renew(epoch int) {
	state, err := g.machine.State()
	if err != nil { // only values that JSON does not know, which no state has
		panic(err)
	}
	g.epoch, g.seq, g.snapAt = epoch, 0, 0
	g.step(alerting.Adopt{State: state}, "", nil)
	g.snapshot() // which deliveries are known is not in that record
}

// reattach reads the journal as soon as it can be read, beside the loop.
func (g *Gateway) reattach(ctx context.Context) error {
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			if r, err := g.read(ctx); err == nil {
				g.inbox.put(item{recovered: r})
				return nil
			}
		}
	}
}

// rejoin goes on from the journal that can be read at last. What was decided
// meanwhile is decided again behind it, so that neither is forgotten: an alarm
// from before the start and one since. Nothing is sent for that twice; what has
// no result then is sent.
func (g *Gateway) rejoin(r *replayer) {
	held := g.held
	g.held = nil
	g.detached.Store(false)
	if r.seq == 0 { // nothing to join: all that is known is here
		g.renew(g.epoch)
		for _, u := range held {
			g.keep(unit{done: u.done})
		}
		return
	}
	g.machine, g.seq, g.snapAt = r.machine, r.seq, r.seq
	g.seen.join(r.seen)
	if r.damaged {
		g.beginning = true // no time goes by: what was held comes behind it
		g.renew(g.epoch)
		g.beginning = false
	}
	for _, u := range held {
		again := unit{done: u.done}
		for _, rec := range u.recs {
			in, err := alerting.DecodeInput(rec.Kind, rec.Body)
			if err != nil { // we encoded it
				panic(err)
			}
			again.recs = append(again.recs, g.record(in, g.machine.Step(rec.At, in), rec.Delivery))
		}
		g.keep(again)
	}
	g.clock.notBefore(g.machine.Now())
	g.show(g.machine.Alarms())
	g.step(alerting.Start{Clock: g.clockNews()}, "", nil)
}

func isDevice(s Site, subject string) bool {
	for _, d := range s.Devices {
		if string(d.ID) == subject {
			return true
		}
	}
	return false
}

// samePlan compares as the journal would keep them.
func samePlan(a, b alerting.Plan) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// A start replays at most snapshotEvery records; the snapshot outside the
// journal is at most snapshotAfter old.
const (
	snapshotEvery = 5000
	snapshotAfter = 5 * time.Minute
)

func (g *Gateway) snapshotIfDue() {
	if g.seq-g.snapAt >= snapshotEvery || time.Since(g.saved) > snapshotAfter {
		g.snapshot()
	}
}

// snapshot queues the state behind the records that led to it. It is only taken
// here: writing it down takes too long for a press to wait for.
func (g *Gateway) snapshot() {
	g.saved = time.Now()
	if g.seq == g.snapAt || g.detached.Load() {
		return
	}
	seen, err := json.Marshal(g.seen)
	if err != nil { // of texts and numbers: it cannot be
		g.o.Log.Error("no snapshot was written", "error", err)
		return
	}
	seq, at, write := g.seq, g.machine.Now(), g.machine.Freeze()
	g.snapAt = seq
	g.commit.put(unit{epoch: g.epoch, snapshot: func() (alerting.Snapshot, error) {
		// saved, put together by hand: Marshal would read and copy both again. The
		// machine's is the larger by far, and comes last.
		b, err := write(slices.Concat([]byte(`{"deliveries":`), seen, []byte(`,"machine":`)))
		if err != nil {
			return alerting.Snapshot{}, err
		}
		return alerting.Snapshot{Seq: seq, At: at, Version: alerting.Version, State: append(b, '}')}, nil
	}})
}
