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

// The book is read from its end, a page at a time, and each line comes once,
// wherever its end falls and whether it is on disk.
func TestBack(t *testing.T) {
	for _, long := range []int{0, 100, chunk - 1, chunk, chunk + 1, maxLine - 100} {
		path := filepath.Join(t.TempDir(), "looks.jsonl")
		b := Open(path, quiet())
		var want []string
		for i := range 50 {
			line := fmt.Sprint(i, strings.Repeat("x", (i*7919)%(long+1)))
			want = append(want, line)
			b.Add([]byte(line))
		}
		if got := lines(t, b); !slices.Equal(got, want) {
			t.Fatalf("the book has %d lines", len(got))
		}
		b.failed, b.waiting = true, [][]byte{[]byte("waits"), []byte("waits, too")} // as when the disk is full
		want = append(want, "waits", "waits, too")
		for _, page := range []int{1, 3, 51, 52, 100} {
			var got []string
			for place, done := int64(0), false; !done; {
				n := 0
				done = true
				if err := b.Back(place, func(line []byte, at int64) bool {
					if n++; n > page {
						done = false
						return false
					}
					got, place = append(got, string(line)), at
					return true
				}); err != nil {
					t.Fatal(err)
				}
			}
			if slices.Reverse(got); !slices.Equal(got, want) {
				t.Errorf("lines to %d bytes, %d a page: %d of %d", long, page, len(got), len(want))
			}
		}
	}
	// Empty lines and half a one are lines; a place that is not there is the end.
	path := filepath.Join(t.TempDir(), "looks.jsonl")
	if err := os.WriteFile(path, []byte("\na\n\nhalf"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, place := range []int64{0, 1000} {
		var got []string
		if err := Open(path, quiet()).Back(place, func(line []byte, _ int64) bool { got = append(got, string(line)); return true }); err != nil || !slices.Equal(got, []string{"half", "", "a", ""}) {
			t.Errorf("%q, %v", got, err)
		}
	}
	// One at a time, each from the place of the one after it.
	var places []int64
	for place := int64(0); len(places) < 4; {
		if err := Open(path, quiet()).Back(place, func(_ []byte, at int64) bool { places, place = append(places, at), at; return false }); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(places, []int64{4, 3, 1, 0}) {
		t.Errorf("the lines are at %d", places)
	}
	if err := Open(filepath.Join(t.TempDir(), "none"), quiet()).Back(0, func([]byte, int64) bool { t.Error("a line of none"); return true }); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 4*chunk), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Open(path, quiet()).Back(0, func([]byte, int64) bool { return true }); err == nil {
		t.Error("a line without an end is read into memory")
	}
}
