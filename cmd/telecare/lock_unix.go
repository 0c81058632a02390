//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lock keeps a second gateway out of the folder until it is called back.
func (f folder) lock() (unlock func(), err error) {
	path := filepath.Join(string(f), "lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("data folder %q is used by another gateway that is running: stop it, or give another folder", string(f))
	}
	return func() { file.Close() }, nil
}
