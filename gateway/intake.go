package gateway

import (
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// frame sorts what a source has heard: events to the machine, signs of life
// and readings to the watch. Its answer waits for both.
func (g *Gateway) frame(it *item) {
	f := it.frame
	m := g.o.Meter
	m.Count("telecare_frames_total", f.Source, 1)
	answer := it.answer
	if answer == nil {
		answer = func(error) {}
	}
	if f.Err == nil && f.Message.Device == "" {
		answer(nil) // nobody spoke: a command to a device, say
		return
	}
	dev, known := g.site.Devices[f.Address()]
	switch {
	case f.Err != nil:
		m.Count("telecare_frames_bad_total", f.Source, 1)
	case !known && !isBox(f):
		m.Count("telecare_frames_unknown_device_total", f.Source, 1)
	}
	v, delivery := isNew, (*delivery)(nil)
	if known && f.Err == nil {
		v, delivery = g.seen.judge(f, len(f.Message.Events)+len(f.Message.Cleared) > 0)
		answer = delivery.noting(answer)
	}
	both := join(2, func(err error) {
		if err != nil {
			m.Count("telecare_unanswered_total", f.Source, 1)
		} else if !f.Unanswered {
			m.Count("telecare_answers_total", f.Source, 1)
		}
		answer(err)
	})
	if known && f.Err == nil {
		g.events(f, dev, v, delivery, it.heard, both.part)
		g.guarantee(f, dev)
		g.heardThrough(f, dev.ID)
	} else {
		both.part(nil)
	}
	if isBox(f) {
		g.chain(f)
	}
	g.watch.put(seen{frame: f, device: dev, known: known, at: g.clock.now(), mono: max(g.clock.mono(), 1), done: both.part})
}

// events gives a frame's events to the machine, and all their records to the
// journal in one piece: a redelivery finds all of them or none.
func (g *Gateway) events(f *devices.Frame, dev Device, v verdict, d *delivery, heard time.Time, done func(error)) {
	if v == isAgain {
		g.o.Meter.Count("telecare_redeliveries_total", f.Source, 1)
		// Its records are on disk or before us in the queue: the answer waits
		// for those.
		g.keep(unit{done: done})
		return
	}
	inputs := g.inputs(f, dev)
	if len(inputs) == 0 && d != nil && slices.ContainsFunc(f.Message.Events, func(e devices.Event) bool { return e.Level && e.Kind.As(dev.Role).RaisesAlarm() }) {
		// Nothing new, but it must be known when it comes again after a crash:
		// by then the state has ended, perhaps, and would be raised once more.
		inputs = append(inputs, alerting.Tick{})
	}
	if len(inputs) == 0 {
		done(nil)
		return
	}
	u := unit{done: done}
	identity := ""
	if d != nil {
		identity = d.record(f)
	}
	for _, in := range inputs {
		if h, ok := in.(alerting.Heard); ok {
			if h.Ref == "" {
				h.Delivery, h.Repeat = identity, f.Dup && v == isNew
			}
			h.Late = h.Late || v == isDoubtful
			in = h
		}
		rec, effects := g.decide(in, "")
		u.recs = append(u.recs, rec)
		if called(effects) {
			g.o.Meter.Observe("telecare_press_to_call_seconds", "", time.Since(heard).Seconds())
		}
	}
	u.recs[0].Delivery = deliveryKey(f)
	g.keep(u)
}

func called(effects []alerting.Effect) bool {
	for _, e := range effects {
		if n, ok := e.(alerting.Notify); ok && n.Reason != alerting.Stopped {
			return true
		}
	}
	return false
}

// inputs are what the machine is to be told of a frame: not what it knows
// already, and not mere signs of life.
func (g *Gateway) inputs(f *devices.Frame, dev Device) []alerting.Input {
	var out []alerting.Input
	means := f.Message.As(dev.Role)
	for _, e := range means.Events {
		kind := e.Kind
		g.o.Meter.Count("telecare_events_total", string(kind), 1)
		if code, on, ok := alerting.FaultOf(kind); ok {
			if g.machine.FaultOn(code, string(dev.ID)) == on || leftToWatch(code, on) {
				continue
			}
		} else if kind != devices.Cancel && !kind.RaisesAlarm() || e.Level && g.machine.LevelOn(dev.ID, kind) {
			continue
		}
		out = append(out, alerting.Heard{Device: dev.ID, Kind: kind, Ref: e.Ref, Counter: e.Counter && e.Ref != "", Late: e.Late || e.Level && f.Retained, Level: e.Level})
	}
	for _, kind := range means.Cleared {
		if code, _, ok := alerting.FaultOf(kind); ok {
			if g.machine.FaultOn(code, string(dev.ID)) && !leftToWatch(code, false) {
				out = append(out, alerting.FaultEdge{Code: code, Subject: string(dev.ID)})
			}
		} else if g.machine.LevelOn(dev.ID, kind) {
			out = append(out, alerting.Cleared{Device: dev.ID, Kind: kind})
		}
	}
	return append(out, g.signs(f, dev)...)
}

// leftToWatch: that a battery is low is believed at once, and that it is well
// again by all the evidence, which the watch keeps.
func leftToWatch(code alerting.FaultCode, on bool) bool { return code == alerting.BatteryLow && !on }

// guarantee notes what a device says where it could be answered and is not: a
// message published at QoS 0, which nobody sends again. It is right when the
// same topic is heard at QoS 1. (A broker hands on the lower of what was
// published and what we subscribed to, which is 1.) What the broker says by
// itself, or has kept, tells nothing of how the device speaks now.
func (g *Gateway) guarantee(f *devices.Frame, dev Device) {
	if f.Topic == "" || f.Retained || len(f.Message.Readings) == 0 && !slices.ContainsFunc(f.Message.Events, said) {
		return
	}
	topics := g.unsure[dev.ID]
	switch {
	case f.Unanswered && topics == nil:
		g.unsure[dev.ID] = map[string]bool{f.Topic: true}
	case f.Unanswered:
		topics[f.Topic] = true // a format has few
	default:
		delete(topics, f.Topic)
	}
	if on := len(g.unsure[dev.ID]) > 0; on != g.machine.FaultOn(alerting.NotGuaranteed, string(dev.ID)) {
		g.step(alerting.FaultEdge{Code: alerting.NotGuaranteed, Subject: string(dev.ID), On: on}, "", nil)
	}
}

// said reports whether an event is the device's own word, and matters when it
// gets lost: not a sign of life, which comes again by itself.
func said(e devices.Event) bool {
	return e.Kind != devices.Online && e.Kind != devices.Offline && e.Kind != devices.Heartbeat
}
