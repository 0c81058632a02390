package gateway

import (
	"context"
	"time"

	"telecare/alerting"
)

// Follower reads a journal on from where it was, again and again.
type Follower struct {
	Past
	// Fresh is told that it begins anew: what was told before is of another
	// journal, or was decided by another release.
	Fresh func(context.Context) error
	// Each is told of every record, in order.
	Each func(context.Context, Moment) error

	r    *replayer
	last alerting.Record
}

// stride is how many records are read before their state is kept.
const stride = 5000

// Follow reads what there is until ctx ends, which is no error: done says that
// there is no more, and until how far it has come. After an error it begins at
// the state that was kept last.
func (f *Follower) Follow(ctx context.Context) (until time.Time, done bool, err error) {
	defer func() {
		if err != nil {
			f.r = nil
		}
	}()
	// What is begun is ended: half a record could not be told from none.
	whole := context.WithoutCancel(ctx)
	if f.r == nil {
		// Marks are asked for the newest that they have, of whatever time.
		if f.r = f.start(whole, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)); f.r.seq == 0 {
			if err := f.Fresh(whole); err != nil {
				return until, false, err
			}
		}
		f.last = alerting.Record{}
	}
	begun, worked := f.r.seq, time.Now()
	var failed error // ours; what the journal says while ctx ends is no news
	err = f.History.Records(ctx, f.r.seq, func(rec alerting.Record) (err error) {
		if ctx.Err() != nil {
			return errEnough
		}
		defer func() { failed = err }()
		if rec.Seq%64 == 0 && f.Rest != nil {
			f.Rest(time.Since(worked))
			worked = time.Now()
		}
		same, err := f.r.replay(rec)
		if err != nil {
			return err
		}
		f.last = rec
		if err := f.Each(whole, Moment{rec.At, f.r.input, f.r.effects, same}); err != nil {
			return err
		}
		if (rec.Seq-begun)%stride == 0 {
			f.keep(rec.At, rec, f.r.machine)
		}
		return nil
	})
	if err != nil && (failed != nil || ctx.Err() == nil) {
		return until, false, err
	}
	if f.r.seq > begun {
		f.keep(f.last.At, f.last, f.r.machine)
	}
	return f.r.machine.Now(), err == nil, nil
}
