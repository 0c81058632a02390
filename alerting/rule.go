package alerting

import (
	"cmp"
	"slices"
	"time"

	"telecare/devices"
)

// Rule chooses a policy for the alarms it fits: those of any of its kinds, at
// any of its places, of any of its residents, within its hours. What is empty
// fits everything.
type Rule struct {
	Kinds     []devices.Kind `json:"kinds,omitempty"`
	Places    []PlaceID      `json:"places,omitempty"`
	Residents []ResidentID   `json:"residents,omitempty"`
	Hours     *Hours         `json:"hours,omitempty"`
	Policy    PolicyID       `json:"policy"`
}

func (r Rule) fits(a *alarm, t time.Time, zone Zone) bool {
	return (len(r.Kinds) == 0 || slices.Contains(r.Kinds, a.Kind)) &&
		(len(r.Places) == 0 || slices.Contains(r.Places, a.Place)) &&
		(len(r.Residents) == 0 || slices.ContainsFunc(a.Residents, func(id ResidentID) bool { return slices.Contains(r.Residents, id) })) &&
		(r.Hours == nil || r.Hours.At(t, zone))
}

// policyFor is the policy that an alarm is raised with, and keeps.
func (m *Machine) policyFor(a *alarm) PolicyID {
	if a.Kind == Technical {
		return m.technicalPolicy(*a.Faults)
	}
	for _, r := range m.plan.Rules {
		if r.fits(a, m.wall(), m.plan.Zone) {
			return r.Policy
		}
	}
	return cmp.Or(a.Policy, m.plan.Devices[a.Device].Policy, m.plan.Default)
}
