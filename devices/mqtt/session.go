package mqtt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A session names one run of packet identifiers. A broker that kept our session
// goes on counting; one that lost it begins again at 1, and then an identifier
// of before must not make a new press look like an old one delivered twice.
//
// The name is kept in a file, so that a message which the broker repeats after
// our restart is still known. Without it such a message is taken for a new one:
// a call too many, never one too few.
type session struct {
	source string
	path   string        // "" keeps the name in memory only
	wait   time.Duration // how long a disk that hangs may hold a connection up
	epoch  string
}

// name gives the session's name after a connection whose broker says whether it
// kept our session. The error says that the name could not be kept; the name is
// good all the same.
func (s *session) name(kept bool, now time.Time) (string, error) {
	var loadErr, saveErr error
	if kept && s.epoch == "" && s.path != "" {
		s.epoch, loadErr = s.within(func() (string, error) { return loadEpoch(s.path) })
	}
	if !kept || s.epoch == "" {
		epoch := strconv.FormatInt(now.UnixNano(), 36)
		s.epoch = epoch
		if s.path != "" {
			_, saveErr = s.within(func() (string, error) { return "", saveEpoch(s.path, epoch) })
		}
	}
	return s.source + "/" + s.epoch, errors.Join(loadErr, saveErr)
}

// within leaves a slow disk behind.
func (s *session) within(do func() (string, error)) (string, error) {
	type result struct {
		epoch string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		epoch, err := do()
		done <- result{epoch, err}
	}()
	select {
	case r := <-done:
		return r.epoch, r.err
	case <-time.After(s.wait):
		return "", fmt.Errorf("the session's name: the disk did not answer for %v", s.wait)
	}
}

// loadEpoch reads what saveEpoch wrote; "" when there is nothing readable, for
// which a new name is the safe answer.
func loadEpoch(path string) (string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the session's name: %w", err)
	}
	epoch := strings.TrimSpace(string(b))
	if _, err := strconv.ParseInt(epoch, 36, 64); err != nil {
		return "", fmt.Errorf("read the session's name: %q is damaged", path)
	}
	return epoch, nil
}

// saveEpoch writes it so that it is there whole or not at all.
func saveEpoch(path, epoch string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep the session's name: %w", err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(epoch + "\n")
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // rubbish, whatever becomes of it
		return err
	}
	// A power cut must not bring the old name back: a press that is repeated then
	// would be looked for among the messages of another run. [fsync(2)]
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // some systems sync no folders
		_ = dir.Close()
	}
	return nil
}
