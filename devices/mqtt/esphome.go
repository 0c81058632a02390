package mqtt

import (
	"errors"
	"unicode/utf8"

	"telecare/devices"
)

// esphomeTopic knows <prefix>/<component>/<id>/state and <prefix>/status
// (esphome.io/components/mqtt).
func esphomeTopic(topic string) bool {
	prefix, _, _ := cutESPHome(topic)
	return prefix != ""
}

func cutESPHome(topic string) (prefix, component, id string) {
	rest, what := cutField(topic)
	switch what {
	case "status":
		return rest, "status", ""
	case "state":
		rest, id = cutField(rest)
		prefix, component = cutField(rest)
		switch component {
		case "binary_sensor", "sensor", "text_sensor", "event", "switch", "light", "button", "number", "select",
			"lock", "cover", "fan", "climate", "valve", "alarm_control_panel", "update", "text":
			return prefix, component, id
		}
	}
	return "", "", ""
}

// decodeESPHome understands what ESPHome says over MQTT. Its states are
// retained by default and said again at each connection: a binary sensor is a
// state, whose edge is news, and what it means only its name tells; see
// words.go. One whose name tells nothing is a button, for that is what the
// registered device's role is for. The event component says what happens once.
func decodeESPHome(topic string, payload []byte, retained bool) (devices.Message, error) {
	prefix, component, id := cutESPHome(topic)
	if prefix == "" {
		return devices.Message{}, errors.New("topic is neither <prefix>/<component>/<id>/state nor <prefix>/status")
	}
	if err := checkName(prefix); err != nil {
		return devices.Message{}, err
	}
	d := collector{m: devices.Message{Device: prefix}, late: retained}
	if !utf8.Valid(payload) {
		return d.m, errors.New("payload is not valid UTF-8")
	}
	payload = trim(payload)
	if component == "status" {
		return decodeAvailability(prefix, payload)
	}
	if len(payload) == 0 { // a retained state that was cleared
		return d.m, nil
	}
	v := plain(payload)
	switch component {
	case "binary_sensor":
		if w, _ := v.word(); w == "unknown" || w == "unavailable" || w == "none" {
			return d.m, nil
		}
		d.named(id, v, meansPress)
	case "sensor":
		d.measured(id, v)
	case "event":
		if err := checkObject(payload); err != nil {
			return d.m, err
		}
		for k, e := range fields(payload) {
			if k == "event_type" {
				d.action(e, retained)
			}
		}
	}
	return d.done()
}

// aboutESPHome is what there is to know of ESPHome.
func aboutESPHome() devices.Format {
	return devices.Format{
		Name: FormatESPHome, Over: devices.OverMQTT, Answered: devices.AnsweredAtQoS1,
		Reads:   "Devices with ESPHome and its MQTT component: binary sensors by their names, sensors, events.",
		Devices: "Anything that is built with it; fall radars MR60FDA2 and LD2410 presence radars.",
		Address: "esphome/bath-radar", Named: "its topic prefix",
		Events:   []devices.Kind{devices.Panic, devices.Fall, devices.Smoke, devices.Gas, devices.CO, devices.Flood, devices.Button, devices.Tamper, devices.BatteryLow, devices.Online, devices.Offline},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy},
		Supervision: []devices.Supervised{
			{Every: 25 * 3600, Name: "bath-radar", Role: devices.Panic},
		},
		CannotTell: []string{
			"A press shorter than its publication while the network is away.",
			"All binary sensors of one node that are buttons have one role: name them well, or read them by a mapping.",
		},
	}
}
