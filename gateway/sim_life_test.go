package gateway

import (
	"fmt"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// daily is what goes on in the house beside presses and answers.
func (w *world) daily() {
	w.again(90*time.Second, "replan", w.replan)
	w.again(75*time.Second, "break", w.takesBreak)
	w.again(40*time.Second, "away", w.goesAway)
	w.again(40*time.Second, "test", w.testsButtons)
	w.again(2*time.Minute, "by hand", w.raisesByHand)
	w.again(3*time.Second, "moves", w.moves)
	w.again(90*time.Second, "pause", w.pauses)
	w.again(15*time.Second, "breaks", w.breaks)
	w.again(90*time.Second, "reopen", w.reopens)
}

// takesBreak: one of the staff takes a break, or is back.
func (w *world) takesBreak() {
	s := w.s
	who := append(simStaff[:4:4], "kasia")[s.rng.IntN(5)]
	if s.chance(25) {
		w.act(alerting.BreakEnds{By: who}, 0)
		return
	}
	w.act(alerting.BreakBegins{By: who, Until: w.wall().Add(s.between(10*time.Second, 4*time.Minute))}, 0)
}

// lasting is until when something lasts; now and then it is over at once, and
// now and then it would last longer than anything may.
func (w *world) lasting(most time.Duration) time.Time {
	s := w.s
	switch r := s.rng.IntN(20); {
	case r < 4:
		return time.Time{}
	case r < 5:
		return s.oracle.now().Add(most + time.Hour)
	}
	return s.oracle.now().Add(s.between(5*time.Second, 4*time.Minute))
}

// goesAway: somebody is away, a place is empty, or they are back.
func (w *world) goesAway() {
	in := alerting.Away{By: "centre", Until: w.lasting(alerting.MaxAway)}
	if w.s.chance(60) {
		in.Resident = []alerting.ResidentID{"halina", "jozef", "maria", "zofia", "adela"}[w.s.rng.IntN(5)]
	} else {
		in.Place = []alerting.PlaceID{"room-1", "room-2", "room-3", "flat-1", "p-z1", "p-r0"}[w.s.rng.IntN(6)]
	}
	w.act(in, 0)
}

// testsButtons: a technician begins to try buttons, or ends it.
func (w *world) testsButtons() {
	s := w.s
	in := alerting.SetTest{By: "centre", Until: w.lasting(alerting.MaxTest)}
	switch s.rng.IntN(6) {
	case 0: // all of them
	case 1, 2:
		in.Place = []alerting.PlaceID{"room-1", "room-2", "flat-1", "p-z1", "p-o0"}[s.rng.IntN(5)]
	default:
		in.Device = w.devices[s.rng.IntN(len(w.devices))].id
	}
	w.act(in, 0)
	if d := w.device(in.Device); d != nil && s.chance(70) {
		s.later(s.between(time.Second, 10*time.Second), "press in a test", func() { w.press(d) })
	}
}

// pauses: somebody is with whoever lives there, and door and bed are theirs.
func (w *world) pauses() {
	w.act(alerting.Pause{Place: []alerting.PlaceID{"flat-1", "room-3"}[w.s.rng.IntN(2)], By: w.someone(), Until: w.lasting(alerting.MaxPause)}, 0)
}

func (w *world) device(id devices.ID) *simDevice {
	for _, d := range w.devices {
		if d.id == id {
			return d
		}
	}
	return nil
}

// raisesByHand: somebody telephones, or the centre has a drill.
func (w *world) raisesByHand() {
	s := w.s
	w.act(alerting.RaiseByHand{
		Kind: devices.Panic, Place: []alerting.PlaceID{"room-1", "room-2", "day-room", "flat-1", "flat-2"}[s.rng.IntN(5)], By: "centre", Drill: s.chance(60),
	}, 0)
}

// reopens: the centre doubts that an alarm is over, also one that nobody was
// called for.
func (w *world) reopens() {
	var closed []alerting.AlarmID
	for _, x := range w.s.oracle.alarms {
		if x.last().state == alerting.Closed {
			closed = append(closed, x.id)
		}
	}
	if n := len(closed); n > 0 {
		w.act(alerting.Reopen{Alarm: closed[w.s.rng.IntN(n)], By: "centre"}, 0)
	}
}

// simPreAlarms are how long falls of these wait for a cancel; those of z6 do not
// wait.
var simPreAlarms = map[string]time.Duration{"o7": 10 * time.Second, "o8": 30 * time.Second, "b1": 10 * time.Second, "r0": 15 * time.Second, "z6": 0}

// cancels: whoever fell takes it back, by a button of the device or of the place.
func (w *world) cancels(d *simDevice) {
	s := w.s
	if s.chance(20) { // another one's
		d = w.devices[s.rng.IntN(len(w.devices))]
	} else if d.name == "r0" {
		d = w.device("d-z1")
	}
	w.count++
	d.link.publish(&simMessage{link: d.link, cancel: d.id, frame: devices.Frame{
		Source: d.link.name, Format: "sim", Topic: d.name + "/cancel", Session: d.link.name, Raw: fmt.Append(nil, "cancel ", w.count),
		Message: devices.Message{Device: d.name, Events: []devices.Event{{Kind: devices.Cancel}}},
	}})
}
