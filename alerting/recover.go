package alerting

import "time"

// recover makes an alarm again that a crash forgot, taken by whoever answers.
// The machine remembers every closed alarm for Remember: one that was raised
// within it and is not known cannot have been closed.
func (m *Machine) recover(in Recover) {
	raised := in.RaisedAt
	if raised.After(m.now) {
		raised = m.now // the clock is behind what it was before the crash
	}
	switch {
	case m.alarms[in.Alarm] != nil:
		return
	case !in.Kind.RaisesAlarm():
		m.refuse(in.Alarm, in.By, NotAnAlarm, "")
		return
	case in.Alarm == "" || m.now.Sub(raised) >= Remember:
		m.refuse(in.Alarm, in.By, NoSuchAlarm, "")
		return
	}
	for _, w := range m.waits {
		if w.ID == in.Alarm {
			m.endWait(w) // it was raised, and the crash forgot that
			break
		}
	}
	d := m.plan.Devices[in.Device]
	a := &alarm{Alarm: Alarm{
		ID: in.Alarm, Kind: in.Kind, Device: in.Device, Place: in.Place,
		RaisedAt: raised, Presses: 1, LastPress: raised, Step: 1, Messages: messagesBefore(m.now.Sub(raised)),
	}}
	if d.Place == "" {
		d.Place = a.Place
	}
	a.Place, a.Residents = m.from(d, raised.Add(-m.behind))
	m.begin(a)
	m.hold(a, Acknowledged, in.By)
	m.note(a, Entry{What: WasRaised, Text: "recovered"})
	m.note(a, Entry{What: Taken, Who: in.By, Until: a.Deadline})
	// Who was called before the crash is not known; the first were.
	if a.HelpWanted { // they are still to come
		a.Step = 0
		m.nextStep(a)
		return
	}
	if policy := m.plan.Policies[a.Policy]; len(policy.Steps) > 0 {
		who, _ := m.reachable(policy.Steps[0], policy, a)
		for _, p := range who {
			m.notify(a, p, Stopped)
		}
	}
}

// messagesBefore is more than an alarm can have made messages in a time, so
// that none after a crash has the id of one before it: a channel would take it
// for the same message and not carry it.
func messagesBefore(d time.Duration) int { return 1000 * (1 + int(d/time.Second)) }
