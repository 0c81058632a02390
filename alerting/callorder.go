package alerting

import "cmp"

// CompareCalls orders calls that wait for the same thing, negative when a goes
// first: a first call before an offer, that before a stop, that before a repeated
// call, what is technical or no more than news after all of them; then the higher priority, and of
// first calls that of the newest alarm. Of two that are the same in all that the
// one that waits longer is to go first.
func CompareCalls(a, b Call) int {
	order := cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Priority.level(), b.Priority.level()))
	if order == 0 && !a.Repeat {
		order = b.RaisedAt.Compare(a.RaisedAt)
	}
	return order
}

// rank is the lower for what goes first.
func (c Call) rank() int {
	switch {
	case c.Kind == string(Technical), c.News != nil: // nobody is to come
		return 4
	case c.Repeat:
		return 3
	case c.Reason == Stopped:
		return 2
	case c.Reason == Offered:
		return 1
	}
	return 0
}

// level orders priorities; one that nobody knows is a high one.
func (p Priority) level() int {
	switch p {
	case Medium:
		return 1
	case Low:
		return 2
	}
	return 0
}
