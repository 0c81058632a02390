package serial

import (
	"bytes"
	"fmt"

	"telecare/devices"
)

// maxNoise bounds the bytes of one frame of noise.
const maxNoise = 1024

// packets is the Decoder of formats that are packets of bytes with a length and
// a checksum. Nothing is taken for a packet whose checksums are wrong, and what
// follows a false beginning is searched from one byte behind it: the real
// packet may have begun inside.
type packets struct {
	format string
	start  []byte // what each packet begins with
	head   int    // so many bytes tell the length
	// size is the whole packet's length, 0 when this begins no packet.
	size func(head []byte) int
	// check returns an error when a whole packet is damaged.
	check func(packet []byte) error
	read  func(packet []byte) (devices.Message, error)

	buf   []byte
	noise []byte // what begins no packet, or is a damaged one
	why   error  // the damage, when noise begins with a damaged packet
	left  int    // bytes of that packet which were not passed yet
}

// Feed implements Decoder.
func (p *packets) Feed(b []byte) []Decoded {
	p.buf = append(p.buf, b...)
	return p.cut(false)
}

// Idle implements idler.
func (p *packets) Idle() []Decoded {
	for at := 1; at < len(p.buf); at++ {
		if n, ok := p.measure(p.buf[at:]); ok && n <= len(p.buf)-at && p.check(p.buf[at:at+n]) == nil {
			out := p.pass(at, nil)
			return append(out, p.cut(false)...)
		}
	}
	if len(p.buf) == 0 {
		return p.flush(nil)
	}
	return nil
}

// End implements Decoder.
func (p *packets) End() []Decoded {
	out := p.flush(p.cut(true))
	p.buf, p.left = p.buf[:0], 0
	return out
}

// measure returns the length of the packet that begins b; ok is false when none
// does. Where b is too short to tell, the length is more than b has.
func (p *packets) measure(b []byte) (n int, ok bool) {
	k := min(len(b), len(p.start))
	if !bytes.Equal(b[:k], p.start[:k]) {
		return 0, false
	}
	if len(b) < p.head {
		return p.head, true
	}
	n = p.size(b[:p.head])
	return n, n > 0
}

// cut takes whole packets from the front of the buffer. At the end of the
// stream a packet that is not whole is none.
func (p *packets) cut(end bool) (out []Decoded) {
	rest := p.buf
	defer func() { p.buf = append(p.buf[:0], rest...) }()
	for len(rest) > 0 {
		n, ok := p.measure(rest)
		switch {
		case !ok:
			out, rest = append(out, p.skip(rest[0], nil, 0)...), rest[1:]
		case n > len(rest) && !end:
			return out
		case n > len(rest) && len(rest) <= p.head:
			out, rest = append(out, p.skip(rest[0], nil, 0)...), rest[1:]
		case n > len(rest):
			out, rest = append(out, p.skip(rest[0], fmt.Errorf("the stream ends in a packet of %d bytes", n), len(rest))...), rest[1:]
		default:
			packet := rest[:n]
			if err := p.check(packet); err != nil {
				out, rest = append(out, p.skip(rest[0], err, n)...), rest[1:]
				continue
			}
			out = p.flush(out)
			m, err := p.read(packet)
			if err != nil {
				err = fmt.Errorf("%s packet % X: %w", p.format, packet, err)
			}
			out = append(out, Decoded{Raw: bytes.Clone(packet), Message: m, Err: err})
			rest = rest[n:]
		}
	}
	return out
}

// skip passes one byte which begins no packet; why it does not, if it seemed to
// begin one of size bytes. A damaged packet is told once, whatever seems to
// begin within it.
func (p *packets) skip(c byte, why error, size int) (out []Decoded) {
	switch {
	case p.left > 0:
		p.left--
	case why != nil:
		out = p.flush(nil)
		p.why, p.left = why, size-1
	}
	p.noise = append(p.noise, c)
	if len(p.noise) >= maxNoise {
		out = p.flush(out)
	}
	return out
}

// pass makes noise of the first n bytes of the buffer.
func (p *packets) pass(n int, out []Decoded) []Decoded {
	for _, c := range p.buf[:n] {
		out = append(out, p.skip(c, nil, 0)...)
	}
	p.buf = append(p.buf[:0], p.buf[n:]...)
	return out
}

// flush ends the noise, if there is any.
func (p *packets) flush(out []Decoded) []Decoded {
	if len(p.noise) == 0 {
		p.why, p.left = nil, 0
		return out
	}
	err := fmt.Errorf("%s: %d bytes that begin no packet: noise, or a wrong baud rate", p.format, len(p.noise))
	if p.why != nil {
		err = fmt.Errorf("%s packet % X: %w", p.format, p.noise, p.why)
	}
	out = append(out, Decoded{Raw: bytes.Clone(p.noise), Err: err})
	p.noise, p.why, p.left = p.noise[:0], nil, 0
	return out
}
