package gateway

import (
	"context"
	"errors"
)

// errNoChannel is a responder's channel that telecare.yaml does not have.
var errNoChannel error = worded("no such channel")

// worded is an error that is its own word.
type worded string

func (w worded) Error() string { return string(w) }

// Word is what the journal and the page show.
func (w worded) Word() string { return string(w) }

// word is the reason of a failure as the journal keeps it: never free text,
// which might carry an address or a name.
func word(err error) string {
	var w interface{ Word() string }
	switch {
	case errors.As(err, &w):
		return w.Word()
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "failed"
}
