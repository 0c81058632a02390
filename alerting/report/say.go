package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
)

// Section is a part of a report as people read it, on a page or a terminal.
type Section struct {
	Title string
	Notes []string
	Head  []string
	// Left counts the columns from the left that are texts; those after them are
	// numbers.
	Left int
	Rows [][]string
	Bad  []bool // of each row: it is to be noticed
	// Alarms says of each row which alarm it is about; nil where they are of none.
	Alarms []alerting.AlarmID
}

// speaker says a report in a language.
type speaker struct {
	*Report
	w words.Words
	t words.Report
}

// Title is what the report is about.
func (r *Report) Title(l words.Lang) string {
	t := words.In(l).Report
	title := t.Name
	if r.SiteName != "" {
		title = r.SiteName
	}
	if r.Month != "" {
		return title + ": " + t.Month(r.From.Month(), r.From.Year())
	}
	return title + ": " + put(t.FromUntil, "a", minute(r.From), "b", minute(r.Until))
}

// Notes say how far the report can be trusted: to be read before its numbers.
func (r *Report) Notes(l words.Lang) []string {
	t := words.In(l).Report
	out := []string{put(t.FromUntil, "a", minute(r.From), "b", minute(r.Until)) + ". " + put(t.Zone, "a", r.Zone) + " " + put(t.Made, "a", minute(r.Made))}
	if !r.Over {
		out = append(out, t.SoFar)
	}
	switch {
	case r.Known.Whole:
	case !r.Known.From.Before(r.Until):
		out = append(out, t.Nothing)
	default:
		out = append(out, put(t.NotWhole, "a", minute(r.Known.From)))
	}
	if n := r.Known.Unfinished; n > 0 {
		out = append(out, put(t.Unsettled, "n", strconv.Itoa(n)))
	}
	const most = 20
	for i, g := range r.Known.Gaps {
		if i == most {
			out = append(out, put(t.MoreGaps, "n", strconv.Itoa(len(r.Known.Gaps)-most)))
			break
		}
		out = append(out, put(t.Gap, "a", clock(g.From), "b", clock(g.Until)))
	}
	for _, i := range r.Known.Incidents {
		until := t.Lasting
		if !i.Until.IsZero() {
			until = clock(i.Until)
		}
		out = append(out, put(t.Incident[i.Code], "a", clock(i.From), "b", until))
	}
	if n := r.Known.Otherwise; n > 0 {
		out = append(out, put(t.Otherwise, "n", strconv.Itoa(n)))
	}
	return out
}

// Sections say the report in a language, the most important first.
func (r *Report) Sections(l words.Lang) []Section {
	if !r.Known.From.Before(r.Until) {
		return nil // nothing is known, and nothing is claimed
	}
	s := speaker{Report: r, w: words.In(l), t: words.In(l).Report}
	all := []Section{s.limits(), s.misses(), s.waits(), s.totals(), s.outcomes(), s.kinds(), s.places(), s.hours()}
	if len(r.Responders) > 0 {
		all = append(all, s.responders())
	}
	for _, x := range []Section{s.lapses(), s.late(), s.open()} {
		if len(x.Rows) > 0 {
			all = append(all, x)
		}
	}
	return append(all, s.devices())
}

// WriteText writes the report for a terminal.
func (r *Report) WriteText(out io.Writer, l words.Lang) error {
	w := new(bytes.Buffer)
	fmt.Fprintf(w, "%s\n\n", r.Title(l))
	for _, n := range r.Notes(l) {
		fmt.Fprintln(w, n)
	}
	for _, s := range r.Sections(l) {
		fmt.Fprintf(w, "\n%s\n", strings.ToUpper(s.Title))
		for _, n := range s.Notes {
			fmt.Fprintf(w, "  %s\n", n)
		}
		if len(s.Rows) == 0 {
			continue
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintf(t, "  %s\n", strings.Join(s.Head, "\t"))
		for _, row := range s.Rows {
			fmt.Fprintf(t, "  %s\n", strings.Join(row, "\t"))
		}
		t.Flush() // into memory
	}
	for line := range bytes.Lines(w.Bytes()) {
		if _, err := fmt.Fprintf(out, "%s\n", bytes.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

func (s speaker) limits() Section {
	out := Section{Title: s.t.Limits, Notes: []string{s.t.LimitsNote}, Head: []string{s.t.Limit, s.t.Asked, s.t.Share, s.t.Kept, s.t.Verdict, s.t.Source}, Left: 6}
	pending := 0
	for _, l := range s.Lines {
		share := "–"
		if l.Decided > 0 {
			share = s.percent(l.Percent)
		}
		kept := put(s.t.Of, "a", strconv.Itoa(l.Kept), "b", strconv.Itoa(l.Decided))
		out.add(l.Verdict == NotMet, fmt.Sprintf("%d s", l.Within), s.percent(l.Asked), share, kept, s.t.Verdicts[string(l.Verdict)], s.t.Sources[l.Source])
		pending = max(pending, l.Pending)
	}
	if pending > 0 {
		out.Notes = append(out.Notes, put(s.t.Pending, "n", strconv.Itoa(pending)))
	}
	return out
}

func (s speaker) waits() Section {
	out := Section{Title: s.t.Waits, Notes: []string{s.t.WaitsNote}, Left: 1,
		Head: []string{s.t.What, s.t.Count, s.t.Median, s.t.P90, s.t.P95, s.t.P99, s.t.Worst, s.t.Without}}
	for _, w := range s.Waits {
		out.add(false, s.t.Milestones[w.Milestone], strconv.Itoa(w.Count), s.wait(w.Median), s.wait(w.P90), s.wait(w.P95), s.wait(w.P99), s.wait(w.Worst), strconv.Itoa(w.Not))
	}
	return out
}

func (s speaker) misses() Section {
	out := Section{Title: s.t.Misses, Left: 7, Head: []string{s.t.Number, s.t.Raised, s.t.Kind, s.t.Place, s.t.Waited, s.t.By, s.t.Tried}}
	for i := range s.Report.Misses {
		m := &s.Report.Misses[i]
		by := cmp.Or(m.ByName, string(m.By))
		if m.AckedAt.IsZero() {
			by = s.t.Nobody
		}
		var tries []string
		for _, t := range m.Tries {
			tries = append(tries, strings.Join(strings.Fields(strings.Join([]string{
				t.At.Format(time.TimeOnly), cmp.Or(t.WhoName, string(t.Who), put(s.t.Step, "n", strconv.Itoa(t.Step))), s.t.Results[string(t.Result)]}, " ")), " "))
		}
		if m.MoreTries > 0 {
			tries = append(tries, put(s.t.More, "n", strconv.Itoa(m.MoreTries)))
		}
		out.add(m.Over == late, append(s.brief(&m.Brief), s.long(m.Seconds), by, strings.Join(tries, "; "))...)
		out.Alarms = append(out.Alarms, m.Alarm)
	}
	out.Notes = []string{s.t.MissesNote}
	if len(out.Rows) == 0 {
		out.Notes = []string{s.t.None}
	}
	return out
}

// brief is an alarm's number, time, kind and place.
func (s speaker) brief(b *Brief) []string {
	return []string{strconv.Itoa(b.Number), clock(b.RaisedAt), s.w.Kind(b.Kind), s.place(b.PlaceName, string(b.Place))}
}

func (s speaker) place(name, id string) string { return cmp.Or(name, id, s.t.NoPlace) }

func (s speaker) totals() Section {
	out := Section{Title: s.t.Totals, Left: 1, Head: []string{"", s.t.Alarms, s.t.Share}}
	t := s.Totals
	for _, x := range []struct {
		what  string
		n, of int
	}{
		{s.t.All, t.All, 0}, {s.t.Tests, t.Tests, 0}, {s.t.Drills, t.Drills, 0}, {s.t.Cancelled, t.Cancelled, 0}, {s.t.Counted, t.Counted, 0}, {s.t.False, t.False, t.Counted}, {s.t.Lates, t.Late, t.Counted},
		{s.t.ByHand, t.ByHand, t.Counted}, {s.t.Lapsed, t.Lapsed, t.Counted}, {s.t.Reopened, t.Reopened, t.Counted}, {s.t.StillOpen, t.Open, t.Counted},
	} {
		share := ""
		if x.of > 0 {
			share = s.percent(percent(float64(x.n), float64(x.of)))
		}
		out.add(false, x.what, strconv.Itoa(x.n), share)
	}
	return out
}

func (s speaker) outcomes() Section {
	out := Section{Title: s.t.Outcomes, Left: 1, Head: []string{"", s.t.Alarms}}
	for _, o := range s.Outcomes {
		out.add(false, cmp.Or(s.w.Outcomes[o.Outcome], string(o.Outcome), s.t.NotClosed), strconv.Itoa(o.Alarms))
	}
	return out.orNone(s.t.None)
}

func (s speaker) group(title, first string, list []Group, what func(Group) string) Section {
	out := Section{Title: title, Left: 1, Head: []string{first, s.t.Alarms, s.t.Within60, s.t.Within180, s.t.Median, s.t.False, s.t.NotClosed}}
	for _, g := range list {
		out.add(false, what(g), strconv.Itoa(g.Alarms), strconv.Itoa(g.Kept60), strconv.Itoa(g.Kept180), s.wait(g.Median), strconv.Itoa(g.False), strconv.Itoa(g.Open))
	}
	return out.orNone(s.t.None)
}

func (s speaker) kinds() Section {
	return s.group(s.t.Kinds, s.t.Kind, s.Kinds, func(g Group) string { return s.w.Kind(devices.Kind(g.Key)) })
}

func (s speaker) places() Section {
	return s.group(s.t.Places, s.t.Place, s.Places, func(g Group) string { return s.place(g.Name, g.Key) })
}

func (s speaker) hours() Section {
	return s.group(s.t.Times, "", s.Hours, func(g Group) string { return g.Key + ":00" })
}

func (s speaker) responders() Section {
	out := Section{Title: s.t.People, Notes: []string{s.t.PeopleNote}, Left: 1,
		Head: []string{s.t.Who, s.t.Called, s.t.Took, s.t.Declined, s.t.GaveBack, s.t.LapsedBy, s.t.Unheard, s.t.MedianTake}}
	for _, r := range s.Responders {
		out.add(false, cmp.Or(r.Name, string(r.Person)), strconv.Itoa(r.Called), strconv.Itoa(r.Took), strconv.Itoa(r.Declined), strconv.Itoa(r.GaveBack),
			strconv.Itoa(r.Lapsed), strconv.Itoa(r.Unheard), s.wait(r.Median))
	}
	return out
}

func (s speaker) lapses() Section {
	out := Section{Title: s.t.Lapses, Notes: []string{s.t.LapsesNote}, Left: 7, Head: []string{s.t.Number, s.t.Raised, s.t.Kind, s.t.Place, s.t.Who, s.t.Until, s.t.Held}}
	for i := range s.Report.Lapses {
		l := &s.Report.Lapses[i]
		out.add(false, append(s.brief(&l.Brief), cmp.Or(l.WhoName, string(l.Who), "–"), clock(l.At), s.long(l.Held))...)
		out.Alarms = append(out.Alarms, l.Alarm)
	}
	return out
}

func (s speaker) late() Section { return s.briefs(s.t.Late, s.t.LateNote, s.Report.Late) }
func (s speaker) open() Section { return s.briefs(s.t.Open, s.t.OpenNote, s.OpenAtEnd) }

func (s speaker) briefs(title, note string, list []Brief) Section {
	out := Section{Title: title, Notes: []string{note}, Left: 6, Head: []string{s.t.Number, s.t.Raised, s.t.Kind, s.t.Place, s.t.Acked, s.t.Closed}}
	for i := range list {
		out.add(false, append(s.brief(&list[i]), cmp.Or(clock(list[i].AckedAt), "–"), cmp.Or(clock(list[i].ClosedAt), "–"))...)
		out.Alarms = append(out.Alarms, list[i].Alarm)
	}
	return out
}

func (s speaker) devices() Section {
	out := Section{Title: s.t.Devices, Left: 2, Head: []string{s.t.Device, s.t.Place, s.t.Well, s.t.Silent, s.t.Faulty, s.t.Cut, s.t.Unknown}}
	d := s.Report.Devices
	if d.Percent != nil {
		out.Notes = append(out.Notes, put(s.t.Fleet, "a", s.percent(*d.Percent), "n", strconv.Itoa(d.Supervised)), s.t.DevicesNote)
	} else {
		out.Notes = append(out.Notes, s.t.NoDevices)
	}
	if d.Unsupervised > 0 {
		out.Notes = append(out.Notes, put(s.t.Unsupervised, "n", strconv.Itoa(d.Unsupervised)))
	}
	if len(d.Listed) == 0 && d.Devices > 0 {
		out.Notes = append(out.Notes, s.t.AllWell)
	}
	for _, x := range d.Listed {
		share := "–"
		if x.Percent != nil {
			share = s.percent(*x.Percent)
		}
		out.add(false, cmp.Or(x.Name, string(x.Device)), s.place(x.PlaceName, string(x.Place)), share, s.about(x.Silent), s.about(x.Faulty), s.about(x.Cut), s.about(x.Unknown))
	}
	return out
}

func (s *Section) add(bad bool, cells ...string) {
	s.Rows = append(s.Rows, cells)
	s.Bad = append(s.Bad, bad)
}

func (s Section) orNone(none string) Section {
	if len(s.Rows) == 0 {
		s.Notes = append(s.Notes, none)
	}
	return s
}

func (s speaker) percent(p float64) string {
	return s.t.Decimals(strconv.FormatFloat(p, 'f', -1, 64)) + " %"
}

func (s speaker) wait(d *float64) string {
	if d == nil {
		return "–"
	}
	return s.long(*d)
}

// long says seconds as people do, rounded up: no wait looks shorter than it was.
func (s speaker) long(sec float64) string {
	switch up := math.Ceil(sec); {
	case sec < 180:
		return s.t.Decimals(strconv.FormatFloat(math.Ceil(max(sec*10-1e-6, 0))/10, 'f', -1, 64)) + " s"
	case up < 3600:
		return fmt.Sprintf("%d min %02d s", int(up)/60, int(up)%60)
	default:
		m := int(math.Ceil(up / 60))
		return s.t.Long(m/60, m%60)
	}
}

// about is long for what lasts for hours: a tenth of a second more is no minute.
func (s speaker) about(sec float64) string {
	if sec < 3600 {
		return s.long(math.Round(sec))
	}
	return s.long(60 * math.Round(sec/60))
}

func minute(t time.Time) string { return t.Format("2006-01-02 15:04") }

func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04:05")
}

// put fills in what a sentence leaves open.
func put(s string, what ...string) string {
	for i := 0; i+1 < len(what); i += 2 {
		s = strings.ReplaceAll(s, "{"+what[i]+"}", what[i+1])
	}
	return s
}
