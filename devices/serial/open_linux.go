package serial

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// Port is an open serial port for somebody who speaks with what is at its end:
// nobody else has it, and it tells when it was unplugged. Reading and writing may
// be done by two goroutines; Close comes after both.
type Port struct {
	port  *port
	wait  time.Duration
	early int
}

// Open opens a port, as Config.Port names it.
func Open(name string, baud int) (*Port, error) {
	wait := patience().read
	p, err := openPort(name, byID, baud, wait)
	if err != nil {
		return nil, err
	}
	return &Port{port: p, wait: wait}, nil
}

// Read gives 0, nil when nothing came for a moment, and an error when the port
// is gone.
func (p *Port) Read(b []byte) (int, error) {
	began := time.Now()
	n, err := p.port.read(b)
	if err == nil {
		p.early = 0
		return n, nil
	}
	switch {
	case errors.Is(err, io.EOF) && time.Since(began) >= p.wait/2:
		p.early = 0 // nothing was said within the time
	case errors.Is(err, io.EOF) && p.early < 2:
		p.early++ // an unplugged port ends each read at once, for ever
	default:
		return n, fmt.Errorf("port %q is gone: %w", p.port.device, err)
	}
	return n, p.port.gone()
}

// Write never blocks: what the port does not take at once is an error.
func (p *Port) Write(b []byte) (int, error) {
	n, err := unix.Write(p.port.fd, b)
	if err != nil {
		return max(n, 0), fmt.Errorf("write to port %q: %w", p.port.device, err)
	}
	return n, nil
}

// Close lets go of it.
func (p *Port) Close() error {
	p.port.close()
	return nil
}
