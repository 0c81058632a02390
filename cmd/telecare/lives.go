package main

import (
	"errors"
	"io/fs"
	"os"

	"telecare/gateway/sqlite"
)

// lives is where the gateway keeps when devices were last heard.
func (f folder) lives() string { return string(f) + "/lives.json" }

// lastHeard is that file. It is written beside itself and then put in its own
// place, so that it is whole at any moment; the newest seconds may be lost.
type lastHeard string

func (f lastHeard) Load() ([]byte, error) {
	b, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

func (f lastHeard) Save(b []byte) error {
	next := string(f) + ".new"
	if err := os.WriteFile(next, b, 0o600); err != nil {
		return err
	}
	return os.Rename(next, string(f))
}

// tests is where the gateway keeps what silent tests of channels have shown.
func (f folder) tests() string { return string(f) + "/tests.json" }

// lastTests is that file. Of channels that may be others since it was written
// nothing is known.
type lastTests struct{ h *house }

func (t lastTests) Load() ([]byte, error) {
	path := t.h.data.tests()
	at, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if cfg, err := os.Stat(t.h.file); err == nil && cfg.ModTime().After(at.ModTime()) {
		return nil, nil
	}
	return os.ReadFile(path)
}

func (t lastTests) Save(b []byte) error { return sqlite.Replace(t.h.data.tests(), b) }
