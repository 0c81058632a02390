package serial

import (
	"encoding/binary"
	"fmt"
	"math"

	"telecare/devices"
)

// TinyFrame is the format of the 60 GHz radars Seeed MR60FDA2 and Hi-Link
// LD6002C, as they speak the protocol of that name.
const TinyFrame = "tinyframe"

// A packet is 01, id (2), length (2), type (2), checksum of these, data,
// checksum of the data; no data has none. The head is high byte first, the data
// low byte first, and a checksum is all bytes' exclusive or, inverted (Hi-Link
// "TinyFrame Protocol Reference" V1.2, section 1.2; several checksums that it
// prints are wrong. The types agree with esphome/esphome@02b1eb6
// components/seeed_mr60fda2).
const (
	tinyHead = 8
	tinyMost = tinyHead + 1024 + 1 // the reference allows 1024 bytes of data
)

// tinyParameters asks for the radar's settings.
var tinyParameters = []byte{0x01, 0x00, 0x00, 0x00, 0x00, 0x0e, 0x06, 0xf6}

func newTinyFrame() Decoder {
	return &packets{
		format: TinyFrame, start: []byte{0x01}, head: tinyHead,
		size: tinySize, check: tinyCheck, read: readTinyFrame,
	}
}

func tinySize(b []byte) int {
	n := int(binary.BigEndian.Uint16(b[3:]))
	if n > 0 {
		n++ // its checksum
	}
	if tinySum(b[:7]) != b[7] || tinyHead+n > tinyMost {
		return 0
	}
	return tinyHead + n
}

func tinyCheck(packet []byte) error {
	if len(packet) == tinyHead {
		return nil // its length was told by a head that is right
	}
	last := len(packet) - 1
	if sum := tinySum(packet[tinyHead:last]); sum != packet[last] {
		return fmt.Errorf("the checksum is %02X, not %02X as the packet says", sum, packet[last])
	}
	return nil
}

func tinySum(b []byte) byte {
	var sum byte
	for _, c := range b {
		sum ^= c
	}
	return ^sum
}

func readTinyFrame(packet []byte) (devices.Message, error) {
	m := devices.Message{Device: Radar}
	if len(packet) == tinyHead {
		return m, nil // a question, or that one was heard
	}
	data := packet[tinyHead : len(packet)-1]
	var err error
	switch binary.BigEndian.Uint16(packet[5:]) {
	case 0x0e02: // fall
		if len(data) != 1 {
			return m, fmt.Errorf("%d bytes of data, not 1", len(data))
		}
		err = condition(&m, devices.Fall, data[0])
	case 0x0f09: // somebody is there, in one, two or four bytes by model
		if len(data) > 4 {
			return m, fmt.Errorf("%d bytes of data, not 1", len(data))
		}
		var wide [4]byte
		copy(wide[:], data)
		err = occupancy(&m, binary.LittleEndian.Uint32(wide[:]))
	case 0x0a0a: // somebody is in each of four zones
		if len(data) != 16 {
			return m, fmt.Errorf("%d bytes of data, not 16", len(data))
		}
		var somewhere uint32
		for zone := range 4 {
			somewhere |= binary.LittleEndian.Uint32(data[4*zone:])
		}
		err = occupancy(&m, somewhere)
	case 0x0e06: // the settings
		m.Events = []devices.Event{{Kind: devices.Heartbeat}}
		if len(data) >= 12 {
			metres := func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
			m.Note = fmt.Sprintf("height %.2f m, fall below %.2f m, sensitivity %d",
				metres(data), metres(data[4:]), binary.LittleEndian.Uint32(data[8:]))
		}
	}
	return m, err
}

// aboutTinyFrame is what there is to know of these radars.
func aboutTinyFrame() devices.Format {
	return devices.Format{
		Name: TinyFrame, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "Fall radars of 60 GHz that speak TinyFrame; one radar is one source.",
		Devices: "Seeed MR60FDA2, Hi-Link LD6002C.",
		Address: "tinyframe/bath-radar", Named: "the source's name",
		Events:   []devices.Kind{devices.Fall, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Occupancy},
		Asked:    "its settings",
		Supervision: []devices.Supervised{
			{Every: 600, Name: "bath-radar", Role: devices.Fall},
		},
		CannotTell: radarCannotTell(),
	}
}
