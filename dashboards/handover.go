package dashboards

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/devices"
)

// The hand-over sheet is what who goes tells who comes, on one page to print:
// what is open, what is broken, who came and went, and what happened. It shows
// names to whoever may know them anyway.

type handoverView struct {
	Site    string       `json:"site" doc:"As people call it."`
	Zone    string       `json:"zone,omitempty" doc:"Times are shown to people in it."`
	Since   time.Time    `json:"since" doc:"From when."`
	At      time.Time    `json:"at" doc:"Until when: now."`
	Limited time.Time    `json:"limited,omitzero" doc:"Alarms closed before that are not known here any more; absent when since is later."`
	Open    []handedView `json:"open" doc:"Alarms that are open, the oldest first."`
	Shift   []handedView `json:"shift" doc:"Alarms raised or closed since then that are closed, the oldest first."`
	Faults  []faultView  `json:"faults" doc:"What is wrong now."`
	Silent  []silentView `json:"silent" doc:"Devices without a sign of life."`
	Came    []stayView   `json:"came" doc:"Stays that have begun since then; of day care each day by its hours, of the last week, with these as from and until."`
	Went    []stayView   `json:"went" doc:"Stays that have ended since then; of day care each day, too."`
	Soon    []soonView   `json:"soon" doc:"Who comes and goes in the next 24 hours, the first first."`
	Rests   []restView   `json:"rests" doc:"Family carers who rest now."`
	OnCall  []onCallView `json:"on_call" doc:"Of each roster who is on call now, and who next."`
}

type handedView struct {
	Number   int              `json:"number" doc:"What people say to each other."`
	Kind     devices.Kind     `json:"kind" doc:"panic, fall, …"`
	State    alerting.State   `json:"state" enum:"raised,acknowledged,attended,closed" doc:"How it is now."`
	Place    string           `json:"place" doc:"Where, as people call it."`
	Persons  []string         `json:"persons" doc:"Who: names, or initials for those who may not know them."`
	RaisedAt time.Time        `json:"raised_at" doc:"When it was raised."`
	Presses  int              `json:"presses" doc:"How often it was pressed."`
	Holder   string           `json:"holder,omitempty" doc:"Who has it."`
	Came     []string         `json:"came" doc:"Who was there, or who took it when nobody said that they were."`
	Taken    float64          `json:"taken_after,omitempty" doc:"Seconds until somebody took it; absent when nobody did."`
	Arrived  float64          `json:"arrived_after,omitempty" doc:"Seconds until somebody was there; absent when nobody said so."`
	ClosedAt time.Time        `json:"closed_at,omitzero" doc:"When it was closed."`
	Outcome  alerting.Outcome `json:"outcome,omitempty" doc:"How it ended."`
}

type silentView struct {
	Name  string    `json:"name" doc:"As people call it."`
	Place string    `json:"place,omitempty" doc:"Where it is."`
	Last  time.Time `json:"last_seen,omitzero" doc:"When it was heard last; absent when it never was."`
}

type soonView struct {
	At    time.Time `json:"at" doc:"When."`
	Comes bool      `json:"comes" doc:"They come; else they go."`
	Who   string    `json:"who" doc:"Name or initials."`
	Place string    `json:"place" doc:"Where."`
	Day   bool      `json:"day,omitempty" doc:"By the hours of day care."`
}

type onCallView struct {
	Roster string    `json:"roster" doc:"Its name."`
	Now    []string  `json:"now" doc:"Who is on call."`
	Until  time.Time `json:"until,omitzero" doc:"When that changes; absent when it does not within two weeks."`
	Next   []string  `json:"next" doc:"Who is on call then."`
}

// soonIs how far ahead the sheet looks, nextCall for the next on call, and
// longestDays how far back for the days of day care.
const (
	soonIs      = 24 * time.Hour
	nextCall    = 14 * 24 * time.Hour
	longestDays = 7 * 24 * time.Hour
)

func (h *Handler) handoverOperations(api huma.API) {
	add(h, api, AlarmsRead, huma.Operation{
		OperationID: "get-handover", Method: http.MethodGet, Path: "/handover", Tags: []string{"stays"},
		Summary:     "Read the hand-over sheet of the shift",
		Description: "Open alarms, those of the shift, faults, who came and went, who is on call next. GET /handover is the same to print.",
	}, func(_ context.Context, v viewer, in *struct {
		Since time.Time `query:"since" doc:"From when, as RFC 3339; when left out, since the last hand-over of a roster at least four hours ago."`
	}) (*list[handoverView], error) {
		return &list[handoverView]{h.handover(v, in.Since, time.Now())}, nil
	})
}

// handover renders the sheet, and records that names were shown.
func (h *Handler) handover(v viewer, since, now time.Time) handoverView {
	s, past := h.hub.shift()
	w := s.ward
	if since.IsZero() || since.After(now) {
		since = lastHandover(w, now)
	}
	out := handoverView{
		Site: w.Name, Zone: w.Zone, Since: since, At: now, Open: []handedView{}, Shift: []handedView{}, Faults: []faultView{}, Silent: []silentView{},
		Came: []stayView{}, Went: []stayView{}, Soon: []soonView{}, Rests: []restView{}, OnCall: []onCallView{},
	}
	if kept := now.Add(-alerting.Remember); since.Before(kept) {
		out.Limited = kept
	}
	all := append(past, s.alarms...)
	slices.SortFunc(all, func(a, b *alerting.Alarm) int { return a.Number - b.Number })
	shown := []alarmView{}
	for _, a := range all {
		if !a.Open() && a.ClosedAt.Before(since) {
			continue
		}
		x := v.alarm(w, a)
		shown = append(shown, x)
		if a.Open() {
			out.Open = append(out.Open, v.handed(w, a, x))
		} else {
			out.Shift = append(out.Shift, v.handed(w, a, x))
		}
	}
	h.looked(v, map[alerting.AlarmID]bool{}, message{Alarms: shown})
	for _, f := range s.faults {
		if v.faults() || v.role == RoleNurse { // who goes on shift is told, though not at the bedside
			out.Faults = append(out.Faults, v.fault(w, f, true))
		}
	}
	for _, d := range v.devices(w, s.devices) {
		if v.hears() && (d.Life == devices.LifeSilent || d.Life == devices.LifeUnknown) {
			out.Silent = append(out.Silent, silentView{d.Name, d.Place, d.LastSeen})
		}
	}
	if v.may(StaysRead) {
		h.stayed(v, w, &out)
	}
	for _, r := range v.rests(w, now, "") {
		if r.Now {
			out.Rests = append(out.Rests, r)
		}
	}
	out.OnCall = v.onCall(w, now)
	return out
}

// stayed fills in who came, who went, and who will.
func (h *Handler) stayed(v viewer, w *Ward, out *handoverView) {
	within := func(t, from, to time.Time) bool { return t.After(from) && !t.After(to) }
	ahead := out.At.Add(soonIs)
	for i, s := range v.stays(w, out.At) {
		day, since := w.Stays[i].Hours != nil, out.Since
		if longest := out.At.Add(-longestDays); day && since.Before(longest) {
			since = longest
		}
		for _, visit := range w.Stays[i].Visits(since, ahead, w.zone()) {
			s.From, s.Until = visit.From, visit.Until
			if within(s.From, since, out.At) {
				out.Came = append(out.Came, s)
			}
			if !s.Until.IsZero() && within(s.Until, since, out.At) {
				out.Went = append(out.Went, s)
			}
			if within(s.From, out.At, ahead) {
				out.Soon = append(out.Soon, soonView{s.From, true, s.Resident, s.Place, day})
			}
			if !s.Until.IsZero() && within(s.Until, out.At, ahead) {
				out.Soon = append(out.Soon, soonView{s.Until, false, s.Resident, s.Place, day})
			}
		}
	}
	daily := func(a, b stayView) int { // last: who comes or goes for good is what must not be missed
		return cmp.Compare(min(len(a.Hours), 1), min(len(b.Hours), 1))
	}
	slices.SortStableFunc(out.Came, daily)
	slices.SortStableFunc(out.Went, daily)
	slices.SortStableFunc(out.Soon, func(a, b soonView) int { return a.At.Compare(b.At) })
	if v.knows() && len(out.Came)+len(out.Went)+len(out.Soon) > 0 {
		h.look(v, sawSheet, "")
	}
}

func (v viewer) handed(w *Ward, a *alerting.Alarm, x alarmView) handedView {
	out := handedView{
		Number: a.Number, Kind: a.Kind, State: a.State, Place: x.Place, Persons: []string{}, RaisedAt: a.RaisedAt, Presses: a.Presses,
		Holder: x.Holder, Came: []string{}, ClosedAt: a.ClosedAt, Outcome: a.Outcome,
	}
	for _, p := range x.Persons {
		out.Persons = append(out.Persons, cmp.Or(p.Name, p.Initials))
	}
	if v.role == RoleTechnician {
		return out
	}
	if !a.AckedAt.IsZero() {
		out.Taken = a.AckedAt.Sub(a.RaisedAt).Seconds()
	}
	if !a.AttendedAt.IsZero() {
		out.Arrived = a.AttendedAt.Sub(a.RaisedAt).Seconds()
	}
	for _, what := range []alerting.What{alerting.Arrived, alerting.Taken} {
		for _, e := range a.History {
			if n := v.name(w, e.Who); e.What == what && !slices.Contains(out.Came, n) {
				out.Came = append(out.Came, n)
			}
		}
		if len(out.Came) > 0 {
			break
		}
	}
	return out
}

// onCall says of each roster who is on call, and who next.
func (v viewer) onCall(w *Ward, now time.Time) []onCallView {
	out, zone := []onCallView{}, w.zone()
	names := func(who []alerting.Person) []string {
		list := []string{}
		for _, p := range who {
			list = append(list, v.name(w, p))
		}
		return list
	}
	for id, r := range w.Plan.Rosters {
		x := onCallView{Roster: v.roster(w, id), Now: names(r.OnCall(now, zone)), Next: []string{}}
		if next := r.Next(now, now.Add(nextCall), zone); next.Before(now.Add(nextCall)) {
			x.Until, x.Next = next, names(r.OnCall(next, zone))
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b onCallView) int { return cmp.Compare(a.Roster, b.Roster) })
	return out
}

// roster is a roster's name, or the id for a program that may not know names.
func (v viewer) roster(w *Ward, id alerting.RosterID) string {
	if v.role == RoleProgram && !v.may(PeopleRead) {
		return string(id)
	}
	return cmp.Or(w.RosterNames[id], string(id))
}

// lastHandover is when the rosters last changed who is on call, at least four
// hours ago: who prints the sheet at the change of shift wants the shift that
// ends, not the minutes since. Without such a change it is a day ago.
func lastHandover(w *Ward, now time.Time) time.Time {
	const least, most = 4 * time.Hour, 36 * time.Hour
	zone, last := w.zone(), time.Time{}
	until := now.Add(-least)
	for _, r := range w.Plan.Rosters {
		for t := now.Add(-most); ; {
			t = r.Next(t, until, zone)
			if !t.Before(until) {
				break
			}
			if t.After(last) {
				last = t
			}
		}
	}
	if last.IsZero() {
		return now.Add(-24 * time.Hour)
	}
	return last
}
