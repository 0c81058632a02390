package serial

import (
	"errors"
	"fmt"

	"telecare/devices"
)

// R60 is the format of the 60 GHz fall radars whose packets are 53 59 … 54 43:
// R60AFD1, Seeed MR60FDA1, DFRobot C1001.
const R60 = "r60"

// A packet is 53 59, control word, command word, length (2, high byte first),
// data, the low byte of the sum of all before it, 54 43
// (limengdu/Seeed-Studio-MR60FDA1-Sersor@3cd8224, DFRobot/DFRobot_HumanDetection@f98f64e).
const (
	r60Head = 6
	// r60Most bounds what is taken for a packet: the longest is the report of a
	// night, and has some twenty bytes.
	r60Most = 256
)

// r60Fall asks for the state of fall: a radar says it on a change alone.
var r60Fall = []byte{0x53, 0x59, 0x83, 0x81, 0x00, 0x01, r60Query, 0xc0, 0x54, 0x43}

// r60Query is the data of each question of the host.
const r60Query = 0x0f

func newR60() Decoder {
	return &packets{
		format: R60, start: []byte{0x53, 0x59}, head: r60Head,
		size: r60Size, check: r60Check, read: readR60,
	}
}

func r60Size(b []byte) int {
	if n := r60Head + (int(b[4])<<8 | int(b[5])) + 3; n <= r60Most {
		return n
	}
	return 0
}

func r60Check(packet []byte) error {
	end := len(packet) - 3
	var sum byte
	for _, c := range packet[:end] {
		sum += c
	}
	switch {
	case packet[end+1] != 0x54 || packet[end+2] != 0x43:
		return errors.New("it does not end in 54 43")
	case sum != packet[end]:
		return fmt.Errorf("the checksum is %02X, not %02X as the packet says", sum, packet[end])
	}
	return nil
}

// readR60 reads what a radar reports by itself, and its answers, whose command
// word has the highest bit set.
func readR60(packet []byte) (devices.Message, error) {
	m := devices.Message{Device: Radar}
	data := packet[r60Head : len(packet)-3]
	control, command := packet[2], packet[3]
	if control == 0x01 && command == 0x01 {
		m.Events = []devices.Event{{Kind: devices.Heartbeat}}
		return m, nil
	}
	const presence, motion, fall, still = 0x8001, 0x8002, 0x8301, 0x8305
	what := int(control)<<8 | int(command&^0x80)
	switch what {
	case presence, motion, fall, still:
	default: // body movement, distance, settings, breath: nothing that is watched here
		return m, nil
	}
	if len(data) != 1 {
		return m, fmt.Errorf("%d bytes of data, not 1", len(data))
	}
	if command&0x80 != 0 && data[0] == r60Query {
		m.Hearsay = true // our own question coming back: nobody lives there
		return m, nil
	}
	var err error
	switch what {
	case presence:
		err = occupancy(&m, uint32(data[0]))
	case motion: // 0 nobody, 1 still, 2 moving
		if data[0] == 2 {
			m.Events = append(m.Events, devices.Event{Kind: devices.Presence})
		} else if data[0] > 2 {
			err = fmt.Errorf("motion is %d, neither 0, 1 nor 2", data[0])
		}
	case fall:
		err = condition(&m, devices.Fall, data[0])
	case still: // lying or sitting still for longer than the radar was told
		err = condition(&m, devices.Inactivity, data[0])
	}
	return m, err
}

// aboutR60 is what there is to know of these radars.
func aboutR60() devices.Format {
	return devices.Format{
		Name: R60, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "Fall radars of 60 GHz whose packets are 53 59 … 54 43; one radar is one source.",
		Devices: "R60AFD1, Seeed MR60FDA1, DFRobot C1001.",
		Address: "r60/bath-radar", Named: "the source's name",
		Events:   []devices.Kind{devices.Fall, devices.Inactivity, devices.Presence, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Occupancy},
		Asked:    "whether somebody fell",
		Supervision: []devices.Supervised{
			{Every: 600, Name: "bath-radar", Role: devices.Fall},
		},
		CannotTell: radarCannotTell(),
	}
}
