package modem

import (
	"cmp"
	"context"
	"errors"
	"time"

	"telecare/alerting"
)

// job is one thing that somebody wants of the modem.
type job struct {
	ctx   context.Context
	what  string        // of which it is a try; the same for the next one
	call  alerting.Call // says what goes first
	since time.Time     // when the first try of it was asked for
	asked time.Time     // when this one was
	to    string
	text  string
	ref   uint16
	rings int // 0: a text message
	look  bool
	done  chan error

	receipt Receipt // for when it has arrived; zero for what nobody asks after
}

// remembered is how many tries are known; see before.
const remembered = 1000

// do waits until a job is done or its context ends. While nobody can be reached
// it fails at once, so that the person is called in another way.
func (m *Modem) do(j *job) error {
	j.done, j.asked = make(chan error, 1), time.Now()
	m.mu.Lock()
	if m.why != nil && !m.soft && !j.look {
		why := m.why
		m.mu.Unlock()
		return why
	}
	j.since = m.before[j.what]
	if j.since.IsZero() {
		j.since = time.Now()
		if len(m.before) >= remembered {
			clear(m.before) // some of what waits loses its place
		}
		m.before[j.what] = j.since
	}
	m.queue = append(m.queue, j)
	m.mu.Unlock()
	m.poke()
	defer context.AfterFunc(j.ctx, m.poke)() // its telephone stops ringing
	select {
	case err := <-j.done:
		return err
	case <-j.ctx.Done():
	}
	m.mu.Lock()
	waited := m.remove(j)
	m.mu.Unlock()
	switch {
	case errors.Is(j.ctx.Err(), context.Canceled):
		return m.because(Canceled, context.Canceled)
	case waited:
		return m.because(InLine, errors.New("others are before it; its turn comes"))
	}
	return m.because(Timeout, errors.New("the modem took too long"))
}

func (m *Modem) poke() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// remove takes a job out of the queue, and reports whether it was there.
func (m *Modem) remove(j *job) bool {
	for i, x := range m.queue {
		if x == j {
			m.queue = append(m.queue[:i:i], m.queue[i+1:]...)
			return true
		}
	}
	return false
}

// next takes the first job in the order of alerting.CompareCalls, of those that
// are alike the one that waits longest; no call while one is under way. Nil when
// there is none. Who was told that others are before them has kept their place.
func (m *Modem) next(calling bool) *job {
	m.mu.Lock()
	defer m.mu.Unlock()
	var best *job
	for _, j := range m.queue {
		if j.ctx.Err() != nil || calling && j.rings > 0 {
			continue
		}
		if best == nil || cmp.Or(alerting.CompareCalls(j.call, best.call), j.since.Compare(best.since)) < 0 {
			best = j
		}
	}
	if best != nil {
		m.remove(best)
	}
	return best
}

// failAll answers all that waits, for a modem that is gone.
func (m *Modem) failAll(e *Error) {
	m.mu.Lock()
	waiting := m.queue
	m.queue = nil
	m.mu.Unlock()
	for _, j := range waiting {
		j.done <- e
	}
}
