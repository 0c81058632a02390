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
	case slices.Contains(a.takers(), in.By):
		if a.Offered != "" && a.Holder == in.By { // keeps it after all
			m.endOffer(a)
			m.stay(a, Taken, in.By)
			m.stopCalling(a, in.By)
		} else if a.lapses(m.now) && !a.HelpWanted {
			m.stay(a, Taken, in.By)
		} // else had already: pressed twice
	case a.Offered == in.By:
		m.takeOver(a)
	case a.HelpWanted:
		a.With = append(a.With, in.By)
		m.enough(a, true)
		m.note(a, Entry{What: Taken, Who: in.By, Until: a.Deadline})
		m.stopCalling(a, in.By)
	case a.State != Raised:
		m.refuse(in.Alarm, in.By, AlreadyHeld, a.Holder)
	default:
		m.hold(a, Acknowledged, in.By)
		m.note(a, Entry{What: Taken, Who: in.By, Until: a.Deadline})
		m.stopCalling(a, in.By)
	}
}

// lapses reports whether whoever has it has had it for too long by now.
func (a *alarm) lapses(now time.Time) bool { return !a.Deadline.After(now) }

// stay leaves the alarm with those who have it, of whom one was heard of in the
// very moment in which it would have lapsed.
func (m *Machine) stay(a *alarm, what What, by Person) {
	a.Deadline = m.holdUntil(a)
	m.schedule(a)
	m.note(a, Entry{What: what, Who: by, Until: a.Deadline})
}

// hold gives the alarm to a person, as acknowledged or attended. While more
// people are wanted the policy goes on where it is.
func (m *Machine) hold(a *alarm, s State, by Person) {
	calling := a.State == Raised || a.HelpWanted
	a.State, a.Holder, a.HeldFrom, a.Offered = s, by, m.now, ""
	a.With, a.There = without(a.With, by), without(a.There, by)
	if a.AckedAt.IsZero() {
		a.AckedAt = m.now
	}
	if s == Attended && a.AttendedAt.IsZero() {
		a.AttendedAt = m.now
	}
	a.Declined = without(a.Declined, by)
	m.enough(a, calling)
}

// without is a new list, without one of them.
func without(all []Person, one Person) []Person {
	return slices.DeleteFunc(slices.Clone(all), func(p Person) bool { return p == one })
}

// takers are those who have it, the holder first.
func (a *alarm) takers() []Person {
	if a.Holder == "" {
		return nil
	}
	return append([]Person{a.Holder}, a.With...)
}

// enough sees whether as many have it as are wanted. If they are not and people
// are being called, the next step is due when it was.
func (m *Machine) enough(a *alarm, calling bool) {
	a.HelpWanted = len(a.takers()) < a.Wanted
	if !a.HelpWanted || !calling {
		a.Deadline = m.holdUntil(a)
	}
	m.schedule(a)
}

// holdUntil is when those who have it have had it for too long if from now on
// they do nothing more. Somebody who comes to help starts it anew: what has just
// been taken does not lapse in the same moment.
func (m *Machine) holdUntil(a *alarm) time.Time {
	policy := m.policyOf(a)
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

// decline: somebody cannot come. Whoever has it and cannot gives it back. When
// everybody who was called has declined, the next are called at once.
func (m *Machine) decline(in Decline) {
	a := m.findOpen(in.Alarm, in.By)
	switch {
	case a == nil:
	case slices.Contains(a.takers(), in.By):
		m.release(a, Entry{What: GivenBack, Who: in.By}, in.By)
	case a.Offered == in.By:
		a.Declined = append(a.Declined, in.By)
		m.offerOver(a, in.By)
	case slices.Contains(a.Declined, in.By):
	case a.State != Raised && !a.HelpWanted:
		m.note(a, Entry{What: CannotCome, Who: in.By})
	default:
		a.Declined = append(a.Declined, in.By)
		m.withdraw(a, func(n Notification) bool { return n.To == in.By })
		m.note(a, Entry{What: CannotCome, Who: in.By})
		if len(a.calledAt(a.StepAt)) == 0 {
			m.nextStep(a)
		}
	}
}

// release takes the alarm from e.Who, who cannot come. If others have it too
// the first of them holds it from now on, else it is raised again; the others of
// the step called last are called first. by is who said so, if anybody did.
func (m *Machine) release(a *alarm, e Entry, by Person) {
	offered := e.Who == a.Holder && m.endOffer(a)
	m.withdraw(a, func(n Notification) bool { return n.To == e.Who })
	step, declined := max(a.Step-1, 0), append(without(a.Declined, e.Who), e.Who)
	a.With, a.There = without(a.With, e.Who), without(a.There, e.Who)
	switch {
	case e.Who != a.Holder:
		m.enough(a, a.HelpWanted)
	case len(a.There) > 0:
		m.hold(a, Attended, a.There[0])
	case len(a.With) > 0:
		m.hold(a, Acknowledged, a.With[0])
	default:
		m.raiseAgain(a)
		a.Step = step
	}
	a.Declined = declined
	if a.State != Raised && e.What == GivenBack {
		e.What = LeftToOthers
	}
	m.note(a, e)
	if a.State == Raised || a.HelpWanted {
		m.nextStep(a)
	} else if offered {
		m.stopCalling(a, by)
	}
}

// arrive: somebody is with the person, whoever had it before.
func (m *Machine) arrive(in Arrive) {
	a := m.findOpen(in.Alarm, in.By)
	if a == nil {
		return
	}
	if a.State == Attended && a.Holder == in.By {
		if offered := m.endOffer(a); offered || a.lapses(m.now) && !a.HelpWanted {
			m.stay(a, Arrived, in.By)
			if offered {
				m.stopCalling(a, in.By)
			}
		}
		return
	}
	if a.State == Attended { // a second person
		if !slices.Contains(a.With, in.By) {
			a.With = append(a.With, in.By)
		}
		if !slices.Contains(a.There, in.By) {
			a.There = append(a.There, in.By)
		}
		m.enough(a, true)
		m.note(a, Entry{What: Arrived, Who: in.By, Until: a.Deadline})
		m.stopCalling(a, in.By)
		m.inform(a, NewsThere, in.By)
		return
	}
	before := a.Holder
	offered := m.endOffer(a)
	if before != "" && before != in.By && a.Wanted > 1 {
		a.With = append(a.With, before) // is wanted too
	}
	m.hold(a, Attended, in.By)
	m.note(a, Entry{What: Arrived, Who: in.By, Until: a.Deadline})
	if before != in.By || offered {
		m.stopCalling(a, in.By, before)
	}
	m.inform(a, NewsThere, in.By)
}

// needHelp calls the next people while those who have the alarm keep it.
func (m *Machine) needHelp(in NeedHelp) {
	a := m.findOpen(in.Alarm, in.By)
	if a == nil {
		return
	}
	if a.State != Raised {
		a.Wanted = len(a.takers()) + 1
		a.HelpWanted = true
	}
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
	case !slices.Contains(OutcomesOf(a.Kind), in.Outcome):
		m.refuse(in.Alarm, in.By, NoOutcome, "")
	default:
		m.shut(a, in.By, in.Outcome)
	}
}

// shut closes an open alarm; by is "" when nobody does.
func (m *Machine) shut(a *alarm, by Person, o Outcome) {
	had, attended := a.takers(), a.State == Attended
	a.State, a.ClosedAt, a.Outcome, a.Deadline, a.HelpWanted, a.Offered = Closed, m.now, o, time.Time{}, false, ""
	m.open.remove(a)
	if by != "" && a.AckedAt.IsZero() {
		a.AckedAt = m.now // who closes it has seen to it, also without having taken it
	}
	m.schedule(a)
	m.note(a, Entry{What: WasClosed, Who: by, Text: string(o)})
	m.visited(a, attended)
	m.stopOthers(a, by, had...)
	m.inform(a, NewsClosed, by)
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
		a.ClosedAt, a.Outcome, a.With, a.There, a.Wanted = time.Time{}, "", nil, nil, 0
		if t := (trigger{a.Device, a.Kind}); m.ended[t] == a.ID {
			delete(m.ended, t)
		}
		m.open.add(a)
		m.hold(a, Acknowledged, in.By)
		m.note(a, Entry{What: WasReopened, Who: in.By, Until: a.Deadline})
		m.informReopened(a, in.By)
		m.armWatchesOf(a) // a bed that is empty counts from when it is closed again
	}
}

// stopCalling ends the calling when as many have it as are wanted; else only of
// by, who has it.
func (m *Machine) stopCalling(a *alarm, by Person, had ...Person) {
	if a.HelpWanted {
		m.withdraw(a, func(n Notification) bool { return n.To == by })
		return
	}
	m.stopOthers(a, by, had...)
}

// stopOthers ends the calling: what still waits is withdrawn, and whoever was
// called since the last stop is told that it is taken care of, and also those
// who had it before. Only by, who knows, is not.
func (m *Machine) stopOthers(a *alarm, by Person, had ...Person) {
	m.withdraw(a, func(n Notification) bool { return n.Reason != Stopped })
	tell := slices.Clone(had)
	for _, c := range a.Calls {
		if a.newest(c.To) != Stopped {
			tell = append(tell, c.To)
		}
	}
	told := []Person{"", by}
	if a.State != Closed {
		told = append(told, a.takers()...)
	}
	for _, p := range tell {
		if !slices.Contains(told, p) {
			told = append(told, p)
			m.notify(a, p, Stopped)
		}
	}
}

// newest is the reason of the newest message to a person: by time, for one that
// is asked for again stays in its place.
func (a *alarm) newest(p Person) Reason {
	var newest Notification
	for _, c := range a.Calls {
		if c.To == p && !c.At.Before(newest.At) {
			newest = c
		}
	}
	return newest.Reason
}
