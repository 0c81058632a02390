package codec

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Words between the two processes: a line of JSON each.
type (
	request struct {
		Name   string    `json:"name"`
		Source *string   `json:"source,omitempty"` // with the first request of a name
		Port   int       `json:"port"`
		Bytes  []byte    `json:"bytes"`
		At     time.Time `json:"at,omitzero"`
	}
	response struct {
		Object json.RawMessage `json:"object,omitempty"`
		Error  string          `json:"error,omitempty"`
		Limit  bool            `json:"limit,omitempty"` // the error is ErrLimit
	}
)

// Exit codes by which a worker says why it ended itself.
const (
	exitMemory = 65
	exitTime   = 66
)

// Serve is the second process: it answers until in ends.
func Serve(in io.Reader, out io.Writer) error {
	// Should the machine run out of memory all the same, it is this process
	// that the kernel shall take. There is no such file elsewhere than Linux.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	debug.SetMemoryLimit(softMemory) // collect harder before a codec is blamed
	debug.SetMaxStack(64 << 20)

	e := newEngine()
	requests := json.NewDecoder(bufio.NewReaderSize(in, 64<<10))
	responses := json.NewEncoder(out)
	for {
		var q request
		if err := requests.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		w := watchRun()
		if q.Source != nil {
			e.compile(q.Name, *q.Source)
		}
		object, err := e.run(q.Name, Input{Port: q.Port, Bytes: q.Bytes, At: q.At}, w.started)
		hungry := w.end()
		a := response{Object: object}
		if err != nil {
			a = response{Error: clip(err.Error()), Limit: errors.Is(err, ErrLimit)}
		}
		if err := responses.Encode(a); err != nil {
			return err
		}
		if hungry {
			debug.FreeOSMemory()
		}
	}
}

// clip bounds what a codec can make an error say.
func clip(s string) string {
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

// A watch looks at one run from outside: first it interrupts, and when that
// does not help it ends the process.
type watch struct {
	began time.Time
	begun chan func(error)
	stop  chan struct{}
	done  chan bool
}

const lookEvery = 4 * time.Millisecond

func watchRun() *watch {
	w := &watch{began: time.Now(), begun: make(chan func(error), 1), stop: make(chan struct{}), done: make(chan bool, 1)}
	go w.look()
	return w
}

func (w *watch) started(interrupt func(error)) { w.begun <- interrupt }

// end stops looking, and says whether much memory was in use.
func (w *watch) end() bool {
	close(w.stop)
	return <-w.done
}

func (w *watch) look() {
	hungry := false
	defer func() { w.done <- hungry }()
	var interrupt func(error)
	tick := time.NewTimer(lookEvery)
	defer tick.Stop()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	for {
		select {
		case <-w.stop:
			return
		case interrupt = <-w.begun:
			continue
		case <-tick.C:
			tick.Reset(lookEvery)
		}
		metrics.Read(sample)
		memory, took := sample[0].Value.Uint64()+sample[1].Value.Uint64(), time.Since(w.began)
		switch {
		case memory > hardMemory:
			os.Exit(exitMemory)
		case took > hardTime:
			os.Exit(exitTime)
		case interrupt == nil:
		case memory > softMemory:
			hungry = true
			interrupt(fmt.Errorf("%w: it takes more than %d MiB of memory", ErrLimit, softMemory>>20))
		case took > softTime:
			interrupt(fmt.Errorf("%w: it takes longer than %v", ErrLimit, softTime))
		}
	}
}
