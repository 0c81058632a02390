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
	"telecare/gateway/sqlite"
)

// outside is where the newest snapshot is kept beside the journal.
func (s *Store) outside() string { return filepath.Join(filepath.Dir(s.path), "snapshot.json") }

// kept is that file's first line: the snapshot and its checksum. The state
// follows as it is: it is megabytes, which JSON would copy again and again.
type kept struct {
	Snapshot alerting.Snapshot
	Sum      []byte
}

// saveOutside replaces the file in one step.
func (s *Store) saveOutside(snap alerting.Snapshot) error {
	head := kept{snap, checksum(genesis, &snap)}
	head.Snapshot.State = nil
	b, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("snapshot outside the journal: %w", err)
	}
	if err := sqlite.Replace(s.outside(), append(b, '\n'), snap.State); err != nil {
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
	head, state, lines := bytes.Cut(b, []byte("\n"))
	if err == nil {
		err = json.Unmarshal(head, &k)
	}
	if lines {
		k.Snapshot.State = state
	}
	if err == nil && !bytes.Equal(k.Sum, checksum(genesis, &k.Snapshot)) {
		err = errors.New("its checksum does not match")
	}
	if err != nil {
		return alerting.Snapshot{}, false, fmt.Errorf("snapshot outside the journal: %w", err)
	}
	return k.Snapshot, true, nil
}
