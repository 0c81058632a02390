package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"telecare/alerting"
)

// Report is what Verify found.
type Report struct {
	Records int64  // how many are sound, from the first on
	Head    int64  // the last record's number
	Hash    []byte // and its hash, to be compared with one kept elsewhere
	// FirstBad is the first record that is not what was written, 0 when all
	// are. What comes after it proves nothing.
	FirstBad  int64
	Why       string // what is wrong with it
	Snapshots []SnapshotReport
}

// SnapshotReport is what Verify found of one snapshot.
type SnapshotReport struct {
	Seq int64
	Why string // what is wrong with it, "" when nothing is
}

// OK reports whether nothing is wrong.
func (r Report) OK() bool {
	if r.FirstBad != 0 {
		return false
	}
	for _, s := range r.Snapshots {
		if s.Why != "" {
			return false
		}
	}
	return true
}

// String is for people.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "records: %d sound, head %d %x\n", r.Records, r.Head, r.Hash)
	if r.FirstBad != 0 {
		fmt.Fprintf(&b, "record %d: BAD: %s\n", r.FirstBad, r.Why)
	}
	for _, s := range r.Snapshots {
		if s.Why != "" {
			fmt.Fprintf(&b, "snapshot %d: BAD: %s\n", s.Seq, s.Why)
		} else {
			fmt.Fprintf(&b, "snapshot %d: sound\n", s.Seq)
		}
	}
	return b.String()
}

// errBad ends the walk.
var errBad = errors.New("bad record")

// Verify walks the chain from its first record and checks the snapshots. It
// changes nothing, not even what is damaged. The error says that the journal
// could not be read; what was found until then is in the report.
func (r *Reader) Verify(ctx context.Context) (Report, error) {
	var rep Report
	var err error
	if rep.Head, rep.Hash, err = r.Head(ctx); err != nil {
		return rep, err
	}
	hash := genesis
	err = r.walk(ctx, 0, func(row row) error {
		want := rep.Records + 1
		switch {
		case row.rec.Seq != want:
			rep.Why = "it is missing"
		case row.bad != "":
			rep.Why = row.bad
		default:
			hash = chain(hash, &row.rec)
			if !bytes.Equal(hash, row.hash) {
				rep.Why = "its hash does not follow from the one before and its content"
			}
		}
		if rep.Why != "" {
			rep.FirstBad = want
			return errBad
		}
		rep.Records++
		if rep.Records > rep.Head { // appended since
			rep.Head, rep.Hash = row.rec.Seq, row.hash
		}
		return nil
	})
	if err != nil && err != errBad {
		return rep, err
	}
	if rep.FirstBad == 0 && rep.Records < rep.Head {
		rep.FirstBad, rep.Why = rep.Records+1, "it is missing"
	}
	err = r.snapshots(ctx, func(s alerting.Snapshot, why string) {
		rep.Snapshots = append(rep.Snapshots, SnapshotReport{Seq: s.Seq, Why: why})
	})
	if err != nil {
		return rep, fmt.Errorf("journal: snapshots: %w", err)
	}
	return rep, nil
}
