package alerting

import "slices"

// handOver: the holder asks somebody to take it over, and keeps it until then.
func (m *Machine) handOver(in HandOver) {
	a := m.findOpen(in.Alarm, in.By)
	switch {
	case a == nil:
	case a.Holder != in.By:
		m.refuse(in.Alarm, in.By, NotHolder, a.Holder)
	case in.To == in.By || !m.plan.callable(in.To):
		m.refuse(in.Alarm, in.By, CannotCall, in.To)
	case a.Offered == in.To: // asked twice
	case slices.Contains(a.With, in.To): // has it already
		a.Offered = in.To
		m.takeOver(a)
	default:
		if m.endOffer(a) {
			m.stopCalling(a, in.By)
		}
		a.Offered = in.To
		a.Deadline = m.now.Add(AnswerOffer)
		m.schedule(a)
		m.note(a, Entry{What: WasOffered, Who: in.By, To: in.To, Until: a.Deadline})
		m.notify(a, in.To, Offered)
	}
}

// takeOver: whoever was asked takes it. Whoever had it is told.
func (m *Machine) takeOver(a *alarm) {
	had, by := a.Holder, a.Offered
	state := Acknowledged
	if len(a.There) > 0 {
		state = Attended // by somebody else
	}
	m.hold(a, state, by)
	m.note(a, Entry{What: Taken, Who: by, Until: a.Deadline})
	m.stopCalling(a, by, had)
	if a.HelpWanted {
		m.nextStep(a)
	}
}

// offerOver: whoever was asked cannot, or did not answer, and whoever had it
// does not want it: others are called.
func (m *Machine) offerOver(a *alarm, by Person) {
	m.release(a, Entry{What: OfferOver, Who: a.Holder, To: a.Offered}, by)
}

// endOffer takes the question back, if there is one. Whoever was asked and has
// not answered is then to be told like everybody else who was called.
func (m *Machine) endOffer(a *alarm) bool {
	to := a.Offered
	if to != "" {
		a.Offered = ""
		m.withdraw(a, func(n Notification) bool { return n.To == to && n.Reason == Offered })
	}
	return to != ""
}
