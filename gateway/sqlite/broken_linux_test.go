package sqlite

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// breakLog puts another device in the place of the open log, so that the real
// code meets real errors: writes to /dev/full fail with ENOSPC, an fsync of
// /dev/null with EINVAL.
func breakLog(t *testing.T, path, device string) {
	t.Helper()
	bad, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, e := range fds {
		if to, _ := os.Readlink("/proc/self/fd/" + e.Name()); to != path+"-wal" {
			continue
		}
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Dup3(int(bad.Fd()), fd, unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		found = true
	}
	if !found {
		t.Fatal("the log is not open")
	}
}

func TestReopensAfterAnError(t *testing.T) {
	for _, device := range []string{"/dev/full", "/dev/null"} {
		t.Run(filepath.Base(device), func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "x.db")
			d := mustOpen(t, path, Options{})
			if err := add(d, "before"); err != nil {
				t.Fatal(err)
			}
			breakLog(t, path, device)
			if err := add(d, "lost"); err == nil {
				t.Fatal("a write that failed was said to be on disk")
			} else {
				t.Log(err)
			}
			if err := add(d, "after"); err != nil {
				t.Fatalf("not opened anew: %v", err)
			}
			if n := count(t, d); n != 2 {
				t.Errorf("%d rows", n)
			}
			if n := count(t, mustOpen(t, path, Options{})); n != 2 {
				t.Errorf("%d rows seen from beside", n)
			}
		})
	}
}
