package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTiny: of a small package, what its test does not notice is named, what it
// does is not, and the list is held to what is so.
func TestTiny(t *testing.T) {
	t.Chdir("../..")
	var out strings.Builder
	ok, err := run(t.Context(), &out, ".ci/mutants/testdata/tiny", "", "", time.Minute, true)
	if err != nil || ok {
		t.Errorf("all is well, it says, or %v", err)
	}
	for _, want := range []string{
		"makes no difference in any test: tiny.go:12  tiny.go bell.press: now.Before(b.last.Add(time.Minute)) → !now.After(b.last.Add(time.Minute))\n",
		"survived: tiny.go:12  tiny.go bell.press: time.Minute → time.Minute-1s\n",
		"makes no difference in any test: tiny.go:22  tiny.go bell.never: b.rings - 1 → b.rings + 1\n",
		"listed as changing nothing, but killed: tiny.go:15  tiny.go bell.press: b.last = now → dropped\n",
		"listed, but not there any more: tiny.go bell.gone: a → b\n",
		" 1 listed as changing nothing,",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said in\n%s", want, out.String())
		}
	}
	first := out.String()
	out.Reset()
	name := filepath.Join(t.TempDir(), "first")
	if err := os.WriteFile(name, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t.Context(), &out, ".ci/mutants/testdata/tiny", "", name, time.Minute, false); err != nil {
		t.Error(err)
	}
	last := first[strings.LastIndex(first[:len(first)-1], "\n")+1:]
	if began, ended, _ := strings.Cut(last, ";"); !strings.Contains(out.String(), began) || !strings.HasPrefix(out.String(), "6 mutants, ") {
		t.Errorf("after a run that ends with%s, and kills 13 of 19, another is\n%s", ended, out.String())
	}
	for _, not := range []string{"b.rings++ → dropped", "2 → 2+1", "true → false", "!hard → hard", "|| !hard", "Add(-time.Minute)"} {
		if strings.Contains(out.String(), not) {
			t.Errorf("%q survived, it says, in\n%s", not, out.String())
		}
	}
}
