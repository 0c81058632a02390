package pdu

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Alphabet is how the letters of a message are coded. [3GPP TS 23.038 4]
type Alphabet byte

// The alphabets.
const (
	GSM7 Alphabet = iota // the default alphabet, with its extension table
	Data                 // octets that are no letters
	UCS2                 // two octets each, for letters that GSM7 does not have
)

const (
	// basic is the default alphabet, in its order. [3GPP TS 23.038 6.2.1]
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	escape = 0x1b
)

// extended are the letters behind an escape. [3GPP TS 23.038 6.2.1.1]
const extended = "\f\x0a" + "^\x14" + "{\x28" + "}\x29" + "\\\x2f" + "[\x3c" + "~\x3d" + "]\x3e" + "|\x40" + "€\x65"

// tables are the alphabet both ways.
type tables struct {
	septets map[rune][]byte
	basic   [128]rune
	behind  [128]rune // an escape; 0 where there is none
}

func alphabet() *tables {
	t := &tables{septets: make(map[rune][]byte, 140)}
	i := 0
	for _, r := range basic {
		t.basic[i] = r
		if i != escape {
			t.septets[r] = []byte{byte(i)}
		}
		i++
	}
	letters := []rune(extended)
	for i := 0; i < len(letters); i += 2 {
		t.behind[letters[i+1]] = letters[i]
		t.septets[letters[i]] = []byte{escape, byte(letters[i+1])}
	}
	return t
}

// Fits says which alphabet a text needs.
func Fits(text string) Alphabet {
	t := alphabet()
	for _, r := range text {
		if t.septets[r] == nil {
			return UCS2
		}
	}
	return GSM7
}

// letters writes septets as text. An escape before what has no meaning is a
// space for the letter of the basic table, as the specification has it.
// [3GPP TS 23.038 6.2.1.1]
func letters(septets []byte) string {
	t := alphabet()
	var b strings.Builder
	for i := 0; i < len(septets); i++ {
		s := septets[i] & 0x7f
		if s != escape {
			b.WriteRune(t.basic[s])
			continue
		}
		if i++; i == len(septets) {
			break // a part that was cut in a letter
		}
		s = septets[i] & 0x7f
		switch {
		case t.behind[s] != 0:
			b.WriteRune(t.behind[s])
		case s == escape: // reserved for yet another table
			b.WriteByte(' ')
		default:
			b.WriteRune(t.basic[s])
		}
	}
	return b.String()
}

// pack puts septets into octets behind so many fill bits. [3GPP TS 23.038 6.1.2.1]
func pack(septets []byte, fill int) []byte {
	out := make([]byte, (fill+7*len(septets)+7)/8)
	bit := fill
	for _, s := range septets {
		v := uint16(s&0x7f) << (bit % 8)
		out[bit/8] |= byte(v)
		if v > 0xff {
			out[bit/8+1] |= byte(v >> 8)
		}
		bit += 7
	}
	return out
}

// unpack takes n septets out of octets; fewer when there is no room for them.
func unpack(b []byte, n, fill int) []byte {
	out := make([]byte, 0, max(n, 0))
	for bit := fill; len(out) < n && bit+7 <= 8*len(b); bit += 7 {
		v := uint16(b[bit/8]) >> (bit % 8)
		if bit/8+1 < len(b) {
			v |= uint16(b[bit/8+1]) << (8 - bit%8)
		}
		out = append(out, byte(v)&0x7f)
	}
	return out
}

// units writes a text in UCS-2. Letters outside of its plane, which it does not
// have, are written as phones do: in two, as UTF-16.
func units(text string) []byte {
	u := utf16.Encode([]rune(text))
	out := make([]byte, 0, 2*len(u))
	for _, x := range u {
		out = append(out, byte(x>>8), byte(x))
	}
	return out
}

func fromUnits(b []byte) string {
	u := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		u = append(u, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(u))
}

// FromUCS2 reads text that a modem gives in hex of two octets a letter.
func FromUCS2(s string) (string, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b)%2 != 0 {
		return "", fmt.Errorf("%q is no text in UCS-2", s)
	}
	return fromUnits(b), nil
}
