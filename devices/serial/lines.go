package serial

import (
	"bytes"
	"fmt"

	"telecare/devices"
)

// maxLine is the longest line that can be one: the longest that a dongle sends
// is about 50 bytes, and a keypad of an AlarmDecoder some 100.
const maxLine = 256

// lines is the Decoder of formats that are lines of text.
type lines struct {
	decode func(line []byte) (devices.Message, error)
	// next tells where behind the first byte another line begins, because the
	// end of the line before it was lost; -1 for nowhere.
	next func(line []byte) int
	// end ends a line; 0 stands for CR and LF.
	end byte

	buf  []byte
	over bool // longer than a line can be: told of, and its newest bytes are kept
}

// Feed implements Decoder.
func (l *lines) Feed(b []byte) []Decoded {
	var out []Decoded
	for _, c := range b {
		switch {
		case c == 0: // the dongle's stray NULs
		case l.end == 0 && (c == '\n' || c == '\r'), l.end != 0 && c == l.end:
			out = append(out, l.End()...)
		case len(l.buf) < maxLine:
			l.buf = append(l.buf, c)
		default:
			// A real line may stand at the end of all this: the newest half stays.
			if !l.over {
				out = append(out, Decoded{
					Raw: bytes.Clone(l.buf[:maxLine/2]),
					Err: fmt.Errorf("more than %d bytes without the end of a line: noise, or a wrong baud rate", maxLine),
				})
				l.over = true
			}
			l.buf = append(l.buf[:0], l.buf[maxLine/2:]...)
			l.buf = append(l.buf, c)
		}
	}
	return out
}

// End implements Decoder.
func (l *lines) End() []Decoded {
	rest, over := l.buf, l.over
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
		if err != nil && over {
			continue // noise that was told of
		}
		over = false
		out = append(out, Decoded{Raw: line, Message: m, Err: err})
	}
	return out
}
