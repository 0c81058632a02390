package mqtt

import (
	"math"
	"strconv"
	"strings"

	"telecare/devices"
)

// Bounds of one object. An object that has more says nothing with the rest.
const (
	maxWalked = 4000
	maxNested = 12
)

// A walk goes through an object once.
type walk struct {
	d      *collector
	port   int
	fields int
}

// spot is where in the object a value stands.
type spot struct {
	depth int
	press bool   // below a press: what it is stands in its own fields
	past  bool   // below a history
	below []byte // the field that it stands in
}

func (w *walk) value(v value, p spot) {
	if w.fields++; w.fields > maxWalked || p.depth > maxNested || len(v) == 0 {
		return
	}
	p.depth++
	switch v[0] {
	case '{':
		w.object(v, p)
	case '[':
		for e := range elements(v) {
			w.value(e, p)
		}
	}
}

// around is what the other fields of an object say of each.
type around struct {
	alarmType, alarmStatus value // Milesight: the two are one event
	alarmID                bool
	netvox                 string // the device's name in Netvox's objects
	browan                 bool
	abeeway                bool
	temperature            bool
}

func (w *walk) object(o value, p spot) {
	var a around
	for key, v := range members(o) {
		switch string(key) {
		case "alarm_type":
			a.alarmType = v
		case "alarm_status":
			a.alarmStatus = v
		case "alarm_id":
			a.alarmID = true
		case "Device":
			a.netvox, _ = v.text()
		case "temperatureBoard":
			a.browan = true
		case "temperature":
			a.temperature = v.present()
		case "ackToken":
			a.abeeway = true
		}
	}
	switch t, ok := a.alarmType.word(); {
	case !a.alarmStatus.present():
	case a.alarmType.present():
		if !ok && a.alarmID {
			t = alarmName(a.alarmType)
		}
		w.alarm(t, a.alarmStatus, p)
		return
	default:
		if w.alarms(strings.ToLower(string(p.below)), a.alarmStatus, p) {
			return
		}
	}
	var room [40]byte
	for key, v := range members(o) {
		if w.fields++; w.fields > maxWalked {
			return
		}
		name := plainName(room[:0], key)
		if nested := len(v) > 0 && (v[0] == '{' || v[0] == '['); nested {
			p.below = key
			w.nested(senseOf(string(name)), v, p)
			continue
		}
		if !v.present() {
			continue
		}
		w.leaf(key, name, v, a, p)
	}
}

func (w *walk) nested(s sense, v value, p spot) {
	switch s {
	case saysConfig:
		return
	case saysHistory:
		p.past = true
	case saysPress:
		p.press = true
	}
	w.value(v, p)
}

// leaf reads one field.
func (w *walk) leaf(key, plain []byte, v value, a around, p spot) {
	name := string(plain)
	switch {
	case a.browan && name == "status":
		w.browan(v, p)
		return
	case a.browan && name == "battery": // in volts, also where it is a whole number
		w.read(p, func() { w.measure(saysBatteryVolt, v) })
		return
	case a.netvox != "" && name == "volt":
		w.read(p, func() { w.battery(v, true) })
		return
	case p.press && (name == "status" || name == "event" || name == "type" || name == "state" || name == "action" || name == "mode"):
		w.press(v, p)
		return
	case name == "alarm" && (a.netvox == "R312A" || a.netvox == "RB02I"): // emergency buttons, sent at the press
		if n, ok := v.number(); ok && n > 0 {
			w.happened(devices.Panic, p)
		}
		return
	case string(key) == "ALARM_status": // Dragino's trackers: the SOS key, in every frame until it is taken back
		w.state(string(key), v, devices.Panic, p)
		return
	}
	switch s := senseOf(name); s {
	case saysFall:
		w.perhapsOnce(string(key), v, devices.Fall, p)
	case saysPanic:
		if a.abeeway { // in every frame until it is taken back
			w.state(string(key), v, devices.Panic, p)
		} else {
			w.perhapsOnce(string(key), v, devices.Panic, p)
		}
	case saysFallState:
		w.state(string(key), v, devices.Fall, p)
	case saysPanicState:
		w.state(string(key), v, devices.Panic, p)
	case saysPosture:
		w.posture(v, p)
	case saysPress:
		w.press(v, p)
	case saysAlarm:
		if on, ok := stateOf(v); ok && on {
			w.happened(devices.Button, p)
		} else if !ok {
			w.event(v, p)
		}
	case saysEvent:
		w.event(v, p)
	case saysStatus:
		w.status(v, p)
	case saysSmoke:
		w.state("", v, devices.Smoke, p)
	case saysHeat:
		w.state("", v, devices.Heat, p)
	case saysGas:
		w.state("", v, devices.Gas, p)
	case saysCO:
		w.state("", v, devices.CO, p)
	case saysFlood:
		w.state("", v, devices.Flood, p)
	case saysIntruder:
		w.state("", v, devices.Intruder, p)
	case saysBedExit:
		w.state("", v, devices.BedExit, p)
	case saysTamper:
		w.state("", v, devices.Tamper, p)
	case saysFailure:
		w.state("", v, devices.Fault, p)
	case saysLowBattery, saysBatteryRank:
		w.lowBattery(s, v, p)
	case saysBattery:
		w.read(p, func() { w.battery(v, false) })
	case saysTest:
		if on, ok := stateOf(v); ok && on {
			w.happened(devices.Test, p)
		}
	case saysPower:
		w.power(v, p)
	case saysBoardTemperature:
		if !a.temperature {
			w.read(p, func() { w.measure(saysTemperature, v) })
		}
	default:
		w.read(p, func() { w.measure(s, v) })
	}
}

// perhapsOnce adds what one device says once, at the press, and another repeats
// as a state. A press that is called out twice is a nuisance; one that is taken
// for the state of the last would be lost.
func (w *walk) perhapsOnce(field string, v value, k devices.Kind, p spot) {
	if on, ok := stateOf(v); ok && on {
		w.happened(k, p)
		return
	}
	w.state(field, v, k, p)
}

// read reads what was measured, unless it is history: a reading is of now.
func (w *walk) read(p spot, read func()) {
	if !p.past && len(w.d.m.Readings) < maxReadings {
		read()
	}
}

// happened adds what happens once. The same twice in a frame is said in two
// ways, except in a history.
func (w *walk) happened(k devices.Kind, p spot) {
	if len(w.d.m.Events) >= maxEvents {
		return
	}
	if p.past {
		if !w.d.late {
			w.d.m.Events = append(w.d.m.Events, devices.Event{Kind: k, Late: true})
		}
		return
	}
	for _, e := range w.d.m.Events {
		if e.Kind == k && !e.Late && !e.Level {
			return
		}
	}
	w.d.press(k, "")
}

// state adds a state. One of the past says nothing of now. A field that is named
// cannot be passed over when it cannot be read.
func (w *walk) state(field string, v value, k devices.Kind, p spot) {
	on, ok := stateOf(v)
	switch {
	case p.past && ok && on && k.RaisesAlarm():
		w.happened(k, p)
	case p.past:
	case ok && on:
		w.d.event(k)
	case ok:
		w.d.clear(k)
	default:
		if s, text := v.word(); field != "" && !(text && (s == "" || s == "unknown")) {
			w.d.wrong(field, v)
		}
	}
}

// press reads a press: a word (short, "long press"), a number (0 is none), yes.
func (w *walk) press(v value, p spot) {
	on, known := stateOf(v)
	if known && !on {
		return
	}
	s, _ := v.word()
	if said := pressed(nil, s); len(said) > 0 {
		w.happened(said[0].Kind, p)
		return
	}
	if n, ok := v.number(); known || ok && n >= 1 {
		w.happened(devices.Button, p)
	}
}

// event reads a word that names what happened, and perhaps that it ended.
func (w *walk) event(v value, p spot) {
	s, ok := v.word()
	if !ok {
		return
	}
	k, ended := kindOf(s)
	switch {
	case k == "", k == devices.Inactivity && !strings.Contains(s, "inactiv"): // a tracker lies still at night
	case k == devices.BatteryLow || k == devices.Tamper:
		w.state("", truthValue(!ended), k, p)
	case !ended:
		w.happened(k, p)
	case !p.past:
		w.d.clear(k)
		if k == devices.Fall || k == devices.Panic {
			w.happened(devices.Cancel, p)
		}
	}
}

// status reads a word that goes on in every frame (MOKO: none, mandown, alert,
// sos).
func (w *walk) status(v value, p spot) {
	s, ok := v.word()
	if !ok || p.past {
		return
	}
	switch k, ended := kindOf(s); {
	case s == "none" || s == "normal":
		w.d.clear(devices.Fall)
		w.d.clear(devices.Panic)
	case (k == devices.Fall || k == devices.Panic) && !ended:
		for _, e := range w.d.m.Events {
			if e.Kind == k {
				return // the same frame says that it begins
			}
		}
		w.d.event(k)
	}
}

// browan reads the bare status of Browan's Tabs, which its port explains
// (TBPB100, TBMS100, TBDW100, TBWL100).
func (w *walk) browan(v value, p spot) {
	n, ok := v.number()
	if !ok || n != 0 && n != 1 {
		return
	}
	switch w.port {
	case 147:
		if n == 1 {
			w.happened(devices.Button, p)
		}
	case 102:
		w.read(p, func() { w.once(devices.Occupancy, n, "") })
	case 100:
		w.read(p, func() { w.once(devices.Contact, 1-n, "") })
	case 106:
		w.state("", truthValue(n == 1), devices.Flood, p)
	}
}

func (w *walk) lowBattery(s sense, v value, p spot) {
	if n, ok := v.number(); ok && s == saysBatteryRank {
		if n >= 0 && n <= 3 {
			w.state("", truthValue(n < 2), devices.BatteryLow, p)
		}
		return
	}
	w.state("", v, devices.BatteryLow, p)
}

// battery reads a level, which is a percentage, a voltage or a word. Whole
// numbers up to 100 are percent; fractions up to 5 are volts, as are thousands
// in millivolt; what is between is a raw number that says nothing.
func (w *walk) battery(v value, volts bool) {
	s, text := v.word()
	volts = volts || strings.HasSuffix(s, "v")
	if text {
		switch low := strings.Contains(s, "low"); {
		case low:
			w.d.event(devices.BatteryLow)
		case s == "ok" || s == "good" || s == "high" || s == "normal" || s == "full":
			w.d.clear(devices.BatteryLow)
		}
		number := len(s) - len(strings.TrimLeft(s, "+-.0123456789"))
		v = value(strconv.Quote(strings.TrimRight(s[:number], ".")))
		if strings.HasSuffix(s, "%") {
			volts = false
		}
	}
	f, ok := v.number()
	switch {
	case !ok || f < 0:
	case volts, f >= 1 && f <= 5 && f != math.Trunc(f), f >= 1000 && f <= 20000:
		if w.notYet(devices.Voltage) {
			w.d.volts(value(strconv.FormatFloat(f, 'f', -1, 64)))
		}
		if volts && !text { // Netvox says when it is low
			w.d.clear(devices.BatteryLow)
		}
	case f <= 100 && (f == 0 || f >= 1):
		w.once(devices.Battery, f, "%")
	}
}

func (w *walk) power(v value, p spot) {
	s, _ := v.word()
	on, ok := stateOf(v)
	switch {
	case strings.Contains(s, "power off") || ok && !on:
		w.state("", truthValue(true), devices.MainsLost, p)
	case strings.Contains(s, "power on") || ok && on:
		w.state("", truthValue(false), devices.MainsLost, p)
	}
}

// measure adds a reading; the first of a quantity counts.
func (w *walk) measure(s sense, v value) {
	switch s {
	case saysBatteryVolt:
		if w.notYet(devices.Voltage) {
			w.d.volts(v)
		}
	case saysTemperature:
		w.number(v, devices.Temperature, "°C", -90, 500)
	case saysHumidity:
		w.number(v, devices.Humidity, "%", 0, 100)
	case saysIlluminance:
		w.number(v, devices.Illuminance, "lx", 0, 1e6)
	case saysOccupancy:
		if on, ok := stateOf(v); ok {
			w.once(devices.Occupancy, oneIf(on), "")
		} else if n, ok := v.number(); ok && n >= 0 { // Elsys counts movements
			w.once(devices.Occupancy, oneIf(n > 0), "")
		}
	case saysInBed:
		if in, ok := inBed(v); ok {
			w.once(devices.InBed, oneIf(in), "")
		}
	case saysOpen, saysClosed:
		if open, ok := openOf(v); ok {
			w.once(devices.Contact, oneIf(!open), "")
		} else if on, ok := stateOf(v); ok {
			w.once(devices.Contact, oneIf(on == (s == saysClosed)), "")
		}
	}
}

func (w *walk) number(v value, q devices.Quantity, unit string, least, most float64) {
	if s, ok := v.word(); ok { // "30°C"
		v = value(strconv.Quote(s[:len(s)-len(strings.TrimLeft(s, "+-.0123456789"))]))
	}
	if f, ok := v.number(); ok && f >= least && f <= most {
		w.once(q, f, unit)
	}
}

func (w *walk) once(q devices.Quantity, f float64, unit string) {
	if w.notYet(q) {
		w.d.add(q, f, unit)
	}
}

func (w *walk) notYet(q devices.Quantity) bool { return !w.d.has(q) }
