// Package email carries calls to a responder's mailbox by SMTP.
//
// It guarantees that one try ends within its deadline, wherever the mail server
// hangs, and that a mail is accepted only when the server has said so after the
// last line of it. Everything else is tried again, but for what the server
// refuses for good (5xx) for this recipient or this mail. Trying again may bring
// a mail twice, where the answer was lost; both have the same Message-ID, made
// of the notification's id, by which mail programs show one.
//
// Neither password nor mail leaves unencrypted: STARTTLS is demanded, or TLS
// from the first byte, with a certificate that is valid; only on the machine
// itself can it be done without. Whatever stands in a place's name or an
// address, it does not become a header or a command. A mail says kind, place,
// time and link, and never who called.
//
// A mail that was accepted is not one that was read, nor one that arrived at
// once: mail is for beside a channel that rings.
package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// DefaultTimeout is how long one try may take when the configuration does not
// say.
const DefaultTimeout = 10 * time.Second

// Security is how a mail server is spoken to.
type Security string

// The ways.
const (
	STARTTLS Security = "starttls" // demanded, never given up
	Implicit Security = "tls"      // from the first byte
	None     Security = "none"     // on this machine only
)

// Config says where the mail server is and who writes.
type Config struct {
	Name     string // as in telecare.yaml; for people and logs
	Host     string
	Port     int
	Security Security
	Username string // "" when the server asks for none
	Password string
	From     string        // an address, with a name before it or without
	Timeout  time.Duration // of one try; 0 is DefaultTimeout
	TLS      *tls.Config   // nil trusts the system's certificate authorities
}

// Email is one mail server. Its methods may be called from any goroutine; each
// try has a connection of its own.
type Email struct {
	cfg    Config
	from   *netmail.Address
	domain string // of from
	tls    *tls.Config
}

// New checks the configuration. It does not call the server.
func New(cfg Config) (*Email, error) {
	from, err := Address(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("e-mail %q: from: %w", cfg.Name, err)
	}
	switch {
	case cfg.Host == "" || cfg.Port < 1 || cfg.Port > 65535:
		return nil, fmt.Errorf("e-mail %q: give the mail server's host and port", cfg.Name)
	case cfg.Security != STARTTLS && cfg.Security != Implicit && cfg.Security != None:
		return nil, fmt.Errorf("e-mail %q: security %q: want starttls, tls or none", cfg.Name, cfg.Security)
	case cfg.Timeout < 0:
		return nil, fmt.Errorf("e-mail %q: timeout %v is negative", cfg.Name, cfg.Timeout)
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	e := &Email{cfg: cfg, from: from, domain: from.Address[strings.LastIndexByte(from.Address, '@')+1:], tls: &tls.Config{}}
	if cfg.TLS != nil {
		e.tls = cfg.TLS.Clone()
	}
	e.tls.ServerName = cfg.Host
	e.tls.MinVersion = max(e.tls.MinVersion, tls.VersionTLS12)
	return e, nil
}

// String names the channel as people know it.
func (e *Email) String() string { return "e-mail " + strconv.Quote(e.cfg.Name) }

// Notify makes one try and returns when the server has answered, when it has
// failed, or when ctx has ended; the configured timeout holds even when ctx has
// none. An err is always an *Error. retry is false for what cannot be written
// down, and where the server refuses this recipient or this mail for good. A
// refused login is tried again: a technician may mend it while the alarm is
// open.
func (e *Email) Notify(ctx context.Context, c alerting.Call) (retry bool, err error) {
	m, word := e.message(c)
	if word != "" {
		return false, &Error{channel: e.cfg.Name, word: word}
	}
	err = e.session(ctx, func(client *mail.Client, server *smtp.Client) error {
		err := client.SendWithSMTPClient(server, m)
		if m.IsDelivered() {
			return nil // an error after it changes nothing
		}
		return err
	})
	if err == nil {
		return false, nil
	}
	f := err.(*Error)
	return !f.forGood, f
}

// Test connects, encrypts, signs in and says who would write, as Notify does,
// and sends nothing. An err is always an *Error.
func (e *Email) Test(ctx context.Context) error {
	return e.session(ctx, func(_ *mail.Client, server *smtp.Client) error { return e.offer(server, "") })
}

// TestContact asks the server beside it whether it would take a mail for an
// address, and sends none. A server that passes mails on may take an address
// that is refused elsewhere, later.
func (e *Email) TestContact(ctx context.Context, address string) (retry bool, err error) {
	to, err := Address(address)
	if err != nil {
		return false, &Error{channel: e.cfg.Name, word: "no address"}
	}
	if err := e.session(ctx, func(_ *mail.Client, server *smtp.Client) error { return e.offer(server, to.Address) }); err != nil {
		f := err.(*Error)
		return !f.forGood, f
	}
	return false, nil
}

// offer begins a mail, to nobody when to is "", and takes it back.
func (e *Email) offer(server *smtp.Client, to string) error {
	if err := server.Mail("<" + e.from.Address + ">"); err != nil {
		return &refusal{err: err}
	}
	if to != "" {
		if err := server.Rcpt("<" + to + ">"); err != nil {
			return &refusal{err: err, recipient: true}
		}
	}
	return server.Reset()
}

// session opens a connection, has something done over it and closes it. The
// library bounds dialling only by ctx and leaves a connection open whose
// handshake has failed, so the connection is ours.
func (e *Email) session(parent context.Context, do func(*mail.Client, *smtp.Client) error) error {
	ctx, cancel := context.WithTimeout(parent, e.cfg.Timeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(e.cfg.Host, strconv.Itoa(e.cfg.Port)))
	if err != nil {
		return e.failed(parent, ctx, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if e.cfg.Security == Implicit {
		secure := tls.Client(conn, e.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return e.failed(parent, ctx, err)
		}
		conn = secure
	}
	client, err := e.client(conn)
	if err != nil {
		return e.failed(parent, ctx, err)
	}
	server, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return e.failed(parent, ctx, err)
	}
	if err := do(client, server); err != nil {
		return e.failed(parent, ctx, err)
	}
	_, _ = server.Text.Cmd("QUIT") // politely; nobody waits for the answer
	return nil
}

// client is the library's, for one connection that is there already.
func (e *Email) client(conn net.Conn) (*mail.Client, error) {
	policy := mail.NoTLS
	if e.cfg.Security == STARTTLS {
		policy = mail.TLSMandatory
	}
	options := []mail.Option{
		mail.WithPort(e.cfg.Port), mail.WithTimeout(e.cfg.Timeout), mail.WithTLSConfig(e.tls), mail.WithTLSPolicy(policy),
		mail.WithoutNoop(), mail.WithoutRset(), // a connection carries one mail
		mail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
	}
	if e.cfg.Username != "" {
		// By itself the library prefers NTLM, which wants a domain. PLAIN is
		// what every server takes, and it goes through TLS; without TLS the
		// library gives it to this machine only.
		options = append(options, mail.WithUsername(e.cfg.Username), mail.WithPassword(e.cfg.Password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthCramMD5))
	}
	return mail.NewClient(e.cfg.Host, options...)
}

// failed finds the word for what went wrong. parent tells the caller's own end
// from the deadline of the try.
func (e *Email) failed(parent, ctx context.Context, err error) *Error {
	f := &Error{channel: e.cfg.Name, err: err}
	switch {
	case errors.Is(parent.Err(), context.Canceled):
		f.word, f.err = "canceled", context.Canceled
	case ctx.Err() != nil:
		f.word = "timeout"
	default:
		f.word, f.forGood = wordFor(err)
	}
	return f
}
