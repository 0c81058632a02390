package mqtt

import (
	"errors"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

const homieBase = "homie/"

func homieTopic(topic string) bool {
	return strings.HasPrefix(topic, homieBase) && len(topic) > len(homieBase)
}

// decodeHomie understands Homie 3 and 4, homie/<device>/…, and 5,
// homie/5/<device>/… (homieiot.github.io/specification). What a property means
// is in its device's $description, not in the message; its name has to tell it,
// see words.go. A press is a momentary property: one that a broker has kept, or
// whose name says nothing, raises nothing.
func decodeHomie(topic string, payload []byte, retained bool) (devices.Message, error) {
	rest := strings.TrimPrefix(topic, homieBase)
	rest = strings.TrimPrefix(rest, "5/")
	parts := strings.Split(rest, "/")
	if parts[0] == "$broadcast" || parts[len(parts)-1] == "set" {
		return devices.Message{}, nil // somebody else speaks
	}
	if err := checkName(parts[0]); err != nil {
		return devices.Message{}, err
	}
	d := collector{m: devices.Message{Device: parts[0]}, late: retained}
	if !utf8.Valid(payload) {
		return d.m, errors.New("payload is not valid UTF-8")
	}
	payload = trim(payload)
	switch {
	case len(parts) < 2:
	case parts[1] == "$state":
		return d.homieState(string(payload))
	case parts[1] == "$alert" && len(parts) > 2:
		// A text stands as long as the trouble does, and is emptied then.
		if len(payload) > 0 {
			d.event(devices.Fault)
		} else {
			d.clear(devices.Fault)
		}
	case parts[1] == "$stats" && len(parts) > 2:
		switch parts[2] {
		case "battery":
			d.number(plain(payload), devices.Battery, "%", 0, 100)
		case "supply":
			d.volts(plain(payload))
		}
	case len(parts) == 3 && parts[1] != "" && parts[1][0] != '$' && parts[2] != "" && parts[2][0] != '$':
		if len(payload) > 0 {
			d.property(parts[1], parts[2], plain(payload))
		}
	}
	return d.done()
}

// homieState is the device's life cycle; "lost" is its last will.
func (d *collector) homieState(state string) (devices.Message, error) {
	switch state {
	case "ready":
		d.now(devices.Online)
	case "lost", "disconnected":
		d.now(devices.Offline)
	case "alert": // 3 and 4
		d.now(devices.Online)
		d.event(devices.Fault)
	case "", "init", "sleeping":
	default:
		return d.m, errors.New("$state " + clip(`"`+state+`"`) + " is none of init, ready, disconnected, sleeping, lost and alert")
	}
	return d.m, nil
}

func (d *collector) property(node, name string, v value) {
	m := meaningOf(name)
	if m == meansNothing {
		m = meaningOf(node)
	}
	yes, boolean := v.truth()
	switch m {
	case meansPress, meansPanic:
		kind := devices.Button
		if m == meansPanic {
			kind = devices.Panic
		}
		w, _ := v.word()
		if said := pressed(nil, w); len(said) > 0 && !boolean {
			if said[0].Kind == devices.Panic {
				kind = devices.Panic
			}
			d.press(kind, "")
		} else if boolean && yes {
			d.press(kind, "")
		}
	case meansNothing:
		d.measured(node+" "+name, v)
	default:
		if boolean {
			d.named(name+" "+node, v, m)
		}
	}
}

// aboutHomie is what there is to know of Homie.
func aboutHomie() devices.Format {
	return devices.Format{
		Name: FormatHomie, Over: devices.OverMQTT, Answered: devices.AnsweredAtQoS1,
		Reads:   "Devices that keep to the Homie convention 3, 4 or 5: properties by their names, $state, $alert, $stats.",
		Devices: "Anything that is built with it.",
		Address: "homie/call-7", Named: "its device id",
		Events:   []devices.Kind{devices.Panic, devices.Fall, devices.Smoke, devices.Gas, devices.CO, devices.Flood, devices.Button, devices.Tamper, devices.BatteryLow, devices.Online, devices.Offline, devices.Fault},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy},
		Supervision: []devices.Supervised{
			{Every: 25 * 3600, Name: "call-7", Role: devices.Panic},
		},
		CannotTell: []string{
			"What a property means, which is in $description: name it, or read it by a mapping.",
		},
	}
}
