package alerting

import (
	"slices"
	"time"
)

// choice says when an alarm that is raised can get a policy. An alarm keeps the
// one that it was raised with, also when the hours of that are over.
type choice struct {
	policy PolicyID
	rules  []Rule
	hours  []Hours // of the rules, each once
	zone   Zone
	// named: it is the default, or a watch's or a device's own, and so in force
	// where no rule fits.
	named bool
}

func (p Plan) chosenBy(id PolicyID) choice {
	c := choice{policy: id, rules: p.Rules, zone: p.Zone, named: id == p.Default}
	for _, r := range p.Rules {
		if r.Hours != nil && !slices.ContainsFunc(c.hours, r.Hours.equal) {
			c.hours = append(c.hours, *r.Hours)
		}
	}
	for _, w := range p.Watches {
		c.named = c.named || w.Policy == id
	}
	for _, d := range p.Devices {
		if c.named {
			break
		}
		c.named = d.Policy == id
	}
	return c
}

func (c choice) inForce(t time.Time) bool {
	var before []Rule // those in force that an alarm meets first
	for _, r := range c.rules {
		if r.Hours != nil && !r.Hours.At(t, c.zone) {
			continue
		}
		if r.Policy == c.policy && !slices.ContainsFunc(before, r.within) {
			return true
		}
		before = append(before, r)
	}
	return c.named && !slices.ContainsFunc(before, Rule{}.within)
}

// next is the first time after t, before limit, at which that may change.
func (c choice) next(t, limit time.Time) time.Time {
	for _, h := range c.hours {
		for at := range h.edges(t, c.zone.location()) {
			limit = sooner(t, limit, at)
		}
	}
	return limit
}

// within reports whether whatever r fits, in its hours, another fits too.
func (r Rule) within(other Rule) bool {
	return among(r.Kinds, other.Kinds) && among(r.Places, other.Places) && among(r.Residents, other.Residents)
}

// among reports whether a list of a rule leaves out whatever another does: an
// empty one leaves out nothing.
func among[T comparable](list, other []T) bool {
	return len(other) == 0 || len(list) > 0 && !slices.ContainsFunc(list, func(x T) bool { return !slices.Contains(other, x) })
}

func (h Hours) equal(other Hours) bool {
	return h.From == other.From && h.To == other.To && slices.Equal(h.Days, other.Days)
}
