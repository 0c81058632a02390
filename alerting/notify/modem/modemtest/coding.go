package modemtest

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"telecare/alerting/notify/modem/pdu"
)

// deliver turns a message round that would go out: the address becomes the
// sender's. [3GPP TS 23.040 9.2.2.1, 9.2.2.2]
func deliver(from, text string) (string, error) {
	parts, err := pdu.Submit{To: from, Text: text}.Encode()
	if err != nil {
		return "", err
	}
	b := parts[0].Octets
	address := 3 + 2 + (int(b[3])+1)/2
	out := append([]byte{0, 0x04}, b[3:address]...)
	out = append(out, b[address], b[address+1])
	out = append(out, stamp(time.Now())...)
	out = append(out, b[address+2:]...)
	return pdu.PDU{Octets: out}.Hex(), nil
}

// report is a status report. [3GPP TS 23.040 9.2.2.3]
func report(reference byte, to string, status byte) string {
	parts, err := pdu.Submit{To: to, Text: "x"}.Encode()
	if err != nil {
		panic(err) // it was sent to
	}
	b := parts[0].Octets
	out := append([]byte{0, 0x06, reference}, b[3:3+2+(int(b[3])+1)/2]...)
	out = append(append(out, stamp(time.Now())...), stamp(time.Now())...)
	return pdu.PDU{Octets: append(out, status)}.Hex()
}

// stamp is a time in UTC. [3GPP TS 23.040 9.2.3.11]
func stamp(at time.Time) []byte {
	at = at.UTC()
	var out []byte
	for _, v := range []int{at.Year() % 100, int(at.Month()), at.Day(), at.Hour(), at.Minute(), at.Second(), 0} {
		out = append(out, byte(v%10<<4|v/10))
	}
	return out
}

func ucs2(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

func fromUCS2(s string) string {
	out, err := pdu.FromUCS2(s)
	if err != nil {
		return s
	}
	return out
}
