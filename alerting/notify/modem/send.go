package modem

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf16"

	"telecare/alerting/notify/modem/pdu"
)

// validity is how long the network tries to deliver a call: while the alarm is
// open, it is sent again.
const validity = time.Hour

// send has the network accept a text, all parts of it.
func (s *session) send(j *job) error {
	if s.m.cfg.Text {
		return s.sendText(j)
	}
	parts, err := pdu.Submit{To: j.to, Text: j.text, Report: true, Validity: validity, Reference: j.ref}.Encode()
	if err != nil {
		return s.m.because(TooLong, err)
	}
	s.m.forget(j)
	sent := &awaited{receipt: j.receipt, to: j.to, parts: len(parts)}
	for i, p := range parts {
		if j.ctx.Err() != nil && i == 0 {
			return j.ctx.Err() // taken back; a part alone would be worse than the whole
		}
		lines, err := s.part(fmt.Sprintf("AT+CMGS=%d", p.Length()), p.Hex())
		if err != nil {
			return err
		}
		s.await(j, sent, lines)
	}
	return nil
}

// part sends one. [3GPP TS 27.005 3.5.1, 4.3]
func (s *session) part(command, message string) ([]string, error) {
	lines, err := s.at.Send(s.ctx, s.m.timing.send, command, message)
	return lines, s.counted(err)
}

// sendText sends in text mode, which has no parts: what is too long goes out as
// several messages that say which they are.
func (s *session) sendText(j *job) error {
	dcs := 0
	room := 160
	if pdu.Fits(j.text) == pdu.UCS2 {
		dcs, room = 8, 70
	}
	if _, err := s.do(fmt.Sprintf("AT+CSMP=49,11,0,%d", dcs)); err != nil {
		return err
	}
	parts := numbered(j.text, room)
	s.m.forget(j)
	sent := &awaited{receipt: j.receipt, to: j.to, parts: len(parts)}
	for _, text := range parts {
		lines, err := s.part(`AT+CMGS="`+ucs2(j.to)+`"`, ucs2(text))
		if err != nil {
			return err
		}
		s.await(j, sent, lines)
	}
	return nil
}

// numbered cuts a text at so many letters, the bigger ones counted twice.
func numbered(text string, room int) []string {
	size := func(s string) (n int) {
		for _, r := range s {
			n++
			if r > 0xffff || strings.ContainsRune("^{}\\[~]|€", r) {
				n++
			}
		}
		return n
	}
	if size(text) <= room {
		return []string{text}
	}
	var parts []string
	for part := ""; text != "" || part != ""; {
		r := []rune(text)
		if len(r) == 0 || size(part)+size(string(r[0])) > room-len("(9/9) ") {
			parts, part = append(parts, part), ""
			continue
		}
		part, text = part+string(r[0]), string(r[1:])
	}
	for i, p := range parts {
		parts[i] = fmt.Sprintf("(%d/%d) %s", i+1, len(parts), p)
	}
	return parts
}

// ucs2 writes a text as modems have it in that character set.
// [3GPP TS 27.007 5.5]
func ucs2(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}
