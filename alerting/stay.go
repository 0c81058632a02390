package alerting

import (
	"slices"
	"time"
)

// ResidentID is the opaque id of somebody who may call.
type ResidentID string

// Stay puts a resident at a place from From until the moment Until, at which it
// is over; a zero Until is open.
type Stay struct {
	Resident ResidentID `json:"resident"`
	Place    PlaceID    `json:"place"`
	From     time.Time  `json:"from"`
	Until    time.Time  `json:"until,omitzero"`
	// Home: the resident lives there, and is there when no other stay has them.
	Home bool `json:"home,omitempty"`
	// Hours are those of day care; nil is day and night.
	Hours *Hours `json:"hours,omitempty"`
}

// At reports whether the stay lasts at t. Its end is not in it.
func (s Stay) At(t time.Time, zone Zone) bool {
	return !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until)) && (s.Hours == nil || s.Hours.At(t, zone))
}

// Visit is one coming and going. A zero Until is open.
type Visit struct{ From, Until time.Time }

// Visits lists the comings and goings of a stay that touch the time after since,
// up to and with until: the stay as a whole, or with day care's hours each of its
// days.
func (s Stay) Visits(since, until time.Time, zone Zone) (all []Visit) {
	add := func(from, to time.Time) {
		if !from.After(until) && (to.IsZero() || to.After(since)) {
			all = append(all, Visit{from, to})
		}
	}
	if s.Hours == nil {
		add(s.From, s.Until)
		return all
	}
	for day := dayAt(since, zone.location()) - 2; day <= dayAt(until, zone.location()); day++ {
		if !slices.Contains(s.Hours.Days, weekday(day)) {
			continue
		}
		from, to := s.Hours.between(day, zone.location())
		if from.Before(s.From) {
			from = s.From
		}
		if !s.Until.IsZero() && to.After(s.Until) {
			to = s.Until
		}
		if from.Before(to) {
			add(from, to)
		}
	}
	return all
}

// Whereabouts find out quickly who is where, however many stays there are.
type Whereabouts struct {
	zone  Zone
	place map[PlaceID][]Stay
	of    map[ResidentID][]Stay
}

// Whereabouts of everybody in the plan.
func (p Plan) Whereabouts() Whereabouts {
	w := Whereabouts{p.Zone, map[PlaceID][]Stay{}, map[ResidentID][]Stay{}}
	for _, s := range p.Stays {
		w.place[s.Place] = append(w.place[s.Place], s)
		w.of[s.Resident] = append(w.of[s.Resident], s)
	}
	return w
}

// Now is the stay that has a resident at t: any other before the one at home.
func (w Whereabouts) Now(r ResidentID, t time.Time) (now Stay, ok bool) {
	for _, s := range w.of[r] {
		if s.At(t, w.zone) && (!ok || now.Home && !s.Home) {
			now, ok = s, true
		}
	}
	return now, ok
}

// At lists who is at a place at t, in the plan's order. Somebody who lives there
// and should be elsewhere is listed when nobody else is: a press at home is a
// press, and its way in is theirs.
func (w Whereabouts) At(place PlaceID, t time.Time) []ResidentID {
	var here, away []ResidentID
	for _, s := range w.place[place] {
		if !s.At(t, w.zone) || slices.Contains(here, s.Resident) {
			continue
		}
		if now, _ := w.Now(s.Resident, t); now.Place == place {
			here = append(here, s.Resident)
		} else if s.Home {
			away = append(away, s.Resident)
		}
	}
	if len(here) == 0 {
		return away
	}
	return here
}

// used reports whether anybody ever stays at a place.
func (w Whereabouts) used(place PlaceID) bool { return len(w.place[place]) > 0 }

// Newest is where a resident was last said to be by t, their stay over or not.
func (w Whereabouts) Newest(r ResidentID, t time.Time) PlaceID {
	if s, ok := w.Now(r, t); ok {
		return s.Place
	}
	var newest Stay
	for _, s := range w.of[r] {
		if !t.Before(s.From) && !s.From.Before(newest.From) {
			newest = s
		}
	}
	return newest.Place
}

// wall is the time on the wall, which rosters, stays and rests follow.
func (m *Machine) wall() time.Time { return m.now.Add(-m.behind) }

// clockSet sets anew whatever goes by the clock on the wall.
func (m *Machine) clockSet(in ClockSet) {
	m.behind = max(in.Behind, 0)
	m.armWatches()
	m.watchHoles()
	m.faultsAnew()
	m.armAllSigns()
}

// from says who calls by a device or from a place, and where they are: the
// resident whose device it is, wherever they stay, or who stays at its place.
func (m *Machine) from(d Device, t time.Time) (PlaceID, []ResidentID) {
	if d.Resident == "" {
		return d.Place, m.where.At(d.Place, t)
	}
	place := d.Place
	if _, ok := m.where.Now(d.Resident, t); ok || place == "" {
		place = m.where.Newest(d.Resident, t)
	}
	return place, []ResidentID{d.Resident}
}
