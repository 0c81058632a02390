package main

import (
	"bytes"
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
	"strconv"
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
	unreached  fate = "not reached by any test"
	killed     fate = "killed"
	timedOut   fate = "timed out"
	survived   fate = "survived"
	equivalent fate = "listed as changing nothing"
)

// test is a test, or a subtest, that runs by itself.
type test struct {
	name    string // Top or Top/sub
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

func (b *binary) command(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, b.path, args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), append(env, "GOMAXPROCS=1")...)
	return cmd
}

// limited bounds the processor's seconds, which do not depend on what else the
// machine does, and the memory.
func limited(cmd *exec.Cmd, cpu time.Duration) {
	cmd.Args = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -t %d; ulimit -v 4000000; exec "$0" "$@"`, int(cpu.Seconds())), cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
}

// atRandom are the tests that draw what they try.
var atRandom = regexp.MustCompile(`Always$`)

var passed = regexp.MustCompile(`(?m)^ *--- PASS: (\S+) `)

// cover runs every test by itself, without a mutant.
func (b *binary) cover(ctx context.Context, out io.Writer, slow time.Duration) error {
	log, err := b.command(ctx, nil, "-test.v", "-test.run", "^Test", "-test.skip", atRandom.String()).Output()
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
	slices.Sort(names)
	b.tests = make([]test, len(names))
	errs := make([]error, len(names))
	inParallel(len(names), func(i int) {
		to := filepath.Join(b.work, "reached-"+itoa(i))
		cmd := b.command(ctx, []string{"MUTANTS_REACHED=" + to}, "-test.run", pattern(names[i:i+1]))
		limited(cmd, time.Minute)
		out, err := cmd.CombinedOutput()
		if err != nil {
			errs[i] = fmt.Errorf("without a mutant %s fails: %w\n%s", names[i], err, out)
			return
		}
		t := test{name: names[i], took: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), reaches: map[int]bool{}}
		reached, err := os.ReadFile(to)
		errs[i] = err
		for i, f := range bytes.Fields(reached) {
			n, _ := strconv.Atoi(string(f))
			if i == 0 {
				t.choices = n
			} else {
				t.reaches[n] = true
			}
		}
		b.tests[i] = t
	})
	b.tests = slices.DeleteFunc(b.tests, func(t test) bool {
		if t.took > slow {
			fmt.Fprintf(out, "left out, for it takes %s: %s\n", t.took.Round(time.Millisecond), t.name)
		}
		return t.took > slow
	})
	return errors.Join(errs...)
}

// pattern is the -test.run of tests that have the same parent.
func pattern(names []string) string {
	top, _, nested := strings.Cut(names[0], "/")
	if !nested {
		return "^(" + strings.Join(names, "|") + ")$"
	}
	var subs []string
	for _, n := range names {
		_, sub, _ := strings.Cut(n, "/")
		subs = append(subs, regexp.QuoteMeta(sub))
	}
	return "^" + top + "$/^(" + strings.Join(subs, "|") + ")$"
}

// try finds the fate of every mutant.
func (b *binary) try(ctx context.Context, mutants []*mutant, tell func(*mutant)) {
	inParallel(len(mutants), func(i int) {
		m := mutants[i]
		defer tell(m)
		groups, need := map[string][]test{}, map[string]time.Duration{}
		for _, t := range b.tests {
			if t.reaches[m.id] {
				top, _, _ := strings.Cut(t.name, "/")
				groups[top] = append(groups[top], t)
				need[top] += t.took
				if strings.Contains(t.name, "/") {
					need[top] = 0 // nights first: they are many, and the first that differs ends it
				}
			}
		}
		m.fate = unreached
		tops := make([]string, 0, len(groups))
		for top := range groups {
			tops = append(tops, top)
		}
		slices.SortFunc(tops, func(a, b string) int { return cmp.Or(cmp.Compare(need[a], need[b]), cmp.Compare(a, b)) })
		for _, top := range tops {
			if m.fate = b.one(ctx, m, groups[top]); m.fate != survived {
				return
			}
		}
	})
}

func (b *binary) one(ctx context.Context, m *mutant, tests []test) fate {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	var names []string
	cpu, choices := 3*time.Second, 1_000_000
	for _, t := range tests {
		names = append(names, t.name)
		cpu += 5 * t.took
		choices += 5 * t.choices
	}
	cmd := b.command(ctx, []string{"MUTANT=" + itoa(m.id), "MUTANTS_LIMIT=" + itoa(choices)}, "-test.failfast", "-test.run", pattern(names))
	limited(cmd, cpu)
	err := cmd.Run()
	switch {
	case cmd.ProcessState == nil:
		return unreached // stopped
	case err == nil:
		return survived
	case !cmd.ProcessState.Exited() || cmd.ProcessState.ExitCode() == tooMany:
		return timedOut
	}
	return killed
}

// tooMany is how a test binary ends that goes round for ever.
const tooMany = 86

// inParallel does n things, as many at once as there are processors.
func inParallel(n int, do func(i int)) {
	next := make(chan int)
	var all sync.WaitGroup
	for range runtime.NumCPU() {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}
