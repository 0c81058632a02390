package gateway

import (
	"fmt"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// simSensor is a sensor by which somebody is watched: of movements, of a door or
// of a bed.
type simSensor struct {
	id    devices.ID
	link  *simLink
	shows devices.Quantity
	value float64
	quiet time.Duration // until then it has nothing to tell
}

// simWatches are who is watched, for how long, and in which hours.
func (w *world) simWatches() map[alerting.WatchID]alerting.Watch {
	times := func(after time.Duration, hours ...simHours) (out []alerting.WatchTime) {
		for _, h := range hours {
			out = append(out, alerting.WatchTime{Hours: h.hours(), After: after})
		}
		return out
	}
	day := simHours{from: w.minute(-90, 2), to: w.minute(3, 90)}
	night := simHours{from: day.to, to: day.from}
	on := func(h simHours, days uint8) simHours { h.days = days; return h }
	some := func() (days, others uint8) {
		days = uint8(1 + w.s.rng.IntN(126))
		return days, 127 &^ days
	}
	week, weekend := some()
	halina := append(times(3*time.Minute, on(simHours{}, week)), times(5*time.Minute, on(simHours{}, weekend))...)
	if w.s.chance(20) {
		halina = halina[:1] // on other days she is not watched
	}
	room, others := some()
	bed, rest := some()
	return map[alerting.WatchID]alerting.Watch{
		"w-halina": {Kind: devices.Inactivity, Resident: "halina", Times: halina},
		"w-room":   {Kind: devices.Inactivity, Place: "room-3", Times: times(2*time.Minute, on(day, room), on(night, room), on(day, others)), Policy: "flat"},
		"w-door":   {Kind: devices.Wandering, Place: "flat-1", Devices: []devices.ID{"d-c0"}, Times: times(0, on(day, w.somedays(50)))},
		"w-bed":    {Kind: devices.BedExit, Place: "room-3", Devices: []devices.ID{"d-e0"}, Times: times(time.Minute, on(simHours{}, bed), on(simHours{}, rest))},
	}
}

// addSensors hangs them up.
func (w *world) addSensors(l *simLink) {
	for _, d := range []struct {
		name  string
		place alerting.PlaceID
		shows devices.Quantity
	}{
		{"m0", "flat-1", devices.Occupancy}, {"m1", "room-1", devices.Occupancy}, {"m2", "room-3", devices.Occupancy},
		{"c0", "flat-1", devices.Contact}, {"e0", "room-3", devices.InBed},
	} {
		x := &simSensor{id: devices.ID("d-" + d.name), link: l, shows: d.shows, value: 1}
		w.sensors = append(w.sensors, x)
		w.site.Plan.Devices[x.id] = alerting.Device{Place: d.place, Sensor: true}
		w.site.Devices[devices.Address("sim/"+d.name)] = Device{ID: x.id, Window: 10 * time.Minute}
	}
}

// moves: a sensor sees somebody, a door opens or shuts, a bed is left or found.
func (w *world) moves() {
	s := w.s
	x := w.sensors[s.rng.IntN(len(w.sensors))]
	if s.elapsed() < x.quiet {
		return
	}
	x.value = 1 - x.value
	if s.chance(15) {
		x.quiet = s.elapsed() + s.between(time.Minute, 8*time.Minute)
	}
	name := string(x.id[2:])
	x.link.publish(&simMessage{link: x.link, sensor: x, value: x.value, frame: devices.Frame{
		Source: x.link.name, Format: "sim", Topic: name, Session: x.link.name, Raw: fmt.Append(nil, x.value),
		Message: devices.Message{Device: name, Readings: []devices.Reading{{Quantity: x.shows, Value: x.value}}},
	}})
}

// simEye is what the oracle knows of a watch.
type simEye struct {
	moved    time.Time // what it goes by last showed anybody
	movedSeq int64
	movedAt  time.Duration // elapsed
	clockSet time.Duration // that was looked at
	excused  time.Time     // since when nothing excuses it
	rested   bool          // when it was looked at last
	spared   time.Time     // until then it need not miss anybody
	out      time.Time     // the bed is empty since then, and nothing excuses that
	outSeq   int64
	paused   time.Time // it counts anew from then, perhaps: the place was somebody's
	gone     bool      // it rested for more than that
}

// sensed: a frame of a sensor was decided.
func (o *oracle) sensed(d *simMessage) {
	s, now := o.s, o.s.g.machine.Now()
	o.spoke(d)
	id := devices.ID("")
	switch {
	case d.sensor != nil:
		id = d.sensor.id
	case d.press != nil:
		id = d.press.device
	case d.cancel != "":
		id = d.cancel
	default:
		return
	}
	place, _ := o.inForce().from(id, o.wall())
	o.lastFrame[id] = s.elapsed()
	was, known := o.shown[id]
	for _, w := range sortedWatches {
		if at, _ := o.watchedAt(w); at == place {
			o.eye(w).excused = now
			// The first word of a bed or door after a start may be an old one.
			if d.sensor != nil && (known && was != d.value || !known && d.sensor.shows == devices.Occupancy && d.value == 1) {
				o.eye(w).moved, o.eye(w).movedSeq, o.eye(w).movedAt = now, s.g.seq, s.elapsed()
			}
		}
	}
	if d.sensor == nil {
		return
	}
	o.shown[id] = d.value
	switch {
	case id == "d-e0" && d.value == 1:
		o.eye("w-bed").out = time.Time{}
	case !known || was == d.value:
	case id == "d-c0" && d.value == 0:
		o.doorOpens(now)
	case id == "d-e0" && d.value == 0:
		o.eye("w-bed").out, o.eye("w-bed").outSeq = now, s.g.seq
		if o.watchGone("w-bed", now) || o.watchOpen("w-bed") {
			o.eye("w-bed").out = time.Time{}
		}
	}
}

var sortedWatches = []alerting.WatchID{"w-bed", "w-door", "w-halina", "w-room"}

func (o *oracle) eye(w alerting.WatchID) *simEye {
	if o.eyes[w] == nil {
		o.eyes[w] = &simEye{}
	}
	return o.eyes[w]
}

// watchedAt is where whom a watch watches is.
func (o *oracle) watchedAt(id alerting.WatchID) (alerting.PlaceID, bool) {
	h := o.inForce()
	w := h.site.Plan.Watches[id]
	if w.Resident == "" {
		return w.Place, true
	}
	return h.where(w.Resident, o.wall())
}

// watchRests reports whether whom a watch watches is away, or somebody is
// expected there.
func (o *oracle) watchRests(id alerting.WatchID, now time.Time) bool {
	place, _ := o.watchedAt(id)
	return o.watchGone(id, now) || o.inForce().site.Plan.Watches[id].Kind != devices.Inactivity && o.pauses.since("place "+string(place), now) != nil
}

// watchGone reports whether whom a watch watches is away.
func (o *oracle) watchGone(id alerting.WatchID, now time.Time) bool {
	h := o.inForce()
	w := h.site.Plan.Watches[id]
	place, there := o.watchedAt(id)
	who := []alerting.ResidentID{w.Resident}
	if w.Resident == "" {
		who = h.who(place, o.wall())
	}
	return !there || o.isAway(place, who, now)
}

func (o *oracle) watchHours(id alerting.WatchID, t time.Time) bool {
	_, on := o.watchAfter(id, t)
	return on
}

// watchAfter is what is too long by the first hours of a watch that are now.
func (o *oracle) watchAfter(id alerting.WatchID, t time.Time) (after time.Duration, on bool) {
	for _, w := range o.inForce().site.Plan.Watches[id].Times {
		if hoursOf(w.Hours).at(t) {
			return w.After, true
		}
	}
	return 0, false
}

// watchOpen reports whether an alarm of a watch is open.
func (o *oracle) watchOpen(id alerting.WatchID) bool {
	return slices.ContainsFunc(o.alarms, func(x *simAlarm) bool {
		return x.watch == id && x.seen[len(x.seen)-1].state != alerting.Closed
	})
}

// careAt reports whether somebody has an alarm of a place, or just had.
func (o *oracle) careAt(place alerting.PlaceID, now time.Time) bool {
	return slices.ContainsFunc(o.alarms, func(x *simAlarm) bool {
		last := x.seen[len(x.seen)-1].state
		return x.place == place && (last == alerting.Acknowledged || last == alerting.Attended || last == alerting.Closed && now.Sub(x.changed) <= alerting.DoorAfter+time.Second)
	})
}

// doorOpens: at night, and nobody is expected.
func (o *oracle) doorOpens(now time.Time) {
	if o.watchHours("w-door", o.wall()) && !o.watchRests("w-door", now) && !o.careAt("flat-1", now) && !o.watchOpen("w-door") {
		o.fail("the door of flat-1 opens in its hours at %s, and nobody is called", now)
	}
}

// watchRaised: a watch's alarm is justified.
func (o *oracle) watchRaised(a *alerting.Alarm) {
	now, t := o.s.g.machine.Now(), o.wall()
	w := o.inForce().site.Plan.Watches[a.Watch]
	place, _ := o.watchedAt(a.Watch)
	after, _ := o.watchAfter(a.Watch, t)
	eye := o.eye(a.Watch)
	switch {
	case a.Place != place || a.Kind != w.Kind:
		o.fail("alarm %d of %s is a %s at %q, and should be at %q", a.Number, a.Watch, a.Kind, a.Place, place)
	case o.watchRests(a.Watch, now):
		o.fail("alarm %d of %s at %q is raised while nobody is to be watched", a.Number, a.Watch, place)
	case w.Kind != devices.BedExit && !o.watchHours(a.Watch, t):
		o.fail("alarm %d of %s is raised outside its hours", a.Number, a.Watch)
	case w.Kind == devices.Inactivity && now.Sub(eye.moved) < after-time.Minute:
		o.fail("alarm %d of %s: nothing moves for %s, %s after a movement", a.Number, a.Watch, after, now.Sub(eye.moved))
	case w.Kind == devices.Inactivity && o.s.up && !o.seesAnything(place): // a start knows nothing
		o.fail("alarm %d of %s: nothing moves, and nothing is seen at %q at all", a.Number, a.Watch, place)
	case w.Kind == devices.BedExit && !o.eye("w-bed").out.IsZero() && now.Sub(eye.out) < after:
		o.fail("alarm %d of %s comes %s after the bed was left", a.Number, a.Watch, now.Sub(eye.out))
	}
	o.sum.watched++
}

// seesAnything reports whether a sensor of a place has spoken for as long as it
// may be silent, and the gateway may take to find out.
func (o *oracle) seesAnything(place alerting.PlaceID) bool {
	const longest = 10*time.Minute + 5*time.Minute + 65*time.Second
	for _, x := range o.s.world.sensors {
		if at, _ := o.inForce().from(x.id, o.wall()); at == place && o.s.elapsed()-max(o.lastFrame[x.id], o.begunAt) <= longest {
			return true
		}
	}
	return false
}

// missed: whoever is watched is missed in time.
func (o *oracle) missed(now time.Time) {
	m := o.s.g.machine
	for _, id := range sortedWatches {
		eye, w := o.eye(id), o.inForce().site.Plan.Watches[id]
		place, _ := o.watchedAt(id)
		after, _ := o.watchAfter(id, o.wall())
		if was, _ := o.watchAfter(id, o.wall().Add(-5*time.Second)); was > after { // until just now
			after = was
		}
		before, gone := eye.rested, eye.gone
		eye.gone = o.watchGone(id, now) || o.watchOpen(id) || o.careAt(place, now)
		eye.rested = eye.gone || o.watchRests(id, now)
		if eye.clockSet != o.clockSet && o.clockSet-eye.movedAt <= movesEvery+time.Second {
			eye.excused = now // it was told when its minute was over, which the clock was set across
		}
		eye.clockSet = o.clockSet
		if eye.rested || before { // its end counts anew, whenever it was
			eye.excused, eye.paused = now, now
		}
		if eye.gone || gone { // nobody is looked for; a bed that is empty after a pause is
			eye.out = time.Time{}
		}
		if m.FaultOn(alerting.WatchBlind, string(id)) || !o.watchHours(id, o.wall()) || !o.watchHours(id, o.wall().Add(-after-2*time.Minute)) {
			eye.excused = now
		}
		switch {
		case w.Kind == devices.Inactivity:
			due := eye.excused.Add(after)
			if due.Before(eye.spared) {
				due = eye.spared
			}
			if now.Sub(due) > movesEvery+3*time.Second { // its last movement was told so late, perhaps
				o.fail("%s at %q: nothing moves since %s, and nobody is called by %s", id, place, eye.excused, now)
			}
		case w.Kind == devices.BedExit && !eye.out.IsZero() && now.Sub(eye.out.Add(after)) > time.Second && now.Sub(eye.paused.Add(after)) > time.Second:
			o.fail("%s: the bed is empty since %s, and nobody is called by %s", id, eye.out, now)
		}
	}
}

// watchesRest notes who is not watched as soon as that is said: a clock that is
// set forward can end it before anybody has looked.
func (o *oracle) watchesRest() {
	now := o.s.g.machine.Now()
	for _, id := range sortedWatches {
		if o.watchRests(id, now) {
			o.eye(id).rested = true
		}
		if o.watchGone(id, now) {
			o.eye(id).gone = true
		}
	}
}

// watchesBegun: a start spares every silence once. Which are another's is not
// looked into: each start spares all.
func (o *oracle) watchesBegun() {
	now := o.s.g.machine.Now()
	for _, id := range sortedWatches {
		eye := o.eye(id)
		if eye.excused.IsZero() {
			eye.excused = now
		}
		eye.spared = now.Add(alerting.AfterStart)
	}
}

// watchesCrashed: what a crash forgot comes again, or excuses.
func (o *oracle) watchesCrashed(survive int64) {
	for _, id := range sortedWatches {
		eye := o.eye(id)
		if eye.outSeq > survive {
			eye.out = time.Time{}
		}
		if eye.movedSeq > survive {
			eye.moved = time.Time{}
		}
	}
	clear(o.shown)
}
