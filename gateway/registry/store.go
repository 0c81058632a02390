package registry

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"sync"

	"telecare/gateway/sqlite"
	"telecare/gateway/strictyaml"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrEmpty says that no document was ever applied.
var ErrEmpty = errors.New("the registry is empty; fill it with `telecare apply -f FILE`")

var errBusy = errors.New("empty the log of the registry: somebody is reading it")

// Store is registry.db. Its methods may be called from any goroutine.
type Store struct {
	db *sqlite.DB

	mu   sync.Mutex
	last undo
}

// inForce is what is in force at one moment.
type inForce struct {
	revision int64
	body     []byte // nil in an empty registry
	ids      idOf
}

// Open opens the file or creates it.
func Open(ctx context.Context, path string) (*Store, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	db, err := sqlite.Open(ctx, path, sub, sqlite.Options{SecureDelete: true, Shared: true})
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	s := &Store{db: db}
	// What a crash kept from being forgotten. When somebody reads just now it
	// waits for the next Apply: nobody has been told yet that it is gone.
	if err := s.forget(ctx); err != nil && !errors.Is(err, errBusy) {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Apply puts a document in force in place of what was, and says what changed.
// It returns nil when that is on disk and what was taken out is gone from it.
func (s *Store) Apply(ctx context.Context, d *Document) (Changes, error) {
	return s.change(ctx, func(inForce) (*data, error) { return &d.data, nil }, nil)
}

// change puts in force what next makes of what was. Nobody else changes it
// meanwhile. What is there again gets the id that it has in had.
func (s *Store) change(ctx context.Context, next func(inForce) (*data, error), had idOf) (Changes, error) {
	var changes Changes
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		changes = Changes{} // Write may be tried anew
		var old data
		was, err := standing(ctx, tx)
		if err != nil {
			return err
		}
		changes.Revision = was.revision
		now, err := next(was)
		if err != nil {
			return err
		}
		if was.body != nil {
			if old, err = decode(was.body); err != nil {
				return err
			}
			if old.Site != now.Site {
				return fmt.Errorf("the document is about site %q, this registry about %q; use a data folder of its own for each", now.Site, old.Site)
			}
		}
		body, err := encode(now)
		if err != nil {
			return err
		}
		if bytes.Equal(was.body, body) {
			return nil
		}
		changes.compare(&old, now)
		changes.Revision++
		if err := giveIDs(ctx, tx, now, was.ids, had); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO document (one, revision, body) VALUES (1, ?, ?)
			ON CONFLICT (one) DO UPDATE SET revision = excluded.revision, body = excluded.body`, changes.Revision, string(body))
		return err
	})
	if err != nil {
		return Changes{}, fmt.Errorf("apply to the registry: %w", err)
	}
	if err := s.forget(ctx); err != nil {
		return changes, fmt.Errorf("revision %d is in force, but what was taken out may still be in %s-wal: %w; apply it again", changes.Revision, s.db.Path(), err)
	}
	return changes, nil
}

// standing reads what is in force.
func standing(ctx context.Context, tx *sql.Tx) (inForce, error) {
	var was inForce
	err := tx.QueryRowContext(ctx, "SELECT revision, body FROM document").Scan(&was.revision, &was.body)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return was, fmt.Errorf("read the registry: %w", err)
	}
	was.ids, err = ids(ctx, tx)
	return was, err
}

// reading runs fn on what is in force; ErrEmpty when nothing is.
func (s *Store) reading(ctx context.Context, fn func(inForce) error) error {
	return s.read(ctx, func(tx *sql.Tx) error {
		was, err := standing(ctx, tx)
		if err == nil && was.body == nil {
			err = sql.ErrNoRows
		}
		if err != nil {
			return err
		}
		return fn(was)
	})
}

// forget empties the write-ahead log: secure_delete overwrites what was taken
// out of the file itself, but the log keeps older pages until it is truncated.
func (s *Store) forget(ctx context.Context) error {
	return s.db.Read(ctx, func(r *sql.DB) error {
		var busy, log, moved int
		// https://sqlite.org/pragma.html#pragma_wal_checkpoint
		if err := r.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved); err != nil {
			return fmt.Errorf("empty the log of the registry: %w", err)
		}
		if busy != 0 {
			return errBusy
		}
		return nil
	})
}

// giveIDs gives every record that has none an id, the one that it has in had if
// it has one there, and forgets the keys of those that are gone.
func giveIDs(ctx context.Context, tx *sql.Tx, d *data, old, had idOf) error {
	has := idOf{}
	for kind, byKey := range old {
		has[kind] = maps.Clone(byKey)
	}
	for _, r := range d.records() {
		if prefixes[r.kind] == "" {
			continue
		}
		if has[r.kind][r.key] != "" {
			delete(has[r.kind], r.key)
			continue
		}
		if id := had[r.kind][r.key]; id != "" {
			res, err := tx.ExecContext(ctx, "UPDATE ids SET key = ? WHERE id = ? AND kind = ? AND key IS NULL", r.key, id, r.kind)
			if err != nil {
				return fmt.Errorf("give %s its id again: %w", r.kind, err)
			}
			if n, err := res.RowsAffected(); err != nil || n == 1 {
				if err != nil {
					return err
				}
				continue
			}
		}
		if err := giveID(ctx, tx, r.kind, r.key); err != nil {
			return err
		}
	}
	for _, byKey := range has {
		for _, id := range byKey {
			if _, err := tx.ExecContext(ctx, "UPDATE ids SET key = NULL WHERE id = ?", id); err != nil {
				return fmt.Errorf("retire id %q: %w", id, err)
			}
		}
	}
	return nil
}

func giveID(ctx context.Context, tx *sql.Tx, kind, key string) error {
	const letters = "0123456789abcdefghjkmnpqrstvwxyz" // none that is taken for another
	for {
		var random [8]byte
		rand.Read(random[:]) // never fails
		for i, b := range random {
			random[i] = letters[b%byte(len(letters))]
		}
		id := prefixes[kind] + string(random[:])
		res, err := tx.ExecContext(ctx, "INSERT INTO ids (id, kind, key) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING", id, kind, key)
		if err != nil {
			return fmt.Errorf("give %s an id: %w", kind, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return err
		}
	}
}

// ids reads the ids of the records that are there.
func ids(ctx context.Context, tx *sql.Tx) (idOf, error) {
	rows, err := tx.QueryContext(ctx, "SELECT kind, key, id FROM ids WHERE key IS NOT NULL")
	if err != nil {
		return nil, fmt.Errorf("read the ids: %w", err)
	}
	defer rows.Close()
	out := idOf{}
	for kind := range prefixes {
		out[kind] = map[string]string{}
	}
	for rows.Next() {
		var kind, key, id string
		if err := rows.Scan(&kind, &key, &id); err != nil {
			return nil, fmt.Errorf("read the ids: %w", err)
		}
		if out[kind] == nil {
			return nil, fmt.Errorf("the registry has ids of kind %q, which this program does not know", kind)
		}
		out[kind][key] = id
	}
	return out, rows.Err()
}

// Revision counts the changes applied so far; 0 is an empty registry. It is
// cheap, to be asked often.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var revision int64
	err := s.read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT coalesce(max(revision), 0) FROM document").Scan(&revision)
	})
	return revision, err
}

// Export writes what is in force as a document that Parse reads and Apply takes
// without a change.
func (s *Store) Export(ctx context.Context) ([]byte, error) {
	var body []byte
	err := s.read(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT body FROM document").Scan(&body)
	})
	return body, err
}

// Load reads what is in force.
func (s *Store) Load(ctx context.Context) (*Site, error) {
	var site *Site
	err := s.reading(ctx, func(now inForce) error {
		d, err := decode(now.body)
		if err != nil {
			return err
		}
		site, err = d.site(now.revision, now.ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	return site, nil
}

// read runs fn on one moment of the registry.
func (s *Store) read(ctx context.Context, fn func(*sql.Tx) error) error {
	err := s.db.Read(ctx, func(r *sql.DB) error {
		tx, err := r.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return err
		}
		defer tx.Rollback()
		return fn(tx)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrEmpty
	}
	if err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	return nil
}

// decode reads a document that was checked when it was applied. It does not
// check what it means again: a newer program with a new rule must still start.
func decode(body []byte) (data, error) {
	var d data
	if _, err := strictyaml.Decode("registry", body, &d); err != nil {
		return data{}, fmt.Errorf("the stored document is not understood; was it written by a newer program? %w", err)
	}
	return d, nil
}
