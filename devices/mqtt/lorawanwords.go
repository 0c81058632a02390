package mqtt

import (
	"errors"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// plainName writes a field's name in small letters without anything else, so
// that BatteryLevel, battery_level and "Battery Level" are one.
func plainName[N string | []byte](room []byte, name N) []byte {
	for i := 0; i < len(name) && len(room) < cap(room); i++ {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			room = append(room, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			room = append(room, c)
		}
	}
	return room
}

// stateOf reads yes or no as makers' codecs say it; ok is false for all else.
func stateOf(v value) (on, ok bool) {
	if on, ok := v.truth(); ok {
		return on, true
	}
	s, ok := v.text()
	if !ok {
		return false, false
	}
	var room [40]byte
	switch string(plainName(room[:0], s)) {
	case "alarm", "alarmed", "alarming", "triggered", "trigger", "alarmtriggered", "active", "activated", "detected", "fall",
		"falling", "fallen", "falldetected", "fallalarm", "mandown", "leak", "leakage", "leaking", "leakdetected", "waterleak", "flood", "flooded",
		"smoke", "smokedetected", "fire", "gas", "gasleak", "abnormal", "sos", "panic", "emergency", "started", "uninstalled",
		"removed", "dismantled", "tampered", "tamper", "occupied", "occupy", "motion", "motiondetected", "presence", "present",
		"low", "lowbattery", "batterylow", "critical", "pressed", "pushed", "alert", "fault", "failure", "failed":
		return true, true
	case "normal", "ok", "okay", "none", "noalarm", "idle", "inactive", "cleared", "clear", "released", "release", "safe", "noleak",
		"nowaterleak", "dry", "nofall", "notdetected", "nottriggered", "untriggered", "installed", "vacant", "unoccupied", "empty",
		"nomotion", "absent", "nopresence", "good", "high", "medium", "full", "stopped", "ended", "deactivated", "notpressed",
		"nopress", "notpushed", "unpressed", "notamper", "nosmoke", "nogas", "nofault":
		return false, true
	}
	return false, false
}

// openOf reads what a door says of itself.
func openOf(v value) (open, ok bool) {
	switch s, _ := v.word(); s {
	case "open", "opened":
		return true, true
	case "close", "closed", "shut":
		return false, true
	}
	return false, false
}

// inBed reads what a bed says of itself.
func inBed(v value) (in, ok bool) {
	switch s, _ := v.word(); s {
	case "in_bed", "in bed", "on_bed", "on the bed", "on_the_bed", "lying":
		return true, true
	case "out_of_bed", "out of bed", "off_bed", "left":
		return false, true
	}
	return stateOf(v)
}

// kindOf reads a word that names an event: sos_start, "SOS event", FALL,
// man_down_stop, "Press once event".
func kindOf(s string) (k devices.Kind, ended bool) {
	has := func(words ...string) bool {
		for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < 'a' || r > 'z' }) {
			for _, w := range words {
				if part == w {
					return true
				}
			}
		}
		return false
	}
	s = strings.ToLower(s)
	ended = has("stop", "stopped", "end", "ended", "off", "cancel", "cancelled", "canceled", "clear", "cleared", "deactivated",
		"release", "released", "exit", "recovered", "resolved")
	switch {
	case has("sos", "panic", "emergency"), s == "alert", has("alert") && has("start", "stop"):
		return devices.Panic, ended
	case has("fall", "falling", "fallen", "mandown"), has("man") && has("down"):
		return devices.Fall, ended
	case has("motionless", "inactivity", "immobility", "dwell", "nomotion", "lying"), has("human") && has("place"):
		return devices.Inactivity, ended
	case s == "out_of_bed", has("out") && has("bed"), has("bedexit"):
		return devices.BedExit, ended
	case has("bradypnea", "bradynea", "tachypnea", "apnea"): // bradynea: a codec of Milesight's
		return devices.Medical, ended
	case has("smoke", "fire"):
		return devices.Smoke, ended
	case has("leak", "leakage", "flood"):
		return devices.Flood, ended
	case has("tamper", "dismantled", "demolish"):
		return devices.Tamper, ended
	case has("low") && has("battery", "batt", "power"), has("lowbattery"):
		return devices.BatteryLow, ended
	case has("press", "pressed", "button", "click", "clicked", "push", "pushed"):
		return devices.Button, ended
	}
	return "", false
}

func truthValue(yes bool) value {
	if yes {
		return value("true")
	}
	return value("false")
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// has reports whether a quantity was read already.
func (d *collector) has(q devices.Quantity) bool {
	for _, r := range d.m.Readings {
		if r.Quantity == q {
			return true
		}
	}
	return false
}

// checkText refuses what is no JSON object in UTF-8.
func checkText(payload []byte) error {
	if !utf8.Valid(payload) {
		return errors.New("payload is not valid UTF-8")
	}
	return checkObject(payload)
}
