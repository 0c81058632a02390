package dashboards

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	say "telecare/alerting/words"
)

// Registrar changes who stays where, which carers rest and who is on call. What cannot be put in
// force as it was asked for is a *Wrong; nothing has changed then.
type Registrar interface {
	// Stay adds a stay, or with an ID changes when that one ends.
	Stay(context.Context, StayChange) (id string, err error)
	// Rest adds a rest, or with an ID changes when that one ends.
	Rest(context.Context, RestChange) (id string, err error)
	// Roster changes a roster, and says how many events of a calendar it has read.
	Roster(context.Context, RosterChange) (events int, err error)
}

// StayChange is a stay as it is asked for. Times are as the registry's files
// have them: 2026-11-24, or 2026-11-24 12:00, on the site's wall.
type StayChange struct {
	ID                    string
	Resident, Place, Kind string
	From, Until, Hours    string
	Days                  []string
}

// RestChange is a rest as it is asked for.
type RestChange struct {
	ID, Person, From, Until string
}

// Wrong says why something cannot be put in force. It is for whoever asked, not
// for a log.
type Wrong struct {
	Why    string
	Fields []WrongField // where it is about fields of a record
	// Mistakes are the same one by one, for people: as words.Unsaid where they can
	// be said in another language.
	Mistakes []error
}

func (w *Wrong) Error() string { return w.Why }

type stayList struct {
	At    time.Time  `json:"at" doc:"When this is so."`
	Stays []stayView `json:"stays" doc:"In the registry's order."`
}

type stayView struct {
	ID         string              `json:"id" doc:"Opaque id." example:"t-4k7m2q8n"`
	ResidentID alerting.ResidentID `json:"resident_id" doc:"Who, as an opaque id."`
	Resident   string              `json:"resident" doc:"Their name for the centre and with people:read, else initials. Every look at names is recorded."`
	PlaceID    alerting.PlaceID    `json:"place_id" doc:"Where, as an opaque id."`
	Place      string              `json:"place" doc:"Where, as people call it."`
	Kind       string              `json:"kind,omitempty" doc:"respite, day or home; absent when it is just from one day to another."`
	From       time.Time           `json:"from" doc:"When it begins."`
	Until      time.Time           `json:"until,omitzero" doc:"When it is over; absent when it is open."`
	Days       []string            `json:"days,omitempty" doc:"The days of day care: mon, tue, …"`
	Hours      string              `json:"hours,omitempty" doc:"The hours of day care." example:"08:00-16:00"`
	Now        string              `json:"now" enum:"here,away,over,to_come" doc:"Away: after the hours, or at home while another stay has them."`
}

type staying struct {
	Resident string   `json:"resident" maxLength:"200" doc:"Who: a key of the registry, an opaque id, or a name." example:"aniela"`
	Place    string   `json:"place" maxLength:"200" doc:"Where: a key of the registry, an opaque id, or a name." example:"room-7"`
	Kind     string   `json:"kind,omitempty" enum:"respite,day,home" example:"respite" doc:"respite: 14 days, day and night. day: day care. home: where somebody lives. Without it the stay is from one day to another."`
	From     string   `json:"from,omitempty" maxLength:"16" doc:"2026-11-10, or with a time of day as 2026-11-10 12:00, on the site's clock; now, when left out." example:"2026-11-10 12:00"`
	Until    string   `json:"until,omitempty" maxLength:"16" doc:"The last day, or with a time of day when it is over; the kind's, when left out." example:"2026-11-24 12:00"`
	Days     []string `json:"days,omitempty" maxItems:"7" doc:"Days of day care; mon to fri, when left out." example:"[\"mon\",\"wed\"]"`
	Hours    string   `json:"hours,omitempty" maxLength:"11" doc:"Hours of day care; 08:00-16:00, when left out." example:"08:00-16:00"`
}

type ending struct {
	Until string `json:"until,omitempty" maxLength:"16" doc:"The last day, as 2026-11-23, or with a time of day when it is over; now, when left out. One that has not begun by then is taken out." example:"2026-11-24 12:00"`
}

type madeView struct {
	ID string `json:"id" doc:"Opaque id."`
}

type restList struct {
	At    time.Time  `json:"at" doc:"The gateway's time."`
	Rests []restView `json:"rests" doc:"Those that are not over, by carer."`
}

type restView struct {
	ID       string          `json:"id" doc:"Opaque id."`
	PersonID alerting.Person `json:"person_id" doc:"Who rests, as an opaque id."`
	Person   string          `json:"person" doc:"Their name, or the id again for those who may not know it."`
	From     time.Time       `json:"from" doc:"When it begins."`
	Until    time.Time       `json:"until,omitzero" doc:"When it is over; absent when it has no end."`
	Now      bool            `json:"now" doc:"They rest: others are called instead."`
	StandIns []string        `json:"stand_ins" doc:"Who is called instead: names, or ids for those who may not know them."`
}

type resting struct {
	Person string `json:"person" maxLength:"200" doc:"Who: a key of the registry, an opaque id, or a name. Their role is carer." example:"ewa"`
	From   string `json:"from,omitempty" maxLength:"16" doc:"2026-11-10, or with a time of day as 2026-11-10 12:00, on the site's clock; now, when left out." example:"2026-11-10 12:00"`
	Until  string `json:"until,omitempty" maxLength:"16" doc:"The last day, or with a time of day when it is over; 14 days, when left out." example:"2026-11-24 12:00"`
}

func (h *Handler) stayOperations(api huma.API) {
	op := func(method, id, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: more, Tags: []string{"stays"}}
	}
	refusals := []int{http.StatusConflict, http.StatusServiceUnavailable}
	add(h, api, StaysRead, op(http.MethodGet, "list-stays", "/stays", "List who stays where", "Names are for the centre, for managers and administrators, and for a token with people:read beside it; others see initials."),
		func(_ context.Context, v viewer, in *struct {
			At  time.Time `query:"at" doc:"When, as RFC 3339; now, when left out."`
			All bool      `query:"all" doc:"Also those that are over or yet to come."`
		}) (*list[stayList], error) {
			at := in.At
			if at.IsZero() {
				at = time.Now()
			}
			ward := h.hub.names()
			stays := slices.DeleteFunc(v.stays(ward, at), func(s stayView) bool { return !in.All && (s.Now == "over" || s.Now == "to_come") })
			if v.knows() && len(stays) > 0 {
				h.look(v, sawStays, "")
			}
			return &list[stayList]{stayList{at, stays}}, nil
		})
	add(h, api, StaysWrite, op(http.MethodPost, "add-stay", "/stays", "Put one more stay in force", "Checked as a registry file is: two in one bed, or one in two places, are refused."),
		func(ctx context.Context, _ viewer, in *struct{ Body staying }) (*list[madeView], error) {
			b := in.Body
			return h.register(ctx, func(r Registrar) (string, error) {
				return r.Stay(ctx, StayChange{Resident: b.Resident, Place: b.Place, Kind: b.Kind, From: b.From, Until: b.Until, Hours: b.Hours, Days: b.Days})
			})
		}, refusals...)
	add(h, api, StaysWrite, op(http.MethodPatch, "end-stay", "/stays/{id}", "End a stay, or let it last longer", ""),
		func(ctx context.Context, _ viewer, in *struct {
			ID   string `path:"id" maxLength:"200" doc:"The stay's id." example:"t-4k7m2q8n"`
			Body ending
		}) (*list[madeView], error) {
			return h.register(ctx, func(r Registrar) (string, error) { return r.Stay(ctx, StayChange{ID: in.ID, Until: in.Body.Until}) })
		}, refusals...)
	add(h, api, AlarmsRead, op(http.MethodGet, "list-rests", "/rests", "List which carers rest, and who stands in", "Names need people:read, or the role of a nurse or of the centre."),
		func(_ context.Context, v viewer, _ *none) (*list[restList], error) {
			now := time.Now()
			ward := h.hub.names()
			return &list[restList]{restList{now, v.rests(ward, now, "")}}, nil
		})
	add(h, api, StaysWrite, op(http.MethodPost, "add-rest", "/rests", "Have a family carer rest", "While they do, whoever stands in is called instead, and nothing is sent to them."),
		func(ctx context.Context, _ viewer, in *struct{ Body resting }) (*list[madeView], error) {
			return h.register(ctx, func(r Registrar) (string, error) {
				return r.Rest(ctx, RestChange{Person: in.Body.Person, From: in.Body.From, Until: in.Body.Until})
			})
		}, refusals...)
	add(h, api, StaysWrite, op(http.MethodPatch, "end-rest", "/rests/{id}", "End a rest, or let it last longer", ""),
		func(ctx context.Context, _ viewer, in *struct {
			ID   string `path:"id" maxLength:"200" doc:"The rest's id." example:"e-4k7m2q8n"`
			Body ending
		}) (*list[madeView], error) {
			return h.register(ctx, func(r Registrar) (string, error) { return r.Rest(ctx, RestChange{ID: in.ID, Until: in.Body.Until}) })
		}, refusals...)
}

// register puts a change in force, or says why it cannot be.
func (h *Handler) register(ctx context.Context, change func(Registrar) (string, error)) (*list[madeView], error) {
	if h.o.Registrar == nil {
		return nil, problem(http.StatusConflict, "cannot")
	}
	id, err := change(h.o.Registrar)
	if err = h.unregistered(ctx, err); err != nil {
		return nil, err
	}
	return &list[madeView]{madeView{id}}, nil
}

// unregistered says why a change is not in force; nil when it is.
func (h *Handler) unregistered(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if w := new(Wrong); errors.As(err, &w) {
		return h.mistaken(ctx, w)
	}
	h.o.Log.Error("a change of the registry is not in force", "error", err)
	return problem(http.StatusServiceUnavailable, "not_yet")
}

// mistaken says every mistake in English, for programs, and in the language of
// whoever looks at the page.
func (h *Handler) mistaken(ctx context.Context, w *Wrong) *failure {
	f := problem(http.StatusUnprocessableEntity, "invalid").because(w.Why)
	l := h.lang(request(ctx), "")
	for _, x := range w.Fields {
		if x.Mistake != nil && l != say.English {
			x.Says = say.Mistake(l, x.Mistake)
		}
		f.Fields = append(f.Fields, x)
	}
	var all []string
	for _, m := range w.Mistakes {
		all = append(all, say.Mistake(l, m))
	}
	if len(all) > 0 {
		f.Says = strings.TrimSuffix(say.In(l).Problem(f.Code, ""), ".") + ": " + strings.Join(all, "; ") + "."
	}
	return f
}

// knows reports whether v may see the names of who stays here, alarm or none: the
// centre, whoever plans, and programs that may. A nurse sees initials.
func (v viewer) knows() bool {
	return v.may(StaysRead) && v.may(PeopleRead) && slices.Contains([]Role{RoleCentre, RoleManager, RoleAdministrator, RoleProgram}, v.role)
}

// stays renders all stays as they are at a time.
func (v viewer) stays(w *Ward, at time.Time) []stayView {
	out := []stayView{}
	for _, s := range w.Stays {
		x := stayView{
			ID: s.ID, ResidentID: s.Resident, PlaceID: s.Place, Place: w.place(s.Place).Name, Kind: s.Kind, From: s.From, Until: s.Until, Now: "away",
			Resident: v.resident(w, s.Resident),
		}
		now, ok := w.whereabouts.Now(s.Resident, at)
		switch {
		case at.Before(s.From):
			x.Now = "to_come"
		case !s.Until.IsZero() && !at.Before(s.Until):
			x.Now = "over"
		case ok && now.Place == s.Place && now.From.Equal(s.From):
			x.Now = "here"
		}
		if s.Hours != nil {
			for _, d := range s.Hours.Days {
				x.Days = append(x.Days, strings.ToLower(d.String()[:3]))
			}
			x.Hours = fmt.Sprintf("%02d:%02d-%02d:%02d", s.Hours.From/60, s.Hours.From%60, s.Hours.To/60, s.Hours.To%60)
		}
		out = append(out, x)
	}
	return out
}

// resident is a resident's name for those who may know it, else the initials.
func (v viewer) resident(w *Ward, id alerting.ResidentID) string {
	r := w.resident(id)
	switch {
	case r == nil:
		return string(id)
	case v.knows():
		return r.Name
	}
	return initials(r.Name)
}

// rests renders the rests that are not over, of one carer or of all.
func (v viewer) rests(w *Ward, now time.Time, of alerting.Person) []restView {
	out := []restView{}
	for _, r := range w.Rests {
		if of != "" && r.Person != of || !r.Until.IsZero() && !now.Before(r.Until) {
			continue
		}
		x := restView{ID: r.ID, PersonID: r.Person, Person: v.name(w, r.Person), From: r.From, Until: r.Until, Now: r.At(now), StandIns: []string{}}
		for _, t := range r.StandIns {
			if t.Person != "" {
				x.StandIns = append(x.StandIns, v.name(w, t.Person))
			} else {
				x.StandIns = append(x.StandIns, v.roster(w, t.Roster))
			}
		}
		out = append(out, x)
	}
	return out
}

// planned are the stays as the plan has them.
func (w *Ward) planned() []alerting.Stay {
	out := make([]alerting.Stay, len(w.Stays))
	for i, s := range w.Stays {
		out[i] = s.Stay
	}
	return out
}

func (w *Ward) zone() alerting.Zone {
	if l, err := time.LoadLocation(w.Zone); err == nil {
		return alerting.Zone{Location: l}
	}
	return alerting.Zone{}
}
