package gateway

import (
	"maps"
	"slices"
	"time"

	"telecare/alerting"
)

// inForce is the house whose plan the machine goes by.
func (o *oracle) inForce() *simHouse {
	version := 0
	for _, r := range o.s.g.machine.Plan().Devices["d-version"].Place {
		version = version*10 + int(r-'0')
	}
	return o.s.world.houses[version]
}

// wall is what the machine holds for the time on the wall.
func (o *oracle) wall() time.Time { return o.s.g.machine.Now().Add(-o.s.g.machine.Behind()) }

// raisedRight: an alarm says where it is, who is there, and goes by the policy
// that was meant for that.
func (o *oracle) raisedRight(a *alerting.Alarm, w *simWait) {
	h, t := o.inForce(), o.wall()
	place, residents := a.Place, h.who(a.Place, t)
	if w != nil { // it was where it was then
		place, residents = w.place, w.residents
	} else if a.Device != "" {
		place, residents = h.from(a.Device, t)
	}
	if a.Place != place || a.Watch == "" && !slices.Equal(a.Residents, residents) {
		o.fail("alarm %d of %q is at %q of %q, and should be at %q of %q", a.Number, a.Device, a.Place, a.Residents, place, residents)
	}
	if want := o.isAway(a.Place, a.Residents, o.s.g.machine.Now()); a.Away != want {
		o.fail("alarm %d at %q of %q is away: %t, and should be: %t", a.Number, a.Place, a.Residents, a.Away, want)
	}
	if want := h.policy(a, t); a.State == alerting.Raised && a.Policy != want {
		o.fail("alarm %d of %q at %q of %q has policy %q, and should have %q", a.Number, a.Device, a.Place, a.Residents, a.Policy, want)
	}
}

// calledRight: a step that is called calls exactly those whom it should.
func (o *oracle) calledRight(x *simAlarm, a *alerting.Alarm) {
	called, again, before := map[alerting.Person]bool{}, map[alerting.Person]bool{}, map[alerting.NotificationID]bool{}
	for _, w := range x.words {
		if w.seq == o.s.g.seq+1 && w.why == alerting.Calling && w.first {
			called[w.to] = true
			again[w.to] = before[w.id] && !o.s.up // had no result when the process ended
		}
		before[w.id] = true
	}
	newly := maps.Clone(called)
	maps.DeleteFunc(newly, func(p alerting.Person, _ bool) bool { return again[p] })
	d := &decision{o: o, h: o.inForce(), a: a, at: o.wall(), called: newly}
	want := d.expected()
	for p := range again {
		if again[p] && !want[p] {
			delete(called, p)
		}
	}
	if !maps.Equal(called, want) {
		o.fail("step %d, turn %d of alarm %d by policy %q called %v, and should have called %v; declined %v, on a break %v%s",
			a.Step, a.Turn, a.Number, a.Policy, slices.Sorted(maps.Keys(called)), slices.Sorted(maps.Keys(want)), a.Declined, o.breaks.on(o.s.g.machine.Now()), o.story(a.ID))
	}
	for _, p := range a.Declined {
		if !x.refused[p] && p != o.s.actor {
			o.fail("alarm %d passes by %s, who never said that they cannot come", a.Number, p)
		}
	}
}

// decision is a step about to be called.
type decision struct {
	o      *oracle
	h      *simHouse
	a      *alerting.Alarm
	at     time.Time
	called map[alerting.Person]bool
}

// expected is who a step calls. On call is who is named, or whom the roster has.
// Those who rest are never called but their stand-ins are; those on a break are
// passed by while anybody else of the policy can come. After the last step it
// repeats with the last resort, and those on a break, if it has come to that.
func (d *decision) expected() map[alerting.Person]bool {
	policy := d.h.site.Plan.Policies[d.a.Policy]
	standIns := policy.StandIns
	if len(standIns) == 0 {
		standIns = d.h.site.Plan.StandIns
	}
	pause := func(p alerting.Person) bool { return d.o.breaks.since(string(p), d.o.s.g.machine.Now()) != nil }
	rests := func(p alerting.Person) bool { return d.h.resting(p, d.at) }
	// in the order in which they are asked one by one
	instead := func(p alerting.Person) []alerting.Person {
		if !rests(p) {
			return []alerting.Person{p}
		}
		return slices.DeleteFunc(d.people(standIns), rests)
	}
	var all []alerting.Person
	for _, s := range policy.Steps {
		for _, p := range d.people(s.Call) {
			all = append(all, instead(p)...)
		}
	}
	others := slices.ContainsFunc(all, func(p alerting.Person) bool { return !pause(p) && d.free(p) })
	candidates := func(named []alerting.Person) (who []alerting.Person) {
		for _, p := range named {
			for _, q := range instead(p) {
				if d.free(q) && !(others && pause(q)) && !slices.Contains(who, q) {
					who = append(who, q)
				}
			}
		}
		return who
	}
	var who []alerting.Person
	if d.a.Turn == 0 {
		step := policy.Steps[d.a.Step-1]
		who = candidates(d.people(step.Call))
		if step.OneByOne {
			who = slices.DeleteFunc(who, func(p alerting.Person) bool { return slices.Contains(d.a.Asked, p) && !d.called[p] })
			who = who[:min(len(who), 1)]
		}
	} else {
		named := d.people(policy.Steps[len(policy.Steps)-1].Call)
		if !others {
			for _, s := range policy.Steps {
				named = append(named, slices.DeleteFunc(d.people(s.Call), func(p alerting.Person) bool { return !pause(p) })...)
			}
		}
		if d.a.Kind == alerting.Technical && !d.a.Faults.Unheard() {
			if who = candidates(named); len(who) > 0 {
				return setOf(who) // a flat battery is nothing to call the last resort for
			}
		}
		named = append(named, d.h.site.Plan.LastResort)
		if who = candidates(named); len(who) == 0 { // better woken than nobody
			who = slices.DeleteFunc(named, func(p alerting.Person) bool { return !d.free(p) })
		}
	}
	return setOf(who)
}

func setOf(who []alerting.Person) map[alerting.Person]bool {
	set := map[alerting.Person]bool{}
	for _, p := range who {
		set[p] = true
	}
	return set
}

// people are whom targets name at the time.
func (d *decision) people(call []alerting.Target) (who []alerting.Person) {
	for _, t := range call {
		if t.Person != "" {
			who = append(who, t.Person)
		} else {
			who = append(who, d.h.duties[t.Roster].at(d.at)...)
		}
	}
	return who
}

// free: neither has it nor said that they cannot come.
func (d *decision) free(p alerting.Person) bool {
	return p != d.a.Holder && !slices.Contains(d.a.With, p) && !slices.Contains(d.a.Declined, p)
}

// until is what ends by itself: an absence, a break, a test window, by what it
// is of. What a crash forgot never was.
type until map[string][]simUntil

type simUntil struct {
	seq   int64
	until time.Time
}

func (u until) set(key string, seq int64, to time.Time) {
	u[key] = append(u[key], simUntil{seq, to})
}

// since is the one that lasts at t, or nil.
func (u until) since(key string, t time.Time) *simUntil {
	ops := u[key]
	if n := len(ops); n > 0 && t.Before(ops[n-1].until) {
		return &ops[n-1]
	}
	return nil
}

// on lists what lasts at t, with its end.
func (u until) on(t time.Time) map[string]time.Time {
	out := map[string]time.Time{}
	for key, ops := range u {
		if u.since(key, t) != nil {
			out[key] = ops[len(ops)-1].until
		}
	}
	return out
}

func (u until) crashed(survive int64) {
	for key, ops := range u {
		u[key] = slices.DeleteFunc(ops, func(x simUntil) bool { return x.seq > survive })
	}
}
