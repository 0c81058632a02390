// Package journal keeps the machine's inputs. It guarantees:
//
//   - Append returns nil only when all its records are on disk (fsync), and
//     then they are there whole, in order, without a gap; else none is, or all
//     are, and appending the same ones again finds out: it adds what is missing
//     and is content with what is there, if it is the same.
//   - After an error the file is closed and opened anew at the next call, never
//     trusted on.
//   - Records are chained by SHA-256: whoever changes, removes or inserts one
//     breaks the chain there, and Verify says where. That the end was cut off
//     shows only against a head hash kept elsewhere.
//   - Reading never holds up an Append, here or in another process.
package journal

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"telecare/alerting"
	"telecare/gateway/sqlite"
)

//go:embed migrations/*.sql
var files embed.FS

func migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the name above is a constant
	}
	return sub
}

// ErrDiverged says that records do not continue what is on disk: one is
// missing between, or another one has its number. The file was replaced, or
// somebody else writes it.
var ErrDiverged = errors.New("the records do not continue the journal on disk")

// Journal is an open journal. Its methods may be called from several
// goroutines.
type Journal struct{ Reader }

// Open opens the journal for writing and reading, creating it when missing.
func Open(ctx context.Context, path string) (*Journal, error) {
	db, err := sqlite.Open(ctx, path, migrations(), sqlite.Options{})
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{Reader{db: db}}
	if err := j.checkFormat(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return j, nil
}

// Append adds records, the first of which continues the journal. It returns nil
// only when they are on disk. After an error the same records are appended
// again, alone or with later ones behind them. See also ErrDiverged.
//
// A commit under way is not broken off by the context, so that a disk that
// hangs holds up the caller: it belongs on a goroutine of its own.
func (j *Journal) Append(ctx context.Context, recs []alerting.Record) error {
	if err := check(recs); err != nil {
		return fmt.Errorf("journal: append: %w", err)
	}
	if len(recs) == 0 {
		return nil
	}
	err := j.db.Write(ctx, func(tx *sql.Tx) error {
		seq, hash, err := head(context.Background(), tx)
		if err != nil {
			return err
		}
		for len(recs) > 0 && recs[0].Seq <= seq {
			if err := same(tx, &recs[0]); err != nil {
				return err
			}
			recs = recs[1:]
		}
		if len(recs) == 0 {
			return nil
		}
		if recs[0].Seq != seq+1 {
			return fmt.Errorf("record %d comes after %d: %w", recs[0].Seq, seq, ErrDiverged)
		}
		return insert(tx, hash, recs)
	})
	if err != nil {
		return fmt.Errorf("journal: append: %w", err)
	}
	return nil
}

// check refuses what could not be read back as it was.
func check(recs []alerting.Record) error {
	for i, r := range recs {
		if r.Seq < 1 || i > 0 && r.Seq != recs[i-1].Seq+1 {
			return fmt.Errorf("record %d of %d has the number %d: numbers start at 1 and have no gaps", i+1, len(recs), r.Seq)
		}
		if err := checkTime(r.At); err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
	}
	return nil
}

// checkTime refuses times that nanoseconds since 1970 cannot tell. [time.Time.UnixNano]
func checkTime(t time.Time) error {
	if t.Before(time.Unix(0, math.MinInt64)) || t.After(time.Unix(0, math.MaxInt64)) {
		return fmt.Errorf("time %v: not between the years 1678 and 2262", t)
	}
	return nil
}

// same makes sure that the record is on disk with the same content.
func same(tx *sql.Tx, want *alerting.Record) error {
	row, err := scan(tx.QueryRow("SELECT "+columns+" FROM records WHERE seq = ?", want.Seq))
	if err != nil {
		return fmt.Errorf("record %d: %w", want.Seq, err)
	}
	got := row.rec
	if !got.At.Equal(want.At) || got.Version != want.Version || got.Kind != want.Kind || got.Digest != want.Digest ||
		got.Delivery != want.Delivery || !bytes.Equal(got.Body, want.Body) {
		return fmt.Errorf("record %d is there with another content: %w", want.Seq, ErrDiverged)
	}
	return nil
}

func insert(tx *sql.Tx, hash []byte, recs []alerting.Record) error {
	stmt, err := tx.Prepare("INSERT INTO records (" + columns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer stmt.Close()
	for i := range recs {
		r := &recs[i]
		hash = chain(hash, r)
		if _, err := stmt.Exec(r.Seq, r.At.UnixNano(), r.Version, r.Kind, blob(r.Body), r.Digest[:], r.Delivery, hash); err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
	}
	return nil
}

// blob keeps nil from becoming NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// keep is how many snapshots there are: one may be damaged, and the one before
// it too.
const keep = 3

// SaveSnapshot keeps a snapshot of the machine after a record that is on disk,
// and the two before it. It returns nil only when it is on disk.
func (j *Journal) SaveSnapshot(ctx context.Context, s alerting.Snapshot) error {
	if err := checkTime(s.At); err != nil {
		return fmt.Errorf("journal: snapshot %d: %w", s.Seq, err)
	}
	err := j.db.Write(ctx, func(tx *sql.Tx) error {
		hash := genesis
		if s.Seq != 0 {
			err := tx.QueryRow("SELECT hash FROM records WHERE seq = ?", s.Seq).Scan(&hash)
			if errors.Is(err, sql.ErrNoRows) {
				// A replay would go on from a state that no record explains.
				return fmt.Errorf("its last record is not in the journal: append first: %w", ErrDiverged)
			}
			if err != nil {
				return err
			}
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO snapshots (seq, at, version, state, head, sum) VALUES (?, ?, ?, ?, ?, ?)",
			s.Seq, s.At.UnixNano(), s.Version, blob(s.State), hash, checksum(hash, &s)); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ?)", keep)
		return err
	})
	if err != nil {
		return fmt.Errorf("journal: snapshot %d: %w", s.Seq, err)
	}
	return nil
}

// Checkpoint tidies up the write-ahead log, beside appends. It runs by itself
// every so many appends; an owner who is idle may call it, too.
func (j *Journal) Checkpoint(ctx context.Context) error {
	if err := j.db.Checkpoint(ctx); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
