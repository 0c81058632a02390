package mqtt

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// tasmotaTopic knows %prefix%/%topic%/… and, turned round as many people have
// it, %topic%/%prefix%/… (tasmota.github.io/docs/MQTT).
func tasmotaTopic(topic string) bool {
	name, what := cutTasmota(topic)
	return name != "" && what != ""
}

func cutTasmota(topic string) (name, what string) {
	rest, what := cutField(topic)
	if prefix, name, ok := strings.Cut(rest, "/"); ok && name != "" && (prefix == "stat" || prefix == "tele") {
		return name, what
	}
	if name, prefix := cutField(rest); name != "" && (prefix == "stat" || prefix == "tele") {
		return name, what
	}
	return "", ""
}

type tasmota struct{ collector }

// decodeTasmota understands Tasmota's messages about its own inputs and
// sensors, and about 433 MHz buttons that an RF bridge hears
// (tasmota.github.io/docs: Buttons-and-Switches, MQTT, RF-Protocol).
//
// A button's action is a press. A switch is a state: it is repeated in every
// tele/…/SENSOR, and only its edge is news.
func decodeTasmota(topic string, payload []byte, retained bool) (devices.Message, error) {
	name, what := cutTasmota(topic)
	if err := checkName(name); err != nil {
		return devices.Message{}, err
	}
	d := tasmota{collector{m: devices.Message{Device: name}, late: retained}}
	if !utf8.Valid(payload) {
		return d.m, errors.New("payload is not valid UTF-8")
	}
	payload = trim(payload)
	upper := strings.ToUpper(what)
	if upper == "LWT" {
		return decodeAvailability(name, tasmotaWill(payload))
	}
	if len(payload) == 0 || payload[0] != '{' {
		return d.m, nil // POWER ON, and the like: a sign of life
	}
	if err := checkObject(payload); err != nil {
		return d.m, err
	}
	for k, v := range fields(payload) {
		d.field(upper, k, v)
	}
	return d.done()
}

// tasmotaWill puts the last will of a build in another language into English:
// some of them translate it (D_ONLINE and D_OFFLINE in tasmota/language).
func tasmotaWill(payload []byte) []byte {
	switch strings.ToLower(string(payload)) {
	case "on-line", "connecté", "conectado", "aktywny", "çevirimiçi", "מחובר", "онлайн", "он-лайн", "在线", "線上":
		return []byte("online")
	case "off-line", "déconnecté", "desconectado", "nieaktywny", "çevirimdışı", "מנותק", "офлайн", "офф-лайн", "离线", "離線":
		return []byte("offline")
	}
	return payload
}

func (d *tasmota) field(topic, name string, v value) {
	upper := strings.ToUpper(name)
	switch {
	case upper == "ACTION" && !strings.HasPrefix(topic, "SWITCH"): // before v9, or on …/BUTTON1
		d.action(v)
	case upper == "ACTION":
		d.switched(v)
	case strings.HasPrefix(upper, "BUTTON") && len(v) > 0 && v[0] == '{':
		for k, a := range fields(v) {
			if strings.EqualFold(k, "Action") {
				d.action(a)
			}
		}
	case strings.HasPrefix(upper, "SWITCH"):
		if len(v) > 0 && v[0] == '{' { // SetOption114
			for k, a := range fields(v) {
				if strings.EqualFold(k, "Action") {
					d.switched(a)
				}
			}
			return
		}
		d.switched(v)
	case upper == "RFRECEIVED":
		d.radio(v)
	case upper == "STATUSSNS" || upper == "STATUSSTS":
		if len(v) > 0 && v[0] == '{' {
			for k, m := range fields(v) {
				if !strings.HasPrefix(strings.ToUpper(k), "STATUS") { // once is enough
					d.field("", k, m)
				}
			}
		}
	case upper == "WIFI":
		d.number(member(v, "Signal"), devices.RSSI, "dBm", -200, -1)
	case upper == "TEMPUNIT":
		if w, _ := v.word(); w == "f" {
			for i, r := range d.m.Readings {
				if r.Quantity == devices.Temperature { // the unit stands behind the values
					d.m.Readings = append(d.m.Readings[:i], d.m.Readings[i+1:]...)
					d.fahrenheit(value(strconv.FormatFloat(r.Value, 'g', -1, 64)))
					break
				}
			}
		}
	case upper == "BATTERYPERCENTAGE" || upper == "BATTERY":
		d.number(v, devices.Battery, "%", 0, 100)
	default:
		d.sensor(v)
	}
}

// action is a button's: SINGLE to PENTA, HOLD; CLEAR is letting go.
func (d *tasmota) action(v value) {
	switch w, ok := v.word(); {
	case !ok:
		if v.present() {
			d.wrong("Action", v)
		}
	case w == "quad" || w == "penta" || w == "toggle" || len(pressed(nil, w)) > 0:
		d.press(devices.Button, "")
	}
}

// switched is a switch's: ON and OFF are states, TOGGLE and HOLD are what a
// push button does that is wired as a switch.
func (d *tasmota) switched(v value) {
	switch w, _ := v.word(); w {
	case "on":
		d.event(devices.Button)
	case "off":
		d.clear(devices.Button)
	case "toggle", "hold", "double", "single":
		d.press(devices.Button, "")
	}
}

// radio is a 433 MHz code that an RF bridge heard, {"Data":"7028D4","RfKey":…}:
// a button of its own, by its code.
func (d *tasmota) radio(v value) {
	code := member(v, "Data")
	s, ok := code.text()
	if _, numeric := code.number(); !ok && numeric {
		s = string(code)
	}
	s = strings.TrimPrefix(strings.ToLower(s), "0x")
	if s == "" || len(s) > 64 || strings.Contains(s, "/") {
		return
	}
	d.m.Device += "/rf/" + s
	d.press(devices.Button, "")
}

// sensor reads what a sensor's own object holds.
func (d *tasmota) sensor(v value) {
	if len(v) == 0 || v[0] != '{' {
		return
	}
	has := func(q devices.Quantity) bool {
		for _, r := range d.m.Readings {
			if r.Quantity == q {
				return true
			}
		}
		return false
	}
	for k, m := range fields(v) {
		switch {
		case k == "Temperature" && !has(devices.Temperature):
			d.number(m, devices.Temperature, "°C", -273.15, 1000)
		case k == "Humidity" && !has(devices.Humidity):
			d.number(m, devices.Humidity, "%", 0, 100)
		case k == "Illuminance" && !has(devices.Illuminance):
			d.number(m, devices.Illuminance, "lx", 0, 1e6)
		}
	}
}

// aboutTasmota is what there is to know of Tasmota.
func aboutTasmota() devices.Format {
	return devices.Format{
		Name: FormatTasmota, Over: devices.OverMQTT, Answered: devices.AnsweredNever,
		Reads:   "Devices with Tasmota: buttons with SetOption73 1, switches, sensors, and 433 MHz codes that an RF bridge hears.",
		Devices: "Anything with a button or switch at its input; Sonoff RF Bridge with remotes of EV1527 and alike.",
		Address: "tasmota/tasmota_1A2B3C", Named: "its topic; of an RF bridge's codes topic/rf/7028d4",
		Events:   []devices.Kind{devices.Button, devices.Online, devices.Offline},
		Readings: []devices.Quantity{devices.Battery, devices.RSSI, devices.Temperature, devices.Humidity, devices.Illuminance},
		Supervision: []devices.Supervised{
			{Of: "433 MHz codes", Name: "bridge-1/rf/7028d4", Role: devices.Panic},
			{Every: 25 * 3600, Name: "tasmota_1A2B3C", Role: devices.Panic},
		},
		CannotTell: []string{
			"The time of its field Time, which names no zone.",
			"With the defaults a press only toggles a relay, and no message says that it was one.",
			"All buttons of one device have one role.",
		},
	}
}
