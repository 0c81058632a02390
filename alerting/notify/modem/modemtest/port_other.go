//go:build !linux

package modemtest

import "errors"

type wire struct{}

var errNotHere = errors.New("a simulated modem needs Linux")

// New says that there is none on this system.
func New(string) (*Modem, error) { return nil, errNotHere }

// Replug says so, too.
func (m *Modem) Replug() error { return errNotHere }

// Unplug does nothing.
func (m *Modem) Unplug() {}

// Close does nothing.
func (m *Modem) Close() {}

func (m *Modem) pull()        {}
func (m *Modem) write(string) {}
