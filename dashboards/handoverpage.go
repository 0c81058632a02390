package dashboards

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"telecare/alerting"
	say "telecare/alerting/words"
)

// The sheet has room for so many alarms, of which the open ones come first, and
// so many lines of every other list; what is more is counted. So one A4 page
// holds it, however bad the night was.
const (
	maxAlarms = 14
	maxOpen   = 6
	maxLines  = 3
)

// handoverPage is the sheet to print. It loads no script.
func (h *Handler) handoverPage(w http.ResponseWriter, r *http.Request) {
	v, _ := h.viewer(r)
	l := h.lang(r, v.person)
	t := say.In(l).Handover
	w.Header().Set("Vary", "Cookie")
	switch {
	case v.role == "":
		lost(w, l, http.StatusUnauthorized, t.Name, t.SignIn)
		return
	case !v.may(AlarmsRead):
		lost(w, l, http.StatusForbidden, t.Name, t.NotYours)
		return
	}
	ward := h.hub.names()
	since, ok := sinceOf(r.URL.Query().Get("since"), ward.zone())
	if !ok {
		lost(w, l, http.StatusBadRequest, t.Name, t.BadSince)
		return
	}
	view := h.handover(v, since, time.Now())
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "handover.html", sheet(view, l, ward.zone())); err != nil {
		h.o.Log.Error("the hand-over sheet cannot be written", "error", err)
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kinds[".html"])
	w.Write(b.Bytes())
}

// sinceOf reads a time with an offset, or on the wall of the site.
func sinceOf(s string, zone alerting.Zone) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := time.Parse("2006-01-02T15:04", strings.Replace(s, " ", "T", 1))
	if err != nil {
		return t, false
	}
	return alerting.OnTheWall(alerting.DateAt(t, alerting.Zone{}), t.Hour()*60+t.Minute(), zone), true
}

// lines are as many of a list as fit, and how many more there are.
type lines[T any] struct {
	List []T
	More string
}

func fit[T any](all []T, most int, more string) lines[T] {
	if len(all) <= most {
		return lines[T]{all, ""}
	}
	return lines[T]{all[:most], strings.ReplaceAll(more, "{n}", fmt.Sprint(len(all)-most))}
}

type sheetAlarm struct {
	Number                                                                          int
	What, Presses, Place, Who, Raised, State, Holder, Taken, Arrived, Came, Outcome string
}

type sheetStay struct{ Resident, Place, When string }

type sheetStays struct {
	lines[sheetStay]
	None string
}

// sheet puts the view into words.
func sheet(v handoverView, l say.Lang, zone alerting.Zone) map[string]any {
	all := say.In(l)
	t := all.Handover
	clock := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		text := at.In(cmp.Or(zone.Location, time.UTC))
		if !at.Before(v.At.Add(-24*time.Hour)) && !at.After(v.At) {
			return text.Format("15:04") // within a day the hour says it all
		}
		return text.Format("2006-01-02 15:04")
	}
	day := func(at time.Time) string { return at.In(cmp.Or(zone.Location, time.UTC)).Format("2006-01-02 15:04") }
	with := func(s, a string) string { return strings.ReplaceAll(s, "{a}", a) }
	alarms := func(in []handedView) []sheetAlarm {
		var out []sheetAlarm
		for _, a := range in {
			x := sheetAlarm{
				Number: a.Number, What: all.Kind(a.Kind), Place: a.Place, Who: strings.Join(a.Persons, ", "), Raised: clock(a.RaisedAt),
				State: all.States[a.State], Holder: a.Holder, Came: strings.Join(a.Came, ", "), Outcome: all.Ended[a.Outcome],
			}
			if a.Presses > 1 {
				x.Presses = strings.ReplaceAll(t.Presses, "{n}", fmt.Sprint(a.Presses))
			}
			if a.Taken > 0 {
				x.Taken = t.Minutes(a.Taken)
			}
			if a.Arrived > 0 {
				x.Arrived = t.Minutes(a.Arrived)
			}
			out = append(out, x)
		}
		return out
	}
	stays := func(in []stayView, when func(stayView) time.Time) sheetStays {
		var out []sheetStay
		for _, s := range in {
			out = append(out, sheetStay{s.Resident, s.Place, t.Daily(clock(when(s)), s.Hours != "")})
		}
		return sheetStays{fit(out, maxLines, t.More), t.None}
	}
	var faults, silent, rests, onCall []string
	var soon []sheetStay
	for _, s := range v.Soon {
		what := t.Goes
		if s.Comes {
			what = t.Comes
		}
		soon = append(soon, sheetStay{s.Who, s.Place, t.Daily(what+" "+clock(s.At), s.Day)})
	}
	for _, f := range v.Faults {
		what, _ := all.Fault(f.Code, f.Name)
		faults = append(faults, t.FaultLine(what, f.Place, clock(f.Since)))
	}
	for _, d := range v.Silent {
		silent = append(silent, t.SilentLine(d.Name, d.Place, clock(d.Last)))
	}
	for _, r := range v.Rests {
		rests = append(rests, t.RestLine(r.Person, clock(r.Until), r.StandIns))
	}
	for _, o := range v.OnCall {
		onCall = append(onCall, t.OnCallLine(o.Roster, o.Now, clock(o.Until), o.Next))
	}
	limited := ""
	if !v.Limited.IsZero() {
		limited = with(t.Limited, day(v.Limited))
	}
	return map[string]any{
		"Lang": l, "W": t, "V": v, "Period": strings.ReplaceAll(with(t.Since, day(v.Since)), "{b}", day(v.At)) + ".", "Limited": limited,
		"Open": fit(alarms(v.Open), maxOpen, t.More), "Shift": fit(alarms(v.Shift), maxAlarms-min(len(v.Open), maxOpen), t.More),
		"Came": stays(v.Came, func(s stayView) time.Time { return s.From }), "Went": stays(v.Went, func(s stayView) time.Time { return s.Until }), "Soon": sheetStays{fit(soon, maxLines, t.More), t.None},
		"Faults": fit(faults, maxLines, t.More), "Silent": fit(silent, maxLines, t.More), "Rests": fit(rests, maxLines, t.More), "OnCall": fit(onCall, maxLines, t.More),
	}
}
