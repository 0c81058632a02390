package gateway

import "sync"

// mailbox hands values to one receiver, in order, without ever blocking the
// sender. What it may hold is bounded by the senders: a broker's messages in
// flight, the notifications of open alarms.
type mailbox[T any] struct {
	mu    sync.Mutex
	queue []T
	wake  chan struct{} // readable when there is something
}

func newMailbox[T any]() *mailbox[T] {
	return &mailbox[T]{wake: make(chan struct{}, 1)}
}

func (m *mailbox[T]) put(v T) {
	m.mu.Lock()
	m.queue = append(m.queue, v)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take returns all there is, oldest first, in exchange for a slice to reuse.
func (m *mailbox[T]) take(reuse []T) []T {
	clear(reuse)
	m.mu.Lock()
	defer m.mu.Unlock()
	q := m.queue
	m.queue = reuse[:0]
	return q
}

// drain takes all there is, behind what was taken before.
func (m *mailbox[T]) drain(to []T) []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	to = append(to, m.queue...)
	clear(m.queue)
	m.queue = m.queue[:0]
	return to
}
