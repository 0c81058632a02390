package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/gateway/sqlite"
)

// ErrFresh says that the journal begins anew: the file that held it was damaged
// and is set aside, whole, beside the new one. Nothing of the old one is in the
// new one: give it what is still known as its first record.
var ErrFresh error = fresh{}

type fresh struct{}

func (fresh) Error() string {
	return "the journal was damaged; it is set aside and a new one begins"
}

// Fresh tells this error from others without naming it.
func (fresh) Fresh() bool { return true }

// Store is a journal that need not be there yet. Each call opens it if it is
// not open; a file that is no journal, or damaged, is set aside so that nothing
// stands for ever in the way of a new one. It also keeps the newest snapshot in
// a file of its own, for a start at which the journal cannot be read, and a
// reserve of disk space that it gives up when the disk is full.
type Store struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex // held while opening
	j       *Journal
	reserve reserve
}

// NewStore makes a store; nothing is opened yet.
func NewStore(path string, log *slog.Logger) *Store {
	return &Store{path: path, log: log, reserve: reserve{path: filepath.Join(filepath.Dir(path), "reserve")}}
}

// open returns the open journal.
func (s *Store) open(ctx context.Context) (*Journal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.j != nil {
		return s.j, nil
	}
	j, err := Open(ctx, s.path)
	if sqlite.Damaged(err) {
		if err = s.setAside(err); err == nil {
			j, err = Open(ctx, s.path)
		}
	}
	if err != nil {
		return nil, err
	}
	s.j = j
	s.reserve.keep(time.Now())
	return j, nil
}

// setAside renames the file and what belongs to it.
func (s *Store) setAside(why error) error {
	as, err := sqlite.SetAside(s.path)
	s.log.Error("the journal is damaged; it is set aside and a new one begins", "as", as, "error", why)
	if err != nil {
		return fmt.Errorf("set the damaged journal aside: %w", err)
	}
	return nil
}

// failed looks at an error of an open journal. A damaged file is closed and
// set aside: the error is then ErrFresh.
func (s *Store) failed(err error) error {
	switch {
	case sqlite.Full(err):
		s.reserve.release(s.log)
	case sqlite.Damaged(err):
		return s.renew(err)
	}
	return err
}

// renew sets a damaged journal aside, so that the next call begins a new one.
func (s *Store) renew(why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.j != nil {
		closed := s.j.Close()
		s.j = nil
		if aside := s.setAside(errors.Join(why, closed)); aside != nil {
			return aside
		}
	}
	return fmt.Errorf("%w: %w", ErrFresh, why)
}

// Append is Journal.Append.
func (s *Store) Append(ctx context.Context, recs []alerting.Record) error {
	j, err := s.open(ctx)
	if err != nil {
		return s.failed(err)
	}
	if err := j.Append(ctx, recs); err != nil {
		if seq, _, e := j.Head(ctx); e == nil && seq == 0 && recs[0].Seq > 1 {
			return fmt.Errorf("%w: %w", ErrFresh, err)
		}
		return s.failed(err)
	}
	s.reserve.keep(time.Now())
	return nil
}

// SaveSnapshot is Journal.SaveSnapshot, and keeps the snapshot outside, too.
func (s *Store) SaveSnapshot(ctx context.Context, snap alerting.Snapshot) error {
	outside := s.saveOutside(snap)
	j, err := s.open(ctx)
	if err != nil {
		return errors.Join(outside, err)
	}
	if err := j.SaveSnapshot(ctx, snap); err != nil {
		return errors.Join(outside, s.failed(err))
	}
	return outside
}

// Snapshots is Reader.Snapshots.
func (s *Store) Snapshots(ctx context.Context) ([]alerting.Snapshot, error) {
	j, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return j.Snapshots(ctx)
}

// Records is Reader.Records.
func (s *Store) Records(ctx context.Context, after int64, each func(alerting.Record) error) error {
	j, err := s.open(ctx)
	if err != nil {
		return err
	}
	return j.Records(ctx, after, each)
}

// Close closes the journal, if it is open.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.j == nil {
		return nil
	}
	return s.j.Close()
}
