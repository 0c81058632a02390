package registry

import (
	"slices"

	"telecare/alerting"
	"telecare/devices"
)

// docRule chooses a policy by what an alarm is: by its kind, where it is, whose
// it is and when. What is left out fits everything.
type docRule struct {
	Kinds     []string `yaml:"kinds,omitempty,flow"`
	Places    []string `yaml:"places,omitempty,flow"`
	Residents []string `yaml:"residents,omitempty,flow"`
	Days      Days     `yaml:"days,omitempty,flow"`
	From      *Clock   `yaml:"from,omitempty"`
	To        *Clock   `yaml:"to,omitempty"`
	Policy    string   `yaml:"policy"`
}

func (d *data) rules(b *builder) []alerting.Rule {
	var out []alerting.Rule
	for _, r := range d.Rules {
		rule := alerting.Rule{Policy: alerting.PolicyID(b.id(kindPolicy, r.Policy))}
		for _, k := range r.Kinds {
			rule.Kinds = append(rule.Kinds, devices.Kind(k))
		}
		for _, p := range r.Places {
			rule.Places = append(rule.Places, alerting.PlaceID(b.id(kindPlace, p)))
		}
		for _, p := range r.Residents {
			rule.Residents = append(rule.Residents, alerting.ResidentID(b.id(kindResident, p)))
		}
		rule.Hours = hoursOf(r.Days, r.From, r.To)
		out = append(out, rule)
	}
	return out
}

func (c checker) rules(d *data, places, residents, policies map[string]bool) {
	for i, r := range d.Rules {
		at := path("rules[%d]", i)
		for j, k := range r.Kinds {
			if at := path("%s.kinds[%d]", at, j); !devices.Kind(k).RaisesAlarm() {
				c.Errorf(at, "%s", unknown("kind of alarm", k, alarmKinds(), "a kind that raises an alarm"))
			} else if slices.Contains(r.Kinds[:j], k) {
				c.Errorf(at, "%q is given twice; take one out", k)
			}
		}
		for j, p := range r.Places {
			c.reference(path("%s.places[%d]", at, j), "place", p, places, "places:")
		}
		for j, p := range r.Residents {
			c.reference(path("%s.residents[%d]", at, j), "resident", p, residents, "residents:")
		}
		c.days(at+".days", r.Days)
		if c.Has(at+".from") != c.Has(at+".to") {
			c.Errorf(at, "from and to go together; write both, or neither for the whole day")
		}
		if c.reference(at+".policy", "policy", r.Policy, policies, "policies:") &&
			len(r.Kinds)+len(r.Places)+len(r.Residents)+len(r.Days) == 0 && r.From == nil && i < len(d.Rules)-1 {
			c.Errorf(at, "fits every alarm, so that the rules below it are never read; say for which alarms it is, or put it last")
		}
	}
}
