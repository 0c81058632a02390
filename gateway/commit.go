package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"telecare/alerting"
)

// unit is what must be committed together: the records of one input or frame.
// No records: an answer that waits for those before it.
type unit struct {
	recs     []alerting.Record
	done     func(error)                       // may be nil
	snapshot func() (alerting.Snapshot, error) // writes down what is kept behind recs
	since    time.Time
	epoch    int // of the journal: see committer.renew
}

// committer writes units to the journal in their order, as many at once as are
// waiting, and answers them when they are on disk. A journal that fails, or
// hangs, is tried again for ever; meanwhile nothing is answered, nobody waits
// for it, and nothing is lost from memory.
type committer struct {
	journal Journal
	meter   Meter
	log     *slog.Logger
	inbox   *mailbox[unit]
	// renew asks the loop for the first record of a journal that begins anew.
	renew func(epoch int)

	epoch   int
	orphans []func(error) // answers of units of an epoch whose journal was lost

	failing atomic.Bool               // the newest try failed
	oldest  atomic.Pointer[time.Time] // since when the oldest unit under way waits; nil: none
}

func newCommitter(j Journal, m Meter, log *slog.Logger, renew func(int)) *committer {
	return &committer{journal: j, meter: m, log: log, inbox: newMailbox[unit](), renew: renew}
}

func (c *committer) put(u unit) {
	u.since = time.Now()
	c.inbox.put(u)
}

// patience is how long a commit may take before the gateway is degraded.
const patience = time.Second

// ready is red as long as the journal cannot be written, or has not been for
// longer than patience.
func (c *committer) ready() error {
	if oldest := c.oldest.Load(); oldest != nil && time.Since(*oldest) > patience {
		return errors.New("the journal has not been written for longer than a second")
	}
	if c.failing.Load() {
		return errors.New("the journal cannot be written")
	}
	return nil
}

// lastPatience is how long a stop waits for the disk.
const lastPatience = 5 * time.Second

// run commits until ctx ends, and then what is still under way or waiting, if
// it can be done in lastPatience.
func (c *committer) run(ctx context.Context) error {
	// The end of ctx breaks nothing off: what was decided before it is what the
	// next start must know.
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		select {
		case <-time.After(lastPatience):
			cancel()
		case <-end.Done():
		}
	})()
	var batch []unit
	for {
		select {
		case <-c.inbox.wake:
			batch = c.inbox.take(batch)
			c.write(end, batch)
			c.oldest.Store(nil)
		case <-ctx.Done():
			c.write(end, c.inbox.take(nil))
			return nil
		}
	}
}

// maxBatch bounds one transaction, in records.
const maxBatch = 1000

// batch takes the units of the next transaction, at least one: a snapshot ends
// it, so that it is of what is on disk.
func batch(units []unit) (n int, recs []alerting.Record) {
	for n < len(units) && (n == 0 || len(recs) < maxBatch) {
		recs = append(recs, units[n].recs...)
		n++
		if units[n-1].snapshot != nil {
			break
		}
	}
	return n, recs
}

func (c *committer) write(ctx context.Context, units []unit) {
	for len(units) > 0 {
		if units[0].epoch < c.epoch { // of a journal that is no more
			c.orphan(units[:1])
			units = units[1:]
			continue
		}
		n, recs := batch(units)
		since := units[0].since // with its monotonic part: a clock that is set changes nothing
		c.oldest.Store(&since)
		err := c.append(ctx, recs)
		if isFresh(err) {
			c.log.Error("the journal begins anew with what is still known", "error", err)
			c.epoch++
			c.renew(c.epoch)
			continue
		}
		if err != nil {
			for _, u := range units {
				u.finish(err)
			}
			return
		}
		c.committed(units[:n], len(recs) > 0)
		if write := units[n-1].snapshot; write != nil {
			s, err := write()
			if err == nil {
				err = c.journal.SaveSnapshot(ctx, s)
			}
			if err != nil {
				// It only saves time at the next start; another one will follow.
				c.log.Error("a snapshot was not kept", "error", err)
			}
		}
		units = units[n:]
	}
}

// committed answers units that are on disk. The first records of a new journal
// hold all that was in the lost one: with them its answers can be given, too.
func (c *committer) committed(units []unit, wrote bool) {
	now := time.Now()
	if wrote {
		for _, done := range c.orphans {
			done(nil)
		}
		c.orphans = nil
	}
	for _, u := range units {
		if len(u.recs) > 0 {
			c.meter.Observe("telecare_commit_seconds", "", now.Sub(u.since).Seconds())
		}
		u.finish(nil)
	}
}

func (c *committer) orphan(units []unit) {
	for _, u := range units {
		if u.done != nil {
			c.orphans = append(c.orphans, u.done)
		}
	}
}

func (u unit) finish(err error) {
	if u.done != nil {
		u.done(err)
	}
}

// append tries until the records are on disk, the journal turns out to be a new
// one, or ctx ends.
func (c *committer) append(ctx context.Context, recs []alerting.Record) error {
	if len(recs) == 0 {
		return nil
	}
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := c.journal.Append(ctx, recs)
		if failed := err != nil; c.failing.Swap(failed) != failed && failed {
			c.log.Error("the journal cannot be written; people are called and nobody is answered", "error", err)
		}
		if err == nil || isFresh(err) {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// sleep waits, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isFresh reports whether a journal says that it begins anew.
func isFresh(err error) bool {
	var f interface{ Fresh() bool }
	return errors.As(err, &f) && f.Fresh()
}
