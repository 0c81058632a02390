package serial

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"telecare/devices"
)

// Easywave is the format of ELDAT's RX09 USB stick and of its RCD22 receiver:
// telecare wristbands and pull cords of 868 MHz.
const Easywave = "easywave"

// DecodeEasywave reads one line of an RX09, or one binary frame of an RCD22.
//
//	REC,229ad6,A
//	REC00,-47,1A2B3C4D,B
//	A5 08 30 xx 22 9A D6 00 0A 0D
//
// The first is ELDAT's specification (SP_RTR09) as python-easywave and
// Easywave2MQTT read it; the second, with a signal strength in signed
// hexadecimal and eight digits, is what newer sticks say
// (fatgue/HA-Eldat-Easywave, PROTOCOL.md, measured); the third is the RCD22's
// manual UM179986A. A transmitter's buttons have roles of their own (a cord is
// pulled and reset, and how a low battery is told is nowhere published), so the
// device is transmitter and button: "229ad6/A". How the RCD22 numbers the
// buttons is not published: its byte stands as it is, "229ad6/00".
func DecodeEasywave(frame []byte) (devices.Message, error) {
	if len(frame) > 0 && frame[0] == rcd22Start {
		m, n := decodeRCD22(frame)
		if n != len(frame) {
			return devices.Message{}, fmt.Errorf("easywave frame % x is no telegram of an RCD22", frame)
		}
		return m, nil
	}
	m, err := decodeRX09(strings.Trim(string(frame), " \t\r\n"))
	if err != nil {
		return devices.Message{Device: m.Device}, fmt.Errorf("easywave line %q: %w", frame, err)
	}
	return m, nil
}

func decodeRX09(line string) (devices.Message, error) {
	fields := strings.Split(line, ",")
	suffix, isTelegram := strings.CutPrefix(fields[0], "REC")
	switch {
	case line == "OK", line == "ERROR", strings.HasSuffix(line, "\tOK"),
		fields[0] == "ID" && len(fields) >= 3, fields[0] == "GETP" && len(fields) >= 2, fields[0] == "RDP" && len(fields) >= 2:
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, nil
	case !isTelegram:
		return devices.Message{}, errors.New("neither a telegram nor an answer of the stick")
	case suffix == "" && len(fields) == 3 && len(fields[1]) == 6 && allHex(fields[1]) && isButton(fields[2]):
		return easywavePress(fields[1], strings.ToUpper(fields[2])), nil
	case allHex(suffix) && len(suffix) == 2 && len(fields) == 4 && len(fields[2]) == 8 && allHex(fields[2]) && isButton(fields[3]):
		m := easywavePress(fields[2], strings.ToUpper(fields[3]))
		dBm, err := strconv.ParseInt(fields[1], 16, 16)
		if err != nil || dBm >= 0 || dBm < -150 {
			return m, fmt.Errorf("%q is no signal strength", fields[1])
		}
		m.Readings = []devices.Reading{{Quantity: devices.RSSI, Value: float64(dBm), Unit: "dBm"}}
		return m, nil
	}
	return devices.Message{}, errors.New("a telegram that is cut or damaged")
}

func isButton(s string) bool { return len(s) == 1 && s[0]|0x20 >= 'a' && s[0]|0x20 <= 'd' }

func easywavePress(address, button string) devices.Message {
	return devices.Message{
		Device: strings.ToLower(address) + "/" + button,
		Events: []devices.Event{{Kind: devices.Button}},
	}
}

// nextEasywave finds a line behind noise or behind another whose CR was lost.
func nextEasywave(line []byte) int {
	for i := 1; i < len(line); i++ {
		if line[i] == 'R' && bytes.HasPrefix(line[i:], []byte("REC")) {
			return i
		}
		if rest := line[i:]; bytes.HasPrefix(rest, []byte("ID,")) || bytes.HasPrefix(rest, []byte("GETP,")) {
			return i
		}
	}
	return -1
}

// The telegrams of an RCD22: how many bytes follow, and of what kind they are.
const (
	rcd22Start = 0xa5
	rcd22Press = "\xa5\x08\x30" // then a reserved byte, three of serial number, the button, 0A 0D
	rcd22Life  = "\xa5\x04\x1b" // then 00 0A 0D
	rcd22Long  = 10
	rcd22Short = 6
)

// decodeRCD22 reads the telegram that b begins with. n is its length, 0 when
// more bytes are needed, and -1 when it is none.
func decodeRCD22(b []byte) (m devices.Message, n int) {
	want := rcd22Long
	head := rcd22Press
	if len(b) > 1 && b[1] == rcd22Life[1] {
		want, head = rcd22Short, rcd22Life
	}
	if k := min(len(b), len(head)); string(b[:k]) != head[:k] {
		return m, -1
	}
	if len(b) < want {
		return m, 0
	}
	b = b[:want]
	switch {
	case b[want-2] != 0x0a || b[want-1] != 0x0d:
		return m, -1
	case want == rcd22Short:
		return devices.Message{Device: Dongle, Events: []devices.Event{{Kind: devices.Heartbeat}}}, want
	}
	return easywavePress(fmt.Sprintf("%02x%02x%02x", b[4], b[5], b[6]), fmt.Sprintf("%02x", b[7])), want
}

// easywave cuts lines of text and binary telegrams out of one stream: A5 is in
// no text.
type easywave struct {
	text   lines
	binary []byte // what may be a telegram of an RCD22
}

func newEasywave() Decoder {
	return &easywave{text: lines{decode: DecodeEasywave, next: nextEasywave}}
}

// Feed implements Decoder.
func (e *easywave) Feed(b []byte) []Decoded {
	var out []Decoded
	for _, c := range b {
		if len(e.binary) == 0 && c != rcd22Start {
			out = append(out, e.text.Feed([]byte{c})...)
			continue
		}
		e.binary = append(e.binary, c)
		out = append(out, e.settle(false)...)
	}
	return out
}

// settle takes whole telegrams off the binary bytes, and hands over to the text
// what cannot be one: a byte, and then everything up to the next A5.
func (e *easywave) settle(end bool) []Decoded {
	var out []Decoded
	for len(e.binary) > 0 {
		m, n := decodeRCD22(e.binary)
		if n == 0 && !end {
			break
		}
		if n > 0 {
			out = append(out, e.text.End()...)
			out = append(out, Decoded{Raw: bytes.Clone(e.binary[:n]), Message: m})
			e.binary = append(e.binary[:0], e.binary[n:]...)
			continue
		}
		next := bytes.IndexByte(e.binary[1:], rcd22Start) + 1
		if next == 0 {
			next = len(e.binary)
		}
		out = append(out, e.text.Feed(e.binary[:next])...)
		e.binary = append(e.binary[:0], e.binary[next:]...)
	}
	return out
}

// End implements Decoder.
func (e *easywave) End() []Decoded {
	return append(e.settle(true), e.text.End()...)
}

// aboutEasywave is what there is to know of Easywave.
func aboutEasywave() devices.Format {
	return devices.Format{
		Name: Easywave, Over: devices.OverSerial, Answered: devices.AnsweredNever,
		Reads:   "ELDAT Easywave transmitters that an RX09 stick or an RCD22 receiver hears.",
		Devices: "Wristbands, pendants and pull cords RT26 and others.",
		Address: "easywave/229ad6/A", Named: "transmitter and button",
		Events:   []devices.Kind{devices.Button, devices.Heartbeat},
		Readings: []devices.Quantity{devices.RSSI},
		Asked:    "ID?",
		Supervision: []devices.Supervised{
			{Name: "229ad6/A", Role: devices.Panic},
		},
		CannotTell: []string{
			"A low battery: by which button a transmitter tells it is nowhere published; press a spare one to learn it.",
			"That a transmitter lives: none gives a sign of life.",
			"How the RCD22 numbers the buttons is not published either; its byte stands in the address as it is, 229ad6/00.",
			"Transmitters with a rolling code are not heard.",
			"There is no checksum.",
		},
	}
}
