package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"
)

// finding is what was found of one thing, and what to do about it.
type finding struct {
	Level string `json:"level"` // ok, warn or bad
	What  string `json:"what"`
	Says  string `json:"says"`
	Do    string `json:"do,omitempty"`
}

// Levels, the worst last.
const (
	fine  = "ok"
	warn  = "warn"
	awful = "bad"
)

func (f finding) String() string {
	s := fmt.Sprintf("%-5s %s: %s", f.Level, f.What, f.Says)
	if f.Do != "" {
		s += "\n      " + f.Do
	}
	return s
}

func well(what, says string, args ...any) finding {
	return finding{Level: fine, What: what, Says: fmt.Sprintf(says, args...)}
}

// findings are printed in order.
type findings []finding

func (l findings) count(level string) (n int) {
	for _, f := range l {
		if f.Level == level {
			n++
		}
	}
	return n
}

func (l findings) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(l)
	}
	for _, f := range l {
		fmt.Fprintln(w, f)
	}
	_, err := fmt.Fprintf(w, "%d well, %d to look at, %d bad\n", l.count(fine), l.count(warn), l.count(awful))
	return err
}

// probe looks at one thing, within its time.
type probe struct {
	what string
	try  func(context.Context) finding
}

// tryFor is how long one probe may take.
const tryFor = 10 * time.Second

// run looks at all things at once and reports in their order.
func run(ctx context.Context, probes []probe) findings {
	out := make(findings, len(probes))
	var all sync.WaitGroup
	for i, p := range probes {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, tryFor)
			defer cancel()
			out[i] = p.try(ctx)
			out[i].What = p.what
		})
	}
	all.Wait()
	return out
}

// failed is a finding of an error, with what to do where the error tells.
func failed(err error) finding {
	return finding{Level: awful, Says: err.Error(), Do: hint(err)}
}

// hint says what can be done about an error of a connection or a file.
func hint(err error) string {
	var dns *net.DNSError
	text := strings.ToLower(err.Error())
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there: start it, or correct host and port"
	case errors.As(err, &dns):
		return "the name is not known: correct it, or look at this machine's DNS"
	case errors.Is(err, context.DeadlineExceeded), strings.Contains(text, "timeout"), strings.Contains(text, "timed out"):
		return "no answer: look at host, port, the network and firewalls between"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "no way there: look at this machine's network"
	case strings.Contains(text, "x509"), strings.Contains(text, "certificate"):
		return "its certificate is not trusted: give ca_file:, or have it mended there"
	case strings.Contains(text, "tls"), strings.Contains(text, "first record"):
		return "it does not speak TLS there as we do: look at scheme and port"
	case errors.Is(err, syscall.ENOSPC), strings.Contains(text, "disk is full"):
		return "make room on it"
	case errors.Is(err, syscall.EROFS), strings.Contains(text, "read-only"), strings.Contains(text, "unable to open database"):
		return "look whether the disk is read-only, and whose the data folder is"
	case errors.Is(err, fs.ErrPermission):
		return "give this user the right to it, or run as the gateway's user"
	}
	return ""
}
