package influx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"telecare/gateway/sqlite"
)

// store returns the open file. One that a bad disk has damaged is set aside,
// whole, so that it does not stand in the way for ever: a new one begins.
func (s *Spool) store(ctx context.Context) (*sqlite.DB, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.db != nil {
		return s.db, nil
	}
	if s.closed {
		return nil, errors.New("it is closed")
	}
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, s.path, sub, sqlite.Options{})
	if sqlite.Damaged(err) {
		if err = s.setAside(err); err == nil {
			db, err = sqlite.Open(ctx, s.path, sub, sqlite.Options{})
		}
	}
	if err != nil {
		return nil, err
	}
	// What waited in one that is set aside does not reach InfluxDB by itself. Of
	// one that was damaged before we knew what it held, nobody knows.
	if s.lost != (totals{}) {
		err := db.Write(ctx, func(tx *sql.Tx) error {
			_, err := tx.Exec("UPDATE totals SET dropped = dropped + ?, poisoned = poisoned + ?", s.lost.dropped+s.lost.points, s.lost.poisoned)
			return err
		})
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		s.lost = totals{}
	}
	s.db = db
	return db, nil
}

// failed looks at an error of the file that store has given.
func (s *Spool) failed(db *sqlite.DB, err error) error {
	if db == nil || !sqlite.Damaged(err) {
		return err
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.db != db {
		return err // another call has done it
	}
	s.db, s.lost = nil, s.now()
	return errors.Join(err, db.Close(), s.setAside(err))
}

// setAside renames the file and what belongs to it.
func (s *Spool) setAside(why error) error {
	as, err := sqlite.SetAside(s.path)
	s.log.Error("the spool is damaged; it is set aside and a new one begins: what waited in it does not reach InfluxDB", "as", as, "error", why)
	if err != nil {
		return fmt.Errorf("set the damaged spool aside: %w", err)
	}
	return nil
}
