package gateway

import (
	"maps"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// simWait is a fall that waits for a cancel.
type simWait struct {
	device    devices.ID
	seq       int64
	at, until time.Time // the machine's
	place     alerting.PlaceID
	residents []alerting.ResidentID
	over      int64 // the record by which it became an alarm; 0: it waits
}

// simTest is a press that was taken for a test.
type simTest struct {
	seq     int64
	device  devices.ID
	windows []string
}

// taken: a message of a press was decided. It is in an alarm from then on, or a
// fall that waits; else it was swallowed.
func (o *oracle) taken(p *press, seq int64, at time.Time) {
	for _, x := range o.alarms {
		if x.lastSeq >= seq && x.device == p.device && x.kind == p.kind {
			return
		}
	}
	wait := o.inForce().site.Plan.Devices[p.device].PreAlarm
	switch {
	case p.kind != devices.Fall || wait == 0:
		o.fail("a %s of %s was decided by record %d, and there is no alarm", p.kind, p.device, seq)
	case o.waiting(p.device) == nil:
		w := &simWait{device: p.device, seq: seq, at: at, until: at.Add(wait)}
		w.place, w.residents = o.inForce().from(p.device, o.wall())
		o.waits = append(o.waits, w)
	}
}

// waiting is the fall of a device that waits.
func (o *oracle) waiting(d devices.ID) *simWait {
	for _, w := range o.waits {
		if w.device == d && w.over == 0 {
			return w
		}
	}
	return nil
}

// waited: a fall that waited has become an alarm, or was cancelled in time by
// somebody who was there.
func (o *oracle) waited(a *alerting.Alarm, w *simWait) {
	now := o.s.g.machine.Now()
	switch {
	case !a.HeardAt.Equal(w.at) || a.RaisedAt.After(w.until):
		o.fail("alarm %d of a fall heard at %s, which may wait until %s, says %s and %s", a.Number, w.at, w.until, a.HeardAt, a.RaisedAt)
	case a.Place != w.place || !slices.Equal(a.Residents, w.residents):
		o.fail("alarm %d of a fall is at %q of %q, and was at %q of %q", a.Number, a.Place, a.Residents, w.place, w.residents)
	case a.State != alerting.Closed:
	case o.s.current == nil || o.s.current.cancel == "":
		o.fail("the fall of %s was cancelled by nobody", w.device)
	case now.After(w.until):
		o.fail("the fall of %s was cancelled %s too late", w.device, now.Sub(w.until))
	default:
		by := o.s.current.cancel
		if at, _ := o.inForce().from(by, o.wall()); by != w.device && at != w.place {
			o.fail("the fall of %s at %q was cancelled by %s at %q", w.device, w.place, by, at)
		}
		o.sum.cancelled++
	}
}

// closedAtOnce: an alarm that calls nobody is a test or a fall taken back, and
// nothing else.
func (o *oracle) closedAtOnce(a *alerting.Alarm, w *simWait) {
	switch {
	case a.Outcome == alerting.Cancelled && w != nil:
	case a.Outcome == alerting.TestAlarm && a.Kind == devices.Panic:
		place, _ := o.inForce().from(a.Device, o.wall())
		t := simTest{seq: o.s.g.seq + 1, device: a.Device}
		for _, key := range []string{"device " + string(a.Device), "place " + string(place), "site"} {
			begun := o.tests.since(key, o.s.g.machine.Now())
			if begun == nil {
				continue
			}
			t.windows = append(t.windows, key)
			for _, before := range o.tested {
				if before.device == a.Device && before.seq > begun.seq && slices.Contains(before.windows, key) {
					o.fail("a second press of %s was taken for a test", a.Device)
				}
			}
		}
		if len(t.windows) == 0 {
			o.fail("a press of %s was taken for a test, and nobody tests", a.Device)
		}
		o.tested = append(o.tested, t)
		o.sum.tests++
	default:
		o.fail("alarm %d, a %s of %s, is closed at once as %q and called nobody", a.Number, a.Kind, a.Device, a.Outcome)
	}
}

// overInTime: falls are called when they have waited, and absences, breaks and
// test windows end by themselves, also over a restart.
func (o *oracle) overInTime(now time.Time) {
	for _, w := range o.waits {
		if w.over == 0 && now.Sub(w.until) > time.Second {
			o.fail("a fall of %s at %s was to wait until %s and is not called by %s", w.device, w.at, w.until, now)
		}
	}
	m := o.s.g.machine
	away, breaks, tests := map[string]time.Time{}, map[string]time.Time{}, map[string]time.Time{}
	for _, a := range m.Absences() {
		away[absentee(a.Resident, a.Place)] = a.Until
	}
	for _, b := range m.Breaks() {
		breaks[string(b.Who)] = b.Until
	}
	for _, t := range m.Tests() {
		tests[testKey(t.Device, t.Place)] = t.Until
	}
	o.same("away", o.away, away, now)
	o.same("on a break", o.breaks, breaks, now)
	o.same("in a test", o.tests, tests, now)
}

func (o *oracle) same(what string, meant until, is map[string]time.Time, now time.Time) {
	for _, key := range slices.Sorted(maps.Keys(is)) {
		ops := meant[key]
		if len(ops) == 0 || !ops[len(ops)-1].until.Equal(is[key]) {
			o.fail("%s is %s until %s, and nobody said so (%v)", key, what, is[key], ops)
		}
		if now.Sub(is[key]) > time.Second {
			o.fail("%s is %s still at %s, which was to end at %s", key, what, now, is[key])
		}
	}
	on := meant.on(now)
	for _, key := range slices.Sorted(maps.Keys(on)) {
		if _, ok := is[key]; !ok {
			o.fail("%s is not %s any more, and should be until %s", key, what, on[key])
		}
	}
}

func absentee(r alerting.ResidentID, p alerting.PlaceID) string {
	if r != "" {
		return "resident " + string(r)
	}
	return "place " + string(p)
}

func testKey(d devices.ID, p alerting.PlaceID) string {
	switch {
	case d != "":
		return "device " + string(d)
	case p != "":
		return "place " + string(p)
	}
	return "site"
}

// isAway reports whether nobody should be where an alarm comes from.
func (o *oracle) isAway(place alerting.PlaceID, residents []alerting.ResidentID, now time.Time) bool {
	if o.away.since("place "+string(place), now) != nil {
		return true
	}
	here := func(r alerting.ResidentID) bool { return o.away.since("resident "+string(r), now) == nil }
	return len(residents) > 0 && !slices.ContainsFunc(residents, here)
}

// foresee takes in what will last once this answer is decided: what is due in the
// same moment goes by it already.
func (o *oracle) foresee(in alerting.Input) {
	seq := o.s.g.seq + 1
	switch in := in.(type) {
	case alerting.BreakBegins:
		o.breaks.set(string(in.By), seq, in.Until.Add(o.s.g.machine.Behind()))
	case alerting.BreakEnds:
		o.breaks.set(string(in.By), seq, time.Time{})
	case alerting.Away:
		o.away.set(absentee(in.Resident, in.Place), seq, in.Until)
	case alerting.Pause:
		o.pauses.set("place "+string(in.Place), seq, in.Until)
	case alerting.SetTest:
		o.tests.set(testKey(in.Device, in.Place), seq, in.Until)
	}
	o.watchesRest()
}

// forget forgets what is not among so many records.
func (o *oracle) forget(survive int64) {
	for _, u := range []until{o.breaks, o.away, o.tests, o.pauses} {
		u.crashed(survive)
	}
}

// heldCrashed forgets what a crash forgot.
func (o *oracle) heldCrashed(survive int64) {
	o.forget(survive)
	o.watchesCrashed(survive)
	o.tested = slices.DeleteFunc(o.tested, func(t simTest) bool { return t.seq > survive })
	o.waits = slices.DeleteFunc(o.waits, func(w *simWait) bool { return w.seq > survive })
	for _, w := range o.waits {
		if w.over > survive {
			w.over = 0
		}
	}
}

// simSum counts what a night had, to see that there was any.
type simSum struct{ tests, cancelled, watched, technical, due, arrived, reopened int }
