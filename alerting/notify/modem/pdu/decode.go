package pdu

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Part says which part of a text a message is; the zero Part is a whole one.
type Part struct {
	Reference uint16
	Wide      bool
	Number    int // 1, 2, …
	Of        int
}

// Deliver is a message that came in.
type Deliver struct {
	From     string // digits, + before an international one, or a name in letters
	At       time.Time
	Alphabet Alphabet
	Text     string // "" when it is Data
	Part     Part
}

// Report is what became of a message that went out.
type Report struct {
	Reference byte // the modem's, of the message
	To        string
	At        time.Time // when the network took it
	Done      time.Time
	Status    byte
}

// Delivered reports whether the message is in the phone. [3GPP TS 23.040 9.2.3.15]
func (r Report) Delivered() bool { return r.Status < 0x20 }

// Trying reports whether the network still tries. [3GPP TS 23.040 9.2.3.15]
func (r Report) Trying() bool { return r.Status >= 0x20 && r.Status < 0x40 }

var errShort = errors.New("the message is cut off")

// Inbound decodes what a modem gives as +CMGL, +CMGR, +CMT or +CDS: a Deliver or
// a Report, the service centre before it.
func Inbound(line string) (any, error) {
	b, err := hex.DecodeString(strings.TrimSpace(line))
	if err != nil {
		return nil, fmt.Errorf("no octets in hex: %w", err)
	}
	r := &reader{b: b}
	r.take(int(r.octet())) // the service centre
	first := r.octet()
	switch {
	case r.short:
		return nil, errShort
	case first&3 == 0: // [3GPP TS 23.040 9.2.3.1]
		return r.deliver(first)
	case first&3 == 2:
		return r.report()
	}
	return nil, fmt.Errorf("a message of type %d, which is neither one that came in nor a report", first&3)
}

// reader takes octets from a message; short says that there were too few.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.short, n = true, len(r.b)
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) octet() byte {
	if b := r.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

// deliver reads an SMS-DELIVER. [3GPP TS 23.040 9.2.2.1]
func (r *reader) deliver(first byte) (any, error) {
	d := Deliver{From: r.address()}
	r.octet() // the protocol: whatever it is, there is a text
	dcs := r.octet()
	d.At = r.time()
	var err error
	d.Alphabet, d.Text, d.Part, err = r.user(dcs, first&0x40 != 0)
	if r.short {
		return nil, errShort
	}
	return d, err
}

// report reads an SMS-STATUS-REPORT. [3GPP TS 23.040 9.2.2.3]
func (r *reader) report() (any, error) {
	out := Report{Reference: r.octet(), To: r.address(), At: r.time(), Done: r.time(), Status: r.octet()}
	if r.short {
		return nil, errShort
	}
	return out, nil
}

// Outbound decodes what Encode made of a text, a part of it: who it is for, and
// the part as a Deliver. For tests, and those who simulate a modem.
func Outbound(b []byte) (Submit, Deliver, error) {
	r := &reader{b: b}
	r.take(int(r.octet()))
	first := r.octet()
	if first&3 != 1 && !r.short {
		return Submit{}, Deliver{}, fmt.Errorf("a message of type %d, which is none that goes out", first&3)
	}
	r.octet() // reference
	s := Submit{To: r.address(), Report: first&0x20 != 0}
	r.octet() // protocol
	dcs := r.octet()
	switch first >> 3 & 3 { // [3GPP TS 23.040 9.2.3.3]
	case 2:
		s.Validity = relative(r.octet())
	case 1, 3:
		r.take(7)
	}
	var d Deliver
	var err error
	d.Alphabet, d.Text, d.Part, err = r.user(dcs, first&0x40 != 0)
	s.Text, s.Reference, s.Wide = d.Text, d.Part.Reference, d.Part.Wide
	if r.short {
		return s, d, errShort
	}
	return s, d, err
}

// relative reads a validity. [3GPP TS 23.040 9.2.3.12.1]
func relative(v byte) time.Duration {
	n := time.Duration(v)
	switch {
	case v <= 143:
		return (n + 1) * 5 * time.Minute
	case v <= 167:
		return 12*time.Hour + (n-143)*30*time.Minute
	case v <= 196:
		return (n - 166) * 24 * time.Hour
	}
	return (n - 192) * 7 * 24 * time.Hour
}

// address reads a number or a name. [3GPP TS 23.040 9.1.2.5]
func (r *reader) address() string {
	n, kind := int(r.octet()), r.octet()
	if n > 20 {
		r.short = true // what follows is not where it should be
		return ""
	}
	b := r.take((n + 1) / 2)
	if kind>>4&7 == 5 { // letters
		return strings.TrimRight(letters(unpack(b, n*4/7, 0)), "\x00")
	}
	var s strings.Builder
	if kind>>4&7 == 1 {
		s.WriteByte('+')
	}
	for i := range n {
		if i/2 == len(b) {
			break
		}
		if v := int(b[i/2] >> (4 * (i % 2)) & 15); v < len(digitsOf) {
			s.WriteByte(digitsOf[v])
		}
	}
	return s.String()
}

// time reads a time stamp; the zero time when it is none.
// [3GPP TS 23.040 9.2.3.11]
func (r *reader) time() time.Time {
	b := r.take(7)
	if len(b) < 7 {
		return time.Time{}
	}
	var v [6]int
	for i := range v {
		v[i] = decimal(b[i])
		if v[i] < 0 {
			return time.Time{}
		}
	}
	quarters := decimal(b[6] &^ 0x08)
	if v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 23 || v[4] > 59 || v[5] > 59 || quarters < 0 {
		return time.Time{}
	}
	if b[6]&0x08 != 0 {
		quarters = -quarters
	}
	return time.Date(2000+v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], 0, time.FixedZone("", quarters*15*60))
}

// decimal reads two digits, the lower half first; -1 when they are none.
func decimal(b byte) int {
	if b&15 > 9 || b>>4 > 9 {
		return -1
	}
	return int(b&15)*10 + int(b>>4)
}

// user reads the user data. [3GPP TS 23.040 9.2.3.24]
func (r *reader) user(dcs byte, hasHeader bool) (a Alphabet, text string, part Part, err error) {
	length := int(r.octet())
	a, compressed := coding(dcs)
	octets := length
	if a == GSM7 {
		octets = (length*7 + 7) / 8
	}
	if octets > room {
		return a, "", part, fmt.Errorf("a message of %d octets: there is room for %d", octets, room)
	}
	b := r.take(octets)
	if compressed {
		return a, "", part, errors.New("a compressed message, which is not understood")
	}
	header := 0
	if hasHeader {
		if len(b) == 0 || int(b[0]) >= len(b) {
			return a, "", part, errors.New("a message whose header is longer than itself")
		}
		header = 1 + int(b[0])
		part = concatenation(b[1:header])
	}
	switch a {
	case UCS2:
		text = fromUnits(b[header:])
	case GSM7:
		fill := (7 - 8*header%7) % 7
		text = letters(unpack(b[header:], length-(8*header+fill)/7, fill))
	}
	return a, text, part, nil
}

// coding reads a data coding scheme. [3GPP TS 23.038 4]
func coding(dcs byte) (a Alphabet, compressed bool) {
	switch dcs >> 4 {
	case 0, 1, 2, 3, 4, 5, 6, 7: // general, and that for messages to be deleted
		if a = Alphabet(dcs >> 2 & 3); a > UCS2 {
			a = GSM7
		}
		return a, dcs&0x20 != 0
	case 0xe: // a message waits, said in UCS-2
		return UCS2, false
	case 0xf:
		return Alphabet(dcs >> 2 & 1), false
	}
	return GSM7, false // "any reserved codings shall be assumed to be the GSM 7 bit default alphabet"
}

// concatenation finds which part it is among the header's elements; the first
// that is there and makes sense counts. [3GPP TS 23.040 9.2.3.24.1]
func concatenation(h []byte) Part {
	for len(h) >= 2 && int(h[1])+2 <= len(h) {
		id, e := h[0], h[2:2+h[1]]
		h = h[2+h[1]:]
		var p Part
		switch {
		case id == 0x00 && len(e) == 3:
			p = Part{Reference: uint16(e[0]), Of: int(e[1]), Number: int(e[2])}
		case id == 0x08 && len(e) == 4:
			p = Part{Reference: uint16(e[0])<<8 | uint16(e[1]), Wide: true, Of: int(e[2]), Number: int(e[3])}
		default:
			continue
		}
		if p.Number >= 1 && p.Number <= p.Of {
			return p
		}
	}
	return Part{}
}
