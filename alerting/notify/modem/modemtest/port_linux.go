package modemtest

import (
	"errors"
	"fmt"
	"os"
	"time"

	"telecare/devices/devicetest"
)

type wire = devicetest.Wire

// New plugs a modem in. With a link that is not empty, a symbolic link of that
// name leads to the port, as in /dev/serial/by-id.
func New(link string) (*Modem, error) {
	m := fresh(link)
	return m, m.Replug()
}

// Replug plugs the modem in again: a new terminal behind the same link.
func (m *Modem) Replug() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wire != nil {
		return errors.New("the simulated modem is plugged in already")
	}
	w, err := devicetest.NewWire()
	if err == nil && m.link != "" {
		_ = os.Remove(m.link) // of one that was killed
		err = os.Symlink(w.Port, m.link)
	}
	if err != nil {
		return fmt.Errorf("plug in the simulated modem: %w", err)
	}
	m.wire, m.name, m.ended = w, w.Port, make(chan struct{})
	m.reset()
	go m.listen(w, m.ended)
	return nil
}

func (m *Modem) listen(w *wire, ended chan<- struct{}) {
	defer close(ended)
	buf := make([]byte, 1024)
	for {
		n, err := w.Read(buf)
		m.set(func() {
			if m.wire == w {
				m.take(buf[:n])
			}
		})
		if err != nil {
			return
		}
	}
}

// Unplug pulls the modem out: the line hangs up and the link is gone.
func (m *Modem) Unplug() {
	m.mu.Lock()
	m.pull()
	ended := m.ended
	m.mu.Unlock()
	<-ended
}

// Close unplugs the modem for good.
func (m *Modem) Close() { m.Unplug() }

// pull pulls it out; m.mu is held.
func (m *Modem) pull() {
	if m.wire == nil {
		return
	}
	m.wire.Close()
	m.wire = nil
	if m.link != "" {
		_ = os.Remove(m.link)
	}
}

// write says something; nobody needs to listen. m.mu is held.
func (m *Modem) write(s string) {
	if m.wire == nil || m.mute {
		return
	}
	if m.wire.SetWriteDeadline(time.Now().Add(time.Second)) == nil {
		_, _ = m.wire.WriteString(s)
	}
}
