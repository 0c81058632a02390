package email

import (
	"errors"
	"fmt"
	"net/textproto"
	"os"
	"strings"

	"telecare/alerting/notify/connection"

	"github.com/wneessen/go-mail"
)

// Error is a try that failed.
type Error struct {
	channel string
	word    string
	forGood bool
	err     error // nil where the word says it all
}

// Word says what went wrong in a word that may be journalled and counted: it
// holds nothing of the call, the person or the answer. It is one of
//
//	timeout      nothing came in time
//	refused      the machine is there, but nobody listens
//	unreachable  no way to the machine, or no such name
//	tls          no trust, or no TLS offered
//	login        user or password refused, or no way to sign in that we share
//	status 550   the server's answer, where it refused
//	broken       connected, but cut off, or no mail server
//	canceled     the caller no longer wanted it
//	no address   the responder has no e-mail address, or one that is none
func (e *Error) Word() string { return e.word }

// Error names the channel and what went wrong. It quotes no answer to a mail:
// servers repeat the recipient in it.
func (e *Error) Error() string {
	switch e.word {
	case "refused", "unreachable", "tls", "login":
		return fmt.Sprintf("e-mail %q: %s: %v", e.channel, e.word, e.err)
	}
	return fmt.Sprintf("e-mail %q: %s", e.channel, e.word)
}

// Unwrap gives the cause, nil where there is none. Unlike Error it may quote
// what the other side sent.
func (e *Error) Unwrap() error { return e.err }

// refusal is what a server answers to a mail that is only offered.
type refusal struct {
	err       error
	recipient bool // it was said of them
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// wordFor finds the word, and whether trying again is in vain.
func wordFor(err error) (word string, forGood bool) {
	if o, ok := errors.AsType[*refusal](err); ok {
		if r, ok := errors.AsType[*textproto.Error](err); ok && r.Code != 530 {
			return fmt.Sprintf("status %d", r.Code), o.recipient && r.Code >= 500
		}
	}
	if s, ok := errors.AsType[*mail.SendError](err); ok {
		// It keeps the server's code, and nothing of what a connection said.
		code := s.ErrorCode()
		switch {
		case code == 0 && strings.Contains(s.Error(), os.ErrDeadlineExceeded.Error()): // which has no type there either
			return connection.Timeout, false
		case code == 0:
			return connection.Broken, false
		case code == 530:
			return "login", false // [RFC 4954 6]
		case s.Reason == mail.ErrSMTPMailFrom:
			return fmt.Sprintf("status %d", code), false // it is us whom it does not want: that can be mended
		}
		return fmt.Sprintf("status %d", code), code >= 500
	}
	if r, ok := errors.AsType[*textproto.Error](err); ok {
		switch r.Code {
		case 432, 500, 501, 502, 503, 504, 530, 534, 535, 538: // [RFC 4954 4, 6]
			return "login", false
		}
		return fmt.Sprintf("status %d", r.Code), false
	}
	return connectionWord(err), false
}

func connectionWord(err error) string {
	word := connection.Word(err)
	if word != connection.Broken {
		return word
	}
	// These have no type of their own in the library.
	if s := err.Error(); strings.Contains(s, "does not support STARTTLS") {
		return connection.TLS
	} else if strings.Contains(s, "SMTP AUTH") {
		return "login"
	}
	return word
}
