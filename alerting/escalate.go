package alerting

import (
	"slices"
	"strconv"
	"time"
)

// passAlarm does what is due of an alarm.
func (m *Machine) passAlarm(a *alarm) {
	m.callLater(a, func(l Later) bool { return !l.At.After(m.now) })
	switch {
	case a.State == Closed:
		m.due.stop(&a.timer)
		m.unrefer(a, a.Refs...)
		if t := (trigger{a.Device, a.Kind}); m.ended[t] == a.ID {
			delete(m.ended, t)
		}
		delete(m.alarms, a.ID)
	case a.Deadline.After(m.now): // only somebody's further contact was due
	case a.Offered != "":
		m.offerOver(a, "")
	default:
		if a.State != Raised && !a.HelpWanted { // its holder did not arrive, or did not close
			holder := a.Holder
			m.raiseAgain(a)
			m.note(a, Entry{What: Lapsed, Who: holder})
		}
		m.nextStep(a)
	}
}

// raiseAgain takes an alarm from those who have it: nobody has it, and the
// policy begins anew.
func (m *Machine) raiseAgain(a *alarm) {
	a.State, a.Holder, a.HeldFrom, a.HelpWanted = Raised, "", time.Time{}, false
	a.With, a.There, a.Wanted = nil, nil, m.policyOf(a).Takers
	a.Step, a.Turn, a.Declined, a.Asked = 0, 0, nil, nil
}

// policyOf is the policy of an alarm, or the default where the plan has it no
// more.
func (m *Machine) policyOf(a *alarm) Policy {
	if p, ok := m.plan.Policies[a.Policy]; ok {
		return p
	}
	return m.plan.Policies[m.plan.Default]
}

// nextStep calls the next step of the policy that has somebody to call. After
// the last one, that one repeats for ever and the last resort is called with
// it.
func (m *Machine) nextStep(a *alarm) {
	if m.technicalWaits(a) {
		return
	}
	m.withdraw(a, func(n Notification) bool { return n.Reason != Stopped && m.plan.Resting(n.To, m.wall()) })
	policy := m.policyOf(a)
	if len(a.Asked) > 0 && a.Step <= len(policy.Steps) && a.Turn == 0 && m.nextOfStep(a, policy) {
		return
	}
	for a.Step < len(policy.Steps) {
		a.Step++
		a.Asked = nil
		if m.nextOfStep(a, policy) {
			return
		}
		m.note(a, Entry{What: StepPassed, Step: a.Step})
	}
	m.turn(a, policy)
}

// nextOfStep calls everybody of a step whom it has not called, or only the next
// of them, and reports whether there was anybody.
func (m *Machine) nextOfStep(a *alarm, policy Policy) bool {
	step := policy.Steps[a.Step-1]
	if len(a.Asked) > 0 && !step.OneByOne {
		return false
	}
	who, resting := m.reachable(step, policy, a)
	m.noteResting(a, resting)
	who = slices.DeleteFunc(who, func(p Person) bool { return slices.Contains(a.Asked, p) })
	if len(who) == 0 {
		return false
	}
	if step.OneByOne {
		who = who[:1]
	}
	a.Asked = append(a.Asked, who...)
	m.callStep(a, step.Wait, who)
	return true
}

// turn: everybody was called, and nobody came. The last step is called once
// more, and with it the last resort, first without those who have said that
// they cannot come, then with them.
func (m *Machine) turn(a *alarm, policy Policy) {
	if next := a.TurnAt.Add(Shortest); a.Turn > 0 && m.now.Before(next) {
		a.Deadline = next
		m.schedule(a)
		return
	}
	if a.Turn > 0 {
		a.Declined = nil
	}
	a.Turn++
	a.TurnAt = m.now
	who, resting, wait := m.lastOnes(a, policy)
	if len(who) == 0 {
		a.Declined = nil
		who, resting, wait = m.lastOnes(a, policy)
	}
	m.noteResting(a, resting)
	if len(who) == 0 {
		who = resting // better woken than nobody
	}
	if resort := m.plan.LastResort; slices.Contains(who, resort) {
		m.note(a, Entry{What: LastResort, Who: resort, Step: a.Step})
	}
	m.callStep(a, max(wait, Shortest), who)
}

// lastOnes are the people of the last step and the last resort.
func (m *Machine) lastOnes(a *alarm, policy Policy) (who, resting []Person, wait time.Duration) {
	last := PolicyStep{Wait: Unreached}
	if n := len(policy.Steps); n > 0 {
		last = policy.Steps[n-1]
	}
	with := PolicyStep{Call: slices.Concat(last.Call, m.afterAll(policy, a))}
	if a.Kind == Technical && !a.Faults.Unheard() {
		// A battery that nobody changes is nothing to call the last resort for.
		if who, resting = m.reachable(with, policy, a); len(who) > 0 {
			return who, resting, last.Wait
		}
	}
	with.Call = append(with.Call, Target{Person: m.plan.LastResort})
	who, resting = m.reachable(with, policy, a)
	return who, resting, last.Wait
}

// noteResting says once of a step who rests in it, or is on a break.
func (m *Machine) noteResting(a *alarm, resting []Person) {
	for _, p := range resting {
		e := Entry{What: OnBreak, Who: p, Step: a.Step}
		if m.plan.Resting(p, m.wall()) {
			e.What = Rests
		}
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
		m.call(a, p)
	}
}

// reachable lists who a step calls now: people with a contact, each once, but
// not those who cannot come or have it already. In the place of each who rests
// the stand-ins are called; those who rest are listed apart.
func (m *Machine) reachable(step PolicyStep, policy Policy, a *alarm) (who, resting []Person) {
	now := m.wall()
	add := func(to *[]Person, p Person) {
		if m.plan.callable(p) && !slices.Contains(*to, p) &&
			!slices.Contains(a.Declined, p) && !slices.Contains(a.takers(), p) {
			*to = append(*to, p)
		}
	}
	breaks := m.breaksHold(policy, a)
	standIn := m.plan.targets(m.plan.standIns(policy), now)
	for _, p := range m.plan.targets(step.Call, now) {
		if !m.plan.Resting(p, now) {
			if breaks && m.onBreak(p) {
				add(&resting, p)
			} else {
				add(&who, p)
			}
			continue
		}
		add(&resting, p) // on a break or not: others stand in
		for _, s := range standIn {
			if !m.plan.Resting(s, now) && !(breaks && m.onBreak(s)) {
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

// calledAt lists who was called at a time and has not said that they cannot come.
func (a *alarm) calledAt(at time.Time) []Person {
	var who []Person
	for _, c := range a.Calls {
		if c.At.Equal(at) && c.Reason == Calling && !slices.Contains(who, c.To) &&
			!slices.Contains(a.Declined, c.To) {
			who = append(who, c.To)
		}
	}
	return who
}

// notify sends one message to a person who was called before: over each of the
// channels by which that was done, or if none is known over the first contacts.
func (m *Machine) notify(a *alarm, to Person, why Reason) {
	m.dropLater(a, func(l Later) bool { return l.To == to })
	contacts := m.plan.People[to].Contacts
	used := func(c Contact) bool {
		return why == Again || why == Offered || slices.ContainsFunc(a.Calls, func(n Notification) bool { return n.To == to && n.Channel == c.Channel })
	}
	any := slices.ContainsFunc(contacts, used)
	for _, c := range contacts {
		if used(c) || !any && c.After == 0 {
			m.notifyOn(a, to, c.Channel, why)
		}
	}
	a.trim()
}

// notifyOn sends one message over one channel. A call that is still being tried
// is not made a second time: the same message is asked for again, so that after
// an outage nobody gets a storm. Nor does anybody hear, behind a call, that it is
// taken care of: that was said before, and is not so any more.
func (m *Machine) notifyOn(a *alarm, to Person, ch ChannelID, why Reason) {
	if why != Stopped {
		m.withdraw(a, func(n Notification) bool { return n.To == to && n.Reason == Stopped })
	}
	if n := a.pending(to, ch, why); n != nil {
		n.Step, n.At = a.Step, m.now
		m.effects = append(m.effects, a.effect(*n))
		return
	}
	a.Messages++
	n := Notification{
		ID: a.messageID(to, ch, why), To: to, Channel: ch,
		Reason: why, Step: a.Step, At: m.now, State: Sending,
	}
	a.Calls = append(a.Calls, n)
	m.effects = append(m.effects, a.effect(n))
}

// messageID identifies the message that is made now. It says to whom and what
// about, since the number alone is not enough: what was decided while the disk
// took nothing is forgotten by a crash, and the number given again, perhaps to
// another person's call, which whoever rings once a key would keep from them.
func (a *alarm) messageID(to Person, ch ChannelID, why Reason) NotificationID {
	return NotificationID(string(a.ID) + "." + strconv.Itoa(a.Messages) + "-" + string(why) + "-" + string(to) + "-" + string(ch))
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
