package connection_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"telecare/alerting/notify/connection"
)

func TestWord(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, c := range []struct {
		err  error
		want string
	}{
		{context.DeadlineExceeded, "timeout"},
		{os.ErrDeadlineExceeded, "timeout"},
		{dial(os.NewSyscallError("connect", syscall.ETIMEDOUT)), "timeout"},
		{&net.DNSError{Err: "i/o timeout", IsTimeout: true}, "timeout"},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "refused"},
		{dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "unreachable"},
		{dial(&net.DNSError{Err: "no such host", IsNotFound: true}), "unreachable"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "tls"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "tls"},
		{tls.AlertError(42), "tls"},
		{&net.OpError{Op: "remote error", Err: tls.AlertError(48)}, "tls"},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, "tls"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "broken"},
		{io.ErrUnexpectedEOF, "broken"},
	} {
		if got := connection.Word(fmt.Errorf("post: %w", c.err)); got != c.want {
			t.Errorf("%T %v: %q, want %q", c.err, c.err, got, c.want)
		}
	}
}
