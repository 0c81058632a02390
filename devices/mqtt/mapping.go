package mqtt

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// FormatMapping is what a mapping has read: the addresses of its devices begin
// with it.
const FormatMapping = "mapping"

// A Mapping reads messages that no format of ours knows: which topics, whose
// they are, where in the payload the value is, and what it means. Where one
// matches, it goes before the formats: somebody wrote it for these topics.
type Mapping struct {
	// Topic is a filter with + and #.
	Topic string
	// Device names the device: a text in which {1} is what the first wildcard
	// stood for, and {serial.number} what the payload says at that path. "" is
	// the whole topic.
	Device string
	// Field is the path of the value in a JSON payload, "alarm.state" or
	// "events.0.type". "" is the whole payload.
	Field string
	// Values say what values mean, in small letters; others mean nothing.
	Values map[string]devices.Kind
	// Normal are the values which end what Values say. With them it is a state,
	// of which only the edge is news; without, each message is an event.
	Normal []string
	// Quantity is what the value measures, "" nothing. Unit is its unit, Scale
	// what it is multiplied by; 0 is 1.
	Quantity devices.Quantity
	Unit     string
	Scale    float64
}

// Mappings are a source's. The first that matches names the device; the others
// add what they read.
type Mappings []Mapping

// Topics lists what has to be subscribed to beside the given filters.
func (ms Mappings) Topics(filters []string) []string {
	for _, m := range ms {
		if !slices.ContainsFunc(filters, func(f string) bool { return covers(f, m.Topic) }) {
			filters = append(slices.Clip(filters), m.Topic)
		}
	}
	return filters
}

// covers reports whether every topic of the filter g is one of f: a broker may
// deliver a message once for each of two that overlap (3.1.1, section 3.3.5).
func covers(f, g string) bool {
	fs, gs := strings.Split(f, "/"), strings.Split(g, "/")
	for i, level := range fs {
		if level == "#" {
			return true
		}
		if i >= len(gs) || gs[i] == "#" || level != "+" && level != gs[i] {
			return false
		}
	}
	return len(fs) == len(gs)
}

// wildcards matches a topic with a filter and gives what its wildcards stood
// for.
func wildcards(filter, topic string) (found []string, ok bool) {
	for {
		level, rest, more := strings.Cut(filter, "/")
		if level == "#" {
			return append(found, topic), true
		}
		name, left, deeper := strings.Cut(topic, "/")
		switch level {
		case "+":
			found = append(found, name)
		case name:
		default:
			return nil, false
		}
		if !more || !deeper {
			// a/# matches a, too (section 4.7.1.2).
			return found, more == deeper || more && rest == "#"
		}
		filter, topic = rest, left
	}
}

// decodeAny is the package's, with mappings before the formats.
func (ms Mappings) decodeAny(codec Codec, topic string, payload []byte, retained bool) (string, devices.Message, error) {
	if m, matched, err := ms.Decode(topic, payload, retained); matched {
		return FormatMapping, m, err
	}
	return decodeAny(codec, topic, payload, retained)
}

// Decode says what a message means, and whether any mapping is for it.
func (ms Mappings) Decode(topic string, payload []byte, retained bool) (m devices.Message, matched bool, err error) {
	var d *collector
	for _, m := range ms {
		found, ok := wildcards(m.Topic, topic)
		if !ok {
			continue
		}
		if d == nil {
			if len(payload) > maxPayload || !utf8.Valid(payload) || !utf8.ValidString(topic) {
				return devices.Message{}, true, errors.New("payload or topic is not valid UTF-8, or too long")
			}
			payload = trim(payload)
			name, err := m.name(topic, found, payload)
			if err != nil {
				return devices.Message{}, true, err
			}
			d = &collector{m: devices.Message{Device: name}, late: retained}
		}
		d.mapped(m, payload)
	}
	if d == nil {
		return devices.Message{}, false, nil
	}
	m, err = d.done()
	return m, true, err
}

// name fills in the template of a device's name.
func (m Mapping) name(topic string, found []string, payload []byte) (string, error) {
	if m.Device == "" {
		return topic, checkName(topic)
	}
	var name strings.Builder
	rest := m.Device
	for {
		before, after, open := strings.Cut(rest, "{")
		name.WriteString(before)
		if !open {
			break
		}
		what, tail, closed := strings.Cut(after, "}")
		if !closed {
			return "", fmt.Errorf("mapping of %q: its device %q has a { without a }", m.Topic, m.Device)
		}
		if n, err := strconv.Atoi(what); err == nil {
			if n < 1 || n > len(found) {
				return "", fmt.Errorf("mapping of %q: its device %q asks for wildcard %d of %d", m.Topic, m.Device, n, len(found))
			}
			name.WriteString(found[n-1])
		} else {
			s, ok := at(payload, what).said()
			if !ok {
				return "", fmt.Errorf("the payload says nothing at %q, which names the device", what)
			}
			name.WriteString(s)
		}
		rest = tail
	}
	return name.String(), checkName(name.String())
}

// at follows a path into a payload; nil when there is nothing.
func at(payload []byte, path string) value {
	v := plain(payload)
	if path == "" {
		return v
	}
	for step := range strings.SplitSeq(path, ".") {
		if n, err := strconv.Atoi(step); err == nil && len(v) > 0 && v[0] == '[' {
			all := arrayOf(v)
			if n < 0 || n >= len(all) {
				return nil
			}
			v = all[n]
			continue
		}
		if v = member(v, step); v == nil {
			return nil
		}
	}
	return v
}

// said is a text, a number or a yes or no, as it was written.
func (v value) said() (string, bool) {
	if s, ok := v.text(); ok {
		return s, s != ""
	}
	if !v.present() || v[0] == '{' || v[0] == '[' {
		return "", false
	}
	return string(v), true
}

// mapped adds what one mapping reads.
func (d *collector) mapped(m Mapping, payload []byte) {
	v := at(payload, m.Field)
	said, ok := v.said()
	if !ok {
		return
	}
	said = strings.ToLower(strings.TrimSpace(said))
	if m.Quantity != "" {
		if f, ok := v.number(); ok {
			if m.Scale != 0 {
				f *= m.Scale
			}
			if finite(f) {
				d.add(m.Quantity, f, m.Unit)
			}
		}
	}
	same := func(word string) bool { return word == said || sameNumber(word, v) }
	var kinds []devices.Kind // of equal values, such as 1 and 1.0, all
	for word, kind := range m.Values {
		if same(word) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	for _, kind := range slices.Compact(kinds) {
		switch {
		case kind == devices.Online || kind == devices.Offline:
			d.now(kind)
		case len(m.Normal) > 0:
			d.event(kind)
		default:
			d.press(kind, "")
		}
	}
	if len(kinds) == 0 && slices.ContainsFunc(m.Normal, same) {
		for _, kind := range m.Values {
			if kind != devices.Online && kind != devices.Offline {
				d.clear(kind)
			}
		}
		slices.Sort(d.m.Cleared)
	}
}

// finite reports whether a value can be stored.
func finite(f float64) bool { return f-f == 0 }

// sameNumber reports whether a word of the table is the value's number, however
// it was written.
func sameNumber(word string, v value) bool {
	f, ok := v.number()
	w, err := strconv.ParseFloat(word, 64)
	return ok && err == nil && f == w
}

// aboutMapping is what there is to know of mappings.
func aboutMapping() devices.Format {
	return devices.Format{
		Name: FormatMapping, Over: devices.OverMQTT, Answered: devices.AnsweredAtQoS1,
		Reads:   "Anything else, by mappings: in telecare.yaml: a topic, a field, and what its values mean.",
		Devices: "Whatever publishes a text or JSON.",
		Address: "mapping/room 7", Named: "as the mapping says: from the topic or from a field",
		Events:   []devices.Kind{devices.Panic, devices.Fall, devices.Inactivity, devices.Medical, devices.Smoke, devices.Gas, devices.CO, devices.Heat, devices.Flood, devices.Intruder, devices.Wandering, devices.BedExit, devices.Cancel, devices.Reset, devices.Presence, devices.Test, devices.Button, devices.FallWarning, devices.Tamper, devices.BatteryLow, devices.MainsLost, devices.Online, devices.Offline, devices.Heartbeat, devices.Fault},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.SNR, devices.LinkQuality, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy, devices.InBed},
		Supervision: []devices.Supervised{
			{Every: 25 * 3600, Name: "room 7", Role: devices.Panic},
		},
		CannotTell: []string{
			"What the mapping does not say. A value that it does not list raises nothing.",
		},
	}
}
