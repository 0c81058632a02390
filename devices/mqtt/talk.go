package mqtt

import (
	"sync"
	"time"
)

// settleAfter is how long a sender may take to read an answer, or to repeat
// what it believes unanswered.
const settleAfter = 30 * time.Second

// A talk notes how a sender goes on speaking in one session, over all of its
// connections, to tell which answers it must have. A sender that connects again
// repeats what was not answered (3.1.1, section 4.4). One that has been
// connected for settleAfter, repeats nothing any more and still speaks (a ping
// is enough) has had every answer that was given before that. If it repeats
// such a message all the same, that is perhaps another one that looks alike.
type talk struct {
	mu      sync.Mutex
	from    time.Time // since when it is connected and repeats nothing
	settled time.Time
}

// begin is a new connection.
func (t *talk) begin(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.from = now
}

// spoke is any sign from the sender.
func (t *talk) spoke(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := now.Add(-settleAfter); !t.from.IsZero() && !s.Before(t.from) && s.After(t.settled) {
		t.settled = s
	}
}

// heard is a message; dup says that the sender repeats it. It returns up to
// when answers have reached the sender, as far as is known before it.
func (t *talk) heard(dup bool, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if dup {
		t.from = now
	}
	return t.settled
}
