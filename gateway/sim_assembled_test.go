package gateway

import (
	"container/heap"
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// assembly runs the whole gateway, with all its goroutines, in the same world.
// The bubble gives exact time but not an exact order, so that a seed does not
// give the same night twice; but nothing of the gateway is a model here. The
// world belongs to one goroutine, and whatever happens in another one is posted
// to it.
type assembly struct {
	s    *simulation
	mail *mailbox[func()]
	last *assembled
}

// assembled is one process.
type assembled struct {
	s     *simulation
	mail  *mailbox[func()]
	g     *Gateway
	end   context.CancelFunc
	ended chan error
	dead  atomic.Bool // cut off from the world: nothing it does happens
}

// runAssembled is run for an assembly: the next event, or the post before it.
func (s *simulation) runAssembled() {
	s.boot()
	s.world.begin()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for s.oracle.failure == "" && !s.world.over {
		for _, do := range s.real.mail.take(nil) {
			do()
		}
		timer.Reset(s.events[0].at - s.elapsed())
		select {
		case <-s.real.mail.wake:
			continue
		case <-timer.C:
		}
		e := heap.Pop(&s.events).(simEvent)
		if e.life != 0 && e.life != s.life {
			continue
		}
		s.trace(e.what, "", 0)
		e.do()
	}
	if err := s.real.stop(); err != nil {
		s.oracle.fail("the gateway ended: %v", err)
	}
	if s.oracle.failure == "" {
		s.oracle.audit()
	}
}

func (a *assembly) boot() {
	s := a.s
	p := &assembled{s: s, mail: a.mail, ended: make(chan error, 1)}
	p.g = New(Options{
		Site: s.world.site, Journal: p, History: s.disk, Readings: noStore{},
		Notifiers:  map[alerting.ChannelID]Notifier{"phone": assembledChannel{p, "phone"}, "screen": assembledChannel{p, "screen"}},
		Publishers: []Publisher{p}, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler),
		Recovered: func(alarms []alerting.Alarm) { p.post(func() { s.oracle.remembered(alarms) }) },
	})
	a.last, s.g, s.up = p, p.g, true
	ctx, end := context.WithCancel(context.Background())
	p.end = end
	go func() { p.ended <- p.g.Run(ctx) }()
	s.oracle.begunAt = s.elapsed()
}

// sever ends the process without a farewell.
func (a *assembly) sever() {
	a.last.dead.Store(true)
	a.last.end()
}

func (a *assembly) stop() error {
	a.last.end()
	for { // it may still write, which needs this goroutine
		select {
		case err := <-a.last.ended:
			return err
		case <-a.mail.wake:
		case <-time.After(10 * time.Millisecond):
		}
		for _, do := range a.mail.take(nil) {
			do()
		}
		for len(a.s.events) > 0 && a.s.events[0].at <= a.s.elapsed() {
			heap.Pop(&a.s.events).(simEvent).do()
		}
	}
}

func (a *assembly) receive(f devices.Frame, answer func(error)) {
	p := a.last
	if a.s.chance(0.5) && !a.s.world.calm { // somewhere on its way
		a.s.process(a.s.between(0, 6*time.Millisecond), "crash", a.s.crash)
	}
	p.g.Handle(f, func(err error) { p.post(func() { answer(err) }) })
}

func (a *assembly) answers(in alerting.Input, decided func(*alerting.Refused, int64)) {
	p := a.last
	p.g.inbox.put(item{in: in, answer: func(error) {}, decided: func(effects []alerting.Effect) {
		r, seq := refusal(effects), p.g.seq
		p.post(func() { decided(r, seq) })
	}})
}

// post has the world do something, if the process is part of it by then.
func (p *assembled) post(do func()) {
	p.mail.put(func() {
		if !p.dead.Load() {
			do()
		}
	})
}

// Append takes as long, and fails as often, as the world has it.
func (p *assembled) Append(_ context.Context, recs []alerting.Record) error {
	return p.transaction(func() error {
		p.s.oracle.written(recs)
		return p.s.disk.write(recs)
	})
}

func (p *assembled) SaveSnapshot(_ context.Context, snap alerting.Snapshot) error {
	return p.transaction(func() error { return p.s.disk.writeSnapshot(snap) })
}

func (p *assembled) transaction(write func() error) error {
	if p.dead.Load() {
		return errSimDisk
	}
	result := make(chan error, 1)
	p.mail.put(func() {
		s := p.s
		takes, written, failed := s.transaction()
		s.later(takes, "transaction", func() {
			switch {
			case p.dead.Load():
				result <- errSimDisk
				return
			case written:
				if err := write(); err != nil {
					s.oracle.fail("append: %v", err)
				}
			}
			if failed {
				result <- errSimDisk
				return
			}
			s.disk.sync()
			result <- nil
		})
	})
	return <-result
}

// assembledChannel is a channel of the process.
type assembledChannel struct {
	p    *assembled
	name alerting.ChannelID
}

func (c assembledChannel) Notify(ctx context.Context, call alerting.Call) (bool, error) {
	result := make(chan attempt, 1)
	c.p.post(func() {
		s := c.p.s
		// Whatever was decided in this moment is posted by then.
		s.later(time.Millisecond, "called", func() { s.oracle.attempted(nil, call) })
		takes, a := s.world.carry(route{channel: c.name, to: call.To}, call)
		s.later(takes, "tried", func() { result <- a })
	})
	select {
	case a := <-result:
		return a.retry, a.err
	case <-ctx.Done():
		return true, ctx.Err()
	}
}

// Alarm runs on the loop, which alone may look at the record's number.
func (p *assembled) Alarm(a alerting.Alarm) {
	seq, now := p.g.seq+1, time.Now()
	p.post(func() { p.s.oracle.published(a, seq, now) })
}

// Technical is the same for those of faults.
func (p *assembled) Technical(a alerting.Alarm) { p.Alarm(a) }

func (p *assembled) Device(devices.Status)      {}
func (p *assembled) Fault(alerting.Fault, bool) {}

// remembered: a start knows every alarm that the disk had.
func (o *oracle) remembered(alarms []alerting.Alarm) {
	known := map[alerting.AlarmID]alerting.Alarm{}
	for _, a := range alarms {
		known[a.ID] = a
	}
	for _, x := range o.alarms {
		was := x.seen[len(x.seen)-1]
		a, ok := known[x.id]
		if !ok && was.state != alerting.Closed && x.kind != alerting.Technical {
			o.fail("alarm %s is forgotten after a restart", x.id)
		}
		if ok && a.Presses < was.presses {
			o.fail("alarm %d had %d presses and has %d after a restart", a.Number, was.presses, a.Presses)
		}
	}
}

// TestAssembled plays hours with the whole gateway.
func TestAssembled(t *testing.T) {
	first, nights, presses := rand.Uint64N(1<<32), 4, 150
	if raceEnabled {
		nights, presses = 2, 60
	}
	for i := range nights {
		seed := first + uint64(i)
		synctest.Test(t, func(t *testing.T) {
			s := newSimulation(seed, presses, mutant{}, &assembly{mail: newMailbox[func()]()})
			s.world.gap = 20 * time.Second
			s.runAssembled()
			t.Logf("seed %d: %d presses, %d alarms, %d records, %d crashes in %s", seed, len(s.oracle.presses), len(s.oracle.alarms), len(s.disk.recs), s.crashes, s.elapsed().Round(time.Minute))
			if s.oracle.failure != "" {
				var script strings.Builder
				_, err := Replay(t.Context(), s.disk, 1, &script)
				t.Errorf("seed %d, which is not the same night twice: %s\nthe end of its journal (%v):\n%s", seed, s.oracle.failure, err,
					script.String()[max(0, script.Len()-8000):])
			}
			time.Sleep(time.Minute) // what was severed comes to its end
		})
	}
}
