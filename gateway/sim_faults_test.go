package gateway

import (
	"fmt"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// What technicians are called for: devices that say that they are broken, links
// that are down for longer, buttons that nobody has pressed for long.

// simTechnicians are the policies of those who are called for faults.
func simTechnicians() map[alerting.PolicyID]alerting.Policy {
	call := func(who ...alerting.Person) (out []alerting.Target) {
		for _, p := range who {
			out = append(out, alerting.Target{Person: p})
		}
		return out
	}
	return map[alerting.PolicyID]alerting.Policy{
		"techs": {Steps: []alerting.PolicyStep{
			{Call: call("piotr"), Wait: 20 * time.Second}, {Call: call("piotr", "tomek"), Wait: 30 * time.Second},
		}, Arrive: 3 * time.Minute, Finish: 4 * time.Minute},
		"unheard": {Steps: []alerting.PolicyStep{
			{Call: call("tomek", "jan"), Wait: 15 * time.Second}, {Call: append(call("ewa"), alerting.Target{Roster: "nights"}), Wait: 20 * time.Second},
		}, Arrive: 3 * time.Minute, Finish: 4 * time.Minute},
	}
}

// Bounds of how long faults are gathered.
const (
	simGatherLeast = 5 * time.Second
	simGatherMost  = 40 * time.Second
)

// faultPlan is who is told of faults, and when; at times nobody is.
func (w *world) faultPlan() *alerting.FaultPlan {
	s := w.s
	if s.chance(10) {
		return nil
	}
	p := &alerting.FaultPlan{Policy: "techs", Gather: s.between(simGatherLeast, simGatherMost)}
	if s.chance(60) {
		h := simHours{from: w.minute(-60, 4), to: w.minute(6, 90), days: w.somedays(20)}.hours()
		p.Hours = &h
	}
	if s.chance(60) {
		p.Unheard = "unheard"
	}
	return p
}

// somedays are some days of the week, or all of them.
func (w *world) somedays(p float64) uint8 {
	if w.s.chance(p) {
		return uint8(1 + w.s.rng.IntN(126))
	}
	return 0
}

// simTestEvery is how often these buttons, which give no sign of life, are to be
// pressed.
var simTestEvery = map[string]time.Duration{"z7": 3 * time.Minute, "o9": 4 * time.Minute, "b3": 2 * time.Minute}

// breaks: a device says that it is broken or was opened, and perhaps later that
// it is well again.
func (w *world) breaks() {
	s := w.s
	d := w.devices[s.rng.IntN(len(w.devices))]
	if s.chance(40) { // those that one person alone has
		d = w.device([]devices.ID{"d-o1", "d-o2", "d-o3", "d-z5", "d-z8"}[s.rng.IntN(5)])
	}
	pair := [][2]devices.Kind{{devices.Fault, devices.FaultClear}, {devices.Fault, devices.FaultClear}, {devices.Tamper, devices.TamperClear}, {devices.MainsLost, devices.MainsRestored}}[s.rng.IntN(4)]
	w.reports(d, pair[0])
	if s.chance(85) {
		s.later(s.between(2*time.Second, 3*time.Minute), "well again", func() { w.reports(d, pair[1]) })
	}
}

func (w *world) reports(d *simDevice, kind devices.Kind) {
	w.count++
	d.link.publish(&simMessage{link: d.link, speaks: d.id, frame: devices.Frame{
		Source: d.link.name, Format: "sim", Topic: d.name + "/state", Session: d.link.name, Raw: fmt.Append(nil, kind, " ", w.count),
		Message: devices.Message{Device: d.name, Events: []devices.Event{{Kind: kind}}},
	}})
}

// outage: a link is down for longer than it takes to connect again.
func (w *world) outage() {
	l := w.links[w.s.rng.IntN(len(w.links))]
	l.cut = w.s.elapsed() + w.s.between(5*time.Second, 70*time.Second)
	l.drop()
}

// tells has the process know whether a link is there.
func (l *simLink) tells(lost bool) {
	if l.w.s.up {
		l.w.s.g.Condition(alerting.LinkLost, l.name, lost)
	}
}

// delivers is what the network says, later, of a message over the telephone: that
// it has arrived, or will not; more often than not it says nothing. It may be
// heard before the channel's own answer.
func (w *world) delivers(r route, c alerting.Call) {
	s := w.s
	if r.channel != "phone" || c.Alarm == "" || !s.chance(40) {
		return
	}
	arrived := s.chance(85)
	s.later(s.between(0, 20*time.Second), "report", func() {
		switch {
		case !s.up:
		case arrived:
			s.g.OnPhone(c.Alarm, c.ID)
		default:
			s.g.NotArrived(c.Alarm, c.ID)
		}
	})
}
