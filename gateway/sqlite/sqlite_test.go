package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func migrations(n int) fs.FS {
	m := fstest.MapFS{"00001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;\n")}}
	for i := 2; i <= n; i++ {
		m[fmt.Sprintf("%05d_next.sql", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "-- +goose Up\nALTER TABLE note ADD COLUMN c%d TEXT;\n", i)}
	}
	return m
}

func mustOpen(t testing.TB, path string, opt Options) *DB {
	t.Helper()
	d, err := Open(t.Context(), path, migrations(1), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func add(d *DB, text string) error {
	return d.Write(context.Background(), func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO note (text) VALUES (?)", text)
		return err
	})
}

func count(t testing.TB, d *DB) (n int) {
	t.Helper()
	err := d.Read(t.Context(), func(r *sql.DB) error { return r.QueryRow("SELECT count(*) FROM note").Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOpenGivesWhatItPromises(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new folder, 100% ours?#", "x.db")
	d := mustOpen(t, path, Options{SecureDelete: true})
	if err := add(d, "one"); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		for name, want := range map[string]fs.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600} {
			fi, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if fi.Mode().Perm() != want {
				t.Errorf("%s has mode %v, want %v", filepath.Base(name), fi.Mode().Perm(), want)
			}
		}
	}
	p, err := d.pools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "wal_autocheckpoint": "0", "busy_timeout": "5000", "query_only": "0", "trusted_schema": "0"} {
		var got string
		if err := p.write.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %q, want %q (%v)", pragma, got, want, err)
		}
	}
	if _, err := p.read.Exec("DELETE FROM note"); err == nil {
		t.Error("a reader deleted rows")
	}
}

// A file that was open to others is closed to them; the folder, which may be
// anybody's, is left alone.
func TestOpenTightensAnExistingFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "x.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, path, Options{})
	if fi, _ := os.Stat(path); fi.Mode().Perm() != 0o600 {
		t.Errorf("file mode %v", fi.Mode())
	}
	if fi, _ := os.Stat(dir); fi.Mode().Perm() != 0o755 {
		t.Errorf("folder mode %v", fi.Mode())
	}
}

func TestSchemaVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := mustOpen(t, path, Options{})
	if err := add(d, "kept"); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReader(t.Context(), path, migrations(2), Options{}); err == nil || !strings.Contains(err.Error(), "older") {
		t.Errorf("a reader of a later program opened an older file: %v", err)
	}
	d.Close()

	d2, err := Open(t.Context(), path, migrations(3), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if count(t, d2) != 1 {
		t.Error("a row was lost in the migration")
	}
	d2.Close()

	for name, open := range map[string]func() (*DB, error){
		"Open":       func() (*DB, error) { return Open(t.Context(), path, migrations(2), Options{}) },
		"OpenReader": func() (*DB, error) { return OpenReader(t.Context(), path, migrations(2), Options{}) },
	} {
		if _, err := open(); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "schema 3, this program knows 2") {
			t.Errorf("%s of a file from a newer program: %v", name, err)
		}
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	text := []byte(strings.Repeat("this is a letter, not a database\n", 300))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, migrations(1), Options{}); err == nil || !strings.Contains(err.Error(), "not a database") {
		t.Errorf("got %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != string(text) {
		t.Error("the file was changed")
	}
	if _, err := OpenReader(t.Context(), filepath.Join(t.TempDir(), "none.db"), migrations(1), Options{}); err == nil {
		t.Error("a reader opened a missing file")
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	mine := errors.New("refused")
	err := d.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.Exec("INSERT INTO note (text) VALUES ('half')"); err != nil {
			return err
		}
		return mine
	})
	if !errors.Is(err, mine) {
		t.Fatalf("got %v", err)
	}
	if n := count(t, d); n != 0 {
		t.Errorf("%d rows of a refused transaction", n)
	}
	p, _ := d.pools(t.Context())
	if err := d.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec("nonsense"); return err }); err == nil {
		t.Error("nonsense was accepted")
	}
	if q, _ := d.pools(t.Context()); p != q {
		t.Error("a file that is well was closed")
	}
}

func TestWaitingForTheWriterEndsWithTheContext(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	err := d.Write(t.Context(), func(*sql.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		waiting := make(chan error)
		go func() { waiting <- d.Write(ctx, func(*sql.Tx) error { return errors.New("ran") }) }()
		cancel()
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the second writer: %w", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// The context of a commit under way must not break it in half.
func TestContextEndsInsideAWrite(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Write(ctx, func(tx *sql.Tx) error {
		cancel()
		_, err := tx.Exec("INSERT INTO note (text) VALUES ('whole')")
		return err
	})
	if err != nil || count(t, d) != 1 {
		t.Errorf("err %v, %d rows", err, count(t, d))
	}
}

func TestReaderBesideAWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := mustOpen(t, path, Options{})
	r, err := OpenReader(t.Context(), path, migrations(1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range 3 {
		if err := add(d, "x"); err != nil {
			t.Fatal(err)
		}
		if n := count(t, r); n != i+1 {
			t.Errorf("the reader sees %d rows of %d", n, i+1)
		}
	}
	if err := add(r, "y"); err == nil {
		t.Error("the reader wrote")
	}
}

// Two writers in one process and a reader that comes and goes must not lose the
// locks of the others. [sqlite.org/howtocorrupt.html 2.2]
func TestOpeningAgainKeepsTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := mustOpen(t, path, Options{})
	if err := add(d, "one"); err != nil {
		t.Fatal(err)
	}
	other := mustOpen(t, path, Options{})
	other.Close()
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Errorf("the log of an open file was removed: %v", err)
	}
	if err := add(d, "two"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, mustOpen(t, path, Options{})); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestRemovedFileIsNoticed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be removed there")
	}
	path := filepath.Join(t.TempDir(), "x.db")
	d := mustOpen(t, path, Options{})
	if err := add(d, "one"); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		os.Remove(path + suffix)
	}
	if err := add(d, "into nowhere"); err == nil || !strings.Contains(err.Error(), "removed") {
		t.Fatalf("got %v", err)
	}
	if err := add(d, "into a new file"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, mustOpen(t, path, Options{})); n != 1 {
		t.Errorf("%d rows in the new file", n)
	}
}

func TestCheckpointKeepsTheLogShort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := mustOpen(t, path, Options{})
	text := strings.Repeat("x", 64<<10)
	for range 400 { // 25 MB
		if err := add(d, text); err != nil {
			t.Fatal(err)
		}
		d.tidied.Wait() // a disk slower than its checkpoints is another test
	}
	fi, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if fi.Size() > 10<<20 {
		t.Errorf("the log has %d bytes", fi.Size())
	}
	if n := count(t, d); n != 400 {
		t.Errorf("%d rows", n)
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if err := add(d, "x"); err != nil {
					t.Error(err)
				}
				if err := d.Read(t.Context(), func(r *sql.DB) error {
					var n int
					return r.QueryRow("SELECT count(*) FROM note").Scan(&n)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			if err := d.Checkpoint(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	if n := count(t, d); n != 160 {
		t.Errorf("%d rows", n)
	}
}

func TestClosed(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.db"), Options{})
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Error(err)
	}
	if err := add(d, "late"); err == nil {
		t.Error("wrote to a closed store")
	}
}

func TestVersions(t *testing.T) {
	for v, want := range map[string]bool{"3.51.2": false, "3.51.3": true, "3.54.1": true, "3.6.20": false, "4.0.0": true} {
		if got, err := isAtLeast(v, oldest); got != want || err != nil {
			t.Errorf("%s: %v, %v", v, got, err)
		}
	}
	if _, err := isAtLeast("new", oldest); err == nil {
		t.Error("a version that is none was accepted")
	}
}

// Without a pause between commits the log must still start again from its
// beginning now and then.
func TestLogStaysShortWithoutAPause(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d := mustOpen(t, path, Options{})
	text := strings.Repeat("x", 256<<10)
	for range 800 { // 200 MB
		if err := add(d, text); err != nil {
			t.Fatal(err)
		}
	}
	fi, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the log has %d MB", fi.Size()>>20)
	if fi.Size() > 150<<20 {
		t.Errorf("the log has %d bytes", fi.Size())
	}
}
