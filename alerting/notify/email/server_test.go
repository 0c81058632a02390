package email_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strconv"
	"sync"
	"testing"
	"time"

	"telecare/alerting/notify/email"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is go-smtp's mail server with faults that can be put in.
type server struct {
	host  string
	port  int
	trust *x509.CertPool
	srv   *smtp.Server

	mu       sync.Mutex
	mails    []received
	sessions int
	mail     error            // its answer to MAIL FROM
	rcpt     error            // its answer to RCPT TO
	refuse   map[string]error // the same, by address
	data     error            // its answer to the mail
	cut      bool             // takes the mail and cuts the line instead of answering
	hang     chan struct{}    // not nil: holds the answer to the mail until it is closed
}

type received struct {
	from, to string
	raw      []byte
}

func (r received) parse(t *testing.T) *netmail.Message {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(r.raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, r.raw)
	}
	return m
}

const (
	user     = "gateway"
	password = "s3cret-s3cret"
)

// serve starts a server; with implicit it speaks TLS from the first byte.
func serve(t *testing.T, implicit bool, change ...func(*smtp.Server)) *server {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	s := &server{trust: x509.NewCertPool()}
	s.trust.AddCert(web.Certificate())
	s.srv = smtp.NewServer(s)
	s.srv.Domain = "mail.example"
	s.srv.ErrorLog = log.New(io.Discard, "", 0)
	s.srv.TLSConfig = &tls.Config{Certificates: web.TLS.Certificates}
	for _, f := range change {
		f(s.srv)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.host, s.port = "127.0.0.1", l.Addr().(*net.TCPAddr).Port
	if implicit {
		l = tls.NewListener(l, s.srv.TLSConfig)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); s.srv.Serve(l) }()
	t.Cleanup(func() { s.srv.Close(); <-ended })
	return s
}

func (s *server) set(f func()) { s.mu.Lock(); defer s.mu.Unlock(); f() }

func (s *server) received() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.mails...)
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.set(func() { s.sessions++ })
	return &session{s: s, conn: c}, nil
}

type session struct {
	s        *server
	conn     *smtp.Conn
	known    bool
	from, to string
}

func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, u, p string) error {
		if u != user || p != password {
			return smtp.ErrAuthFailed
		}
		c.known = true
		return nil
	}), nil
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if !c.known {
		return &smtp.SMTPError{Code: 530, Message: "sign in first"}
	}
	c.from = from
	return c.s.mail
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.to = to
	if err := c.s.refuse[to]; err != nil {
		return err
	}
	return c.s.rcpt
}

func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.s.mu.Lock()
	answer, cut, hang := c.s.data, c.s.cut, c.s.hang
	if answer == nil {
		c.s.mails = append(c.s.mails, received{c.from, c.to, raw})
	}
	c.s.mu.Unlock()
	if cut {
		c.conn.Conn().Close()
	}
	if hang != nil {
		<-hang
	}
	return answer
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// config is that of a channel to the server.
func (s *server) config(how email.Security) email.Config {
	return email.Config{
		Name: "post", Host: s.host, Port: s.port, Security: how, Username: user, Password: password,
		From: "Zażółć <telecare@example.org>", Timeout: 20 * time.Second, TLS: &tls.Config{RootCAs: s.trust},
	}
}

func newEmail(t *testing.T, cfg email.Config) *email.Email {
	t.Helper()
	e, err := email.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func wantWord(t *testing.T, err error, want string) {
	t.Helper()
	var e *email.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want one with the word %q", err, want)
	}
	if e.Word() != want {
		t.Errorf("got the word %q (%v), want %q", e.Word(), errors.Unwrap(e), want)
	}
}

// rawServer says what it is told to, and then nothing more.
func rawServer(t *testing.T, says string) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			io.WriteString(c, says)
		}
	}()
	_, p, _ := net.SplitHostPort(l.Addr().String())
	port, _ = strconv.Atoi(p)
	return port
}
