// Package connection says in one word why a try to reach another machine
// failed, the same word on every channel. The word may be journalled and
// counted: it holds no name, address or answer.
package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"syscall"
)

// The words there are.
const (
	Timeout     = "timeout"     // nothing came in time
	Refused     = "refused"     // the machine is there, but nobody listens
	Unreachable = "unreachable" // no way to the machine, or no such name
	TLS         = "tls"         // no trust, or no TLS spoken there
	Broken      = "broken"      // anything else: connected, but cut off
)

// Word is the word for an error of dialling, TLS, reading or writing.
func Word(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return Timeout
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return Timeout
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return Refused
	}
	if isTLS(err) {
		return TLS
	}
	if o, ok := errors.AsType[*net.OpError](err); ok && o.Op == "dial" {
		return Unreachable
	}
	return Broken
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
	// An alert that the other side sends comes as an OpError of crypto/tls.
	o, ok := errors.AsType[*net.OpError](err)
	return ok && (o.Op == "remote error" || o.Op == "local error")
}
