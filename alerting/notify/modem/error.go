package modem

import (
	"context"
	"errors"
	"fmt"

	"telecare/alerting"
	"telecare/alerting/notify/modem/at"
)

// The words for a try that failed: they may be journalled and counted.
const (
	NoModem    = "no modem"   // unplugged, or it does not answer
	NoSIM      = "no sim"     // no card, or a broken one
	PIN        = "pin"        // the card wants another PIN, or is locked
	NoNetwork  = "no network" // not registered, or no signal
	InboxFull  = "inbox full" // what people answer does not come in
	Busy       = "busy"       // the telephone is
	NotRinging = "not ringing"
	Refused    = "refused" // by modem or network
	Timeout    = "timeout"
	InLine     = alerting.InLine // others are before it
	Canceled   = "canceled"
	NoAddress  = "no address" // no telephone number, or one that is none
	TooLong    = "unencodable"
)

// Error is a try that failed.
type Error struct {
	modem string
	word  string
	err   error // nil where the word says it all
}

// Word says what went wrong in a word of those above. It holds nothing of the
// call or the person.
func (e *Error) Word() string { return e.word }

// Error names the modem and what went wrong.
func (e *Error) Error() string {
	if e.err == nil {
		return fmt.Sprintf("modem %q: %s", e.modem, e.word)
	}
	return fmt.Sprintf("modem %q: %s: %v", e.modem, e.word, e.err)
}

// Unwrap gives the cause, nil where there is none.
func (e *Error) Unwrap() error { return e.err }

func (m *Modem) because(word string, err error) *Error {
	return &Error{modem: m.cfg.Name, word: word, err: err}
}

// failed finds the word for an error of a dialogue.
func (m *Modem) failed(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	switch {
	case errors.Is(err, at.ErrGone):
		return m.because(NoModem, err)
	case errors.Is(err, at.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return m.because(Timeout, err)
	case errors.Is(err, context.Canceled):
		return m.because(Canceled, err)
	}
	e, ok := errors.AsType[*at.Error](err)
	switch {
	case !ok:
		return m.because(NoModem, err)
	case e.Kind == "CMS" && e.Code >= 310 && e.Code <= 318, e.Kind == "CME" && e.Code >= 10 && e.Code <= 18:
		return m.because(NoSIM, err) // [3GPP TS 27.005 3.2.5; 27.007 9.2.1]
	case e.Kind == "CMS" && (e.Code == 331 || e.Code == 332), e.Kind == "CME" && (e.Code == 30 || e.Code == 31):
		return m.because(NoNetwork, err)
	}
	return m.because(Refused, err)
}
