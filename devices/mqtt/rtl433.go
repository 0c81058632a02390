package mqtt

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"telecare/devices"
)

const rtlBase = "rtl_433/"

func rtlTopic(topic string) bool {
	return strings.HasPrefix(topic, rtlBase) && len(topic) > len(rtlBase)
}

// decodeRTL433 understands the JSON of rtl_433 (docs/DATA_FORMAT.md), as it
// comes on its events topic; its topics with a field each; and its availability
// (src/output_mqtt.c). Its radio repeats a frame two to eight times within
// three seconds and has no counter: the window folds them.
//
// A frame is an event, never a state: by radio the one that ends it may be
// lost, and the next press must count. Only a flag of the battery and of the
// case is a state, which nobody waits for.
func decodeRTL433(topic string, payload []byte, retained bool) (devices.Message, error) {
	if !utf8.Valid(payload) {
		return devices.Message{}, errors.New("payload is not valid UTF-8")
	}
	rest, _ := strings.CutPrefix(topic, rtlBase)
	parts := strings.Split(rest, "/")
	trimmed := trim(payload)
	if last := parts[len(parts)-1]; last == "availability" {
		return decodeAvailability(boxName(parts[:len(parts)-1]), trimmed)
	}
	for i, p := range parts {
		// [/type][/model][/subtype][/channel][/id]/<field>: one field, which the
		// events topic says once more and better.
		if p == "devices" && i+3 < len(parts) && len(trimmed) > 0 && trimmed[0] != '{' {
			at := parts[i+1:]
			id, field := at[len(at)-2], at[len(at)-1]
			if field == "" {
				break
			}
			object := asObject("model", []byte(strconv.Quote(at[0])))
			object = append(object[:len(object)-1], `,"id":`+strconv.Quote(id)+","...)
			object = append(object, asObject(field, trimmed)[1:]...)
			return decodeRTLEvent(object, retained)
		}
	}
	if err := checkObject(trimmed); err != nil {
		return devices.Message{}, err
	}
	if parts[len(parts)-1] == "states" {
		d := collector{m: devices.Message{Device: boxName(parts[:len(parts)-1])}, late: retained}
		d.press(devices.Heartbeat, "") // the receiver's own counts
		return d.m, nil
	}
	return decodeRTLEvent(trimmed, retained)
}

// boxName names the box between us and the devices, of which there may be
// several on one broker.
func boxName(parts []string) string {
	if name := strings.Join(parts, "/"); name != "" {
		return zigbeeBridge + "/" + name
	}
	return zigbeeBridge
}

// rtlModel gives a model's name of today for one that older versions used.
func rtlModel(model string) string {
	model = strings.ReplaceAll(strings.TrimSpace(model), " ", "-")
	switch model {
	case "Interlogix":
		return "Interlogix-Security"
	case "DSC-Contact":
		return "DSC-Security"
	case "Honeywell-Door/Window-Sensor":
		return "Honeywell-Security"
	}
	return strings.ReplaceAll(model, "/", "-")
}

// An rtl is a collector with the fields of a frame by name.
type rtl struct {
	collector
	fields map[string]value
	model  string
}

// maxFields bounds how many fields of a frame are looked at; the longest
// decoder has some forty.
const maxFields = 256

func decodeRTLEvent(object []byte, retained bool) (devices.Message, error) {
	if err := checkObject(object); err != nil {
		return devices.Message{}, err
	}
	d := rtl{collector: collector{late: retained}, fields: map[string]value{}}
	for k, v := range fields(object) {
		if len(d.fields) < maxFields && v.present() {
			d.fields[k] = v
		}
	}
	model, ok := d.fields["model"].text()
	if !ok || strings.TrimSpace(model) == "" {
		return d.m, errors.New("the frame names no model; is it from rtl_433?")
	}
	d.model = rtlModel(model)
	d.m.Device = d.model
	if id := d.id(); id != "" {
		d.m.Device += "/" + id
	}
	if err := checkName(d.m.Device); err != nil {
		return devices.Message{}, err
	}
	d.m.At = rtlTime(d.fields["time"])
	d.health()
	if yes, ok := d.fields["heartbeat"].truth(); ok && yes {
		// A supervision report repeats how things stand; nothing happened.
		d.press(devices.Heartbeat, "")
	} else {
		d.happened()
	}
	d.readings()
	return d.done()
}

// id is a device's own; the model stands before it, because ids are unique
// only there.
func (d *rtl) id() string {
	for _, name := range []string{"id", "device", "channel", "data", "code"} {
		v := d.fields[name]
		if s, ok := v.text(); ok && s != "" {
			return strings.ReplaceAll(s, "/", "-")
		}
		if _, ok := v.number(); ok {
			return string(v)
		}
	}
	return ""
}

func (d *rtl) is(models ...string) bool {
	for _, m := range models {
		if len(d.model) >= len(m) && strings.EqualFold(d.model[:len(m)], m) {
			return true
		}
	}
	return false
}

func (d *rtl) truth(field string) bool {
	yes, ok := d.fields[field].truth()
	return ok && yes
}

func (d *rtl) button() { d.press(devices.Button, "") }

// health reads the flags of battery and case.
func (d *rtl) health() {
	switch level, ok := d.fields["battery_ok"].number(); {
	case !ok:
		if w, _ := d.fields["battery"].word(); w == "low" {
			d.event(devices.BatteryLow) // before 2020
		} else if e, _ := d.fields["event"].word(); w == "ok" || string(d.fields["model"]) == `"X10-Security"` && (strings.HasPrefix(e, "ds10a") || strings.HasPrefix(e, "ms10a")) {
			d.clear(devices.BatteryLow) // X10's detectors say it only when it is low
		}
	case level <= 0:
		d.event(devices.BatteryLow)
	case level <= 1: // 1 is also what a mere flag says
		d.clear(devices.BatteryLow)
		if level < 1 {
			d.add(devices.Battery, math.Round(level*1000)/10, "%")
		}
	}
	for _, name := range []string{"tamper", "tampered"} {
		d.level(name, d.fields[name], devices.Tamper)
	}
	d.level("detect_wet", d.fields["detect_wet"], devices.Flood)
	if d.is("Risco") && !d.fields["tamper"].present() { // it is there when it is 1 alone
		d.clear(devices.Tamper)
	}
}

// happened reads what the frame is about. The models are those of DEVICES in
// src/devices; a pendant mostly looks like a door contact there, so that it is
// a button whose meaning is its role's.
func (d *rtl) happened() {
	text := ""
	for _, name := range []string{"event", "extradata", "remarks", "cmd", "state", "status"} {
		if w, ok := d.fields[name].word(); ok {
			text += " " + w
		}
	}
	switch {
	case d.is("Interlogix"):
		d.interlogix()
	case d.is("Yale-HSA"):
		d.yale()
	case strings.Contains(text, "panic") || strings.Contains(text, "emergency"):
		d.press(devices.Panic, "")
	case strings.Contains(text, "alarm off"): // a SimpliSafe keychain
		d.press(devices.Cancel, "")
	case d.is("SimpliSafe-Sensor"):
		// The panic button of a keychain says "Contact Open", too.
		if n, ok := d.fields["state"].number(); ok && n == 1 {
			d.button()
		}
	case d.is("DSC-Security"):
		switch happened, ok := d.fields["event"].truth(); {
		case ok && !happened:
			d.press(devices.Heartbeat, "")
		case ok && isFalse(d.fields["closed"]):
			d.button()
		}
	case d.is("Honeywell-Security"):
		if d.truth("alarm") || d.truth("contact_open") || d.truth("reed_open") || strings.Contains(text, "open") {
			d.button()
		}
	case d.is("Honeywell-ActivLink", "Honeywell-Wireless"):
		switch sub, _ := d.fields["subtype"].word(); {
		case strings.Contains(sub, "motion"):
			d.press(devices.Presence, "")
		case strings.Contains(sub, "contact"):
		default:
			d.button()
		}
	case d.is("Chuango"):
		switch w, _ := d.fields["cmd"].word(); w {
		case "alarm", "sos":
			d.button()
		case "low battery":
			d.event(devices.BatteryLow)
		case "tamper":
			d.event(devices.Tamper)
		case "test":
			d.press(devices.Test, "")
		}
	case strings.Contains(text, "water leak"), d.is("Kerui") && d.truth("water"): // Govee
		d.press(devices.Flood, "")
	case strings.Contains(text, "battery report"):
		d.press(devices.Heartbeat, "")
	case d.truth("motion") || strings.Contains(text, "motion tripped") || text == " motion":
		d.press(devices.Presence, "")
	case d.truth("alarm"), d.truth("smoke"), strings.Contains(text, "button press"), d.remote():
		d.button()
	}
	if text == " tamper" { // Kerui before 2020
		d.event(devices.Tamper)
	}
	if text == " battery" && !d.fields["battery_ok"].present() {
		d.event(devices.BatteryLow)
	}
}

// remote reports whether every frame of such a model is a press.
func (d *rtl) remote() bool {
	if n, ok := d.fields["button"].number(); ok {
		return n != 0 // of a weather sensor it is the key for a test
	}
	if w, ok := d.fields["button"].word(); ok && w != "" {
		return w != "off" && w != "none"
	}
	if d.fields["codes"].present() || d.fields["rows"].present() {
		return true // a flex decoder, which somebody wrote for this button
	}
	model := strings.ToLower(d.model)
	for _, w := range []string{"remote", "button", "bell", "keyfob", "smoke-gs", "hcs200", "ev1527", "x1527", "sc226", "pt2262",
		"secplus", "somfy", "megacode", "nexa", "proove", "klikaan", "intertechno", "waveman", "cardin", "akhan", "elro"} {
		if strings.Contains(model, w) {
			return true
		}
	}
	return false
}

// interlogix reads the latches of src/devices/interlogix.c. Which switch of a
// pendant closes, no recording says: any does. Of the detectors the third is
// the cover, and a smoke detector's fourth opens in its test.
func (d *rtl) interlogix() {
	is := func(n int, state string) bool {
		w, _ := d.fields["switch"+strconv.Itoa(n)].word()
		return w == state
	}
	closed := false
	for n := 1; n <= 5; n++ {
		closed = closed || is(n, "closed")
	}
	sub, _ := d.fields["subtype"].word()
	if sub == "" {
		sub, _ = d.fields["device_type"].word() // before 2018
	}
	cover := func() bool {
		if is(3, "open") {
			d.event(devices.Tamper)
			return true
		}
		if is(3, "closed") {
			d.clear(devices.Tamper)
		}
		return false
	}
	switch sub {
	case "panic":
		if closed {
			d.press(devices.Panic, "")
		}
	case "keyfob":
		if closed {
			d.button()
		}
	case "motion":
		if !cover() && is(1, "closed") {
			d.press(devices.Presence, "")
		}
	case "smoke", "heat":
		kind := devices.Smoke
		if sub == "heat" {
			kind = devices.Heat
		}
		switch {
		case is(4, "open"):
			cover()
			d.press(devices.Test, "")
		case is(2, "open"):
			d.press(kind, "")
		default:
			cover()
			d.press(devices.Heartbeat, "")
		}
	case "glass":
		if is(1, "closed") {
			d.button()
		}
	}
}

// yale reads the table in src/devices/yale_hsa.c: an event 01 is a trigger, 04
// a report, and the low half of the state its flags.
func (d *rtl) yale() {
	hex := func(name string) uint64 {
		s, ok := d.fields[name].text()
		if !ok {
			s = string(d.fields[name]) // 15 is a number to JSON
		}
		n, _ := strconv.ParseUint(s, 16, 8)
		return n
	}
	state := hex("state")
	if state&8 != 0 {
		d.event(devices.BatteryLow)
	} else {
		d.clear(devices.BatteryLow)
	}
	switch hex("event") {
	case 1:
		switch hex("stype") {
		case 0x15:
			d.press(devices.Presence, "")
		case 0xac, 0xad:
			d.add(devices.Contact, 0, "")
		default:
			d.button()
		}
	case 4:
		if state&2 != 0 {
			d.event(devices.Tamper)
		} else {
			d.clear(devices.Tamper)
		}
	}
}

func isFalse(v value) bool {
	yes, ok := v.truth()
	return ok && !yes
}

func (d *rtl) readings() {
	if v := d.fields["battery_mV"]; v.present() {
		if mv, ok := v.number(); ok && mv > 0 && mv < 100_000 {
			d.add(devices.Voltage, mv/1000, "V")
		}
	} else {
		d.volts(d.fields["battery_V"])
	}
	if v := d.fields["temperature_C"]; v.present() {
		d.number(v, devices.Temperature, "°C", -273.15, 1000)
	} else {
		d.fahrenheit(d.fields["temperature_F"])
	}
	d.number(d.fields["humidity"], devices.Humidity, "%", 0, 100)
	d.number(d.fields["light_lux"], devices.Illuminance, "lx", 0, 1e6)
	// -M level: decibels below what the receiver can take, not dBm.
	d.number(d.fields["rssi"], devices.RSSI, "dB", -200, 100)
	d.number(d.fields["snr"], devices.SNR, "dB", -100, 200)
	d.door()
}

// door reads the ways to say that a contact is open.
func (d *rtl) door() {
	event, _ := d.fields["event"].word()
	state, _ := d.fields["state"].word()
	extra, _ := d.fields["extradata"].word()
	sub, _ := d.fields["subtype"].word()
	if sub == "" {
		sub, _ = d.fields["device_type"].word()
	}
	one, _ := d.fields["switch1"].word()
	closed := func(yes bool) {
		if yes {
			d.add(devices.Contact, 1, "")
		} else {
			d.add(devices.Contact, 0, "")
		}
	}
	switch {
	case d.fields["contact_open"].present():
		d.open(d.fields["contact_open"])
	case d.fields["closed"].present():
		d.collector.truth(d.fields["closed"], devices.Contact)
	case d.fields["opened"].present():
		d.open(d.fields["opened"])
	case d.is("Honeywell-ActivLink"): // -1 is no contact
		d.open(d.fields["open"])
	case strings.HasSuffix(event, "window open"), state == "open", extra == "contact open":
		closed(false)
	case strings.HasSuffix(event, "window closed"), state == "closed", state == "close", extra == "contact closed":
		closed(true)
	case d.is("Interlogix") && sub == "contact" && (one == "open" || one == "closed"):
		closed(one == "closed")
	}
}

// rtlTime reads a time that names its zone, or seconds since 1970; the default
// names none and says nothing.
func rtlTime(v value) time.Time {
	s, ok := v.text()
	if !ok {
		s = string(v)
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return plausible(t)
		}
	}
	return seconds(value(fmt.Sprintf("%q", s)))
}

// seconds reads a time in seconds since 1970.
func seconds(v value) time.Time {
	f, ok := v.number()
	if !ok || f < 0 || f > 1e11 {
		return time.Time{}
	}
	return plausible(time.UnixMicro(int64(f * 1e6)))
}

// aboutRTL433 is what there is to know of rtl_433.
func aboutRTL433() devices.Format {
	return devices.Format{
		Name: FormatRTL433, Over: devices.OverMQTT, Answered: devices.AnsweredNever,
		Reads:   "Radio of 433, 868, 319 and 345 MHz that an rtl_433 receiver hears.",
		Devices: "Pendants and detectors of X10, Interlogix, Visonic PowerCode, DSC, Honeywell, SimpliSafe, Kerui, Chuango and Yale, and any remote or flex decoder.",
		Address: "rtl_433/X10-Security/3133", Named: "model/id",
		Events:   []devices.Kind{devices.Panic, devices.Smoke, devices.Heat, devices.Flood, devices.Cancel, devices.Presence, devices.Test, devices.Button, devices.Tamper, devices.BatteryLow, devices.Online, devices.Offline, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.SNR, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact},
		Supervision: []devices.Supervised{
			{Of: "detectors of Interlogix, DSC and Honeywell", Every: 4 * 3600, Name: "Interlogix-Security/468d19"},
			{Of: "pendants of Interlogix, DSC and Honeywell", Every: 4 * 3600, Name: "DSC-Security/1", Role: devices.Panic},
			{Of: "pendants of Visonic", Every: 25 * 3600, Name: "Visonic-Powercode/6f4770", Role: devices.Panic},
			{Of: "other pendants", Name: "X10-Security/3133", Role: devices.Panic},
			{Every: 25 * 3600, Name: "Nexus-TH/1"},
		},
		CannotTell: []string{
			"Most pendants send nothing but presses and low battery, and are unsupervised; only the devices of Interlogix, DSC, Honeywell and Visonic report about hourly.",
			"A SimpliSafe, DSC, Honeywell or Visonic pendant looks like a door contact: its press is a button, whose role decides.",
			"Anybody may send such a frame, and a jammed band is silence.",
			"rssi is dB below the receiver's full scale, not dBm.",
			"Its time says nothing without a zone: start it with -M time:iso:tz.",
			"Two buttons of one EV1527 remote are one device.",
		},
	}
}
