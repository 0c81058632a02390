package codec

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// prelude is what codecs expect to find beside the language.
//
//go:embed prelude.js
var prelude string

// buffer is a small stand-in for Node's, which ChirpStack has and some makers
// use.
//
//go:embed buffer.js
var buffer string

// entry finds the function that decodes.
//
//go:embed entry.js
var entry string

// engine holds what is compiled once, and runs it. It lives in the second
// process.
type engine struct {
	prelude, buffer, entry *goja.Program
	codecs                 map[string]*program
	next                   *world // made ahead, for it takes as long as a run
}

// A world is a JavaScript runtime that has seen no codec yet.
type world struct {
	*goja.Runtime
	at time.Time // what its clock shows
}

type program struct {
	code   *goja.Program
	buffer bool // it speaks of Buffer
	err    error
}

func newEngine() *engine {
	return &engine{
		prelude: goja.MustCompile("prelude.js", prelude, true),
		buffer:  goja.MustCompile("buffer.js", buffer, true),
		entry:   goja.MustCompile("entry.js", entry, false),
		codecs:  map[string]*program{},
	}
}

// compile keeps a codec under its name.
func (e *engine) compile(name, source string) {
	p := &program{buffer: strings.Contains(source, "Buffer")}
	// An editor's byte order mark is no JavaScript.
	p.code, p.err = goja.Compile("", strings.TrimPrefix(source, "\ufeff"), false)
	if p.err != nil && strings.Contains(source, "export ") {
		p.err = fmt.Errorf("%w; modules (import, export) are not understood: take the words away, and leave the functions", p.err)
	}
	if p.err != nil {
		p.err = fmt.Errorf("%w: %w", ErrUseless, p.err)
	}
	e.codecs[name] = p
}

// prepare makes the next world, if there is none.
func (e *engine) prepare() error {
	if e.next != nil {
		return nil
	}
	w := &world{Runtime: goja.New()}
	w.SetMaxCallStackSize(maxDepth)
	// The same frame means the same when it is decoded again.
	w.SetRandSource(rand.New(rand.NewPCG(1, 2)).Float64)
	w.SetTimeSource(func() time.Time { return w.at })
	if _, err := w.RunProgram(e.prelude); err != nil {
		return err
	}
	e.next = w
	return nil
}

// run decodes one uplink in a world of its own. started is told how to
// interrupt it.
func (e *engine) run(name string, in Input, started func(interrupt func(reason error))) (object json.RawMessage, err error) {
	p := e.codecs[name]
	if p == nil {
		return nil, errors.New("codec is not loaded")
	}
	if p.err != nil {
		return nil, p.err
	}
	defer func() {
		if r := recover(); r != nil { // a defect of the engine
			object, err = nil, fmt.Errorf("engine failed: %v", r)
			debug.FreeOSMemory()
		}
	}()
	if err := e.prepare(); err != nil {
		return nil, err
	}
	rt := e.next
	e.next = nil
	if rt.at = in.At; rt.at.IsZero() {
		rt.at = time.Now()
	}
	started(func(reason error) { rt.Interrupt(reason) })
	if p.buffer {
		if _, err := rt.RunProgram(e.buffer); err != nil {
			return nil, err
		}
	}
	if _, err := rt.RunProgram(p.code); err != nil {
		if err = plain(err); errors.Is(err, ErrLimit) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrUseless, err)
	}
	v, err := rt.RunProgram(e.entry)
	if err != nil {
		return nil, plain(err)
	}
	call, ok := goja.AssertFunction(v)
	if !ok {
		return nil, fmt.Errorf("%w: no decodeUplink, Decode or Decoder in it", ErrUseless)
	}
	items := make([]any, len(in.Bytes))
	for i, b := range in.Bytes {
		items[i] = int64(b)
	}
	out, err := call(goja.Undefined(), rt.NewArray(items...), rt.ToValue(in.Port), rt.ToValue(rt.at.UnixMilli()))
	if err != nil {
		return nil, plain(err)
	}
	text := out.String()
	if len(text) > maxObject {
		return nil, fmt.Errorf("%w: its object has %d bytes, and may have %d", ErrLimit, len(text), maxObject)
	}
	return json.RawMessage(text), nil
}

// plain is an error without the stack of JavaScript calls.
func plain(err error) error {
	var interrupted *goja.InterruptedError
	if errors.As(err, &interrupted) {
		if reason, ok := interrupted.Value().(error); ok {
			return reason
		}
	}
	var overflow *goja.StackOverflowError
	if errors.As(err, &overflow) {
		return fmt.Errorf("%w: its calls are more than %d deep", ErrLimit, maxDepth)
	}
	var thrown *goja.Exception
	if errors.As(err, &thrown) {
		return errors.New(strings.TrimPrefix(thrown.Value().String(), "Error: "))
	}
	return err
}
