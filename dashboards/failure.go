package dashboards

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

// failure is how every error reads, on the wire and in Go: a code for programs,
// which never changes its meaning, and a sentence for people. [RFC 9457]
type failure struct {
	Status  int    `json:"status" doc:"The HTTP status again." example:"409"`
	Code    string `json:"code" doc:"What went wrong, for programs. It never changes its meaning." example:"already_held"`
	Message string `json:"message" doc:"What went wrong, and what to do, for people." example:"Marta W. has it already."`
	Holder  string `json:"holder,omitempty" doc:"Who has the alarm, where that is the reason."`
	Where   string `json:"where,omitempty" doc:"Which part of the request is wrong: body.kind, query.state."`

	headers http.Header
}

// Error implements error.
func (f *failure) Error() string { return f.Code + ": " + f.Message }

// GetStatus implements huma.StatusError.
func (f *failure) GetStatus() int { return f.Status }

// GetHeaders implements huma.HeadersError.
func (f *failure) GetHeaders() http.Header { return f.headers }

const problemType = "application/problem+json"

// ContentType implements huma.ContentTypeFilter.
func (f *failure) ContentType(string) string { return problemType }

func problem(status int, code, message string) *failure {
	return &failure{Status: status, Code: code, Message: message}
}

// write sends a failure from outside an operation.
func (f *failure) write(w http.ResponseWriter) {
	for k, v := range f.headers {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(f.Status)
	json.NewEncoder(w).Encode(f)
}

func unauthorized() *failure {
	return problem(http.StatusUnauthorized, "signed_out", "Sign in first.")
}

func forbidden() *failure {
	return problem(http.StatusForbidden, "not_for_you", "Your account is not for this.")
}

func nothingHere() *failure {
	return problem(http.StatusNotFound, "not_found", "There is nothing at this address.")
}

func tooMany() *failure {
	f := problem(http.StatusTooManyRequests, "too_many", "Too many tries. Wait a minute, then try again.")
	f.headers = http.Header{"Retry-After": {"60"}}
	return f
}

// ours turns what the library says of a request that it has not understood
// into a failure. It never repeats what was sent: that can be a password.
func ours(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	f := problem(e.Status, "internal", "The gateway has made a mistake. It is in its log.")
	switch e.Status {
	case http.StatusBadRequest:
		f.Code, f.Message = "bad_json", "This is not the JSON that is expected here."
	case http.StatusRequestTimeout:
		f.Code, f.Message = "too_slow", "The rest of the request did not come."
	case http.StatusRequestEntityTooLarge:
		f.Code, f.Message = "too_large", "This is more than 64 KiB."
	case http.StatusUnsupportedMediaType:
		f.Code, f.Message = notJSON().Code, notJSON().Message
	case http.StatusUnprocessableEntity:
		f.Code, f.Message = "invalid", "This is not what is expected here."
		if len(e.Errors) > 0 && e.Errors[0] != nil {
			f.Where = e.Errors[0].Location
			f.Message = "This is not what is expected here: " + e.Errors[0].Message + "."
		}
	}
	return f, nil
}

func notJSON() *failure {
	return problem(http.StatusUnsupportedMediaType, "not_json", "Send JSON, with the content type application/json.")
}

// failed turns what the desk says into what the person is told.
func (h *Handler) failed(v viewer, err error) error {
	var refusal *Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		return h.refused(v, refusal)
	}
	h.o.Log.Error("answer not carried out", "error", err)
	return problem(http.StatusServiceUnavailable, "not_yet", "The gateway has not confirmed this yet. Try again, or telephone.")
}

// refused says why an answer could not be carried out, and who has the alarm.
func (h *Handler) refused(v viewer, r *Refusal) *failure {
	f := problem(http.StatusConflict, string(r.Why), "This cannot be done now.")
	if r.Holder != "" {
		_, ward := h.hub.alarm("")
		f.Holder = v.name(ward, r.Holder)
	}
	switch r.Why {
	case alerting.NoSuchAlarm:
		f.Status, f.Message = http.StatusNotFound, "This alarm is not known here."
	case alerting.AlreadyHeld:
		f.Message = "Somebody else has it already."
		if f.Holder != "" {
			f.Message = f.Holder + " has it already."
		}
	case alerting.AlreadyClosed:
		f.Message = "It is closed already."
	case alerting.NotClosed:
		f.Message = "It is not closed."
	case alerting.TooLate:
		f.Message = "It was closed more than 10 minutes ago. Raise a new alarm."
	case alerting.NoOutcome:
		f.Status, f.Message = http.StatusBadRequest, "Say how it ended, then close."
	case alerting.NoSuchPlace:
		f.Status, f.Message = http.StatusBadRequest, "Say where: this place is not known."
	case alerting.NotAnAlarm:
		f.Status, f.Message = http.StatusBadRequest, "Say what it is: this is not a kind of alarm."
	}
	return f
}
