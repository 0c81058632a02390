package mqtt

import (
	"strings"
	"unicode"

	"telecare/devices"
)

// A meaning is what the name of an input tells of it, for the formats whose
// inputs have names and nothing else: "pull_cord", "bad-bewegung".
type meaning int

const (
	meansNothing meaning = iota // nothing that is known here
	meansPress
	meansPanic
	meansFall
	meansSmoke
	meansGas
	meansCO
	meansFlood
	meansTamper
	meansLowBattery
	meansDoor
	meansMotion
	meansAlive
)

// kind is the event of a meaning which is a state, "" for one that is none.
func (m meaning) kind() devices.Kind {
	switch m {
	case meansPanic:
		return devices.Panic
	case meansFall:
		return devices.Fall
	case meansSmoke:
		return devices.Smoke
	case meansGas:
		return devices.Gas
	case meansCO:
		return devices.CO
	case meansFlood:
		return devices.Flood
	case meansTamper:
		return devices.Tamper
	case meansLowBattery:
		return devices.BatteryLow
	}
	return ""
}

// words of an input's name, English and German. Whole words only: co2 is no
// carbon meansCO, and heating no heat.
func wordMeaning(w string) meaning {
	switch w {
	case "sos", "panic", "emergency", "notruf", "hilferuf":
		return meansPanic
	case "fall", "fallen", "falling", "sturz":
		return meansFall
	case "smoke", "rauch", "rauchmelder":
		return meansSmoke
	case "gas":
		return meansGas
	case "co", "monoxide":
		return meansCO
	case "leak", "flood", "water", "wasser", "moisture":
		return meansFlood
	case "tamper", "sabotage":
		return meansTamper
	case "door", "window", "contact", "reed", "opening", "tuer", "tür", "fenster":
		return meansDoor
	case "motion", "pir", "occupancy", "occupied", "presence", "radar", "moving", "still", "person", "people",
		"bewegung", "anwesenheit":
		return meansMotion
	case "status", "online", "connected", "connectivity":
		return meansAlive
	case "press", "pressed", "button", "push", "pushed", "click", "call", "cord", "pull", "bell", "doorbell",
		"help", "nurse", "taster", "ruf", "klingel":
		return meansPress
	}
	return meansNothing
}

// meaningOf reads an input's name. A word that says what is at stake goes
// before one that only says how: a "panic button" is about panic, a "battery
// low" about the battery.
func meaningOf(name string) meaning {
	found, battery, low := meansNothing, false, false
	split := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for w := range strings.FieldsFuncSeq(strings.ToLower(name), split) {
		battery = battery || w == "battery" || w == "batt" || w == "batterie"
		low = low || w == "low" || w == "lowbatt"
		if w == "lowbattery" || w == "lowbatt" {
			return meansLowBattery
		}
		if m := wordMeaning(w); m != meansNothing && (found == meansNothing || found == meansPress || found == meansAlive) {
			found = m
		}
	}
	if battery {
		if low {
			return meansLowBattery
		}
		return meansNothing
	}
	return found
}

// measured reads what a sensor's name says that it measures, and adds it.
func (d *collector) measured(name string, v value) {
	name = strings.ToLower(name)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(name, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("batt") && has("volt"):
		d.volts(v)
	case has("batt") && has("level", "percent", "pct", "soc"):
		d.number(v, devices.Battery, "%", 0, 100)
	case has("batt"):
		// Without a unit, 3.1 may be volts as well as an empty battery's
		// percent: unknown is not zero.
		d.number(v, devices.Battery, "%", 5, 100)
	case has("rssi", "signal"):
		d.number(v, devices.RSSI, "dBm", -200, -1)
	case has("temp"):
		d.number(v, devices.Temperature, "°C", -273.15, 1000)
	case has("humid"):
		d.number(v, devices.Humidity, "%", 0, 100)
	case has("illuminance", "lux"):
		d.number(v, devices.Illuminance, "lx", 0, 1e6)
	}
}

// named adds what a yes or no means by the name of its input; a name which
// says nothing means what the caller says.
func (d *collector) named(name string, v value, otherwise meaning) {
	m := meaningOf(name)
	if m == meansNothing {
		m = otherwise
	}
	switch m {
	case meansDoor:
		d.open(v)
	case meansMotion:
		d.truth(v, devices.Occupancy)
	case meansPress:
		d.level(name, v, devices.Button)
	case meansNothing, meansAlive:
	default:
		d.level(name, v, m.kind())
	}
}

// plain makes a JSON value of a payload that is one already, or a bare text.
func plain(payload []byte) value {
	v := asObject("v", payload)
	return value(v[len(`{"v":`) : len(v)-1])
}
