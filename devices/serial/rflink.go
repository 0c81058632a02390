package serial

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"telecare/devices"
)

// RFLink is the format of the RFLink gateway for 433 and 868 MHz.
const RFLink = "rflink"

// DecodeRFLink reads one line:
//
//	20;2D;EV1527;ID=07a410;SWITCH=01;CMD=ON;
//
// 20 for what comes from the gateway, its packet counter, the protocol, the
// sender, and fields (RFLink Protocol Reference, rflink.nl/protref.php). A
// sender's buttons have roles of their own, so the device is protocol, id and
// switch: "EV1527/07a410/01"; a sender without a switch is "SmokeAlert/123456".
//
// No alarm is a level here: by radio the message that ends one may be lost.
func DecodeRFLink(line []byte) (devices.Message, error) {
	m, err := decodeRFLink(strings.Trim(string(line), " \t\r\n"))
	if err != nil {
		return devices.Message{Device: m.Device}, fmt.Errorf("rflink line %q: %w", line, err)
	}
	return m, nil
}

func decodeRFLink(line string) (devices.Message, error) {
	fields := strings.Split(line, ";")
	n := len(fields)
	if n < 4 || fields[0] != "20" || len(fields[1]) != 2 || !allHex(fields[1]) || fields[n-1] != "" {
		return devices.Message{}, errors.New("not 20;counter;name;…; of an RFLink gateway")
	}
	name, rest := fields[2], fields[3:n-1]
	if ownRFLink(name) {
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
	}
	if !printable(name) {
		return devices.Message{}, errors.New("the name is damaged")
	}
	m := devices.Message{Device: name}
	id, unit := "", ""
	r := rflink{}
	for _, f := range rest {
		key, value, ok := strings.Cut(f, "=")
		if !ok || value == "" || !printable(value) {
			return devices.Message{}, fmt.Errorf("field %q is damaged", f)
		}
		switch key {
		case "ID":
			id = value
		case "SWITCH":
			unit = value
		default:
			if err := r.field(key, value); err != nil {
				return devices.Message{}, err
			}
		}
	}
	if id == "" {
		return devices.Message{}, errors.New("a sender is missing: no ID")
	}
	m.Device += "/" + id
	if unit != "" {
		m.Device += "/" + unit
	}
	if r.pressed {
		m.Events = append([]devices.Event{{Kind: devices.Button}}, r.events...)
	} else {
		m.Events = r.events
	}
	m.Readings, m.Cleared = r.readings, r.cleared
	return m, nil
}

// ownRFLink knows what the gateway says of itself.
func ownRFLink(name string) bool {
	switch name {
	case "PONG", "OK", "CMD UNKNOWN", "STATUS", "DEBUG":
		return true
	}
	// 20;00;Nodo RadioFrequencyLink - RFLink Gateway V1.1 - R46;
	// 20;3C;VER=1.1;REV=46;BUILD=02;   20;02;setGPIO=ON;   20;99;RFDEBUG=ON;
	key, _, assigned := strings.Cut(name, "=")
	return strings.Contains(name, "RFLink Gateway") && printable(name) || assigned && key != "ID" && printable(name)
}

// rflink gathers what the fields say.
type rflink struct {
	pressed  bool
	events   []devices.Event
	cleared  []devices.Kind
	readings []devices.Reading
}

func (r *rflink) field(key, value string) error {
	switch key {
	case "CMD":
		// Whatever else is sent is a button of a remote, also UNKOWN, as some
		// firmware writes it.
		switch value {
		case "OFF", "ALLOFF":
		default:
			r.pressed = r.pressed || !strings.HasPrefix(value, "SET_LEVEL")
		}
	case "CHIME":
		r.pressed = true
	case "PIR":
		if value == "ON" {
			r.events = append(r.events, devices.Event{Kind: devices.Presence})
		}
	case "SMOKEALERT":
		if value == "ON" {
			r.events = append(r.events, devices.Event{Kind: devices.Smoke})
		} else {
			r.cleared = append(r.cleared, devices.Smoke)
		}
	case "BAT":
		if value == "LOW" {
			r.events = append(r.events, devices.Event{Kind: devices.BatteryLow, Level: true})
		} else if value == "OK" {
			r.cleared = append(r.cleared, devices.BatteryLow)
		}
	case "TEMP": // hexadecimal tenths; the highest of 16 bits is the sign
		t, err := strconv.ParseUint(value, 16, 16)
		if err != nil {
			return fmt.Errorf("%q is no temperature", value)
		}
		c := float64(t&0x7fff) / 10
		if t&0x8000 != 0 {
			c = 0 - c
		}
		if c > 200 {
			return fmt.Errorf("%q is no temperature", value)
		}
		r.readings = append(r.readings, devices.Reading{Quantity: devices.Temperature, Value: c + 0, Unit: "°C"})
	case "HUM": // decimal
		h, err := strconv.ParseUint(value, 10, 8)
		if err != nil || h > 100 {
			return fmt.Errorf("%q is no humidity", value)
		}
		r.readings = append(r.readings, devices.Reading{Quantity: devices.Humidity, Value: float64(h), Unit: "%"})
	}
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

// nextRFLink finds a line behind noise, or behind one whose end was lost.
func nextRFLink(line []byte) int {
	for i := 1; i+6 < len(line); i++ {
		if fits("20;hh;", string(line[i:i+6])) {
			// Not the echo of a command, 11;20;0B;NewKaku;…
			if i == 3 && string(line[:3]) == "11;" {
				continue
			}
			return i
		}
	}
	return -1
}

// aboutRFLink is what there is to know of the gateway.
func aboutRFLink() devices.Format {
	return devices.Format{
		Name: RFLink, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "Radio of 433 and 868 MHz that an RFLink gateway hears.",
		Devices: "Remotes, bells and detectors of EV1527, NewKaku, X10 and whatever else it names.",
		Address: "rflink/EV1527/07a410/01", Named: "protocol, id and switch",
		Events:   []devices.Kind{devices.Smoke, devices.Presence, devices.Button, devices.BatteryLow, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Temperature, devices.Humidity},
		Asked:    "PING",
		Supervision: []devices.Supervised{
			{Of: "buttons", Name: "EV1527/07a410/01", Role: devices.Panic},
			{Every: 25 * 3600, Name: "Oregon/1234"},
		},
		CannotTell: []string{
			"Whether a 433 MHz sender lives.",
			"Whose it is: codes are short, and a neighbour's may be the same.",
		},
	}
}
