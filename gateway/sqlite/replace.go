package sqlite

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace puts a small file that is no database in its place whole, for nobody's
// eyes but ours. What is read is what was there before or what is written now,
// also after a power cut; when it has returned, what was there before is gone.
func Replace(path string, content ...[]byte) error {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for _, b := range content {
		if err == nil {
			_, err = f.Write(b)
		}
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
