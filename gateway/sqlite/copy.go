package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Copy writes a copy of a SQLite file, also while it is open for writing (see
// OpenReader), and whatever its schema: the state between two transactions, without what
// was deleted. It returns nil only when the copy is sound and on disk, for
// nobody but us; after an error there is none. It never replaces a file.
func Copy(ctx context.Context, from, to string, opt Options) (err error) {
	from, err1 := filepath.Abs(from)
	to, err2 := filepath.Abs(to)
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("copy %q: %w", from, err)
	}
	if _, err := os.Stat(from); err != nil { // SQLite would only say that it cannot open it
		return fmt.Errorf("copy: %w", err)
	}
	f, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("copy %q: %w", from, err), os.Remove(to))
		}
	}()
	if err := f.Close(); err != nil { // before SQLite opens it: see create
		return err
	}
	source := &DB{path: from, readOnly: true, opt: opt}
	db, err := source.pool(1)
	if err != nil {
		return err
	}
	defer db.Close()
	// One reading transaction, so one state; an empty file is taken for a new
	// one. It does not sync: https://sqlite.org/lang_vacuum.html#vacuuminto
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return err
	}
	if err := Check(ctx, to); err != nil {
		return err
	}
	return syncFile(to)
}

// Check reports whether a SQLite file that nobody has open is sound from its
// first page to its last.
func Check(ctx context.Context, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	db, err := (&DB{path: path, readOnly: true}).pool(1)
	if err != nil {
		return fmt.Errorf("check %q: %w", path, err)
	}
	defer db.Close()
	var says string
	// The first of at most a hundred lines: https://sqlite.org/pragma.html#pragma_integrity_check
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&says); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("check %q: %w", path, err)
	}
	if says != "ok" {
		return fmt.Errorf("check %q: damaged: %s", path, says)
	}
	return nil
}

// syncFile puts a file and its name on disk.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // Windows syncs only what may be written
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// SyncDir puts the names in a folder on disk, where folders can be synced.
func SyncDir(dir string) error { return syncDir(dir) }
