//go:build !linux

package serial

import (
	"context"
	"errors"
	"log/slog"

	"telecare/devices"
)

var errNotHere = errors.New("serial ports are not supported on this system: run the gateway on Linux, or use MQTT")

// Line reads a serial port; only on Linux.
type Line struct{}

// New checks the configuration and says that serial ports are not supported.
func New(cfg Config, handle devices.Handler, log *slog.Logger) (*Line, error) {
	if _, err := cfg.validate(); err != nil {
		return nil, err
	}
	return nil, errNotHere
}

// String names the task.
func (l *Line) String() string { return "serial line: not supported on this system" }

// Ready is why there is none.
func (l *Line) Ready() error { return errNotHere }

// Run returns at once.
func (l *Line) Run(ctx context.Context) error { return errNotHere }

// Port is an open serial port; only on Linux.
type Port struct{}

// Open says that there is none on this system.
func Open(string, int) (*Port, error) { return nil, errNotHere }

// Read says so.
func (p *Port) Read([]byte) (int, error) { return 0, errNotHere }

// Write says so.
func (p *Port) Write([]byte) (int, error) { return 0, errNotHere }

// Close does nothing.
func (p *Port) Close() error { return nil }
