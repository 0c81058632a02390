package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
// that can be read, and every input after it.
func (g *Gateway) recover(ctx context.Context) error {
	snapshots, err := g.o.History.Snapshots(ctx)
	if err != nil {
		g.o.Log.Error("some snapshots cannot be read; an older one is used", "error", err)
	}
	r, err := restoreNewest(snapshots)
	if err != nil {
		g.o.Log.Error("a snapshot cannot be used; an older one is", "error", err)
	}
	g.machine, g.seq, g.snapAt, g.seen = r.machine, r.seq, r.seq, r.seen
	differ := 0
	err = g.o.History.Records(ctx, g.seq, func(rec alerting.Record) error {
		same, err := r.replay(rec)
		if !same {
			differ++
		}
		return err
	})
	if err != nil {
		return err
	}
	if differ > 0 {
		g.o.Log.Error("the journal was decided otherwise before; what this version decides is in force", "records", differ)
	}
	g.seq = r.seq
	g.clock = newClock(g.machine.Now())
	return nil
}

// replayer brings a machine along a journal.
type replayer struct {
	machine *alerting.Machine
	seq     int64
	seen    deliveries
	effects []alerting.Effect // of the newest record
	input   alerting.Input
}

// restoreNewest starts from the newest snapshot that can be used. The error
// says why a newer one could not; the replayer is always good.
func restoreNewest(snapshots []alerting.Snapshot) (*replayer, error) {
	var failed error
	for _, s := range snapshots {
		var sv saved
		if err := json.Unmarshal(s.State, &sv); err != nil {
			failed = fmt.Errorf("snapshot %d: %w", s.Seq, err)
			continue
		}
		m, err := alerting.Restore(sv.Machine)
		if err != nil {
			failed = fmt.Errorf("snapshot %d: %w", s.Seq, err)
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
// know of, shows how things stand, and sends again what had no result.
func (g *Gateway) begin() {
	alarms := g.machine.Alarms()
	for _, a := range alarms {
		for _, p := range g.o.Publishers {
			p.Alarm(a)
		}
	}
	g.o.Recovered(alarms)
	if !samePlan(g.machine.Plan(), g.site.Plan) {
		g.step(alerting.Apply{Plan: g.site.Plan}, "", nil)
	}
	for _, f := range g.machine.Faults() {
		if isDevice(g.site, f.Subject) {
			g.watch.fault(f, true)
			for _, p := range g.o.Publishers {
				p.Fault(f, true)
			}
			continue
		}
		g.step(alerting.FaultEdge{Code: f.Code, Subject: f.Subject}, "", nil)
	}
	g.step(alerting.Start{}, "", nil)
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

// snapshotEvery is how many records a start replays at most.
const snapshotEvery = 5000

func (g *Gateway) snapshotIfDue() {
	if g.seq-g.snapAt >= snapshotEvery {
		g.snapshot()
	}
}

// snapshot queues the state behind the records that led to it.
func (g *Gateway) snapshot() {
	if g.seq == g.snapAt {
		return
	}
	m, err := g.machine.State()
	if err == nil {
		var b []byte
		if b, err = json.Marshal(saved{Machine: m, Deliveries: g.seen}); err == nil {
			g.snapAt = g.seq
			g.commit.put(unit{snapshot: &alerting.Snapshot{
				Seq: g.seq, At: g.machine.Now(), Version: alerting.Version, State: b,
			}})
			return
		}
	}
	// Values that JSON does not know: none are in the state. The journal still
	// has everything.
	g.o.Log.Error("no snapshot was written", "error", err, "at", time.Now())
}
