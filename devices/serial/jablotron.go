package serial

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"telecare/devices"
)

// Dongle is the Message.Device of the dongle's own answers (OK, ERROR, its
// version, a slot): a sign of life of the stick, of no device behind it.
const Dongle = "dongle"

// DecodeJablotron reads one line of a Turris Gadgets dongle:
//
//	[08300001] RC-86K PANIC LB:1
//
// An error comes with the Message.Device where the address was readable.
//
// Words behind the payload which we do not know are skipped: a damaged tail or
// a newer firmware never takes an alarm away. The lines are those of
// wiki.turris.cz/gadgets/manual, the examples in BeeeOn/gateway
// src/jablotron/JablotronDevice*.h, and the tests of
// jan-benedikt/turris_gadgets.
func DecodeJablotron(line []byte) (devices.Message, error) {
	m, err := decodeJablotron(string(bytes.Trim(line, " \t\r\n\x00")))
	if err != nil {
		return m, fmt.Errorf("jablotron line %q: %w", line, err)
	}
	return m, nil
}

func decodeJablotron(line string) (devices.Message, error) {
	if isAnswer(line) {
		m := devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}
		if line != "OK" && line != "ERROR" {
			m.Note = line // its version, or what a slot holds
		}
		return m, nil
	}
	address, rest, ok := cutAddress(line)
	if !ok {
		return devices.Message{}, errors.New("neither a device's line nor an answer of the dongle")
	}
	m := devices.Message{Device: address}
	model, rest := cutWord(rest)
	if strings.HasPrefix(model, "ID:") { // older firmware: [01842835] ID:042 JA-81M …
		model, rest = cutWord(rest)
	}
	if model == "" {
		return m, errors.New("a model is missing")
	}
	m.Device = canonical(address, model)

	what, flags := cutWord(rest)
	if what == "" {
		return m, fmt.Errorf("model %q says nothing", model)
	}
	if err := payload(&m, model, what, rest, flags); err != nil {
		return devices.Message{Device: m.Device}, err
	}

	switch flag(flags, "LB") {
	case on:
		m.Events = append(m.Events, devices.Event{Kind: devices.BatteryLow, Level: true})
	case off:
		m.Cleared = append(m.Cleared, devices.BatteryLow)
	}
	switch flag(flags, "BLACKOUT") {
	case on:
		m.Events = append(m.Events, devices.Event{Kind: devices.MainsLost, Level: true})
	case off:
		m.Cleared = append(m.Cleared, devices.MainsLost)
	}
	return m, nil
}

// payload adds what the word behind the model says.
func payload(m *devices.Message, model, what, rest, flags string) error {
	key, _, _ := strings.Cut(what, ":")
	switch {
	case what == "PANIC":
		m.Events = append(m.Events, devices.Event{Kind: devices.Panic})
	case what == "BUTTON", what == "ARM:0", what == "ARM:1":
		m.Events = append(m.Events, devices.Event{Kind: devices.Button})
	case what == "BEACON":
		m.Events = append(m.Events, devices.Event{Kind: devices.Heartbeat})
	case what == "TAMPER":
		state(m, devices.Tamper, devices.TamperClear, flag(flags, "ACT"))
	case what == "DEFECT":
		state(m, devices.Fault, devices.FaultClear, flag(flags, "ACT"))
	case what == "SENSOR":
		return sensor(m, model, flag(flags, "ACT"))
	case key == "INT":
		t, err := temperature(strings.TrimPrefix(rest, "INT:"))
		if err != nil {
			return err
		}
		m.Readings = append(m.Readings, devices.Reading{Quantity: devices.Temperature, Value: t, Unit: "°C"})
	case key == "SET", key == "RELAY":
		// What a thermostat is asked for and where a socket stands: a sign of
		// life, and nothing that is watched here.
	default:
		return fmt.Errorf("%q is not known", what)
	}
	return nil
}

// state adds a condition that ACT switches on and off. Models that send no ACT
// (JA-80L) never say that it ended, so theirs is an event each time: as a level
// the first would swallow all others.
func state(m *devices.Message, kind, over devices.Kind, act bit) {
	switch act {
	case on:
		m.Events = append(m.Events, devices.Event{Kind: kind, Level: true})
	case off:
		m.Events = append(m.Events, devices.Event{Kind: over})
	default:
		m.Events = append(m.Events, devices.Event{Kind: kind})
	}
}

func sensor(m *devices.Message, model string, act bit) error {
	switch model {
	case "JA-85ST":
		// Never a level, although ACT:0 would end one: by radio the end can be
		// lost, and the next fire must count. In the known firmware the line
		// has no ACT at all.
		if act == off {
			m.Cleared = append(m.Cleared, devices.Smoke)
			return nil
		}
		m.Events = append(m.Events, devices.Event{Kind: devices.Smoke})
	case "JA-83P":
		if act != off {
			m.Events = append(m.Events, devices.Event{Kind: devices.Presence})
		}
	case "JA-81M", "JA-83M":
		r := devices.Reading{Quantity: devices.Contact}
		switch act {
		case on:
			r.Value = 0 // active is open
		case off:
			r.Value = 1
		default:
			return fmt.Errorf("a contact of model %q without ACT", model)
		}
		m.Readings = append(m.Readings, r)
	case "JA-82SH":
		// A thing was shaken or tilted. Whether that means anything for a
		// person is not in the line: a sign of life.
	default:
		return fmt.Errorf("SENSOR of model %q is not known", model)
	}
	return nil
}

func isAnswer(line string) bool {
	if line == "OK" || line == "ERROR" || strings.HasPrefix(line, "TURRIS DONGLE V") {
		return true
	}
	// SLOT:03 [07439975] or SLOT:04 [--------]
	slot, ok := strings.CutPrefix(line, "SLOT:")
	if !ok || len(slot) != len("03 [07439975]") || !digits(slot[:2]) || slot[2:4] != " [" || slot[12] != ']' {
		return false
	}
	return digits(slot[4:12]) || slot[4:12] == "--------"
}

// nextJablotron finds a device's line glued to something before it, because the
// newline between them was lost or damaged. A slot answer is no such line:
// nothing follows its address.
func nextJablotron(line []byte) int {
	for i := 1; i < len(line); i++ {
		if line[i] != '[' {
			continue
		}
		_, rest, ok := cutAddress(string(line[i:]))
		if ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return i
		}
	}
	return -1
}

// cutAddress splits "[08300001] RC-86K …".
func cutAddress(line string) (address, rest string, ok bool) {
	if len(line) < 11 || line[0] != '[' || line[9] != ']' || line[10] != ' ' || !digits(line[1:9]) {
		return "", "", false
	}
	return line[1:9], strings.TrimLeft(line[11:], " \t"), true
}

// An RC-86K has two pairs of buttons, and the second sends with an address that
// is higher by 0x100000 (BeeeOn/gateway src/jablotron/JablotronGadget.cpp). The
// person has one pendant.
const (
	secondFirst = 0x900000
	secondLast  = 0x97ffff
	secondDiff  = 0x100000
)

// canonical returns the address that a device is known by. The wire prints it
// in decimal, eight digits.
func canonical(address, model string) string {
	n, err := strconv.Atoi(address)
	if err != nil || model != "RC-86K" || n < secondFirst || n > secondLast {
		return address
	}
	return fmt.Sprintf("%08d", n-secondDiff)
}

// temperature reads "21.5°C": the degree sign is the Latin-1 byte B0, UTF-8, a
// space or missing, by firmware and by what stands between.
func temperature(s string) (float64, error) {
	s = strings.TrimLeft(s, " ")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || s[end] == '-' || s[end] == '+') {
		end++
	}
	t, err := strconv.ParseFloat(s[:end], 64)
	if err != nil || math.Abs(t) > 200 {
		return 0, fmt.Errorf("%q is no temperature", s)
	}
	unit := strings.TrimLeft(s[end:], " ")
	unit = strings.TrimPrefix(unit, "\u00b0")
	unit = strings.TrimPrefix(unit, "\xb0")
	// Without the C the number may be cut off: 2 instead of 21.5.
	if unit, _ = cutWord(unit); unit != "C" {
		return 0, fmt.Errorf("%q is no temperature: its unit C is missing", s)
	}
	return t + 0, nil // no minus zero
}

// bit is a flag of the line: 1, 0, or not there.
type bit int

const (
	absent bit = iota
	off
	on
)

// flag finds " KEY:0" or " KEY:1" among the words.
func flag(words, key string) bit {
	for words != "" {
		var w string
		w, words = cutWord(words)
		if k, v, ok := strings.Cut(w, ":"); ok && k == key {
			switch v {
			case "0":
				return off
			case "1":
				return on
			}
		}
	}
	return absent
}

// cutWord splits the first word off. Only blanks and tabs part words: the text
// is Latin-1, where what Unicode calls a space may be half of anything.
func cutWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " \t")
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// aboutJablotron is what there is to know of the dongle.
func aboutJablotron() devices.Format {
	return devices.Format{
		Name: Jablotron, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "Jablotron pendants and detectors that a Turris Gadgets dongle hears, once they are in one of its 32 slots.",
		Devices: "RC-86K pendants, JA-83P, JA-81M, JA-83M, JA-82SH, JA-85ST, JA-80L, TP-82N, AC-88.",
		Address: "jablotron/08300001", Named: "the eight digits on the label",
		Events:   []devices.Kind{devices.Panic, devices.Smoke, devices.Presence, devices.Button, devices.Tamper, devices.TamperClear, devices.BatteryLow, devices.MainsLost, devices.Heartbeat, devices.Fault, devices.FaultClear},
		Readings: []devices.Quantity{devices.Temperature, devices.Contact},
		Asked:    "WHO AM I?",
		Supervision: []devices.Supervised{
			{Of: "pendants", Name: "08300001", Role: devices.Panic},
			{Every: 30 * 60, Name: "01842835"},
		},
		CannotTell: []string{
			"Whether a line was damaged: there is no checksum. What cannot be read is a bad frame, and a damaged end takes no alarm away.",
			"The detectors send a sign of life every nine minutes; the pendant, the siren, the thermostat and the socket send none.",
		},
	}
}
