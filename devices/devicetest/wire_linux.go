package devicetest

import (
	"fmt"
	"os"

	"github.com/creack/pty"
)

// Wire is the far end of a serial line, a pseudo-terminal: what is written to it
// comes out of the port, and what is written to the port can be read, with
// deadlines.
type Wire struct {
	*os.File
	Port string // the device to open
	near *os.File
}

// NewWire makes one; bytes pass as they are.
func NewWire() (*Wire, error) {
	m, near, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	defer m.Close()
	far, err := pollable(m)
	if err == nil {
		err = raw(near)
	}
	if err != nil {
		near.Close()
		if far != nil {
			far.Close()
		}
		return nil, fmt.Errorf("open a pseudo-terminal: %w", err)
	}
	return &Wire{File: far, Port: near.Name(), near: near}, nil
}

// Close pulls the line out.
func (w *Wire) Close() error {
	_ = w.near.Close() // held only so that the far end works while nobody listens
	return w.File.Close()
}
