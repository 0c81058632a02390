package mqtt

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

const shellyBase = "shellies/"

// shellyTopic knows Gen1 by its base topic, Gen2 and later by the shape of
// their topics: their prefix is free, and a device's id unless it was changed.
func shellyTopic(topic string) bool {
	if strings.HasPrefix(topic, shellyBase) && len(topic) > len(shellyBase) {
		return true
	}
	prefix, rest := cutShelly(topic)
	return prefix != "" && rest != ""
}

// cutShelly splits a topic of Gen2 and later into the device's prefix and what
// it speaks of.
func cutShelly(topic string) (prefix, rest string) {
	for _, suffix := range []string{"/events/rpc", "/online"} {
		if prefix, ok := strings.CutSuffix(topic, suffix); ok && prefix != "" {
			return prefix, suffix[1:]
		}
	}
	if prefix, component := cutField(topic); strings.Contains(component, ":") {
		if prefix, ok := strings.CutSuffix(prefix, "/status"); ok && prefix != "" {
			return prefix, "status/" + component
		}
	}
	if prefix, rest, ok := strings.Cut(topic, "/"); ok && strings.HasPrefix(prefix, "shelly") && rest != "" {
		return prefix, rest
	}
	return "", ""
}

// decodeShelly understands Shelly Gen1, and Gen2 and later with the BLU devices
// behind them (shelly-api-docs.shelly.cloud, gen1 and gen2, MQTT).
func decodeShelly(topic string, payload []byte, retained bool) (devices.Message, error) {
	if !utf8.Valid(payload) {
		return devices.Message{}, errors.New("payload is not valid UTF-8")
	}
	payload = trim(payload)
	// The base topic of Gen1 is a favourite prefix of later ones, too.
	topic = strings.TrimPrefix(topic, shellyBase)
	if prefix, rest := cutShelly(topic); rest == "events/rpc" || strings.HasPrefix(rest, "status/") {
		if err := checkName(prefix); err != nil {
			return devices.Message{}, err
		}
		d := shelly{collector{m: devices.Message{Device: prefix}, late: retained}}
		if component, ok := strings.CutPrefix(rest, "status/"); ok {
			d.status(component, payload)
			return d.done()
		}
		return d.rpc(payload)
	}
	name, rest, _ := strings.Cut(topic, "/")
	if name == "announce" {
		return shellyAnnounced(payload)
	}
	if name == "command" || rest == "rpc" || strings.HasPrefix(rest, "command") || strings.HasSuffix(rest, "/command") {
		return devices.Message{}, nil // somebody else speaks
	}
	if prefix, ok := strings.CutSuffix(topic, "/online"); ok {
		name, rest = prefix, "online"
	}
	if err := checkName(name); err != nil {
		return devices.Message{}, err
	}
	d := shelly{collector{m: devices.Message{Device: name}, late: retained}}
	d.gen1(rest, payload)
	return d.done()
}

// shellyAnnounced reads who answers on the topic that all of Gen1 share.
func shellyAnnounced(payload []byte) (devices.Message, error) {
	if err := checkObject(payload); err != nil {
		return devices.Message{}, err
	}
	for k, v := range fields(payload) {
		if id, ok := v.text(); ok && k == "id" && checkName(id) == nil {
			return devices.Message{Device: id}, nil
		}
	}
	return devices.Message{}, errors.New("the announcement names no device")
}

type shelly struct{ collector }

// gen1 reads one topic of a Gen1 device.
func (d *shelly) gen1(rest string, payload []byte) {
	v := plain(payload)
	what, index, _ := strings.Cut(rest, "/")
	switch what {
	case "online":
		d.online(v)
	case "input_event":
		d.inputEvent(index, payload)
	case "longpush":
		if yes, ok := v.truth(); ok && yes {
			d.press(devices.Button, "")
		}
	case "input":
		// A button tells its presses as input_event; what hangs on a relay's
		// input, such as a pull cord that stays, tells only this.
		if !d.model("shellybutton", "shellyix3") {
			d.level(rest, v, devices.Button)
		}
	case "sensor":
		d.sensor(index, v)
	case "status", "info":
		d.overview(payload)
	case "overtemperature":
		d.level(rest, v, devices.Fault)
	}
}

func (d *shelly) model(names ...string) bool {
	name := strings.ToLower(d.m.Device)
	for _, n := range names {
		if strings.HasPrefix(name, n) {
			return true
		}
	}
	return false
}

// online is the last will. Battery sensors of Gen1 sleep, and their will says
// "false" all the while: that is no news of them. Of a button it is handed on:
// it gives no other sign of life, and should be registered as unsupervised.
func (d *shelly) online(v value) {
	if len(v) <= 2 { // "", a retained state that was cleared
		return
	}
	switch yes, ok := v.truth(); {
	case !ok:
		d.wrong("online", v)
	case yes:
		d.now(devices.Online)
	case !d.model("shellyht-", "shellydw-", "shellydw2-", "shellyflood-", "shellysmoke-"):
		d.now(devices.Offline)
	}
}

// inputEvent reads {"event":"S","event_cnt":2}: S, SS, SSS, L, SL, LS. The
// counter tells a press from its repetition in the periodic update.
func (d *shelly) inputEvent(input string, payload []byte) {
	if err := checkObject(payload); err != nil {
		d.bad = err
		return
	}
	var event, count value
	for k, v := range fields(payload) {
		switch k {
		case "event":
			event = v
		case "event_cnt":
			count = v
		}
	}
	if !event.present() {
		return
	}
	switch w, ok := event.word(); {
	case !ok:
		d.wrong("event", event)
	case w != "" && strings.Trim(w, "sl") == "":
		ref := ""
		if _, ok := count.number(); ok && len(count) < 32 {
			ref = input + "/" + strings.Trim(string(count), `"`)
		}
		d.counted(devices.Button, ref)
	}
}

func (d *shelly) sensor(name string, v value) {
	switch name {
	case "battery":
		d.number(v, devices.Battery, "%", 0, 100)
	case "temperature":
		d.number(v, devices.Temperature, "°C", -100, 200)
	case "humidity":
		d.number(v, devices.Humidity, "%", 0, 100)
	case "lux":
		d.number(v, devices.Illuminance, "lx", 0, 1e6)
	case "motion":
		d.truth(v, devices.Occupancy)
	case "state":
		switch w, _ := v.word(); w {
		case "open":
			d.add(devices.Contact, 0, "")
		case "close", "closed":
			d.add(devices.Contact, 1, "")
		}
	case "flood":
		d.level(name, v, devices.Flood)
	case "smoke":
		d.level(name, v, devices.Smoke)
	case "gas", "alarm_state": // none, mild, heavy, test
		switch w, _ := v.word(); w {
		case "mild", "heavy":
			d.event(devices.Gas)
		case "none":
			d.clear(devices.Gas)
		case "test":
			d.press(devices.Test, "")
		default:
			d.wrong(name, v)
		}
	}
}

// overview reads the JSON of the motion sensor's status and of info.
func (d *shelly) overview(payload []byte) {
	if d.bad = checkObject(payload); d.bad != nil {
		return
	}
	for k, v := range fields(payload) {
		switch k {
		case "motion":
			d.truth(v, devices.Occupancy)
		case "lux":
			d.number(inner(v, "value"), devices.Illuminance, "lx", 0, 1e6)
		case "bat":
			d.number(inner(v, "value"), devices.Battery, "%", 0, 100)
			if v[0] == '{' {
				d.volts(inner(v, "voltage"))
			}
		case "tmp":
			if w, _ := inner(v, "units").word(); w == "f" {
				d.fahrenheit(inner(v, "value"))
			} else {
				d.number(inner(v, "value"), devices.Temperature, "°C", -100, 200)
			}
		case "hum":
			d.number(inner(v, "value"), devices.Humidity, "%", 0, 100)
		case "flood":
			d.level(k, v, devices.Flood)
		case "smoke":
			d.level(k, v, devices.Smoke)
		case "wifi_sta":
			d.number(inner(v, "rssi"), devices.RSSI, "dBm", -200, -1)
		case "timestamp":
			d.m.At = seconds(v)
		}
	}
}

// inner is a member of an object, or the value itself when it is none.
func inner(v value, name string) value {
	if len(v) == 0 || v[0] != '{' {
		return v
	}
	var found value
	for k, m := range fields(v) {
		if k == name {
			found = m
		}
	}
	return found
}

// arrayOf lists an array of valid JSON, as much of it as a message may hold.
func arrayOf(array value) []value {
	var all []value
	if len(array) == 0 || array[0] != '[' {
		return nil
	}
	for i := skipBlanks(array, 1); i < len(array) && array[i] != ']' && len(all) < maxEvents; {
		end := skipValue(array, i)
		all = append(all, array[i:end:end])
		if i = skipBlanks(array, end); i < len(array) && array[i] == ',' {
			i = skipBlanks(array, i+1)
		}
	}
	return all
}

// refAt is a delivery identity out of a component and the device's clock, ""
// when it has none.
func refAt(component string, ts value) string {
	if _, ok := ts.number(); !ok || len(component)+len(ts) > maxRef/2 {
		return ""
	}
	return fmt.Sprintf("%s@%s", component, strings.Trim(string(ts), `"`))
}

// aboutShelly is what there is to know of Shelly.
func aboutShelly() devices.Format {
	return devices.Format{
		Name: FormatShelly, Over: devices.OverMQTT, Answered: devices.AnsweredAtQoS1,
		Reads:   "Shelly of generation 1, of generation 2 and later, and BLU devices behind those.",
		Devices: "Button1, i3, relays with a button or cord at their input, Plus, Pro, Gen3 and Gen4, BLU Button and BLU RC Button, detectors of smoke, gas, water, movement and contact.",
		Address: "shelly/shellybutton1-98CDAC1F0E57", Named: "its id or topic prefix; behind a gateway prefix/bthomedevice:200, by script its Bluetooth address",
		Events:   []devices.Kind{devices.Smoke, devices.Gas, devices.Flood, devices.Test, devices.Button, devices.BatteryLow, devices.Online, devices.Offline, devices.Fault},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy},
		Supervision: []devices.Supervised{
			{Of: "Button1", Name: "shellybutton1-98CDAC1F0E57", Role: devices.Panic},
			{Every: 25 * 3600, Name: "shellyplusi4-a8032ab1fe78", Role: devices.Panic},
		},
		CannotTell: []string{
			"A Button1 sleeps, and says \"offline\" all the while: it is unsupervised.",
			"A BLU button sends nothing between presses unless its beacon mode is on.",
			"All inputs of one device have one role.",
			"Generation 1's counter begins anew when the device restarts.",
		},
	}
}
