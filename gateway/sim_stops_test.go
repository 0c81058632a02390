package gateway

import (
	"slices"
	"time"

	"telecare/alerting"
)

// simWord is a message about an alarm that was ordered.
type simWord struct {
	seq   int64
	id    alerting.NotificationID
	to    alerting.Person
	why   alerting.Reason
	at    time.Time
	first bool // over their first contact
}

// actor is whose answer an input is.
func actor(in alerting.Input) alerting.Person {
	switch in := in.(type) {
	case alerting.Take:
		return in.By
	case alerting.Arrive:
		return in.By
	case alerting.Decline:
		return in.By
	case alerting.Close:
		return in.By
	case alerting.Reopen:
		return in.By
	}
	return ""
}

// says notes a message that was ordered.
func (o *oracle) says(c alerting.Call, via alerting.ChannelID) {
	x, first := o.alarm(c.Alarm), o.s.world.site.Plan.People[c.To].Contacts[0].Channel == via
	again, since := false, o.s.g.machine.Now()
	for _, w := range x.words {
		if w.id == c.ID { // it had no result
			if again = true; !o.s.up { // a start says it once more: that is no news
				since = w.at
			}
		}
	}
	x.words = append(x.words, simWord{o.s.g.seq + 1, c.ID, c.To, c.Reason, since, first})
	if c.Reason == alerting.Calling && !first && !again && o.inForce().resting(c.To, o.wall()) && !o.inForce().resting(c.To, o.calledAt(c.Alarm)) {
		o.fail("%s, who rests, is called over another contact for alarm %d%s", c.To, c.Number, o.story(c.Alarm))
	}
}

// calledAt is when an alarm's step was called, on the wall; those who rested then
// were better woken than nobody.
func (o *oracle) calledAt(id alerting.AlarmID) time.Time {
	x := o.alarm(id)
	return x.seen[len(x.seen)-1].stepAt.Add(-o.s.g.machine.Behind())
}

// stopped: as soon as as many have an alarm as are wanted, or it is closed,
// everybody else who was called is sent word of it, in the same moment. That
// such a message then waits for nothing but a channel that is busy, late says.
// Whoever says it knows; and whoever is asked to take it over is being asked.
func (o *oracle) stopped(x *simAlarm, a *alerting.Alarm) {
	if a.State == alerting.Raised || a.HelpWanted {
		return
	}
	newest := map[alerting.Person]simWord{}
	var told []alerting.Person
	for _, w := range x.words {
		if _, ok := newest[w.to]; !ok {
			told = append(told, w.to)
		}
		newest[w.to] = w
	}
	for _, p := range told {
		w := newest[p]
		has := a.State != alerting.Closed && (a.Holder == p || slices.Contains(a.With, p))
		switch {
		case w.why == alerting.Stopped || has || p == o.s.actor || p == a.Offered:
		case slices.ContainsFunc(x.knows, func(k simWord) bool { return k.to == p && k.seq >= w.seq }):
		default:
			o.fail("%s was called for alarm %d (%s at %s) and is not told that it is %s by %s%s", p, a.Number, w.why, w.at.Format("15:04:05.000"), a.State, a.Holder, o.story(a.ID))
		}
	}
	// Nobody is called in the moment in which it is taken; faults can be over in
	// that in which somebody's next contact is due.
	for _, w := range x.words {
		if a.Kind != alerting.Technical && w.seq == o.s.g.seq+1 && w.why == alerting.Calling && o.s.up {
			o.fail("%s is called for alarm %d, which %s has%s", w.to, a.Number, a.Holder, o.story(a.ID))
		}
	}
	if o.s.actor != "" {
		x.knows = append(x.knows, simWord{seq: o.s.g.seq + 1, to: o.s.actor})
	}
}

// stopsOutstanding: a stop that no channel had accepted before the end is sent
// again after a start, for as long as it matters.
func (o *oracle) stopsOutstanding() {
	for _, x := range o.alarms {
		stops := map[alerting.Person]simWord{}
		for _, w := range x.words {
			if w.why == alerting.Stopped {
				stops[w.to] = w
			} else {
				delete(stops, w.to) // called again since
			}
		}
		for _, w := range stops {
			if !o.carried[w.id] && o.now().Sub(w.at) < alerting.StopFor-time.Minute {
				o.resend[w.id] = true
			}
		}
	}
}
