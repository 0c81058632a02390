package alerting

import (
	"cmp"
	"container/heap"
	"time"
)

// timer is the place in the queue of deadlines of whatever has one. It is not
// part of the state: Restore sets it from the deadline that is.
type timer struct {
	when  time.Time
	order string // decides between equals, so that the order never depends on anything else
	pass  func(*Machine)
	place int // in the queue, from 1; 0 when not in it
}

// dues is a heap of timers, the earliest first.
type dues []*timer

func (d dues) Len() int { return len(d) }
func (d dues) Less(i, j int) bool {
	return cmp.Or(d[i].when.Compare(d[j].when), cmp.Compare(d[i].order, d[j].order)) < 0
}
func (d dues) Swap(i, j int) { d[i], d[j] = d[j], d[i]; d[i].place, d[j].place = i+1, j+1 }
func (d *dues) Push(x any)   { t := x.(*timer); t.place = len(*d) + 1; *d = append(*d, t) }
func (d *dues) Pop() any {
	t := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	t.place = 0
	return t
}

// set puts a timer where its deadline belongs.
func (d *dues) set(t *timer, when time.Time) {
	t.when = when
	if t.place == 0 {
		heap.Push(d, t)
		return
	}
	heap.Fix(d, t.place-1)
}

// stop takes a timer out.
func (d *dues) stop(t *timer) {
	if t.place > 0 {
		heap.Remove(d, t.place-1)
	}
}

// passDeadlines does what is due. It is bounded: each timer that is passed is
// set later than now, or stopped.
func (m *Machine) passDeadlines() {
	for len(m.due) > 0 && !m.due[0].when.After(m.now) {
		m.due[0].pass(m)
	}
}
