package serial

import (
	"errors"
	"fmt"
	"strings"

	"telecare/devices"
)

// ESP3 is the format of EnOcean sticks and modules (USB 300, TCM 310).
const ESP3 = "esp3"

// The packet of the EnOcean Serial Protocol 3: sync byte, length of the data (2)
// and of the optional data (1), type, CRC of these four, data, optional data,
// CRC of both (EnOcean ESP3 specification, section 1.4).
const (
	esp3Head = 6
	// esp3Most bounds what is taken for a packet. The longest that a stick
	// sends carries 512 bytes of remote management.
	esp3Most = 600
)

// Types of packets (ESP3 specification, section 1.8).
const (
	esp3Radio    = 0x01 // RADIO_ERP1
	esp3Response = 0x02
	esp3Event    = 0x04
	esp3Command  = 0x05 // COMMON_COMMAND, said by the host
	esp3SmartAck = 0x06 // SMART_ACK_COMMAND, said by the host
	esp3Radio2   = 0x0a // RADIO_ERP2
)

// esp3Version is CO_RD_VERSION: a stick that lives answers with its own.
var esp3Version = []byte{0x55, 0x00, 0x01, 0x00, 0x05, 0x70, 0x03, 0x09}

// newESP3 returns a decoder which knows of no sensor what it measures until
// that is taught in; see fourBytes.
func newESP3() Decoder { return newESP3With(&profiles{taught: map[string]profile{}}) }

// newESP3With returns one that knows profiles.
func newESP3With(known *profiles) Decoder {
	e := &esp3{known}
	return &packets{
		format: ESP3, start: []byte{0x55}, head: esp3Head,
		size: esp3Size, check: esp3Check, read: e.read,
	}
}

func esp3Size(b []byte) int {
	data, optional := int(b[1])<<8|int(b[2]), int(b[3])
	n := esp3Head + data + optional + 1
	// Without data, or of no type, there are no packets, and zeros behind a
	// false beginning would make one.
	if crc8(b[1:5]) != b[5] || data == 0 || b[4] == 0 || n > esp3Most {
		return 0
	}
	return n
}

func esp3Check(packet []byte) error {
	last := len(packet) - 1
	if sum := crc8(packet[esp3Head:last]); sum != packet[last] {
		return fmt.Errorf("the checksum is %02X, not %02X as the packet says", sum, packet[last])
	}
	return nil
}

// crc8 is that of ESP3: polynomial x⁸+x²+x+1, begun with 0 (section 3.3).
func crc8(b []byte) byte {
	var sum byte
	for _, c := range b {
		sum ^= c
		for range 8 {
			if sum&0x80 != 0 {
				sum = sum<<1 ^ 0x07
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

// esp3 reads packets that are not damaged.
type esp3 struct {
	profiles *profiles
}

func (e *esp3) read(packet []byte) (devices.Message, error) {
	size := int(packet[1])<<8 | int(packet[2])
	data, optional := packet[esp3Head:esp3Head+size], packet[esp3Head+size:len(packet)-1]
	stick := devices.Message{Device: Dongle}
	switch packet[4] {
	case esp3Radio:
		return e.radio(data, optional)
	case esp3Radio2:
		return stick, errors.New("telegrams of the second radio protocol (ERP2) are not read")
	case esp3Response, esp3Event:
		stick.Events = []devices.Event{{Kind: devices.Heartbeat}}
		if packet[4] == esp3Response && len(data) == 33 {
			stick.Note = versionOf(data)
		}
	case esp3Command, esp3SmartAck:
		stick.Hearsay = true // our own words coming back: nobody lives there
	}
	return stick, nil
}

// versionOf reads the answer to CO_RD_VERSION: the return code, the versions of
// application and interface (4 each), the chip's id and version (4 each), and a
// description of 16 bytes (section 2.5.6).
func versionOf(data []byte) string {
	name, _, _ := strings.Cut(string(data[17:]), "\x00")
	for _, c := range name {
		if c < ' ' || c > '~' {
			name = ""
			break
		}
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d.%d.%d.%d", name, data[1], data[2], data[3], data[4]))
}

// aboutESP3 is what there is to know of EnOcean.
func aboutESP3() devices.Format {
	return devices.Format{
		Name: ESP3, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "EnOcean radio that a USB 300, TCM 310 or alike hears.",
		Devices: "Rockers, push buttons and pull cords (F6-01, F6-02), water sensors (F6-05), window handles (F6-10), contacts (D5-00-01), temperature (A5-02), temperature and humidity (A5-04), movement (A5-07).",
		Address: "esp3/0181B744", Named: "the eight digits on the label",
		Events:   []devices.Kind{devices.Button, devices.BatteryLow, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy},
		Asked:    "its version",
		Supervision: []devices.Supervised{
			{Of: "buttons and pull cords", Name: "00298979", Role: devices.Panic},
			{Every: 25 * 3600, Name: "0181B744"},
		},
		CannotTell: []string{
			"Which button of a rocker calls for help and which does not: all buttons of one device have one role.",
			"That a rocker or pull cord is broken: it has neither battery nor sign of life, and only a test press proves it.",
			"What a telegram of four bytes measures, unless the sensor was taught in or telecare.yaml names its profile: a temperature by shape is read as 0 to 40 °C, and a light sensor in the dark may be taken for one of movement.",
			"A detector of water or smoke (F6-05) looks like a push button: give its profile in telecare.yaml, or the role flood or smoke.",
			"Whoever sends: anybody can send a telegram with any address.",
			"Secure telegrams (30, 31) and devices of D2 are shown, and not read; telegrams of the second radio protocol (ERP2, 902 and 928 MHz) are bad frames.",
		},
	}
}
