package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
)

// anyMonth draws a month in which anything may happen at any time.
func anyMonth(t *rapid.T) (o Options, steps []timed) {
	zone := must(time.LoadLocation(rapid.SampledFrom([]string{"Europe/Warsaw", "America/New_York", "UTC"}).Draw(t, "zone")))
	m := time.Month(rapid.SampledFrom([]int{3, 10, 11}).Draw(t, "month"))
	o = Options{Zone: zone, Span: Span{"", time.Date(2026, m, 1, 0, 0, 0, 0, zone), time.Date(2026, m+1, 1, 0, 0, 0, 0, zone)},
		Behind: func(devices.ID) []string { return []string{"zigbee", "lora"} }}
	at := o.From.Add(-time.Hour)
	if rapid.Bool().Draw(t, "end") {
		at = o.Until.Add(-time.Hour)
	}
	people := rapid.SampledFrom([]alerting.Person{"s-marta", "s-jan", "s-centre", "s-else"})
	device := rapid.SampledFrom([]devices.ID{"d-7", "d-3", "d-x"})
	for range rapid.IntRange(0, 60).Draw(t, "steps") {
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 20, 60, 61, 200, 200, 1000, 4000}).Draw(t, "later")) * time.Second)
		x := timed{at: at, alarm: rapid.IntRange(0, 3).Draw(t, "alarm")}
		switch rapid.IntRange(0, 16).Draw(t, "what") {
		case 0, 1, 2, 3:
			x.in = alerting.Heard{Device: device.Draw(t, "device"), Kind: rapid.SampledFrom([]devices.Kind{devices.Panic, devices.Fall}).Draw(t, "kind"), Late: rapid.Bool().Draw(t, "late")}
		case 4, 5:
			x.in = alerting.Take{By: people.Draw(t, "by")}
		case 6:
			x.in = alerting.Decline{By: people.Draw(t, "by")}
		case 7:
			x.in = alerting.Arrive{By: people.Draw(t, "by")}
		case 8, 9:
			x.in = alerting.Close{By: people.Draw(t, "by"), Outcome: rapid.SampledFrom(alerting.Outcomes()).Draw(t, "outcome")}
		case 10:
			x.in = alerting.Reopen{By: people.Draw(t, "by")}
		case 11:
			x.in = alerting.Start{}
		case 12:
			x.in = alerting.FaultEdge{Code: rapid.SampledFrom([]alerting.FaultCode{alerting.Silent, alerting.DeviceFault}).Draw(t, "code"), Subject: string(device.Draw(t, "device")), On: rapid.Bool().Draw(t, "on")}
		case 13:
			x.in = alerting.FaultEdge{Code: rapid.SampledFrom([]alerting.FaultCode{alerting.LinkLost, alerting.ChainDown, alerting.StoreDown}).Draw(t, "code"),
				Subject: rapid.SampledFrom([]string{"zigbee", "lora"}).Draw(t, "subject"), On: rapid.Bool().Draw(t, "on")}
		case 14:
			x.in = alerting.NeedHelp{By: people.Draw(t, "by")}
		case 15:
			x.in = alerting.RaiseByHand{Kind: devices.Panic, Place: "p-7", By: people.Draw(t, "by"), Drill: rapid.Bool().Draw(t, "drill")}
		case 16:
			p := home(zone)
			if rapid.Bool().Draw(t, "without") {
				delete(p.Devices, "d-3")
			}
			x.in = alerting.Apply{Plan: p}
		}
		steps = append(steps, x)
	}
	return o, steps
}

type timed struct {
	at    time.Time
	in    alerting.Input
	alarm int // which it is about, counted from the newest
}

// on makes an input about an alarm that there is.
func (x timed) on(m *alerting.Machine) alerting.Input {
	all := m.Alarms()
	if len(all) == 0 {
		return x.in
	}
	id := all[max(len(all)-1-x.alarm, 0)].ID
	switch in := x.in.(type) {
	case alerting.Take:
		in.Alarm = id
		return in
	case alerting.Decline:
		in.Alarm = id
		return in
	case alerting.Arrive:
		in.Alarm = id
		return in
	case alerting.Close:
		in.Alarm = id
		return in
	case alerting.Reopen:
		in.Alarm = id
		return in
	case alerting.NeedHelp:
		in.Alarm = id
		return in
	}
	return x.in
}

// played folds it. The machine is restored from its state at one point, as it is when
// a report begins from a state that was kept.
func played(o Options, steps []timed, made time.Time) *Report {
	x := &month{m: alerting.New(), zone: o.Zone}
	x.m.Step(o.From.Add(-2*time.Hour), alerting.Apply{Plan: home(o.Zone)})
	started := false
	begin := func(at time.Time) {
		if !started && !at.Before(o.From) {
			x.f, started = New(o), true
			x.f.Begin(x.m, o.From, false)
		}
	}
	for _, s := range steps {
		for next := x.m.Next(); !next.IsZero() && next.Before(s.at); next = x.m.Next() {
			begin(next)
			x.step(next, alerting.Tick{})
		}
		begin(s.at)
		x.step(s.at, s.on(x.m))
	}
	begin(o.Until)
	x.ticks(made)
	return x.f.Report(made)
}

// Whatever happens, the numbers add up, the same records make the same report, the CSV says the same as the report,
// and names are nowhere but where they were put in.
func TestNumbersAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, steps := anyMonth(t)
		made := o.From.Add(time.Duration(rapid.Int64Range(1, 2*3600).Draw(t, "made")) * time.Second)
		if n := len(steps); n > 0 && steps[n-1].at.After(made) {
			made = steps[n-1].at
		}
		r := played(o, steps, made)
		if diff := cmp.Diff(r, played(o, steps, made), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Fatalf("the same records make another report:\n%s", diff)
		}
		var failed failures
		sound(&failed, r)
		agrees(&failed, r)
		if len(failed.said) > 0 {
			t.Fatalf("%s", strings.Join(failed.said, "\n"))
		}
		before, _ := json.Marshal(r)
		r.Named(Names{Person: func(alerting.Person) string { return "Somebody" }})
		r.WithoutPeople()
		if after, _ := json.Marshal(r); !bytes.Equal(before, after) {
			t.Fatal("showing it to somebody has changed the report")
		}
		if without, _ := json.Marshal(r.WithoutPeople()); bytes.Contains(without, []byte("s-marta")) || bytes.Contains(without, []byte("s-jan")) {
			t.Fatalf("a report without people names some: %s", without)
		}
		for _, l := range words.Langs() {
			var b bytes.Buffer
			if err := r.WriteText(&b, l); err != nil || strings.ContainsAny(b.String(), "{}") || strings.Contains(b.String(), "NaN") {
				t.Fatalf("in %s: %v\n%s", l, err, &b)
			}
		}
	})
}

// failures take the place of a test.
type failures struct {
	testing.TB
	said []string
}

func (f *failures) Helper() {}
func (f *failures) Errorf(format string, args ...any) {
	f.said = append(f.said, strings.TrimSpace(strings.Join([]string{format, mustText(args)}, " ")))
}

func mustText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// agrees reads the CSV back and counts again.
func agrees(t testing.TB, r *Report) {
	var b bytes.Buffer
	if err := r.WriteCSV(&b); err != nil {
		t.Errorf("csv: %v", err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || !slices.Equal(rows[0], Columns()) {
		t.Errorf("csv: %v, first line %v", err, rows[:1])
		return
	}
	col := func(name string) int { return slices.Index(Columns(), name) }
	counted, kept60, missed := 0, 0, 0
	for i, row := range rows[1:] {
		if row[col("number")] != strconv.Itoa(r.Rows[i].Number) {
			t.Errorf("row %d is of alarm %s", i, row[0])
		}
		if row[col("test")] != "no" {
			continue
		}
		counted++
		switch row[col("within_60s")] {
		case "yes":
			kept60++
		case "no":
			missed++
		}
		raised, err := time.Parse(time.RFC3339, row[col("raised_at")])
		if err != nil || raised.Nanosecond() != 0 || r.Rows[i].RaisedAt.Sub(raised) >= time.Second || r.Rows[i].RaisedAt.Before(raised) {
			t.Errorf("row %d was raised at %q", i, row[col("raised_at")])
		}
	}
	if counted != r.Totals.Counted || kept60 != r.Lines[0].Kept || missed != len(r.Misses) {
		t.Errorf("csv has %d counted, %d kept, %d missed; the report %d, %d, %d", counted, kept60, missed, r.Totals.Counted, r.Lines[0].Kept, len(r.Misses))
	}
}

// What is written for a spreadsheet comes back whole, and is no formula there.
func TestCSVIsHarmless(t *testing.T) {
	for _, evil := range []string{`=HYPERLINK("http://x","y")`, "+48 12 345", "-1 floor", "@SUM(A1)", "\t=1", "\r=1", "\n=1", `a "quoted", name`, "two\r\nlines", "Łóżko; 7", "'", ""} {
		r := (&Report{Rows: []Row{{Brief: Brief{Number: 1, Place: "p"}}}}).Named(Names{Place: func(alerting.PlaceID) string { return evil }})
		var b bytes.Buffer
		if err := r.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\r\n"), "\r\n") {
			if strings.Contains(line, "\r") {
				t.Errorf("%q: a carriage return within a line: %q", evil, line)
			}
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != len(Columns()) {
			t.Fatalf("%q: %v, %d rows", evil, err, len(rows))
		}
		cell := rows[1][slices.Index(Columns(), "place")]
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			t.Errorf("%q becomes %q, a formula", evil, cell)
		}
		if want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(evil); strings.TrimPrefix(cell, "'") != strings.TrimPrefix(want, "'") {
			t.Errorf("%q becomes %q", evil, cell)
		}
	}
	if n := len(Columns()); len((&Row{}).cells(time.Time{})) != n {
		t.Errorf("a row has %d cells, and there are %d columns", len((&Row{}).cells(time.Time{})), n)
	}
}

func TestSpans(t *testing.T) {
	warsaw := must(time.LoadLocation("Europe/Warsaw"))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, warsaw)
	for _, c := range []struct{ month, from, to, want string }{
		{"2026-10", "", "", "2026-10-01T00:00:00+02:00 2026-11-01T00:00:00+01:00 745h"},
		{"2026-03", "", "", "2026-03-01T00:00:00+01:00 2026-04-01T00:00:00+02:00 743h"},
		{"", "", "", "2026-11-01T00:00:00+01:00 2026-12-01T00:00:00+01:00 720h"},
		{"", "2026-10-25", "2026-10-25", "2026-10-25T00:00:00+02:00 2026-10-26T00:00:00+01:00 25h"},
		{"", "2026-10-05T07:00:00Z", "2026-10-05T08:00:00Z", "2026-10-05T09:00:00+02:00 2026-10-05T10:00:00+02:00 1h"},
		{"", "2025-12-01", "2026-11-30", "2025-12-01T00:00:00+01:00 2026-12-01T00:00:00+01:00 8760h"},
		{"2026-13", "", "", `month "2026-13": write one such as 2026-10`},
		{"2026-12", "", "", "it begins at 2026-12-01, which is still to come"},
		{"2026-10", "2026-10-01", "", "give a month, or a first and a last day, not both"},
		{"", "2026-10-01", "", "give both a first and a last day"},
		{"", "2026-10-02", "2026-10-01", `from "2026-10-02" to "2026-10-01": the end is not after the beginning`},
		{"", "2025-01-01", "2026-11-01", "ask for at most 400 days at once"},
		{"", "1.10.2026", "2026-11-01", `"1.10.2026": write a day such as 2026-10-05, or a moment such as 2026-10-05T07:00:00Z`},
	} {
		s, err := ParseSpan(c.month, c.from, c.to, warsaw, now)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = strings.Join([]string{s.From.In(warsaw).Format(time.RFC3339), s.Until.In(warsaw).Format(time.RFC3339), strings.TrimSuffix(s.Until.Sub(s.From).String(), "0m0s")}, " ")
		}
		if got != c.want {
			t.Errorf("%q %q %q: got %s, want %s", c.month, c.from, c.to, got, c.want)
		}
	}
}

func FuzzParseSpan(f *testing.F) {
	f.Add("2026-10", "", "")
	f.Add("", "2026-10-01", "2026-10-31")
	f.Add("", "2026-10-01T00:00:00+02:00", "2026-10-31")
	f.Add("9999-12", "0000-01-01", "T")
	zone := must(time.LoadLocation("Europe/Warsaw"))
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, zone)
	f.Fuzz(func(t *testing.T, month, from, to string) {
		s, err := ParseSpan(month, from, to, zone, now)
		if err != nil {
			return
		}
		if !s.From.Before(s.Until) || s.Until.Sub(s.From) > longest || !s.From.Before(now) {
			t.Fatalf("%q %q %q is taken for %v", month, from, to, s)
		}
		if s.Month != "" && (s.From.In(zone).Day() != 1 || s.Until.In(zone).Day() != 1 || s.From.In(zone).Format("2006-01") != s.Month) {
			t.Fatalf("month %q is %v", month, s)
		}
	})
}
