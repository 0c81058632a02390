// Command mutants breaks package alerting in one place after another and says
// which breaks its tests do not notice. A test that cannot fail proves nothing:
// this one asks of every decision whether some night would go otherwise.
//
// Every place is rewritten into a choice by number, all in one test binary: to
// build one for each of some thousand mutants would take a day. Each test runs
// once by itself to learn in which mutants it would choose otherwise, then each
// mutant runs with those tests until one fails. Tests that draw at random do not
// count: they would find a mutant today and miss it tomorrow.
//
// Survivors that change nothing are listed in alerting/testdata/mutants.txt,
// each with the reason. One that is not listed fails the run, and so does one
// that is listed and is noticed or not there any more.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	file := flag.String("file", "", "only the mutants of this file, such as press.go; several with commas")
	slow := flag.Duration("slow", time.Second, "leave out tests that take longer")
	verbose := flag.Bool("v", false, "print every mutant and what became of it")
	after := flag.String("after", "", "what an earlier run printed with -v: what it killed is not tried again")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := run(ctx, os.Stdout, "alerting", *file, *after, *slow, *verbose)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// run does it all; false: something survived that should not have, or the list
// says what is not so.
func run(ctx context.Context, out io.Writer, dir, only, after string, slow time.Duration, verbose bool) (bool, error) {
	began := time.Now()
	before, err := readKilled(after)
	if err != nil {
		return false, err
	}
	list, err := readList(dir + "/testdata/mutants.txt")
	if err != nil {
		return false, err
	}
	pkg, err := mutate(dir, list.files)
	if err != nil {
		return false, err
	}
	bin, err := build(ctx, dir, pkg)
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(bin.work)
	if err := bin.cover(ctx, out, slow); err != nil {
		return false, err
	}
	files := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	var tried []*mutant
	for _, m := range pkg.mutants {
		if len(files) == 0 || slices.Contains(files, m.file) {
			tried = append(tried, m)
		}
	}
	anew := slices.DeleteFunc(slices.Clone(tried), func(m *mutant) bool {
		m.fate = before[m.key]
		return m.fate != ""
	})
	fmt.Fprintf(out, "%d mutants, %d tests, after %s\n", len(anew), len(bin.tests), time.Since(began).Round(time.Second))
	err = bin.try(ctx, anew, func(m *mutant) {
		if verbose {
			fmt.Fprintf(out, "%s: %s:%d  %s\n", m.fate, m.file, m.line, m.key)
		}
	})
	if err != nil {
		return false, err
	}
	count := map[fate]int{}
	wrong := 0
	for _, m := range tried {
		listed := list.reason[m.key] != ""
		switch {
		case listed && (m.fate == survived || m.fate == unreached):
			m.fate = equivalent
		case m.fate == survived || m.fate == unreached:
			fmt.Fprintf(out, "%s: %s:%d  %s\n", m.fate, m.file, m.line, m.key)
			wrong++
		case listed:
			fmt.Fprintf(out, "listed as changing nothing, but %s: %s:%d  %s\n", m.fate, m.file, m.line, m.key)
			wrong++
		}
		count[m.fate]++
	}
	for _, key := range list.keys {
		if !pkg.has(key) {
			fmt.Fprintf(out, "listed, but not there any more: %s\n", key)
			wrong++
		}
	}
	fmt.Fprintf(out, "%d mutants: %d killed, %d timed out, %d listed as changing nothing, %d survived, %d make no difference in any test; %s\n", len(tried),
		count[killed], count[timedOut], count[equivalent], count[survived], count[unreached], time.Since(began).Round(time.Second))
	return wrong == 0, nil
}
