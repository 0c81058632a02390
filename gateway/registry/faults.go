package registry

import (
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// docFaults say who is told of faults, and when: technicians, in their hours.
type docFaults struct {
	Policy string              `yaml:"policy"`
	Days   Days                `yaml:"days,omitempty,flow"`
	From   *Clock              `yaml:"from,omitempty"`
	To     *Clock              `yaml:"to,omitempty"`
	Gather strictyaml.Duration `yaml:"gather,omitempty"`
	// Unheard is the policy when somebody is left without a working button.
	Unheard string `yaml:"unheard,omitempty"`
}

// faults are those of the plan.
func (d *data) faults(b *builder) *alerting.FaultPlan {
	f := d.Faults
	if f == nil {
		return nil
	}
	out := &alerting.FaultPlan{Policy: alerting.PolicyID(b.id(kindPolicy, f.Policy)), Hours: hoursOf(f.Days, f.From, f.To), Gather: time.Duration(f.Gather)}
	if f.Unheard != "" {
		out.Unheard = alerting.PolicyID(b.id(kindPolicy, f.Unheard))
	}
	return out
}

// hoursOf are hours as they are written beside other things: every day without
// days, the whole day without from and to; nil when neither is written.
func hoursOf(days Days, from, to *Clock) *alerting.Hours {
	if len(days) == 0 && (from == nil || to == nil) {
		return nil
	}
	h := &alerting.Hours{Days: days.weekdays(), To: 24 * 60}
	if len(days) == 0 {
		h.Days = week.weekdays()
	}
	if from != nil && to != nil {
		h.From, h.To = int(*from), int(*to)
	}
	return h
}

func (c checker) faults(d *data, policies map[string]bool) {
	f := d.Faults
	if f == nil {
		return
	}
	c.reference("faults.policy", "policy", f.Policy, policies, "policies:")
	if f.Unheard != "" {
		c.reference("faults.unheard", "policy", f.Unheard, policies, "policies:")
	}
	c.days("faults.days", f.Days)
	if c.Has("faults.from") != c.Has("faults.to") {
		c.Errorf("faults", "from and to go together; write both, or neither for the whole day")
	}
	c.within("faults.gather", f.Gather, time.Second, alerting.MaxGather)
}

// toldOfFaults warns when nobody is.
func (c checker) toldOfFaults(d *data) {
	if d.Faults == nil && len(d.Devices) > 0 && !c.Unread("faults") {
		c.Errorf("devices", "nobody is told when one of them fails, or what is before it: it is on the page and in Grafana alone; write faults: {policy: KEY}, with from: and to: for the hours of technicians")
	}
}

// button reports whether a person presses a device to call.
func (v docDevice) button() bool { return v.Role == rolePanic || v.Role == roleMedical }
