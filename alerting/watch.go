package alerting

import (
	"slices"
	"time"

	"telecare/devices"
)

// WatchID is the opaque id of a watch.
type WatchID string

// Watch looks for what nobody presses a button for: that nothing moves
// (inactivity), that a door opens at night (wandering), that somebody who got up
// does not come back to bed (bed_exit).
type Watch struct {
	Kind devices.Kind `json:"kind"`
	// Resident is watched wherever they stay, or Place, whoever stays there.
	// Exactly one is set.
	Resident ResidentID `json:"resident,omitempty"`
	Place    PlaceID    `json:"place,omitempty"`
	// Devices are those it goes by; without any, all sensors of the place.
	Devices []devices.ID `json:"devices,omitempty"`
	Times   []WatchTime  `json:"times"`
	Policy  PolicyID     `json:"policy,omitempty"`
}

// WatchTime are hours in which a watch watches, and what is too long in them.
type WatchTime struct {
	Hours
	After time.Duration `json:"after,omitempty"` // 0 for wandering
}

// Durations of watches.
const (
	// BedLeft is how long somebody may be out of bed when nothing else is said.
	BedLeft = 20 * time.Minute
	// DoorAfter is for how long after somebody was at a place its door may open:
	// they leave by it.
	DoorAfter = 5 * time.Minute
	// AfterStart is for how long after a start of the gateway no movement is
	// missed: it may have moved, and nobody heard it.
	AfterStart = time.Hour
)

// Watches reports whether there is a watch of the kind.
func Watches(k devices.Kind) bool {
	return k == devices.Inactivity || k == devices.Wandering || k == devices.BedExit
}

// at is the hours that watch at t, the first of them that is named, and when they
// begin and end.
func (w Watch) at(t time.Time, zone Zone) (now WatchTime, from, until time.Time, ok bool) {
	for _, wt := range w.Times {
		if from, until, ok := wt.around(t, zone); ok {
			return wt, from, until, true
		}
	}
	return WatchTime{}, time.Time{}, time.Time{}, false
}

// time is the hours that watch at t and since when they do so without a break, as
// far back as it matters; until is when they end.
func (w Watch) time(t time.Time, zone Zone) (now WatchTime, since, until time.Time, ok bool) {
	now, since, until, ok = w.at(t, zone)
	for t.Sub(since) < now.After { // what ends as the next begins is one
		_, from, _, joins := w.at(since.Add(-1), zone)
		if !joins {
			break
		}
		since = from
	}
	return now, since, until, ok
}

// next is when its hours begin next after t; zero: never.
func (w Watch) next(t time.Time, zone Zone) time.Time {
	var first time.Time
	for _, wt := range w.Times {
		if from := wt.next(t, zone); first.IsZero() || !from.IsZero() && from.Before(first) {
			first = from
		}
	}
	return first
}

// WatchState is what a watch remembers.
type WatchState struct {
	ID   WatchID      `json:"id"`
	Kind devices.Kind `json:"kind"`
	// Since is the newest sign of a person, or since when nothing was to be
	// seen; of a bed, when it was left.
	Since time.Time `json:"since,omitzero"`
	// Out: the bed was left in the watch's hours, as Device told.
	Out    bool       `json:"out,omitempty"`
	Device devices.ID `json:"device,omitempty"`
	// Alarm is the newest that it raised.
	Alarm AlarmID `json:"alarm,omitempty"`
	// NotBefore is the grace after a start; it was given for Since.
	NotBefore time.Time `json:"not_before,omitzero"`
	Graced    time.Time `json:"graced,omitzero"`
}

// watching is a watch at work.
type watching struct {
	WatchState
	timer timer
}

// watchIndex finds the watches that a device, place or resident may concern.
type watchIndex struct {
	device   map[devices.ID][]WatchID
	place    map[PlaceID][]WatchID
	resident map[ResidentID][]WatchID
}

func (p Plan) watchIndex() watchIndex {
	x := watchIndex{map[devices.ID][]WatchID{}, map[PlaceID][]WatchID{}, map[ResidentID][]WatchID{}}
	for _, id := range sortedKeys(p.Watches) {
		w := p.Watches[id]
		for _, d := range w.Devices {
			x.device[d] = append(x.device[d], id)
		}
		if w.Place != "" {
			x.place[w.Place] = append(x.place[w.Place], id)
		} else {
			x.resident[w.Resident] = append(x.resident[w.Resident], id)
		}
	}
	return x
}

// watchedBy lists the watches that go by a device now, in order of their ids.
func (m *Machine) watchedBy(d devices.ID) []WatchID {
	if len(m.plan.Watches) == 0 {
		return nil
	}
	place, residents := m.from(m.plan.Devices[d], m.wall())
	var out []WatchID
	add := func(ids []WatchID) {
		for _, id := range ids {
			w := m.plan.Watches[id]
			if !slices.Contains(out, id) && (len(w.Devices) == 0 || slices.Contains(w.Devices, d)) && w.concerns(residents) {
				out = append(out, id)
			}
		}
	}
	add(m.watchers.device[d])
	add(m.watchers.place[place])
	for _, r := range residents {
		if m.isAt(r, place) {
			add(m.watchers.resident[r])
		}
	}
	slices.Sort(out)
	return out
}

// isAt reports whether a resident is at a place now, and does not only have
// their home there: whoever waters the flowers says nothing of them.
func (m *Machine) isAt(r ResidentID, place PlaceID) bool {
	s, ok := m.where.Now(r, m.wall())
	return !ok || s.Place == place
}

// watchesAt lists the watches of a place and of whoever stays there now.
func (m *Machine) watchesAt(place PlaceID) []WatchID {
	out := slices.Clone(m.watchers.place[place])
	for _, r := range m.where.At(place, m.wall()) {
		if m.isAt(r, place) {
			out = append(out, m.watchers.resident[r]...)
		}
	}
	return out
}

// concerns reports whether what is heard of where some residents stay is about
// whom a watch watches: they stay there, or nobody does, as in a corridor.
func (w Watch) concerns(residents []ResidentID) bool {
	return w.Resident == "" || len(residents) == 0 || slices.Contains(residents, w.Resident)
}

// Sights lists, for every watch that has somebody to look for now, the sensors by
// which it sees whether anything moves. A button that nobody presses says nothing.
func (m *Machine) Sights() map[WatchID][]devices.ID {
	out, at := map[WatchID][]devices.ID{}, map[PlaceID][]devices.ID{}
	for id, w := range m.plan.Watches {
		place, there := m.placeOf(w)
		if w.Kind != devices.Inactivity || !there || m.rests(w, place) {
			continue
		}
		if len(w.Devices) > 0 {
			out[id] = w.Devices
			continue
		}
		if len(at) == 0 {
			for d, dev := range m.plan.Devices {
				if dev.Sensor {
					here, _ := m.from(dev, m.wall())
					at[here] = append(at[here], d)
				}
			}
		}
		out[id] = at[place]
	}
	return out
}

// PlaceOf is where a device is now.
func (m *Machine) PlaceOf(d devices.ID) PlaceID {
	place, _ := m.from(m.plan.Devices[d], m.wall())
	return place
}

// placeOf is where whom a watch watches is now; false: nowhere.
func (m *Machine) placeOf(w Watch) (PlaceID, bool) {
	if w.Resident == "" {
		return w.Place, true
	}
	s, ok := m.where.Now(w.Resident, m.wall())
	return s.Place, ok
}
