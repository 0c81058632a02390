package gateway

import (
	"context"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// kept is something for the reading store, with the answer that waits for it.
type kept struct {
	sample devices.Sample
	closed *alerting.Alarm
	done   func(error)
}

// spooler writes readings to the reading store, as many at once as are
// waiting, and answers them when they are on disk.
type spooler struct {
	store     ReadingStore
	meter     Meter
	condition func(alerting.FaultCode, string, bool)
	inbox     *mailbox[kept]
	failing   bool
}

func newSpooler(s ReadingStore, m Meter, c func(alerting.FaultCode, string, bool)) *spooler {
	return &spooler{store: s, meter: m, condition: c, inbox: newMailbox[kept]()}
}

// put takes what is to be kept. Without a store it is answered at once.
func (s *spooler) put(k kept) {
	if s.store == nil {
		if k.done != nil {
			k.done(nil)
		}
		return
	}
	s.inbox.put(k)
}

// run writes until ctx ends, and then what is still waiting, if it can be done
// in five seconds.
func (s *spooler) run(ctx context.Context) error {
	var batch []kept
	for {
		select {
		case <-s.inbox.wake:
			batch = s.inbox.take(batch)
			s.write(ctx, batch)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			s.write(last, s.inbox.take(nil))
			return nil
		}
	}
}

func (s *spooler) write(ctx context.Context, batch []kept) {
	for len(batch) > 0 {
		n := min(len(batch), maxBatch)
		err := s.append(ctx, batch[:n])
		for _, k := range batch[:n] {
			if k.done != nil {
				k.done(err)
			}
		}
		batch = batch[n:]
	}
}

// append tries until the batch is on disk or ctx ends.
func (s *spooler) append(ctx context.Context, batch []kept) error {
	var samples []devices.Sample
	var closed []alerting.Alarm
	for _, k := range batch {
		if k.closed != nil {
			closed = append(closed, *k.closed)
			continue
		}
		samples = append(samples, k.sample)
	}
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := s.store.Append(ctx, samples, closed)
		if failed := err != nil; failed != s.failing {
			s.failing = failed
			s.condition(alerting.SpoolDown, "spool", failed)
		}
		if err == nil {
			return nil
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}
