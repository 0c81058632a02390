package alerting

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Bounds of a step's wait, and of the people that a policy wants.
const (
	MinWait   = time.Second
	MaxWait   = time.Hour
	MaxTakers = 4
)

// Check says every reason why a plan cannot promise that somebody comes.
func (p Plan) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p.Site == "" {
		bad("plan names no site")
	}
	switch {
	case p.LastResort == "":
		bad("plan has no last-resort contact: name somebody outside all rosters who is called when nobody else comes")
	case len(p.People[p.LastResort].Rests) > 0:
		bad("last-resort contact %q rests at times: name somebody who can always be called", p.LastResort)
	case !p.callable(p.LastResort):
		bad("last-resort contact %q has no channel: nobody could be reached", p.LastResort)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Rosters)) {
		p.checkRoster(id, bad)
	}
	if _, ok := p.Policies[p.Default]; !ok {
		bad("default policy %q does not exist", p.Default)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Policies)) {
		policy := p.Policies[id]
		if len(policy.Steps) == 0 {
			bad("policy %q has no steps: nobody would be called", id)
		}
		if policy.Takers < 0 || policy.Takers > MaxTakers {
			bad("policy %q wants %d people: give 1 to %d", id, policy.Takers, MaxTakers)
		}
		for i, s := range policy.Steps {
			if s.Wait < MinWait || s.Wait > MaxWait {
				bad("policy %q step %d waits %s: give %s to %s", id, i+1, s.Wait, MinWait, MaxWait)
			}
			if len(s.Call) == 0 {
				bad("policy %q step %d calls nobody", id, i+1)
			}
			for _, t := range s.Call {
				if !p.knows(t) {
					bad("policy %q step %d calls neither one responder nor one roster: %q %q", id, i+1, t.Person, t.Roster)
				}
			}
		}
		for _, t := range policy.StandIns {
			if !p.knows(t) {
				bad("policy %q has neither one responder nor one roster stand in: %q %q", id, t.Person, t.Roster)
			}
		}
	}
	p.checkWatches(bad)
	p.checkFaults(bad)
	p.checkInformed(bad)
	for i, r := range p.Rules {
		if _, ok := p.Policies[r.Policy]; !ok {
			bad("rule %d has policy %q, which does not exist", i+1, r.Policy)
		}
		if h := r.Hours; h != nil && (h.From < 0 || h.From >= 24*60 || h.To < 0 || h.To > 24*60) {
			bad("rule %d has hours outside 00:00 to 24:00", i+1)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Devices)) {
		d := p.Devices[id]
		if d.PreAlarm < 0 || d.PreAlarm > MaxPreAlarm {
			bad("device %q lets a fall wait %s: give at most %s", id, d.PreAlarm, MaxPreAlarm)
		}
		if d.Policy != "" {
			if _, ok := p.Policies[d.Policy]; !ok {
				bad("device %q has policy %q, which does not exist", id, d.Policy)
			}
		}
	}
	for _, t := range p.StandIns {
		if !p.knows(t) {
			bad("neither one responder nor one roster stands in: %q %q", t.Person, t.Roster)
		}
	}
	for _, who := range slices.Sorted(maps.Keys(p.People)) {
		for _, r := range p.People[who].Rests {
			if !r.Until.IsZero() && !r.From.Before(r.Until) {
				bad("responder %q rests from %s until %s, which is not after it", who, r.From, r.Until)
			}
		}
	}
	for i, s := range p.Stays {
		switch {
		case s.Resident == "" || s.Place == "":
			bad("stay %d names no resident or no place: %q %q", i+1, s.Resident, s.Place)
		case !s.Until.IsZero() && !s.From.Before(s.Until):
			bad("stay %d of %q is from %s until %s, which is not after it", i+1, s.Resident, s.From, s.Until)
		case s.Hours != nil && (s.Hours.From < 0 || s.Hours.From >= 24*60 || s.Hours.To < 0 || s.Hours.To > 24*60 || len(s.Hours.Days) == 0):
			bad("stay %d of %q has no days or hours outside 00:00 to 24:00", i+1, s.Resident)
		}
	}
	return errors.Join(errs...)
}

// callable reports whether there is a way to reach somebody.
func (p Plan) callable(who Person) bool { return len(p.People[who].Contacts) > 0 }

// knows reports whether a target is one responder or one roster of the plan.
func (p Plan) knows(t Target) bool {
	_, person := p.People[t.Person]
	_, roster := p.Rosters[t.Roster]
	return person != roster
}
