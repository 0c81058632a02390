package mqtt

import (
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
	d := zigbee{collector{m: devices.Message{Device: name}, late: retained}}
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
	return d.done()
}

// zigbee is a collector that knows the fields of Zigbee2MQTT.
type zigbee struct{ collector }

// gas is a yes or no, or with some detectors a concentration, which says
// nothing without the detector's threshold.
func (d *zigbee) gas(v value) {
	if _, number := v.number(); number {
		if _, ok := v.truth(); !ok {
			return
		}
	}
	d.level("gas", v, devices.Gas)
}

func (d *collector) action(v value, retained bool) {
	if !v.present() {
		return
	}
	action, ok := v.text()
	switch {
	case !ok:
		d.wrong("action", v)
	case !retained: // a press that the broker stored was some time ago
		d.m.Events = pressed(d.m.Events, action)
		d.m.Named = action != "" && len(d.m.Events) == 0 // 1.x says an empty one behind each
	}
}

// falls reads the three radars. Only the normal state clears: a radar passes
// through a warning on the way to and from an alarm.
func (d *zigbee) falls(s zigbeeState) {
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
func (d *zigbee) battery(s zigbeeState) {
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
func (d *zigbee) readings(s zigbeeState) {
	d.m.Readings = make([]devices.Reading, 0, 4)
	d.number(s.battery, devices.Battery, "%", 0, 100)
	d.volts(s.voltage) // battery devices report mV, mains plugs V
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
	switch w, _ := s.status.word(); w { // OWON FDS315: one of them at a time
	case "on_the_bed":
		d.add(devices.InBed, 1, "")
	case "unoccupied", "occupied", "sitting":
		d.add(devices.InBed, 0, "")
	}
	if len(d.m.Readings) == 0 {
		d.m.Readings = nil
	}
}
