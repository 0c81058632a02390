package dashboards

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

// Book keeps who has looked at what is personal, over a restart.
type Book interface {
	// Add writes a line. It does not block.
	Add(line []byte)
	// Read gives every line, the oldest first.
	Read(each func(line []byte)) error
}

// Look is a line of the book: opaque ids, and the reason that somebody gave.
type Look struct {
	At     time.Time             `json:"at"`
	Person alerting.Person       `json:"person,omitempty"`
	Token  string                `json:"token,omitempty"` // a program's name
	Role   Role                  `json:"role"`
	Link   bool                  `json:"link,omitempty"` // by the link in a call
	What   string                `json:"what"`
	Alarm  alerting.AlarmID      `json:"alarm,omitempty"`
	Of     []alerting.ResidentID `json:"of,omitempty"` // none: of a list
	Why    string                `json:"why,omitempty"`
	// Account is whose sign-in it was about, as telecare.yaml has the name.
	Account string `json:"account,omitempty"`
}

// What is looked at, or done about what is personal.
const (
	sawName   = "name and notes"
	sawCodes  = "key-safe code"
	sawStays  = "names of who stays where"
	sawAway   = "names of who is away"
	sawSheet  = "names on the hand-over sheet"
	sawSearch = "alarms by a resident's name"
	sawPeople = "names of residents"
	brokeIn   = "glass broken"

	sawAll     = "everything kept of a person"
	erasedThem = "a person erased"

	endedThem = "sign-ins ended"
	setUpCode = "code set up"
	tookCode  = "code taken away"
)

// Looks lists what can be looked at.
func Looks() []string {
	return []string{sawName, sawCodes, sawStays, sawAway, sawSheet, sawSearch, sawPeople, brokeIn, sawAll, erasedThem, endedThem, setUpCode, tookCode}
}

// look records that somebody was shown what is personal because of an alarm, or
// in a list.
func (h *Handler) look(v viewer, what string, id alerting.AlarmID) {
	var of []alerting.ResidentID
	if id != "" {
		if a, ward := h.hub.alarm(id); a != nil {
			for _, s := range ward.residents(a) {
				of = append(of, s.ID)
			}
		}
	}
	h.note(v, Look{What: what, Alarm: id, Of: of})
}

// note writes it into the log and the book. Neither has a name; the log has no
// reason, since people write names into it.
func (h *Handler) note(v viewer, l Look) {
	l.At, l.Person, l.Role, l.Link = time.Now().UTC(), v.person, v.role, v.only != ""
	log := h.o.Log.With("what", l.What, "alarm", l.Alarm, "person", v.person)
	if v.token != nil {
		l.Token = v.token.Name
		log = log.With("token", l.Token)
	}
	log.Info("look")
	if h.o.Book == nil {
		return
	}
	b, err := json.Marshal(l)
	if err != nil {
		panic(err) // it is texts and a time
	}
	h.o.Book.Add(b)
}

type lookList struct {
	Looks []lookView `json:"looks" doc:"The newest first."`
	More  bool       `json:"more,omitempty" doc:"There are older ones."`
}

type lookView struct {
	At       time.Time             `json:"at" doc:"When."`
	PersonID alerting.Person       `json:"person_id,omitempty" doc:"Who, as an opaque id; absent for an account that answers nothing."`
	Person   string                `json:"person,omitempty" doc:"Their name, for those who may know it."`
	Token    string                `json:"token,omitempty" doc:"The program's name in telecare.yaml."`
	Role     Role                  `json:"role" doc:"As what."`
	Link     bool                  `json:"link,omitempty" doc:"By the link in a call."`
	What     string                `json:"what" doc:"What was shown."`
	Alarm    alerting.AlarmID      `json:"alarm,omitempty" doc:"Because of which alarm."`
	Of       []alerting.ResidentID `json:"of" doc:"Whose, as opaque ids; none for a list of all."`
	Names    []string              `json:"names" doc:"Their names, for those who may know them; initials else."`
	Why      string                `json:"why,omitempty" doc:"The reason that was given, where there was no alarm."`
	Account  string                `json:"account,omitempty" doc:"Whose sign-in it was about: the account."`
}

func (h *Handler) lookOperations(api huma.API) {
	add(h, api, LooksRead, huma.Operation{
		OperationID: "list-looks", Method: http.MethodGet, Path: "/looks", Tags: []string{"site"},
		Summary: "List who has looked at names, notes and codes", Description: "For managers and administrators.",
	}, func(_ context.Context, v viewer, in *struct {
		From     time.Time           `query:"from" doc:"Then or later."`
		Until    time.Time           `query:"until" doc:"Before."`
		Resident alerting.ResidentID `query:"resident" maxLength:"200" doc:"Only at this resident's."`
		Person   alerting.Person     `query:"person" maxLength:"200" doc:"Only by this responder."`
		Limit    int                 `query:"limit" minimum:"1" maximum:"1000" default:"200" doc:"At most so many, the newest."`
	}) (*list[lookList], error) {
		out := lookList{Looks: []lookView{}}
		if h.o.Book == nil {
			return &list[lookList]{out}, nil
		}
		w := h.hub.names()
		var kept []Look
		err := h.o.Book.Read(func(line []byte) {
			var l Look
			if json.Unmarshal(line, &l) != nil { // half a line
				return
			}
			if l.At.Before(in.From) || !in.Until.IsZero() && !l.At.Before(in.Until) || in.Person != "" && l.Person != in.Person ||
				in.Resident != "" && !slices.Contains(l.Of, in.Resident) {
				return
			}
			if kept = append(kept, l); len(kept) > 2*in.Limit { // the newest are enough
				kept, out.More = append(kept[:0], kept[len(kept)-in.Limit:]...), true
			}
		})
		if err != nil {
			h.o.Log.Error("the book of looks cannot be read", "error", err)
			return nil, problem(http.StatusServiceUnavailable, "no_report")
		}
		if more := len(kept) - in.Limit; more > 0 {
			kept, out.More = kept[more:], true
		}
		for _, l := range slices.Backward(kept) {
			x := lookView{
				At: l.At, PersonID: l.Person, Token: l.Token, Role: l.Role, Link: l.Link, What: l.What, Alarm: l.Alarm,
				Of: append([]alerting.ResidentID{}, l.Of...), Names: []string{}, Why: l.Why, Account: l.Account,
			}
			if l.Person != "" {
				x.Person = v.name(w, l.Person)
			}
			for _, r := range l.Of {
				x.Names = append(x.Names, v.resident(w, r))
			}
			out.Looks = append(out.Looks, x)
		}
		return &list[lookList]{out}, nil
	}, http.StatusServiceUnavailable)
}
