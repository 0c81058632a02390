package codec

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Codec is a file of a maker.
type Codec struct {
	Name   string // the file's
	Source string
}

// A Runner runs codecs in a second process, which it starts when it is needed
// and starts again when it was lost. Its methods may be called from many
// goroutines; one codec runs at a time.
type Runner struct {
	path string
	args []string

	mu      sync.Mutex
	worker  *worker
	closed  bool
	resting map[Codec]time.Time // codecs that went over a limit, until when
}

// NewRunner makes a runner whose second process is the program at path with
// these arguments (the first is its name), which must call Serve.
func NewRunner(path string, args ...string) *Runner {
	return &Runner{path: path, args: args, resting: map[Codec]time.Time{}}
}

// A worker is the second process.
type worker struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *json.Decoder
	loaded map[string]string // names with what was sent
}

// Decode runs a codec on one uplink and gives its object. An error is about
// the codec or its limits, and about this frame only.
func (r *Runner) Decode(c Codec, in Input) (json.RawMessage, error) {
	switch {
	case len(c.Source) > maxSource:
		return nil, fmt.Errorf("codec %q has %d bytes, and may have %d", filepath.Base(c.Name), len(c.Source), maxSource)
	case len(in.Bytes) > maxInput:
		return nil, fmt.Errorf("codec %q: an uplink of %d bytes is over the limit of %d", filepath.Base(c.Name), len(in.Bytes), maxInput)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	began := time.Now()
	if until, ok := r.resting[c]; ok && began.Before(until) {
		return nil, fmt.Errorf("codec %q: %w a moment ago and is left alone for %v", filepath.Base(c.Name), ErrLimit, until.Sub(began).Round(time.Second))
	}
	delete(r.resting, c)
	object, err := r.decode(c, in)
	if errors.Is(err, ErrLimit) {
		// At most a tenth of a source's time is wasted on it.
		now := time.Now()
		r.resting[c] = now.Add(10 * now.Sub(began))
	}
	if err != nil {
		return nil, fmt.Errorf("codec %q: %w", filepath.Base(c.Name), err)
	}
	return object, nil
}

// Close ends the second process.
func (r *Runner) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.drop()
}

func (r *Runner) decode(c Codec, in Input) (json.RawMessage, error) {
	if r.closed {
		return nil, errors.New("the runner is closed")
	}
	w, err := r.alive()
	if err != nil {
		return nil, err
	}
	q := request{Name: c.Name, Port: in.Port, Bytes: in.Bytes, At: in.At}
	if sent, ok := w.loaded[c.Name]; !ok || sent != c.Source {
		q.Source = &c.Source
	}
	line, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	kill := time.AfterFunc(killTime, func() { _ = w.cmd.Process.Kill() })
	defer kill.Stop()
	var a response
	_, err = w.in.Write(append(line, '\n'))
	if err == nil {
		err = w.out.Decode(&a)
	}
	if err != nil {
		return nil, r.lost(w)
	}
	w.loaded[c.Name] = c.Source
	switch {
	case a.Limit:
		return nil, fmt.Errorf("%w%s", ErrLimit, strings.TrimPrefix(a.Error, ErrLimit.Error()))
	case a.Useless:
		return nil, fmt.Errorf("%w%s", ErrUseless, strings.TrimPrefix(a.Error, ErrUseless.Error()))
	case a.Error != "":
		return nil, errors.New(a.Error)
	}
	return a.Object, nil
}

// alive gives the worker, and starts one where there is none.
func (r *Runner) alive() (*worker, error) {
	if r.worker != nil {
		return r.worker, nil
	}
	cmd := exec.Command(r.path)
	cmd.Args = r.args
	cmd.Env = []string{} // secrets may be in ours
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: start the codecs' process: %w", ErrUseless, err)
	}
	r.worker = &worker{
		cmd: cmd, in: in, loaded: map[string]string{},
		out: json.NewDecoder(bufio.NewReader(out)),
	}
	return r.worker, nil
}

// lost buries a worker that did not answer, and says why.
func (r *Runner) lost(w *worker) error {
	_ = w.cmd.Process.Kill()
	r.drop()
	switch w.cmd.ProcessState.ExitCode() {
	case exitMemory:
		return fmt.Errorf("%w: it takes more than %d MiB of memory", ErrLimit, hardMemory>>20)
	case exitTime:
		return fmt.Errorf("%w: it takes longer than %v", ErrLimit, hardTime)
	}
	return fmt.Errorf("%w: it ended its process (%v)", ErrLimit, w.cmd.ProcessState)
}

func (r *Runner) drop() {
	if r.worker == nil {
		return
	}
	_ = r.worker.in.Close()
	_ = r.worker.cmd.Wait() // its standard output was read to the end, or it is killed
	r.worker = nil
}
