package dashboards

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	say "telecare/alerting/words"
)

// failure is how every error reads, on the wire and in Go: a code for programs,
// which never changes its meaning, and a sentence for people. [RFC 9457]
type failure struct {
	Status  int    `json:"status" doc:"The HTTP status again." example:"409"`
	Code    string `json:"code" doc:"What went wrong, for programs. It never changes its meaning." example:"already_held"`
	Message string `json:"message" doc:"What went wrong, and what to do, for people." example:"Marta W. has it already."`
	Holder  string `json:"holder,omitempty" doc:"Who has the alarm, where that is the reason."`
	Where   string `json:"where,omitempty" doc:"Which part of the request is wrong: body.kind, query.state."`

	Says string `json:"says,omitempty" doc:"Of a change of the registry: the same for people, in the language of the page."`

	// Fields are the mistakes of a record that was refused.
	Fields []WrongField `json:"fields,omitempty" doc:"Of a record of the registry: every mistake, and the field it is in."`

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

// problem is a failure in English: a program goes by its code, and the page and
// the commands say that in people's own language.
func problem(status int, code string) *failure {
	return &failure{Status: status, Code: code, Message: say.In(say.English).Problem(code, "")}
}

// because adds the cause, as programs say it.
func (f *failure) because(cause string) *failure {
	f.Message = strings.TrimSuffix(f.Message, ".") + ": " + strings.TrimSuffix(cause, ".") + "."
	return f
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
	return problem(http.StatusUnauthorized, "signed_out")
}

func forbidden() *failure {
	return problem(http.StatusForbidden, "not_for_you")
}

func nothingHere() *failure {
	return problem(http.StatusNotFound, "not_found")
}

func tooMany() *failure { return tooManyFor(time.Minute) }

// tooManyFor says how long to wait.
func tooManyFor(wait time.Duration) *failure {
	f := problem(http.StatusTooManyRequests, "too_many")
	f.headers = http.Header{"Retry-After": {strconv.Itoa(int((wait + time.Second - 1) / time.Second))}}
	return f
}

// ours turns what the library says of a request that it has not understood
// into a failure. It never repeats what was sent: that can be a password.
func ours(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code := map[int]string{
		http.StatusBadRequest: "bad_json", http.StatusRequestTimeout: "too_slow", http.StatusRequestEntityTooLarge: "too_large",
		http.StatusUnsupportedMediaType: "not_json", http.StatusUnprocessableEntity: "invalid",
	}[e.Status]
	f := problem(e.Status, cmp.Or(code, "internal"))
	if code == "invalid" && len(e.Errors) > 0 && e.Errors[0] != nil {
		f.Where = e.Errors[0].Location
		f.because(e.Errors[0].Message)
	}
	return f, nil
}

func notJSON() *failure {
	return problem(http.StatusUnsupportedMediaType, "not_json")
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
	return problem(http.StatusServiceUnavailable, "not_yet")
}

// refused says why an answer could not be carried out, and who has the alarm.
func (h *Handler) refused(v viewer, r *Refusal) *failure {
	f := problem(http.StatusConflict, string(r.Why))
	switch r.Why {
	case alerting.NoSuchAlarm:
		f.Status = http.StatusNotFound
	case alerting.NoSuchPerson:
		f.Status = http.StatusNotFound
	case alerting.NoOutcome, alerting.NoSuchPlace, alerting.NotAnAlarm, alerting.TooLong:
		f.Status = http.StatusBadRequest
	}
	if r.Holder != "" {
		ward := h.hub.names()
		f.Holder = v.name(ward, r.Holder)
		f.Message = say.In(say.English).Problem(f.Code, f.Holder)
	}
	return f
}
