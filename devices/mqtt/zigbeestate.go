package mqtt

import (
	"fmt"
	"strings"

	"telecare/devices"
)

// zigbeeState is the fields of a device's state that mean something here; a
// state holds what the device's converter puts in and is repeated as a whole in
// every publish, except for action.
type zigbeeState struct {
	action, sos, fallStatus, fallDownStatus, status    value
	tamper, batteryLow, batteryState                   value
	smoke, gas, carbonMonoxide, waterLeak              value
	battery, voltage, linkQuality                      value
	temperature, humidity, illuminance, illuminanceLux value
	contact, occupancy, presence                       value
	lastSeen                                           value
}

// field finds where a field of that name is kept, nil for one that means
// nothing here.
func (s *zigbeeState) field(name string) *value {
	switch name {
	case "action":
		return &s.action
	case "sos":
		return &s.sos
	case "fall_status": // HEIMAN HS2FD
		return &s.fallStatus
	case "fall_down_status": // Tuya MIR-HE200-TY
		return &s.fallDownStatus
	case "status": // OWON FDS315
		return &s.status
	case "tamper":
		return &s.tamper
	case "battery_low":
		return &s.batteryLow
	case "battery_state": // Tuya: low, medium, high
		return &s.batteryState
	case "smoke":
		return &s.smoke
	case "gas":
		return &s.gas
	case "carbon_monoxide":
		return &s.carbonMonoxide
	case "water_leak":
		return &s.waterLeak
	case "battery":
		return &s.battery
	case "voltage":
		return &s.voltage
	case "linkquality":
		return &s.linkQuality
	case "temperature":
		return &s.temperature
	case "humidity":
		return &s.humidity
	case "illuminance":
		return &s.illuminance
	case "illuminance_lux": // 1.x; illuminance was a raw number then
		return &s.illuminanceLux
	case "contact":
		return &s.contact
	case "occupancy":
		return &s.occupancy
	case "presence":
		return &s.presence
	case "last_seen":
		return &s.lastSeen
	}
	return nil
}

// zigbeeField reports whether a topic may end in this field, as with output:
// attribute, which publishes each on a topic of its own.
func zigbeeField(name string) bool { return new(zigbeeState).field(name) != nil }

// decodeZigbeeState reads a device's state.
func decodeZigbeeState(name string, payload []byte, retained bool) (devices.Message, error) {
	d := stateDecoder{m: devices.Message{Device: name}, late: retained}
	if err := checkObject(payload); err != nil {
		return d.m, err
	}
	var s zigbeeState
	for name, v := range fields(payload) {
		if kept := s.field(name); kept != nil {
			*kept = v // of two alike the last counts, as in JavaScript
		}
	}
	d.m.At = s.lastSeen.moment()
	d.action(s.action, retained)
	d.level("sos", s.sos, devices.Panic)
	d.falls(s)
	d.level("smoke", s.smoke, devices.Smoke)
	d.level("carbon_monoxide", s.carbonMonoxide, devices.CO)
	d.level("water_leak", s.waterLeak, devices.Flood)
	d.gas(s.gas)
	d.level("tamper", s.tamper, devices.Tamper)
	d.battery(s)
	d.readings(s)
	if d.bad != nil && len(d.m.Events) == 0 {
		return d.m, d.bad
	}
	return d.m, nil
}

// A stateDecoder collects what a state means. bad is a field that could have
// been an alarm and cannot be read: an error, unless something else in the
// frame calls for help, which must not be lost for it.
type stateDecoder struct {
	m    devices.Message
	late bool
	bad  error
}

func (d *stateDecoder) wrong(field string, v value) {
	if d.bad == nil {
		d.bad = fmt.Errorf("%s has an unreadable value %q", field, clip(string(v)))
	}
}

// event adds a state's event once.
func (d *stateDecoder) event(k devices.Kind) {
	for _, e := range d.m.Events {
		if e.Kind == k && e.Level {
			return
		}
	}
	d.m.Events = append(d.m.Events, devices.Event{Kind: k, Level: true, Late: d.late})
}

// clear says that a state is normal, unless something in this frame says that
// it is not.
func (d *stateDecoder) clear(k devices.Kind) {
	for _, e := range d.m.Events {
		if e.Kind == k && e.Level {
			return
		}
	}
	for _, c := range d.m.Cleared {
		if c == k {
			return
		}
	}
	d.m.Cleared = append(d.m.Cleared, k)
}

// level reads a yes or no.
func (d *stateDecoder) level(field string, v value, k devices.Kind) {
	if !v.present() {
		return
	}
	switch yes, ok := v.truth(); {
	case !ok:
		d.wrong(field, v)
	case yes:
		d.event(k)
	default:
		d.clear(k)
	}
}

// gas is a yes or no, or with some detectors a concentration, which says
// nothing without the detector's threshold.
func (d *stateDecoder) gas(v value) {
	if _, number := v.number(); number {
		if _, ok := v.truth(); !ok {
			return
		}
	}
	d.level("gas", v, devices.Gas)
}

func (d *stateDecoder) action(v value, retained bool) {
	if !v.present() {
		return
	}
	action, ok := v.text()
	switch {
	case !ok:
		d.wrong("action", v)
	case !retained: // a press that the broker stored was some time ago
		d.m.Events = pressed(d.m.Events, action)
	}
}

// falls reads the three radars. Only the normal state clears: a radar passes
// through a warning on the way to and from an alarm.
func (d *stateDecoder) falls(s zigbeeState) {
	for _, f := range []struct {
		field string
		v     value
	}{{"fall_status", s.fallStatus}, {"fall_down_status", s.fallDownStatus}} {
		if !f.v.present() {
			continue
		}
		switch w, ok := f.v.word(); {
		case !ok:
			d.wrong(f.field, f.v)
		case w == "fall_alarm" || w == "fall":
			d.event(devices.Fall)
		case w == "fall_warning" || w == "maybe_fall":
			d.event(devices.FallWarning)
		case w == "normal" || w == "none":
			d.clear(devices.Fall)
			d.clear(devices.FallWarning)
		}
	}
	switch w, _ := s.status.word(); w { // a common name: other values are other devices'
	case "falling":
		d.event(devices.Fall)
	case "low_posture":
		d.event(devices.FallWarning)
	case "unoccupied", "occupied", "sitting", "on_the_bed":
		d.clear(devices.Fall)
		d.clear(devices.FallWarning)
	}
}

// battery reads the three ways to say that a battery is low.
func (d *stateDecoder) battery(s zigbeeState) {
	if yes, ok := s.batteryLow.truth(); ok && yes {
		d.event(devices.BatteryLow)
	} else if ok {
		d.clear(devices.BatteryLow)
	}
	switch w, _ := s.batteryState.word(); w {
	case "low":
		d.event(devices.BatteryLow)
	case "medium", "high":
		d.clear(devices.BatteryLow)
	}
	if w, _ := s.battery.word(); strings.Contains(w, "low") { // "LOW", "2.5(low battery)"
		d.event(devices.BatteryLow)
	}
}

// readings adds what was measured. What cannot be read gives no reading: an
// unknown battery is never 0 %.
func (d *stateDecoder) readings(s zigbeeState) {
	d.m.Readings = make([]devices.Reading, 0, 4)
	d.number(s.battery, devices.Battery, "%", 0, 100)
	if v, ok := s.voltage.number(); ok && v > 0 && v < 100_000 {
		// Battery devices report mV, mains plugs V; no battery here has
		// between 100 and 500 of either.
		if v >= 500 {
			v /= 1000
		}
		d.add(devices.Voltage, v, "V")
	}
	d.number(s.linkQuality, devices.LinkQuality, "", 0, 255)
	d.number(s.temperature, devices.Temperature, "°C", -273.15, 1000)
	d.number(s.humidity, devices.Humidity, "%", 0, 100)
	lux := s.illuminance
	if s.illuminanceLux.present() {
		lux = s.illuminanceLux
	}
	d.number(lux, devices.Illuminance, "lx", 0, 1e6)
	d.truth(s.contact, devices.Contact)
	if s.occupancy.present() {
		d.truth(s.occupancy, devices.Occupancy)
	} else {
		d.truth(s.presence, devices.Occupancy)
	}
	if len(d.m.Readings) == 0 {
		d.m.Readings = nil
	}
}

func (d *stateDecoder) add(q devices.Quantity, v float64, unit string) {
	d.m.Readings = append(d.m.Readings, devices.Reading{Quantity: q, Value: v, Unit: unit})
}

func (d *stateDecoder) number(v value, q devices.Quantity, unit string, least, most float64) {
	if f, ok := v.number(); ok && f >= least && f <= most {
		d.add(q, f, unit)
	}
}

func (d *stateDecoder) truth(v value, q devices.Quantity) {
	switch yes, ok := v.truth(); {
	case ok && yes:
		d.add(q, 1, "")
	case ok:
		d.add(q, 0, "")
	}
}

// pressed adds what an action means. A panic is said by name, with the endpoint
// behind it or not (emergency, emergency_1); any other press is a button, whose
// meaning the device's role decides. Letting go, switching off, arming and
// turning a knob are no press.
func pressed(events []devices.Event, action string) []devices.Event {
	action = strings.ToLower(strings.TrimSpace(action))
	for _, word := range []string{"emergency", "panic", "sos"} {
		if rest, ok := strings.CutPrefix(action, word); ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return append(events, devices.Event{Kind: devices.Panic})
		}
	}
	button := false
	for part := range strings.FieldsFuncSeq(action, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
		switch part {
		case "release", "released":
			return events
		case "single", "double", "triple", "tripple", "quadruple", "quintuple", "many",
			"hold", "long", "short", "press", "pressed", "click", "push", "on", "toggle":
			button = true
		}
	}
	if button {
		return append(events, devices.Event{Kind: devices.Button})
	}
	return events
}
