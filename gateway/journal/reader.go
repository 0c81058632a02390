package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"telecare/alerting"
	"telecare/gateway/sqlite"
)

// Reader reads a journal. Its methods may be called from several goroutines.
type Reader struct{ db *sqlite.DB }

// OpenReader opens an existing journal for reading only, also while this
// process is writing it. The journal of a gateway that runs belongs to its
// process: others ask that one.
func OpenReader(ctx context.Context, path string) (*Reader, error) {
	db, err := sqlite.OpenReader(ctx, path, migrations(), sqlite.Options{})
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	r := &Reader{db: db}
	if err := r.checkFormat(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return r, nil
}

func (r *Reader) checkFormat(ctx context.Context) error {
	var got int
	err := r.db.Read(ctx, func(db *sql.DB) error {
		return db.QueryRowContext(ctx, "SELECT format FROM meta").Scan(&got)
	})
	if err != nil {
		return fmt.Errorf("journal: format: %w", err)
	}
	if got > format {
		return fmt.Errorf("journal %q: %w: format %d, this program knows %d: install the program that wrote it, or a later one", r.db.Path(), sqlite.ErrNewer, got, format)
	}
	if got < format {
		return fmt.Errorf("journal %q: format %d, this program knows %d: use the program that wrote it", r.db.Path(), got, format)
	}
	return nil
}

// Head returns the last record's number and hash: 0 and 32 zero bytes for an
// empty journal.
func (r *Reader) Head(ctx context.Context) (seq int64, hash []byte, err error) {
	err = r.db.Read(ctx, func(db *sql.DB) error {
		seq, hash, err = head(ctx, db)
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("journal: head: %w", err)
	}
	return seq, hash, nil
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func head(ctx context.Context, q querier) (seq int64, hash []byte, err error) {
	err = q.QueryRowContext(ctx, "SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1").Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, genesis, nil
	}
	return seq, hash, err
}

// Records calls each with every record after the given number, in order, and
// stops at its first error. It holds one page of records at a time and no lock
// while each runs; it does not check the chain: see Verify.
func (r *Reader) Records(ctx context.Context, after int64, each func(alerting.Record) error) error {
	return r.walk(ctx, after, func(row row) error {
		if row.rec.Seq != after+1 {
			return badRecord{after + 1, "is missing"}
		}
		if row.bad != "" {
			return badRecord{row.rec.Seq, "is damaged: " + row.bad}
		}
		after++
		return each(row.rec)
	})
}

// page is how many records are read at once: a reader that stays in one
// transaction keeps the write-ahead log from starting again.
const page = 500

func (r *Reader) walk(ctx context.Context, after int64, each func(row) error) error {
	for {
		var rows []row
		err := r.db.Read(ctx, func(db *sql.DB) (err error) {
			rows, err = readPage(ctx, db, after)
			return err
		})
		if err != nil {
			return fmt.Errorf("journal: records after %d: %w", after, err)
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
			after = row.rec.Seq
		}
		if len(rows) == 0 {
			return nil
		}
	}
}

func readPage(ctx context.Context, db *sql.DB, after int64) ([]row, error) {
	rows, err := db.QueryContext(ctx, "SELECT "+columns+" FROM records WHERE seq > ? ORDER BY seq LIMIT ?", after, page)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var got []row
	for size := 0; size < 1<<20 && rows.Next(); {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		size += len(row.rec.Body)
		got = append(got, row)
	}
	return got, rows.Err()
}

const columns = "seq, at, version, kind, body, digest, delivery, hash"

// row is a record as it is on disk.
type row struct {
	rec  alerting.Record
	hash []byte
	bad  string // why it cannot be a record of ours
}

func scan(s interface{ Scan(...any) error }) (row, error) {
	var r row
	var at int64
	var digest []byte
	if err := s.Scan(&r.rec.Seq, &at, &r.rec.Version, &r.rec.Kind, &r.rec.Body, &digest, &r.rec.Delivery, &r.hash); err != nil {
		return row{}, err
	}
	r.rec.At = time.Unix(0, at).UTC()
	if copy(r.rec.Digest[:], digest) != len(digest) || len(digest) != len(r.rec.Digest) {
		r.bad = fmt.Sprintf("digest of %d bytes", len(digest))
	}
	if len(r.hash) != sha256.Size {
		r.bad = fmt.Sprintf("hash of %d bytes", len(r.hash))
	}
	return r, nil
}

// Snapshots returns the sound snapshots, newest first. They can be used also
// beside an error, which says which others there are and why they are not among
// them: damaged ones, or all when the journal cannot be read.
func (r *Reader) Snapshots(ctx context.Context) ([]alerting.Snapshot, error) {
	var good []alerting.Snapshot
	var bad []error
	err := r.snapshots(ctx, func(s alerting.Snapshot, why string) {
		if why != "" {
			bad = append(bad, fmt.Errorf("journal: snapshot %d is damaged: %s", s.Seq, why))
			return
		}
		good = append(good, s)
	})
	if err != nil {
		bad = append(bad, fmt.Errorf("journal: snapshots: %w", err))
	}
	return good, errors.Join(bad...)
}

// snapshots calls each with every snapshot, newest first, and with what is wrong
// with it, "" when nothing is.
func (r *Reader) snapshots(ctx context.Context, each func(s alerting.Snapshot, why string)) error {
	return r.db.Read(ctx, func(db *sql.DB) error {
		// The record's own hash is NULL when it is gone.
		rows, err := db.QueryContext(ctx, `SELECT s.seq, s.at, s.version, s.state, s.head, s.sum, r.hash
			FROM snapshots s LEFT JOIN records r ON r.seq = s.seq ORDER BY s.seq DESC`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s alerting.Snapshot
			var at int64
			var head, sum, record []byte
			if err := rows.Scan(&s.Seq, &at, &s.Version, &s.State, &head, &sum, &record); err != nil {
				return err
			}
			s.At = time.Unix(0, at).UTC()
			if s.Seq == 0 {
				record = genesis
			}
			why := ""
			switch {
			case string(sum) != string(checksum(head, &s)):
				why = "its checksum does not match"
			case record == nil:
				why = "its last record is not in the journal"
			case string(record) != string(head):
				why = "its last record is another one than when it was made"
			}
			each(s, why)
		}
		return rows.Err()
	})
}

// Close closes the journal.
func (r *Reader) Close() error {
	if err := r.db.Close(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
