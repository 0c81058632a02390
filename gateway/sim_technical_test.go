package gateway

import (
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Faults and who is called for them.
//
//   - Each fault that lasts is said by the newest alarm of what it hangs on, as
//     soon as faults are gathered, at any hour when it leaves somebody without a
//     working button and else in the technicians' hours.
//   - Who is called, and who has no button, the house and the open faults say.
//   - When nothing is wrong any more the alarm is closed. What is technical is
//     never shown among the alarms of people.
//   - Each press by which a button proves itself counts, and no other time.

// simTechnical is what the oracle knows of faults.
type simTechnical struct {
	newest  map[alerting.Chain]*simAlarm
	began   map[alerting.Chain]time.Time     // since when something of it is wrong, whatever it was then
	empty   map[alerting.Chain]time.Duration // since when nothing of it is wrong; absent: something is
	via     map[devices.ID]time.Duration     // when a device was heard while somebody asked for it
	pressed map[devices.ID]time.Time         // the gateway's time
	planned time.Duration                    // when a plan was put in force last
	booted  time.Time                        // on the wall
}

// Technical is told whenever a technical alarm changes. [Technicians]
func (o *oracle) Technical(a alerting.Alarm) { o.published(a, o.s.g.seq+1, o.now()) }

// technicalRight: an alarm for technicians is raised for what is wrong, and calls
// whom it should.
func (o *oracle) technicalRight(x *simAlarm, a *alerting.Alarm) {
	h, t := o.inForce(), o.wall()
	f := h.site.Plan.Faults
	if f == nil {
		o.fail("alarm %d is technical, and nobody is to be told of faults", a.Number)
		return
	}
	first := o.technical.newest[a.Faults.Chain] == nil
	o.technical.newest[a.Faults.Chain], o.sum.technical = x, o.sum.technical+1
	if !o.s.up || o.s.elapsed()-o.clockSet < 3*time.Second {
		return // in one moment more may have passed than this
	}
	open := o.openFaults()[a.Faults.Chain]
	codes := map[alerting.FaultCode]bool{}
	for _, y := range open {
		codes[y.Code] = true
	}
	if len(open) != a.Faults.Count || len(codes) != len(a.Faults.Codes) || slices.ContainsFunc(a.Faults.Codes, func(c alerting.FaultCode) bool { return !codes[c] }) {
		o.fail("alarm %d says %d faults %v of %s, and there are %v", a.Number, a.Faults.Count, a.Faults.Codes, a.Faults.Chain, open)
	}
	if waited := o.s.g.machine.Now().Sub(o.technical.began[a.Faults.Chain]); first && waited < simGatherLeast {
		o.fail("alarm %d of %s is raised %s after the first fault began", a.Number, a.Faults.Chain, waited)
	}
	people, everybody := o.bare(open)
	if a.Faults.People != people || a.Faults.Everybody != everybody {
		o.fail("alarm %d of %s says that %d have no button (all: %t), and that is so of %d (all: %t): %v", a.Number, a.Faults.Chain, a.Faults.People, a.Faults.Everybody, people, everybody, open)
	}
	unheard, hours := people > 0 || everybody, f.Hours == nil || hoursOf(*f.Hours).at(t)
	want := f.Policy
	switch {
	case unheard && f.Unheard != "":
		want = f.Unheard
	case unheard && !hours:
		want = h.site.Plan.Default
	case !hours:
		o.fail("alarm %d of %s calls technicians outside their hours", a.Number, a.Faults.Chain)
	}
	if a.Policy != want {
		o.fail("alarm %d of %s has policy %q, and should have %q", a.Number, a.Faults.Chain, a.Policy, want)
	}
}

// changedSince reports whether it has got worse in the moment in which its newest
// step was called: that was decided by what was known before, or is another one.
func changedSince(a *alerting.Alarm) bool {
	called := false
	for _, e := range a.History {
		if called && (e.What == alerting.StepCalled || e.What == alerting.FaultsWorse || e.What == alerting.FaultsChanged) {
			return true
		}
		called = called || e.What == alerting.StepCalled && e.At.Equal(a.StepAt)
	}
	return false
}

// Fault is told whenever one begins or ends. [Publisher]
func (o *oracle) Fault(f alerting.Fault, on bool) {
	if o.s.real != nil {
		return
	}
	if on {
		delete(o.technical.empty, f.Chain) // also of one that is over before anybody looks
	}
	if _, was := o.technical.began[f.Chain]; on && !was {
		o.technical.began[f.Chain] = f.Since
	} else if !on && len(o.openFaults()[f.Chain]) == 0 {
		delete(o.technical.began, f.Chain)
	}
}

func (o *oracle) openFaults() map[alerting.Chain][]alerting.Fault {
	out := map[alerting.Chain][]alerting.Fault{}
	for _, f := range o.s.g.machine.Faults() {
		out[f.Chain] = append(out[f.Chain], f)
	}
	return out
}

// bare counts who has no button that works because of some faults.
func (o *oracle) bare(faults []alerting.Fault) (people int, everybody bool) {
	m, h, t := o.s.g.machine, o.inForce(), o.wall()
	broken := func(id devices.ID) bool {
		source := m.Source(id)
		return m.FaultOn(alerting.Silent, string(id)) || m.FaultOn(alerting.LostPress, string(id)) || m.FaultOn(alerting.DeviceFault, string(id)) ||
			m.FaultOn(alerting.LinkLost, source) || m.FaultOn(alerting.ChainDown, source)
	}
	type user struct {
		resident alerting.ResidentID // "": whoever is there
		place    alerting.PlaceID
	}
	counted := map[user]bool{}
	for _, d := range o.s.world.devices {
		hit := func(f alerting.Fault) bool {
			switch f.Code {
			case alerting.LinkLost, alerting.ChainDown:
				return m.Source(d.id) == f.Subject
			case alerting.Silent, alerting.LostPress, alerting.DeviceFault:
				return string(d.id) == f.Subject
			}
			return false
		}
		place, residents := h.from(d.id, t)
		if !slices.ContainsFunc(faults, hit) || o.isAway(place, residents, m.Now()) {
			continue
		}
		var users []user
		for _, r := range residents {
			if at, somewhere := h.where(r, t); !somewhere || at == place { // and does not only live there
				users = append(users, user{r, place})
			}
		}
		if len(residents) == 0 && !slices.ContainsFunc(h.stays, func(x simStay) bool { return x.place == place }) {
			users = append(users, user{place: place})
		}
		for _, u := range users {
			if !counted[u] && !slices.ContainsFunc(o.s.world.devices, func(other *simDevice) bool {
				is := h.site.Plan.Devices[other.id]
				return (is.Resident != "" && is.Resident == u.resident || is.Resident == "" && is.Place == place) && !broken(other.id)
			}) {
				people++
			}
			counted[u] = true
		}
	}
	return people, slices.ContainsFunc(faults, func(f alerting.Fault) bool { return f.Code == alerting.StoreDown })
}

// technicalInTime looks for what should have happened with faults.
func (o *oracle) technicalInTime(now time.Time) {
	s, m, k := o.s, o.s.g.machine, &o.technical
	open := o.openFaults()
	f := o.inForce().site.Plan.Faults
	for chain, x := range k.newest {
		if len(open[chain]) > 0 {
			delete(k.empty, chain)
		} else if since, ok := k.empty[chain]; !ok {
			k.empty[chain] = s.elapsed()
		} else if state := x.last().state; state != alerting.Closed && len(x.reopened) == 0 && s.elapsed()-max(since, o.begunAt) > simGatherMost+3*time.Second {
			o.fail("alarm %s is %s, and nothing of %s is wrong for %s%s", x.id, state, chain, s.elapsed()-since, o.story(x.id))
		}
		if f == nil && x.last().state != alerting.Closed && len(x.reopened) == 0 {
			o.fail("alarm %s is open, and nobody is to be told of faults", x.id)
		}
	}
	o.testsDue()
	if f == nil || s.elapsed()-max(o.clockSet, k.planned) < simGatherMost+5*time.Second {
		return
	}
	for id, at := range k.via {
		if source := m.Source(id); s.elapsed()-at > 3*time.Second && at > o.begunAt && source != s.world.device(id).link.name {
			o.fail("%s is heard through %s, and the machine has %q", id, s.world.device(id).link.name, source)
		}
	}
	late := simGatherMost + 5*time.Second
	if f.Hours != nil && !(hoursOf(*f.Hours).at(o.wall()) && hoursOf(*f.Hours).at(o.wall().Add(-late))) {
		return
	}
	for chain, faults := range open {
		x := k.newest[chain]
		for _, y := range faults {
			if now.Sub(y.Since) > late && (x == nil || !slices.Contains(x.last().faults.Codes, y.Code)) {
				o.fail("%s of %q is open since %s, and no alarm of %s says so by %s", y.Code, y.Subject, y.Since, chain, now)
			}
		}
	}
}

// testsDue: who has to press a button for its test is reminded in time, and not
// before.
func (o *oracle) testsDue() {
	s := o.s
	if s.elapsed()-max(o.clockSet, o.begunAt) < 5*time.Second {
		return
	}
	wall := time.Now().Add(s.wallSet)
	for _, d := range s.world.devices {
		every, ok := simTestEvery[d.name]
		if !ok {
			continue
		}
		last, ok := o.technical.pressed[d.id]
		if ok && last.IsZero() {
			continue // by which clock?
		}
		if last.Before(o.technical.booted) {
			last = o.technical.booted
		}
		on := s.g.machine.FaultOn(alerting.TestDue, string(d.id))
		if since := wall.Sub(last); since > every+3*time.Second && !on || since > 3*time.Second && since < every-3*time.Second && on {
			o.fail("a test press of %s is due: %t, %s after the last one at %s", d.id, on, wall.Sub(last), last)
		}
		if on {
			o.sum.due++
		}
	}
}

// spoke notes a frame of a button: through what it came, and whether it was a
// press.
func (o *oracle) spoke(d *simMessage) {
	id := d.speaks
	switch {
	case d.press != nil:
		id = d.press.device
	case d.cancel != "":
		id = d.cancel
	}
	if o.s.world.device(id) == nil {
		return
	}
	if d.press != nil {
		o.technical.pressed[id] = o.s.g.machine.Now()
		if wall := time.Now().Add(o.s.wallSet); wall.Before(o.technical.pressed[id]) {
			o.technical.pressed[id] = wall // it was set back before
		}
	}
	if o.inForce().site.Plan.Faults != nil {
		o.technical.via[id] = o.s.elapsed()
	}
}

// technicalSet: the clock on the wall was set. By how much a press of before was
// ago is known of the next one only: a process that looks once a second may have
// seen this clock or not.
func (o *oracle) technicalSet() {
	for name := range simTestEvery {
		o.technical.pressed[devices.ID("d-"+name)] = time.Time{}
	}
	if wall := time.Now().Add(o.s.wallSet); wall.Before(o.technical.booted) {
		o.technical.booted = wall // as for a press: it was now at the latest
	}
}

// technicalBegun: a process has begun, which counts the time since a press anew.
func (o *oracle) technicalBegun() {
	o.technical.booted = time.Now().Add(o.s.wallSet)
	if o.technical.planned > o.last.at {
		o.technical.planned = o.s.elapsed() // while nobody was there
	}
	clear(o.technical.pressed)
	clear(o.technical.via)
	clear(o.technical.empty)
}

// technicalCrashed: the newest alarms are among those that the disk has.
func (o *oracle) technicalCrashed() {
	clear(o.technical.newest)
	clear(o.technical.began)
	for _, x := range o.alarms {
		if f := x.last().faults; f != nil {
			o.technical.newest[f.Chain] = x
		}
	}
}
