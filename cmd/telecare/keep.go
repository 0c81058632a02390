package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"telecare/dashboards"
	"telecare/gateway/sqlite"
)

// keptFile is a small file that is replaced as a whole: what is read is what was
// written before or what is written now, also after a power cut.
type keptFile string

// secondsFile keeps the devices that show codes, as people have set them up on the
// page. It has secrets.
const secondsFile = "seconds.json"

func (f folder) seconds() string { return filepath.Join(string(f), secondsFile) }

// trySeconds says why what is kept there cannot be read; fs.ErrNotExist when
// nobody has set up a code.
func (f folder) trySeconds() error {
	b, err := os.ReadFile(f.seconds())
	if err != nil {
		return err
	}
	return dashboards.ReadableSeconds(b)
}

func (f folder) kept(name string) keptFile { return keptFile(filepath.Join(string(f), name)) }

// Load reads it; nil where there is none.
func (f keptFile) Load() ([]byte, error) {
	b, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Save replaces it.
func (f keptFile) Save(b []byte) error { return sqlite.Replace(string(f), b) }
