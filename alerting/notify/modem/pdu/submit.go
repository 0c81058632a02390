// Package pdu codes text messages as a GSM modem takes and gives them: in octets
// written in hex. It guarantees that a text that was cut in parts is the same
// text when they are put together, that no part is longer than a phone takes and
// none cuts a letter in two, and that decoding, of whatever octets, ends with a
// message or an error.
//
// What the other network does with a message is not in it: letters of national
// tables and compressed text are not understood (an error, or the letters of the
// default alphabet).
package pdu

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// PDU is a message as a modem takes it.
type PDU struct {
	Octets []byte // behind an empty service centre: the modem's own
}

// Hex is what follows the modem's prompt.
func (p PDU) Hex() string { return strings.ToUpper(hex.EncodeToString(p.Octets)) }

// Length is what AT+CMGS says: the octets without the service centre.
// [3GPP TS 27.005 4.3]
func (p PDU) Length() int { return len(p.Octets) - 1 - int(p.Octets[0]) }

// Submit is a text on its way out.
type Submit struct {
	To       string // digits, with + before an international number
	Text     string
	Report   bool          // a status report is wanted for each part
	Validity time.Duration // how long the network tries; 0 is its own choice
	// Reference tells the parts of one text from those of another, where there
	// are parts; Wide gives it two octets instead of one.
	Reference uint16
	Wide      bool
}

// Octets of user data in one message. [3GPP TS 23.040 9.2.3.24]
const room = 140

// MaxParts is how many parts a text may have: their number has an octet.
const MaxParts = 255

// Encode cuts the text in as many parts as it takes. An error says that there is
// no such number, or that the text is too long for any message.
func (s Submit) Encode() ([]PDU, error) {
	to, err := address(s.To)
	if err != nil {
		return nil, err
	}
	parts := s.parts()
	if len(parts) > MaxParts {
		return nil, fmt.Errorf("a text of %d parts: at most %d can be sent", len(parts), MaxParts)
	}
	dcs := byte(0)
	if Fits(s.Text) == UCS2 {
		dcs = 0x08 // [3GPP TS 23.038 4]
	}
	out := make([]PDU, len(parts))
	for i, p := range parts {
		first := byte(0x01) // SMS-SUBMIT [3GPP TS 23.040 9.2.3.1]
		if s.Validity > 0 {
			first |= 0x10 // relative [9.2.3.3]
		}
		if s.Report {
			first |= 0x20 // [9.2.3.5]
		}
		header := s.header(i, len(parts))
		if header != nil {
			first |= 0x40 // [9.2.3.23]
		}
		b := append([]byte{0, first, 0}, to...) // the modem sets the reference
		b = append(b, 0, dcs)
		if s.Validity > 0 {
			b = append(b, validity(s.Validity))
		}
		if dcs == 0 {
			fill := (7 - 8*len(header)%7) % 7
			b = append(b, byte((8*len(header)+fill)/7+len(p)))
			if header != nil {
				b = append(append(b, header...), pack(p, fill)...)
			} else {
				b = append(b, pack(p, 0)...)
			}
		} else {
			b = append(append(append(b, byte(len(header)+len(p))), header...), p...)
		}
		out[i] = PDU{b}
	}
	return out, nil
}

// header says which part it is; nil when there is but one.
// [3GPP TS 23.040 9.2.3.24.1, 9.2.3.24.8]
func (s Submit) header(i, of int) []byte {
	switch {
	case of == 1:
		return nil
	case s.Wide:
		return []byte{6, 0x08, 4, byte(s.Reference >> 8), byte(s.Reference), byte(of), byte(i + 1)}
	}
	return []byte{5, 0x00, 3, byte(s.Reference), byte(of), byte(i + 1)}
}

// parts are septets, or octets of UCS-2.
func (s Submit) parts() [][]byte {
	header := len(s.header(0, 2))
	if Fits(s.Text) == GSM7 {
		t := alphabet()
		var all [][]byte
		for _, r := range s.Text {
			all = append(all, t.septets[r])
		}
		return cut(all, room*8/7, (room-header)*8/7)
	}
	var all [][]byte
	for _, r := range s.Text {
		all = append(all, units(string(r)))
	}
	return cut(all, room, (room-header)/2*2)
}

// cut joins letters to one part, if they go into one, else to several smaller
// ones.
func cut(letters [][]byte, one, several int) [][]byte {
	n := 0
	for _, l := range letters {
		n += len(l)
	}
	size := several
	if n <= one {
		size = one
	}
	parts := [][]byte{{}}
	for _, l := range letters {
		last := &parts[len(parts)-1]
		if len(*last)+len(l) > size {
			parts = append(parts, nil)
			last = &parts[len(parts)-1]
		}
		*last = append(*last, l...)
	}
	return parts
}

// validity is the nearest one that is not shorter. [3GPP TS 23.040 9.2.3.12.1]
func validity(d time.Duration) byte {
	up := func(by time.Duration) int { return int((d + by - 1) / by) }
	switch {
	case d <= 12*time.Hour:
		return byte(max(up(5*time.Minute), 1) - 1)
	case d <= 24*time.Hour:
		return byte(143 + up(30*time.Minute) - 24)
	case d <= 30*24*time.Hour:
		return byte(166 + up(24*time.Hour))
	}
	return byte(192 + min(max(up(7*24*time.Hour), 5), 63))
}

// digitsOf are those of an address, in their order. [3GPP TS 23.040 9.1.2.3]
const digitsOf = "0123456789*#abc"

// address writes a number with its type. [3GPP TS 23.040 9.1.2.5]
func address(number string) ([]byte, error) {
	kind := byte(0x81) // unknown, of the telephone numbering plan
	digits, international := strings.CutPrefix(number, "+")
	if international {
		kind = 0x91
	}
	if digits == "" || len(digits) > 20 {
		return nil, errors.New("no telephone number: one has 1 to 20 digits, such as +48600100200")
	}
	half, err := semi(digits)
	if err != nil {
		return nil, err
	}
	return append([]byte{byte(len(digits)), kind}, half...), nil
}

// semi writes two digits to an octet, the first one in its lower half.
// [3GPP TS 23.040 9.1.2.3]
func semi(digits string) ([]byte, error) {
	out := make([]byte, (len(digits)+1)/2)
	if len(digits)%2 == 1 {
		out[len(out)-1] = 0xf0
	}
	for i, r := range digits {
		v := strings.IndexRune(digitsOf, r)
		if v < 0 {
			return nil, fmt.Errorf("no telephone number: %q is no digit", r)
		}
		out[i/2] |= byte(v) << (4 * (i % 2))
	}
	return out, nil
}
