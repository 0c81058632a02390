//go:build !linux

package serial

import "errors"

// Try is for Linux, as serial lines are.
func Try(Config) error { return errors.New("serial lines are read on Linux only") }
