package serial

import (
	"fmt"
	"strings"

	"telecare/devices"
)

// Ademco685 is the format in which Ademco receivers, and others that do as
// they, speak to a computer.
const Ademco685 = "ademco685"

// DecodeAdemco685 reads one frame without its LF and CR:
//
//	11 1234 18 E101 00 C012
//
// receiver and group (or line), account, 18 for Contact ID, qualifier and code,
// group, C for a contact or U for a user with its number. The device is account
// and zone, "1234/012", as of a Sur-Gard receiver. Layouts: MX8000 manual, fig.
// 8-1, 8-2 and 8-4, with a blank before the CR; VisorAlarm manual, appendix IV,
// without it. "00 OKAY @" is the heartbeat (MX8000 manual, 8.9.5).
func DecodeAdemco685(frame []byte) (devices.Message, error) {
	s, ok := sevenBits(frame)
	if !ok {
		return devices.Message{}, fmt.Errorf("685 frame %q: parity: %w", frame, errDamaged)
	}
	s = strings.Trim(s, " \x06\x15")
	switch {
	case fits("hh hhhh t8 qhhh hh Chhh", s), fits("hh hhhh t8 qhhh hh Uhhh", s):
		return contactMessage(s[3:7], s[11], s[12:15], s[20:23]), nil
	case strings.HasPrefix(s, "00 ") && strings.Contains(s, "@"):
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
	case fits("hh hhhh h", s) && s[:2] != "00": // 3x1 and 4x1: what a code means is the dialer's own
		return devices.Message{Device: strings.ToUpper(s[3:7] + "/" + s[8:]), Events: []devices.Event{{Kind: devices.Button}}}, nil
	case fits("hh hhhh h h", s) && s[:2] != "00": // 4x2
		return devices.Message{Device: strings.ToUpper(s[3:7] + "/" + s[8:9] + s[10:]), Events: []devices.Event{{Kind: devices.Button}}}, nil
	case strings.HasPrefix(s, "00 "): // the receiver's own messages
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
	case fits("hh hhhh hhhh hhhh h", s):
		return devices.Message{}, fmt.Errorf("685 frame %q: high speed format is not read here", s)
	}
	return devices.Message{}, fmt.Errorf("685 frame %q: %w", s, errDamaged)
}

// nextAdemco685 finds a frame behind noise whose LF was damaged.
func nextAdemco685(line []byte) int {
	for i := 1; i < len(line); i++ {
		s, ok := sevenBits(line[i:])
		if s = strings.TrimRight(s, " "); ok && (fits("hh hhhh t8 qhhh hh Chhh", s) || fits("hh hhhh t8 qhhh hh Uhhh", s) || s == "00 OKAY @") {
			return i
		}
	}
	return -1
}

// aboutAdemco685 is what there is to know of these receivers.
func aboutAdemco685() devices.Format {
	return devices.Format{
		Name: Ademco685, Over: devices.OverSerial, Answered: devices.AnsweredAlways,
		Reads:   "Receivers of alarms that speak as Ademco 685 does: Contact ID.",
		Devices: "Ademco 685, MX8000, VisorAlarm.",
		Address: "ademco685/1234/012", Named: "account and zone",
		Events: receiverEvents(),
		Supervision: []devices.Supervised{
			{Name: "1234/012", Role: devices.Panic},
		},
		CannotTell: append(receiverCannotTell(),
			"Events in the 3x1, 4x1 and 4x2 formats are buttons of 1234/3, 1234/31; the high speed format is not read."),
	}
}
