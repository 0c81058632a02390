package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"telecare/alerting"
)

// outside is where the newest snapshot is kept beside the journal.
func (s *Store) outside() string { return filepath.Join(filepath.Dir(s.path), "snapshot.json") }

// kept is that file: the snapshot and its checksum.
type kept struct {
	Snapshot alerting.Snapshot
	Sum      []byte
}

// saveOutside replaces the file in one step.
func (s *Store) saveOutside(snap alerting.Snapshot) error {
	b, err := json.Marshal(kept{snap, checksum(genesis, &snap)})
	if err != nil {
		return fmt.Errorf("snapshot outside the journal: %w", err)
	}
	path := s.outside()
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("snapshot outside the journal: %w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("snapshot outside the journal: %w", err)
	}
	return nil
}

// Outside returns the snapshot that is kept beside the journal, for a start at
// which the journal cannot be read; false when there is none.
func (s *Store) Outside() (alerting.Snapshot, bool, error) {
	b, err := os.ReadFile(s.outside())
	if errors.Is(err, fs.ErrNotExist) {
		return alerting.Snapshot{}, false, nil
	}
	var k kept
	if err == nil {
		err = json.Unmarshal(b, &k)
	}
	if err == nil && !bytes.Equal(k.Sum, checksum(genesis, &k.Snapshot)) {
		err = errors.New("its checksum does not match")
	}
	if err != nil {
		return alerting.Snapshot{}, false, fmt.Errorf("snapshot outside the journal: %w", err)
	}
	return k.Snapshot, true, nil
}
