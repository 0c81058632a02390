package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
)

// Error is a try that failed.
type Error struct {
	webhook string
	word    string
	err     error // nil where the word says it all
}

// Word says what went wrong in a word that may be journalled and counted: it
// holds nothing of the call, the person or the answer. It is one of
//
//	timeout      nothing came in time: in connecting, TLS, headers or body
//	refused      the machine is there, but nobody listens
//	unreachable  no way to the machine, or no such name
//	tls          no trust, or no TLS spoken there
//	status 503   the answer, where it was not 2xx
//	broken       connected, but cut off, or no HTTP spoken there
//	canceled     the caller no longer wanted it
//	unencodable  the call cannot be written down; trying again cannot help
func (e *Error) Word() string { return e.word }

// Error names the webhook and what went wrong, without URL or answer.
func (e *Error) Error() string {
	switch e.word {
	case "refused", "unreachable", "tls", "unencodable":
		return fmt.Sprintf("webhook %q: %s: %v", e.webhook, e.word, e.err)
	}
	return fmt.Sprintf("webhook %q: %s", e.webhook, e.word)
}

// Unwrap gives the cause, nil where there is none. Unlike Error it may quote
// what the other side sent.
func (e *Error) Unwrap() error { return e.err }

func wordFor(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return "timeout"
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return "timeout"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "refused"
	}
	if isTLS(err) {
		return "tls"
	}
	if o, ok := errors.AsType[*net.OpError](err); ok && o.Op == "dial" {
		return "unreachable"
	}
	return "broken"
}

func isTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	// An alert that the other side sends comes as an OpError of crypto/tls.
	o, ok := errors.AsType[*net.OpError](err)
	return ok && (o.Op == "remote error" || o.Op == "local error")
}
