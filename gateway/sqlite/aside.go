package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// SetAside renames a store's damaged file, with what belongs to it, so that a new
// one can begin, and returns the name it has now. The store must be closed.
func SetAside(path string) (as string, err error) {
	to := path + ".damaged-" + time.Now().UTC().Format("20060102T150405")
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(path+suffix, to+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return filepath.Base(to), err
		}
	}
	return filepath.Base(to), nil
}
