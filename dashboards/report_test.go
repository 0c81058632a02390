package dashboards

import (
	"context"
	"encoding/csv"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/report"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

// counted makes reports of what it was told: one miss at room 7, taken by Marta.
type counted struct {
	asked []report.Span
	err   error
}

func (c *counted) Report(_ context.Context, span report.Span) (*report.Report, error) {
	c.asked = append(c.asked, span)
	if c.err != nil {
		return nil, c.err
	}
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		return nil, err
	}
	m := alerting.New()
	f := report.New(report.Options{Span: span, Zone: zone})
	at := span.From
	step := func(later time.Duration, in alerting.Input) []alerting.Effect {
		at = at.Add(later)
		effects := m.Step(at, in)
		f.Step(at, in, effects, m, true)
		return effects
	}
	f.Begin(m, at, false)
	step(0, alerting.Apply{Plan: plan(newWard(same))})
	step(time.Hour, alerting.Heard{Device: "d-7", Kind: devices.Panic})
	id := m.Alarms()[0].ID
	step(90*time.Second, alerting.Take{Alarm: id, By: "p-1"})
	step(time.Minute, alerting.Close{Alarm: id, By: "p-1", Outcome: alerting.Helped})
	step(time.Hour, alerting.FaultEdge{Code: alerting.Silent, Subject: "d-3", On: true})
	r := f.Report(span.Until)
	r.Site = "s-1"
	return r, nil
}

func withNumbers(c *counted) func(*Options) { return func(o *Options) { o.Numbers = c } }

// Who may read a report, and what of it.
func TestReportIsForSome(t *testing.T) {
	numbers := &counted{}
	h := newHouse(t, newWard(same), withNumbers(numbers))
	for _, x := range []struct {
		who    string
		status int
		people string // how those who come are shown
	}{{"", 401, ""}, {"marta", 403, ""}, {"wall", 403, ""}, {"centre", 200, "Marta W."}, {"piotr", 200, ""}} {
		c := h.caller(t, x.who)
		for _, path := range []string{apiRoot + "/report?month=2026-10", apiRoot + "/report?month=2026-10&format=csv", "/report?month=2026-10"} {
			body := c.want(x.status, "GET", path, "")
			for _, name := range []string{"Aniela", "Kowalczyk", "4719#"} {
				if strings.Contains(body, name) {
					t.Errorf("%s reads %q in %s", x.who, name, path)
				}
			}
			if x.status != 200 {
				if strings.Contains(body, "Room") || strings.Contains(body, "p-1") {
					t.Errorf("%q is told something by %s: %s", x.who, path, body)
				}
				continue
			}
			if !strings.Contains(body, "Room 7, bathroom") {
				t.Errorf("%s does not read where, in %s", x.who, path)
			}
			if got := strings.Contains(body, "Marta W."); got != (x.people != "") {
				t.Errorf("%s reads who came: %t, in %s", x.who, got, path)
			}
			if x.who == "piotr" && strings.Contains(body, "p-1") {
				t.Errorf("a technician reads who came, by id, in %s", path)
			}
			nobody := c.want(200, "GET", path+"&anonymous=true", "")
			for _, name := range []string{"Room 7", "Marta", "Lipowa", "Radar, room 7"} {
				if strings.Contains(nobody, name) {
					t.Errorf("%s reads %q in the anonymous %s", x.who, name, path)
				}
			}
		}
	}
}

func TestReportOfWhatIsAsked(t *testing.T) {
	numbers := &counted{}
	h := newHouse(t, newWard(same), withNumbers(numbers))
	c := h.caller(t, "centre")
	for query, want := range map[string]string{
		"month=2026-10":                               "2026-10-01T00:00:00+02:00 2026-11-01T00:00:00+01:00",
		"from=2026-10-25&to=2026-10-25":               "2026-10-25T00:00:00+02:00 2026-10-26T00:00:00+01:00",
		"from=2026-10-05T07%3A00%3A00Z&to=2026-10-05": "2026-10-05T07:00:00Z 2026-10-06T00:00:00+02:00",
		"month=2026-10&from=&to=&anonymous=false":     "2026-10-01T00:00:00+02:00 2026-11-01T00:00:00+01:00",
		"month=2026-10&format=json&anonymous=true":    "2026-10-01T00:00:00+02:00 2026-11-01T00:00:00+01:00",
	} {
		numbers.asked = nil
		c.want(http.StatusOK, "GET", apiRoot+"/report?"+query, "")
		if got := numbers.asked[0].From.Format(time.RFC3339) + " " + numbers.asked[0].Until.Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	numbers.asked = nil
	for _, query := range []string{"month=10", "month=2026-10&from=2026-10-01", "from=2026-10-01", "to=2026-10-01", "month=2999-01", "format=xml", "format=csv&month=x",
		"months=2026-10", "anonymous=perhaps", "month=" + strings.Repeat("1", 100), "from=2020-01-01&to=2026-01-01", "month=%00"} {
		if body := c.want(http.StatusUnprocessableEntity, "GET", apiRoot+"/report?"+query, ""); !strings.Contains(body, `"invalid"`) || !strings.Contains(body, "query.") {
			t.Errorf("%s: %s", query, body)
		}
	}
	page := c.want(http.StatusUnprocessableEntity, "GET", "/report?month=%3Cscript%3E", "")
	if strings.Contains(page, "<script>") || !strings.Contains(page, "This period cannot be shown") {
		t.Errorf("a wrong month makes the page %s", page)
	}
	if len(numbers.asked) != 0 {
		t.Errorf("reports were made of %v", numbers.asked)
	}
	numbers.err = errors.New("no disk")
	if body := c.want(http.StatusServiceUnavailable, "GET", apiRoot+"/report?month=2026-10", ""); !strings.Contains(body, "no_report") || strings.Contains(body, "disk") {
		t.Errorf("without a journal: %s", body)
	}
	c.want(http.StatusServiceUnavailable, "GET", "/report?month=2026-10", "")
}

// The CSV is downloaded, and the page of the same address is read.
func TestReportAsCSV(t *testing.T) {
	h := newHouse(t, newWard(same), withNumbers(&counted{}))
	c := h.caller(t, "centre")
	rows, err := csv.NewReader(strings.NewReader(c.want(http.StatusOK, "GET", apiRoot+"/report?month=2026-10&format=csv", ""))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "1" || rows[1][9] != "2026-10-01T01:00:00+02:00" {
		t.Errorf("%v: %q", err, rows)
	}
	for accept, csv := range map[string]bool{"": false, "*/*": false, "text/csv": true, "application/json, text/csv;q=0.5": false, "text/html, text/csv": true, ";;": false} {
		if got := wantsCSV(accept); got != csv {
			t.Errorf("Accept: %s is CSV: %t", accept, got)
		}
	}
}

// The page can be read, sent on and printed without a script, in both
// languages, on a phone too.
func TestReportPage(t *testing.T) {
	for name, w := range map[string]Ward{"en": newWard(same), "pl": inPolish()} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, w, func(o *Options) { open(o); o.Numbers = &counted{} })
			tab := gatewaytest.Browser(t, 360, 740)
			tab.Open(h.url + "/report?month=2026-10")
			sideways(t, tab)
			text := gatewaytest.Eval[string](tab, "document.body.innerText")
			for _, want := range map[string][]string{
				"en": {"Beside the month before", "September 2026", "Lipowa House, ward 2: October 2026", "NOT MET", "0 of 1", "90 s", "Marta W.", "Alarms as CSV"},
				"pl": {"Obok poprzedniego miesiąca", "wrzesień 2026", "Dom przy Lipowej, oddział 2: październik 2026", "NIE SPEŁNIONE", "0 z 1", "90 s", "Marta W.", "Alarmy jako CSV"},
			}[name] {
				if !strings.Contains(text, want) {
					t.Errorf("the page does not say %q:\n%s", want, text)
				}
			}
			if n := gatewaytest.Eval[int](tab, "document.scripts.length"); n != 0 {
				t.Errorf("the page has %d scripts", n)
			}
			tab.Shot("report-" + name)
			gatewaytest.Eval[any](tab, `document.querySelector("th a[href^='/#journal/']").click()`)
			tab.Await(`location.pathname === "/" && location.hash.startsWith("#journal/")`)
		})
	}
}
