package webhook

import "fmt"

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
