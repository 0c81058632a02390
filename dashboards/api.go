package dashboards

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"telecare/alerting"
	"telecare/devices"
)

const (
	bodyLimit = 64 << 10
	// actLimit is how long an answer may take to be on disk before the person
	// is told that it is not yet.
	actLimit = 10 * time.Second
)

// signedIn wraps what needs a sign-in, and one of some roles when any is given.
func (h *Handler) signedIn(f func(http.ResponseWriter, *http.Request, viewer), roles ...Role) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, _ := h.viewer(r)
		switch {
		case v.role == "":
			unauthorized(w)
		case len(roles) > 0 && !slices.Contains(roles, v.role):
			forbidden(w)
		default:
			f(w, r, v)
		}
	}
}

// technical wraps what only a technician may see.
func (h *Handler) technical(f http.HandlerFunc) http.HandlerFunc {
	return h.signedIn(func(w http.ResponseWriter, r *http.Request, v viewer) {
		if !v.technical {
			forbidden(w)
			return
		}
		f(w, r)
	})
}

func (h *Handler) listAlarms(w http.ResponseWriter, _ *http.Request, v viewer) {
	s := h.hub.now()
	list := v.alarms(s)
	h.looked(v, map[alerting.AlarmID]bool{}, message{Alarms: list})
	answer(w, map[string]any{"seq": s.seq, "at": time.Now(), "alarms": append([]alarmView{}, list...)})
}

// raise raises an alarm by hand: somebody telephoned.
func (h *Handler) raise(w http.ResponseWriter, r *http.Request, v viewer) {
	var in struct {
		Kind  devices.Kind     `json:"kind"`
		Place alerting.PlaceID `json:"place"`
	}
	if !decode(w, r, &in) {
		return
	}
	_, ward := h.hub.alarm("")
	if !slices.ContainsFunc(ward.Places, func(p Place) bool { return p.ID == in.Place }) {
		problem(w, http.StatusBadRequest, string(alerting.NoSuchPlace), "Say where: this place is not known.")
		return
	}
	if !in.Kind.RaisesAlarm() {
		problem(w, http.StatusBadRequest, string(alerting.NotAnAlarm), "Say what it is: this is not a kind of alarm.")
		return
	}
	h.tell(w, r, alerting.RaiseByHand{Kind: in.Kind, Place: in.Place, By: v.person})
}

func (h *Handler) actSignedIn(w http.ResponseWriter, r *http.Request, v viewer) {
	h.act(w, r, v, alerting.AlarmID(r.PathValue("id")), r.PathValue("action"))
}

// act carries out a viewer's answer to an alarm.
func (h *Handler) act(w http.ResponseWriter, r *http.Request, v viewer, id alerting.AlarmID, action string) {
	var body struct {
		Outcome alerting.Outcome `json:"outcome"`
	}
	if !decode(w, r, &body) {
		return
	}
	var in alerting.Input
	switch action {
	case "take":
		in = alerting.Take{Alarm: id, By: v.person}
	case "decline":
		in = alerting.Decline{Alarm: id, By: v.person}
	case "arrive":
		in = alerting.Arrive{Alarm: id, By: v.person}
	case "help":
		in = alerting.NeedHelp{Alarm: id, By: v.person}
	case "close":
		if !slices.Contains(alerting.Outcomes(), body.Outcome) {
			problem(w, http.StatusBadRequest, string(alerting.NoOutcome), "Say how it ended, then close.")
			return
		}
		in = alerting.Close{Alarm: id, By: v.person, Outcome: body.Outcome}
	case "reopen":
		in = alerting.Reopen{Alarm: id, By: v.person}
	case "keysafe":
		h.keySafe(w, v, id)
		return
	default:
		problem(w, http.StatusNotFound, "no_such_action", "An alarm can be answered by take, decline, arrive, help, close and reopen.")
		return
	}
	h.tell(w, r, in)
}

// keySafe hands out the codes of whoever stays at the alarm's place, and
// records that it did.
func (h *Handler) keySafe(w http.ResponseWriter, v viewer, id alerting.AlarmID) {
	a, ward := h.hub.alarm(id)
	if a == nil || !v.named(a) {
		problem(w, http.StatusForbidden, "not_yours", "Whoever has the alarm can see the code.")
		return
	}
	codes := []string{}
	for _, s := range ward.residents(a.Place, a.RaisedAt) {
		if s.KeySafe != "" {
			codes = append(codes, s.KeySafe)
		}
	}
	h.o.Log.Info("look", "what", "key-safe code", "alarm", id, "person", v.person)
	answer(w, map[string]any{"codes": codes, "at": time.Now()})
}

// tell gives the desk an input and tells the person how it went.
func (h *Handler) tell(w http.ResponseWriter, r *http.Request, in alerting.Input) {
	if h.done(w, r, in) {
		w.WriteHeader(http.StatusNoContent)
	}
}

// done gives the desk an input, and tells the person if it was not done.
func (h *Handler) done(w http.ResponseWriter, r *http.Request, in alerting.Input) bool {
	ctx, cancel := context.WithTimeout(r.Context(), actLimit)
	defer cancel()
	err := h.o.Desk.Act(ctx, in)
	var refusal *Refusal
	switch {
	case err == nil:
		return true
	case errors.As(err, &refusal):
		h.refused(w, refusal)
	default:
		h.o.Log.Error("answer not carried out", "error", err)
		problem(w, http.StatusServiceUnavailable, "not_yet", "The gateway has not confirmed this yet. Try again, or telephone.")
	}
	return false
}

// refused says why an answer could not be carried out, and who has the alarm.
func (h *Handler) refused(w http.ResponseWriter, f *Refusal) {
	holder := ""
	if f.Holder != "" {
		_, ward := h.hub.alarm("")
		holder = ward.person(f.Holder)
	}
	status, text := http.StatusConflict, "This cannot be done now."
	switch f.Why {
	case alerting.NoSuchAlarm:
		status, text = http.StatusNotFound, "This alarm is not known here."
	case alerting.AlreadyHeld:
		text = "Somebody else has it already."
		if holder != "" {
			text = holder + " has it already."
		}
	case alerting.AlreadyClosed:
		text = "It is closed already."
	case alerting.NotClosed:
		text = "It is not closed."
	case alerting.TooLate:
		text = "It was closed more than 10 minutes ago. Raise a new alarm."
	case alerting.NoOutcome:
		status, text = http.StatusBadRequest, "Say how it ended, then close."
	case alerting.NoSuchPlace:
		status, text = http.StatusBadRequest, "Say where: this place is not known."
	case alerting.NotAnAlarm:
		status, text = http.StatusBadRequest, "Say what it is: this is not a kind of alarm."
	}
	fail(w, status, failure{Code: string(f.Why), Message: text, Holder: holder})
}

type frameView struct {
	At      time.Time `json:"at"`
	Source  string    `json:"source"`
	Topic   string    `json:"topic,omitempty"`
	Raw     string    `json:"raw,omitempty"`   // when it is text
	Hex     []byte    `json:"bytes,omitempty"` // when it is not; base64
	Decoded string    `json:"decoded,omitempty"`
	Error   string    `json:"error,omitempty"`
}

func (h *Handler) frames(w http.ResponseWriter, r *http.Request) {
	list := []frameView{}
	if h.o.Technician != nil {
		for _, f := range h.o.Technician.Frames(devices.ID(r.PathValue("id"))) {
			x := frameView{At: f.At, Source: f.Source, Topic: f.Topic, Decoded: f.Decoded, Error: f.Error}
			if readable(f.Raw) {
				x.Raw = string(f.Raw)
			} else {
				x.Hex = f.Raw
			}
			list = append(list, x)
		}
	}
	answer(w, map[string]any{"frames": list})
}

func readable(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return true
}

type unknownView struct {
	Address  devices.Address `json:"address"`
	Source   string          `json:"source"`
	Frames   int             `json:"frames"`
	Last     time.Time       `json:"last"`
	Proposed string          `json:"proposed,omitempty"`
}

func (h *Handler) unknown(w http.ResponseWriter, _ *http.Request) {
	list := []unknownView{}
	if h.o.Technician != nil {
		for _, u := range h.o.Technician.Unknown() {
			list = append(list, unknownView(u))
		}
	}
	answer(w, map[string]any{"unknown": list})
}

// demo presses a simulated device.
func (h *Handler) demo(w http.ResponseWriter, r *http.Request, _ viewer) {
	var in struct {
		Device devices.ID `json:"device"`
	}
	if !decode(w, r, &in) {
		return
	}
	do := map[string]func(devices.ID) error{"press": h.o.Simulator.Press, "fall": h.o.Simulator.Fall}[r.PathValue("what")]
	if do == nil {
		problem(w, http.StatusNotFound, "not_found", "A simulated device can be pressed, or let somebody fall.")
		return
	}
	if !slices.Contains(h.o.Simulator.Devices(), in.Device) {
		problem(w, http.StatusNotFound, "no_such_device", "This device is not simulated.")
		return
	}
	if err := do(in.Device); err != nil {
		problem(w, http.StatusConflict, "cannot", "The simulated device cannot do this: "+err.Error()+".")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// decode reads a JSON body. An empty one is an empty object. The content type
// is asked for because a form of another site cannot send it.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		problem(w, http.StatusUnsupportedMediaType, "not_json", "Send JSON, with the content type application/json.")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	} else if err == io.EOF {
		err = nil
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		problem(w, http.StatusRequestEntityTooLarge, "too_large", "This is more than 64 KiB.")
	case err != nil:
		problem(w, http.StatusBadRequest, "bad_json", "This is not the JSON that is expected here.")
	}
	return err == nil
}

// failure is how every error reads: a code for programs, a sentence for people.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Holder  string `json:"holder,omitempty"`
}

func problem(w http.ResponseWriter, status int, code, message string) {
	fail(w, status, failure{Code: code, Message: message})
}

func fail(w http.ResponseWriter, status int, f failure) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(f)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func unauthorized(w http.ResponseWriter) {
	problem(w, http.StatusUnauthorized, "signed_out", "Sign in first.")
}

func forbidden(w http.ResponseWriter) {
	problem(w, http.StatusForbidden, "not_for_you", "Your account is not for this.")
}
