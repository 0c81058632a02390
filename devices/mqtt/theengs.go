package mqtt

import (
	"errors"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// theengsTopic knows home/<gateway>/BTtoMQTT/<MAC> of OpenMQTTGateway and
// Theengs Gateway, and the gateway's other receivers beside it
// (docs.openmqttgateway.com, gateway.theengs.io).
func theengsTopic(topic string) bool {
	_, what, _ := cutTheengs(topic)
	return what != ""
}

func cutTheengs(topic string) (gateway, what, rest string) {
	parts := strings.Split(topic, "/")
	for i, p := range parts {
		if i == 0 {
			continue
		}
		switch p {
		case "BTtoMQTT", "433toMQTT", "RTL_433toMQTT", "SYStoMQTT":
			return strings.Join(parts[:i], "/"), p, strings.Join(parts[i+1:], "/")
		}
	}
	if gateway, ok := strings.CutSuffix(topic, "/LWT"); ok && strings.HasPrefix(gateway, "home/") {
		return gateway, "LWT", ""
	}
	return "", "", ""
}

// decodeTheengs understands what a gateway hears: Bluetooth advertisements by
// Theengs Decoder (theengs/decoder src/devices, decoder.theengs.io), 433 MHz
// codes by RCSwitch, and rtl_433's on an ESP32. An advertisement is sent three
// to ten times; a packet number, where the device has one, tells them apart.
func decodeTheengs(topic string, payload []byte, retained bool) (devices.Message, error) {
	gateway, what, rest := cutTheengs(topic)
	if !utf8.Valid(payload) {
		return devices.Message{}, errors.New("payload is not valid UTF-8")
	}
	payload = trim(payload)
	box := boxName(strings.Split(strings.TrimPrefix(gateway, "home/"), "/"))
	if what == "LWT" {
		return decodeAvailability(box, payload)
	}
	if err := checkObject(payload); err != nil {
		return devices.Message{}, err
	}
	d := theengs{collector{late: retained}}
	switch what {
	case "RTL_433toMQTT":
		return decodeRTLEvent(payload, retained)
	case "SYStoMQTT":
		d.m.Device = box
		d.press(devices.Heartbeat, "")
		return d.m, nil
	case "433toMQTT":
		return d.code(payload)
	}
	return d.advertisement(rest, payload)
}

type theengs struct{ collector }

// code reads {"value":5393,"protocol":1,"length":24}: a code is a button.
func (d *theengs) code(payload []byte) (devices.Message, error) {
	for k, v := range fields(payload) {
		if k != "value" {
			continue
		}
		s, ok := v.text()
		if _, numeric := v.number(); !ok && numeric {
			s = string(v)
		}
		if s != "" && !strings.Contains(s, "/") && checkName("rf/"+s) == nil {
			d.m.Device = "rf/" + s
			d.press(devices.Button, "")
			return d.m, nil
		}
	}
	return d.m, errors.New("the frame names no code")
}

func (d *theengs) advertisement(mac string, payload []byte) (devices.Message, error) {
	var packet value
	pressed := false
	for k, v := range fields(payload) {
		switch k {
		case "id": // 3C:2E:F5:DF:12:34; the topic has it without colons
			if s, ok := v.text(); ok && len(s) < maxName {
				mac = strings.ToUpper(strings.ReplaceAll(s, ":", ""))
			}
		case "packet":
			packet = v
		case "batt":
			d.number(v, devices.Battery, "%", 0, 100)
		case "volt":
			d.volts(v)
		case "rssi":
			d.number(v, devices.RSSI, "dBm", -200, -1)
		case "tempc":
			d.number(v, devices.Temperature, "°C", -273.15, 1000)
		case "hum":
			d.number(v, devices.Humidity, "%", 0, 100)
		case "lux":
			d.number(v, devices.Illuminance, "lx", 0, 1e6)
		case "motion", "presence", "occupancy":
			d.truth(v, devices.Occupancy)
		case "open":
			d.open(v)
		case "contact":
			d.truth(v, devices.Contact)
		case "lowbatt", "batt_low", "battery_low":
			d.level(k, v, devices.BatteryLow)
		case "smoke":
			d.level(k, v, devices.Smoke)
		case "gas":
			d.level(k, v, devices.Gas)
		case "wet", "leak", "water_leak", "flood":
			d.level(k, v, devices.Flood)
		case "tamper":
			d.level(k, v, devices.Tamper)
		case "button", "button1", "button2", "button3", "button4":
			pressed = pressed || keyDown(v)
		}
	}
	if err := checkName(mac); err != nil {
		return devices.Message{}, err
	}
	d.m.Device = mac
	if pressed {
		ref := ""
		if _, ok := packet.number(); ok {
			ref = refAt("packet", packet)
		}
		d.counted(devices.Button, ref)
	}
	return d.done()
}

// keyDown reads a button's press type: 1 to 5 presses, 9 long, 11 hold, 10 the
// end of one; 0 none. Where it is a word, any but that is a press.
func keyDown(v value) bool {
	if n, ok := v.number(); ok {
		return n > 0 && n != 10
	}
	w, ok := v.word()
	return ok && w != "" && w != "none" && w != "off" && w != "false" && !strings.Contains(w, "release") || string(v) == "true"
}

// aboutTheengs is what there is to know of Theengs and OpenMQTTGateway.
func aboutTheengs() devices.Format {
	return devices.Format{
		Name: FormatTheengs, Over: devices.OverMQTT, Answered: devices.AnsweredNever,
		Reads:   "Bluetooth advertisements that Theengs Gateway or OpenMQTTGateway hears, its 433 MHz codes, and rtl_433 on an ESP32.",
		Devices: "ShellyBLU Button1 and others of BTHome, Xiaomi, iBeacon and sensors that Theengs Decoder knows; remotes by RCSwitch.",
		Address: "theengs/3C2EF5DF1234", Named: "the Bluetooth address without colons; rf/5393; rtl_433's own",
		Events:   []devices.Kind{devices.Panic, devices.Smoke, devices.Heat, devices.Gas, devices.Flood, devices.Cancel, devices.Presence, devices.Test, devices.Button, devices.Tamper, devices.BatteryLow, devices.Online, devices.Offline, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.SNR, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy},
		Supervision: []devices.Supervised{
			{Of: "Bluetooth buttons", Name: "3C2EF5DF1234", Role: devices.Panic},
			{Of: "433 MHz codes", Name: "rf/5393", Role: devices.Panic},
			{Every: 25 * 3600, Name: "A4C138000001"},
		},
		CannotTell: []string{
			"A press out of reach of every gateway.",
			"Most buttons send nothing between presses.",
			"The packet number goes round at 256, and begins anew with a new battery.",
		},
	}
}
