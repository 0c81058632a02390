package gateway

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"telecare/alerting"
)

// unit is what must be committed together: the records of one input or frame.
// No records: an answer that waits for those before it.
type unit struct {
	recs     []alerting.Record
	done     func(error) // may be nil
	snapshot *alerting.Snapshot
	since    time.Time
}

// committer writes units to the journal in their order, as many at once as are
// waiting, and answers them when they are on disk. A journal that fails is
// tried again for ever; meanwhile nothing is answered and nothing is lost from
// memory.
type committer struct {
	journal   Journal
	meter     Meter
	condition func(alerting.FaultCode, string, bool)
	inbox     *mailbox[unit]
	failing   atomic.Pointer[failure]
}

type failure struct {
	since time.Time
	err   error
}

func newCommitter(j Journal, m Meter, c func(alerting.FaultCode, string, bool)) *committer {
	return &committer{journal: j, meter: m, condition: c, inbox: newMailbox[unit]()}
}

func (c *committer) put(u unit) {
	u.since = time.Now()
	c.inbox.put(u)
}

// ready is red as long as the journal cannot be written.
func (c *committer) ready() error {
	if f := c.failing.Load(); f != nil {
		return errors.New("the journal cannot be written")
	}
	return nil
}

// run commits until ctx ends, and then what is still waiting, if it can be
// done in five seconds.
func (c *committer) run(ctx context.Context) error {
	var batch []unit
	for {
		select {
		case <-c.inbox.wake:
			batch = c.inbox.take(batch)
			c.write(ctx, batch)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			c.write(last, c.inbox.take(nil))
			return nil
		}
	}
}

// maxBatch bounds one transaction, in records.
const maxBatch = 1000

func (c *committer) write(ctx context.Context, units []unit) {
	for len(units) > 0 {
		var recs []alerting.Record
		n := 0
		for n < len(units) && (n == 0 || len(recs) < maxBatch) {
			recs = append(recs, units[n].recs...)
			n++
			if units[n-1].snapshot != nil {
				break
			}
		}
		if !c.append(ctx, recs) {
			for _, u := range units {
				u.finish(ctx.Err())
			}
			return
		}
		now := time.Now()
		for _, u := range units[:n] {
			if len(u.recs) > 0 {
				c.meter.Observe("telecare_commit_seconds", "", now.Sub(u.since).Seconds())
			}
			u.finish(nil)
		}
		if s := units[n-1].snapshot; s != nil {
			// A snapshot only saves time at the next start; the next one
			// will be written anyway.
			c.note(c.journal.SaveSnapshot(ctx, *s))
		}
		units = units[n:]
	}
}

func (u unit) finish(err error) {
	if u.done != nil {
		u.done(err)
	}
}

// append tries until the records are on disk or ctx ends.
func (c *committer) append(ctx context.Context, recs []alerting.Record) bool {
	if len(recs) == 0 {
		return true
	}
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := c.journal.Append(ctx, recs)
		c.note(err)
		if err == nil {
			return true
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return false
		}
	}
}

// note remembers whether the journal works, for Ready and the fault.
func (c *committer) note(err error) {
	was := c.failing.Load()
	switch {
	case err != nil && was == nil:
		c.failing.Store(&failure{since: time.Now(), err: err})
		c.condition(alerting.StoreDown, "journal", true)
	case err == nil && was != nil:
		c.failing.Store(nil)
		c.condition(alerting.StoreDown, "journal", false)
	}
}
