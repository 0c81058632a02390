package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// The journal and the spool of a gateway that runs belong to its process. What
// reads them, backup, verify and replay, is done by the gateway itself when one
// runs, and so is what changes it, reload and apply: the command asks it over a
// socket in the data folder that nobody but its owner can open.

func (f folder) control() string { return filepath.Join(string(f), "control.sock") }

// said is a line of the gateway's answer.
type said struct {
	Out  string `json:"out,omitempty"`
	Err  string `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

// ask has a running gateway carry out a command, with its paths absolute. It
// reports false when none runs.
func (f folder) ask(ctx context.Context, s streams, args ...string) (bool, error) {
	if s.inside {
		return false, nil
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", f.control())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return false, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return false, fmt.Errorf("ask the gateway that runs: %w; run this as its user or as root", err)
	}
	if err != nil {
		return false, fmt.Errorf("ask the gateway that runs: %w", err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if err := json.NewEncoder(c).Encode(args); err != nil {
		return false, fmt.Errorf("ask the gateway that runs: %w", err)
	}
	for lines := json.NewDecoder(c); ; {
		var l said
		if err := lines.Decode(&l); err != nil {
			return true, fmt.Errorf("the gateway that runs did not finish: %w", err)
		}
		io.WriteString(s.out, l.Out)
		io.WriteString(s.err, l.Err)
		switch {
		case l.Exit == nil:
		case *l.Exit == 0:
			return true, nil
		default:
			return true, exitStatus(*l.Exit)
		}
	}
}

// control is the task that answers such commands.
type control struct{ h *house }

func (c *control) String() string { return "control socket" }
func (c *control) Ready() error   { return nil }

func (c *control) Run(ctx context.Context) error {
	path := c.h.data.control()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // of a gateway that was killed; we hold the folder's lock
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	defer l.Close()
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		serving.Go(func() { c.serve(ctx, conn) })
	}
}

func (c *control) serve(whole context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(whole)
	defer cancel()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var args []string
	if err := json.NewDecoder(io.LimitReader(conn, 64<<10)).Decode(&args); err != nil || len(args) == 0 {
		return
	}
	out := &saying{to: json.NewEncoder(conn), gone: cancel}
	code := 2
	switch args[0] {
	case "reload":
		code = c.reload(whole, out)
	case "registry":
		code = c.registry(whole, out)
	case "backup", "journal", "replay":
		code = Main(ctx, append(args, "--data", string(c.h.data)), streams{
			in: new(noInput), out: voice{out, false}, err: voice{out, true}, inside: true,
		})
	}
	out.line(said{Exit: &code})
}

// reload is not broken off when whoever asked for it goes.
func (c *control) reload(ctx context.Context, out *saying) (code int) {
	changes, err := c.h.reload(ctx)
	switch {
	case err != nil:
		out.line(said{Err: fmt.Sprintf("%v\ntelecare: nothing has changed: the configuration before it goes on\n", err)})
		return 1
	case len(changes) == 0:
		changes = []string{"nothing has changed"}
	}
	out.line(said{Out: c.h.file + " is in force\n  " + strings.Join(changes, "\n  ") + "\n"})
	return 0
}

// registry puts a registry in force that has been written already.
func (c *control) registry(ctx context.Context, out *saying) (code int) {
	if err := c.h.followRegistry(ctx); err != nil {
		out.line(said{Err: fmt.Sprintf("telecare: the gateway that runs cannot read it and goes on as before: %v\n", err)})
		return 1
	}
	out.line(said{Out: "in force in the gateway that runs\n"})
	return 0
}

// saying sends lines; when the other end is gone the command is ended.
type saying struct {
	mu   sync.Mutex
	to   *json.Encoder
	gone func()
}

func (s *saying) line(l said) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.to.Encode(l) != nil {
		s.gone()
	}
}

type voice struct {
	*saying
	err bool
}

func (p voice) Write(b []byte) (int, error) {
	if p.err {
		p.line(said{Err: string(b)})
	} else {
		p.line(said{Out: string(b)})
	}
	return len(b), nil
}

type noInput struct{}

func (noInput) Read([]byte) (int, error) { return 0, io.EOF }
