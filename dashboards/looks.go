package dashboards

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
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
	// Back gives the lines before a place, the newest first, each with its own,
	// until each returns false. A place of 0 or less is the end.
	Back(before int64, each func(line []byte, place int64) bool) error
}

// maxLooked is how much of the book one request reads: it is long, and whoever
// looks for what is rare asks again from where that ended.
const maxLooked = 4 << 20

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
	More  bool       `json:"more,omitempty" doc:"There is a next."`
	Next  string     `json:"next,omitempty" doc:"The cursor of those before them; absent when there are none. There can be one though nothing was found: one request reads 4 MiB of the book."`
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
		Cursor   string              `query:"cursor" maxLength:"20" doc:"The next of the answer before: those before them."`
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
		before, err := strconv.ParseInt(cmp.Or(in.Cursor, "0"), 36, 64)
		if err != nil || in.Cursor != "" && before <= 0 {
			f := problem(http.StatusUnprocessableEntity, "invalid").because("it is not the next of an answer")
			f.Where = "query.cursor"
			return nil, f
		}
		w := h.hub.names()
		var kept []Look
		from, seen := before, 0
		err = h.o.Book.Back(before, func(line []byte, place int64) bool {
			if len(kept) == in.Limit || seen > maxLooked {
				out.Next, out.More = strconv.FormatInt(from, 36), true
				return false
			}
			from, seen = place, seen+len(line)+1
			var l Look
			if json.Unmarshal(line, &l) != nil { // half a line
				return true
			}
			if !l.At.Before(in.From) && (in.Until.IsZero() || l.At.Before(in.Until)) && (in.Person == "" || l.Person == in.Person) &&
				(in.Resident == "" || slices.Contains(l.Of, in.Resident)) {
				kept = append(kept, l)
			}
			return true
		})
		if err != nil {
			h.o.Log.Error("the book of looks cannot be read", "error", err)
			return nil, problem(http.StatusServiceUnavailable, "no_report")
		}
		for _, l := range kept {
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
