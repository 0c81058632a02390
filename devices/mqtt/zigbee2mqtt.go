package mqtt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// The default base topic of Zigbee2MQTT (settings, mqtt.base_topic).
const zigbeeBase = "zigbee2mqtt/"

// zigbeeBridge is the bridge's own name: Zigbee2MQTT keeps the topics below
// bridge/ for itself.
const zigbeeBridge = "bridge"

func zigbeeTopic(topic string) bool {
	return strings.HasPrefix(topic, zigbeeBase) && len(topic) > len(zigbeeBase)
}

// decodeZigbee understands Zigbee2MQTT 1.x and 2.x. A friendly name may hold
// slashes, blanks and any letter: it is everything between the base topic and a
// known suffix (zigbee2mqtt.io, "MQTT topics and messages").
func decodeZigbee(topic string, payload []byte, retained bool) (devices.Message, error) {
	name, ok := strings.CutPrefix(topic, zigbeeBase)
	if !ok {
		return devices.Message{}, fmt.Errorf("topic %q is not below the base topic %q", clip(topic), strings.TrimSuffix(zigbeeBase, "/"))
	}
	if err := checkName(name); err != nil {
		return devices.Message{}, err
	}
	if !utf8.Valid(payload) {
		return devices.Message{Device: zigbeeName(name)}, errors.New("payload is not valid UTF-8")
	}
	if name == zigbeeBridge || strings.HasPrefix(name, zigbeeBridge+"/") {
		return decodeZigbeeBridge(strings.TrimPrefix(strings.TrimPrefix(name, zigbeeBridge), "/"), payload, retained)
	}
	if zigbeeCommand(name) {
		// Somebody commands or asks the device: it has not spoken itself, so
		// that this must not look like a sign of its life.
		return devices.Message{}, nil
	}

	trimmed := bytes.TrimSpace(payload)
	object := len(trimmed) > 0 && trimmed[0] == '{'
	rest, field := cutField(name)
	switch {
	case rest != "" && field == "availability":
		return decodeAvailability(rest, trimmed)
	case object, rest == "":
		return decodeZigbeeState(name, trimmed, retained)
	case field == "action":
		// The device trigger's copy of the same press, as plain text.
		m := devices.Message{Device: rest}
		if !retained {
			m.Events = pressed(nil, strings.Trim(string(trimmed), `"`))
			m.Named = len(trimmed) > 0 && len(m.Events) == 0
		}
		return m, nil
	case zigbeeField(field):
		// output: attribute publishes each field on a topic of its own.
		return decodeZigbeeState(rest, asObject(field, trimmed), retained)
	case len(trimmed) > 0 && len(pressed(nil, string(trimmed))) == 0:
		// An attribute that means nothing here: a device's state is an object.
		return devices.Message{Device: rest}, nil
	}
	return decodeZigbeeState(name, trimmed, retained)
}

// zigbeeName is whose frame it is, for one whose payload cannot be read.
func zigbeeName(name string) string {
	if name == zigbeeBridge || strings.HasPrefix(name, zigbeeBridge+"/") {
		return zigbeeBridge
	}
	if zigbeeCommand(name) {
		return ""
	}
	if rest, field := cutField(name); rest != "" && (field == "availability" || field == "action" || zigbeeField(field)) {
		return rest
	}
	return name
}

// zigbeeCommand reports whether a topic carries a command to a device:
// <name>/set, <name>/get, and both with a field or an endpoint behind it.
func zigbeeCommand(name string) bool {
	for i := 0; i < 2; i++ {
		rest, field := cutField(name)
		if rest == "" {
			return false
		}
		if field == "set" || field == "get" {
			return true
		}
		name = rest
	}
	return false
}

// cutField splits a name at its last slash; rest is "" when there is none.
func cutField(name string) (rest, field string) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", name
	}
	return name[:i], name[i+1:]
}

// asObject makes a state of a single field. A payload that is no JSON value is
// a text, as output: attribute publishes it.
func asObject(field string, payload []byte) []byte {
	if !json.Valid(payload) {
		quoted, err := json.Marshal(string(payload))
		if err != nil { // cannot happen to a string
			quoted = []byte("null")
		}
		payload = quoted
	}
	return append(append([]byte(`{"`+field+`":`), payload...), '}')
}

// decodeAvailability reads {"state":"online"}, and the plain text of 1.x. Both
// are retained by design: they are the state now, not history.
func decodeAvailability(name string, payload []byte) (devices.Message, error) {
	m := devices.Message{Device: name}
	if len(payload) == 0 { // what the broker had kept was emptied: it says no more that it is away
		m.Cleared = []devices.Kind{devices.Offline}
		return m, nil
	}
	state := string(payload)
	if payload[0] == '{' {
		var p struct {
			State value `json:"state"`
		}
		if err := json.Unmarshal(payload, &p); err != nil {
			return m, fmt.Errorf("availability is malformed: %w", err)
		}
		state, _ = p.State.text()
	}
	switch strings.ToLower(strings.Trim(state, `"`)) {
	case "online":
		m.Events = []devices.Event{{Kind: devices.Online}}
	case "offline":
		m.Events = []devices.Event{{Kind: devices.Offline}}
	default:
		return m, fmt.Errorf("availability %q is neither online nor offline", clip(state))
	}
	return m, nil
}

// decodeZigbeeBridge reads what the bridge says of itself and of who joins and
// leaves its network; the rest (its list of devices, its log) means nothing
// here and is not read.
func decodeZigbeeBridge(topic string, payload []byte, retained bool) (devices.Message, error) {
	bridge := devices.Message{Device: zigbeeBridge}
	switch topic {
	case "state":
		return decodeAvailability(zigbeeBridge, bytes.TrimSpace(payload))
	case "health":
		if !json.Valid(payload) {
			return bridge, errors.New("bridge health is malformed JSON")
		}
		if !retained { // a stored one says nothing of now
			bridge.Events = []devices.Event{{Kind: devices.Heartbeat}}
		}
		return bridge, nil
	case "event":
		var p struct {
			Type value `json:"type"`
			Data struct {
				Name value `json:"friendly_name"`
			} `json:"data"`
		}
		if err := json.Unmarshal(payload, &p); err != nil {
			return bridge, fmt.Errorf("bridge event is malformed: %w", err)
		}
		name, _ := p.Data.Name.text()
		if checkName(name) != nil {
			return bridge, nil
		}
		m := devices.Message{Device: name}
		if retained {
			return m, nil
		}
		switch t, _ := p.Type.text(); t {
		case "device_leave":
			m.Events = []devices.Event{{Kind: devices.Offline}}
		case "device_announce", "device_joined":
			m.Events = []devices.Event{{Kind: devices.Online}}
		}
		return m, nil
	}
	return bridge, nil
}

// aboutZigbee is what there is to know of Zigbee2MQTT.
func aboutZigbee() devices.Format {
	return devices.Format{
		Name: FormatZigbee2MQTT, Over: devices.OverMQTT, Answered: devices.AnsweredAtQoS1,
		Reads:   "Zigbee devices behind a Zigbee2MQTT bridge of version 1 or 2: output json, attribute and both, availability, and the bridge itself.",
		Devices: "Buttons HEIMAN HS1EB, Tuya TS0215A, TS0601 and TS0218, ZG-101Z, frient KEPZB-110 and SBTZB-110, Feibit SEB01ZB, ORVIBO SE20 and SE21, Aqara and Xiaomi; fall radars HEIMAN HS2FD, OWON FDS315 and Tuya MIR-HE200-TY; beds OWON SPM915 and Tuya TS0601; detectors of smoke, gas, carbon monoxide, water, movement and contact.",
		Address: "zigbee2mqtt/Room 7 button", Named: "its friendly name, with slashes and blanks",
		Events:   []devices.Kind{devices.Panic, devices.Fall, devices.Smoke, devices.Gas, devices.CO, devices.Flood, devices.Button, devices.FallWarning, devices.Tamper, devices.BatteryLow, devices.Online, devices.Offline, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.LinkQuality, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy, devices.InBed},
		Supervision: []devices.Supervised{
			{Every: 25 * 3600, Name: "Room 7 button", Role: devices.Panic},
		},
		CannotTell: []string{
			"A HEIMAN HS1EB whose battery is low or whose case is open publishes nothing of a press but its link quality: change the battery early, and try the button weekly.",
			"Without availability a button that was carried away looks as one that nobody presses.",
			"Gas as a number says nothing without the detector's threshold.",
		},
	}
}
