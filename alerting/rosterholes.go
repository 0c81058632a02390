package alerting

import (
	"slices"
	"time"
)

// Hole is a time in which a policy has nobody to call but the last resort.
type Hole struct{ From, Until time.Time }

// Holes lists the holes of a policy from one time to another, to the second.
func (p Plan) Holes(policy PolicyID, from, until time.Time) []Hole {
	var rosters []Roster
	for _, s := range p.Policies[policy].Steps {
		for _, t := range s.Call {
			if p.callable(t.Person) {
				return nil
			}
			if r, ok := p.Rosters[t.Roster]; ok {
				rosters = append(rosters, r)
			}
		}
	}
	var out []Hole
	for from.Before(until) {
		next := until
		for _, r := range rosters {
			next = r.Next(from, next, p.Zone)
		}
		n := len(out)
		switch {
		case slices.ContainsFunc(rosters, func(r Roster) bool { return slices.ContainsFunc(r.OnCall(from, p.Zone), p.callable) }):
		case n > 0 && out[n-1].Until.Equal(from):
			out[n-1].Until = next
		default:
			out = append(out, Hole{from, next})
		}
		from = next
	}
	return out
}

// callable reports whether there is a way to reach somebody.
func (p Plan) callable(who Person) bool { return len(p.People[who].Contacts) > 0 }
