// Package at speaks with a GSM modem in AT commands.
//
// It guarantees that an answer is that of the command which was asked: what a
// modem says by itself in the middle of it is kept apart and given as a notice,
// the echo is left out, and after an answer that did not come in time nothing is
// asked before the modem has been found to listen again. A command never takes
// longer than its time.
package at

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Error is a modem's refusal.
type Error struct {
	Kind string // "CME" or "CMS"; "" when it says nothing more
	Code int    // -1 when it is said in words
	Text string // those, or how a call ended
}

func (e *Error) Error() string {
	switch {
	case e.Kind == "" && e.Text == "":
		return "the modem refuses the command"
	case e.Kind == "":
		return "the modem says " + e.Text
	case e.Code < 0:
		return fmt.Sprintf("the modem says error %s (%s)", e.Kind, e.Text)
	}
	return fmt.Sprintf("the modem says error %s %d", e.Kind, e.Code)
}

func errorOf(line string) *Error {
	e := &Error{Kind: line[1:4], Code: -1}
	e.Text = strings.TrimSpace(line[len("+CME ERROR:"):])
	if n, err := strconv.Atoi(e.Text); err == nil && n >= 0 {
		e.Code, e.Text = n, ""
	}
	return e
}

// What may become of a command beside an answer.
var (
	ErrTimeout = errors.New("the modem did not answer in time")
	ErrGone    = errors.New("the modem is gone: was it unplugged?")
)

// Dialogue is with one modem. It is for one goroutine.
type Dialogue struct {
	in      <-chan []byte
	write   func([]byte) error
	split   splitter
	notices []Notice
	open    bool // the last notice has a line behind it
	unsure  bool // an answer is missing: the next line may be its
}

// New speaks by write and hears by in, which is closed when the port is gone.
func New(in <-chan []byte, write func([]byte) error) *Dialogue {
	return &Dialogue{in: in, write: write, unsure: true}
}

// Notices takes what the modem has said by itself.
func (d *Dialogue) Notices() []Notice {
	out := d.notices
	d.notices, d.open = nil, false
	return out
}

// Hear takes what came while nothing was asked.
func (d *Dialogue) Hear(b []byte) { d.hear(b, nil) }

func (d *Dialogue) hear(b []byte, c *command) (prompt bool) {
	for _, line := range d.split.feed(b) {
		switch {
		case line == ">":
			prompt = true
		case d.open && isHex(line):
			d.notices[len(d.notices)-1].PDU, d.open = line, false
		case c != nil && !c.done && c.take(line):
		case line == "OK" || line == "ERROR": // of something that is not asked any more
		default:
			if len(d.notices) < 100 {
				d.notices = append(d.notices, Notice{Line: line})
				d.open = hasBody(line)
			}
		}
	}
	return prompt
}

// Do asks and waits for the answer, without its "OK".
func (d *Dialogue) Do(ctx context.Context, within time.Duration, text string) ([]string, error) {
	if err := d.listen(ctx); err != nil {
		return nil, err
	}
	return d.ask(ctx, within, newCommand(text), "")
}

// Send is Do of a command with a message behind its prompt.
func (d *Dialogue) Send(ctx context.Context, within time.Duration, text, message string) ([]string, error) {
	if err := d.listen(ctx); err != nil {
		return nil, err
	}
	return d.ask(ctx, within, newCommand(text), message)
}

// The keys behind a message, and instead of one. [3GPP TS 27.005 3.5.1]
const (
	ctrlZ = "\x1a"
	esc   = "\x1b"
)

func (d *Dialogue) ask(ctx context.Context, within time.Duration, c *command, message string) ([]string, error) {
	d.overheard()
	d.split.prompt = message != ""
	defer func() { d.split.prompt = false }()
	if err := d.write([]byte(c.text + "\r")); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrGone, err)
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		select {
		case b, ok := <-d.in:
			if !ok {
				return nil, ErrGone
			}
			if d.hear(b, c) && message != "" {
				if err := d.write([]byte(message + ctrlZ)); err != nil {
					return nil, fmt.Errorf("%w (%w)", ErrGone, err)
				}
				message = ""
			}
			switch {
			case !c.done:
			case c.problem != nil:
				return c.answer, c.problem
			case message != "":
				d.unsure = true
				return nil, fmt.Errorf("no prompt: %w", &Error{})
			default:
				return c.answer, nil
			}
		case <-timer.C:
			d.unsure = true
			return nil, ErrTimeout
		case <-ctx.Done():
			d.unsure = true
			return nil, ctx.Err()
		}
	}
}

// overheard takes what has come since the last answer: a second one to the same
// command is not the next one's.
func (d *Dialogue) overheard() {
	for {
		select {
		case b, ok := <-d.in:
			if !ok {
				return // which is found out at once
			}
			d.hear(b, nil)
		default:
			return
		}
	}
}

// Times of finding out whether the modem listens.
const (
	listenFor = time.Second
	quietFor  = 50 * time.Millisecond
	listens   = 5
)

// listen has the modem answer before anything else is asked of it, where that is
// not sure: it may wait for a message, or be about to answer something that is
// not awaited any more.
func (d *Dialogue) listen(ctx context.Context) error {
	if !d.unsure {
		return nil
	}
	var err error
	for range listens {
		if err := d.write([]byte(esc + "\r")); err != nil {
			return fmt.Errorf("%w (%w)", ErrGone, err)
		}
		if err := d.quiet(ctx); err != nil {
			return err
		}
		_, err = d.ask(ctx, listenFor, newCommand("AT"), "")
		if err == nil {
			if err := d.quiet(ctx); err != nil {
				return err
			}
			d.unsure = false
			return nil
		}
		if errors.Is(err, ErrGone) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// quiet hears until nothing more is said for a moment, or for listenFor.
func (d *Dialogue) quiet(ctx context.Context) error {
	end := time.NewTimer(listenFor)
	defer end.Stop()
	for {
		still := time.NewTimer(quietFor)
		select {
		case b, ok := <-d.in:
			still.Stop()
			if !ok {
				return ErrGone
			}
			d.hear(b, nil)
		case <-still.C:
			return nil
		case <-end.C:
			still.Stop()
			return nil
		case <-ctx.Done():
			still.Stop()
			return ctx.Err()
		}
	}
}

// Values are what stands behind an answer's name, cut at its commas; quotes are
// taken off, and a comma between them cuts nothing.
func Values(line string) []string {
	_, rest, ok := strings.Cut(line, ":")
	if !ok {
		return nil
	}
	out, quoted := []string{""}, false
	for _, c := range strings.TrimSpace(rest) {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			out = append(out, "")
		default:
			out[len(out)-1] += string(c)
		}
	}
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}
