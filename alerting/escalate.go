package alerting

import (
	"slices"
	"strconv"
	"time"
)

// passAlarm does what is due of an alarm.
func (m *Machine) passAlarm(a *alarm) {
	switch {
	case a.State == Closed:
		m.due.stop(&a.timer)
		m.unrefer(a, a.Refs...)
		if t := (trigger{a.Device, a.Kind}); m.ended[t] == a.ID {
			delete(m.ended, t)
		}
		delete(m.alarms, a.ID)
	case a.State == Raised || a.HelpWanted:
		m.nextStep(a)
	default: // its holder did not arrive, or did not close
		holder := a.Holder
		m.raiseAgain(a)
		a.Step, a.Turn, a.Declined = 0, 0, nil
		m.note(a, Entry{What: Lapsed, Who: holder})
		m.nextStep(a)
	}
}

// raiseAgain takes an alarm from its holder: nobody has it.
func (m *Machine) raiseAgain(a *alarm) {
	a.State, a.Holder, a.HeldFrom, a.HelpWanted = Raised, "", time.Time{}, false
}

// nextStep calls the next step of the policy that has somebody to call. After
// the last one, that one repeats for ever and the last resort is called with
// it.
func (m *Machine) nextStep(a *alarm) {
	policy, ok := m.plan.Policies[a.Policy]
	if !ok {
		policy = m.plan.Policies[m.plan.Default]
	}
	m.withdraw(a, func(n Notification) bool { return n.Reason != Stopped && m.plan.Resting(n.To, m.wall()) })
	for a.Step < len(policy.Steps) {
		a.Step++
		step := policy.Steps[a.Step-1]
		who, resting := m.reachable(step, policy, a)
		m.noteResting(a, resting)
		if len(who) > 0 {
			m.callStep(a, step.Wait, who)
			return
		}
		m.note(a, Entry{What: StepPassed, Step: a.Step})
	}
	a.Turn++
	a.Declined = nil // nobody came: everybody is asked again
	wait := Unreached
	var who, resting []Person
	if n := len(policy.Steps); n > 0 {
		wait = policy.Steps[n-1].Wait
		who, resting = m.reachable(policy.Steps[n-1], policy, a)
		m.noteResting(a, resting)
	}
	if m.plan.LastResort != a.Holder {
		m.note(a, Entry{What: LastResort, Who: m.plan.LastResort, Step: a.Step})
		if !slices.Contains(who, m.plan.LastResort) {
			who = append(who, m.plan.LastResort)
		}
	}
	if len(who) == 0 {
		who = resting // better woken than nobody
	}
	m.callStep(a, wait, who)
}

// noteResting says once of a step who rests in it.
func (m *Machine) noteResting(a *alarm, resting []Person) {
	for _, p := range resting {
		e := Entry{What: Rests, Who: p, Step: a.Step}
		if !slices.ContainsFunc(a.History, func(h Entry) bool { return h.What == e.What && h.Who == p && h.Step == e.Step }) {
			m.note(a, e)
		}
	}
}

// callStep calls people and sets the deadline after which the next are called.
func (m *Machine) callStep(a *alarm, wait time.Duration, who []Person) {
	if wait <= 0 {
		wait = Unreached // no plan that passed Check has this
	}
	a.StepAt, a.Wait, a.Reached = m.now, wait, false
	a.Deadline = m.now.Add(min(wait, Unreached))
	m.schedule(a)
	m.note(a, Entry{What: StepCalled, Step: a.Step, Until: a.Deadline})
	for _, p := range who {
		m.notify(a, p, Calling)
	}
}

// reachable lists who a step calls now: people with a channel, each once, but
// not those who cannot come or have it already. In the place of each who rests
// the stand-ins are called; those who rest are listed apart.
func (m *Machine) reachable(step PolicyStep, policy Policy, a *alarm) (who, resting []Person) {
	now := m.wall()
	add := func(to *[]Person, p Person) {
		if len(m.plan.People[p].Channels) > 0 && !slices.Contains(*to, p) &&
			!slices.Contains(a.Declined, p) && p != a.Holder {
			*to = append(*to, p)
		}
	}
	standIn := m.plan.targets(m.plan.standIns(policy), now)
	for _, p := range m.plan.targets(step.Call, now) {
		if !m.plan.Resting(p, now) {
			add(&who, p)
			continue
		}
		add(&resting, p)
		for _, s := range standIn {
			if !m.plan.Resting(s, now) {
				add(&who, s)
			}
		}
	}
	return who, resting
}

// targets lists the people behind targets at a time on the wall.
func (p Plan) targets(call []Target, at time.Time) []Person {
	var who []Person
	for _, t := range call {
		if t.Person != "" {
			who = append(who, t.Person)
		}
		who = append(who, p.Rosters[t.Roster].OnCall(at, p.Zone)...)
	}
	return who
}

// calledIn lists who was called at a time in a step.
func (a *alarm) calledIn(step int, at time.Time) []Person {
	var who []Person
	for _, c := range a.Calls {
		if c.Step == step && c.At.Equal(at) && c.Reason == Calling && !slices.Contains(who, c.To) &&
			!slices.Contains(a.Declined, c.To) {
			who = append(who, c.To)
		}
	}
	return who
}

// notify sends one message to a person over each of the person's channels. A
// call that is still being tried is not made a second time: the same message is
// asked for again, so that after an outage nobody gets a storm.
func (m *Machine) notify(a *alarm, to Person, why Reason) {
	for _, ch := range m.plan.People[to].Channels {
		if n := a.pending(to, ch, why); n != nil {
			n.Step, n.At = a.Step, m.now
			m.effects = append(m.effects, a.effect(*n))
			continue
		}
		a.Messages++
		n := Notification{
			ID: NotificationID(string(a.ID) + "." + strconv.Itoa(a.Messages)), To: to, Channel: ch,
			Reason: why, Step: a.Step, At: m.now, State: Sending,
		}
		a.Calls = append(a.Calls, n)
		m.effects = append(m.effects, a.effect(n))
	}
	a.trim()
}

// pending finds a message of the same kind that has no good result yet.
func (a *alarm) pending(to Person, ch ChannelID, why Reason) *Notification {
	for i := range a.Calls {
		n := &a.Calls[i]
		if n.To == to && n.Channel == ch && n.Reason == why && (n.State == Sending || n.State == Failing) {
			return n
		}
	}
	return nil
}

func (a *alarm) effect(n Notification) Notify {
	return Notify{ID: n.ID, Alarm: a.ID, Number: a.Number, To: n.To, Channel: n.Channel, Reason: n.Reason, Step: n.Step}
}

// note writes a line of history and tells everybody who watches.
func (m *Machine) note(a *alarm, e Entry) {
	e.At = m.now
	a.History = append(a.History, e)
	a.trim()
	m.tell(a, e)
}

func (m *Machine) tell(a *alarm, e Entry) {
	e.At = m.now
	m.effects = append(m.effects, Changed{Alarm: Alarm{ID: a.ID, Number: a.Number}, Entry: e})
}

// trim bounds what an alarm that nobody takes for days remembers: its first
// line and the newest 200, and the newest 200 notifications.
func (a *alarm) trim() {
	const keep = 200
	if len(a.History) > keep+50 {
		a.History = slices.Delete(a.History, 1, len(a.History)-keep)
	}
	if len(a.Calls) > keep+50 {
		a.Calls = slices.Delete(a.Calls, 0, len(a.Calls)-keep)
	}
}
