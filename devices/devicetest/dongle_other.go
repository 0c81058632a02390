//go:build !linux

package devicetest

import "errors"

// Dongle is a simulated serial dongle; only Linux has the pseudo-terminals for
// it.
type Dongle struct{}

var errNoDongle = errors.New("the simulated dongle needs Linux")

// NewDongle says that there is none here.
func NewDongle(link string) (*Dongle, error) { return nil, errNoDongle }

// Port is empty.
func (d *Dongle) Port() string { return "" }

// Send fails.
func (d *Dongle) Send(line string) error { return errNoDongle }

// Write fails.
func (d *Dongle) Write(b []byte) (int, error) { return 0, errNoDongle }

// Panic fails.
func (d *Dongle) Panic(address string) error { return errNoDongle }

// Beacon fails.
func (d *Dongle) Beacon(address string, lowBattery bool) error { return errNoDongle }

// Mute does nothing.
func (d *Dongle) Mute(mute bool) {}

// Asked is 0.
func (d *Dongle) Asked() int { return 0 }

// Unplug fails.
func (d *Dongle) Unplug() error { return errNoDongle }

// Replug fails.
func (d *Dongle) Replug() error { return errNoDongle }

// Close does nothing.
func (d *Dongle) Close() error { return nil }
