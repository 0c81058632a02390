package main

import (
	"errors"
	"io/fs"
	"os"
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
