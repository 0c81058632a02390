package serial

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// MySensors is the format of a MySensors serial gateway. Over MQTT its messages
// are topics; the two read the same, see devices/mqtt.
const MySensors = "mysensors-serial"

// Commands and types of core/MyMessage.h.
const (
	mysSet       = 1
	mysInternal  = 3
	mysBroadcast = 255
)

// DecodeMySensors reads one line:
//
//	12;1;1;0;16;1
//
// node, child, command, echo, type, and a payload which may hold semicolons
// (core/MyProtocol.cpp, core/MyMessage.h of mysensors/MySensors). The device is
// the node's number, and node 0 is the gateway itself. A tripped sensor is a
// press each time and never a state: by radio the message that ends it may be
// lost.
func DecodeMySensors(line []byte) (devices.Message, error) {
	m, err := decodeMySensors(strings.Trim(string(line), " \t\r\n"))
	if err != nil {
		return devices.Message{Device: m.Device}, fmt.Errorf("mysensors line %q: %w", line, err)
	}
	return m, nil
}

func decodeMySensors(line string) (devices.Message, error) {
	fields := strings.SplitN(line, ";", 6)
	if len(fields) != 6 {
		return devices.Message{}, errors.New("not node;child;command;ack;type;payload")
	}
	var n [5]int
	for i, most := range []int{255, 255, 4, 1, 255} {
		v, err := strconv.Atoi(fields[i])
		if err != nil || v < 0 || v > most || !digits(fields[i]) {
			return devices.Message{}, fmt.Errorf("%q is not what it must be", fields[i])
		}
		n[i] = v
	}
	node, command, echo, kind, payload := n[0], n[2], n[3], n[4], fields[5]
	if !utf8.ValidString(payload) {
		return devices.Message{}, errors.New("payload is not valid UTF-8")
	}
	switch {
	case node == 0 && command == mysInternal && kind == 2 && payload == "": // our own question, coming back
		return devices.Message{Device: Dongle, Hearsay: true}, nil
	case node == 0:
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
	case node == mysBroadcast: // a node that asks for a number: nobody yet
		return devices.Message{}, nil
	}
	m := devices.Message{Device: strconv.Itoa(node)}
	var err error
	switch {
	case echo == 1: // our own command, coming back
		m.Hearsay = true
	case command == mysSet:
		err = mysSensed(&m, kind, strings.TrimSpace(payload))
	case command == mysInternal:
		err = mysSaid(&m, kind, strings.TrimSpace(payload))
	}
	return m, err
}

// mysSensed reads the values that a node reports.
func mysSensed(m *devices.Message, kind int, payload string) error {
	switch kind {
	case 0: // V_TEMP, metric unless the controller said otherwise
		return reading(m, payload, devices.Temperature, "°C", -273.15, 1000)
	case 1: // V_HUM
		return reading(m, payload, devices.Humidity, "%", 0, 100)
	case 16: // V_TRIPPED
		switch payload {
		case "0":
		case "1":
			m.Events = []devices.Event{{Kind: devices.Button}}
		default:
			return fmt.Errorf("V_TRIPPED is %q", payload)
		}
	case 19: // V_SCENE_ON, with the scene's number
		m.Events = []devices.Event{{Kind: devices.Button}}
	case 38: // V_VOLTAGE
		return reading(m, payload, devices.Voltage, "V", 0, 1000)
	case 47: // V_TEXT
		word, _, _ := strings.Cut(strings.ToLower(strings.NewReplacer("!", " ", ".", " ", ";", " ", ":", " ", ",", " ").Replace(payload)), " ")
		switch word {
		case "panic", "sos", "emergency", "help":
			m.Events = []devices.Event{{Kind: devices.Panic}}
		}
	}
	return nil
}

// mysSaid reads what a node says of itself.
func mysSaid(m *devices.Message, kind int, payload string) error {
	switch kind {
	case 0: // I_BATTERY_LEVEL
		return reading(m, payload, devices.Battery, "%", 0, 100)
	case 22, 25, 32, 33: // I_HEARTBEAT_RESPONSE, I_PONG, I_PRE_SLEEP, I_POST_SLEEP
		m.Events = []devices.Event{{Kind: devices.Heartbeat}}
	case 31: // I_SIGNAL_REPORT_RESPONSE; a report of anything else is positive
		if v, err := strconv.ParseFloat(payload, 64); err == nil && v < 0 {
			return reading(m, payload, devices.RSSI, "dBm", -200, -1)
		}
	}
	return nil
}

func reading(m *devices.Message, text string, q devices.Quantity, unit string, least, most float64) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || v < least || v > most {
		return fmt.Errorf("%s is %q", q, text)
	}
	m.Readings = append(m.Readings, devices.Reading{Quantity: q, Value: v + 0, Unit: unit})
	return nil
}

// nextMySensors finds a whole line behind noise: a line has no beginning of its
// own, so that it is where digits begin and everything fits.
func nextMySensors(line []byte) int {
	if _, err := decodeMySensors(strings.Trim(string(line), " \t")); err == nil {
		return -1
	}
	for i := 1; i < len(line); i++ {
		if c, before := line[i], line[i-1]; c < '0' || c > '9' || before >= '0' && before <= '9' {
			continue
		}
		if m, err := decodeMySensors(string(line[i:])); err == nil && m.Device != "" {
			return i
		}
	}
	return -1
}

// aboutMySensors is what there is to know of the gateway.
func aboutMySensors() devices.Format {
	return devices.Format{
		Name: MySensors, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "Nodes behind a MySensors serial gateway.",
		Devices: "Anything that is built with it: a tripped sensor or a scene is a press.",
		Address: "mysensors-serial/12", Named: "the node",
		Events:   []devices.Kind{devices.Panic, devices.Button, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.Temperature, devices.Humidity},
		Asked:    "its version",
		Supervision: []devices.Supervised{
			{Every: 25 * 3600, Name: "12", Role: devices.Panic},
		},
		CannotTell: []string{
			"Where a line began of which the beginning was lost: it has no mark and no checksum.",
			"Whether what tripped was a button, a door or a detector: its role says so, and all children of a node have one.",
		},
	}
}
