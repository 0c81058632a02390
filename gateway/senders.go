package gateway

import (
	"context"
	"sync"
	"time"

	"telecare/alerting"
)

// senders carry notifications: one goroutine a channel and responder, so that
// a channel that hangs for one keeps nobody else waiting. The loop alone calls
// its methods.
type senders struct {
	g    *Gateway
	ctx  context.Context
	end  context.CancelFunc
	all  map[route]*sender
	wait sync.WaitGroup
}

// route is the way to one responder over one channel.
type route struct {
	channel alerting.ChannelID
	to      alerting.Person
}

func newSenders(g *Gateway) *senders {
	ctx, end := context.WithCancel(context.Background())
	return &senders{g: g, ctx: ctx, end: end, all: map[route]*sender{}}
}

// stop ends all tries under way. What had no result is sent again after the
// next start.
func (s *senders) stop() {
	s.end()
	s.wait.Wait()
}

func (s *senders) send(n alerting.Notify, c alerting.Call) {
	r := route{n.Channel, n.To}
	w := s.all[r]
	if w == nil {
		w = &sender{
			route: r, notifier: s.g.o.Notifiers[r.channel], tryFor: s.g.o.TryFor,
			meter: s.g.o.Meter, inbox: newMailbox[order](), result: s.result,
		}
		s.all[r] = w
		s.wait.Go(func() { w.run(s.ctx) })
	}
	w.inbox.put(order{call: c})
}

func (s *senders) withdraw(e alerting.Withdraw) {
	if w := s.all[route{e.Channel, e.To}]; w != nil {
		w.inbox.put(order{withdraw: e.ID})
	}
}

// result gives the machine what became of a try, and notes whether the channel
// works at all.
func (s *senders) result(r route, c alerting.Call, word string, first bool) {
	if word == "" || first {
		s.g.inbox.put(item{in: alerting.Sent{Alarm: c.Alarm, Notification: c.ID, Error: word}})
	}
	s.g.Condition(alerting.ChannelDown, string(r.channel), word != "")
}

// order is a message to send, or one to withdraw.
type order struct {
	call     alerting.Call
	withdraw alerting.NotificationID
}

// sender carries messages to one responder over one channel, one try at a
// time, each until the channel accepts it or it is withdrawn.
type sender struct {
	route    route
	notifier Notifier
	tryFor   time.Duration
	meter    Meter
	inbox    *mailbox[order]
	result   func(r route, c alerting.Call, word string, first bool)

	waiting []*message
	current *message // being tried
	cancel  context.CancelFunc
}

// message is one notification and how its tries went.
type message struct {
	call  alerting.Call
	since time.Time
	tries int
	next  time.Time
}

// attempt is the result of one try.
type attempt struct {
	retry bool
	err   error
}

func (w *sender) run(ctx context.Context) {
	tried := make(chan attempt, 1)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		w.start(ctx, tried)
		timer.Reset(w.sleep())
		select {
		case <-ctx.Done():
			if w.current != nil {
				<-tried
				w.cancel()
			}
			return
		case <-w.inbox.wake:
			for _, o := range w.inbox.take(nil) {
				w.accept(o)
			}
		case a := <-tried:
			w.cancel()
			w.done(ctx, a)
		case <-timer.C:
		}
	}
}

// accept takes an order: a message that waits already is due now, with its
// newest words.
func (w *sender) accept(o order) {
	for i, m := range w.waiting {
		if m.call.ID != o.withdraw && m.call.ID != o.call.ID {
			continue
		}
		if o.withdraw == "" {
			m.call, m.next = o.call, time.Now()
			return
		}
		w.waiting = append(w.waiting[:i:i], w.waiting[i+1:]...)
		if m == w.current {
			w.cancel()
		}
		return
	}
	if o.withdraw == "" {
		w.waiting = append(w.waiting, &message{call: o.call, since: time.Now(), next: time.Now()})
	}
}

// start tries the first message that is due, if none is being tried.
func (w *sender) start(ctx context.Context, tried chan<- attempt) {
	m := w.pick()
	if m == nil {
		return
	}
	var try context.Context
	try, w.cancel = context.WithTimeout(ctx, w.tryFor)
	call := m.call
	go func() {
		began := time.Now()
		a := attempt{retry: true, err: errNoChannel}
		if w.notifier != nil {
			a.retry, a.err = w.notifier.Notify(try, call)
		}
		w.meter.Observe("telecare_notification_seconds", string(w.route.channel), time.Since(began).Seconds())
		tried <- a
	}()
}

// pick makes the first message that is due the current one; nil when none is,
// or one is being tried.
func (w *sender) pick() *message {
	if w.current != nil {
		return nil
	}
	now := time.Now()
	for _, m := range w.waiting {
		if !m.next.After(now) {
			w.current = m
			m.tries++
			return m
		}
	}
	return nil
}

// sleep is how long nothing is due.
func (w *sender) sleep() time.Duration {
	if w.current != nil {
		return time.Hour
	}
	d := time.Hour
	for _, m := range w.waiting {
		d = min(d, max(time.Until(m.next), 0))
	}
	return d
}

// done deals with the result of the try under way.
func (w *sender) done(ctx context.Context, a attempt) {
	m := w.current
	w.current = nil
	if ctx.Err() != nil {
		return
	}
	if a.err == nil {
		w.meter.Count("telecare_notifications_total", string(w.route.channel), 1)
		w.drop(m)
		w.result(w.route, m.call, "", m.tries == 1)
		return
	}
	if !w.waits(m) {
		return // withdrawn meanwhile: the try was cut short
	}
	w.meter.Count("telecare_notification_failures_total", string(w.route.channel), 1)
	w.result(w.route, m.call, word(a.err), m.tries == 1)
	if !a.retry || m.call.Reason == alerting.Stopped && time.Since(m.since) > alerting.StopFor {
		w.drop(m)
		return
	}
	// 0.5, 1, 2, 4, 8, 10, 10, … seconds
	m.next = time.Now().Add(min(500*time.Millisecond<<min(m.tries-1, 5), 10*time.Second))
}

func (w *sender) waits(m *message) bool {
	for _, x := range w.waiting {
		if x == m {
			return true
		}
	}
	return false
}

func (w *sender) drop(m *message) {
	for i, x := range w.waiting {
		if x == m {
			w.waiting = append(w.waiting[:i:i], w.waiting[i+1:]...)
			return
		}
	}
}
