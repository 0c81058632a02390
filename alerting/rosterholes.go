package alerting

import (
	"maps"
	"slices"
	"time"
)

// Hole is a time in which a policy is in force and has nobody to call but the
// last resort, or a roster nobody on call in the hours that it is to cover.
type Hole struct{ From, Until time.Time }

// answers says when a policy or a roster has somebody.
type answers struct {
	at   func(t time.Time) bool
	next func(t, limit time.Time) time.Time // the first time after t at which that may change
}

// Holes lists the holes of a policy from one time to another, to the second.
func (p Plan) Holes(policy PolicyID, from, until time.Time) []Hole {
	return p.policyAnswers(policy, nil).holes(from, until)
}

// RosterHoles lists those of a roster, in the hours that it is to cover.
func (p Plan) RosterHoles(roster RosterID, from, until time.Time) []Hole {
	return p.rosterAnswers(p.Rosters[roster]).holes(from, until)
}

func (a answers) holes(from, until time.Time) []Hole {
	var out []Hole
	for from.Before(until) {
		next := a.next(from, until)
		n := len(out)
		switch {
		case a.at(from):
		case n > 0 && out[n-1].Until.Equal(from):
			out[n-1].Until = next
		default:
			out = append(out, Hole{from, next})
		}
		from = next
	}
	return out
}

// policyAnswers: it has somebody when any step has, by itself or by those who
// stand in for who rests, or need not, as no alarm is raised with it then. Those
// on a break do not count; they are given with the end of it.
func (p Plan) policyAnswers(id PolicyID, breaks map[Person]time.Time) answers {
	policy, chosen := p.Policies[id], p.chosenBy(id)
	var called []Target
	for _, s := range policy.Steps {
		called = append(called, s.Call...)
	}
	standIns := p.standIns(policy)
	awake := func(t time.Time) func(Person) bool {
		return func(who Person) bool { return p.callable(who) && !p.Resting(who, t) && !breaks[who].After(t) }
	}
	return answers{
		at: func(t time.Time) bool {
			if !chosen.inForce(t) {
				return true
			}
			who := p.targets(called, t)
			if slices.ContainsFunc(who, func(w Person) bool { return p.Resting(w, t) }) {
				who = append(who, p.targets(standIns, t)...)
			}
			return slices.ContainsFunc(who, awake(t))
		},
		next: func(t, limit time.Time) time.Time {
			for _, x := range slices.Concat(called, standIns) {
				limit = p.Rosters[x.Roster].Next(t, limit, p.Zone)
			}
			for _, who := range p.People { // the least of them, in whatever order
				for _, r := range who.Rests {
					limit = sooner(t, limit, r.From, r.Until)
				}
			}
			for _, over := range breaks {
				limit = sooner(t, limit, over)
			}
			return chosen.next(t, limit)
		},
	}
}

// rosterAnswers: it has somebody, or need not.
func (p Plan) rosterAnswers(r Roster) answers {
	zone := Zone{r.zone(p.Zone)}
	return answers{
		at: func(t time.Time) bool {
			return !slices.ContainsFunc(r.Cover, func(h Hours) bool { return h.At(t, zone) }) ||
				slices.ContainsFunc(r.OnCall(t, p.Zone), p.callable)
		},
		next: func(t, limit time.Time) time.Time {
			limit = r.Next(t, limit, p.Zone)
			for _, h := range r.Cover {
				for at := range h.edges(t, zone.location()) {
					limit = sooner(t, limit, at)
				}
			}
			return limit
		},
	}
}

// sooner is the first of times after t, or limit when none is before it.
func sooner(t, limit time.Time, times ...time.Time) time.Time {
	for _, x := range times {
		if x.After(t) && x.Before(limit) {
			limit = x
		}
	}
	return limit
}

// How far ahead of a hole its fault begins, and how often the machine looks for
// those that are farther away: as seldom as every look is short, for a break is a
// look too, and a press must not wait for one. What is farther away is looked for
// where the plan is shown and checked, which is not here.
const (
	HoleAhead = 24 * time.Hour
	holeLook  = 6 * time.Hour
)

// watchHoles begins and ends the fault of every policy that will have nobody but
// the last resort to call within a day, and of every roster that will not cover
// its hours.
func (m *Machine) watchHoles() {
	holes, next := m.findHoles()
	for _, f := range m.Faults() {
		if f.Code == RosterHole && !holes[f.Subject] {
			m.fault(RosterHole, f.Subject, false)
		}
	}
	for _, subject := range slices.Sorted(maps.Keys(holes)) {
		m.fault(RosterHole, subject, true)
	}
	m.setHoles(next)
}

// restoreHoles sets the time of the next look: now, when the state is that of a
// version that did not look, or saw holes in hours in which a policy is not in
// force.
func (m *Machine) restoreHoles() {
	holes, next := m.findHoles()
	known, gone := 0, 0
	for k := range m.faults {
		switch {
		case k.code != RosterHole:
		case holes[k.subject]:
			known++
		default:
			gone++
		}
	}
	if known != len(holes) || gone > 0 {
		next = m.now
	}
	m.setHoles(next)
}

// setHoles has watchHoles called when it is time; zero is never.
func (m *Machine) setHoles(next time.Time) {
	if next.IsZero() {
		m.due.stop(m.holes)
		return
	}
	m.due.set(m.holes, next)
}

// findHoles lists what has a hole now or within HoleAhead, and says when that
// can be otherwise. That depends on nothing but the plan and the time, so that
// a machine restored from a snapshot looks at the same moments.
func (m *Machine) findHoles() (holes map[string]bool, next time.Time) {
	now := m.wall()
	look := now.Truncate(holeLook).Add(holeLook)
	holes = map[string]bool{}
	watch := func(subject string, a answers) {
		if next.IsZero() {
			next = look
		}
		over := now // all that is near is over, and what is near to that
		for _, h := range a.holes(now, look.Add(HoleAhead)) {
			if begins := h.From.Add(-HoleAhead); begins.After(over) {
				next = sooner(now, next, begins)
				break
			}
			holes[subject], over = true, h.Until
		}
		next = sooner(now, next, over)
	}
	breaks := map[Person]time.Time{} // on the wall, as all here
	for who, until := range m.breaks {
		breaks[who] = until.Add(-m.behind)
	}
	for id, p := range m.plan.Policies {
		if m.plan.mayLack(p, breaks) {
			watch(string(id), m.plan.policyAnswers(id, breaks))
		}
	}
	for id, r := range m.plan.Rosters {
		if len(r.Cover) > 0 {
			watch(string(id), m.plan.rosterAnswers(r))
		}
	}
	if !next.IsZero() {
		next = next.Add(m.behind)
	}
	return holes, next
}

// mayLack reports whether a policy can be without anybody at some time: it calls
// nobody by name who never rests and is on no break.
func (p Plan) mayLack(policy Policy, breaks map[Person]time.Time) bool {
	return !slices.ContainsFunc(policy.Steps, func(s PolicyStep) bool {
		return slices.ContainsFunc(s.Call, func(t Target) bool {
			return p.callable(t.Person) && len(p.People[t.Person].Rests) == 0 && breaks[t.Person].IsZero()
		})
	})
}
