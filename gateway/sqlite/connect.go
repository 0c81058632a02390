package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// oldest is the first SQLite without the race that could corrupt a WAL used by
// two connections: https://sqlite.org/wal.html#walresetbug
var oldest = [3]int{3, 51, 3}

// connect opens the pools and makes sure that they are what Open promises.
func (d *DB) connect(ctx context.Context) (_ *pools, err error) {
	p := &pools{}
	defer func() {
		if err == nil {
			return
		}
		if p.read != nil {
			p.read.Close()
		}
		if p.write != nil {
			p.write.Close()
		}
	}()
	if !d.readOnly {
		if err := d.create(); err != nil {
			return nil, err
		}
		if p.write, err = d.pool(1, "synchronous(FULL)", "foreign_keys(1)", "journal_mode("+d.mode()+")", "wal_autocheckpoint(0)", d.secureDelete()); err != nil {
			return nil, err
		}
		if err := assert(ctx, p.write, d.mode()); err != nil {
			return nil, err
		}
		if err := d.migrate(ctx, p.write); err != nil {
			return nil, err
		}
		// What was found in the log after a crash or an error may have got
		// there without its fsync. A checkpoint syncs the log, and once it is
		// complete the file, too: only then is what we see also on disk.
		_, left, err := checkpoint(ctx, p.write, "PASSIVE")
		if err != nil {
			return nil, err
		}
		if d.doubted && left > 0 {
			return nil, errors.New("opening after an error: another process still reads the old state; it is tried again")
		}
	}
	if p.file, err = os.Stat(d.path); err != nil {
		return nil, err
	}
	if p.read, err = d.pool(4, "query_only(1)"); err != nil {
		return nil, err
	}
	if d.readOnly {
		if err := d.sameSchema(ctx, p.read); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (d *DB) mode() string {
	if d.opt.Shared {
		return "delete"
	}
	return "wal"
}

func (d *DB) secureDelete() string {
	if d.opt.SecureDelete {
		return "secure_delete(1)"
	}
	return "secure_delete(0)"
}

// create makes the folder and the file, so that their modes are ours and not
// the umask's. An existing folder keeps its mode: it may be anybody's.
func (d *DB) create() error {
	dir := filepath.Dir(d.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	// Only a new file may be opened here: closing any descriptor of a file drops
	// the locks that SQLite holds on it through others in this process, and
	// with them its safety. https://sqlite.org/howtocorrupt.html section 2.2
	f, err := os.OpenFile(d.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
	} else if errors.Is(err, fs.ErrExist) {
		err = os.Chmod(d.path, 0o600) // SQLite gives its -wal and -shm the same
	}
	if err != nil {
		return err
	}
	// A new file is there after a power cut only when its folder is on disk,
	// and a new folder when the folder above is. [fsync(2)]
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("folder %q: sync: %w", dir, err)
	}
	if err := syncDir(filepath.Dir(dir)); err != nil && !errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("folder %q: sync: %w", filepath.Dir(dir), err)
	}
	return nil
}

// pool opens connections that all have the given pragmas, now and when
// database/sql replaces one.
func (d *DB) pool(size int, pragmas ...string) (*sql.DB, error) {
	q := url.Values{
		// SQLite's own 2 MiB of pages a connection are 40 with all of ours; what is
		// written here is at the ends of tables, and read back once.
		"_pragma": append([]string{"busy_timeout(5000)", "trusted_schema(0)", "cache_size(-512)"}, pragmas...),
		"_dqs":    {"0"}, // "x" is a name, never a string
		// A transaction that reads before it writes would otherwise fail
		// half-way when somebody else writes.
		"_txlock": {"immediate"},
		"mode":    {"rw"}, // never create here: see create
	}
	if d.readOnly {
		q.Set("mode", "ro")
	}
	if !d.opt.Shared && runtime.GOOS != "windows" {
		q.Set("vfs", "unix-excl")
	}
	path := filepath.ToSlash(d.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // file:///C:/… [sqlite.org/uri.html]
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// assert reads back what every promise here rests on.
func assert(ctx context.Context, db *sql.DB, wantMode string) error {
	var version, mode string
	var synchronous int
	if err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous); err != nil {
		return err
	}
	ok, err := isAtLeast(version, oldest)
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("sqlite %s can corrupt a write-ahead log: build with %d.%d.%d or newer", version, oldest[0], oldest[1], oldest[2])
	case mode != wantMode:
		return fmt.Errorf("journal_mode is %q, not %s: keep it on a local file system", mode, wantMode)
	case synchronous != 2:
		return fmt.Errorf("synchronous is %d, not 2 (FULL): answers would not be safe", synchronous)
	}
	return nil
}

// migrate brings the schema up to date.
func (d *DB) migrate(ctx context.Context, db *sql.DB) error {
	g, err := d.goose(db)
	if err != nil {
		return err
	}
	has, knows, err := g.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	if has > knows {
		return newer(has, knows)
	}
	if _, err := g.Up(ctx); err != nil {
		return fmt.Errorf("migrate from schema %d to %d: %w", has, knows, err)
	}
	return nil
}

// sameSchema is migrate for a reader, which must not change anything.
func (d *DB) sameSchema(ctx context.Context, db *sql.DB) error {
	g, err := d.goose(db)
	if err != nil {
		return err
	}
	sources := g.ListSources()
	knows := sources[len(sources)-1].Version
	var has int64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+goose.DefaultTablename).Scan(&has); err != nil {
		return fmt.Errorf("schema version: %w", err)
	}
	switch {
	case has > knows:
		return newer(has, knows)
	case has < knows:
		return fmt.Errorf("schema %d is older than this program's %d: start the gateway once, it brings the file up to date", has, knows)
	}
	return nil
}

func (d *DB) goose(db *sql.DB) (*goose.Provider, error) {
	g, err := goose.NewProvider(goose.DialectSQLite3, db, d.migrations,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return g, nil
}

func newer(has, knows int64) error {
	return fmt.Errorf("%w: schema %d, this program knows %d: install the program that wrote it, or a later one", ErrNewer, has, knows)
}

// ErrNewer says that a file was written by a newer program.
var ErrNewer error = newerError{}

type newerError struct{}

func (newerError) Error() string { return "written by a newer program" }

// Newer tells this error from others without naming it.
func (newerError) Newer() bool { return true }

// doubtful marks an error after which nobody knows what is on disk.
type doubtful struct{ error }

func (e doubtful) Unwrap() error { return e.error }

// inDoubt reports whether the file must be opened anew after err.
func inDoubt(err error) bool {
	if errors.As(err, new(doubtful)) {
		return true
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return false // the caller's own refusal
	}
	switch e.Code() & 0xff { // the primary code [sqlite.org/rescode.html]
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT,
		sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return false // a statement that could not be done, in a file that is well
	}
	return true
}

// Damaged reports whether an error says that the file is not a database, or not
// a whole one: waiting will not mend it.
func Damaged(err error) bool { return code(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) }

// Full reports whether an error says that the disk is full.
func Full(err error) bool { return code(err, sqlite3.SQLITE_FULL) }

func code(err error, want ...int) bool {
	var e *driver.Error
	return errors.As(err, &e) && slices.Contains(want, e.Code()&0xff)
}
