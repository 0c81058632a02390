package journal

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"telecare/gateway/gatewaytest"
)

// A full disk and an fsync that fails: what was not answered is appended again,
// with what has come since, and then it is there once and in its place.
func TestAppendAfterABrokenCommit(t *testing.T) {
	for _, device := range []string{"/dev/full", "/dev/null"} {
		path := filepath.Join(t.TempDir(), "journal.db")
		j := mustOpen(t, path)
		mustAppend(t, j, span(1, 3)...)
		gatewaytest.BreakFile(t, path+"-wal", device)
		if err := j.Append(t.Context(), span(4, 6)); err == nil {
			t.Fatal("a failed append was answered")
		}
		mustAppend(t, j, span(4, 9)...)
		if diff := cmp.Diff(span(1, 9), all(t, &j.Reader, 0)); diff != "" {
			t.Error(diff)
		}
		if rep := verify(t, &j.Reader); !rep.OK() || rep.Records != 9 {
			t.Error(rep)
		}
	}
}
