package gateway

import (
	"time"

	"telecare/alerting"
)

// times are the machine's two clocks.
type times struct {
	// wall is the clock on the wall: right as a rule, and set now and then.
	wall func() time.Time
	// mono counts from the start of the process and is never set. It stands
	// while the machine sleeps (Linux CLOCK_MONOTONIC, which is what Go reads),
	// so that a sleep looks like a wall clock that was set forward.
	mono func() time.Duration
}

// realTimes are those of the machine that we run on.
func realTimes() times {
	began := time.Now()
	return times{
		wall: func() time.Time { return time.Now().Round(0) },
		mono: func() time.Duration { return time.Since(began) },
	}
}

// clock is the gateway's time: the wall clock, carried on by the monotonic one
// so that it never goes back. A wall clock that is set back is not followed:
// waits go on, and only rosters go by it (see behind). One that is set forward
// is followed at the next reading, since in doubt a deadline is due now; that
// is also how a sleep passes. It belongs to the loop, but for its times.
type clock struct {
	times
	base time.Time     // what the time was…
	at   time.Duration // …when mono stood here

	lastWall time.Time // the newest reading
	lastMono time.Duration

	// Set when the wall clock was found stepped; never zero then.
	steppedAt time.Duration
	// lost: the wall clock came up before that of the newest record, as on a
	// machine without a battery for it. Until it is set, wallBehind is as far
	// behind as it was then.
	lost       bool
	wallBehind time.Duration
}

// stepped is how far the wall clock may move by itself; more is a fault.
const stepped = 2 * time.Second

// steppedFor is how long technicians see that fault.
const steppedFor = time.Hour

// start begins at the wall clock, or goes on from the newest record when that is
// later. behind is how far the wall clock was behind then.
func (c *clock) start(newest time.Time, behind time.Duration) {
	c.lastWall, c.lastMono = c.wall(), c.mono()
	c.base, c.at = c.lastWall, c.lastMono
	switch early := newest.Sub(c.lastWall); {
	case early > behind+stepped:
		c.lost, c.wallBehind = true, behind
		c.step()
	case early > 0:
		c.notBefore(c.lastWall.Add(behind)) // what went by meanwhile counts
	}
	c.notBefore(newest)
}

// notBefore goes forward to a time that is in the record already.
func (c *clock) notBefore(t time.Time) {
	if t.After(c.base.Add(c.lastMono - c.at)) {
		c.base, c.at = t, c.lastMono
	}
}

// now is the time. It never goes back.
func (c *clock) now() time.Time {
	wall, mono := c.wall(), c.mono()
	moved := wall.Sub(c.lastWall) - (mono - c.lastMono)
	c.lastWall, c.lastMono = wall, mono
	if moved > stepped || moved < -stepped {
		c.lost = false
		c.step()
	}
	c.notBefore(wall)
	return c.base.Add(mono - c.at)
}

func (c *clock) step() { c.steppedAt = max(c.lastMono, 1) }

// behind is how far the wall clock was behind the time at the newest reading,
// as far as it can be believed.
func (c *clock) behind() time.Duration {
	if c.lost {
		return c.wallBehind
	}
	return c.base.Add(c.lastMono - c.at).Sub(c.lastWall)
}

// wrong reports whether the wall clock was found stepped within the last hour,
// or has not been set since it was lost.
func (c *clock) wrong() bool {
	return c.lost || c.steppedAt != 0 && c.mono()-c.steppedAt < steppedFor
}

// followClock tells the machine how the wall clock stands, when that is news.
func (g *Gateway) followClock() {
	if set := g.clockNews(); set != nil {
		g.step(*set, "", nil)
	}
}

// clockNews is how the wall clock stands, nil when the machine knows it so.
func (g *Gateway) clockNews() *alerting.ClockSet {
	g.clock.now()
	behind := g.clock.behind()
	if behind < stepped {
		behind = 0
	}
	if away := behind - g.machine.Behind(); away > stepped || away < -stepped || behind == 0 && away != 0 {
		return &alerting.ClockSet{Behind: behind}
	}
	return nil
}
