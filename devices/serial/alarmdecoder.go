package serial

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"telecare/devices"
)

// AlarmDecoder is the format of the AD2USB, AD2Pi and AD2Serial adapters, which
// listen to a house's alarm panel and to its 5800 radio.
const AlarmDecoder = "alarmdecoder"

// DecodeAlarmDecoder reads one line:
//
//	!RFX:0180036,80                a 5800 transmitter: serial number, bits
//	!LRR:012,1,CID_1101,ff         what the panel reports: zone or user, partition, Contact ID
//	!LRR:012,1,ALARM_PANIC         the same, older firmware
//	!EXP:07,01,01                  a wired zone: expander, channel, state
//	[0000…],008,[f7…],"text"       what a keypad shows
//
// The layouts and bits are those of nutechsoftware/alarmdecoder:
// messages/rf_message.py, lrr/message.py, lrr/events.py, panel_message.py,
// expander_message.py.
func DecodeAlarmDecoder(line []byte) (devices.Message, error) {
	m, err := decodeAlarmDecoder(strings.Trim(string(line), " \t\r\n"))
	if err != nil {
		return devices.Message{Device: m.Device}, fmt.Errorf("alarmdecoder line %q: %w", line, err)
	}
	return m, nil
}

func decodeAlarmDecoder(line string) (devices.Message, error) {
	key, rest, parted := strings.Cut(line, ":")
	fields := strings.Split(rest, ",")
	switch {
	case strings.HasPrefix(line, "["):
		return keypad(line)
	case key == "!KPM" && parted:
		return keypad(rest)
	case key == "!RFX" && parted:
		return transmitter(fields)
	case key == "!LRR" && parted:
		return reported(fields)
	case key == "!EXP" && parted:
		return wired(fields)
	case key == "!REL" && parted:
		if len(fields) != 3 || !digits(fields[0]) || !digits(fields[1]) || !digits(fields[2]) {
			return devices.Message{}, errors.New("a relay that is cut or damaged")
		}
		return devices.Message{Device: "relay/" + fields[0] + "/" + fields[1]}, nil
	case line == "!Ready", line == "!boot", line == "!>", strings.HasPrefix(line, "!boot."), strings.HasPrefix(line, "!CONFIG>"),
		strings.HasPrefix(line, "!VER:"), strings.HasPrefix(line, "!AUI:"), strings.HasPrefix(line, "!Sending"),
		strings.HasPrefix(line, "!UART"), strings.HasPrefix(line, "!Reading"), strings.HasPrefix(line, "!Saving"):
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
	}
	return devices.Message{}, errors.New("not a line of an AlarmDecoder")
}

// Bits of a 5800 transmitter. 01 and 08 are not known.
const (
	rfLowBattery  = 0x02
	rfSupervision = 0x04
	rfLoops       = 0x80 | 0x20 | 0x10 | 0x40 // loops 1 to 4
)

// transmitter reads a serial number and bits. A loop that opens is a press: what
// it means is the device's role. With the supervision bit the frame comes by
// itself, about hourly, and repeats the loop's state: it is a press only when
// the press itself was not heard.
func transmitter(fields []string) (devices.Message, error) {
	if len(fields) != 2 || len(fields[0]) != 7 || !digits(fields[0]) || len(fields[1]) != 2 {
		return devices.Message{}, errors.New("a transmitter that is cut or damaged")
	}
	m := devices.Message{Device: fields[0]}
	b, err := strconv.ParseUint(fields[1], 16, 8)
	if err != nil {
		return m, fmt.Errorf("%q are no bits", fields[1])
	}
	if b&rfSupervision != 0 {
		m.Events = append(m.Events, devices.Event{Kind: devices.Heartbeat})
	}
	if b&rfLoops != 0 {
		m.Events = append(m.Events, devices.Event{Kind: devices.Button, Level: b&rfSupervision != 0})
	} else {
		m.Cleared = append(m.Cleared, devices.Button)
	}
	if b&rfLowBattery != 0 {
		m.Events = append(m.Events, devices.Event{Kind: devices.BatteryLow, Level: true})
	} else {
		m.Cleared = append(m.Cleared, devices.BatteryLow)
	}
	return m, nil
}

// reported reads what the panel reports to its long range radio. The device is
// the zone, "lrr/012"; of some reports it is a user.
func reported(fields []string) (devices.Message, error) {
	if len(fields) < 3 || len(fields) > 4 || !allHex(fields[0]) || !allHex(fields[1]) {
		return devices.Message{}, errors.New("a report that is cut or damaged")
	}
	m := devices.Message{Device: fmt.Sprintf("lrr/%03s", fields[0])}
	maker, code, parted := strings.Cut(fields[2], "_")
	if maker == "CID" && parted {
		if len(code) != 4 || !allHex(code) {
			return m, fmt.Errorf("%q is no Contact ID", fields[2])
		}
		qualifier, known := map[byte]byte{'1': 'E', '3': 'R', '6': 'P'}[code[0]]
		if !known {
			return m, fmt.Errorf("%q has no qualifier", fields[2])
		}
		event := strings.ToUpper(code[1:])
		// A report code takes the place of the last two digits.
		if len(fields) == 4 && len(fields[3]) == 2 && allHex(fields[3]) && fields[3] != "00" && strings.ToLower(fields[3]) != "ff" {
			event = event[:1] + strings.ToUpper(fields[3])
		}
		m.Events = contactEvents(qualifier, event)
		return m, nil
	}
	if kind := reportWord(fields[2]); kind != "" {
		m.Events = []devices.Event{{Kind: kind}}
	}
	return m, nil
}

// reportWord is what a report of older firmware means. Alarms of names that we
// do not know are still alarms.
func reportWord(word string) devices.Kind {
	switch word {
	case "ALARM_FIRE":
		return devices.Smoke
	case "ALARM_AUX", "ALARM_MEDICAL":
		return devices.Medical
	case "ALARM_ENTRY", "ALARM_PERIMETER", "ALARM_INTERIOR", "ALARM_BURGLARY", "ALARM_TRIPPED":
		return devices.Intruder
	case "ALARM_EXIT_ERROR":
		return ""
	case "CANCEL":
		return devices.Cancel
	case "ACLOSS", "AC_LOSS":
		return devices.MainsLost
	case "AC_RESTORE":
		return devices.MainsRestored
	case "LOWBAT", "RFLOWBAT":
		return devices.BatteryLow
	case "LOWBAT_RESTORE", "RFLOWBAT_RESTORE":
		return devices.BatteryOK
	case "TROUBLE":
		return devices.Fault
	case "TROUBLE_RESTORE":
		return devices.FaultClear
	case "TEST":
		return devices.Test
	}
	if strings.HasPrefix(word, "ALARM_") && !strings.HasSuffix(word, "_RESTORE") {
		return devices.Panic // ALARM_PANIC, ALARM_AUDIBLE, ALARM_SILENT, …
	}
	return ""
}

// wired reads a zone on a wire, which says both its states.
func wired(fields []string) (devices.Message, error) {
	if len(fields) != 3 || !digits(fields[0]) || !digits(fields[1]) || fields[2] != "00" && fields[2] != "01" {
		return devices.Message{}, errors.New("a zone expander that is cut or damaged")
	}
	m := devices.Message{Device: "zone/" + fields[0] + "/" + fields[1]}
	if fields[2] == "01" {
		m.Events = []devices.Event{{Kind: devices.Button, Level: true}}
	} else {
		m.Cleared = []devices.Kind{devices.Button}
	}
	return m, nil
}

// Places in what a keypad shows, counted from the bracket.
const (
	keypadSounding = 11
	keypadBattery  = 12
	keypadFire     = 14
	keypadBits     = 22 // with both brackets
)

// keypad reads the panel's states, all of which are in every line. Mains is not
// taken from here: panels show it late and in turns, and report 301 tells it.
func keypad(line string) (devices.Message, error) {
	bits, rest, ok := strings.Cut(line, ",")
	_, text, quoted := strings.Cut(rest, `,"`)
	if !ok || len(bits) != keypadBits || bits[0] != '[' || bits[keypadBits-1] != ']' ||
		!quoted || !strings.HasSuffix(text, `"`) {
		return devices.Message{}, errors.New("a keypad that is cut or damaged")
	}
	for i, c := range bits[1 : keypadBits-1] {
		if c != '-' && (i >= 18 || !isHex(byte(c))) && (i < 17 || c < 'A' || c > 'Z') {
			return devices.Message{}, errors.New("a keypad whose bits are damaged")
		}
	}
	m := devices.Message{Device: "panel"}
	for _, s := range []struct {
		at   int
		kind devices.Kind
	}{{keypadSounding, devices.Button}, {keypadFire, devices.Smoke}, {keypadBattery, devices.BatteryLow}} {
		if c := bits[s.at]; c != '0' && c != '-' {
			m.Events = append(m.Events, devices.Event{Kind: s.kind, Level: true})
		} else {
			m.Cleared = append(m.Cleared, s.kind)
		}
	}
	return m, nil
}

// nextAlarmDecoder finds a line behind noise, or behind one whose end was lost.
func nextAlarmDecoder(line []byte) int {
	if _, err := DecodeAlarmDecoder(line); err == nil {
		return -1
	}
	for i := 1; i < len(line); i++ {
		switch line[i] {
		case '!', '[':
			if m, err := decodeAlarmDecoder(strings.TrimRight(string(line[i:]), " \t")); err == nil && m.Device != "" {
				return i
			}
			for _, head := range []string{"!RFX:", "!LRR:", "!EXP:", "!REL:"} {
				if strings.HasPrefix(string(line[i:]), head) {
					return i
				}
			}
		}
	}
	return -1
}

// aboutAlarmDecoder is what there is to know of these adapters.
func aboutAlarmDecoder() devices.Format {
	return devices.Format{
		Name: AlarmDecoder, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "A Honeywell or DSC panel and its 5800 radio by an AD2USB, AD2Pi or AD2Serial.",
		Devices: "Transmitters of Honeywell 5800; reports of the panel (LRR, to be switched on in the adapter); wired zones; the keypad.",
		Address: "alarmdecoder/0180036", Named: "the serial number of a transmitter; lrr/012, zone/07/01, panel",
		Events: receiverEvents(),
		Asked:  "its version",
		Supervision: []devices.Supervised{
			{Of: "reports of the panel", Name: "lrr/012", Role: devices.Panic},
			{Of: "wired zones", Name: "zone/07/01", Role: devices.Panic},
			{Every: 25 * 3600, Name: "0180036", Role: devices.Panic},
		},
		CannotTell: []string{
			"Which loop a button is: all loops of a transmitter are one device.",
			"Mains: report 301 tells it, the keypad is not asked.",
			"There is no checksum.",
			"An AD2Serial is set to its own speed: write baud.",
		},
	}
}
