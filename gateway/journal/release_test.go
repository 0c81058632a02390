package journal

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/schema-1.db anew; never over one that was released")

// Journals of every release stay in testdata and must open, verify, replay and
// go on for ever. A new schema adds a file here, made by the last program
// before it.
func TestJournalsOfEveryRelease(t *testing.T) {
	if *update {
		path := filepath.Join("testdata", "schema-1.db")
		os.Remove(path)
		j := mustOpen(t, path)
		mustAppend(t, j, span(1, 12)...)
		if err := j.SaveSnapshot(t.Context(), snapshot(10)); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := filepath.Glob(filepath.Join("testdata", "schema-*.db"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no journals in testdata: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			mine := filepath.Join(t.TempDir(), "journal.db")
			if err := os.WriteFile(mine, text, 0o600); err != nil {
				t.Fatal(err)
			}
			j := mustOpen(t, mine)
			want := span(1, 12)
			for i := range want {
				want[i].Version = 1 // of the machine, when it was written
			}
			if diff := cmp.Diff(want, all(t, &j.Reader, 0)); diff != "" {
				t.Error(diff)
			}
			if s, err := j.Snapshots(t.Context()); err != nil || len(s) != 1 || s[0].Seq != 10 {
				t.Errorf("snapshots %v, %v", s, err)
			}
			mustAppend(t, j, record(13))
			if rep := verify(t, &j.Reader); !rep.OK() || rep.Records != 13 {
				t.Error(rep)
			}
		})
	}
}
