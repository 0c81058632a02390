package connection

import (
	"errors"
	"fmt"
)

// Error is a try of a channel that failed: what a channel that speaks HTTP gives.
type Error struct {
	channel string
	*Failed
}

// Of makes the Error of a channel, such as `sms "night"`, from what went wrong. It
// holds what err does; of an err that is no *Failed Error says no more than that
// the connection broke.
func Of(channel fmt.Stringer, err error) *Error {
	f, ok := errors.AsType[*Failed](err)
	if !ok {
		f = Failure(Broken, err)
	}
	return &Error{channel.String(), f}
}

// Error names the channel and what went wrong, without address or answer.
func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.channel, e.Failed) }
