package alerting

import (
	"maps"
	"slices"
	"time"
)

// Rest is a time in which a family carer rests. Until is the moment it is over;
// zero is open.
type Rest struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"`
}

// At reports whether the rest lasts at t. Its end is not in it.
func (r Rest) At(t time.Time) bool {
	return !t.Before(r.From) && (r.Until.IsZero() || t.Before(r.Until))
}

// Resting reports whether a responder rests at t.
func (p Plan) Resting(who Person, t time.Time) bool {
	return slices.ContainsFunc(p.People[who].Rests, func(r Rest) bool { return r.At(t) })
}

// standIns is who answers for those who rest.
func (p Plan) standIns(policy Policy) []Target {
	if len(policy.StandIns) > 0 {
		return policy.StandIns
	}
	return p.StandIns
}

// StandInsOf lists who is called instead of somebody who rests, under any policy
// that calls them by name or by a roster, each once.
func (p Plan) StandInsOf(who Person) []Target {
	calls := func(t Target) bool {
		return t.Person == who || p.Rosters[t.Roster].names(who)
	}
	var out []Target
	for _, id := range slices.Sorted(maps.Keys(p.Policies)) {
		policy := p.Policies[id]
		if !slices.ContainsFunc(policy.Steps, func(s PolicyStep) bool { return slices.ContainsFunc(s.Call, calls) }) {
			continue
		}
		for _, t := range p.standIns(policy) {
			if !slices.Contains(out, t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// names reports whether somebody can be on call by a roster at all.
func (r Roster) names(who Person) bool {
	return slices.ContainsFunc(r.Shifts, func(s Shift) bool { return slices.Contains(s.Who, who) }) ||
		slices.ContainsFunc(r.Overrides, func(o Override) bool { return slices.Contains(o.Who, who) }) ||
		slices.ContainsFunc(r.Layers, func(l Layer) bool {
			return slices.ContainsFunc(l.Turns, func(t []Person) bool { return slices.Contains(t, who) })
		})
}
