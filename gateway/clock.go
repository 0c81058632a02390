package gateway

import "time"

// clock is the machine's time: the wall clock, carried on by the monotonic one
// so that it never goes back. A wall clock that is set back is not followed; one
// that is set forward is, since in doubt a deadline is due now.
type clock struct {
	base time.Time // what the time was…
	at   time.Time // …at this reading, with its monotonic part
}

// newClock starts at the wall clock, or at the newest record when that is
// later: a machine without a battery-backed clock starts in the past.
func newClock(newest time.Time) clock {
	now := time.Now()
	base := now.Round(0)
	if newest.After(base) {
		base = newest
	}
	return clock{base: base, at: now}
}

func (c *clock) now() time.Time { return c.base.Add(time.Since(c.at)) }

// Stepped is how far the wall clock may be away before that is a fault.
const stepped = 2 * time.Second

// follow compares with the wall clock and goes forward with it. It reports
// whether the wall clock was found stepped, either way.
func (c *clock) follow() bool {
	now := time.Now()
	ahead := now.Round(0).Sub(c.now())
	if ahead > 0 {
		c.base, c.at = now.Round(0), now
	}
	return ahead > stepped || ahead < -stepped
}
