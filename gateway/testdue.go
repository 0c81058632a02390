package gateway

import (
	"time"

	"telecare/alerting"
)

// judgeTest asks for a test press of a button that gives no sign of life: only a
// press proves that it works, one in a test as well.
func (w *watch) judgeTest(l *life, now time.Time) {
	d := l.device
	if d.TestEvery <= 0 || d.Window > 0 {
		w.fault1(l, alerting.TestDue, false)
		return
	}
	// What seems to be still to come was now at the latest: the clock on the wall
	// was set back since. One that was a year ahead must not silence this for a year.
	if l.lastPress.After(now) {
		l.lastPress, l.dirty = now, true
	}
	if l.known.After(now) {
		l.known = now
	}
	last := l.lastPress
	if last.Before(l.known) {
		last = l.known
	}
	w.fault1(l, alerting.TestDue, now.Sub(last) > d.TestEvery)
}
