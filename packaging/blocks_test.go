package packaging

import (
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a page: commands, or what they say.
type block struct {
	kind string // "sh"; "sh window", which goes on in another window; "text", what was said since the last one
	text string
	line int
}

// blocks finds the blocks of a page in Markdown.
func blocks(page string) []block {
	var out []block
	var open *block
	n := 0
	for line := range strings.Lines(page) {
		n++
		fence, isFence := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "```")
		switch {
		case isFence && open == nil:
			open = &block{kind: fence, line: n}
		case isFence:
			out, open = append(out, *open), nil
		case open != nil:
			open.text += line
		}
	}
	return out
}

// missingLine returns the first line that was not said, in the order in which
// they stand; "" when all were. An ellipsis stands for anything within a line.
func missingLine(expected, said string) string {
	for line := range strings.Lines(expected) {
		line = strings.TrimSuffix(line, "\n")
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		at := regexp.MustCompile(pattern).FindStringIndex(said)
		if at == nil {
			return line
		}
		said = said[at[1]:]
	}
	return ""
}

func TestBlocks(t *testing.T) {
	got := blocks("words\n```sh\none\ntwo\n```\n```sh window\nthree\n```\nwords\n```text\nfour\n```\n")
	want := []block{{"sh", "one\ntwo\n", 2}, {"sh window", "three\n", 6}, {"text", "four\n", 10}}
	if len(got) != len(want) {
		t.Fatalf("%d blocks, want %d: %v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("block %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestMissingLine(t *testing.T) {
	for _, c := range []struct{ expected, said, missing string }{
		{"a\nb\n", "xay\nb\n", ""},
		{"b\na\n", "a\nb\n", "a"},
		{"a … c\n", "a b c\n", ""},
		{"a … c\n", "a b\nc\n", "a … c"},
		{"a.c\n", "abc\n", "a.c"},
	} {
		if got := missingLine(c.expected, c.said); got != c.missing {
			t.Errorf("of %q in %q %q is missing, want %q", c.expected, c.said, got, c.missing)
		}
	}
}
