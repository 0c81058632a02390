package serial

import (
	"bytes"
	"fmt"

	"telecare/devices"
)

// maxLine is the longest line that can be one: the longest that a dongle sends
// is about 50 bytes.
const maxLine = 256

// lines is the Decoder of formats that are lines of text.
type lines struct {
	decode func(line []byte) (devices.Message, error)
	// next tells where behind the first byte another line begins, because the
	// newline before it was lost; -1 for nowhere.
	next func(line []byte) int

	buf  []byte
	over bool // the line is too long: everything up to its end is dropped
}

// Feed implements Decoder.
func (l *lines) Feed(b []byte) []Decoded {
	var out []Decoded
	for _, c := range b {
		switch {
		case c == 0: // the dongle's stray NULs
		case c == '\n' || c == '\r':
			out = append(out, l.End()...)
		case l.over:
		case len(l.buf) == maxLine:
			out = append(out, Decoded{
				Raw: bytes.Clone(l.buf),
				Err: fmt.Errorf("more than %d bytes without the end of a line: noise, or a wrong baud rate", maxLine),
			})
			l.over = true
			l.buf = l.buf[:0]
		default:
			l.buf = append(l.buf, c)
		}
	}
	return out
}

// Idle implements Decoder: no line stands behind another that has no end yet.
func (l *lines) Idle() []Decoded { return nil }

// End implements Decoder.
func (l *lines) End() []Decoded {
	rest := l.buf
	l.buf, l.over = l.buf[:0], false
	var out []Decoded
	for len(rest) > 0 {
		line := rest
		if i := l.next(rest); i > 0 {
			line = rest[:i]
		}
		rest = rest[len(line):]
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		line = bytes.Clone(line)
		m, err := l.decode(line)
		out = append(out, Decoded{Raw: line, Message: m, Err: err})
	}
	return out
}
