package gateway

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// simulation is one night: the machine and the loop's own code, driven event
// by event from one goroutine inside a bubble of fake time, so that a seed
// gives the same night bit by bit. What stands behind the loop are the lanes of
// sim_lanes_test.go, what stands around it the world of sim_world_test.go, and
// what must hold is in sim_oracle_test.go.
type simulation struct {
	seed   uint64
	rng    *rand.Rand
	mutant mutant
	began  time.Time
	events simEvents
	count  int64  // of events ever
	hash   uint64 // of the trace
	tail   []string
	tracks bool // keeps the whole trace's end in words

	real *assembly // the whole gateway instead, with its goroutines

	disk    *simDisk
	wallSet time.Duration // by how much the clock on the wall is wrong
	trouble
	world  *world
	oracle *oracle

	// Of the process under way:
	life    int
	up      bool
	g       *Gateway
	pending []simItem       // taken from the inbox, not yet decided
	turning bool            // an event for the first of them is on its way
	current *simMessage     // whose frame is being decided
	actor   alerting.Person // whose answer is
	armed   time.Duration   // when an event for the next deadline comes; -1: none
	commit  *simCommit
	senders *simSenders
	watched bool
	crashIn int // events until the next crash
	crashes int
	boots   int
	took    time.Duration
}

type simItem struct {
	item
	from *simMessage
}

type simEvent struct {
	at   time.Duration
	n    int64
	life int // of the process that ends with it; 0 is the world's
	what string
	do   func()
}

type simEvents []simEvent

func (q simEvents) Len() int { return len(q) }
func (q simEvents) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].at, q[j].at), cmp.Compare(q[i].n, q[j].n)) < 0
}
func (q simEvents) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *simEvents) Push(x any)   { *q = append(*q, x.(simEvent)) }
func (q *simEvents) Pop() any {
	e := (*q)[len(*q)-1]
	(*q)[len(*q)-1] = simEvent{}
	*q = (*q)[:len(*q)-1]
	return e
}

func newSimulation(seed uint64, presses int, m mutant, real *assembly) *simulation {
	s := &simulation{
		seed: seed, rng: rand.New(rand.NewPCG(seed, 0x74656c6563617265)), mutant: m,
		began: time.Now(), hash: 14695981039346656037, disk: &simDisk{},
	}
	s.oracle = newOracle(s)
	if s.real = real; real != nil {
		real.s = s
	} else {
		s.wallSet = s.evening().Sub(s.began)
	}
	s.world = newWorld(s, presses)
	return s
}

// evening is when the night begins: on any day of three years, or on one on
// which the clocks are changed.
func (s *simulation) evening() time.Time {
	at := time.Date(2026, 1, 1, 0, s.rng.IntN(3*365*24*60), s.rng.IntN(60), 0, time.UTC)
	if s.chance(15) { // shortly before another day of the week
		y, m, d := at.In(warsaw).Date()
		return time.Date(y, m, d, 23, 48+s.rng.IntN(12), s.rng.IntN(60), 0, warsaw)
	}
	if s.chance(25) {
		for offset(at) == offset(at.Add(time.Hour)) {
			at = at.Add(time.Hour)
		}
	}
	return at
}

func offset(t time.Time) int { _, is := t.In(warsaw).Zone(); return is }

func (s *simulation) elapsed() time.Duration { return time.Since(s.began) }

// later has the world do something.
func (s *simulation) later(d time.Duration, what string, do func()) { s.push(d, 0, what, do) }

// process has the process under way do something, if it lives that long.
func (s *simulation) process(d time.Duration, what string, do func()) { s.push(d, s.life, what, do) }

func (s *simulation) push(d time.Duration, life int, what string, do func()) {
	s.count++
	heap.Push(&s.events, simEvent{at: s.elapsed() + max(d, 0), n: s.count, life: life, what: what, do: do})
}

// between draws a duration.
func (s *simulation) between(from, to time.Duration) time.Duration {
	return from + time.Duration(s.rng.Int64N(int64(to-from)+1))
}

// chance is true p times in a hundred.
func (s *simulation) chance(p float64) bool { return s.rng.Float64()*100 < p }

// trace makes something part of what a seed gives.
func (s *simulation) trace(what, about string, n int64) {
	h := s.hash
	mix := func(b byte) { h = (h ^ uint64(b)) * 1099511628211 }
	at := s.elapsed()
	for i := range 8 {
		mix(byte(at >> (8 * i)))
		mix(byte(n >> (8 * i)))
	}
	for i := range len(what) {
		mix(what[i])
	}
	mix(0)
	for i := range len(about) {
		mix(about[i])
	}
	s.hash = h
	if s.tracks {
		s.tail = append(s.tail, fmt.Sprintf("%12s %s %s %d", at, what, about, n))
		if len(s.tail) > 100000 {
			s.tail = append(s.tail[:0], s.tail[50000:]...)
		}
	}
}

// run goes on until the night is over or the oracle has found something.
func (s *simulation) run() {
	s.boot()
	s.world.begin()
	for len(s.events) > 0 && s.oracle.failure == "" && !s.world.over {
		e := heap.Pop(&s.events).(simEvent)
		if e.life != 0 && e.life != s.life {
			continue
		}
		if d := e.at - s.elapsed(); d > 0 {
			time.Sleep(d)
		}
		if e.life != 0 && e.what != "beat" && e.what != "look" && s.crashesNow() {
			s.trace("crash before", e.what, 0)
			s.crash()
			continue
		}
		if e.what != "beat" && e.what != "look" && e.what != "sweep" {
			s.trace(e.what, "", 0)
		}
		e.do()
		s.poll()
	}
	if s.oracle.failure == "" {
		s.oracle.audit()
	}
}

func (s *simulation) crashesNow() bool {
	if s.crashIn == 0 || s.world.calm {
		return false
	}
	s.crashIn--
	return s.crashIn == 0
}

// boot starts a process on what the disk holds: Gateway.Run without goroutines.
func (s *simulation) boot() {
	s.life++
	s.boots++
	if s.real != nil {
		s.real.boot()
		return
	}
	s.g = New(Options{
		Site: s.mutant.site(s.world.site), Journal: s.disk, History: s.disk, Readings: noStore{},
		Publishers: []Publisher{s.oracle},
		Meter:      noMeter{}, Log: slog.New(slog.DiscardHandler),
	})
	s.commit = &simCommit{s: s}
	s.senders = newSimSenders(s)
	s.g.clock.wall = func() time.Time { return time.Now().Round(0).Add(s.wallSet) }
	s.g.commit, s.g.spool, s.g.senders = s.commit, &simSpool{s: s}, s.senders
	s.pending, s.turning, s.watched, s.armed, s.current, s.actor = nil, false, false, -1, nil, ""
	if err := s.g.recover(context.Background()); err != nil {
		s.oracle.fail("recover: %v", err)
		return
	}
	s.mutant.recovered(s)
	s.oracle.recovered()
	w := s.watch()
	w.setSite(s.g.site)
	s.g.begin()
	s.up = true
	s.oracle.begun()
	s.crashIn = 1 + int(s.rng.ExpFloat64()*s.world.eventsPerCrash)
	s.trace("begun", "", s.g.seq)
	s.beat()
	s.process(s.between(0, time.Second), "look", s.look)
	s.poll()
	s.arm()
}

func (s *simulation) watch() *watch { return s.g.watch.(*watch) }

// crash ends the process. A kill keeps what was written, a power cut what was
// synced and perhaps some of the rest.
func (s *simulation) crash() {
	if !s.up {
		return
	}
	s.crashes++
	s.life++
	s.up = false
	if s.real != nil {
		s.real.sever()
	}
	kill := s.chance(50)
	s.disk.cut(func(of int) int {
		if kill {
			return of
		}
		return s.rng.IntN(of + 1)
	})
	s.trace("crashed", "", int64(len(s.disk.recs)))
	s.oracle.crashed(int64(len(s.disk.recs)))
	s.world.crashed()
	down := s.between(100*time.Millisecond, 3*time.Second)
	switch {
	case s.chance(10):
		down = s.between(10*time.Second, 2*time.Minute)
	case s.chance(1):
		down = s.between(10*time.Minute, time.Hour)
	}
	s.later(down, "boot", func() { s.boot(); s.world.booted() })
}

// poll hands on what the process has put into its inboxes.
func (s *simulation) poll() {
	if !s.up || s.real != nil {
		return
	}
	for _, it := range s.g.inbox.take(nil) {
		s.pending = append(s.pending, simItem{item: it})
	}
	if len(s.pending) > 0 && !s.turning {
		s.turning = true
		s.process(s.pause(), "item", s.decide)
	}
	if w := s.watch(); !s.watched && w.inbox.filled() {
		s.watched = true
		s.process(s.pause(), "notice", func() {
			s.watched = false
			for _, n := range w.inbox.take(nil) {
				w.notice(&n)
			}
		})
	}
}

func (m *mailbox[T]) filled() bool { m.mu.Lock(); defer m.mu.Unlock(); return len(m.queue) > 0 }

// pause is how long a goroutine may wait for its turn: a busy machine, a
// collection of garbage.
func (s *simulation) pause() time.Duration {
	switch r := s.rng.Float64(); {
	case r < 0.001:
		return s.between(0, 200*time.Millisecond)
	case r < 0.02:
		return s.between(0, 5*time.Millisecond)
	}
	return s.between(0, 50*time.Microsecond)
}

// decide is one turn of the loop. A crash may come between any two.
func (s *simulation) decide() {
	s.turning = false
	it := s.pending[0]
	s.pending = s.pending[1:]
	s.current, s.actor = it.from, actor(it.in)
	s.oracle.foresee(it.in)
	if !s.mutant.item(s, &it) {
		s.g.item(&it.item)
	}
	if s.current != nil {
		s.oracle.sensed(s.current)
		s.oracle.heard(s.current, it.frame)
	}
	if sent, ok := it.in.(alerting.Sent); ok && sent.Error == "" {
		s.oracle.known[sent.Notification] = s.g.seq
		if sent.Arrived {
			s.oracle.arrived(sent)
		}
	}
	s.current, s.actor = nil, ""
	s.arm()
}

// answers gives the process a person's answer.
func (s *simulation) answers(in alerting.Input, decided func(r *alerting.Refused, seq int64)) {
	if s.real != nil {
		s.real.answers(in, decided)
		return
	}
	s.g.inbox.put(item{in: in, decided: func(effects []alerting.Effect) { decided(refusal(effects), s.g.seq) }, answer: func(error) {}})
}

// receive gives the process a frame.
func (s *simulation) receive(f devices.Frame, d *simMessage, answer func(error)) {
	if s.real != nil {
		s.real.receive(f, answer)
		return
	}
	s.g.Handle(f, answer)
	s.poll()
	last := &s.pending[len(s.pending)-1]
	last.from = d
	s.mutant.received(s)
}

// arm sets the timer to the machine's next deadline, as the loop does after
// every turn.
func (s *simulation) arm() {
	next := s.g.machine.Next()
	if next.IsZero() {
		return
	}
	at := s.elapsed() + max(next.Sub(s.g.clock.now()), 0)
	if at == s.armed {
		return
	}
	s.armed = at
	s.process(at-s.elapsed(), "deadline", func() {
		if s.armed == at {
			s.armed = -1
			s.g.tick()
			s.arm()
		}
	})
}

func (s *simulation) beat() {
	s.g.beat()
	s.arm()
	s.process(time.Second, "beat", s.beat)
}

func (s *simulation) look() {
	s.watch().look()
	s.process(time.Second, "look", s.look)
}

// noStore keeps no readings: the lane before it is the simulation's own.
type noStore struct{}

func (noStore) Append(context.Context, []devices.Sample, []alerting.Alarm) error { return nil }
