package serial

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"telecare/devices"
)

// SurGard is the format in which Sur-Gard receivers of alarms speak to a
// computer.
const SurGard = "surgard"

// errDamaged says that a frame was cut or changed on the way, so that asking
// for it again is worth it.
var errDamaged = errors.New("damaged on the way")

// DecodeSurGard reads one frame without its terminator, DC4:
//
//	5011 181234E10100012
//
// protocol 5 (Contact ID), receiver 01, line 1, a blank, 18, account 1234, new
// event 101, group 00, zone 012. The device is account and zone, "1234/012". The
// layouts are those of SG Automation Output (form 7-3005: 4.2 heartbeat, 4.3
// basic, 4.9 Contact ID, 4.10 with ten digits), in which newer receivers write
// three digits of line, and of the manuals of MLR2-DG (p. 39: SIA) and MLR2E.
//
// The serial port is read with eight bits. A receiver set to 7E1 sends the same
// ten bits with the parity in the highest: it is checked here, which the port
// could not do without dropping the byte in silence.
func DecodeSurGard(frame []byte) (devices.Message, error) {
	s, ok := sevenBits(frame)
	if !ok {
		return devices.Message{}, fmt.Errorf("sur-gard frame %q: parity: %w", frame, errDamaged)
	}
	m, err := decodeSurGard(strings.TrimLeft(s, " \r\n\x06\x15"))
	if err != nil {
		return m, fmt.Errorf("sur-gard frame %q: %w", s, err)
	}
	return m, nil
}

func decodeSurGard(s string) (devices.Message, error) {
	header, body, ok := cutSurGard(s)
	if !ok {
		return devices.Message{}, fmt.Errorf("no header: %w", errDamaged)
	}
	switch header {
	case '0': // its own state
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
	case '1':
		if strings.Trim(body, " ") == "@" {
			return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
		}
		return surGardBasic(body)
	case '3':
		// ssssAAAAAAXXYYYY, or with an account of four digits
		n := len(body)
		if n != 16 && n != 14 || strings.TrimSpace(body[:4]) != "" {
			return devices.Message{}, fmt.Errorf("protocol 3: %w", errDamaged)
		}
		return siaEvent(strings.TrimLeft(body[4:n-6], " 0"), body[n-6:n-4], strings.TrimSpace(body[n-4:]))
	case '5':
		if fits(" t8hhhhqhhhhhhhh", body) {
			return contactMessage(body[3:7], body[7], body[8:11], body[13:16]), nil
		}
		return devices.Message{}, fmt.Errorf("protocol 5: %w", errDamaged)
	case 'Q':
		if fits(" 58hhhhhhhhhhqhhhhhhhh", body) {
			return contactMessage(body[3:13], body[13], body[14:17], body[19:22]), nil
		}
		return devices.Message{}, fmt.Errorf("protocol Q: %w", errDamaged)
	case 'S':
		return siaBlock(body)
	}
	return devices.Message{}, fmt.Errorf("protocol %q of a receiver is not read here", header)
}

// cutSurGard parts protocol, receiver and line from what follows.
func cutSurGard(s string) (header byte, body string, ok bool) {
	for _, n := range []int{6, 4} { // RRLLL, RRL
		if len(s) > n && allHex(s[1:n]) && !isHex(s[n]) {
			return s[0], s[n:], true
		}
	}
	return 0, "", false
}

func contactMessage(account string, qualifier byte, code, zone string) devices.Message {
	return devices.Message{
		Device: strings.ToUpper(account) + "/" + strings.ToUpper(zone),
		Events: contactEvents(qualifier, strings.ToUpper(code)),
	}
}

// surGardBasic reads ssssAAAAAAsXGYYY: by the recommended table of event codes,
// which a centre may have changed.
func surGardBasic(body string) (devices.Message, error) {
	if len(body) != 16 || strings.TrimSpace(body[:4]) != "" || body[10] != ' ' {
		return devices.Message{}, fmt.Errorf("protocol 1: %w", errDamaged)
	}
	account, zone := strings.TrimSpace(body[4:10]), strings.TrimSpace(body[13:])
	if !allHex(account) || zone != "" && !allHex(zone) {
		return devices.Message{}, fmt.Errorf("protocol 1: %w", errDamaged)
	}
	m := devices.Message{Device: account + "/" + fmt.Sprintf("%03s", zone)}
	kinds := map[byte]devices.Kind{
		'0': devices.Test, '1': devices.Smoke, '2': devices.Panic, '3': devices.Intruder, '6': devices.Fault,
		'7': devices.Medical, 'A': devices.Button, 'F': devices.Cancel, 'T': devices.Fault,
	}
	if kind := kinds[body[11]]; kind != "" {
		m.Events = []devices.Event{{Kind: kind}}
	}
	return m, nil
}

func siaEvent(account, code, zone string) (devices.Message, error) {
	if !allHex(account) || len(code) != 2 || zone != "" && !allHex(zone) {
		return devices.Message{}, fmt.Errorf("SIA: %w", errDamaged)
	}
	m := devices.Message{Device: strings.ToUpper(account) + "/" + fmt.Sprintf("%03s", strings.TrimLeft(zone, "0"))}
	if kind := siaMeaning(code); kind != "" {
		m.Events = []devices.Event{{Kind: kind}}
	}
	return m, nil
}

// siaBlock reads [#1234|Nri01/BA012]: an account, N for now or O for old, then
// modifiers in small letters and events. Of several events it tells the first
// that raises an alarm, else the first: a frame has one device.
func siaBlock(body string) (devices.Message, error) {
	block, ok := strings.CutPrefix(strings.TrimSpace(body), "[#")
	account, rest, parted := strings.Cut(block, "|")
	rest, closed := strings.CutSuffix(rest, "]")
	if !ok || !parted || !closed || rest == "" || rest[0] != 'N' && rest[0] != 'O' {
		return devices.Message{}, fmt.Errorf("protocol S: %w", errDamaged)
	}
	var first *devices.Message
	for _, part := range strings.Split(rest[1:], "/") {
		part = strings.TrimLeft(part, "abcdefghijklmnopqrstuvwxyz0123456789:.")
		if len(part) < 2 {
			continue
		}
		m, err := siaEvent(strings.TrimLeft(account, "0"), part[:2], part[2:])
		if err != nil {
			return m, err
		}
		for i, e := range m.Events {
			m.Events[i].Late = rest[0] == 'O' && e.Kind.RaisesAlarm()
		}
		if len(m.Events) > 0 && m.Events[0].Kind.RaisesAlarm() {
			return m, nil
		}
		if first == nil {
			first = &m
		}
	}
	if first == nil {
		return devices.Message{}, errors.New("a SIA block without an event")
	}
	return *first, nil
}

// sevenBits returns the text of a frame, and whether its parity is right: even
// where any of its bytes has one.
func sevenBits(frame []byte) (s string, ok bool) {
	text := make([]byte, len(frame))
	parity, odd := false, false
	for i, c := range frame {
		text[i] = c & 0x7f
		parity = parity || c&0x80 != 0
		odd = odd || bits.OnesCount8(c)%2 != 0
	}
	return string(text), !parity || !odd
}

// nextSurGard finds a frame behind noise: a whole one that ends where the line
// ends.
func nextSurGard(line []byte) int {
	if _, err := DecodeSurGard(line); err == nil {
		return -1
	}
	for i := 1; i < len(line); i++ {
		switch line[i] & 0x7f {
		case '0', '1', '3', '5', 'Q', 'S':
			if s, ok := sevenBits(line[i:]); ok {
				if _, err := decodeSurGard(s); err == nil && s[0] != '0' {
					return i
				}
			}
		}
	}
	return -1
}

// aboutSurGard is what there is to know of these receivers.
func aboutSurGard() devices.Format {
	return devices.Format{
		Name: SurGard, Over: devices.OverSerial, Answered: devices.AnsweredAlways,
		Reads:   "Receivers of alarms that speak as Sur-Gard does: Contact ID, SIA, and the basic format by its recommended codes.",
		Devices: "Sur-Gard MLR2, MLR2000, MLR2E, SLR, System II and III.",
		Address: "surgard/1234/012", Named: "account and zone",
		Events: receiverEvents(),
		Supervision: []devices.Supervised{
			{Name: "1234/012", Role: devices.Panic},
		},
		CannotTell: receiverCannotTell(),
	}
}
