package dashboards

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/alerting/past"
	"telecare/devices"
)

// Lookback finds alarms of any time. It is in no hurry, and in nobody's way.
type Lookback interface {
	// Find lists alarms without their history and calls, the newest first.
	Find(ctx context.Context, q past.Query) (past.Page, error)
	// Story is what is kept of one; nil when nothing is.
	Story(ctx context.Context, id alerting.AlarmID) (*past.Story, error)
}

// looking is what past alarms are asked for by.
type looking struct {
	Text    string           `query:"q" maxLength:"100" doc:"Part of the name of a place or device; of a person for those who may know it; or an alarm's number."`
	From    time.Time        `query:"from" doc:"Raised then or later."`
	Until   time.Time        `query:"until" doc:"Raised before."`
	Place   alerting.PlaceID `query:"place" maxLength:"200" doc:"Only of this place."`
	Device  devices.ID       `query:"device" maxLength:"200" doc:"Only by this device."`
	Person  alerting.Person  `query:"person" maxLength:"200" doc:"Only those to which this responder was called, or in which they did something. Not for technicians."`
	Kind    string           `query:"kind" maxLength:"40" doc:"Only of this kind; technical for alarms of faults, which are left out else." example:"fall"`
	State   string           `query:"state" enum:"open,raised,acknowledged,attended,closed" doc:"Only these."`
	Outcome string           `query:"outcome" maxLength:"40" doc:"Only those that ended so; drill for drills." example:"helped"`
	Number  int              `query:"number" minimum:"0" maximum:"1000000000" doc:"Only the alarm of this number."`
	Cursor  string           `query:"cursor" maxLength:"300" doc:"The next of the answer before: those after them."`
	Limit   int              `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"At most so many."`
}

type pastList struct {
	Alarms []alarmView `json:"alarms" doc:"The newest first, without calls and history."`
	Next   string      `json:"next,omitempty" doc:"The cursor of those after them; absent when there are none."`
	Until  time.Time   `json:"until" doc:"Up to when the journal was read."`
	Behind bool        `json:"behind,omitempty" doc:"There is more of the journal, not read yet: ask again."`
}

type storyView struct {
	Alarm alarmView      `json:"alarm" doc:"As it is known now."`
	Steps []happenedView `json:"steps" doc:"Everything that happened, the oldest first."`
	Left  int            `json:"left,omitempty" doc:"How many steps in the middle were left out."`
}

type happenedView struct {
	entryView
	State alerting.State `json:"state" enum:"raised,acknowledged,attended,closed" doc:"What it was after this."`
}

func (h *Handler) journalOperations(api huma.API) {
	op := func(id, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Summary: summary, Tags: []string{"alarms"},
			Description: strings.TrimSpace(more + " Whoever called is shown by initials, also while it is open. Nurses see those to which they were called; screens on a wall, none.")}
	}
	add(h, api, AlarmsRead, op("search-journal", "/journal", "Look for alarms of any time", ""),
		func(ctx context.Context, v viewer, in *looking) (*list[pastList], error) {
			q, err := h.query(v, in)
			if err != nil {
				return nil, err
			}
			page, err := h.o.Lookback.Find(ctx, q)
			if err != nil {
				return nil, h.noJournal(ctx, err)
			}
			out := pastList{Alarms: []alarmView{}, Until: page.Until, Behind: page.Behind}
			ward := h.hub.names()
			for i := range page.Alarms {
				out.Alarms = append(out.Alarms, v.past(ward, &page.Alarms[i]))
			}
			if n := len(page.Alarms); page.More && n > 0 {
				a := page.Alarms[n-1]
				out.Next = strconv.FormatInt(a.RaisedAt.UnixNano(), 36) + "." + b64.EncodeToString([]byte(a.ID))
			}
			return &list[pastList]{out}, nil
		}, http.StatusServiceUnavailable)
	add(h, api, AlarmsRead, op("get-story", "/journal/{id}", "Read all that happened to an alarm", "What was done, to the second, and the calls as they ended."),
		func(ctx context.Context, v viewer, in *struct {
			ID alerting.AlarmID `path:"id" maxLength:"200" doc:"The alarm's id." example:"a-4k7m2q8n"`
		}) (*list[storyView], error) {
			s, err := h.story(ctx, v, in.ID)
			if err != nil {
				return nil, err
			}
			ward := h.hub.names()
			now := s.Newest()
			out := storyView{Alarm: v.past(ward, &now), Steps: []happenedView{}, Left: s.Left}
			for i, e := range v.entries(ward, s) {
				out.Steps = append(out.Steps, happenedView{e, s.Steps[i].Alarm.State})
			}
			return &list[storyView]{out}, nil
		}, http.StatusNotFound, http.StatusServiceUnavailable)
	add(h, api, AlarmsRead, op("get-known", "/journal/{id}/steps/{step}", "Say what was known of an alarm after a step", "Nothing that was learned later is in it."),
		func(ctx context.Context, v viewer, in *struct {
			ID   alerting.AlarmID `path:"id" maxLength:"200" doc:"The alarm's id." example:"a-4k7m2q8n"`
			Step int              `path:"step" minimum:"0" maximum:"100000" doc:"Which step of the story, from 0." example:"3"`
		}) (*list[alarmView], error) {
			s, err := h.story(ctx, v, in.ID)
			if err != nil {
				return nil, err
			}
			if in.Step >= len(s.Steps) {
				return nil, h.refused(v, &Refusal{Why: alerting.NoSuchAlarm})
			}
			ward := h.hub.names()
			a := s.At(in.Step)
			return &list[alarmView]{v.past(ward, &a)}, nil
		}, http.StatusNotFound, http.StatusServiceUnavailable)
}

// mayLookBack reports whether v may read of past alarms, and if only of those to
// which somebody was called, of whose.
func (v viewer) mayLookBack() (mine alerting.Person, ok bool) {
	switch v.role {
	case RoleCentre, RoleTechnician, RoleManager, RoleAdministrator, RoleProgram:
		return "", v.may(AlarmsRead)
	case RoleNurse:
		return v.person, v.may(AlarmsRead) && v.person != ""
	}
	return "", false
}

// query is what v asks for, as far as it may be asked.
func (h *Handler) query(v viewer, in *looking) (past.Query, error) {
	mine, ok := v.mayLookBack()
	knows := v.role == RoleProgram || v.may(PeopleRead) // who comes
	if !ok || in.Person != "" && !knows {
		return past.Query{}, forbidden()
	}
	if h.o.Lookback == nil {
		return past.Query{}, problem(http.StatusServiceUnavailable, "no_report")
	}
	q := past.Query{
		From: in.From, Until: in.Until, Place: in.Place, Device: string(in.Device), Person: in.Person, Mine: mine, Number: in.Number,
		Outcome: alerting.Outcome(in.Outcome), Open: in.State == "open", Limit: in.Limit,
	}
	if !q.Open {
		q.State = alerting.State(in.State)
	}
	if q.Technical = in.Kind == string(alerting.Technical); !q.Technical {
		q.Kind = in.Kind
	}
	if in.Cursor != "" {
		at, id, _ := strings.Cut(in.Cursor, ".")
		n, err := strconv.ParseInt(at, 36, 64)
		b, wrong := b64.DecodeString(id)
		if err != nil || wrong != nil || len(b) == 0 {
			f := problem(http.StatusUnprocessableEntity, "invalid").because("it is not the next of an answer")
			f.Where = "query.cursor"
			return q, f
		}
		q.After = past.Cursor{Raised: time.Unix(0, n), ID: alerting.AlarmID(b)}
	}
	if text := strings.TrimSpace(in.Text); text != "" {
		ward := h.hub.names()
		q.Any = v.meant(ward, text)
		if len(q.Any.Residents) > 0 {
			h.look(v, sawSearch, "")
		}
	}
	return q, nil
}

// story reads one alarm, if v may see it. Which there are that it may not, it is
// not told.
func (h *Handler) story(ctx context.Context, v viewer, id alerting.AlarmID) (*past.Story, error) {
	mine, ok := v.mayLookBack()
	if !ok {
		return nil, forbidden()
	}
	if h.o.Lookback == nil {
		return nil, problem(http.StatusServiceUnavailable, "no_report")
	}
	s, err := h.o.Lookback.Story(ctx, id)
	if err != nil {
		return nil, h.noJournal(ctx, err)
	}
	if s == nil || mine != "" && !concerns(s, mine) {
		return nil, h.refused(v, &Refusal{Why: alerting.NoSuchAlarm})
	}
	return s, nil
}

// concerns reports whether somebody was called, or did something.
func concerns(s *past.Story, p alerting.Person) bool {
	return slices.ContainsFunc(s.Steps, func(x past.Step) bool {
		return x.Entry.Who == p || x.Entry.To == p || slices.ContainsFunc(x.Calls, func(n alerting.Notification) bool { return n.To == p })
	})
}

func (h *Handler) noJournal(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		h.o.Log.Error("past alarms cannot be read", "error", err)
	}
	return problem(http.StatusServiceUnavailable, "no_report")
}

// past renders an alarm for somebody who looks back: nothing is to be done about
// it there.
func (v viewer) past(w *Ward, a *alerting.Alarm) alarmView {
	v.back = true
	out := v.alarm(w, a)
	out.Can, out.HandTo, out.Hidden, out.KeySafe, out.Reopen = nil, nil, false, false, time.Time{}
	out.WayIn, out.Phone = "", ""
	return out
}

// somebody stands for a person of whom only this is told.
const somebody = "…"

// entries renders what happened, a line a step. A technician is told what, and
// not of whom.
func (v viewer) entries(w *Ward, s *past.Story) []entryView {
	var all alerting.Alarm // with the lines that a history leaves out
	for _, x := range s.Steps {
		all.History = append(all.History, x.Entry)
	}
	if v.role == RoleTechnician {
		out := make([]entryView, 0, len(all.History))
		for _, e := range all.History {
			x := entryView{At: e.At, What: e.What, Step: e.Step, Until: e.Until, Text: e.Text}
			if e.Who != "" || e.What == alerting.StepCalled {
				x.Who = somebody
			}
			if e.To != "" {
				x.To = somebody
			}
			out = append(out, x)
		}
		return out
	}
	all.Calls = s.Newest().Calls
	return v.history(w, &all)
}

// meant are the ids that a text stands for, among names that v may know.
func (v viewer) meant(w *Ward, text string) *past.Any {
	ids, low := new(past.Any), strings.ToLower(text)
	is := func(name string) bool { return strings.Contains(strings.ToLower(name), low) }
	if n, err := strconv.Atoi(text); err == nil {
		ids.Numbers = append(ids.Numbers, n)
	}
	for _, p := range w.Places {
		if is(p.Name) {
			ids.Places = append(ids.Places, p.ID)
		}
	}
	for _, d := range w.Devices {
		if is(d.Name) {
			ids.Devices = append(ids.Devices, string(d.ID))
		}
	}
	if v.may(PeopleRead) {
		for _, p := range w.People {
			if is(p.Name) {
				ids.People = append(ids.People, p.ID)
			}
		}
	}
	if v.may(PeopleRead) && v.may(StaysRead) {
		for _, r := range w.Residents {
			if is(r.Name) {
				ids.Residents = append(ids.Residents, r.ID)
			}
		}
	}
	return ids
}
