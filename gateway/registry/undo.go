package registry

import (
	"context"
	"time"
)

// UndoFor is how long an edit can be taken back.
const UndoFor = 15 * time.Minute

// undo is what was before the newest edit of a record. It is kept in memory
// only: what is taken out is to be gone from the disk.
type undo struct {
	revision int64 // that the edit made
	was      inForce
	by       string
	at       time.Time
}

func (s *Store) remember(u undo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = u
}

// Undo takes back the edit of a record that has made an edition, if it was theirs
// and nothing has changed since. What it brings back has the ids that it had.
func (s *Store) Undo(ctx context.Context, by string, made int64, now time.Time, check func(*Document) error) (Changes, error) {
	s.mu.Lock()
	u := s.last
	s.mu.Unlock()
	if u.was.body == nil || u.by != by || u.revision != made || now.Sub(u.at) > UndoFor {
		return Changes{}, ErrNothing
	}
	c, err := s.change(ctx, func(was inForce) (*data, error) {
		if was.revision != u.revision {
			return nil, ErrNothing
		}
		d, err := Parse("`telecare export`, as it was", u.was.body)
		if err != nil {
			return nil, err
		}
		if check != nil {
			if err := check(d); err != nil {
				return nil, err
			}
		}
		return &d.data, nil
	}, u.was.ids)
	if err == nil {
		s.remember(undo{})
	}
	return c, err
}
