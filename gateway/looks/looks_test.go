package looks

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func lines(t *testing.T, b *Book) (out []string) {
	t.Helper()
	if err := b.Read(func(line []byte) { out = append(out, string(line)) }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "looks.jsonl")
	b := Open(path, quiet())
	if got := lines(t, b); len(got) != 0 {
		t.Errorf("an empty book has %q", got)
	}
	b.Add([]byte("one"))
	b.Add([]byte("two\nlines"))
	if got := lines(t, b); !slices.Equal(got, []string{"one", "two lines"}) {
		t.Errorf("the book has %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	// Half a line of a power cut is not taken together with the next.
	f, _ := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	f.WriteString("half")
	f.Close()
	b.Add([]byte("three"))
	if got := lines(t, b); !slices.Equal(got, []string{"one", "two lines", "half", "three"}) {
		t.Errorf("the book has %q", got)
	}
	if err := b.Rewrite(func(line []byte) []byte {
		if string(line) == "half" {
			return nil
		}
		return bytes.ReplaceAll(line, []byte("two"), []byte("2"))
	}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, Open(path, quiet())); !slices.Equal(got, []string{"one", "2 lines", "three"}) {
		t.Errorf("after the start the book has %q", got)
	}
	if all, _ := os.ReadFile(path); strings.Contains(string(all), "half") {
		t.Error("what was taken out is there still")
	}
}

// Many at once are all there; a disk that cannot be written keeps nobody
// waiting, and has them when it can.
func TestBookUnderWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "later", "looks.jsonl")
	b := Open(path, quiet())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 50 {
				b.Add(fmt.Appendf(nil, "%d-%d", i, k))
			}
		})
	}
	all.Wait()
	if got := lines(t, b); len(got) != 400 { // in memory: there is no such folder
		t.Errorf("%d of 400 are there", len(got))
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	b.Add([]byte("last"))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, Open(path, quiet())); len(got) != 401 || got[400] != "last" {
		t.Errorf("%d of 401 are on disk", len(got))
	}
}
