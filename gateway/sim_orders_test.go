package gateway

import (
	"slices"
	"time"

	"telecare/alerting"
)

// Whether what a sender was given is tried in time.

// simOrder is a message that was handed to a channel's sender.
type simOrder struct {
	w     *simSender
	call  alerting.Call
	at    time.Duration
	busy  time.Duration // of the sender, then
	ahead int           // how many were waiting, and how many repeated calls were tried by then
	again bool          // it had failed before
}

// ordered: a message was handed to a channel's sender.
func (o *oracle) ordered(w *simSender, c alerting.Call) {
	delete(o.resend, c.ID)
	if _, there := o.onPhone[c.ID]; there {
		o.fail("%s to %s is on the telephone, and is sent again", c.ID, c.To)
	}
	if c.News != nil {
		o.newsOrdered(c)
	} else {
		o.says(c, w.route.channel)
	}
	if c.Reason == alerting.Calling {
		x := o.alarm(c.Alarm)
		x.called = o.s.elapsed()
	}
	if w.current != nil && w.current.call.ID == c.ID {
		return // it is being tried at this moment
	}
	if slices.Contains(w.accepted, c.ID) {
		return // its channel has it, which the loop is about to learn
	}
	o.withdrawn(c.ID)
	again := slices.ContainsFunc(w.waiting, func(m *message) bool { return m.call.ID == c.ID && m.tries > 0 })
	ahead := 0
	for _, x := range o.orders {
		if x.w == w {
			ahead++
		}
	}
	o.orders = append(o.orders, &simOrder{w, c, o.s.elapsed(), w.occupied(), ahead - w.repeated, again})
}

func (o *oracle) withdrawn(id alerting.NotificationID) {
	for i, x := range o.orders {
		if x.call.ID == id {
			o.orders = append(o.orders[:i], o.orders[i+1:]...)
			return
		}
	}
}

// waits is how long an order has been waiting for a sender that was free.
func (x *simOrder) waits() time.Duration {
	return x.w.s.elapsed() - x.at - (x.w.occupied() - x.busy)
}

// late reports whether it waits too long: what is new for more than a second;
// what has failed and is asked for again when no message at all was tried for
// longer than it takes to knock; a repeated call when its turn is over.
func (x *simOrder) late() bool {
	waits := x.waits()
	if x.again {
		waits = min(waits, x.w.s.elapsed()-x.w.over)
	}
	switch {
	case x.call.Repeat:
		return waits > 11*time.Second+repeatEvery*time.Duration(x.ahead+x.w.repeated+1) // those of a higher priority overtake it
	case x.again:
		return x.w.current == nil && waits > 11*time.Second
	default:
		return waits > time.Second
	}
}

// attempted: a message is handed to the channel itself.
func (o *oracle) attempted(w *simSender, c alerting.Call) {
	s := o.s
	s.trace("call", string(c.ID)+" "+string(c.To)+" "+string(c.Reason), int64(c.Step))
	for _, x := range o.orders {
		if x.call.ID == c.ID && x.late() {
			o.fail("%s to %s waited %s for a free channel", c.Reason, c.To, x.waits())
		}
	}
	o.withdrawn(c.ID)
	if w != nil && c.Repeat {
		w.repeated++
	}
	x := o.byID[c.Alarm]
	if c.Reason != alerting.Calling || x == nil || len(x.holds) == 0 {
		return
	}
	h := x.holds[len(x.holds)-1]
	has := h.by != "" && !h.doubtful && o.now().Before(h.until)
	if (has && c.To != h.by || h.closed) && s.elapsed() > h.at+time.Second {
		o.fail("%s was called for alarm %d at step %d, %s after %s had it (closed: %t)%s", c.To, c.Number, c.Step, s.elapsed()-h.at, h.by, h.closed, o.story(c.Alarm))
	}
}
