package dashboards

import (
	"cmp"
	"slices"
	"time"

	"telecare/alerting"
)

// dutyView is a roster, and who is on call by it from now on: for two days, after
// which a board asks anew. Whatever changes the plan draws it anew, too.
type dutyView struct {
	Name  string     `json:"name"`
	Spans []dutySpan `json:"spans"`
}

type dutySpan struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Who   []string  `json:"who"`
}

// How far a board knows who is on call, and how many changes of it.
const (
	boardAhead = 2 * 24 * time.Hour
	boardSpans = 100
)

// duty tells whoever walks past who is on call: names of those who come, which a
// board shows of alarms, too.
func (w *Ward) duty(now time.Time) []dutyView {
	var out []dutyView
	zone := w.zone()
	for id, r := range w.Plan.Rosters {
		x := dutyView{Name: cmp.Or(w.RosterNames[id], string(id)), Spans: []dutySpan{}}
		spans := r.Spans(now, now.Add(boardAhead), zone)
		for _, s := range spans[:min(len(spans), boardSpans)] {
			x.Spans = append(x.Spans, dutySpan{s.From, s.Until, w.people(s.Who)})
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b dutyView) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (w *Ward) people(ids []alerting.Person) []string {
	out := []string{}
	for _, p := range ids {
		out = append(out, w.person(p))
	}
	return out
}
