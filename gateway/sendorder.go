package gateway

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
)

// What a sender tries next, and when:
//
//   - What is new is tried at once, whatever became of the one before: an
//     emergency is never throttled.
//   - Of what is due a first call goes before an offer, an offer before a stop,
//     a stop before a repeated call; among first calls the higher priority, then
//     the newest alarm. After an outage that is the order in which they arrive.
//   - While the channel fails one message is tried again at a time, 0.5, 1, 2, 4,
//     8, 10, 10, … seconds apart: an outage ends with one knock, not with one
//     for each that waits. The first that succeeds lets all others go.
//   - A message that fails while others succeed waits by itself. While the other
//     end answers and takes none, it may be this one that it does not like:
//     every third try is another one's.
//   - Repeated calls, of alarms to which this person was called over this
//     channel already, are repeatsAtOnce at once and then repeatEvery apart, in
//     turn: with two hundred open alarms a phone still can be used to answer.
//   - What somebody is only told has a sender of its own, and waits there for
//     alerting.InformFor at most: nothing here is put before or behind it.
//   - What is technical goes after all of that, and its try is ended for it.

// Bounds of repeated calls to one person over one channel.
const (
	repeatsAtOnce = 5
	repeatEvery   = 5 * time.Second
)

// backoff is how long a sender waits after so many failures in a row.
func backoff(failures int) time.Duration {
	return min(500*time.Millisecond<<min(failures-1, 5), 10*time.Second)
}

// repeated reports whether a call is one of an alarm to which its responder was
// called over this channel before, and nothing has changed since.
func repeated(n alerting.Notify, a alerting.Alarm) bool {
	return n.Reason == alerting.Calling && a.State == alerting.Raised && slices.ContainsFunc(a.Calls, func(c alerting.Notification) bool {
		return c.To == n.To && c.Channel == n.Channel && c.Reason == n.Reason && c.State == alerting.Delivered
	})
}

// before reports whether a goes before b.
func before(a, b *message) bool {
	return cmp.Or(alerting.CompareCalls(a.call, b.call), a.since.Compare(b.since)) < 0
}

// dueAt is when a message may be tried.
func (w *sender) dueAt(m *message) time.Time {
	at := m.since
	switch {
	case m.tries > 0 && m.alone:
		at = m.next
	case m.tries > 0:
		at = w.again
	}
	if shaped := w.repeats.Add(-repeatsAtOnce * repeatEvery); m.call.Repeat && shaped.After(at) {
		at = shaped
	}
	return at
}

// next is the first of what is due, nil when nothing is.
func (w *sender) next(now time.Time) *message {
	var first, second *message
	for _, m := range w.waiting {
		switch {
		case w.dueAt(m).After(now):
		case first == nil || before(m, first):
			first, second = m, first
		case second == nil || before(m, second):
			second = m
		}
	}
	if second != nil && first.tries > 0 && w.answers && w.failures%3 == 2 && (technical(first.call) || !technical(second.call)) {
		return second
	}
	return first
}

// failed notes that a try failed, at now, for a reason as word gives it.
func (w *sender) failed(m *message, reason string, now time.Time) {
	w.answers = strings.HasPrefix(reason, "status ")
	m.alone = w.failures == 0
	m.next = now.Add(backoff(m.tries))
	w.failures++
	w.tried = now
	w.again = now.Add(backoff(w.failures))
}

// succeeded notes that the channel has accepted a message, at now.
func (w *sender) succeeded(m *message, now time.Time) {
	w.failures, w.again = 0, now
	if m.call.Repeat && !technical(m.call) { // whose turns are nobody else's
		if w.repeats.Before(now) {
			w.repeats = now
		}
		w.repeats = w.repeats.Add(repeatEvery)
	}
}

// dropOldNews lets go of what says that somebody else has an alarm, or tells
// somebody of one, when that could not be said for long.
func (w *sender) dropOldNews(now time.Time) {
	w.waiting = slices.DeleteFunc(w.waiting, func(m *message) bool {
		switch {
		case m.tries == 0:
			return false
		case m.call.News != nil:
			return now.Sub(m.since) > alerting.InformFor
		}
		return m.call.Reason == alerting.Stopped && now.Sub(m.since) > alerting.StopFor
	})
}

// soon has what waits tried within a second of the last try: somebody asks for
// it again.
func (w *sender) soon(now time.Time) {
	at := w.tried.Add(time.Second)
	if at.Before(now) {
		at = now
	}
	if at.Before(w.again) {
		w.again = at
	}
}
