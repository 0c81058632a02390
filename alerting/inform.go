package alerting

import (
	"fmt"
	"slices"
)

// Carers are told of an alarm beside everything else: nothing here changes an
// alarm's calls, deadlines or history, and no id of a call depends on it.

// inform tells who wants to know of an alarm's residents, each once. Whoever does
// something about it needs not be told: those who are called or have it, and by.
func (m *Machine) inform(a *alarm, news News, by Person) {
	if a.Drill {
		return
	}
	for _, r := range a.Residents { // a technical alarm is of none
		for _, i := range m.informed[r] {
			if !slices.Contains(i.Of, news) || i.To == by || m.knows(a, i.To, news) || !m.tells(i, a.lastTold(i.To) != nil) {
				continue
			}
			m.tellCarer(a, i, news)
		}
	}
}

// knows reports whether somebody knows some news of an alarm by themselves, or
// was told already.
func (m *Machine) knows(a *alarm, who Person, news News) bool {
	called := func(n Notification) bool { return n.To == who && (news == NewsRaised || n.At.Equal(m.now)) }
	return news != NewsClosed && slices.ContainsFunc(a.Calls, called) ||
		a.State != Closed && slices.Contains(a.takers(), who) ||
		slices.ContainsFunc(a.Informed, func(t Told) bool { return t.To == who && t.News == news && !t.Undone })
}

// tells reports whether somebody is told anything now. In a rest that is only
// what they want in it, or how it goes on with what they were told of before.
func (m *Machine) tells(i Informed, before bool) bool {
	return before || i.Resting == TellAll || !m.plan.Resting(i.To, m.wall())
}

// lastTold is the newest message of an alarm to somebody, nil when there is none.
func (a *alarm) lastTold(to Person) *Told {
	for n := range slices.Backward(a.Informed) {
		if a.Informed[n].To == to {
			return &a.Informed[n]
		}
	}
	return nil
}

// tellCarer sends one message, instead of those to the same person that nobody
// has received yet.
func (m *Machine) tellCarer(a *alarm, i Informed, news News) {
	m.untell(a, func(t Told) bool { return t.To == i.To })
	id := fmt.Sprintf("%s.%s-%s", a.ID, news, i.To)
	if n := a.toldOften(i.To, news); n > 0 {
		id += fmt.Sprintf("-%d", n+1)
	}
	var of []ResidentID
	for _, r := range a.Residents {
		if slices.ContainsFunc(m.informed[r], func(x Informed) bool { return x.To == i.To }) {
			of = append(of, r)
		}
	}
	t := Told{
		ID: NotificationID(id), To: i.To, Channel: i.Channel, News: news, Of: of, Shared: len(of) < len(a.Residents),
		At: m.now, State: Sending,
	}
	a.Informed = append(a.Informed, t)
	m.effects = append(m.effects, a.informs(t))
}

// toldOften is how often somebody was told some news of an alarm: more than once
// only of one that was reopened.
func (a *alarm) toldOften(to Person, news News) (n int) {
	for _, t := range a.Informed {
		if t.To == to && t.News == news {
			n++
		}
	}
	return n
}

func (a *alarm) informs(t Told) Inform {
	return Inform{ID: t.ID, Alarm: a.ID, Number: a.Number, To: t.To, Channel: t.Channel, News: t.News, Of: t.Of, Shared: t.Shared, At: t.At}
}

// untell takes back what still waits and matches.
func (m *Machine) untell(a *alarm, match func(Told) bool) {
	for n := range a.Informed {
		t := &a.Informed[n]
		if t.waits() && match(*t) {
			t.State, t.DoneAt = Withdrawn, m.now
			m.effects = append(m.effects, Withdraw{ID: t.ID, Alarm: a.ID, Number: a.Number, To: t.To, Channel: t.Channel})
		}
	}
}

// informReopened takes back that an alarm is closed: whoever was told so is told
// that it is not, but for by, who knows. That somebody is there, and the next
// close, are told anew.
func (m *Machine) informReopened(a *alarm, by Person) {
	m.untell(a, func(t Told) bool { return t.News == NewsClosed && (t.State == Failing || t.To == by) })
	for n := range a.Informed {
		t := &a.Informed[n]
		if t.News != NewsRaised {
			t.Undone = true
		}
	}
	for _, r := range a.Residents {
		for _, i := range m.informed[r] {
			if last := a.lastTold(i.To); last != nil && last.News == NewsClosed && last.State != Withdrawn && i.To != by {
				m.tellCarer(a, i, NewsReopened)
			}
		}
	}
}

// toldResult is the result of a message to somebody who is informed.
func (m *Machine) toldResult(a *alarm, in Sent) {
	for n := range a.Informed {
		if t := &a.Informed[n]; t.ID == in.Notification {
			t.result(in.Error, m.now)
		}
	}
}

// tellOutstanding sends again what had no result when the process ended.
func (m *Machine) tellOutstanding() {
	for _, a := range m.sorted() {
		for _, t := range a.Informed {
			if t.waits() && m.now.Sub(t.At) <= InformFor {
				m.effects = append(m.effects, a.informs(t))
			}
		}
	}
	for _, s := range m.sortedSigns() {
		if t := s.Last; t != nil && t.waits() && m.now.Sub(t.At) <= InformFor {
			m.effects = append(m.effects, t.signs())
		}
	}
}

// applyInformed goes by the new plan: what waits for somebody who is told no
// more, or not on that channel, is taken back.
func (m *Machine) applyInformed() {
	m.setInformed()
	is := func(t Told) bool {
		return slices.ContainsFunc(t.Of, func(r ResidentID) bool {
			return slices.ContainsFunc(m.informed[r], func(i Informed) bool { return i.To == t.To && i.Channel == t.Channel })
		})
	}
	for _, a := range m.sorted() {
		m.untell(a, func(t Told) bool { return !is(t) })
	}
	m.applySigns(is)
}
