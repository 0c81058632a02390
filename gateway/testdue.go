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
	last := l.lastPress
	if last.Before(l.known) {
		last = l.known
	}
	w.fault1(l, alerting.TestDue, now.Sub(last) > d.TestEvery)
}
