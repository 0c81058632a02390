package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// What a mutant is chosen by, and the end of a test binary that tells which were
// reached.
var (
	//go:embed choice.go.txt
	choice []byte
	//go:embed choice_test.go.txt
	choiceTest []byte
)

type fate string

const (
	unreached  fate = "makes no difference in any test"
	killed     fate = "killed"
	timedOut   fate = "timed out"
	survived   fate = "survived"
	equivalent fate = "listed as changing nothing"
)

// test is a test, or a subtest, that runs by itself.
type test struct {
	name    string // Top or Top/sub
	run     string // the pattern of it alone
	took    time.Duration
	choices int // made in it
	reaches map[int]bool
}

// binary holds all mutants and the tests.
type binary struct {
	path, dir, work string
	mutants         []*mutant
	tests           []test
}

// build makes the one test binary.
func build(ctx context.Context, dir string, p *mutated) (*binary, error) {
	work, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	sources := map[string][]byte{}
	for name, src := range map[string][]byte{"mutants_choice.go": choice, "mutants_choice_test.go": choiceTest} {
		sources[filepath.Join(abs, name)] = append([]byte("package "+p.name+"\n"), src...)
	}
	for name, src := range p.sources {
		sources[name] = src
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, src := range sources {
		to := filepath.Join(work, filepath.Base(name))
		overlay.Replace[name] = to
		if err := os.WriteFile(to, src, 0o600); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(work, "overlay.json"), b, 0o600); err != nil {
		return nil, err
	}
	bin := &binary{path: filepath.Join(work, "test"), dir: abs, work: work, mutants: p.mutants}
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", filepath.Join(work, "overlay.json"), "-o", bin.path, "./"+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the mutants do not build, in %s: %w\n%s", work, err, out)
	}
	return bin, nil
}

// atRandom are the tests that draw what they try.
var atRandom = regexp.MustCompile(`(Always|HideNothing)$`)

var passed = regexp.MustCompile(`(?m)^ *--- PASS: (\S+) `)

// cover runs every test by itself, without a mutant.
func (b *binary) cover(ctx context.Context, out io.Writer, slow time.Duration) error {
	cmd := exec.CommandContext(ctx, b.path, "-test.v", "-test.run", "^Test", "-test.skip", atRandom.String())
	cmd.Dir = b.dir
	log, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("without a mutant the tests fail, see go test ./alerting: %w", err)
	}
	var names []string
	for _, m := range passed.FindAllSubmatch(log, -1) {
		names = append(names, string(m[1]))
	}
	names = slices.DeleteFunc(names, func(n string) bool { // of those with subtests, these alone
		return slices.ContainsFunc(names, func(o string) bool { return strings.HasPrefix(o, n+"/") })
	})
	w := worker{binary: b}
	defer w.stop()
	for _, name := range names {
		t := test{name: name, run: "^" + strings.ReplaceAll(regexp.QuoteMeta(name), "/", "$/^") + "$"}
		f, t, err := w.run(ctx, 0, t)
		if err != nil || f != survived {
			return errors.Join(fmt.Errorf("by itself, and without a mutant, %s fails", name), err)
		}
		if t.took > slow {
			fmt.Fprintf(out, "left out, for it takes %s: %s\n", t.took.Round(time.Millisecond), name)
			continue
		}
		b.tests = append(b.tests, t)
	}
	slices.SortStableFunc(b.tests, func(a, b test) int { return cmp.Compare(a.took, b.took) })
	return nil
}

// try finds the fate of every mutant.
func (b *binary) try(ctx context.Context, mutants []*mutant, tell func(*mutant)) error {
	next := make(chan *mutant)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			w := worker{binary: b, tests: slices.Clone(b.tests)}
			defer w.stop()
			for m := range next {
				if errs[i] == nil {
					if m.fate, errs[i] = w.try(ctx, m); errs[i] == nil {
						tell(m)
					}
				}
			}
			// A worker runs one test after another in one process, which is only
			// right while no test leaves anything behind.
			for _, t := range w.tests {
				if errs[i] == nil {
					if f, _, err := w.run(ctx, 0, t); err != nil || f != survived {
						errs[i] = errors.Join(fmt.Errorf("after the mutants, and without any, %s fails", t.name), err)
					}
				}
			}
		})
	}
	for _, m := range mutants {
		next <- m
	}
	close(next)
	all.Wait()
	return errors.Join(errs...)
}
