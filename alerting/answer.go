package alerting

import (
	"slices"
	"time"
)

// find returns the alarm a person answers, or refuses.
func (m *Machine) find(id AlarmID, by Person) *alarm {
	a := m.alarms[id]
	if a == nil {
		m.refuse(id, by, NoSuchAlarm, "")
	}
	return a
}

// findOpen is find for answers that need the alarm open.
func (m *Machine) findOpen(id AlarmID, by Person) *alarm {
	a := m.find(id, by)
	if a != nil && !a.Open() {
		m.refuse(id, by, AlreadyClosed, a.Holder)
		return nil
	}
	return a
}

func (m *Machine) refuse(id AlarmID, by Person, why Refusal, holder Person) {
	m.effects = append(m.effects, Refused{Alarm: id, By: by, Why: why, Holder: holder})
}

func (m *Machine) take(in Take) {
	a := m.findOpen(in.Alarm, in.By)
	switch {
	case a == nil:
	case a.Holder == in.By && !a.lapses(m.now):
		// had already: pressed twice
	case a.Holder == in.By:
		m.stay(a, Taken)
	case a.HelpWanted:
		a.HelpWanted = false
		a.Deadline = m.holdUntil(a)
		m.schedule(a)
		m.note(a, Entry{What: Taken, Who: in.By, Until: a.Deadline})
		m.stopOthers(a, in.By)
	case a.State != Raised:
		m.refuse(in.Alarm, in.By, AlreadyHeld, a.Holder)
	default:
		m.hold(a, Acknowledged, in.By)
		m.note(a, Entry{What: Taken, Who: in.By, Until: a.Deadline})
		m.stopOthers(a, in.By)
	}
}

// lapses reports whether whoever has it has had it for too long by now.
func (a *alarm) lapses(now time.Time) bool { return !a.Deadline.IsZero() && !a.Deadline.After(now) }

// stay leaves the alarm with its holder, who was heard of in the very moment in
// which it would have lapsed.
func (m *Machine) stay(a *alarm, what What) {
	a.Deadline = m.holdUntil(a)
	m.schedule(a)
	m.note(a, Entry{What: what, Who: a.Holder, Until: a.Deadline})
}

// hold gives the alarm to a person, as acknowledged or attended.
func (m *Machine) hold(a *alarm, s State, by Person) {
	a.State, a.Holder, a.HeldFrom = s, by, m.now
	if a.AckedAt.IsZero() {
		a.AckedAt = m.now
	}
	if s == Attended && a.AttendedAt.IsZero() {
		a.AttendedAt = m.now
	}
	a.Declined = slices.DeleteFunc(a.Declined, func(p Person) bool { return p == by })
	a.Deadline = m.holdUntil(a)
	m.schedule(a)
}

// holdUntil is when those who have it have had it for too long if from now on
// they do nothing more. Somebody who comes to help starts it anew: what has just
// been taken does not lapse in the same moment.
func (m *Machine) holdUntil(a *alarm) time.Time {
	policy := m.plan.Policies[a.Policy]
	if a.State == Attended {
		return m.now.Add(positive(policy.Finish, time.Hour))
	}
	return m.now.Add(positive(policy.Arrive, 15*time.Minute))
}

func positive(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// decline: somebody cannot come. A holder who cannot gives the alarm back.
// When everybody who was called has declined, the next are called at once.
func (m *Machine) decline(in Decline) {
	a := m.findOpen(in.Alarm, in.By)
	if a == nil || slices.Contains(a.Declined, in.By) {
		return
	}
	if a.State != Raised && a.Holder != in.By {
		m.note(a, Entry{What: CannotCome, Who: in.By})
		return
	}
	a.Declined = append(a.Declined, in.By)
	m.withdraw(a, func(n Notification) bool { return n.To == in.By })
	if a.Holder == in.By {
		m.raiseAgain(a)
		m.note(a, Entry{What: GivenBack, Who: in.By})
		a.Step = max(a.Step-1, 0) // the others of the same step first
		m.nextStep(a)
		return
	}
	m.note(a, Entry{What: CannotCome, Who: in.By})
	if len(a.calledIn(a.Step, a.StepAt)) == 0 {
		m.nextStep(a)
	}
}

// arrive: somebody is with the person, whoever had it before.
func (m *Machine) arrive(in Arrive) {
	a := m.findOpen(in.Alarm, in.By)
	if a == nil {
		return
	}
	if a.State == Attended && a.Holder == in.By {
		if a.lapses(m.now) {
			m.stay(a, Arrived)
		}
		return
	}
	if a.State == Attended { // a second person
		a.HelpWanted = false
		a.Deadline = m.holdUntil(a)
		m.schedule(a)
		m.note(a, Entry{What: Arrived, Who: in.By, Until: a.Deadline})
		m.stopOthers(a, in.By)
		return
	}
	before := a.Holder
	if before != in.By {
		a.HelpWanted = false
	}
	m.hold(a, Attended, in.By)
	m.note(a, Entry{What: Arrived, Who: in.By, Until: a.Deadline})
	if before != in.By {
		m.stopOthers(a, in.By, before)
	}
}

// needHelp calls the next people while the holder keeps the alarm.
func (m *Machine) needHelp(in NeedHelp) {
	a := m.findOpen(in.Alarm, in.By)
	if a == nil {
		return
	}
	a.HelpWanted = a.State != Raised
	m.note(a, Entry{What: HelpWanted, Who: in.By})
	m.nextStep(a)
}

func (m *Machine) close(in Close) {
	a := m.find(in.Alarm, in.By)
	switch {
	case a == nil:
	case !a.Open():
		if a.Outcome != in.Outcome {
			m.refuse(in.Alarm, in.By, AlreadyClosed, a.Holder)
		}
	case !slices.Contains(Outcomes(), in.Outcome):
		m.refuse(in.Alarm, in.By, NoOutcome, "")
	default:
		attended := a.State == Attended
		a.State, a.ClosedAt, a.Outcome, a.Deadline, a.HelpWanted = Closed, m.now, in.Outcome, time.Time{}, false
		m.open.remove(a)
		if in.By != "" && a.AckedAt.IsZero() {
			a.AckedAt = m.now // who closes it has seen to it, also without having taken it
		}
		m.schedule(a)
		m.note(a, Entry{What: WasClosed, Who: in.By, Text: string(in.Outcome)})
		m.visited(a, attended)
		m.stopOthers(a, in.By, a.Holder)
	}
}

// reopen undoes a close. Whoever undoes it has the alarm.
func (m *Machine) reopen(in Reopen) {
	a := m.find(in.Alarm, in.By)
	switch {
	case a == nil:
	case a.Open():
		m.refuse(in.Alarm, in.By, NotClosed, a.Holder)
	case m.now.Sub(a.ClosedAt) > ReopenFor:
		m.refuse(in.Alarm, in.By, TooLate, "")
	default:
		a.ClosedAt, a.Outcome = time.Time{}, ""
		if t := (trigger{a.Device, a.Kind}); m.ended[t] == a.ID {
			delete(m.ended, t)
		}
		m.open.add(a)
		m.hold(a, Acknowledged, in.By)
		m.note(a, Entry{What: WasReopened, Who: in.By, Until: a.Deadline})
	}
}

// stopOthers ends the calling: what still waits is withdrawn, and whoever was
// called since the last stop is told that it is taken care of, and also those
// who had it before. Only by, who knows, is not.
func (m *Machine) stopOthers(a *alarm, by Person, had ...Person) {
	m.withdraw(a, func(n Notification) bool { return n.Reason != Stopped })
	tell := had
	for _, c := range a.Calls {
		if c.To != a.Holder && a.newest(c.To) != Stopped {
			tell = append(tell, c.To)
		}
	}
	told := []Person{"", by}
	for _, p := range tell {
		if !slices.Contains(told, p) {
			told = append(told, p)
			m.notify(a, p, Stopped)
		}
	}
}

// newest is the reason of the newest message to a person.
func (a *alarm) newest(p Person) Reason {
	for _, c := range slices.Backward(a.Calls) {
		if c.To == p {
			return c.Reason
		}
	}
	return ""
}
