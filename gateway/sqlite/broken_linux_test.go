package sqlite

import (
	"path/filepath"
	"testing"

	"telecare/gateway/gatewaytest"
)

func TestReopensAfterAnError(t *testing.T) {
	for _, device := range []string{"/dev/full", "/dev/null"} {
		t.Run(filepath.Base(device), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			d := mustOpen(t, path, Options{})
			if err := add(d, "before"); err != nil {
				t.Fatal(err)
			}
			gatewaytest.BreakFile(t, path+"-wal", device)
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
