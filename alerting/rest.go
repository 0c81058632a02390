package alerting

import (
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
