package mqtt

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// Bounds of one message in our own format.
const (
	maxEvents   = 64
	maxReadings = 256
	maxRef      = 256
)

// telecareTopic reports whether a topic is telecare/<site>/<device>/event or
// /reading, the topics of our own format.
func telecareTopic(topic string) bool {
	device, suffix := cutTelecare(topic)
	return device != "" && (suffix == "event" || suffix == "reading")
}

// cutTelecare takes the device and the suffix from a topic; device is "" when
// the topic is not one of ours.
func cutTelecare(topic string) (device, suffix string) {
	rest, ok := strings.CutPrefix(topic, "telecare/")
	if !ok {
		return "", ""
	}
	parts := strings.SplitN(rest, "/", 4)
	if len(parts) != 3 || parts[0] == "" {
		return "", ""
	}
	return parts[1], parts[2]
}

// decodeTelecare understands our own format: the JSON of a devices.Message. The
// device is taken from the topic, which a broker can guard; an event needs a
// kind that we know, a reading a quantity and a number.
func decodeTelecare(topic string, payload []byte, retained bool) (devices.Message, error) {
	if !telecareTopic(topic) {
		return devices.Message{}, fmt.Errorf("topic %q is not telecare/<site>/<device>/event or /reading", clip(topic))
	}
	device, suffix := cutTelecare(topic)
	if err := checkName(device); err != nil {
		return devices.Message{}, err
	}
	m := devices.Message{Device: device}
	if !utf8.Valid(payload) {
		return m, errors.New("payload is not valid UTF-8")
	}
	var p struct {
		At     value `json:"at"`
		Events []struct {
			Kind devices.Kind `json:"kind"`
			Ref  value        `json:"ref"`
			Late value        `json:"late"`
		} `json:"events"`
		Readings []struct {
			Quantity devices.Quantity `json:"quantity"`
			Value    value            `json:"value"`
			Unit     string           `json:"unit"`
		} `json:"readings"`
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return m, fmt.Errorf("payload is malformed JSON: %w", err)
	}
	switch {
	case len(p.Events) > maxEvents || len(p.Readings) > maxReadings:
		return m, fmt.Errorf("%d events and %d readings in one message; the limits are %d and %d", len(p.Events), len(p.Readings), maxEvents, maxReadings)
	case suffix == "event" && len(p.Events) == 0:
		return m, errors.New("no events in a message on /event")
	case suffix == "reading" && len(p.Events) > 0:
		return m, errors.New("events in a message on /reading; publish them on /event")
	case suffix == "reading" && len(p.Readings) == 0:
		return m, errors.New("no readings in a message on /reading")
	}
	m.At = p.At.moment()
	for i, e := range p.Events {
		if !slices.Contains(devices.Kinds(), e.Kind) {
			return devices.Message{Device: device}, fmt.Errorf("events[%d] has an unknown kind %q", i, clip(string(e.Kind)))
		}
		ref, err := reference(e.Ref)
		if err != nil {
			return devices.Message{Device: device}, fmt.Errorf("events[%d]: %w", i, err)
		}
		if retained && !isState(e.Kind) {
			continue
		}
		late, _ := e.Late.truth()
		m.Events = append(m.Events, devices.Event{Kind: e.Kind, Ref: ref, Late: late || retained})
	}
	for i, r := range p.Readings {
		f, ok := r.Value.number()
		if !ok || len(r.Value) > 0 && r.Value[0] == '"' {
			return devices.Message{Device: device}, fmt.Errorf("readings[%d] %q has no finite number as its value", i, clip(string(r.Quantity)))
		}
		if r.Quantity == "" || len(r.Quantity) > maxQuantity || len(r.Unit) > maxQuantity {
			return devices.Message{Device: device}, fmt.Errorf("readings[%d] needs a quantity; it and its unit may have %d bytes", i, maxQuantity)
		}
		m.Readings = append(m.Readings, devices.Reading{Quantity: r.Quantity, Value: f, Unit: r.Unit})
	}
	return m, nil
}

// maxQuantity bounds a quantity's and a unit's name: they become the names of
// fields in the reading store.
const maxQuantity = 32

// reference reads an event's ref, a text or a number.
func reference(v value) (string, error) {
	if !v.present() {
		return "", nil
	}
	ref, ok := v.text()
	if !ok {
		if _, ok = v.number(); !ok {
			return "", fmt.Errorf("ref %q is neither a text nor a number", clip(string(v)))
		}
		ref = string(v)
	}
	if len(ref) > maxRef {
		return "", fmt.Errorf("ref of %d bytes is over the limit of %d", len(ref), maxRef)
	}
	return ref, nil
}

// isState reports whether a kind is still true while it is stored by a broker.
// The others happen once: replayed from the store they would be a press that
// nobody made.
func isState(k devices.Kind) bool {
	switch k {
	case devices.Online, devices.Offline, devices.BatteryLow, devices.BatteryOK, devices.Tamper, devices.TamperClear,
		devices.MainsLost, devices.MainsRestored, devices.Fault, devices.FaultClear:
		return true
	}
	return false
}

// aboutTelecare is what there is to know of our own format.
func aboutTelecare() devices.Format {
	return devices.Format{
		Name: FormatTelecare, Over: devices.OverMQTT, Answered: devices.AnsweredAtQoS1,
		Reads:   "Devices of your own, in the JSON of telecare decode.",
		Devices: "Whatever you write.",
		Address: "telecare/call-7", Named: "the device in the topic telecare/SITE/DEVICE/event or …/reading",
		Events:   []devices.Kind{devices.Panic, devices.Fall, devices.Inactivity, devices.Medical, devices.Smoke, devices.Gas, devices.CO, devices.Heat, devices.Flood, devices.Intruder, devices.Wandering, devices.BedExit, devices.Cancel, devices.Reset, devices.Presence, devices.Test, devices.Button, devices.FallWarning, devices.Tamper, devices.TamperClear, devices.BatteryLow, devices.BatteryOK, devices.MainsLost, devices.MainsRestored, devices.Online, devices.Offline, devices.Heartbeat, devices.Fault, devices.FaultClear},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.SNR, devices.LinkQuality, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy, devices.InBed},
		Supervision: []devices.Supervised{
			{Every: 25 * 3600, Name: "call-7", Role: devices.Panic},
		},
		CannotTell: []string{
			"Two presses that carry the same ref are one: count it up.",
		},
	}
}
