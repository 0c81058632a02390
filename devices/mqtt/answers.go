package mqtt

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// maxUnanswered bounds what one connection may have open: MQTT has no more
// packet identifiers than that (3.1.1, section 2.3.1).
const maxUnanswered = 1<<16 - 1

var errTooManyUnanswered = errors.New("more messages unanswered than there are packet identifiers")

// answers releases the answers of one connection in the order in which its
// messages arrived (3.1.1, section 4.6), whatever the order in which they were
// decided. The first one that failed ends it: neither that message nor any
// behind it is answered on this connection, so that all of them come again on
// the next.
//
// Behind a broker that sends no more than so many unanswered messages (stock
// mosquitto: twenty), a press that stays unanswered because the disk stands
// still would keep the next press from being heard at all. So, where overtake
// is set, a message that has waited for that long may be overtaken: help goes
// before the order of answers. Brokers take answers by their packet identifier.
type answers struct {
	overtake time.Duration // 0: never

	// together runs a function that releases answers, so that they can leave in
	// one piece.
	together func(func())

	// failed is told once, from run, why the connection must be given up.
	failed func(error)

	wake  chan struct{} // something was decided
	ended chan struct{} // closed by end

	mu        sync.Mutex
	over      bool
	waiting   []*place // oldest first
	releasing bool     // some that wait no more have not left yet
	settled   chan struct{}
}

// A place is one message that waits for its answer.
type place struct {
	at      time.Time
	release func() error // sends the answer; may block on the connection
	decided bool
	err     error
}

func newAnswers(failed func(error)) *answers {
	return &answers{together: func(do func()) { do() }, failed: failed, wake: make(chan struct{}, 1), ended: make(chan struct{})}
}

// expect gives a message its place behind those before it; the caller keeps the
// order of arrival. The answer may come from any goroutine, never blocks, and
// counts once.
func (a *answers) expect(release func() error) (answer func(error), err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over { // the connection is dead: this comes again
		return func(error) {}, nil
	}
	if len(a.waiting) >= maxUnanswered {
		return nil, errTooManyUnanswered
	}
	p := &place{release: release, at: time.Now()}
	a.waiting = append(a.waiting, p)
	return func(err error) { a.decide(p, err) }, nil
}

func (a *answers) decide(p *place, err error) {
	a.mu.Lock()
	if a.over || p.decided {
		a.mu.Unlock()
		return
	}
	p.decided, p.err = true, err
	tell := a.overtake > 0 || a.waiting[0] == p
	a.mu.Unlock()
	if tell {
		select {
		case a.wake <- struct{}{}:
		default: // run looks already
		}
	}
}

// run releases answers until end is called or one failed.
func (a *answers) run() {
	stuck := time.NewTimer(time.Hour)
	defer stuck.Stop()
	for {
		var err error
		a.together(func() { err = a.release() })
		if err != nil {
			if a.finish() {
				a.failed(err)
			}
			return
		}
		a.left()
		stuck.Reset(a.patience())
		select {
		case <-a.wake:
		case <-stuck.C:
		case <-a.ended:
			return
		}
	}
}

// release sends the answers that may leave now.
func (a *answers) release() error {
	for p := a.next(); p != nil; p = a.next() {
		if p.err != nil {
			return p.err
		}
		if err := p.release(); err != nil {
			return err
		}
	}
	return nil
}

// next takes the oldest place if it is decided, or, when that has been waiting
// for too long, the oldest that is.
func (a *answers) next() *place {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over || len(a.waiting) == 0 {
		return nil
	}
	i := 0
	if !a.waiting[0].decided {
		if a.overtake == 0 || time.Since(a.waiting[0].at) < a.overtake {
			return nil
		}
		if i = slices.IndexFunc(a.waiting, func(p *place) bool { return p.decided }); i < 0 {
			return nil
		}
	}
	p := a.waiting[i]
	if i == 0 {
		a.waiting[0] = nil
		a.waiting = a.waiting[1:]
	} else {
		a.waiting = slices.Delete(a.waiting, i, i+1)
	}
	a.releasing = true
	return p
}

// left says that everything released has left. Not before together has returned:
// a connection that is closed a moment earlier takes with it what was gathered.
func (a *answers) left() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.releasing = false
	if len(a.waiting) == 0 && a.settled != nil {
		close(a.settled)
		a.settled = nil
	}
}

// patience is how long until the oldest place may be overtaken.
func (a *answers) patience() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.overtake == 0 || len(a.waiting) == 0 {
		return time.Hour
	}
	left := a.overtake - time.Since(a.waiting[0].at)
	if left <= 0 { // it is being overtaken: only a decision is news
		return time.Hour
	}
	return left
}

// settle waits for a moment at which every message that came has its answer, at
// most for so long. Before a connection is left, so that little of what was said
// on it must be said again.
func (a *answers) settle(within time.Duration) {
	a.mu.Lock()
	if a.over || len(a.waiting) == 0 && !a.releasing {
		a.mu.Unlock()
		return
	}
	settled := make(chan struct{})
	a.settled = settled
	a.mu.Unlock()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-settled:
	case <-a.ended:
	case <-timer.C:
	}
}

// end drops every answer that is still to come.
func (a *answers) end() { a.finish() }

// finish reports whether this call was the one that ended it.
func (a *answers) finish() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return false
	}
	a.over, a.waiting = true, nil
	close(a.ended)
	return true
}
