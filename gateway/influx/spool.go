// Package influx brings readings and closed alarms to InfluxDB. It guarantees:
//
//   - Append returns nil only when what it was given is on disk (fsync), as one
//     batch. From there it reaches InfluxDB at least once, in order, whatever
//     crashes between; a point that comes twice is the same point, because its
//     tags and its time were fixed before.
//   - A point that InfluxDB will never take is set aside, and holds up no other.
//   - While InfluxDB is away, or refuses us, everything is kept, up to a quota;
//     then the oldest goes first, and is counted.
//   - A file that a bad disk has damaged is set aside, whole, and a new one
//     begins; what waited in it is counted as given up.
//
// Only opaque ids leave: nothing else comes in.
package influx

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/sqlite"
)

//go:embed migrations/*.sql
var files embed.FS

// maxRows is how many rows a transaction deletes at most: a longer one would
// hold up the next Append.
const maxRows = 500

// maxPoison is how many points that InfluxDB refused are kept to be looked at.
const maxPoison = 1000

// Spool keeps batches of points on disk until they are in InfluxDB. Its methods
// may be called from several goroutines; one Forwarder empties it.
type Spool struct {
	path  string
	log   *slog.Logger
	site  string
	quota atomic.Int64
	wake  chan struct{} // holds one token when something was appended

	opening sync.Mutex // over the file
	db      *sqlite.DB // nil until it is opened, anew
	closed  bool
	lost    totals // what was in a file that was set aside

	mu     sync.Mutex
	totals totals
}

// totals are the row of the table of that name.
type totals struct{ points, bytes, dropped, poisoned int64 }

// OpenSpool opens the spool of a site, creating it when missing. The quota is
// in bytes of points; the file is somewhat larger.
func OpenSpool(ctx context.Context, path string, site string, quota int64, log *slog.Logger) (*Spool, error) {
	if clean(site) == "" {
		return nil, errors.New("spool: the site has no name: every point is tagged with it")
	}
	if quota <= 0 {
		return nil, fmt.Errorf("spool: quota of %d bytes: nothing could be kept; set one, such as 1 GiB", quota)
	}
	s := &Spool{path: path, log: log, site: site, wake: make(chan struct{}, 1)}
	s.quota.Store(quota)
	for {
		more, err := s.trim(ctx)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		if !more {
			return s, nil
		}
	}
}

// SetQuota changes the quota. A smaller one holds from the next Append on.
func (s *Spool) SetQuota(quota int64) { s.quota.Store(quota) }

// Append keeps samples and closed alarms. It returns nil only when they are on
// disk. After an error they may be there or not; they may be appended again,
// since a point that comes twice is the same point. NaN and infinite values,
// and samples without a time, are left out.
//
// A commit under way is not broken off by the context.
func (s *Spool) Append(ctx context.Context, samples []devices.Sample, closed []alerting.Alarm) error {
	lines, points := encode(s.site, samples, closed)
	if points == 0 {
		return nil
	}
	err := s.write(ctx, func(tx *sql.Tx, t *totals) error {
		res, err := tx.Exec("INSERT INTO batches (points, bytes, lines) VALUES (?, ?, ?)", points, len(lines), lines)
		if err != nil {
			return err
		}
		seq, err := res.LastInsertId()
		if err != nil {
			return err
		}
		t.points += int64(points)
		t.bytes += int64(len(lines))
		return s.drop(tx, t, seq)
	})
	if err != nil {
		return err
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
	return nil
}

// Dropped returns how many points were given up, for the quota or with a damaged
// file, ever.
func (s *Spool) Dropped() int64 { return s.now().dropped }

// Stats returns how much waits and what became of the rest; Written is the
// Forwarder's.
func (s *Spool) Stats() Stats {
	t := s.now()
	return Stats{Points: t.points, Bytes: t.bytes, Dropped: t.dropped, Poisoned: t.poisoned}
}

func (s *Spool) now() totals {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.totals
}

// Poison is a point that InfluxDB refused.
type Poison struct {
	Line    string
	Message string // what InfluxDB said
}

// Poisons returns the points that were set aside last, newest first.
func (s *Spool) Poisons(ctx context.Context) ([]Poison, error) {
	var got []Poison
	err := s.read(ctx, func(_ *sqlite.DB, db *sql.DB) error {
		rows, err := db.QueryContext(ctx, "SELECT line, message FROM poison ORDER BY id DESC")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p Poison
			if err := rows.Scan(&p.Line, &p.Message); err != nil {
				return err
			}
			got = append(got, p)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	return got, nil
}

// Close closes the spool.
func (s *Spool) Close() error {
	s.opening.Lock()
	defer s.opening.Unlock()
	s.closed = true
	if s.db == nil {
		return nil
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// write runs fn in a transaction, with the totals as they are on disk and as
// they will be.
func (s *Spool) write(ctx context.Context, fn func(*sql.Tx, *totals) error) error {
	db, err := s.store(ctx)
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return s.writeTo(ctx, db, fn)
}

func (s *Spool) writeTo(ctx context.Context, db *sqlite.DB, fn func(*sql.Tx, *totals) error) error {
	var t totals
	err := db.Write(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRow("SELECT points, bytes, dropped, poisoned FROM totals").Scan(&t.points, &t.bytes, &t.dropped, &t.poisoned); err != nil {
			return err
		}
		before := t
		if err := fn(tx, &t); err != nil || t == before {
			return err
		}
		if _, err := tx.Exec("UPDATE totals SET points = ?, bytes = ?, dropped = ?, poisoned = ?", t.points, t.bytes, t.dropped, t.poisoned); err != nil {
			return err
		}
		// Inside the transaction, so that they are set in the order of commits.
		// Should the commit fail, the next one puts them right.
		s.mu.Lock()
		s.totals = t
		s.mu.Unlock()
		return nil
	})
	if err != nil {
		return fmt.Errorf("spool: %w", s.failed(db, err))
	}
	return nil
}

// read runs fn with what is committed, and says in which file.
func (s *Spool) read(ctx context.Context, fn func(of *sqlite.DB, db *sql.DB) error) error {
	of, err := s.store(ctx)
	if err == nil {
		err = of.Read(ctx, func(db *sql.DB) error { return fn(of, db) })
	}
	if err != nil {
		return fmt.Errorf("spool: %w", s.failed(of, err))
	}
	return nil
}

// trim drops the oldest batches over the quota and says whether there are more.
func (s *Spool) trim(ctx context.Context) (more bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx, t *totals) error {
		s.mu.Lock()
		s.totals = *t
		s.mu.Unlock()
		before := *t
		if err := s.drop(tx, t, 0); err != nil {
			return err
		}
		more = *t != before && t.bytes > s.quota.Load()
		return nil
	})
	return more, err
}

// drop deletes the oldest batches until the quota is kept, but never the batch
// newest, and never more rows than a transaction may.
func (s *Spool) drop(tx *sql.Tx, t *totals, newest int64) error {
	quota := s.quota.Load()
	if t.bytes <= quota {
		return nil
	}
	over := t.bytes - quota
	rows, err := tx.Query("SELECT seq, points, bytes FROM batches ORDER BY seq LIMIT ?", maxRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	var last, points, bytes int64
	for over > bytes && rows.Next() {
		var seq, p, n int64
		if err := rows.Scan(&seq, &p, &n); err != nil {
			return err
		}
		if seq == newest {
			break
		}
		last, points, bytes = seq, points+p, bytes+n
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || last == 0 {
		return err
	}
	if _, err := tx.Exec("DELETE FROM batches WHERE seq <= ?", last); err != nil {
		return err
	}
	t.points -= points
	t.bytes -= bytes
	t.dropped += points
	return nil
}

// load is what is taken to InfluxDB in one write: whole batches.
type load struct {
	of          *sqlite.DB
	first, last int64 // of the batches; there may be holes between
	lines       string
	points      int
	full        bool // there was more than the limits allow
}

// next returns the oldest batches, together about as much as the limits allow
// and at least one; a load without points when the spool is empty.
func (s *Spool) next(ctx context.Context, maxPoints, maxBytes int) (load, error) {
	var l load
	var text strings.Builder
	err := s.read(ctx, func(of *sqlite.DB, db *sql.DB) error {
		l = load{of: of}
		text.Reset()
		text.Grow(int(max(0, min(s.now().bytes, int64(maxBytes)))))
		rows, err := db.QueryContext(ctx, "SELECT seq, points, lines FROM batches ORDER BY seq LIMIT ?", maxRows)
		if err != nil {
			return err
		}
		defer rows.Close()
		for n := 1; rows.Next(); n++ {
			var seq int64
			var points int
			var lines sql.RawBytes
			if err := rows.Scan(&seq, &points, &lines); err != nil {
				return err
			}
			if l.points > 0 && (l.points+points > maxPoints || text.Len()+len(lines) > maxBytes) {
				l.full = true
				break
			}
			l.full = n == maxRows
			if l.points == 0 {
				l.first = seq
			}
			l.last = seq
			l.points += points
			text.Write(lines)
		}
		return rows.Err()
	})
	if err != nil {
		return load{}, err
	}
	l.lines = text.String()
	return l, nil
}

// settle forgets a load that InfluxDB has, but for the points that it refused,
// which are set aside.
func (s *Spool) settle(ctx context.Context, l load, poison []Poison) error {
	if now, err := s.store(ctx); err == nil && now != l.of {
		return nil // it was of a file that is set aside: its numbers mean others now
	}
	return s.writeTo(ctx, l.of, func(tx *sql.Tx, t *totals) error {
		var points, bytes int64 // fewer than were loaded when the quota was faster
		if err := tx.QueryRow("SELECT coalesce(sum(points), 0), coalesce(sum(bytes), 0) FROM batches WHERE seq BETWEEN ? AND ?", l.first, l.last).Scan(&points, &bytes); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM batches WHERE seq BETWEEN ? AND ?", l.first, l.last); err != nil {
			return err
		}
		// No more than one transaction may delete again.
		for _, p := range poison[max(0, len(poison)-maxRows):] {
			if _, err := tx.Exec("INSERT INTO poison (line, message) VALUES (?, ?)", []byte(p.Line), p.Message); err != nil {
				return err
			}
		}
		if len(poison) > 0 {
			if _, err := tx.Exec("DELETE FROM poison WHERE id <= (SELECT max(id) FROM poison) - ?", maxPoison); err != nil {
				return err
			}
		}
		t.points -= points
		t.bytes -= bytes
		t.poisoned += int64(len(poison))
		return nil
	})
}
