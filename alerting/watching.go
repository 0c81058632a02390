package alerting

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"telecare/devices"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// applyWatches begins the watches of a new plan and forgets those that are gone.
func (m *Machine) applyWatches() {
	m.watchers = m.plan.watchIndex()
	for _, id := range sortedKeys(m.watching) {
		if m.plan.Watches[id].Kind != m.watching[id].Kind { // gone, or another
			m.due.stop(&m.watching[id].timer)
			delete(m.watching, id)
			m.fault(WatchBlind, string(id), false)
		}
	}
	m.addWatches()
	for d := range m.contacts {
		if len(m.watchers.device[d]) == 0 {
			delete(m.contacts, d)
		}
	}
	m.armWatches()
}

func (m *Machine) addWatch(s WatchState) *watching {
	w := &watching{WatchState: s}
	w.timer = timer{order: "watch " + string(s.ID), pass: func(m *Machine) { m.lookAt(w) }}
	m.watching[s.ID] = w
	return w
}

// contact is a watched door that is known.
type contact struct {
	Device devices.ID `json:"device"`
	Open   bool       `json:"open"`
}

func (m *Machine) freezeWatches(s *state) {
	for _, id := range sortedKeys(m.watching) {
		s.Watches = append(s.Watches, m.watching[id].WatchState)
	}
	for _, d := range sortedKeys(m.contacts) {
		s.Contacts = append(s.Contacts, contact{d, m.contacts[d]})
	}
	s.Doors, s.Pauses, s.Absences = m.untils(m.doors), m.untils(m.pauses), m.Absences()
	s.Tests = m.Tests()
}

func (m *Machine) restoreWatches(s state) {
	m.watchers = m.plan.watchIndex()
	for _, c := range s.Contacts {
		m.contacts[c.Device] = c.Open
	}
	for _, p := range s.Doors {
		m.doors[p.Place] = p.Until
	}
	for _, p := range s.Pauses {
		m.pauses[p.Place] = p.Until
	}
	for _, a := range s.Absences {
		m.addAbsence(a)
	}
	for _, t := range s.Tests {
		m.addTest(t)
	}
	for _, w := range s.Watches {
		m.addWatch(w)
	}
	m.addWatches() // that a state which was put together otherwise lacks
	m.armWatches()
}

// addWatches begins the watches of the plan that are not at work. One knows
// nothing from before.
func (m *Machine) addWatches() {
	for _, id := range sortedKeys(m.plan.Watches) {
		if m.watching[id] == nil {
			m.addWatch(WatchState{ID: id, Kind: m.plan.Watches[id].Kind, Since: m.now})
		}
	}
}

// armWatches sets the timers of all watches anew.
func (m *Machine) armWatches() {
	for _, id := range sortedKeys(m.watching) {
		m.armWatch(m.watching[id])
	}
}

// armWatchesOf sets those anew that raised an alarm: whether it is open says
// whether they have something to look for.
func (m *Machine) armWatchesOf(a *alarm) {
	for _, w := range m.watching {
		if w.Alarm == a.ID {
			m.armWatch(w)
		}
	}
}

// armWatch sets a watch's timer to when it is to be looked at.
func (m *Machine) armWatch(w *watching) {
	if when := m.whenToLook(w); when.IsZero() {
		m.due.stop(&w.timer)
	} else {
		m.due.set(&w.timer, when)
	}
}

// whenToLook is when a watch may have something to say; zero: not before it is
// told something. Hours are on the wall, waits are not.
func (m *Machine) whenToLook(w *watching) time.Time {
	spec := m.plan.Watches[w.ID]
	switch {
	case m.openOf(w) != nil:
		return time.Time{} // until it is closed
	case w.Out:
		return w.Since.Add(spec.bedLeft(w.Since.Add(-m.behind), m.plan.Zone))
	case w.Kind != devices.Inactivity || m.FaultOn(WatchBlind, string(w.ID)):
		return time.Time{}
	}
	wall := m.wall()
	next := spec.next(wall, m.plan.Zone)
	if next.IsZero() {
		return next
	}
	look := next.Add(m.behind)
	if now, since, until, ok := spec.time(wall, m.plan.Zone); ok {
		look = earlier(look, earlier(m.dueOf(w, spec, now, since), until.Add(m.behind)))
	}
	return look
}

// dueOf is when nothing has moved for too long in the hours that began at since.
// Whoever came to stay is watched from then on.
func (m *Machine) dueOf(w *watching, spec Watch, now WatchTime, since time.Time) time.Time {
	from := later(w.Since, since.Add(m.behind))
	stay, _ := m.where.Now(spec.Resident, m.wall())
	from = later(from, stay.From.Add(m.behind))
	if stay.Hours != nil {
		began, _, _ := stay.Hours.around(m.wall(), m.plan.Zone)
		from = later(from, began.Add(m.behind))
	}
	return later(from.Add(now.After), w.NotBefore)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// bedLeft is how long the bed may be empty by the hours in which it was left.
func (w Watch) bedLeft(t time.Time, zone Zone) time.Duration {
	now, _, _, _ := w.time(t, zone)
	return positive(now.After, BedLeft)
}

// openOf is the alarm of a watch that is still open.
func (m *Machine) openOf(w *watching) *alarm {
	if a := m.alarms[w.Alarm]; a != nil && a.Open() {
		return a
	}
	return nil
}

// lookAt does what is due of a watch.
func (m *Machine) lookAt(w *watching) {
	spec := m.plan.Watches[w.ID]
	place, there := m.spotOf(w, spec)
	rests := !there || m.rests(spec, place)
	switch {
	case w.Kind == devices.BedExit && (rests || m.attended(place)):
		// Somebody is there, or nobody is to be looked for: counted anew.
		w.Since = later(m.now, m.pauses[place])
		if !there || m.isAway(place, m.watched(spec, place)) {
			w.Out = false
		}
	case w.Kind == devices.BedExit:
		who := m.watchedTogether(w, place, w.Device, func(x *watching) bool {
			look := m.plan.Watches[x.ID]
			_, there := m.placeOf(look)
			return x.Out && x.Device == w.Device && there && !m.rests(look, place) && !m.now.Before(m.whenToLook(x))
		})
		w.Out = false
		m.raiseWatch(w, place, who, Heard{Device: w.Device})
	case m.inactive(w, spec):
		if rests || m.attended(place) {
			w.Since = m.now
			break
		}
		m.raiseWatch(w, place, m.watched(spec, place), Heard{})
	}
	m.armWatch(w)
}

// spotOf is where a watch looks now: at the bed that was left, wherever that
// stands.
func (m *Machine) spotOf(w *watching, spec Watch) (PlaceID, bool) {
	place, there := m.placeOf(spec)
	if bed, ok := m.plan.Devices[w.Device]; ok {
		place, _ = m.from(bed, m.wall())
	}
	return place, there
}

// bedsUnpaused: a pause ends otherwise than it was said. A bed that counts from
// its end counts from the new one.
func (m *Machine) bedsUnpaused(place PlaceID) {
	for _, id := range sortedKeys(m.watching) {
		w := m.watching[id]
		if at, _ := m.spotOf(w, m.plan.Watches[id]); at == place && w.Since.After(m.now) {
			w.Since = later(m.now, m.pauses[place])
			m.armWatch(w)
		}
	}
}

// inactive reports whether nothing has moved for too long by now.
func (m *Machine) inactive(w *watching, spec Watch) bool {
	if m.FaultOn(WatchBlind, string(w.ID)) || m.openOf(w) != nil {
		return false
	}
	now, since, _, ok := spec.time(m.wall(), m.plan.Zone)
	return ok && !m.now.Before(m.dueOf(w, spec, now, since))
}

// watchedTogether is whom a watch looks for, and whom those do that go by the
// same device and would say the same at this moment: nobody can tell which of
// them it was.
func (m *Machine) watchedTogether(w *watching, place PlaceID, d devices.ID, says func(*watching) bool) []ResidentID {
	who := slices.Clone(m.watched(m.plan.Watches[w.ID], place))
	for _, id := range m.watchedBy(d) {
		if x := m.watching[id]; x == nil || !says(x) {
			continue
		}
		for _, r := range m.watched(m.plan.Watches[id], place) {
			if !slices.Contains(who, r) {
				who = append(who, r)
			}
		}
	}
	return who
}

// raiseWatch raises a watch's alarm, of whoever it may be.
func (m *Machine) raiseWatch(w *watching, place PlaceID, who []ResidentID, in Heard) {
	source := string(in.Device)
	if source == "" {
		source = "watch " + string(w.ID)
	}
	id := alarmID(m.plan.Site, source, string(w.Kind), identity(in, m.now))
	w.Alarm = id
	if a := m.alarms[id]; a != nil { // another watch went by the same
		m.fold(a)
		return
	}
	m.raise(&alarm{Alarm: Alarm{
		ID: id, Kind: w.Kind, Device: in.Device, Place: place, Residents: who, Policy: m.plan.Watches[w.ID].Policy, Watch: w.ID,
		Late: in.Late, Presses: 1, LastPress: m.now,
	}})
	m.refer(m.alarms[id], in.Ref)
}

// attended reports whether somebody is at a place with whoever called from it.
func (m *Machine) attended(place PlaceID) bool { return m.heldAt(place, Attended) }

func (m *Machine) heldAt(place PlaceID, states ...State) bool {
	for _, a := range m.held[place] {
		if slices.Contains(states, a.State) {
			return true
		}
	}
	return false
}

// expected reports whether a door at a place may open now: somebody is there or
// comes, has just left, or has said so.
func (m *Machine) expected(place PlaceID) bool {
	return m.heldAt(place, Acknowledged, Attended) || m.now.Before(m.doors[place])
}

// visited: an alarm is closed, and whoever attended it goes. They saw to whoever is there, and
// leave by the door.
func (m *Machine) visited(a *alarm, attended bool) {
	for _, w := range m.watching {
		if w.Alarm == a.ID {
			w.Since = m.now // somebody has judged it
			m.armWatch(w)
		}
	}
	if !attended || a.Place == "" {
		return
	}
	m.doors[a.Place] = m.now.Add(DoorAfter)
	for _, id := range m.watchesAt(a.Place) {
		if w := m.watching[id]; w.Kind == devices.Inactivity || w.Out {
			w.Since = m.now
			m.armWatch(w)
		}
	}
}

// noteHeld notes who holds an alarm of which place, so that its watches know.
// Nowhere is no place.
func (m *Machine) noteHeld(a *alarm) {
	delete(m.held[a.Place], a.ID)
	if a.Place != "" && (a.State == Acknowledged || a.State == Attended) {
		if m.held[a.Place] == nil {
			m.held[a.Place] = map[AlarmID]*alarm{}
		}
		m.held[a.Place][a.ID] = a
	}
}

// graceWatches: after a start nobody knows what moved meanwhile. Once for every
// silence, nothing is missed for AfterStart.
func (m *Machine) graceWatches() {
	for _, id := range sortedKeys(m.watching) {
		if w := m.watching[id]; w.Kind == devices.Inactivity && !w.Graced.Equal(w.Since) {
			w.NotBefore, w.Graced = m.now.Add(AfterStart), w.Since
			m.armWatch(w)
		}
	}
}
