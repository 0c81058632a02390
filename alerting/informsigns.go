package alerting

import (
	"cmp"
	"maps"
	"slices"

	"telecare/devices"
)

// Once a day carers are told the signs of life of their person. The machine says
// when; what was seen, who sends it knows.

// SignsTold is how far the messages of signs of life to one person are.
type SignsTold struct {
	Of  ResidentID `json:"of"`
	To  Person     `json:"to"`
	At  int        `json:"at"`           // minutes after midnight, as the plan had them
	Day Date       `json:"day,omitzero"` // the newest that is done with
	// Last is the newest message, nil before the first.
	Last *Told `json:"last,omitempty"`
}

type signsOf struct {
	of ResidentID
	to Person
}

// signsTold is a SignsTold with its place in the queue of deadlines.
type signsTold struct {
	SignsTold
	timer timer
}

func (m *Machine) sortedSigns() []*signsTold {
	return slices.SortedFunc(maps.Values(m.signs), func(a, b *signsTold) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.To, b.To))
	})
}

// applySigns begins with who is new, from the next time on, and ends with who is
// told no more.
func (m *Machine) applySigns(is func(Told) bool) {
	wanted := map[signsOf]bool{}
	for _, i := range m.plan.Informed {
		if !i.Signs {
			continue
		}
		key := signsOf{i.Resident, i.To}
		wanted[key] = true
		s := m.signs[key]
		if s == nil {
			s = m.addSigns(SignsTold{Of: i.Resident, To: i.To})
			if today := DateAt(m.wall(), m.plan.Zone); !m.wall().Before(OnTheWall(today, i.SignsAt, m.plan.Zone)) {
				s.Day = today
			}
		}
		s.At = i.SignsAt
	}
	for _, s := range m.sortedSigns() {
		gone := !wanted[signsOf{s.Of, s.To}]
		if s.Last != nil && (gone || !is(*s.Last)) {
			m.untellSigns(s)
		}
		if gone {
			m.due.stop(&s.timer)
			delete(m.signs, signsOf{s.Of, s.To})
			continue
		}
		m.armSigns(s)
	}
}

func (m *Machine) addSigns(t SignsTold) *signsTold {
	s := &signsTold{SignsTold: t}
	s.timer = timer{order: "signs " + string(t.Of) + " " + string(t.To), pass: func(m *Machine) { m.passSigns(s) }}
	m.signs[signsOf{t.Of, t.To}] = s
	return s
}

// armSigns sets the next time, by the clock on the wall: today's, if that is not
// done with, else that of the day after the newest.
func (m *Machine) armSigns(s *signsTold) {
	day := DateAt(m.wall(), m.plan.Zone)
	if s.Day.number() >= day.number() {
		day = s.Day.Add(1)
	}
	m.due.set(&s.timer, OnTheWall(day, s.At, m.plan.Zone).Add(m.behind))
}

// armAllSigns follows a clock that was set.
func (m *Machine) armAllSigns() {
	for _, s := range m.signs {
		m.armSigns(s)
	}
}

// passSigns tells it, when it is today's time. What was to be told on a day that
// is over, nobody is told any more.
func (m *Machine) passSigns(s *signsTold) {
	wall := m.wall()
	if day := DateAt(wall, m.plan.Zone); !wall.Before(OnTheWall(day, s.At, m.plan.Zone)) {
		s.Day = day
		m.tellSigns(s)
	}
	m.armSigns(s)
}

func (m *Machine) tellSigns(s *signsTold) {
	for _, i := range m.informed[s.Of] {
		if i.To != s.To || !m.tells(i, i.Resting == TellSigns) {
			continue
		}
		m.untellSigns(s)
		day, _ := s.Day.MarshalText()
		s.Last = &Told{
			ID: NotificationID(signsPrefix + string(day) + "." + string(s.Of) + "." + string(s.To)),
			To: s.To, Channel: i.Channel, News: NewsSigns, Of: []ResidentID{s.Of}, At: m.now, State: Sending,
		}
		m.effects = append(m.effects, s.Last.signs())
	}
}

// signsPrefix begins the ids of messages that are of no alarm.
const signsPrefix = "signs."

func (t *Told) signs() Inform {
	return Inform{ID: t.ID, To: t.To, Channel: t.Channel, News: t.News, Of: t.Of, At: t.At}
}

// untellSigns takes back what still waits.
func (m *Machine) untellSigns(s *signsTold) {
	if t := s.Last; t != nil && t.waits() {
		t.State, t.DoneAt = Withdrawn, m.now
		m.effects = append(m.effects, Withdraw{ID: t.ID, To: t.To, Channel: t.Channel})
	}
}

// signsResult is the result of such a message.
func (m *Machine) signsResult(in Sent) {
	if t := m.signsBy(in.Notification); t != nil {
		t.result(in.Error, m.now)
	}
}

// signsBy is the newest message to somebody that has an id; nil: it is no such.
func (m *Machine) signsBy(id NotificationID) *Told {
	for _, s := range m.signs {
		if s.Last != nil && s.Last.ID == id {
			return s.Last
		}
	}
	return nil
}

// SignsWait reports whether such a message still waits for its result.
func (m *Machine) SignsWait(id NotificationID) bool {
	t := m.signsBy(id)
	return t != nil && t.waits()
}

// Signs lists how far the messages of signs of life are, in order of residents.
func (m *Machine) Signs() []SignsTold {
	var out []SignsTold
	for _, s := range m.sortedSigns() {
		t := s.SignsTold
		if t.Last != nil {
			last := *t.Last
			t.Last = &last
		}
		out = append(out, t)
	}
	return out
}

// restoreSigns takes them in from a written state.
func (m *Machine) restoreSigns(all []SignsTold) {
	m.setInformed()
	for _, t := range all {
		m.armSigns(m.addSigns(t))
	}
}

// ShownBy lists what can show signs of life of a resident now, in order: what is
// where they are, and what they wear. shared: somebody else stays there too;
// away: they are said to be.
func (m *Machine) ShownBy(r ResidentID) (by []devices.ID, shared, away bool) {
	wall := m.wall()
	stay, stays := m.where.Now(r, wall)
	for d, dev := range m.plan.Devices {
		if dev.Resident == r || dev.Resident == "" && stays && dev.Place == stay.Place {
			by = append(by, d)
		}
	}
	slices.Sort(by)
	return by, len(m.where.At(stay.Place, wall)) > 1, m.isAway(stay.Place, []ResidentID{r})
}

// PlaceOfResident is where a resident stays now, or was last said to.
func (m *Machine) PlaceOfResident(r ResidentID) PlaceID { return m.where.Newest(r, m.wall()) }

// OpenOf reports whether a resident has an open alarm that is no drill.
func (m *Machine) OpenOf(r ResidentID) bool {
	for _, a := range m.alarms {
		if a.Open() && !a.Drill && slices.Contains(a.Residents, r) {
			return true
		}
	}
	return false
}
