package report

import (
	"fmt"
	"strconv"

	"telecare/alerting"
	"telecare/alerting/words"
)

// Beside says the numbers of the report beside those of another period, which
// are counted in the same way. There is none where nothing is known of either.
func (r *Report) Beside(before *Report, l words.Lang) (Section, bool) {
	if !r.Known.From.Before(r.Until) || !before.Known.From.Before(before.Until) {
		return Section{}, false
	}
	t := words.In(l).Report
	out := Section{Title: t.Beside, Left: 1, Head: []string{"", r.period(t), before.period(t)}}
	if !r.Over {
		out.Notes = append(out.Notes, t.SoFar)
	}
	if !before.Known.Whole {
		out.Notes = append(out.Notes, before.period(t)+": "+put(t.NotWhole, "a", minute(before.Known.From)))
	}
	now, then := r.figures(l), before.figures(l)
	for i, f := range now {
		out.add(false, f.what, f.is, then[i].is)
	}
	return out, true
}

// period is what the report's column is called.
func (r *Report) period(t words.Report) string {
	if r.Month != "" {
		return t.Month(r.From.Month(), r.From.Year())
	}
	return put(t.FromUntil, "a", minute(r.From), "b", minute(r.Until))
}

type figure struct{ what, is string }

// figures are what two periods are compared by; of every report the same, in the
// same order.
func (r *Report) figures(l words.Lang) []figure {
	s := speaker{Report: r, w: words.In(l), t: words.In(l).Report}
	out := []figure{
		{s.t.Alarms + ", " + s.t.Counted, strconv.Itoa(r.Totals.Counted)},
		{s.t.Alarms + ", " + s.t.False, strconv.Itoa(r.Totals.False)},
	}
	for _, within := range []int{60, 180} {
		is := "–"
		for _, x := range r.Lines {
			if x.Within == within && x.Decided > 0 {
				is = s.percent(x.Percent) + ", " + put(s.t.Of, "a", strconv.Itoa(x.Kept), "b", strconv.Itoa(x.Decided))
			}
		}
		out = append(out, figure{fmt.Sprintf("%s: %d s", s.t.Limits, within), is})
	}
	out = append(out, figure{s.t.Misses, strconv.Itoa(len(r.Misses))})
	for _, m := range []alerting.Milestone{alerting.ToAcknowledge, alerting.ToAttend} {
		var of Wait
		for _, x := range r.Waits {
			if x.Milestone == m {
				of = x
			}
		}
		what := s.t.Milestones[m] + ": "
		out = append(out, figure{what + s.t.Median, s.wait(of.Median)}, figure{what + s.t.P90, s.wait(of.P90)}, figure{what + s.t.Worst, s.wait(of.Worst)})
	}
	well := "–"
	if r.Devices.Percent != nil {
		well = s.percent(*r.Devices.Percent)
	}
	return append(out, figure{s.t.Lapsed, strconv.Itoa(r.Totals.Lapsed)}, figure{s.t.Devices + ": " + s.t.Well, well})
}
