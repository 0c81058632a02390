package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

// worker is a process of the test binary that runs one test after another. One
// for each would take ten times as long.
type worker struct {
	*binary
	tests []test // those that noticed something lately first, then the quickest

	cmd     *exec.Cmd // nil: none is running
	ask     io.WriteCloser
	from    io.Closer
	answers *bufio.Reader // out of from
}

// try runs the tests in which a mutant makes a difference until one fails.
func (w *worker) try(ctx context.Context, m *mutant) (fate, error) {
	all := unreached
	for i, t := range w.tests {
		if !t.reaches[m.id] {
			continue
		}
		f, _, err := w.run(ctx, m.id, t)
		if err != nil {
			return f, err
		}
		if f != survived {
			w.tests = slices.Insert(slices.Delete(w.tests, i, i+1), 0, t)
			return f, nil
		}
		all = survived
	}
	return all, nil
}

// run runs one test with a mutant, or without where it is 0, and tells what came
// of it: survived, killed or timedOut.
func (w *worker) run(ctx context.Context, id int, t test) (fate, test, error) {
	if w.cmd == nil {
		if err := w.start(ctx); err != nil {
			return "", t, err
		}
	}
	limit := 0
	if id != 0 {
		limit = 200_000 + 20*t.choices
	}
	// The limit ends what goes round for ever; this is for what does so without a
	// choice.
	process := w.cmd.Process
	late := time.AfterFunc(time.Minute+100*t.took, func() { _ = process.Kill() })
	fmt.Fprintf(w.ask, "%d %d %s\n", id, limit, t.run) // what goes wrong here is seen at the answer
	line, err := w.answers.ReadBytes('\n')
	stopped := !late.Stop()
	if err != nil { // it panicked, or did not end
		code := w.stop()
		if err := ctx.Err(); err != nil {
			return "", t, err
		}
		if stopped || code == tooMany {
			return timedOut, t, nil
		}
		return killed, t, nil
	}
	n := make([]int, 0, 64)
	for _, f := range bytes.Fields(line) {
		x, err := strconv.Atoi(string(f))
		if err != nil {
			return "", t, fmt.Errorf("the worker answered %q: %w", line, err)
		}
		n = append(n, x)
	}
	if len(n) < 3 {
		return "", t, fmt.Errorf("the worker answered %q", line)
	}
	if id == 0 {
		t.took, t.choices, t.reaches = time.Duration(n[1]), n[2], map[int]bool{}
		for _, m := range n[3:] {
			t.reaches[m] = true
		}
	}
	if n[0] != 0 {
		return killed, t, nil
	}
	return survived, t, nil
}

// tooMany is how a worker ends that made too many choices.
const tooMany = 86

func (w *worker) start(ctx context.Context) error {
	// The memory is bounded too: what goes round for ever may fill it first.
	cmd := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 4000000; exec "$0" "$@"`, w.path)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "MUTANTS=yes", "GOMAXPROCS=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	answers, to, err := os.Pipe()
	if err != nil {
		return err
	}
	defer to.Close()
	cmd.ExtraFiles = []*os.File{to}
	if err := cmd.Start(); err != nil {
		answers.Close()
		return err
	}
	w.cmd, w.ask, w.from, w.answers = cmd, in, answers, bufio.NewReader(answers)
	return nil
}

// stop ends the worker and tells how it ended.
func (w *worker) stop() int {
	if w.cmd == nil {
		return 0
	}
	w.ask.Close()
	_ = w.cmd.Wait() // that it failed says the code
	code := w.cmd.ProcessState.ExitCode()
	w.from.Close()
	w.cmd = nil
	return code
}
