package registry

import (
	"slices"
	"strings"
	"time"

	"telecare/alerting"
)

// carer is the role of those who may rest: somebody of the family.
const carer = "carer"

// rolePrefix names all responders of a role.
const rolePrefix = "role:"

type docRest struct {
	From  When `yaml:"from"`
	Until When `yaml:"until,omitempty"`
}

// rests are those of the plan.
func rests(in []docRest, zone *time.Location) []alerting.Rest {
	var out []alerting.Rest
	for _, r := range in {
		rest := alerting.Rest{From: r.From.begin(zone)}
		if !r.Until.IsZero() {
			rest.Until = r.Until.end(zone)
		}
		out = append(out, rest)
	}
	return out
}

// standIns are those of the plan; a role is everybody who has it.
func (d *data) standIns(b *builder, in []string) []alerting.Target {
	var out []alerting.Target
	add := func(t alerting.Target) {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, who := range in {
		if role, ok := strings.CutPrefix(who, rolePrefix); ok {
			for _, r := range d.Responders {
				if r.Role == role {
					add(alerting.Target{Person: alerting.Person(b.id(kindResponder, r.Key))})
				}
			}
		} else if key, ok := strings.CutPrefix(who, rosterPrefix); ok {
			add(alerting.Target{Roster: alerting.RosterID(b.id(kindRoster, key))})
		} else {
			add(alerting.Target{Person: alerting.Person(b.id(kindResponder, who))})
		}
	}
	return out
}

// rests checks when a responder rests.
func (c checker) rests(at string, r docResponder, lastResort string, zone *time.Location) {
	if len(r.Rests) == 0 {
		return
	}
	switch {
	case r.Key == lastResort && r.Key != "":
		c.Errorf(at+".rests", "%q is the last resort, who must always be callable; name another as last_resort:, or take the rests out", r.Key)
	case r.Role != carer:
		c.Errorf(at+".rests", "only a carer rests, and the role of %q is %q; write role: %s, or take the rests out", r.Key, r.Role, carer)
	}
	for i, rest := range r.Rests {
		at := path("%s.rests[%d]", at, i)
		switch {
		case rest.From.IsZero():
			c.Errorf(at+".from", "missing; write the first day of the rest, such as from: 2026-11-10, or from: 2026-11-10 12:00")
		case !rest.Until.IsZero() && !rest.Until.end(zone).After(rest.From.begin(zone)):
			c.backwards(at+".until", rest.From, rest.Until, "rest")
		}
	}
}

// standIns checks who stands in for carers who rest.
func (c checker) standIns(at string, in []string, d *data, responders, rosters map[string]bool) {
	twice := map[string]bool{}
	for i, who := range in {
		at := path("%s[%d]", at, i)
		role, isRole := strings.CutPrefix(who, rolePrefix)
		key, isRoster := strings.CutPrefix(who, rosterPrefix)
		switch {
		case (isRole || isRoster) && twice[who]:
			c.Errorf(at, "%q is given twice; take one out", who)
		case isRole:
			c.roleThereIs(at, role, d)
			twice[who] = true
		case isRoster:
			c.reference(at, "roster", key, rosters, "rosters:")
			twice[who] = true
		case !responders[who] && rosters[who]:
			c.Errorf(at, "%q is a roster; write %s%s", who, rosterPrefix, who)
		default:
			c.callable(at, who, d, responders, twice)
		}
	}
}

// roleThereIs checks that somebody who can be called has a role.
func (c checker) roleThereIs(at, role string, d *data) {
	var known []string
	for i, r := range d.Responders {
		if c.Unread(path("responders[%d].role", i)) || c.Unread(path("responders[%d].channels", i)) {
			return
		}
		if len(r.Channels) > 0 && r.Role != "" {
			known = append(known, r.Role)
		}
	}
	if c.Unread("responders") || slices.Contains(known, role) {
		return
	}
	slices.Sort(known)
	c.Errorf(at, "%s", unknown("role", role, slices.Compact(known), "responders: that have channels:"))
}
