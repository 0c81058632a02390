package gateway

import (
	"context"
	"errors"
	"time"

	"telecare/alerting"
)

// simCommit is the committer as a chain of events: take all that waits, write,
// sync, answer.
type simCommit struct {
	s       *simulation
	queue   []unit
	busy    bool
	failing bool
	oldest  time.Time
	wait    time.Duration
}

func (c *simCommit) put(u unit) {
	u.since = time.Now()
	if d := c.s.current; d != nil && len(u.recs) > 0 {
		c.s.oracle.decided(d, u.recs)
	}
	c.s.mutant.unit(c.s, &u)
	c.queue = append(c.queue, u)
	if !c.busy {
		c.busy = true
		c.s.process(c.s.pause(), "commit", c.begin)
	}
}

func (c *simCommit) ready() error {
	if c.failing || c.busy && !c.oldest.IsZero() && time.Since(c.oldest) > time.Second {
		return errSimDisk
	}
	return nil
}

var errSimDisk = errors.New("the simulated journal cannot be written")

// begin starts a transaction with all that waits.
func (c *simCommit) begin() {
	units := c.queue
	n, recs := batch(units)
	units, c.queue = units[:n:n], units[n:]
	c.oldest = units[0].since
	c.write(units, recs)
}

func (c *simCommit) write(units []unit, recs []alerting.Record) {
	s := c.s
	if len(recs) == 0 {
		c.synced(units)
		return
	}
	takes, written, failed := s.transaction()
	if written {
		s.process(takes/2, "write", func() {
			if err := s.disk.write(recs); err != nil {
				s.oracle.fail("append: %v", err)
			}
		})
	}
	if failed {
		s.process(takes, "write failed", func() {
			c.failing = true
			c.wait = min(max(2*c.wait, 50*time.Millisecond), 2*time.Second)
			s.process(c.wait, "write again", func() { c.write(units, recs) })
		})
		return
	}
	s.process(takes, "sync", func() {
		c.failing, c.wait = false, 0
		s.trace("on disk", "", recs[len(recs)-1].Seq)
		if !s.mutant.sync(s) {
			s.disk.sync()
		}
		s.process(s.pause(), "answer", func() { c.synced(units) })
	})
}

func (c *simCommit) synced(units []unit) {
	for _, u := range units {
		u.finish(nil)
	}
	if write := units[len(units)-1].snapshot; write != nil {
		takes, written, failed := c.s.transaction()
		if written { // in words only now, when the loop has gone on
			c.s.process(takes/2, "write snapshot", func() {
				snap, err := write()
				if err == nil {
					err = c.s.disk.writeSnapshot(snap)
				}
				if err != nil {
					c.s.oracle.fail("snapshot: %v", err)
				}
			})
		}
		c.s.process(takes, "sync snapshot", func() {
			if !failed && !c.s.mutant.sync(c.s) {
				c.s.disk.sync()
			}
			c.next()
		})
		return
	}
	c.next()
}

func (c *simCommit) next() {
	c.busy, c.oldest = len(c.queue) > 0, time.Time{}
	if c.busy {
		c.s.process(0, "commit", c.begin)
	}
}

// trouble is what is wrong with the disks, and until when.
type trouble struct {
	slow, fails, stalls, spool time.Duration
}

// transaction draws how long one takes, and how it ends. One that fails may
// have been written all the same.
func (s *simulation) transaction() (takes time.Duration, written, failed bool) {
	now := s.elapsed()
	takes = s.between(100*time.Microsecond, 3*time.Millisecond)
	if now < s.slow {
		takes = s.between(50*time.Millisecond, 800*time.Millisecond)
	}
	if now < s.stalls {
		takes += s.stalls - now
	}
	failed = now < s.fails && s.chance(90) || s.chance(0.5)
	return takes, !failed || s.chance(30), failed
}

// simSpool keeps readings after a while, or sheds them after a second.
type simSpool struct{ s *simulation }

func (p *simSpool) put(k kept) {
	if k.done == nil {
		return
	}
	takes := p.s.between(100*time.Microsecond, 5*time.Millisecond)
	if p.s.elapsed() < p.s.spool {
		takes = min(p.s.spool-p.s.elapsed(), time.Second)
	}
	p.s.process(takes, "kept", func() { k.done(nil) })
}

// simSenders drive the real senders: what is tried when, and what becomes of
// it, is their own code; only the tries are simulated.
type simSenders struct {
	s    *simulation
	real *senders
	all  map[route]*simSender
}

// simSender is the way to one responder over one channel.
type simSender struct {
	*sender
	s     *simulation
	waked bool          // an event for its orders is on its way
	alarm time.Duration // when an event for its next try comes; 0: none
	try   int           // counts them, so that a result of one cut short is known
	since time.Duration // of the try under way
	busy  time.Duration // spent in tries that are over
	over  time.Duration // when the last of them was

	repeated int // calls tried
}

func newSimSenders(s *simulation) *simSenders {
	return &simSenders{s: s, real: &senders{g: s.g}, all: map[route]*simSender{}}
}

func (l *simSenders) send(n alerting.Notify, c alerting.Call) {
	if l.s.mutant.send(l.s, n, c) {
		return
	}
	r := routeOf(n)
	w := l.all[r]
	if w == nil {
		w = &simSender{s: l.s, sender: &sender{
			route: r, tryFor: l.s.g.o.TryFor, meter: noMeter{}, inbox: newMailbox[order](), result: l.real.result,
		}}
		l.all[r] = w
	}
	l.s.oracle.ordered(w, c)
	w.put(order{call: c})
}

func (l *simSenders) withdraw(e alerting.Withdraw) {
	l.s.oracle.withdrawn(e.ID)
	l.s.oracle.carried[e.ID] = true // or need not be
	if l.s.mutant.onWithdraw {
		return
	}
	for _, news := range []bool{false, true} {
		if w := l.all[route{e.Channel, e.To, news}]; w != nil {
			w.put(order{withdraw: e.ID})
		}
	}
}

func (l *simSenders) replace(map[alerting.ChannelID]Notifier) {}
func (l *simSenders) stop()                                   {}

func (w *simSender) put(o order) {
	w.inbox.put(o)
	if !w.waked {
		w.waked = true
		w.s.process(w.s.pause(), "orders", func() {
			w.waked = false
			for _, o := range w.inbox.take(nil) {
				w.accept(o)
			}
			w.turn()
		})
	}
}

// turn tries what is due, or waits until something is.
func (w *simSender) turn() {
	if m := w.pick(); m != nil {
		w.start(m.call)
		return
	}
	if d := w.sleep(); d < time.Hour {
		at := w.s.elapsed() + d
		if w.alarm != 0 && w.alarm <= at {
			return
		}
		w.alarm = at
		w.s.process(d, "try again", func() {
			if w.alarm == at {
				w.alarm = 0
				w.turn()
			}
		})
	}
}

func (w *simSender) start(c alerting.Call) {
	w.try++
	try := w.try
	w.since = w.s.elapsed()
	w.s.oracle.attempted(w, c)
	takes, a := w.s.world.carry(w.route, c)
	if takes >= w.tryFor {
		takes, a = w.tryFor, attempt{retry: true, err: context.DeadlineExceeded}
	}
	end := func(a attempt) func() {
		return func() {
			if w.try != try || w.current == nil {
				return
			}
			w.try++
			w.busy += w.s.elapsed() - w.since
			w.over = w.s.elapsed()
			if a.err == nil {
				w.s.oracle.carried[w.current.call.ID] = true
			}
			w.done(context.Background(), a)
			w.turn()
		}
	}
	w.cancel = func() { w.s.process(0, "cut short", end(attempt{retry: true, err: context.Canceled})) }
	w.s.process(takes, "tried", end(a))
}

// occupied is how long it has been trying in all.
func (w *simSender) occupied() time.Duration {
	if w.current != nil {
		return w.busy + w.s.elapsed() - w.since
	}
	return w.busy
}
