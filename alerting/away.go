package alerting

import (
	"cmp"
	"slices"
	"time"

	"telecare/devices"
)

// Bounds of times in which watches rest.
const (
	MaxAway  = 14 * 24 * time.Hour
	MaxPause = time.Hour
)

// Absence is a time in which somebody is away, or a place is empty. It ends by
// itself. A press is an alarm all the same.
type Absence struct {
	Resident ResidentID `json:"resident,omitempty"`
	Place    PlaceID    `json:"place,omitempty"`
	From     time.Time  `json:"from"`
	Until    time.Time  `json:"until"`
	By       Person     `json:"by,omitempty"`
}

// absence is an Absence with its place in the queue of deadlines.
type absence struct {
	Absence
	timer timer
}

// Absences lists them, in order of residents and places.
func (m *Machine) Absences() []Absence {
	out := make([]Absence, 0, len(m.absences))
	for _, a := range m.absences {
		out = append(out, a.Absence)
	}
	slices.SortFunc(out, func(a, b Absence) int {
		return cmp.Or(cmp.Compare(a.Resident, b.Resident), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// setAway takes in that somebody is away, for how long, or is back.
func (m *Machine) setAway(in Away) {
	key := absentee{in.Resident, in.Place}
	old := m.absences[key]
	switch {
	case (in.Resident == "") == (in.Place == ""):
		m.refuse("", in.By, NoSuchPlace, "")
	case in.Until.Sub(m.now) > MaxAway:
		m.refuse("", in.By, TooLong, "")
	case !in.Until.After(m.now):
		if old != nil {
			m.endAbsence(old, in.By)
		}
	default:
		from := m.now
		if old != nil {
			from = old.From
			m.due.stop(&old.timer)
		}
		m.addAbsence(Absence{in.Resident, in.Place, from, in.Until.UTC().Round(0), in.By})
		m.effects = append(m.effects, AwayChanged{Absence: m.absences[key].Absence, On: true})
	}
}

type absentee struct {
	resident ResidentID
	place    PlaceID
}

func (m *Machine) addAbsence(x Absence) {
	a := &absence{Absence: x}
	a.timer = timer{order: "away " + string(x.Resident) + " " + string(x.Place), pass: func(m *Machine) { m.endAbsence(a, "") }}
	m.absences[absentee{x.Resident, x.Place}] = a
	m.due.set(&a.timer, x.Until)
}

// endAbsence: whoever was away is back, and is watched anew. A watch that had
// somebody to watch meanwhile, in a double room, goes on.
func (m *Machine) endAbsence(a *absence, by Person) {
	place, last := a.Place, earlier(m.now, a.Until.Add(-1))
	if a.Resident != "" {
		stay, _ := m.where.Now(a.Resident, m.wall())
		place = stay.Place
	}
	watches := append(m.watchesAt(place), m.watchers.resident[a.Resident]...)
	watches = slices.DeleteFunc(watches, func(id WatchID) bool {
		return !m.awayAt(place, m.watched(m.plan.Watches[id], place), last)
	})
	m.due.stop(&a.timer)
	delete(m.absences, absentee{a.Resident, a.Place})
	a.By = by
	m.effects = append(m.effects, AwayChanged{Absence: a.Absence})
	for _, id := range watches {
		if w := m.watching[id]; w != nil {
			w.Since, w.Out = m.now, false
			m.armWatch(w)
		}
	}
}

// watched lists whom a watch watches.
func (m *Machine) watched(w Watch, place PlaceID) []ResidentID {
	if w.Resident != "" {
		return []ResidentID{w.Resident}
	}
	return m.where.At(place, m.wall())
}

// rests reports whether a watch has nobody to watch now: they are away, or it is
// paused.
func (m *Machine) rests(w Watch, place PlaceID) bool {
	return m.isAway(place, m.watched(w, place)) || w.Kind != devices.Inactivity && m.now.Before(m.pauses[place])
}

// isAway reports whether nobody should be where something comes from.
func (m *Machine) isAway(place PlaceID, residents []ResidentID) bool {
	return m.awayAt(place, residents, m.now)
}

func (m *Machine) awayAt(place PlaceID, residents []ResidentID, t time.Time) bool {
	if len(m.absences) == 0 {
		return false
	}
	away := func(r ResidentID, p PlaceID) bool {
		a := m.absences[absentee{r, p}]
		return a != nil && t.Before(a.Until)
	}
	return away("", place) || len(residents) > 0 && !slices.ContainsFunc(residents, func(r ResidentID) bool { return !away(r, "") })
}

// AwayDevices lists the devices whose people are away, so that their silence says
// nothing.
func (m *Machine) AwayDevices() []devices.ID {
	var out []devices.ID
	for d, dev := range m.plan.Devices {
		if len(m.absences) == 0 {
			break
		}
		if m.isAway(m.from(dev, m.wall())) {
			out = append(out, d)
		}
	}
	return out
}

// pause: the door and the bed of a place are somebody's for a while.
func (m *Machine) pause(in Pause) {
	switch {
	case in.Place == "":
		m.refuse("", in.By, NoSuchPlace, "")
	case in.Until.Sub(m.now) > MaxPause:
		m.refuse("", in.By, TooLong, "")
	case in.Until.After(m.now):
		m.pauses[in.Place] = in.Until.UTC().Round(0)
		m.bedsUnpaused(in.Place)
	default:
		delete(m.pauses, in.Place)
		m.bedsUnpaused(in.Place)
	}
}

// placeUntil is a time until which something holds at a place.
type placeUntil struct {
	Place PlaceID   `json:"place"`
	Until time.Time `json:"until"`
}

// untils lists what still holds, in order.
func (m *Machine) untils(of map[PlaceID]time.Time) []placeUntil {
	var out []placeUntil
	for _, p := range sortedKeys(of) {
		if of[p].After(m.now) {
			out = append(out, placeUntil{p, of[p]})
		}
	}
	return out
}
