package alerting

import (
	"telecare/devices"
)

// Motion is what a sensor shows of people.
type Motion string

// Motions.
const (
	Moved  Motion = "moved"  // somebody did something
	Opened Motion = "opened" // a door
	Shut   Motion = "shut"
	Left   Motion = "left" // a bed
	Back   Motion = "back" // to bed
)

// Motions lists them.
func Motions() []Motion { return []Motion{Moved, Opened, Shut, Left, Back} }

// WatchedFor says what of a device the machine wants to be told: any movement,
// whether it opens and shuts as a door, whether it is left as a bed.
func (m *Machine) WatchedFor(d devices.ID) (moves, door, bed bool) {
	for _, id := range m.watchedBy(d) {
		switch m.plan.Watches[id].Kind {
		case devices.Inactivity:
			moves = true
		case devices.Wandering:
			door = true
		case devices.BedExit:
			bed = true
		}
	}
	return moves, door, bed
}

// DoorIs reports whether a watched door is known to be open.
func (m *Machine) DoorIs(d devices.ID) (open, known bool) {
	open, known = m.contacts[d]
	return open, known
}

// BedIs reports whether a bed is known to be left, in a watch's hours, also where
// that has become an alarm: so that it is news when somebody is back.
func (m *Machine) BedIs(d devices.ID) (left bool) {
	for _, id := range m.watchedBy(d) {
		if w := m.watching[id]; w != nil && (w.Out || m.notBack(w) != nil) {
			return true
		}
	}
	return false
}

// notBack is the open alarm of a bed that nobody has been back in since.
func (m *Machine) notBack(w *watching) *alarm {
	if a := m.openOf(w); a != nil && a.Kind == devices.BedExit && !a.has(BackInBed) {
		return a
	}
	return nil
}

// sign takes in what a sensor shows.
func (m *Machine) sign(in Sign) {
	switch in.What {
	case Opened:
		was, known := m.contacts[in.Device]
		m.contacts[in.Device] = true
		if known && !was { // one that was first heard of as open may be open for long
			m.doorOpened(Heard{Device: in.Device, Late: in.Late})
		}
	case Shut:
		m.contacts[in.Device] = false
	case Left:
		m.bedLeft(Heard{Device: in.Device})
	case Back:
		m.bedFound(in.Device)
	case Moved:
		m.doorOpened(Heard{Device: in.Device})
	}
	if !in.Late {
		m.moved(in.Device)
	}
}

// moved: somebody is alive and does something, by whatever it shows.
func (m *Machine) moved(d devices.ID) {
	for _, id := range m.watchedBy(d) {
		w := m.watching[id]
		if w == nil || w.Kind != devices.Inactivity {
			continue
		}
		w.Since = m.now
		if a := m.openOf(w); a != nil && !a.has(MovedAgain) {
			m.note(a, Entry{What: MovedAgain})
		}
		m.armWatch(w)
	}
}

// watchHears gives what a device says to the watch of that kind that goes by it;
// false: there is none, and it is an alarm of its own.
func (m *Machine) watchHears(in Heard) bool {
	_, door, bed := m.WatchedFor(in.Device)
	switch {
	case in.Kind == devices.Wandering && door:
		m.doorOpened(in)
	case in.Kind == devices.BedExit && bed:
		m.bedLeft(in)
	default:
		return false
	}
	return true
}

// doorOpened raises wandering in the hours of a watch, unless somebody is
// expected at the door.
func (m *Machine) doorOpened(in Heard) {
	place, _ := m.from(m.plan.Devices[in.Device], m.wall())
	tells := func(w *watching) bool {
		spec := m.plan.Watches[w.ID]
		_, _, _, ok := spec.time(m.wall(), m.plan.Zone)
		return ok && w.Kind == devices.Wandering && !m.rests(spec, place) && !m.expected(place)
	}
	for _, id := range m.watchedBy(in.Device) {
		w := m.watching[id]
		if w == nil || !tells(w) {
			continue
		}
		if a := m.openOf(w); a != nil {
			m.fold(a)
			continue
		}
		m.raiseWatch(w, place, m.watchedTogether(w, place, in.Device, tells), in)
	}
}

// bedLeft begins to count, in the hours of a watch. While its alarm is open that
// is from when it is closed: whoever closes it may have read that she is back.
func (m *Machine) bedLeft(in Heard) {
	for _, id := range m.watchedBy(in.Device) {
		w := m.watching[id]
		if w == nil || w.Kind != devices.BedExit || w.Out {
			continue
		}
		if _, _, _, ok := m.plan.Watches[id].time(m.wall(), m.plan.Zone); ok {
			w.Out, w.Since, w.Device = true, m.now, in.Device
			m.armWatch(w)
		}
	}
}

// bedFound: back in bed. An alarm that it raised is told, and stays.
func (m *Machine) bedFound(d devices.ID) {
	for _, id := range m.watchedBy(d) {
		if w := m.watching[id]; w != nil {
			w.Out = false
			if a := m.notBack(w); a != nil {
				m.note(a, Entry{What: BackInBed})
			}
			m.armWatch(w)
		}
	}
}
