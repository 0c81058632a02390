package main

import (
	"fmt"
	"os"
	"strings"
)

// list is what testdata/mutants.txt says: survivors that change nothing, a line
// each, and under those that share it the reason, indented. A line that names
// only a file leaves the whole file out. Lines with # are for people.
type list struct {
	keys   []string
	reason map[string]string
	files  map[string]bool // left out
}

func readList(name string) (list, error) {
	l := list{reason: map[string]string{}, files: map[string]bool{}}
	b, err := os.ReadFile(name)
	if err != nil {
		return l, err
	}
	var under []string // keys that have no reason yet
	reasoned := true
	for i, line := range strings.Split(string(b), "\n") {
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			for _, k := range under {
				l.reason[k] = strings.TrimSpace(l.reason[k] + " " + text)
			}
			reasoned = true
		default:
			if reasoned {
				under, reasoned = nil, false
			}
			if l.reason[text] != "" {
				return l, fmt.Errorf("%s:%d: listed twice: %s", name, i+1, text)
			}
			under = append(under, text)
			if strings.HasSuffix(text, ".go") && !strings.Contains(text, " ") {
				l.files[text] = true
			} else {
				l.keys = append(l.keys, text)
			}
		}
	}
	if !reasoned {
		return l, fmt.Errorf("%s: no reason is given for %q", name, under)
	}
	return l, nil
}

// readKilled reads what an earlier run printed: of every mutant that was killed,
// its fate.
func readKilled(name string) (map[string]fate, error) {
	if name == "" {
		return nil, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	all := map[string]fate{}
	for line := range strings.Lines(string(b)) {
		what, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		_, key, ok := strings.Cut(rest, "  ")
		if f := fate(what); ok && (f == killed || f == timedOut) {
			all[key] = f
		}
	}
	return all, nil
}
