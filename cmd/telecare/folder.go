package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"telecare/devices/serial"
	"telecare/gateway/config"
	"telecare/gateway/sqlite"
)

// folder is where a gateway keeps what it must not lose.
type folder string

func (f folder) journal() string  { return filepath.Join(string(f), "journal.db") }
func (f folder) spool() string    { return filepath.Join(string(f), "spool.db") }
func (f folder) registry() string { return filepath.Join(string(f), "registry.db") }

// session is where a source keeps the name of its session with a broker.
func (f folder) session(source string) string {
	return filepath.Join(string(f), "session."+source)
}

// profiles is where it is kept what the sensors of a source were taught in with;
// "" for formats without.
func (f folder) profiles(source, format string) string {
	if format != serial.ESP3 {
		return ""
	}
	return filepath.Join(string(f), "profiles."+source)
}

// make makes the folder, for nobody but us.
func (f folder) make() error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}

// linkKey signs links. It is made at the first start; beside an error it is one
// that lasts as long as the process.
func (f folder) linkKey() ([]byte, error) {
	path := filepath.Join(string(f), "link.key")
	key, err := os.ReadFile(path)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	damaged := err == nil
	key = make([]byte, 32)
	rand.Read(key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return key, fmt.Errorf("read the key that signs links: %w", err)
	}
	if err := sqlite.Replace(path, key); err != nil {
		return key, fmt.Errorf("keep the key that signs links: %w", err)
	}
	if damaged {
		return key, fmt.Errorf("%q was damaged and is made anew: links that were sent before do not open", path)
	}
	return key, nil
}

// place is how commands find a gateway's folder.
type place struct {
	Config string `short:"c" default:"${config}" help:"The configuration." type:"path"`
	Data   string `help:"The data folder, instead of the configuration's." type:"path"`
}

// data finds the folder, and makes the process its owner's.
func (p place) data() (folder, error) {
	if p.Data != "" {
		return folder(p.Data), folder(p.Data).asOwner()
	}
	cfg, err := config.Load(p.Config)
	if err != nil {
		return "", err
	}
	return folder(cfg.Data), folder(cfg.Data).asOwner()
}

// usualConfig is telecare.yaml in the current folder or else, where there is
// one, the Debian package's.
func usualConfig() string {
	const name = "telecare.yaml"
	if installed := filepath.Join(systemFolder, name); !exists(name) && exists(installed) {
		return installed
	}
	return name
}

// exists reports whether there is such a file, also one that we may not look
// at: then that is what to be told.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
