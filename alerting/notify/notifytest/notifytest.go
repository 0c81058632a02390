// Package notifytest has what the tests of all ways to reach people start
// from: one call of a night, and the word for what became of it.
package notifytest

import (
	"errors"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
)

// Call is the first call of a fall in room 7 to Marta, in English. A test
// changes what it is about.
func Call() alerting.Call {
	return alerting.Call{
		ID: "a-1.3-call-to-push", Alarm: "a-1", Number: 7, Kind: "fall", Priority: alerting.High, Reason: alerting.Calling, State: alerting.Raised, Step: 1, Presses: 1,
		RaisedAt: time.Date(2026, 2, 3, 2, 0, 0, 0, time.UTC), Place: "Room 7", Link: "https://care.example.org/a/tok.en",
		To: "r-marta", Lang: "en",
	}
}

// Word is what a technician reads of a failed call: "" for one that did not
// fail, and the whole error for one that is no *connection.Error.
func Word(err error) string {
	if err == nil {
		return ""
	}
	var e *connection.Error
	if !errors.As(err, &e) {
		return "no *Error: " + err.Error()
	}
	return e.Word()
}
