package report

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
)

var update = flag.Bool("update", false, "rewrite the reports in testdata")

// TestMonths plays the months in testdata/months: what happened, and below
// "----" what the report says of it. The comments work the numbers out by hand.
func TestMonths(t *testing.T) {
	files, err := filepath.Glob("testdata/months/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("found %d months (%v), want at least 6", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			script, want, _ := strings.Cut(string(b), "----\n")
			r, lang := readMonth(t, script)
			var got bytes.Buffer
			if err := r.WriteText(&got, lang); err != nil {
				t.Fatal(err)
			}
			sound(t, r)
			if *update {
				if err := os.WriteFile(file, []byte(script+"----\n"+got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got.String(), "\n")); diff != "" {
				t.Errorf("the report is another one (-want +got):\n%s", diff)
			}
		})
	}
}

// home is the site of all months: two rooms, two carers and the centre.
func home(zone *time.Location) alerting.Plan {
	call := func(p alerting.Person) []alerting.Target { return []alerting.Target{{Person: p}} }
	return alerting.Plan{
		Site: "home", Zone: alerting.Zone{Location: zone},
		Devices: map[devices.ID]alerting.Device{"d-7": {Place: "p-7"}, "d-3": {Place: "p-3"}, "d-x": {Place: "p-3"}},
		People: map[alerting.Person]alerting.Responder{
			"s-marta": {Contacts: []alerting.Contact{{Channel: "push"}}}, "s-jan": {Contacts: []alerting.Contact{{Channel: "push"}}}, "s-centre": {Contacts: []alerting.Contact{{Channel: "desk"}}},
		},
		Policies: map[alerting.PolicyID]alerting.Policy{"y": {Steps: []alerting.PolicyStep{
			{Call: call("s-marta"), Wait: 60 * time.Second}, {Call: call("s-jan"), Wait: 60 * time.Second},
		}, Arrive: 15 * time.Minute, Finish: time.Hour}},
		Default: "y", LastResort: "s-centre",
	}
}

// month is a script under way.
type month struct {
	t    testing.TB
	m    *alerting.Machine
	f    *Fold
	day  time.Time
	zone *time.Location
}

func (x *month) step(at time.Time, in alerting.Input) []alerting.Effect {
	effects := x.m.Step(at, in)
	if x.f == nil {
		return effects
	}
	x.f.Step(x.m.Now(), in, effects, x.m, true)
	return effects
}

// readMonth plays a script:
//
//	month 2026-10 Europe/Warsaw [pl] [names]   what is asked for
//	journal 2026-10-03T00:00:00+02:00          where the journal begins; long before, without it
//	made 2026-11-03T09:00:00+01:00             when the report is made
//	2026-10-05                                 a day
//	02:10:00 panic d-7                         what happened
func readMonth(t testing.TB, script string) (*Report, words.Lang) {
	t.Helper()
	x := &month{t: t, m: alerting.New(), zone: time.UTC}
	lang, named := words.English, false
	var o Options
	var made, journal time.Time
	begin := func() {
		if x.f != nil {
			return
		}
		x.f = New(o)
		first := !journal.IsZero()
		if !first {
			x.m.Step(o.From.Add(-time.Hour), alerting.Apply{Plan: home(x.zone)})
			x.f.Begin(x.m, o.From, false)
			return
		}
		x.f.Begin(x.m, journal, true)
		x.step(journal, alerting.Apply{Plan: home(x.zone)})
		x.step(journal, alerting.Start{})
	}
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		f := strings.Fields(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case f[0] == "month":
			x.zone = must(time.LoadLocation(f[2]))
			o = Options{Zone: x.zone, Unsupervised: func(d devices.ID) bool { return d == "d-x" }, Behind: func(d devices.ID) []string {
				if d == "d-3" {
					return []string{"zigbee"}
				}
				return nil
			}}
			o.Span = must(ParseSpan(f[1], "", "", x.zone, time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC)))
			named = slices.Contains(f, "names")
			if slices.Contains(f, "pl") {
				lang = words.Polish
			}
		case f[0] == "journal":
			journal = must(time.Parse(time.RFC3339, f[1]))
		case f[0] == "made":
			made = must(time.Parse(time.RFC3339, f[1]))
		case len(f) == 1:
			x.day = must(time.ParseInLocation(time.DateOnly, f[0], x.zone))
		default:
			begin()
			clock := must(time.Parse("15:04:05.999", f[0]))
			y, mo, d := x.day.Date()
			at := time.Date(y, mo, d, clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), x.zone)
			if slices.Contains(f, "summer") { // the first of two equal times
				at = at.Add(-time.Hour)
				for at.In(x.zone).Format("15:04:05") != clock.Format("15:04:05") {
					at = at.Add(time.Hour)
				}
			}
			if slices.Contains(f, "winter") { // the second
				at = time.Date(y, mo, d, clock.Hour()+1, clock.Minute(), clock.Second(), 0, x.zone).Add(-time.Hour)
			}
			x.line(at, f[1:])
		}
	}
	begin()
	x.ticks(made)
	r := x.f.Report(made)
	r.Site = "home"
	if named {
		r = r.Named(Names{Site: "Dom przy Lipowej", Place: func(p alerting.PlaceID) string {
			return map[alerting.PlaceID]string{"p-7": "Pokój 7", "p-3": "Pokój 3"}[p]
		},
			Person: func(p alerting.Person) string {
				return map[alerting.Person]string{"s-marta": "Marta W.", "s-jan": "Jan Z.", "s-centre": "Centrum"}[p]
			},
			Device: func(d devices.ID) string { return map[devices.ID]string{"d-7": "Przycisk 7", "d-3": "Przycisk 3"}[d] }})
	}
	return r, lang
}

// ticks lets deadlines before at pass.
func (x *month) ticks(at time.Time) {
	for next := x.m.Next(); !next.IsZero() && next.Before(at); next = x.m.Next() {
		x.step(next, alerting.Tick{})
	}
}

func (x *month) line(at time.Time, f []string) {
	x.t.Helper()
	if f[0] != "start" {
		x.ticks(at)
	}
	of := func(number string) alerting.Alarm {
		for _, a := range x.m.Alarms() {
			if strconv.Itoa(a.Number) == number {
				return a
			}
		}
		x.t.Fatalf("there is no alarm %s", number)
		return alerting.Alarm{}
	}
	who := func() alerting.Person { return alerting.Person(f[1]) }
	switch f[0] {
	case "panic", "fall", "bed_exit":
		x.step(at, alerting.Heard{Device: devices.ID(f[1]), Kind: devices.Kind(f[0]), Late: slices.Contains(f, "late")})
	case "hand":
		x.step(at, alerting.RaiseByHand{Kind: devices.Panic, Place: alerting.PlaceID(f[2]), By: who(), Drill: slices.Contains(f, "drill")})
	case "sent", "failed": // sent s-marta 1
		word := ""
		if f[0] == "failed" {
			word = f[3]
		}
		a := of(f[2])
		for _, c := range slices.Backward(a.Calls) {
			if c.To == who() {
				x.step(at, alerting.Sent{Alarm: a.ID, Notification: c.ID, Error: word})
				return
			}
		}
		x.t.Fatalf("%v: nobody called them", f)
	case "take":
		x.step(at, alerting.Take{Alarm: of(f[2]).ID, By: who()})
	case "decline":
		x.step(at, alerting.Decline{Alarm: of(f[2]).ID, By: who()})
	case "arrive":
		x.step(at, alerting.Arrive{Alarm: of(f[2]).ID, By: who()})
	case "close":
		x.step(at, alerting.Close{Alarm: of(f[2]).ID, By: who(), Outcome: alerting.Outcome(f[3])})
	case "reopen":
		x.step(at, alerting.Reopen{Alarm: of(f[2]).ID, By: who()})
	case "start":
		x.step(at, alerting.Start{})
	case "beat":
		x.step(at, alerting.Tick{})
	case "fault", "over":
		x.step(at, alerting.FaultEdge{Code: alerting.FaultCode(f[1]), Subject: f[2], On: f[0] == "fault"})
	case "remove":
		p := home(x.zone)
		delete(p.Devices, devices.ID(f[1]))
		x.step(at, alerting.Apply{Plan: p})
	default:
		x.t.Fatalf("%q is not understood", strings.Join(f, " "))
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprint("testdata: ", err))
	}
	return v
}

// sound checks what must hold of every report.
func sound(t testing.TB, r *Report) {
	t.Helper()
	total := func(list []Group) (n int) {
		for _, g := range list {
			n += g.Alarms
			if g.Kept60 > g.Kept180 || g.Kept180 > g.Alarms || g.False+g.Open > g.Alarms {
				t.Errorf("group %+v contradicts itself", g)
			}
		}
		return n
	}
	for name, n := range map[string]int{"kinds": total(r.Kinds), "places": total(r.Places), "hours": total(r.Hours)} {
		if n != r.Totals.Counted {
			t.Errorf("by %s there are %d alarms, counted %d", name, n, r.Totals.Counted)
		}
	}
	if x := r.Totals; x.Counted+x.Tests+x.Drills+x.Cancelled != x.All || x.All != len(r.Rows) {
		t.Errorf("totals %+v of %d rows do not add up", x, len(r.Rows))
	}
	ended := 0
	for _, o := range r.Outcomes {
		ended += o.Alarms
		if o.Outcome == alerting.DrillAlarm && o.Alarms > r.Totals.Drills || o.Outcome == alerting.Cancelled && o.Alarms > r.Totals.Cancelled {
			t.Errorf("%d ended as %s, of %+v", o.Alarms, o.Outcome, r.Totals)
		}
	}
	if ended != r.Totals.All {
		t.Errorf("%d ended, of %d", ended, r.Totals.All)
	}
	for _, w := range r.Waits {
		if w.Count+w.Not != r.Totals.Counted {
			t.Errorf("%s: %d and %d, of %d", w.Milestone, w.Count, w.Not, r.Totals.Counted)
		}
		last := 0.0
		for _, p := range []*float64{w.Median, w.P90, w.P95, w.P99, w.Worst} {
			if (p == nil) != (w.Count == 0) || p != nil && *p < last {
				t.Errorf("%s: percentiles %v are out of order", w.Milestone, w)
			}
			if p != nil {
				last = *p
			}
		}
	}
	missed := map[int]int{}
	for _, m := range r.Misses {
		missed[m.Number]++
		if missed[m.Number] > 1 {
			t.Errorf("alarm %d is listed as missed %d times", m.Number, missed[m.Number])
		}
	}
	over180 := 0
	for _, m := range r.Misses {
		if m.Over == 180 {
			over180++
		}
		if m.Seconds <= 60 && !m.AckedAt.IsZero() {
			t.Errorf("alarm %d waited %v s and is a miss", m.Number, m.Seconds)
		}
	}
	for _, l := range r.Lines {
		if l.Decided+l.Pending != r.Totals.Counted || l.Kept > l.Decided {
			t.Errorf("line %+v of %d", l, r.Totals.Counted)
		}
		want := len(r.Misses)
		if l.Within == 180 {
			want = over180
		}
		if l.Decided-l.Kept != want {
			t.Errorf("line %+v has %d misses, the list %d", l, l.Decided-l.Kept, want)
		}
		if (l.Verdict == Met) != (l.Decided > 0 && l.AllowFor >= 0) {
			t.Errorf("line %+v is %s with %d to spare", l, l.Verdict, l.AllowFor)
		}
	}
	lapses := 0
	for _, a := range r.Rows {
		lapses += a.Lapses
	}
	if lapses != len(r.Lapses) {
		t.Errorf("%d lapses in alarms, %d listed", lapses, len(r.Lapses))
	}
	for _, p := range r.Responders {
		if p.Took+p.Unheard+p.Declined < p.Called-p.Lapsed-r.Totals.Counted || p.Unheard > p.Called {
			t.Errorf("responder %+v contradicts itself", p)
		}
	}
	for _, d := range r.Devices.Listed {
		all := d.Well + d.Silent + d.Faulty + d.Cut + d.Unknown
		if all > r.Until.Sub(r.From).Seconds()+0.01 || d.Well < 0 || d.Silent < 0 || d.Faulty < 0 || d.Cut < 0 || d.Unknown < 0 {
			t.Errorf("device %+v was there for %v s", d, all)
		}
	}
}
