package alerting

import "slices"

// sendOutstanding sends again, under the same ids, whatever had no result when
// the process ended. That it is taken care of is old news after StopFor.
func (m *Machine) sendOutstanding() {
	for _, a := range m.sorted() {
		for _, n := range a.Calls {
			if n.Reason == Stopped && m.now.Sub(n.At) > StopFor {
				continue
			}
			if n.State == Sending || n.State == Failing {
				m.effects = append(m.effects, a.effect(n))
			}
		}
	}
}

// sent records the result of a notification. The first of a step's calls that
// a channel accepts gives the step its whole wait.
func (m *Machine) sent(in Sent) {
	a := m.alarms[in.Alarm]
	if a == nil {
		m.signsResult(in)
		return
	}
	m.toldResult(a, in)
	i := slices.IndexFunc(a.Calls, func(n Notification) bool { return n.ID == in.Notification })
	if i < 0 {
		return
	}
	n := &a.Calls[i]
	switch {
	case in.Error != "" && !n.OnPhoneAt.IsZero(): // it is there
	case in.Arrived:
		m.onPhone(a, n)
	case in.Error != "" && n.State == Sending:
		n.State, n.Error = Failing, in.Error
		m.note(a, Entry{What: NotReached, Who: n.To, Step: n.Step, Text: in.Error})
		m.nextContact(a, n.To)
	case in.Error != "" && n.State == Delivered:
		n.State, n.Error = Missed, in.Error
		m.note(a, Entry{What: NotReached, Who: n.To, Step: n.Step, Text: in.Error})
		m.missed(a, n.To)
	case in.Error != "" || n.State == Delivered:
	case n.State == Failing && n.Error == NotArrived: // that was known before the channel's answer
		n.State, n.DoneAt = Missed, m.now
	default:
		m.delivered(a, n)
	}
}

// delivered: a channel has accepted a message.
func (m *Machine) delivered(a *alarm, n *Notification) {
	n.State, n.Error, n.DoneAt = Delivered, "", m.now
	if n.Reason == Calling && a.NotifiedAt.IsZero() {
		a.NotifiedAt = m.now
	}
	e := Entry{What: Reached, Who: n.To, Step: n.Step, Text: string(n.Reason)}
	if n.Reason == Calling && (a.State == Raised || a.HelpWanted) && !n.At.Before(a.StepAt) && !a.Reached {
		a.Reached = true
		a.Deadline = a.StepAt.Add(a.Wait)
		m.schedule(a)
		e.Until = a.Deadline
	}
	m.note(a, e)
}

// onPhone: a message is on somebody's telephone, which says no more than that.
// Where the channel's own answer was lost, or is late, it has accepted it by that,
// too, and what is tried on would come twice.
func (m *Machine) onPhone(a *alarm, n *Notification) {
	if !n.OnPhoneAt.IsZero() {
		return
	}
	n.OnPhoneAt = m.now
	switch n.State {
	case Sending, Failing:
		m.effects = append(m.effects, Withdraw{ID: n.ID, Alarm: a.ID, Number: a.Number, To: n.To, Channel: n.Channel})
		m.delivered(a, n)
		return
	case Missed: // a report that it would not was wrong
		n.State, n.Error = Delivered, ""
	}
	m.tell(a, Entry{What: OnPhone, Who: n.To, Step: n.Step})
}

// NotArrived is the error of a message that its channel had accepted.
const NotArrived = "not arrived"

// InLine is the error of a message that its channel has not begun to send: others
// are before it. It goes out in its turn, and whoever it is for is called in
// other ways meanwhile. The channel works.
const InLine = "in line"

// missed: a channel had accepted a call, and says now that it did not arrive.
// Where nobody else was reached in this step, it does not get its whole wait.
func (m *Machine) missed(a *alarm, to Person) {
	if a.State != Raised && !a.HelpWanted {
		return
	}
	m.nextContact(a, to)
	for _, n := range a.Calls {
		if n.State == Delivered && n.Reason == Calling && !n.At.Before(a.StepAt) {
			return
		}
	}
	if soon := a.StepAt.Add(Unreached); a.Reached && a.Deadline.After(soon) {
		a.Deadline = soon
		m.schedule(a)
	}
	a.Reached = false
}

// withdraw takes back what still waits and matches, and what of it was left for
// later.
func (m *Machine) withdraw(a *alarm, match func(Notification) bool) {
	m.dropLater(a, func(l Later) bool { return match(Notification{To: l.To, Reason: Calling}) })
	for i := range a.Calls {
		n := &a.Calls[i]
		if (n.State == Sending || n.State == Failing) && match(*n) {
			n.State, n.DoneAt = Withdrawn, m.now
			m.effects = append(m.effects, Withdraw{ID: n.ID, Alarm: a.ID, Number: a.Number, To: n.To, Channel: n.Channel})
		}
	}
}
