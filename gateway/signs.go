package gateway

import (
	"maps"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// movesEvery is the grain of movements: of a watched place one a minute reaches
// the machine and the journal, however often its sensors speak, and the last one
// when the minute is over. An alarm that nothing moves may be so much late by it,
// and never early.
const movesEvery = time.Minute

// shows is what the loop keeps of sensors that somebody watches by.
type shows struct {
	values map[devices.ID]map[devices.Quantity]float64
	moved  map[string]time.Time  // when a movement was last passed on, by place or door
	held   map[string]devices.ID // what has moved since, by place
}

// signs are what a frame shows of people, where somebody watches for it: the
// edges of doors and beds, and movements, at most one a minute.
func (g *Gateway) signs(f *devices.Frame, dev Device) []alerting.Input {
	moves, door, bed := g.machine.WatchedFor(dev.ID)
	if !moves && !door && !bed || f.Message.Hearsay {
		delete(g.shows.values, dev.ID)
		return nil
	}
	var out []alerting.Input
	sign := func(what alerting.Motion) {
		out = append(out, alerting.Sign{Device: dev.ID, What: what, Late: f.Retained})
	}
	moved := false
	for _, r := range f.Message.Readings {
		if r.Quantity != devices.Contact && r.Quantity != devices.Occupancy && r.Quantity != devices.InBed {
			continue
		}
		was, known := g.shows.value(dev.ID, r)
		changed := known && was != r.Value
		moved = moved || changed || !known && r.Quantity == devices.Occupancy && r.Value == 1
		if open, known := g.machine.DoorIs(dev.ID); door && r.Quantity == devices.Contact && (!known || open != (r.Value == 0)) {
			sign(map[bool]alerting.Motion{true: alerting.Opened, false: alerting.Shut}[r.Value == 0])
		}
		// What a device of the role bed_exit shows is an event already. A radar that
		// is first heard of with nobody in bed perhaps knows of none.
		if bed && dev.Role != devices.BedExit && r.Quantity == devices.InBed && (changed || !known && r.Value == 1) && g.machine.BedIs(dev.ID) != (r.Value == 0) {
			sign(map[bool]alerting.Motion{true: alerting.Left, false: alerting.Back}[r.Value == 0])
		}
	}
	for _, e := range f.Message.Events {
		moved = moved || e.Kind == devices.Presence || e.Kind == devices.Button && !e.Kind.As(dev.Role).RaisesAlarm()
	}
	if bed && slices.Contains(f.Message.Cleared, devices.BedExit) && g.machine.BedIs(dev.ID) && !g.machine.LevelOn(dev.ID, devices.BedExit) {
		sign(alerting.Back)
	}
	if moved && len(out) == 0 && !f.Retained && g.passes(dev.ID, door) {
		sign(alerting.Moved)
	}
	return out
}

// passes reports whether a movement is passed on now. A door has a minute of its
// own: what moves in the room behind it must not hide it.
func (g *Gateway) passes(d devices.ID, door bool) bool {
	key, now := string(d), g.clock.now()
	if !door {
		key = "at " + string(g.machine.PlaceOf(d))
	}
	if last, ok := g.shows.moved[key]; ok && now.Sub(last) < movesEvery {
		if !door {
			g.shows.held[key] = d
		}
		return false
	}
	delete(g.shows.held, key)
	if len(g.shows.moved) > 10000 { // of devices and places that came and went
		clear(g.shows.moved)
	}
	g.shows.moved[key] = now
	return true
}

// passHeld passes on, about once a second, the last movement of a minute that is
// over.
func (g *Gateway) passHeld() {
	now := g.clock.now()
	for _, key := range slices.Sorted(maps.Keys(g.shows.held)) {
		if d := g.shows.held[key]; now.Sub(g.shows.moved[key]) >= movesEvery {
			delete(g.shows.held, key)
			g.shows.moved[key] = now
			if moves, _, _ := g.machine.WatchedFor(d); moves {
				g.step(alerting.Sign{Device: d, What: alerting.Moved}, "", nil)
			}
		}
	}
}

// value keeps a reading and gives the one before it.
func (s *shows) value(d devices.ID, r devices.Reading) (was float64, known bool) {
	if s.values[d] == nil {
		s.values[d] = map[devices.Quantity]float64{}
	}
	was, known = s.values[d][r.Quantity]
	s.values[d][r.Quantity] = r.Value
	return was, known
}

// sights is what the second lane must know of watches: whether somebody could be
// missed because nothing is seen.
type sights struct {
	sensors map[alerting.WatchID][]devices.ID
	away    map[devices.ID]bool
}

// lookRound tells the second lane who is watched by what, about once a minute: a
// stay begins or ends, somebody goes or comes back.
func (g *Gateway) lookRound() {
	if g.clock.mono() < g.lookAgain {
		return
	}
	g.lookAgain = g.clock.mono() + time.Minute
	s := sights{g.machine.Sights(), map[devices.ID]bool{}}
	for _, d := range g.machine.AwayDevices() {
		s.away[d] = true
	}
	g.watch.sights(s)
}

// setSights takes it in; a watch that is gone, or has nobody to watch, is not
// blind.
func (w *watch) setSights(s sights) {
	for id := range w.blind {
		if _, ok := s.sensors[id]; !ok {
			w.setBlind(id, false)
		}
	}
	w.sight = s
	w.lookBlind()
}

// lookBlind finds the watches that see nothing: all their sensors are silent, or
// not known to be there. It is a fault, never an alarm, and never fine.
func (w *watch) lookBlind() {
	for _, id := range slices.Sorted(maps.Keys(w.sight.sensors)) {
		w.setBlind(id, !slices.ContainsFunc(w.sight.sensors[id], func(d devices.ID) bool {
			l := w.devices[d]
			return l != nil && (l.shown == devices.LifeHeard || l.shown == devices.LifeUnsupervised)
		}))
	}
}

func (w *watch) setBlind(id alerting.WatchID, blind bool) {
	if was, told := w.blind[id]; told && was == blind {
		return
	}
	w.blind[id] = blind
	w.g.Condition(alerting.WatchBlind, string(id), blind)
}
