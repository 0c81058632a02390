package serial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// OpenSlots opens the memory of the dongle on a port, and calls heard for what
// devices say meanwhile. The port must be closed.
func OpenSlots(name string, heard func(Decoded)) (*Slots, func(), error) {
	p, err := openPort(name, byID, 57600, 200*time.Millisecond)
	if err != nil {
		return nil, nil, err
	}
	x := &exchange{port: p, heard: heard, wait: 2 * time.Second}
	if x.decoder, err = NewDecoder(Jablotron); err != nil {
		p.close()
		return nil, nil, err
	}
	return &Slots{ask: x.ask}, p.close, nil
}

// exchange asks, one question at a time.
type exchange struct {
	port    *port
	decoder Decoder
	heard   func(Decoded)
	wait    time.Duration // for an answer
}

// ask gives the command up to three times: to do the same again does no harm.
func (x *exchange) ask(command string, fits func(answer string) bool) (string, error) {
	buf := make([]byte, 1024)
	for range 3 {
		x.port.write([]byte("\x1b" + command + "\n"))
		for began := time.Now(); time.Since(began) < x.wait; {
			n, err := x.port.read(buf)
			answer := ""
			for _, f := range x.decoder.Feed(buf[:n]) {
				text := string(bytes.TrimSpace(f.Raw))
				switch {
				case answer == "" && f.Err == nil && fits(text):
					answer = text
				case f.Message.Device != "" && f.Message.Device != Dongle:
					x.heard(f)
				}
			}
			if answer != "" {
				return answer, nil
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return "", fmt.Errorf("port %q is gone: %w", x.port.device, err)
			}
			if err := x.port.gone(); err != nil {
				return "", err
			}
		}
	}
	return "", fmt.Errorf("port %q: the dongle does not answer %q; is it a Turris dongle?", x.port.device, command)
}
