package dashboards

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

const (
	// holesAhead is how far holes are looked for, and spansAhead who is on call.
	holesAhead = 30 * 24 * time.Hour
	spansAhead = 366 * 24 * time.Hour
	// calendarLimit is how large a calendar may come: 500 shifts are 100 KiB.
	calendarLimit = 1 << 20
)

// RosterChange is one change of who is on call. Exactly one of its parts is set.
// People and the roster are keys of the registry, opaque ids or names; times are
// 2026-12-24 18:00 on the roster's wall, or have an offset.
type RosterChange struct {
	Roster   string
	Override *OverrideChange // one more
	Without  string          // those that last at this time are taken out
	Swap     *SwapChange     // one more
	Calendar *CalendarChange // overrides in the place of those of that calendar
}

// OverrideChange puts people on call: in the place of all when Instead is "".
type OverrideChange struct {
	Who                  []string
	From, Until, Instead string
}

// SwapChange exchanges two turns, named by the days on which they begin.
type SwapChange struct{ Who, Turn, With, For string }

// CalendarChange is an iCalendar file. From "" is now, and Until "" a year later.
type CalendarChange struct{ Name, Text, From, Until string }

type rosterList struct {
	At      time.Time    `json:"at" doc:"The time that was asked for."`
	Rosters []rosterView `json:"rosters" doc:"By name."`
}

type rosterView struct {
	ID        alerting.RosterID `json:"id" doc:"Opaque id."`
	Name      string            `json:"name" doc:"As people call it."`
	Zone      string            `json:"zone" doc:"The time zone of its clock on the wall." example:"Europe/Warsaw"`
	OnCall    []spanView        `json:"on_call" doc:"Who is on call: at the time asked for, or with until edge to edge from it to that. Breaks are not counted in."`
	Overrides []overrideView    `json:"overrides" doc:"Those that are not over at the time asked for, in the order in which they are applied."`
	Calendar  string            `json:"calendar" doc:"Its calendar (iCalendar), to subscribe to. Whoever has the address sees who is on call, and needs no sign-in."`
}

type spanView struct {
	From  time.Time   `json:"from" doc:"From when; not before the time asked for."`
	Until time.Time   `json:"until,omitzero" doc:"Until when; absent when nothing changes within a year."`
	Who   []namedView `json:"who" doc:"Who; empty when nobody is."`
}

type namedView struct {
	ID   alerting.Person `json:"id" doc:"Of GET /people."`
	Name string          `json:"name" doc:"As colleagues say it."`
}

type overrideView struct {
	From    time.Time   `json:"from" doc:"From when."`
	Until   time.Time   `json:"until" doc:"Until when."`
	Who     []namedView `json:"who" doc:"Who is on call."`
	Instead *namedView  `json:"instead,omitempty" doc:"In whose place; everybody's, when absent."`
}

type holeList struct {
	At    time.Time  `json:"at" doc:"The gateway's time."`
	Until time.Time  `json:"until" doc:"How far was looked: 30 days."`
	Holes []holeView `json:"holes" doc:"By time. Breaks are not counted in."`
}

type holeView struct {
	What  string    `json:"what" enum:"policy,roster" doc:"A policy has nobody to call but the last resort, or a roster nobody on call in the hours that it is to cover."`
	ID    string    `json:"id" doc:"Its opaque id."`
	Name  string    `json:"name" doc:"As people call it."`
	From  time.Time `json:"from" doc:"From when."`
	Until time.Time `json:"until" doc:"Until when; not after what was looked at."`
}

type overriding struct {
	Who     []string `json:"who" minItems:"1" maxItems:"20" doc:"Who is on call: keys of the registry, opaque ids, or names." example:"[\"pawel\"]"`
	From    string   `json:"from" maxLength:"40" doc:"From when: 2026-12-24 18:00 on the roster's clock, or with an offset." example:"2026-12-24 18:00"`
	Until   string   `json:"until" maxLength:"40" doc:"Until when." example:"2026-12-25 08:00"`
	Instead string   `json:"instead,omitempty" maxLength:"200" doc:"In whose place, where they are on call; everybody's, when left out." example:"jan"`
}

type swapping struct {
	Who  string `json:"who" maxLength:"200" doc:"Who gives a turn away: a key of the registry, an opaque id, or a name." example:"marta"`
	Turn string `json:"turn" maxLength:"10" doc:"The day on which that turn begins." example:"2026-12-21"`
	With string `json:"with" maxLength:"200" doc:"Who does it instead." example:"jan"`
	For  string `json:"for" maxLength:"10" doc:"The day on which the turn begins that is given for it." example:"2026-12-28"`
}

type importing struct {
	Calendar string `json:"calendar" maxLength:"1000000" doc:"The iCalendar file. The title of an event is who is on call: keys or names, with commas between." example:"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"`
	Name     string `json:"name" minLength:"1" maxLength:"100" doc:"What to call it: read again under the same name, it replaces what it said before." example:"rota"`
	From     string `json:"from,omitempty" maxLength:"40" doc:"From when events are read; now, when left out." example:"2026-12-01 00:00"`
	Until    string `json:"until,omitempty" maxLength:"40" doc:"Until when; a year later, when left out." example:"2027-06-01 00:00"`
}

type importedView struct {
	Events int `json:"events" doc:"How many events were read in that time."`
}

func (h *Handler) rosterOperations(api huma.API) {
	op := func(method, id, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: more, Tags: []string{"people"}}
	}
	refusals := []int{http.StatusConflict, http.StatusServiceUnavailable}
	add(h, api, PeopleRead, op(http.MethodGet, "list-rosters", "/rosters", "List the rosters, who is on call, and the addresses of their calendars", ""),
		func(_ context.Context, _ viewer, in *struct {
			At    time.Time `query:"at" doc:"When, as RFC 3339; now, when left out."`
			Until time.Time `query:"until" doc:"Also who is on call from then to this, at most 366 days later."`
		}) (*list[rosterList], error) {
			at := in.At
			if at.IsZero() {
				at = time.Now().Truncate(time.Second)
			}
			if !in.Until.IsZero() && (!in.Until.After(at) || in.Until.Sub(at) > spansAhead) {
				f := problem(http.StatusUnprocessableEntity, "invalid").because("it is after the time asked for, and at most 366 days after it")
				f.Where = "query.until"
				return nil, f
			}
			w := h.hub.names()
			return &list[rosterList]{rosterList{at, h.rosters(w, at, in.Until)}}, nil
		})
	add(h, api, PeopleRead, op(http.MethodGet, "list-holes", "/rosters/holes", "List the hours of the next 30 days in which nobody is on call", "Put somebody on call by an override."),
		func(context.Context, viewer, *none) (*list[holeList], error) {
			now := time.Now().Truncate(time.Second)
			w := h.hub.names()
			return &list[holeList]{holeList{now, now.Add(holesAhead), w.holes(now, now.Add(holesAhead))}}, nil
		})
	add(h, api, RostersWrite, op(http.MethodPost, "add-override", "/rosters/{id}/overrides", "Put people on call for a time", "Checked as a registry file is, and in force at once. It goes over all overrides before it."),
		func(ctx context.Context, _ viewer, in *struct {
			ID   string `path:"id" maxLength:"200" doc:"A roster's id, of GET /rosters, or its key." example:"o-4k7m2q8n"`
			Body overriding
		}) (*none, error) {
			b := in.Body
			_, err := h.reroster(ctx, RosterChange{Roster: in.ID, Override: &OverrideChange{Who: b.Who, From: b.From, Until: b.Until, Instead: b.Instead}})
			return nil, err
		}, refusals...)
	add(h, api, RostersWrite, op(http.MethodDelete, "remove-overrides", "/rosters/{id}/overrides", "Take out the overrides that last at a time", ""),
		func(ctx context.Context, _ viewer, in *struct {
			ID string `path:"id" maxLength:"200" doc:"A roster's id, of GET /rosters, or its key." example:"o-4k7m2q8n"`
			At string `query:"at" required:"true" maxLength:"40" doc:"2026-12-24 18:00 on the roster's clock, or with an offset."`
		}) (*none, error) {
			_, err := h.reroster(ctx, RosterChange{Roster: in.ID, Without: in.At})
			return nil, err
		}, refusals...)
	add(h, api, RostersWrite, op(http.MethodPost, "add-swap", "/rosters/{id}/swaps", "Let two people exchange turns", "Each turn is named by the day on which it begins."),
		func(ctx context.Context, _ viewer, in *struct {
			ID   string `path:"id" maxLength:"200" doc:"A roster's id, of GET /rosters, or its key." example:"o-4k7m2q8n"`
			Body swapping
		}) (*none, error) {
			b := in.Body
			_, err := h.reroster(ctx, RosterChange{Roster: in.ID, Swap: &SwapChange{b.Who, b.Turn, b.With, b.For}})
			return nil, err
		}, refusals...)
	take := op(http.MethodPost, "import-calendar", "/rosters/{id}/calendars", "Take who is on call from a calendar", "Its events become overrides; those written by hand go over them. A title that is nobody's is told, and nothing is changed then.")
	take.MaxBodyBytes = calendarLimit + 1
	add(h, api, RostersWrite, take,
		func(ctx context.Context, _ viewer, in *struct {
			ID   string `path:"id" maxLength:"200" doc:"A roster's id, of GET /rosters, or its key." example:"o-4k7m2q8n"`
			Body importing
		}) (*list[importedView], error) {
			b := in.Body
			events, err := h.reroster(ctx, RosterChange{Roster: in.ID, Calendar: &CalendarChange{Name: b.Name, Text: b.Calendar, From: b.From, Until: b.Until}})
			return &list[importedView]{importedView{events}}, err
		}, refusals...)
}

// reroster puts a change in force, or says why it cannot be.
func (h *Handler) reroster(ctx context.Context, c RosterChange) (events int, err error) {
	if h.o.Registrar == nil {
		return 0, problem(http.StatusConflict, "cannot")
	}
	events, err = h.o.Registrar.Roster(ctx, c)
	return events, h.unregistered(ctx, err)
}

// rosters renders who is on call: at a time, or until is set from it to that.
func (h *Handler) rosters(w *Ward, at, until time.Time) []rosterView {
	out, zone := []rosterView{}, w.zone()
	for id, r := range w.Plan.Rosters {
		x := rosterView{
			ID: id, Name: cmp.Or(w.RosterNames[id], string(id)), Zone: w.zone().String(), OnCall: []spanView{}, Overrides: []overrideView{},
			Calendar: strings.TrimSuffix(h.settings.Load().PublicURL, "/") + "/calendar/" + h.calendarToken(id) + ".ics",
		}
		if r.Zone.Location != nil {
			x.Zone = r.Zone.String()
		}
		if until.IsZero() {
			limit := at.Add(spansAhead)
			now := spanView{From: at, Who: w.named(r.OnCall(at, zone))}
			if next := r.Next(at, limit, zone); next.Before(limit) {
				now.Until = next
			}
			x.OnCall = append(x.OnCall, now)
		} else {
			for _, s := range r.Spans(at, until, zone) {
				x.OnCall = append(x.OnCall, spanView{s.From, s.Until, w.named(s.Who)})
			}
		}
		for _, o := range r.Overrides {
			if o.Until.After(at) {
				one := overrideView{From: o.From, Until: o.Until, Who: w.named(o.Who)}
				if o.Instead != "" {
					one.Instead = &namedView{o.Instead, w.person(o.Instead)}
				}
				x.Overrides = append(x.Overrides, one)
			}
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b rosterView) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out
}

func (w *Ward) named(who []alerting.Person) []namedView {
	out := []namedView{}
	for _, p := range who {
		out = append(out, namedView{p, w.person(p)})
	}
	return out
}

// holes lists the times in which nobody is on call.
func (w *Ward) holes(from, until time.Time) []holeView {
	out := []holeView{}
	add := func(what, id, name string, holes []alerting.Hole) {
		for _, x := range holes {
			out = append(out, holeView{what, id, cmp.Or(name, id), x.From, x.Until})
		}
	}
	for id := range w.Plan.Policies {
		add("policy", string(id), w.PolicyNames[id], w.Plan.Holes(id, from, until))
	}
	for id := range w.Plan.Rosters {
		add("roster", string(id), w.RosterNames[id], w.Plan.RosterHoles(id, from, until))
	}
	slices.SortFunc(out, func(a, b holeView) int {
		return cmp.Or(a.From.Compare(b.From), a.Until.Compare(b.Until), cmp.Compare(a.What, b.What), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out
}
