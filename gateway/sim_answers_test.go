package gateway

import (
	"slices"
	"time"

	"telecare/alerting"
)

// What people have answered, and who has an alarm by that.

// hold says that a person has it, by that person's own answers.
type hold struct {
	seq      int64
	by       alerting.Person // "" nobody, or who knows
	doubtful bool
	attended bool
	closed   bool
	at       time.Duration
	until    time.Time // the machine's; then it lapses
}

// acted: a person's answer was decided.
func (o *oracle) acted(in alerting.Input, r *alerting.Refused, seq int64) {
	s := o.s
	if r != nil {
		s.trace("refused", string(r.Why), 0)
		o.forget(seq - 1) // what was foreseen
		return
	}
	plan := s.world.site.Plan
	policy := func(id alerting.AlarmID) alerting.Policy { return plan.Policies[o.alarm(id).policy] }
	now := o.now()
	add := func(id alerting.AlarmID, h hold) {
		x := o.byID[id]
		if x == nil {
			o.fail("somebody could answer %q, which nobody was told of", id)
			return
		}
		h.seq, h.at = seq, s.elapsed()
		if policy(id).Takers > 1 && !h.closed {
			h.doubtful = true // whether enough have it is the machine's to know
		}
		if n := len(x.holds); n > 0 && !h.closed {
			was := x.holds[n-1]
			has := was.by != "" && now.Before(was.until)
			lapsed := slices.ContainsFunc(x.seen, func(v shown) bool {
				return v.state == alerting.Raised && v.seq > was.seq && v.seq < seq
			})
			switch {
			case was.doubtful:
				return
			case was.by != "" && !now.Before(was.until) && !lapsed, was.closed:
				h.doubtful = true // it lapses in this moment
			case has && was.attended && h.attended && was.by == h.by:
				return // was there already
			case has && was.attended && h.attended:
				h.by = was.by // another one who comes, too
			case has && !h.attended && h.by != "" && (was.by == h.by || was.attended):
				return // had it already, or is there too
			}
		}
		x.holds = append(x.holds, h)
	}
	switch in := in.(type) {
	case alerting.Reopen: // whatever was before
		if x := o.byID[in.Alarm]; x != nil {
			x.holds = append(x.holds, hold{seq: seq, by: in.By, at: s.elapsed(), until: now.Add(policy(in.Alarm).Arrive)})
		}
		o.sum.reopened++
	case alerting.RaiseByHand:
		if s.real == nil && !slices.ContainsFunc(o.alarms, func(x *simAlarm) bool {
			return x.lastSeq == seq && x.device == "" && x.kind == in.Kind && x.seen[len(x.seen)-1].state == alerting.Raised
		}) {
			o.fail("an alarm that was raised by hand at %q (drill: %t) calls nobody", in.Place, in.Drill)
		}
	case alerting.Take:
		add(in.Alarm, hold{by: in.By, until: now.Add(policy(in.Alarm).Arrive)})
	case alerting.Arrive:
		add(in.Alarm, hold{by: in.By, attended: true, until: now.Add(policy(in.Alarm).Finish)})
	case alerting.Decline:
		o.alarm(in.Alarm).refused[in.By] = true
		if x := o.byID[in.Alarm]; x != nil && len(x.holds) > 0 && x.holds[len(x.holds)-1].by == in.By {
			add(in.Alarm, hold{doubtful: true})
		}
	case alerting.NeedHelp:
		add(in.Alarm, hold{doubtful: true})
	case alerting.HandOver:
		o.alarm(in.Alarm).refused[in.By] = true
		add(in.Alarm, hold{doubtful: true})
	case alerting.Close:
		add(in.Alarm, hold{by: in.By, closed: true})
	}
}

// arrived: a message is on a telephone. It is known to be, and nothing is tried
// on; over a restart, too.
func (o *oracle) arrived(in alerting.Sent) {
	a, ok := o.s.g.machine.Alarm(in.Alarm)
	if !ok {
		return
	}
	if o.s.crashes > 0 && slices.ContainsFunc(a.Calls, func(c alerting.Notification) bool {
		return c.ID == in.Notification && c.State == alerting.Sending && c.At.Equal(o.s.g.machine.Now())
	}) {
		return // it is of one that a crash forgot, and this one was made after it in the same moment
	}
	o.carried[in.Notification] = true
	for _, c := range a.Calls {
		if c.ID != in.Notification {
			continue
		}
		if c.OnPhoneAt.IsZero() || c.State != alerting.Delivered && c.State != alerting.Withdrawn {
			o.fail("%s is on the telephone, and is %s (on it: %s)", c.ID, c.State, c.OnPhoneAt)
		}
		if c.State == alerting.Delivered {
			o.onPhone[c.ID] = o.s.g.seq
			o.sum.arrived++
		}
	}
}

// arrivedRemembered: a start knows it.
func (o *oracle) arrivedRemembered(a *alerting.Alarm) {
	for _, c := range a.Calls {
		if _, there := o.onPhone[c.ID]; there && c.OnPhoneAt.IsZero() {
			o.fail("%s was on the telephone, and is not after a restart", c.ID)
		}
	}
}

// last is the alarm as it is known now.
func (x *simAlarm) last() shown {
	if len(x.seen) == 0 {
		return shown{} // somebody has answered what a crash forgot
	}
	return x.seen[len(x.seen)-1]
}

// reopenedBy is the record by which it was opened again last; 0: it never was.
func (x *simAlarm) reopenedBy() int64 {
	if len(x.reopened) == 0 {
		return 0
	}
	return x.reopened[len(x.reopened)-1]
}
