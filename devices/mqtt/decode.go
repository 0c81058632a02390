// Package mqtt hears devices over MQTT, from a broker elsewhere (Client) or as
// the broker itself (Broker), and understands their formats (Decode).
//
// It guarantees that a message at QoS 1 or 2 is answered only after its Frame
// has been answered with nil, in the order of arrival, connection by
// connection; and that a message which is not answered is delivered again. A
// message at QoS 0 cannot be promised anything and says so in its Frame.
//
// Decode is pure: a format is a file, and no payload can make it panic, block
// or allocate more than a small multiple of what was sent.
package mqtt

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"telecare/devices"
)

// Formats that Decode understands. FormatUnknown marks a frame on a topic that
// belongs to none of them.
const (
	FormatZigbee2MQTT = "zigbee2mqtt"
	FormatTelecare    = "telecare"
	FormatChirpStack  = "chirpstack"
	FormatTTN         = "ttn"
	FormatRTL433      = "rtl_433"
	FormatShelly      = "shelly"
	FormatTasmota     = "tasmota"
	FormatESPHome     = "esphome"
	FormatTheengs     = "theengs"
	FormatHomie       = "homie"
	FormatMySensors   = "mysensors"
	FormatMilesight   = "milesight"
	FormatDiscovery   = "homeassistant"
	FormatUnknown     = "mqtt"
)

// maxPayload bounds what is decoded. The largest payload that a device sends
// is a few hundred bytes.
const maxPayload = 1 << 20

// maxName bounds a device's name: it becomes a key of tables that are kept.
const maxName = 256

// A format is one entry of the table of formats: what is known of it beyond its
// file.
type format struct {
	name string
	// topics are what a source subscribes to when it is not told otherwise.
	topics []string
	// recognise reports whether a topic belongs to the format.
	recognise func(topic string) bool
	decode    func(topic string, payload []byte, retained bool) (devices.Message, error) // see message
	about     func() devices.Format                                                      // nil: nobody's frames
}

// formats is the table, in the order in which topics are recognised: a prefix
// of a format's own goes before a pattern that others might match, too. From
// Tasmota on they are patterns.
func formats() []format {
	return []format{
		{FormatZigbee2MQTT, []string{zigbeeBase + "#"}, zigbeeTopic, decodeZigbee, aboutZigbee},
		{FormatTelecare, []string{"telecare/+/+/event", "telecare/+/+/reading"}, telecareTopic, decodeTelecare, aboutTelecare},
		{FormatChirpStack, []string{"application/+/device/+/event/+", "application/+/device/+/rx"}, chirpstackTopic, nil, aboutChirpStack},
		{FormatTTN, []string{"v3/+/devices/+/#"}, ttnTopic, nil, aboutTTN},
		{FormatRTL433, []string{rtlBase + "events", rtlBase + "+/events", rtlBase + "availability", rtlBase + "+/availability"}, rtlTopic, decodeRTL433, aboutRTL433},
		{FormatHomie, []string{homieBase + "#"}, homieTopic, decodeHomie, aboutHomie},
		{FormatMilesight, []string{milesightBase + "#"}, milesightTopic, decodeMilesight, aboutMilesight},
		{FormatDiscovery, nil, discoveryTopic, decodeDiscovery, nil},
		{FormatTasmota, []string{"stat/#", "tele/#", "+/stat/+", "+/tele/+"}, tasmotaTopic, decodeTasmota, aboutTasmota},
		{FormatTheengs, []string{"home/+/LWT", "home/+/BTtoMQTT/#", "home/+/433toMQTT/#", "home/+/RTL_433toMQTT/#", "home/+/SYStoMQTT"}, theengsTopic, decodeTheengs, aboutTheengs},
		{FormatMySensors, []string{mysensorsDefault + "-out/#"}, mysensorsTopic, decodeMySensors, aboutMySensors},
		{FormatShelly, []string{shellyBase + "#", "+/events/rpc", "+/online", "+/status/+"}, shellyTopic, decodeShelly, aboutShelly},
		{FormatESPHome, []string{"+/status", "+/binary_sensor/+/state", "+/sensor/+/state", "+/event/+/state"}, esphomeTopic, decodeESPHome, aboutESPHome},
	}
}

// known is the table, made once.
var known = formats()

// Formats lists the names of the formats that Decode understands.
func Formats() []string {
	var names []string
	for _, f := range known {
		names = append(names, f.name)
	}
	return names
}

// Catalogue is what there is to know of each format, mappings the last.
func Catalogue() []devices.Format {
	var all []devices.Format
	for _, f := range known {
		if f.about != nil {
			about := f.about()
			about.Topics = f.topics
			all = append(all, about)
		}
	}
	return append(all, aboutMapping())
}

// DefaultTopics are the topics of every known format.
func DefaultTopics() []string {
	var topics []string
	for _, f := range known {
		topics = append(topics, f.topics...)
	}
	return topics
}

// Recognise says which format a topic belongs to, "" when none.
func Recognise(topic string) (format string) {
	for i := range known {
		if known[i].recognise(topic) {
			return known[i].name
		}
	}
	return ""
}

// Decode says what one message means. Retained tells that the broker replayed
// it from its store: what is momentary in it is history and gives no event,
// what is a state gives its event marked late. The error is nil when anything
// in the message was understood.
func Decode(format, topic string, payload []byte, retained bool) (devices.Message, error) {
	return DecodeWith(nil, format, topic, payload, retained)
}

// DecodeWith is Decode with makers' codecs, for LoRaWAN frames of which only the
// bytes came. It may take as long as a codec does.
func DecodeWith(codec Codec, format, topic string, payload []byte, retained bool) (devices.Message, error) {
	if len(payload) > maxPayload {
		return devices.Message{}, fmt.Errorf("payload of %d bytes is over the limit of %d", len(payload), maxPayload)
	}
	if !utf8.ValidString(topic) || strings.ContainsAny(topic, "\x00+#") {
		return devices.Message{}, fmt.Errorf("topic %q is not a valid topic name", clip(topic))
	}
	for i := range known {
		if known[i].name == format {
			m, err := known[i].message(codec, topic, payload, retained)
			if len(m.Device) > maxName { // a name that was put together
				return devices.Message{}, checkName(m.Device)
			}
			return m, err
		}
	}
	return devices.Message{}, fmt.Errorf("unknown MQTT format %q; known are %s", clip(format), strings.Join(Formats(), ", "))
}

// message decodes; the formats of LoRaWAN may need a codec for it.
func (f *format) message(codec Codec, topic string, payload []byte, retained bool) (devices.Message, error) {
	switch f.name {
	case FormatChirpStack:
		return decodeChirpstack(codec, topic, payload, retained)
	case FormatTTN:
		return decodeTTN(codec, topic, payload, retained)
	}
	return f.decode(topic, payload, retained)
}

// decodeAny is DecodeWith for a source: it recognises the format by the topic.
func decodeAny(codec Codec, topic string, payload []byte, retained bool) (format string, m devices.Message, err error) {
	format = Recognise(topic)
	if format == "" {
		return FormatUnknown, m, errors.New("no known format on this topic")
	}
	m, err = DecodeWith(codec, format, topic, payload, retained)
	return format, m, err
}

// Home Assistant's discovery describes devices and is never their word: it is
// nobody's frame, and no unknown device's.
func discoveryTopic(topic string) bool { return strings.HasPrefix(topic, "homeassistant/") }

func decodeDiscovery(string, []byte, bool) (devices.Message, error) { return devices.Message{}, nil }

// trim takes white space off both ends, and the NUL that some firmware sends.
func trim(payload []byte) []byte { return bytes.Trim(payload, " \t\r\n\x00") }

// checkName refuses names that could not be a device's.
func checkName(name string) error {
	switch {
	case strings.Trim(name, "/") == "":
		return errors.New("the topic names no device")
	case len(name) > maxName:
		return fmt.Errorf("device name of %d bytes is over the limit of %d", len(name), maxName)
	}
	return nil
}

// plausible gives t in UTC, or the zero time when no device of today can have
// meant it: a clock that was never set must not decide about an alarm.
func plausible(t time.Time) time.Time {
	if y := t.UTC().Year(); y < 2000 || y > 2100 {
		return time.Time{}
	}
	return t.UTC()
}

// clip shortens what is quoted in an error.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
