package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// Copies taken while somebody writes: each is sound and holds a state that
// there was, everything that had been committed before it began included.
func TestCopyWhileWriting(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, filepath.Join(dir, "x.db"), Options{})
	ctx, stop := context.WithCancel(t.Context())
	var done atomic.Int64
	ended := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			err := d.Write(context.Background(), func(tx *sql.Tx) error { // pairs: never one without the other
				_, err := tx.Exec("INSERT INTO note (text) VALUES (?), (?)", strings.Repeat("a", 900), "b")
				return err
			})
			if err != nil {
				ended <- err
				return
			}
			done.Add(1)
		}
		ended <- nil
	}()
	for i := range 10 {
		for before := done.Load(); done.Load() < before+50; {
			runtime.Gosched()
		}
		before := done.Load()
		to := filepath.Join(dir, fmt.Sprintf("copy%d.db", i))
		if err := Copy(t.Context(), d.path, to, Options{}); err != nil {
			t.Fatal(err)
		}
		after := done.Load() + 1 // one may be committed and not yet counted
		c, err := OpenReader(t.Context(), to, migrations(1), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var a, b int64
		err = c.Read(t.Context(), func(r *sql.DB) error {
			return r.QueryRow("SELECT count(*) FILTER (WHERE text = 'b'), count(*) FILTER (WHERE text <> 'b') FROM note").Scan(&b, &a)
		})
		if err != nil || a != b || a < before || a > after {
			t.Errorf("copy %d has %d and %d rows, %v; %d pairs were there before and %d after", i, a, b, err, before, after)
		}
		c.Close()
		if runtime.GOOS != "windows" {
			if fi, err := os.Stat(to); err != nil || fi.Mode().Perm() != 0o600 {
				t.Errorf("copy has mode %v, %v", fi.Mode(), err)
			}
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	// Nothing beside the copies: no log that one could forget to take along.
	left, _ := filepath.Glob(filepath.Join(dir, "copy*"))
	if len(left) != 10 {
		t.Errorf("files are left beside the copies: %q", left)
	}
}

// What was deleted is not in a copy, also not where the file still has it.
func TestCopyLeavesOutWhatWasDeleted(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, filepath.Join(dir, "x.db"), Options{})
	for range 200 {
		if err := add(d, strings.Repeat("Aniela", 50)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.Exec("DELETE FROM note"); return err }); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "copy.db")
	if err := Copy(t.Context(), d.path, to, Options{}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(to)
	if err != nil || bytes.Contains(b, []byte("Aniela")) {
		t.Errorf("the copy still has it (%v)", err)
	}
}

func TestCopyRefuses(t *testing.T) {
	dir := t.TempDir()
	d := mustOpen(t, filepath.Join(dir, "x.db"), Options{})
	for range 500 {
		if err := add(d, strings.Repeat("x", 500)); err != nil {
			t.Fatal(err)
		}
	}
	there := filepath.Join(dir, "there.db")
	if err := os.WriteFile(there, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Copy(t.Context(), d.path, there, Options{}); err == nil {
		t.Error("a copy replaced a file")
	}
	if b, _ := os.ReadFile(there); string(b) != "mine" {
		t.Errorf("the file that was there is now %q", b)
	}
	missing := filepath.Join(dir, "missing.db")
	if err := Copy(t.Context(), missing, filepath.Join(dir, "y.db"), Options{}); err == nil {
		t.Error("a copy of nothing")
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the source was made")
	}

	// Damaged in the middle: a copy must not look like a good one.
	if err := Copy(t.Context(), d.path, filepath.Join(dir, "bad.db"), Options{}); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.db")
	f, err := os.OpenFile(bad, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fi, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, 4096), fi.Size()/2/4096*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), bad); err == nil {
		t.Error("a damaged file is called sound")
	}
	if err := Copy(t.Context(), bad, filepath.Join(dir, "worse.db"), Options{}); err == nil {
		t.Error("a damaged file was copied")
	}
	for _, name := range []string{"y.db", "worse.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("a failed copy left %s", name)
		}
	}
}
