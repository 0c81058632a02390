package gateway

import (
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/devices/battery"
)

// evidence is what the watch keeps of a device beyond its newest word.
type evidence struct {
	battery battery.History
	health  devices.BatteryHealth
	// asked are faults that the loop was asked for, until it has decided.
	asked   map[alerting.FaultCode]bool
	changed time.Duration // when a fault of it last changed, by clock.mono; 0 never
	pressed time.Duration // when it was last pressed
}

func (e *evidence) told(code alerting.FaultCode, now time.Duration) {
	delete(e.asked, code)
	e.changed = max(now, 1)
}

// weigh takes a frame in as evidence: of the battery, and of a press that was
// lost. It is called before what was known is replaced by what the frame says.
func (w *watch) weigh(l *life, f *devices.Frame, s *seen) {
	if f.Retained || f.Message.Hearsay || len(f.Message.Events) > 0 && !hasOwnWord(f) {
		return // what others say of it, such as its bridge
	}
	e := &l.evidence
	for _, ev := range f.Message.Events {
		if ev.Kind == devices.Button || ev.Kind.RaisesAlarm() {
			e.pressed = s.mono
			w.fault1(l, alerting.LostPress, false)
		}
	}
	if w.lostPress(l, f, s) {
		w.fault1(l, alerting.LostPress, true)
	}
	e.battery.Note(s.at, f.Message)
	e.health = battery.Judge(e.battery, s.at)
	switch e.health.State {
	case devices.BatteryFine:
		w.fault1(l, alerting.BatteryLow, false)
		w.fault1(l, alerting.BatteryUnclear, false)
	case devices.BatteryEmpties:
		w.fault1(l, alerting.BatteryLow, true)
		w.fault1(l, alerting.BatteryUnclear, false)
	case devices.BatteryUnclear: // whether it is low is left as it was
		w.fault1(l, alerting.BatteryUnclear, true)
	}
}

// hasOwnWord reports whether the device itself spoke: a bridge says of others
// that they are there or gone.
func hasOwnWord(f *devices.Frame) bool {
	for _, e := range f.Message.Events {
		if said(e) || e.Kind == devices.Heartbeat {
			return true
		}
	}
	return len(f.Message.Readings) > 0
}

// fault1 asks the loop for a device's fault, or for its end, once.
func (w *watch) fault1(l *life, code alerting.FaultCode, on bool) {
	e := &l.evidence
	if asked, waits := e.asked[code]; w.faults[l.device.ID][code] == on || waits && asked == on {
		return
	}
	if e.asked == nil {
		e.asked = map[alerting.FaultCode]bool{}
	}
	e.asked[code] = on
	w.g.inbox.put(item{in: alerting.FaultEdge{Code: code, Subject: string(l.device.ID), On: on}})
}

// Times around which a publish without a change is explained by something else.
const (
	twinsWithin   = 5 * time.Second  // of a press: a second topic, an empty action behind it
	restateWithin = 30 * time.Second // of the bridge's start, which publishes everything once more
	regularAfter  = 4                // gaps between frames from which it is known how regularly it reports
)

// lostPress reports whether a frame looks like a press that its converter could
// not name: something made a panic button publish, and nothing changed. HEIMAN's
// HS1EB does so when it is pressed with its battery low or its case open
// (Koenkk/zigbee2mqtt#19636).
func (w *watch) lostPress(l *life, f *devices.Frame, s *seen) bool {
	if l.device.Role != devices.Panic || f.Format != "zigbee2mqtt" || f.Message.Named {
		return false
	}
	for _, ev := range f.Message.Events {
		if code, on, ok := alerting.FaultOf(ev.Kind); !ok || !ev.Level || w.faults[l.device.ID][code] != on {
			return false
		}
	}
	plain := false
	for _, r := range f.Message.Readings {
		i, known := l.reading(r.Quantity)
		switch {
		case r.Quantity == devices.LinkQuality:
			plain = true
		case !known || l.readings[i] != r:
			return false
		default:
			plain = true
		}
	}
	within := func(t, d time.Duration) bool { return t != 0 && s.mono-t < d }
	e := &l.evidence
	switch bridge, up := w.bridges[f.Source]; {
	case !plain, l.heardAt == 0: // after our own start it may be anything
		return false
	case within(e.pressed, twinsWithin), within(e.changed, twinsWithin), up && s.mono-bridge < restateWithin:
		return false
	}
	h := &e.battery
	return h.Gaps < regularAfter || s.at.Sub(h.Heard) < h.Gap/2 // else it reports as it always does
}
