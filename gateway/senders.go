package gateway

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"telecare/alerting"
)

// senders carry notifications: one goroutine a channel and responder, and one more
// for what they are only told, so that a channel that hangs for one keeps nobody
// else waiting, and no call waits for news. The loop alone calls
// its methods.
type senders struct {
	g    *Gateway
	ctx  context.Context
	end  context.CancelFunc
	all  map[route]*sender
	wait sync.WaitGroup
}

// route is the way to one responder over one channel; to one who is told and not
// called it is another one.
type route struct {
	channel alerting.ChannelID
	to      alerting.Person
	news    bool
}

func routeOf(n alerting.Notify) route { return route{n.Channel, n.To, n.Reason == alerting.Informing} }

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
	r := routeOf(n)
	w := s.all[r]
	if w == nil {
		n := s.g.o.Notifiers[r.channel]
		w = &sender{
			route: r, given: n, notifier: n, tryFor: s.g.o.TryFor,
			meter: s.g.o.Meter, inbox: newMailbox[order](), result: s.result,
		}
		s.all[r] = w
		s.wait.Go(func() { w.run(s.ctx) })
	}
	w.inbox.put(order{call: c})
	s.g.tests.inbox.put(testNotice{call: r.channel})
}

func (s *senders) withdraw(e alerting.Withdraw) {
	for _, news := range []bool{false, true} {
		if w := s.all[route{e.Channel, e.To, news}]; w != nil {
			w.inbox.put(order{withdraw: e.ID})
		}
	}
}

// replace gives the senders of every channel that is another one now the new
// one. Those of a channel that is gone end.
func (s *senders) replace(now map[alerting.ChannelID]Notifier) {
	for r, w := range s.all {
		n := now[r.channel]
		if w.given == n {
			continue
		}
		w.given = n
		w.inbox.put(order{other: true, by: n})
		if n == nil {
			delete(s.all, r)
		}
	}
}

// result gives the machine what became of a try, and notes whether the channel
// works at all.
func (s *senders) result(w *sender, c alerting.Call, via Notifier, word string, first bool) {
	if word == "" || first {
		s.g.inbox.put(item{in: alerting.Sent{Alarm: c.Alarm, Notification: c.ID, Error: word}})
	}
	ch := w.route.channel
	if word == alerting.InLine {
		return // which says nothing of whether it works
	}
	s.g.inbox.put(item{condition: &condition{alerting.ChannelDown, string(ch)}, on: word != "", channel: ch, via: via})
	s.g.tests.inbox.put(testNotice{call: ch, via: cmp.Or[Notifier](via, retired{}), word: word})
}

// order is a message to send, one to withdraw, or another notifier to use.
type order struct {
	call     alerting.Call
	withdraw alerting.NotificationID
	other    bool
	by       Notifier // nil: the channel is gone
}

// sender carries messages to one responder over one channel, one try at a
// time, each until the channel accepts it or it is withdrawn.
type sender struct {
	route  route
	given  Notifier // the loop's own: what it was told to use
	tryFor time.Duration
	meter  Meter
	inbox  *mailbox[order]
	result func(w *sender, c alerting.Call, via Notifier, word string, first bool)

	notifier Notifier
	gone     bool // the channel is no more
	waiting  []*message
	current  *message                  // being tried
	cut      bool                      // that try was ended for another notifier, or another message
	accepted []alerting.NotificationID // by the channel, the newest last
	cancel   context.CancelFunc

	failures int       // in a row
	answers  bool      // the last of them was an answer
	tried    time.Time // when the last one failed
	again    time.Time // when what failed is tried again
	repeats  time.Time // until when repeated calls have taken their turns
}

// maxAccepted is how many accepted messages a sender knows; what it needs to
// know is the last moment's.
const maxAccepted = 100

// message is one notification and how its tries went.
type message struct {
	call  alerting.Call
	since time.Time
	tries int
	alone bool      // it failed when the one before had not
	next  time.Time // when it is tried again, if alone
}

// attempt is the result of one try.
type attempt struct {
	via   Notifier
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
			if w.gone {
				w.giveUp(ctx, tried)
				return
			}
		case a := <-tried:
			w.cancel()
			w.done(ctx, a)
		case <-timer.C:
		}
	}
}

// accept takes an order: a message that waits already is due soon, with its
// newest words.
func (w *sender) accept(o order) {
	if o.other {
		w.use(o.by)
		return
	}
	for i, m := range w.waiting {
		if m.call.ID != o.withdraw && m.call.ID != o.call.ID {
			continue
		}
		if o.withdraw == "" {
			m.call, m.alone = o.call, false
			w.soon(time.Now())
			return
		}
		w.waiting = append(w.waiting[:i:i], w.waiting[i+1:]...)
		if m == w.current {
			w.cancel()
		}
		return
	}
	// The next step calls for the same message again when it does not know yet
	// that the channel has just accepted it. It would be sent twice, and nobody
	// would withdraw what is known as delivered.
	if o.withdraw == "" && !slices.Contains(w.accepted, o.call.ID) {
		w.waiting = append(w.waiting, &message{call: o.call, since: time.Now()})
		if w.current != nil && technical(w.current.call) && !technical(o.call) {
			w.cut = true // somebody needs help: what is broken can wait
			w.cancel()
		}
	}
}

// technical reports whether a call is of faults alone.
func technical(c alerting.Call) bool { return c.Kind == string(alerting.Technical) }

// use goes on by another notifier. How long the old one was to be left alone,
// and a try of it under way, are of no interest any more.
func (w *sender) use(n Notifier) {
	w.notifier, w.gone = n, n == nil
	w.failures, w.again = 0, time.Now()
	for _, m := range w.waiting {
		m.alone = false
	}
	if w.current != nil {
		w.cut = true
		w.cancel()
	}
}

// giveUp tells of everything that still waits that it cannot be sent.
func (w *sender) giveUp(ctx context.Context, tried <-chan attempt) {
	if w.current != nil {
		a := <-tried
		w.cancel()
		w.done(ctx, a)
	}
	for _, m := range w.waiting {
		w.result(w, m.call, retired{}, errNoChannel.Error(), true)
	}
}

// retired is in nobody's wiring: what it did says nothing of a channel.
type retired struct{}

func (retired) Notify(context.Context, alerting.Call) (bool, error) { return true, errNoChannel }

// start tries the first message that is due, if none is being tried.
func (w *sender) start(ctx context.Context, tried chan<- attempt) {
	m := w.pick()
	if m == nil {
		return
	}
	var try context.Context
	try, w.cancel = context.WithTimeout(ctx, w.tryFor)
	call := m.call
	a := attempt{via: w.notifier, retry: true, err: errNoChannel}
	go func() {
		began := time.Now()
		if a.via != nil {
			a.retry, a.err = a.via.Notify(try, call)
		}
		w.meter.Observe("telecare_notification_seconds", string(w.route.channel), time.Since(began).Seconds())
		tried <- a
	}()
}

// pick makes the next message that is due the current one; nil when none is,
// or one is being tried.
func (w *sender) pick() *message {
	if w.current != nil {
		return nil
	}
	now := time.Now()
	w.dropOldNews(now)
	w.current = w.next(now)
	if w.current != nil {
		w.current.tries++
	}
	return w.current
}

// sleep is how long nothing is due.
func (w *sender) sleep() time.Duration {
	if w.current != nil {
		return time.Hour
	}
	d := time.Hour
	for _, m := range w.waiting {
		d = min(d, max(time.Until(w.dueAt(m)), 0))
	}
	return d
}

// done deals with the result of the try under way.
func (w *sender) done(ctx context.Context, a attempt) {
	m, cut := w.current, w.cut
	w.current, w.cut = nil, false
	if ctx.Err() != nil {
		return
	}
	if a.err == nil {
		w.meter.Count("telecare_notifications_total", string(w.route.channel), 1)
		w.drop(m)
		w.succeeded(m, time.Now())
		if len(w.accepted) == maxAccepted {
			w.accepted = slices.Delete(w.accepted, 0, 1)
		}
		w.accepted = append(w.accepted, m.call.ID)
		w.result(w, m.call, a.via, "", m.tries == 1)
		return
	}
	if !w.waits(m) {
		return // withdrawn meanwhile: the try was cut short
	}
	if cut {
		m.tries-- // that one does not count
		return
	}
	if a.retry && word(a.err) == alerting.InLine { // it goes on waiting
		w.result(w, m.call, a.via, alerting.InLine, m.tries == 1)
		m.alone, w.again = false, time.Now()
		return
	}
	w.meter.Count("telecare_notification_failures_total", string(w.route.channel), 1)
	w.result(w, m.call, a.via, word(a.err), m.tries == 1)
	if !a.retry {
		w.drop(m)
		return
	}
	w.failed(m, word(a.err), time.Now())
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
