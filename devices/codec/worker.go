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
	"sync"
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
		// The error is ErrLimit or ErrUseless.
		Limit   bool `json:"limit,omitempty"`
		Useless bool `json:"useless,omitempty"`
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
	w := newWatch()
	requests := json.NewDecoder(bufio.NewReaderSize(in, 64<<10))
	responses := json.NewEncoder(out)
	for {
		var q request
		if err := requests.Decode(&q); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		w.begin()
		if q.Source != nil {
			e.compile(q.Name, *q.Source)
		}
		object, err := e.run(q.Name, Input{Port: q.Port, Bytes: q.Bytes, At: q.At}, w.started)
		hungry := w.end()
		a := response{Object: object}
		if err != nil {
			a = response{Error: clip(err.Error()), Limit: errors.Is(err, ErrLimit), Useless: errors.Is(err, ErrUseless)}
		}
		if err := responses.Encode(a); err != nil {
			return err
		}
		if hungry {
			debug.FreeOSMemory()
		}
		if err := e.prepare(); err != nil { // while nobody waits
			return err
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

// A watch looks at each run from outside: first it interrupts, and when that
// does not help it ends the process. It looks when a timer says so, since most
// runs are over before that.
type watch struct {
	timer  *time.Timer
	sample []metrics.Sample

	mu        sync.Mutex
	running   bool
	began     time.Time
	interrupt func(error) // nil until there is something to interrupt
	hungry    bool
}

const lookEvery = 4 * time.Millisecond

func newWatch() *watch {
	w := &watch{sample: []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}}
	w.timer = time.AfterFunc(time.Hour, w.look)
	w.timer.Stop()
	return w
}

func (w *watch) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running, w.began, w.interrupt, w.hungry = true, time.Now(), nil, false
	w.timer.Reset(lookEvery)
}

func (w *watch) started(interrupt func(error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.interrupt = interrupt
}

// end stops looking, and says whether much memory was in use.
func (w *watch) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running = false
	w.timer.Stop()
	return w.hungry
}

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.running {
		return
	}
	metrics.Read(w.sample)
	memory, took := w.sample[0].Value.Uint64()+w.sample[1].Value.Uint64(), time.Since(w.began)
	switch {
	case memory > hardMemory:
		os.Exit(exitMemory)
	case took > hardTime:
		os.Exit(exitTime)
	case w.interrupt == nil:
	case memory > softMemory:
		w.hungry = true
		w.interrupt(fmt.Errorf("%w: it takes more than %d MiB of memory", ErrLimit, softMemory>>20))
	case took > softTime:
		w.interrupt(fmt.Errorf("%w: it takes longer than %v", ErrLimit, softTime))
	}
	w.timer.Reset(lookEvery)
}
