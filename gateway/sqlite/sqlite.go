// Package sqlite opens a SQLite file in the one way in which this program
// keeps anything. It guarantees:
//
//   - Write returns nil only when its transaction is on disk: WAL with
//     synchronous=FULL, one fsync a commit, both read back and asserted.
//   - After an error that puts the file in doubt it is closed, and opened anew
//     at the next call, never trusted on. What such a transaction wrote may be
//     there afterwards or not; what is there then is on disk.
//   - One writer at a time; readers beside it never wait for it, nor it for
//     them. Checkpoints run beside commits, never inside one.
//   - A file from a newer program is refused; an older one is migrated.
//
// It knows no table: migrations and SQL belong to the packages that own them.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
)

// Options are what stores differ in. The zero value is right for most.
type Options struct {
	// SecureDelete overwrites what is deleted: for personal data.
	SecureDelete bool
	// Shared lets other processes in, at the cost of slower commits: with a
	// rollback journal instead of a write-ahead log.
	//
	// A write-ahead log that processes share has its index in a mapped file. On
	// a disk that stands still the first touch of such a page stops its thread
	// where Go cannot see it, and with the next garbage collection the whole
	// process: nobody would be called. So without Shared the file belongs to
	// this process alone and the index is on the heap (the VFS "unix-excl").
	Shared bool
}

// DB is an open file. Its methods may be called from several goroutines.
type DB struct {
	path       string
	migrations fs.FS
	opt        Options
	readOnly   bool

	// turn is held by whoever writes. A channel, so that waiting for it ends
	// with the caller's context.
	turn    chan struct{}
	commits int // since the last look at the log; of whoever has the turn

	tidying atomic.Bool
	tidied  sync.WaitGroup
	ctx     context.Context // of tidying; ends with Close
	stop    context.CancelFunc

	mu      sync.Mutex
	open    *pools // nil while in doubt: opened anew at the next call
	doubted bool   // the last one was closed because of an error
	closed  bool
}

// pools are the connections of one opening.
type pools struct {
	write *sql.DB // one connection; nil when read-only
	read  *sql.DB // query_only
	file  os.FileInfo
}

func (p *pools) close() error {
	err := p.read.Close()
	if p.write != nil {
		// Last, so that the writer's close is the one that checkpoints.
		err = errors.Join(err, p.write.Close())
	}
	return err
}

// Open opens the file, creating it (0600) and its folder (0700) when missing,
// and brings its schema up to date with the goose migrations.
func Open(ctx context.Context, path string, migrations fs.FS, opt Options) (*DB, error) {
	return open(ctx, &DB{path: path, migrations: migrations, opt: opt})
}

// OpenReader opens an existing file for reading only: also while it is open for
// writing, in this process, or in another one if it is Shared. It changes
// nothing; Write fails.
func OpenReader(ctx context.Context, path string, migrations fs.FS, opt Options) (*DB, error) {
	return open(ctx, &DB{path: path, migrations: migrations, opt: opt, readOnly: true})
}

func open(ctx context.Context, d *DB) (*DB, error) {
	abs, err := filepath.Abs(d.path)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w", d.path, err)
	}
	d.path = abs
	d.turn = make(chan struct{}, 1)
	d.ctx, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	if _, err := d.pools(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// Write runs fn in a transaction and commits it. It returns nil only when the
// transaction is on disk. An error of fn rolls back. The context ends the wait
// for another writer and nothing else: a commit under way is always seen to its
// end, because half of one could not be told from none.
func (d *DB) Write(ctx context.Context, fn func(*sql.Tx) error) error {
	if d.readOnly {
		return fmt.Errorf("store %q: opened for reading only", d.path)
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return fmt.Errorf("store %q: %w", d.path, ctx.Err())
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("store %q: %w", d.path, err)
	}
	p, err := d.pools(ctx)
	if err != nil {
		return err
	}
	if err := d.write(context.WithoutCancel(ctx), p, fn); err != nil {
		if inDoubt(err) {
			d.doubt(p)
		}
		return fmt.Errorf("store %q: %w", d.path, err)
	}
	if d.commits++; d.commits >= often {
		d.commits = 0
		d.tidy()
	}
	return nil
}

func (d *DB) write(ctx context.Context, p *pools, fn func(*sql.Tx) error) error {
	// A file removed or replaced under us would take every commit and keep
	// none.
	if now, err := os.Stat(d.path); err != nil || !os.SameFile(now, p.file) {
		return doubtful{errors.New("the file was moved, replaced or removed while open")}
	}
	tx, err := p.write.BeginTx(ctx, nil)
	if err != nil {
		return doubtful{fmt.Errorf("begin: %w", err)}
	}
	defer tx.Rollback() // does nothing once committed
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return doubtful{fmt.Errorf("commit: %w", err)}
	}
	return nil
}

// Read runs fn with the readers' connections. It sees what is committed.
func (d *DB) Read(ctx context.Context, fn func(*sql.DB) error) error {
	p, err := d.pools(ctx)
	if err != nil {
		return err
	}
	if err := fn(p.read); err != nil {
		if inDoubt(err) {
			d.doubt(p)
		}
		return fmt.Errorf("store %q: %w", d.path, err)
	}
	return nil
}

// Pages of 4 KiB in the write-ahead log: from the first number on a checkpoint
// is worth its two fsyncs; from the second on it may hold up a writer for a moment.
const (
	worthwhile = 1000
	overdue    = 16 * worthwhile
)

// often is after how many commits the log is looked at.
const often = 64

// tidy runs Checkpoint on a goroutine of its own, one at a time.
func (d *DB) tidy() {
	if d.tidying.Swap(true) {
		return
	}
	d.tidied.Go(func() {
		defer d.tidying.Store(false)
		// Nobody waits for it, so nobody is told: what is broken will fail the
		// next Write, and a log that could not be moved is tried again.
		_ = d.Checkpoint(d.ctx)
	})
}

// Checkpoint moves committed pages from the write-ahead log into the file when
// enough have gathered. Writers and readers go on meanwhile. It runs by itself
// every so many commits; an owner who is idle may call it, too. It is cheap
// when there is nothing to do.
func (d *DB) Checkpoint(ctx context.Context) error {
	var pages, left int
	move := func(r *sql.DB) error {
		_, _, err := checkpoint(ctx, r, "PASSIVE")
		return err
	}
	err := d.Read(ctx, func(r *sql.DB) (err error) {
		if pages, left, err = checkpoint(ctx, r, "NOOP"); err != nil || left < worthwhile {
			return err
		}
		return move(r)
	})
	if err != nil || pages < overdue || left < worthwhile {
		return err
	}
	// The log starts again from its beginning only when all of it was moved,
	// and commits have kept coming: have the turn for the little that is left.
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return d.Read(ctx, move)
}

// checkpoint returns how many pages the log has and how many of them are not in
// the file.
func checkpoint(ctx context.Context, db *sql.DB, mode string) (pages, left int, err error) {
	var busy, moved int
	// https://sqlite.org/pragma.html#pragma_wal_checkpoint
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved); err != nil {
		return 0, 0, fmt.Errorf("checkpoint: %w", err)
	}
	return pages, pages - moved, nil
}

// Path is the file's absolute path.
func (d *DB) Path() string { return d.path }

// Close closes the file. It waits for a writer under way.
func (d *DB) Close() error {
	d.stop()
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	d.tidied.Wait() // none begins while we have the turn
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.open == nil {
		return nil
	}
	err := d.open.close()
	d.open = nil
	if err != nil {
		return fmt.Errorf("store %q: close: %w", d.path, err)
	}
	return nil
}

// pools returns the connections, opening them when there are none.
func (d *DB) pools(ctx context.Context) (*pools, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, fmt.Errorf("store %q: closed", d.path)
	}
	if d.open != nil {
		return d.open, nil
	}
	p, err := d.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("store %q: %w", d.path, err)
	}
	d.open, d.doubted = p, false
	return p, nil
}

// doubt closes the connections p, so that the next call opens new ones.
func (d *DB) doubt(p *pools) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open != p {
		return // another call has done it
	}
	d.open, d.doubted = nil, true
	p.close() // it is broken: its error would tell nothing new
}

func isAtLeast(version string, want [3]int) (bool, error) {
	var got [3]int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &got[0], &got[1], &got[2]); err != nil {
		return false, fmt.Errorf("sqlite version %s: %w", strconv.Quote(version), err)
	}
	for i := range got {
		if got[i] != want[i] {
			return got[i] > want[i], nil
		}
	}
	return true, nil
}
