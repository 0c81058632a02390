package report

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// limits are what is asked of those who answer alarms, in a calendar month.
func limits() []Line {
	return []Line{
		// UK TSA: 97.5 % of calls answered in 60 s, 99 % in 180 s.
		{Within: soon, Asked: 97.5, Source: "tsa"},
		{Within: late, Asked: 99, Source: "tsa"},
		// What British and European standards asked for before.
		{Within: soon, Asked: 98.5, Source: "en"},
	}
}

// Report is what is known at now. The fold is used up by it.
func (f *Fold) Report(now time.Time) *Report {
	if now.Before(f.last) {
		now = f.last // the clock on the wall is behind
	}
	f.settle(now)
	unfinished := len(f.lives)
	for _, id := range slices.Sorted(maps.Keys(f.lives)) {
		f.put(f.lives[id], now)
	}
	slices.SortFunc(f.rows, func(a, b Row) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortFunc(f.misses, func(a, b Miss) int { return cmp.Compare(a.Number, b.Number) })
	slices.SortStableFunc(f.lapses, func(a, b Lapse) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Number, b.Number)) })
	r := &Report{
		Zone: f.zone.String(), Month: f.o.Month, From: f.o.From, Until: f.o.Until, Made: now,
		Over: !now.Before(f.o.Until), Rows: f.rows, Misses: f.misses, Lapses: f.lapses, Outcomes: []Ended{}, Late: []Brief{}, OpenAtEnd: []Brief{},
	}
	r.Known = Known{
		From: f.began, Whole: !f.began.After(f.o.From), Inputs: f.records, Otherwise: f.otherway, Unfinished: unfinished,
	}
	for _, g := range f.gaps {
		r.Known.Gaps = append(r.Known.Gaps, Gap{f.o.clamp(g.From), f.o.clamp(g.Until)})
	}
	r.Known.Incidents = f.incidents
	r.count(now)
	r.waits()
	r.groups(f.zone)
	r.responders(f.people)
	r.Devices = f.fleet.availability(now)
	r.neverNull()
	r.In(f.zone)
	return r
}

// neverNull is for programs: a list without members is an empty one.
func (r *Report) neverNull() {
	r.Known.Gaps = append([]Gap{}, r.Known.Gaps...)
	r.Known.Incidents = append([]Incident{}, r.Known.Incidents...)
	r.Misses = append([]Miss{}, r.Misses...)
	r.Lapses = append([]Lapse{}, r.Lapses...)
	for i := range r.Misses {
		r.Misses[i].Tries = append([]Try{}, r.Misses[i].Tries...)
	}
}

func (r *Report) count(now time.Time) {
	end := now
	if r.Over {
		end = r.Until
	}
	ended := map[alerting.Outcome]int{}
	lines := limits()
	t := &r.Totals
	for i := range r.Rows {
		a := &r.Rows[i]
		t.All++
		ended[a.ended()]++
		if a.ClosedAt.IsZero() || !a.ClosedAt.Before(end) {
			r.OpenAtEnd = append(r.OpenAtEnd, a.Brief)
		}
		if a.Late {
			r.Late = append(r.Late, a.Brief)
		}
		if !a.counted() {
			switch {
			case a.Drill:
				t.Drills++
			case a.Outcome == alerting.Cancelled:
				t.Cancelled++
			default:
				t.Tests++
			}
			continue
		}
		for _, c := range []struct {
			n  *int
			so bool
		}{
			{&t.Counted, true}, {&t.Late, a.Late}, {&t.ByHand, a.RaisedBy != ""}, {&t.Open, a.ClosedAt.IsZero()},
			{&t.False, a.isFalse()}, {&t.Lapsed, a.Lapses > 0}, {&t.Reopened, a.Reopened > 0},
		} {
			if c.so {
				*c.n++
			}
		}
		for i := range lines {
			lines[i].judge(a, now)
		}
	}
	for i := range lines {
		lines[i].verdict()
	}
	r.Lines = lines
	for _, o := range append(alerting.Outcomes(), alerting.Cancelled, alerting.DrillAlarm, "") {
		if n := ended[o]; n > 0 {
			r.Outcomes = append(r.Outcomes, Ended{o, n})
		}
	}
}

func (l *Line) judge(a *Row, now time.Time) {
	_, missed := a.missed(l.Within, now)
	switch {
	case missed:
		l.Decided++
	case a.kept(l.Within):
		l.Decided++
		l.Kept++
	default:
		l.Pending++
	}
}

// verdict compares in whole numbers: 97.5 % of 40 are 39, and not a little more.
func (l *Line) verdict() {
	if l.Decided == 0 {
		l.Verdict = NoAlarms
		return
	}
	permille := int(math.Round(l.Asked * 10))
	l.Percent = percent(float64(l.Kept), float64(l.Decided))
	allowed := l.Decided * (1000 - permille) / 1000
	l.AllowFor = allowed - (l.Decided - l.Kept)
	l.Verdict = NotMet
	if l.Kept*1000 >= l.Decided*permille {
		l.Verdict = Met
	}
}

// percent is to a hundredth, and never rounded up to all of them or to a limit
// that was not kept.
func percent(part, of float64) float64 {
	if of <= 0 {
		return 0
	}
	return math.Floor(part/of*10000+1e-9) / 100
}

// milestones in the order in which they are told.
func milestones() []alerting.Milestone {
	return []alerting.Milestone{alerting.ToCall, alerting.ToAcknowledge, alerting.ToAttend, alerting.ToClose}
}

func (r *Report) waits() {
	for _, m := range milestones() {
		w := Wait{Milestone: m}
		var all []time.Duration
		for i := range r.Rows {
			if a := &r.Rows[i]; a.counted() {
				if took, ok := a.took(m); ok {
					all = append(all, took)
				} else {
					w.Not++
				}
			}
		}
		slices.Sort(all)
		w.Count = len(all)
		w.Median, w.P90, w.P95, w.P99, w.Worst = rank(all, 50), rank(all, 90), rank(all, 95), rank(all, 99), rank(all, 100)
		r.Waits = append(r.Waits, w)
	}
}

// rank is a percentile of what is sorted, by nearest rank; nil of nothing.
func rank(sorted []time.Duration, percent int) *float64 {
	if len(sorted) == 0 {
		return nil
	}
	n := (len(sorted)*percent + 99) / 100 // rounded up
	s := seconds(sorted[max(n, 1)-1])
	return &s
}

// grouping is alarms under way into groups.
type grouping struct {
	by   map[string]*Group
	took map[string][]time.Duration
}

func newGrouping() grouping {
	return grouping{map[string]*Group{}, map[string][]time.Duration{}}
}

func (g grouping) add(key string, a *Row) {
	x := g.by[key]
	if x == nil {
		x = &Group{Key: key}
		g.by[key] = x
	}
	x.Alarms++
	for _, c := range []struct {
		n  *int
		so bool
	}{{&x.Kept60, a.kept(soon)}, {&x.Kept180, a.kept(late)}, {&x.False, a.isFalse()}, {&x.Open, a.ClosedAt.IsZero()}} {
		if c.so {
			*c.n++
		}
	}
	if took, ok := a.took(alerting.ToAcknowledge); ok {
		g.took[key] = append(g.took[key], took)
	}
}

// list gives the groups, those with the most alarms first.
func (g grouping) list() []Group {
	out := []Group{}
	for _, key := range slices.Sorted(maps.Keys(g.by)) {
		x := *g.by[key]
		slices.Sort(g.took[key])
		x.Median = rank(g.took[key], 50)
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(b.Alarms, a.Alarms) })
	return out
}

func (r *Report) groups(zone *time.Location) {
	kinds, places, hours := newGrouping(), newGrouping(), newGrouping()
	for i := range r.Rows {
		a := &r.Rows[i]
		if !a.counted() {
			continue
		}
		kinds.add(string(a.Kind), a)
		places.add(string(a.Place), a)
		hours.add(hour(a.RaisedAt.In(zone).Hour()), a)
	}
	r.Kinds, r.Places, r.Hours = kinds.list(), places.list(), hours.list()
	slices.SortFunc(r.Hours, func(a, b Group) int { return cmp.Compare(a.Key, b.Key) })
}

func hour(h int) string {
	if h < 10 {
		return "0" + strconv.Itoa(h)
	}
	return strconv.Itoa(h)
}

func (r *Report) responders(people map[alerting.Person]*Responder) {
	for _, p := range slices.Sorted(maps.Keys(people)) {
		x := *people[p]
		if x.Called+x.Took+x.Declined == 0 {
			continue // told only that somebody else has it
		}
		slices.Sort(x.durations)
		x.Median, x.durations = rank(x.durations, 50), nil
		r.Responders = append(r.Responders, x)
	}
	slices.SortStableFunc(r.Responders, func(a, b Responder) int { return cmp.Or(cmp.Compare(b.Called, a.Called), cmp.Compare(b.Took, a.Took)) })
}

// availability is how devices fared until now.
func (f *fleet) availability(now time.Time) Availability {
	f.settleAll(now)
	out := Availability{Listed: []Device{}}
	var good, known time.Duration
	for _, id := range slices.Sorted(maps.Keys(f.devices)) {
		x := f.devices[id]
		was := x.sums[well] + x.sums[silent] + x.sums[faulty] + x.sums[cut]
		if was+x.sums[unknown] == 0 {
			continue // not registered in the period
		}
		out.Devices++
		d := Device{
			Device: id, Place: x.place, Well: seconds(x.sums[well]), Silent: seconds(x.sums[silent]), Faulty: seconds(x.sums[faulty]),
			Cut: seconds(x.sums[cut]), Unknown: seconds(x.sums[unknown]),
		}
		if f.o.Unsupervised != nil && f.o.Unsupervised(devices.ID(id)) {
			out.Unsupervised++
		} else {
			out.Supervised++
			good += x.sums[well]
			known += was
			if was > 0 {
				p := percent(float64(x.sums[well]), float64(was))
				d.Percent = &p
			}
		}
		if was > x.sums[well] {
			out.Listed = append(out.Listed, d)
		}
	}
	if known > 0 {
		p := percent(float64(good), float64(known))
		out.Percent = &p
	}
	slices.SortStableFunc(out.Listed, func(a, b Device) int {
		return cmp.Compare(b.Silent+b.Faulty+b.Cut, a.Silent+a.Faulty+a.Cut)
	})
	return out
}
