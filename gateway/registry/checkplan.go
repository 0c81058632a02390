package registry

import (
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// callable checks somebody who is to be called.
func (c checker) callable(at, key string, d *data, responders, twice map[string]bool) {
	if !c.reference(at, "responder", key, responders, "responders:") {
		return
	}
	if twice[key] {
		c.Errorf(at, "%q is given twice; take one out", key)
	}
	twice[key] = true
	for i, r := range d.Responders {
		if r.Key == key && len(r.Channels) == 0 && !c.Unread(path("responders[%d].channels", i)) {
			c.Errorf(at, "%q has no channel and cannot be called; give it channels:", key)
		}
	}
}

func (c checker) policies(d *data, responders, rosters map[string]bool) map[string]bool {
	seen := c.keys("policies", len(d.Policies))
	for i, p := range d.Policies {
		at := path("policies[%d]", i)
		c.key(at+".key", p.Key, seen)
		c.text(at+".name", p.Name, false, maxName)
		if len(p.Steps) == 0 {
			c.Errorf(at+".steps", "missing; a policy without a step calls nobody")
		}
		for j, s := range p.Steps {
			c.step(path("%s.steps[%d]", at, j), s, d, responders, rosters)
		}
		c.standIns(at+".stand_ins", p.StandIns, d, responders, rosters)
		c.within(at+".arrive", p.Arrive, minLeave, maxArrive)
		c.within(at+".finish", p.Finish, minLeave, maxFinish)
		if c.Has(at+".takers") && (p.Takers < 1 || p.Takers > alerting.MaxTakers) {
			c.Errorf(at+".takers", "%d is out of range; write how many people have to take an alarm, 1 to %d", p.Takers, alerting.MaxTakers)
		}
	}
	return seen
}

func (c checker) step(at string, s docStep, d *data, responders, rosters map[string]bool) {
	if len(s.Call) == 0 {
		c.Errorf(at+".call", "missing; name whom to call: a responder, or a roster as %sKEY", rosterPrefix)
	}
	twice := map[string]bool{}
	for i, target := range s.Call {
		at := path("%s.call[%d]", at, i)
		key, isRoster := strings.CutPrefix(target, rosterPrefix)
		switch {
		case isRoster && twice[rosterPrefix+key]:
			c.Errorf(at, "%q is given twice; take one out", target)
		case isRoster:
			twice[rosterPrefix+key] = c.reference(at, "roster", key, rosters, "rosters:")
		case !responders[target] && rosters[target]:
			c.Errorf(at, "%q is a roster; write %s%s", target, rosterPrefix, target)
		default:
			c.callable(at, target, d, responders, twice)
		}
	}
	if !c.Has(at + ".wait") {
		c.Errorf(at+".wait", "missing; write how long to wait for an answer before the next step, such as wait: 30s")
		return
	}
	if w := time.Duration(s.Wait); w < alerting.MinWait || w > alerting.MaxWait {
		c.Errorf(at+".wait", "%v is out of range; write something from %v to %v", s.Wait, strictyaml.Duration(alerting.MinWait), strictyaml.Duration(alerting.MaxWait))
	}
}

// within checks a length of time that may be left out.
func (c checker) within(at string, d strictyaml.Duration, from, to time.Duration) {
	if t := time.Duration(d); c.Has(at) && (t < from || t > to) {
		c.Errorf(at, "%v is out of range; write something from %v to %v", d, strictyaml.Duration(from), strictyaml.Duration(to))
	}
}
