package gateway

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// setClock is a clock on the wall that somebody sets. To the gateway a machine
// that slept looks the same as one that was set forward: the monotonic clock
// and every timer stood.
type setClock struct{ off atomic.Int64 }

// clockAt shows a time at the beginning of the bubble.
func clockAt(t *testing.T, at string) *setClock {
	t.Helper()
	want, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	c := &setClock{}
	c.set(time.Until(want))
	return c
}

func (c *setClock) set(by time.Duration) { c.off.Add(int64(by)) }

func (c *setClock) times() times {
	real := realTimes()
	return times{
		wall: func() time.Time { return real.wall().Add(time.Duration(c.off.Load())) },
		mono: real.mono,
	}
}

// rang lists who was called when, counted from a moment of the bubble.
func (n *night) rang(since time.Time) []string {
	n.t.Helper()
	var out []string
	for _, p := range []*phone{n.marta, n.centre} {
		p.mu.Lock()
		for i, c := range p.calls {
			if !p.at[i].Before(since) {
				out = append(out, fmt.Sprintf("%s %s", c.To, p.at[i].Sub(since).Round(100*time.Millisecond)))
			}
		}
		p.mu.Unlock()
	}
	return out
}

// wait lets time pass, to just after a whole number of seconds.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// shifts puts Marta on call at night and Ola by day, twenty seconds a step and
// then the centre.
func (n *night) shifts(zone string) {
	n.t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		n.t.Fatal(err)
	}
	p := &n.site.Plan
	p.Zone = alerting.Zone{Location: l}
	p.People["ola"] = alerting.Responder{Contacts: []alerting.Contact{{Channel: "phone"}}}
	week := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	p.Rosters = map[alerting.RosterID]alerting.Roster{"nurses": {Shifts: []alerting.Shift{
		{Days: week, From: 19 * 60, To: 7 * 60, Who: []alerting.Person{"marta"}},
		{Days: week, From: 7 * 60, To: 19 * 60, Who: []alerting.Person{"ola"}},
	}}}
	p.Policies["ward"] = alerting.Policy{Steps: []alerting.PolicyStep{
		{Call: []alerting.Target{{Roster: "nurses"}}, Wait: 20 * time.Second},
		{Call: []alerting.Target{{Roster: "nurses"}}, Wait: time.Minute},
	}}
	if err := p.Check(); err != nil {
		n.t.Fatal(err)
	}
}

// TestClockSetForward: what is due is called at once, once, and a device that
// was heard a moment ago is not silent. The same when the machine has slept.
func TestClockSetForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.clock = clockAt(t, "1970-01-01T00:00:40Z") // as after boot, before it is set
		n.start()
		n.says("door", devices.Frame{})
		began := time.Now()
		n.presses("pendant 7")
		wait(10500 * time.Millisecond)
		n.expect("before", n.rang(began), []string{"marta 0s"})
		n.clock.set(56 * 365 * 24 * time.Hour)
		wait(time.Second)
		n.expect("within a second, once", n.rang(began), []string{"marta 0s", "centre 11s"})
		n.expect("fault", n.board.fault("clock_stepped clock"), true)
		n.expect("the door was heard just now", n.board.life("d-2"), devices.LifeHeard)
		wait(2 * time.Minute)
		n.expect("and goes on from there", n.rang(began), []string{"marta 0s", "centre 11s", "centre 1m11s", "centre 2m11s"})
		n.expect("but it is silent after a minute", n.board.fault("silent d-2"), true)

		slept := time.Now()
		n.clock.set(5 * time.Hour)
		wait(time.Second)
		n.expect("after a sleep", len(n.rang(slept)), 1)
		wait(59 * time.Minute)
		n.expect("for an hour", n.board.fault("clock_stepped clock"), true)
		wait(time.Minute)
		n.expect("then no more", n.board.fault("clock_stepped clock"), false)
		n.stop()
	})
}

// TestClockSetBack: escalation and repeats go on as if nothing were, silence is
// noticed, and the rota goes by the clock as it is now.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.clock = clockAt(t, "2026-11-17T08:00:00Z")
		n.shifts("UTC")
		n.start()
		n.says("door", devices.Frame{})
		began := time.Now()
		n.presses("pendant 7")
		wait(10500 * time.Millisecond)
		n.expect("by day", n.rang(began), []string{"ola 0s"})
		n.clock.set(-3 * time.Hour) // it is five in the morning
		wait(10 * time.Second)
		n.expect("the next step in time, to who is there", n.rang(began), []string{"ola 0s", "marta 20s"})
		n.expect("fault", n.board.fault("clock_stepped clock"), true)
		wait(3*time.Hour - 25*time.Second)
		calls := n.rang(began)
		// 20 s, then every minute: at 1:20, …, 2:59:20 to Marta, on both shifts'
		// phone and, from the first repeat on, the last resort.
		marta, ola, centre := 0, 0, 0
		for _, c := range calls {
			switch c[:3] {
			case "mar":
				marta++
			case "ola":
				ola++
			case "cen":
				centre++
			}
		}
		n.expect("repeats never stop", fmt.Sprint(marta+ola-1, centre), "180 179")
		// Seven by the new clock is two hours after it was set: 20 s to 1:59:20.
		n.expect("night shift until seven on the wall", fmt.Sprint(marta, ola-1), "120 60")
		n.expect("silence is noticed", n.board.fault("silent d-2"), true)
		n.expect("the fault ended after an hour", n.board.fault("clock_stepped clock"), false)
		n.expect("readiness", n.g.Ready(), nil)

		// After a restart time goes on from the record, and so does the rota.
		n.stop()
		n.start()
		n.expect("not taken for a lost clock", n.board.fault("clock_stepped clock"), false)
		n.stop()
		n.expect("behind", n.g.machine.Behind().Round(time.Second), 3*time.Hour)
		wait(4 * time.Hour) // the wall has caught up: nothing is left of it
		n.start()
		n.stop()
		n.expect("caught up", n.g.machine.Behind(), time.Duration(0))
	})
}

// TestStartWithAClockBehindTheJournal: a machine without a battery for its
// clock comes up in the past. Time goes on from the record, and the rota with
// it, until the clock is set.
func TestStartWithAClockBehindTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.clock = clockAt(t, "2026-11-17T06:50:00Z")
		n.shifts("UTC")
		n.start()
		n.presses("pendant 7")
		wait(5500 * time.Millisecond)
		n.stop()
		n.clock.set(-30 * 24 * time.Hour)
		wait(2 * time.Hour) // without power
		n.start()
		restarted := time.Now()
		n.expect("not called again: it was delivered", n.rang(restarted), []string{})
		wait(21 * time.Second)
		n.expect("at most the step later", n.rang(restarted), []string{"marta 20s"})
		n.expect("fault", n.board.fault("clock_stepped clock"), true)
		wait(2 * time.Hour)
		n.expect("as long as the clock is lost", n.board.fault("clock_stepped clock"), true)
		n.expect("by then it is day by the record", n.rang(time.Now().Add(-time.Minute))[0][:3], "ola")
		set := time.Now()
		n.clock.set(30 * 24 * time.Hour)
		wait(time.Second)
		n.expect("set right: due at once", len(n.rang(set)) > 0, true)
		wait(time.Hour)
		n.expect("the fault ends an hour later", n.board.fault("clock_stepped clock"), false)
		n.stop()
		n.expect("behind", n.g.machine.Behind(), time.Duration(0))
		n.expect("the machine's time", n.g.machine.Now().Before(n.clock.times().wall().Add(-time.Minute)), false)
	})
}

// TestHandOverOnTheDayTheClocksChange: an alarm is open over the hand-over at
// seven by the clock on the wall, in summer time and in winter time.
func TestHandOverOnTheDayTheClocksChange(t *testing.T) {
	for _, eve := range []string{"2026-03-29T04:59:50Z", "2026-10-25T05:59:50Z"} { // 06:59:50 in Warsaw
		synctest.Test(t, func(t *testing.T) {
			n := newNight(t)
			n.shifts("Europe/Warsaw")
			n.clock = clockAt(t, eve)
			n.clock.set(-6 * time.Hour)
			n.start()
			wait(6 * time.Hour) // over the change
			began := time.Now()
			n.presses("pendant 7")
			wait(21 * time.Second)
			n.expect("hand-over at "+eve, n.rang(began), []string{"marta 0s", "ola 20s"})
			n.expect("a change of the hour is no step", n.board.fault("clock_stepped clock"), false)
			n.stop()
		})
	}
}

// TestSetClockHidesNoHang: a loop that stands is noticed whatever the wall says.
func TestSetClockHidesNoHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.clock = &setClock{}
		g := New(Options{Site: n.site, Journal: n.disk, History: n.disk, Meter: noMeter{}})
		g.clock.times = n.clock.times()
		g.turned.Store(1)
		n.clock.set(-3 * time.Hour)
		n.expect("turning", g.Turning(), true)
		time.Sleep(6 * time.Second)
		n.expect("turning no more", g.Turning(), false)
	})
}

// TestTimeNeverGoesBack sets the wall at random: the time goes on at least as
// fast as the monotonic clock, is never before the wall, and a step is found.
func TestTimeNeverGoesBack(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		wall, mono := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC), time.Duration(0)
		c := clock{times: times{
			wall: func() time.Time { return wall },
			mono: func() time.Duration { return mono },
		}}
		newest := wall.Add(time.Duration(r.Int64N(int64(20*time.Hour))) - 10*time.Hour)
		c.start(newest, 0)
		last, lastMono := c.now(), mono
		if last.Before(newest) {
			t.Fatalf("seed %d: starts at %s, the record ends at %s", seed, last, newest)
		}
		for range 100 {
			d := time.Duration(r.Int64N(int64(2 * time.Second)))
			mono += d
			wall = wall.Add(d)
			by := time.Duration(0)
			if r.IntN(5) == 0 {
				by = time.Duration(r.Int64N(int64(10*time.Hour))) - 5*time.Hour
				wall = wall.Add(by)
			}
			now := c.now()
			if now.Before(wall) || now.Sub(last) < mono-lastMono {
				t.Fatalf("seed %d: %s after %s, wall %s", seed, now, last, wall)
			}
			if by.Abs() > stepped && !c.wrong() {
				t.Fatalf("seed %d: a step by %s was not found", seed, by)
			}
			if c.behind() != now.Sub(wall) && !c.lost {
				t.Fatalf("seed %d: behind by %s, want %s", seed, c.behind(), now.Sub(wall))
			}
			last, lastMono = now, mono
		}
	}
}
