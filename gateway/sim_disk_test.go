package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"telecare/alerting"
)

// simDisk is a journal on a simulated disk. What is written is in the cache;
// what is synced survives a power cut. A transaction survives whole or not at
// all, and none survives without those before it.
type simDisk struct {
	recs      []alerting.Record
	snapshots []alerting.Snapshot // newest first

	synced     int   // records that survive everything
	ends       []int // of the transactions behind them
	unsynced   []alerting.Snapshot
	writtenErr error // what the next Append says after it has written: a lost result
}

var errDiverged = errors.New("the records do not continue the journal on disk")

// Append writes and syncs.
func (d *simDisk) Append(_ context.Context, recs []alerting.Record) error {
	if err := d.write(recs); err != nil {
		return err
	}
	if err := d.writtenErr; err != nil {
		d.writtenErr = nil
		return err
	}
	d.sync()
	return nil
}

// write puts records into the cache. Those that are there already must be the
// same.
func (d *simDisk) write(recs []alerting.Record) error {
	if len(recs) == 0 {
		return nil
	}
	for i, r := range recs {
		if r.Seq < 1 || i > 0 && r.Seq != recs[i-1].Seq+1 {
			return fmt.Errorf("record %d of %d has the number %d", i+1, len(recs), r.Seq)
		}
	}
	for len(recs) > 0 && recs[0].Seq <= int64(len(d.recs)) {
		if there := d.recs[recs[0].Seq-1]; !sameRecord(there, recs[0]) {
			return fmt.Errorf("record %d is there with another content: %w", recs[0].Seq, errDiverged)
		}
		recs = recs[1:]
	}
	if len(recs) == 0 {
		return nil
	}
	if want := int64(len(d.recs) + 1); recs[0].Seq != want {
		return fmt.Errorf("record %d where %d belongs: %w", recs[0].Seq, want, errDiverged)
	}
	d.recs = append(d.recs, recs...)
	d.ends = append(d.ends, len(d.recs))
	return nil
}

func sameRecord(a, b alerting.Record) bool {
	return a.Seq == b.Seq && a.At.Equal(b.At) && a.Version == b.Version && a.Kind == b.Kind &&
		a.Digest == b.Digest && a.Delivery == b.Delivery && bytes.Equal(a.Body, b.Body)
}

// sync puts all that is written beyond the reach of a power cut.
func (d *simDisk) sync() {
	d.synced, d.ends = len(d.recs), d.ends[:0]
	for _, s := range d.unsynced {
		d.snapshots = slices.Insert(d.snapshots, 0, s)
	}
	d.snapshots = d.snapshots[:min(len(d.snapshots), 3)]
	d.unsynced = nil
}

func (d *simDisk) SaveSnapshot(_ context.Context, s alerting.Snapshot) error {
	if err := d.writeSnapshot(s); err != nil {
		return err
	}
	d.sync()
	return nil
}

func (d *simDisk) writeSnapshot(s alerting.Snapshot) error {
	if s.Seq > int64(len(d.recs)) {
		return fmt.Errorf("snapshot %d: its last record is not in the journal: %w", s.Seq, errDiverged)
	}
	d.unsynced = append(d.unsynced, s)
	return nil
}

// cut is a crash. keep says how many of the transactions survive that are not
// synced: all of them when only the process dies.
func (d *simDisk) cut(keep func(of int) int) {
	n := keep(len(d.ends) + len(d.unsynced))
	if n < len(d.ends) {
		end := d.synced
		if n > 0 {
			end = d.ends[n-1]
		}
		d.recs = slices.Delete(d.recs, end, len(d.recs))
		d.unsynced = nil
	} else {
		d.unsynced = d.unsynced[:n-len(d.ends)]
	}
	d.sync()
}

func (d *simDisk) Snapshots(context.Context) ([]alerting.Snapshot, error) {
	return slices.Clone(d.snapshots), nil
}

func (d *simDisk) Records(_ context.Context, after int64, each func(alerting.Record) error) error {
	for i := int(after); i < len(d.recs); i++ {
		if err := each(d.recs[i]); err != nil {
			return err
		}
	}
	return nil
}
