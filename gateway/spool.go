package gateway

import (
	"context"
	"slices"
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

func (k kept) finish(err error) {
	if k.done != nil {
		k.done(err)
	}
}

// spooler writes readings to the reading store, as many at once as are
// waiting, and answers them when they are on disk. After a second without a
// commit they are shed instead: counted and answered, so that no source stops
// reading and no press waits behind them. Closed alarms are never shed.
type spooler struct {
	store     ReadingStore
	meter     Meter
	condition func(alerting.FaultCode, string, bool)
	inbox     *mailbox[kept]

	waiting  []kept
	writing  []kept // under way when busy; their answers may have been given already
	busy     bool
	began    time.Time
	shedding bool

	// Of append, of which one is under way at a time:
	samples []devices.Sample
	closed  []alerting.Alarm
}

func newSpooler(s ReadingStore, m Meter, c func(alerting.FaultCode, string, bool)) *spooler {
	return &spooler{store: s, meter: m, condition: c, inbox: newMailbox[kept]()}
}

// maxKept bounds one commit. A slow disk takes as long for many as for few, and
// InfluxDB is given as many at once.
const maxKept = 5000

// commitEvery is how far apart commits are while readings flow. One by one they
// would take most of a small machine's processor, and of its disk, which calls
// need more. It may not be long either: a stock mosquitto sends twenty messages
// and then waits for an answer.
const commitEvery = 5 * time.Millisecond

// put takes what is to be kept. Without a store it is answered at once.
func (s *spooler) put(k kept) {
	if s.store == nil {
		k.finish(nil)
		return
	}
	s.inbox.put(k)
}

// run writes until ctx ends, and then what is still waiting, if it can be done
// in five seconds.
func (s *spooler) run(ctx context.Context) error {
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	written := make(chan error, 1)
	look := time.NewTicker(patience / 5)
	defer look.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	stop := ctx.Done()
	var last <-chan time.Time
	for {
		wake := s.inbox.wake
		if !s.busy && len(s.waiting) > 0 {
			if left := commitEvery - time.Since(s.began); left > 0 && len(s.waiting) < maxKept && stop != nil {
				pause.Reset(left)
				wake = nil // what comes meanwhile is taken then
			} else {
				s.begin(end, written)
			}
		}
		if stop == nil && !s.busy {
			return nil
		}
		select {
		case <-wake:
			s.waiting = s.inbox.drain(s.waiting)
			s.shed(time.Now())
		case <-pause.C:
			s.waiting = s.inbox.drain(s.waiting)
		case <-look.C:
			s.shed(time.Now())
		case err := <-written:
			for _, k := range s.writing {
				k.finish(err)
			}
			clear(s.writing)
			s.busy = false
			s.degraded(false)
		case <-stop:
			stop = nil
			s.waiting = s.inbox.drain(s.waiting)
			patience := time.NewTimer(5 * time.Second)
			defer patience.Stop()
			last = patience.C
		case <-last:
			cancel()
			<-written
			return nil
		}
	}
}

// begin has the oldest written.
func (s *spooler) begin(ctx context.Context, written chan<- error) {
	n := min(len(s.waiting), maxKept)
	s.writing = append(s.writing[:0], s.waiting[:n]...)
	s.waiting = slices.Delete(s.waiting, 0, n)
	s.busy, s.began = true, time.Now()
	go func() { written <- s.append(ctx, s.writing) }()
}

// shed answers readings that a commit has kept waiting for too long, those
// under way too: they may still get there.
func (s *spooler) shed(now time.Time) {
	if !s.busy || !s.shedding && now.Sub(s.began) < patience {
		return
	}
	s.degraded(true)
	points := 0
	for i := range s.writing {
		if s.writing[i].done != nil {
			s.writing[i].finish(nil)
			s.writing[i].done = nil
		}
	}
	still := s.waiting[:0:0]
	for _, k := range s.waiting {
		if k.closed != nil {
			still = append(still, k)
			continue
		}
		points += len(k.sample.Readings)
		k.finish(nil)
	}
	s.waiting = still
	if points > 0 {
		s.meter.Count("telecare_readings_shed_total", "store", float64(points))
	}
}

func (s *spooler) degraded(on bool) {
	if on != s.shedding {
		s.shedding = on
		s.condition(alerting.SpoolDown, "spool", on)
	}
}

// append tries until the batch is on disk or ctx ends.
func (s *spooler) append(ctx context.Context, batch []kept) error {
	s.samples, s.closed = s.samples[:0], s.closed[:0]
	for i := range batch {
		if batch[i].closed != nil {
			s.closed = append(s.closed, *batch[i].closed)
			continue
		}
		s.samples = append(s.samples, batch[i].sample)
	}
	defer func() {
		clear(s.samples)
		clear(s.closed)
	}()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := s.store.Append(ctx, s.samples, s.closed)
		if err == nil {
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}
