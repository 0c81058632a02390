package dashboards

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/report"
)

// The attacker's list, fourth part: script in every text field. What JSON
// carries the page shows as text nodes (no file of it has innerHTML:
// TestNoMarkupFromText); what is served as HTML is tried here, and calendars and
// tables.

// hostile is put behind every text.
const hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}${7*7}</title></style><!--"

// everywhere puts it there.
func everywhere(s string) string { return s + hostile }

// hostileWard has it in each text that somebody can write.
func hostileWard() Ward {
	w := newWard(everywhere)
	w.Zone, w.CentrePhone = "Europe/Warsaw", w.CentrePhone+hostile
	for i := range w.Places {
		w.Places[i].Phone += hostile
	}
	for i := range w.Residents {
		w.Residents[i].Family[0].Phone += hostile
		w.Residents[i].Family[0].Note += hostile
	}
	for i := range w.People {
		w.People[i].Role += hostile
	}
	for i := range w.Devices {
		w.Devices[i].Kind += hostile
		w.Devices[i].Source += hostile
	}
	w.RosterNames = map[alerting.RosterID]string{"night": everywhere("Night") + "\r\nATTACH:http://evil.example/x"}
	w.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"night": {Shifts: []alerting.Shift{{
		Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 0, To: 0, Who: []alerting.Person{"p-1"},
	}}}}
	return w
}

// inert reports whether a page has none of it as markup.
func inert(t *testing.T, what, body string) {
	t.Helper()
	for _, s := range []string{"<script>alert", "<img src=x", "</title></style>", "<!--", "\"'>"} {
		if strings.Contains(body, s) {
			at := strings.Index(body, s)
			t.Errorf("%s has %q as markup: …%s…", what, s, body[max(0, at-80):min(len(body), at+80)])
		}
	}
}

func TestAttackText(t *testing.T) {
	h := newHouse(t, hostileWard(), func(o *Options) { o.Numbers = hostileNumbers{} })
	h.Press("d-1")
	h.step(alerting.FaultEdge{Code: alerting.Silent, Subject: "d-11" + hostile, On: true})
	a := h.alarm(t, "d-1")
	h.step(alerting.Take{Alarm: a.ID, By: "p-1"})
	bad := strings.NewReplacer("\"", "%22", "<", "%3C", ">", "%3E", " ", "%20", "{", "%7B", "}", "%7D").Replace(hostile)
	for _, who := range []string{"", "centre", "marta", "piotr", "wall"} {
		c := h.caller(t, who)
		for _, path := range []string{
			"/", "/handover", "/handover?since=" + bad, "/report", "/report?month=" + bad, "/report?from=" + bad + "&to=" + bad, "/report?month=2026-10&anonymous=true",
			"/a/" + h.token(a, "p-1"), "/a/" + bad, "/web/" + bad, "/" + bad, "/calendar/" + bad, "/api/v1/alarms/" + bad, "/api/v1/report?month=" + bad,
			"/api/v1/alarms", "/api/v1/people", "/api/v1/devices", "/api/v1/faults", "/api/v1/handover", "/api/v1/stays", "/api/v1/unknown", "/api/v1/site",
		} {
			_, text, head := c.do("GET", path, "")
			switch kind := head.Get("Content-Type"); {
			case strings.HasPrefix(kind, "text/html"):
				inert(t, who+" "+path, text)
			case strings.HasPrefix(kind, "application/json"), kind == problemType:
				// It is never taken for a page.
				if !json.Valid([]byte(text)) || head.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s %s is no JSON, or may be guessed at", who, path)
				}
			default:
				t.Errorf("%s %s is %q", who, path, kind)
			}
		}
	}
	// A language that was not offered is none.
	_, text, _ := h.caller(t, "").do("GET", "/", "", "Cookie", langCookie+"=\"><script>alert(1)</script>")
	inert(t, "the language", text)
}

// A name in a calendar is a name, and no line of it.
func TestAttackCalendar(t *testing.T) {
	w := hostileWard()
	w.People[0].Name = "Marta\r\nATTACH:http://evil.example/x\r\nBEGIN:VALARM;,\\"
	h := newHouse(t, w, nil)
	_, text, head := h.caller(t, "").do("GET", "/calendar/"+h.calendarToken("night")+".ics", "")
	if head.Get("Content-Type") != "text/calendar; charset=utf-8" || !strings.Contains(text, "Marta") {
		t.Fatalf("the calendar is %q: %.200s", head.Get("Content-Type"), text)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if name, _, _ := strings.Cut(line, ":"); name == "ATTACH" || strings.HasPrefix(line, "BEGIN:VALARM") {
			t.Errorf("a name has become the line %q", line)
		}
	}
}

// hostileNumbers are a report of texts that a spreadsheet would run.
type hostileNumbers struct{}

func formulas() []string {
	return []string{"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"http://evil.example\")", "a\",\"=1+1", "a\r\n=1+1"}
}

func (hostileNumbers) Report(context.Context, report.Span) (*report.Report, error) {
	r := &report.Report{}
	for i, f := range formulas() {
		r.Rows = append(r.Rows, report.Row{Brief: report.Brief{Number: i + 1, Place: alerting.PlaceID(f)}, Device: "d-1"})
	}
	return r, nil
}

// A name in a table is a text, and never a formula. [OWASP, CSV Injection]
func TestAttackTables(t *testing.T) {
	w := newWard(same)
	for _, f := range formulas() {
		w.Places = append(w.Places, Place{ID: alerting.PlaceID(f), Name: f})
	}
	h := newHouse(t, w, func(o *Options) { o.Numbers = hostileNumbers{} })
	_, text, head := h.caller(t, "centre").do("GET", "/api/v1/report?format=csv", "")
	if !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the table is %v", head)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != len(formulas())+1 {
		t.Fatalf("%d rows, %v: %s", len(rows), err, text)
	}
	for _, row := range rows[1:] {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s has the formula %q", rows[0][i], cell)
			}
		}
	}
}

// The page puts text into nodes of text, and has no other way.
func TestNoMarkupFromText(t *testing.T) {
	for name, f := range files() {
		for _, way := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "createContextualFragment", "setHTMLUnsafe", "DOMParser", "javascript:", "srcdoc"} {
			if strings.HasSuffix(name, ".js") && strings.Contains(string(f.body), way) {
				t.Errorf("%s has %s", name, way)
			}
		}
		for _, way := range []string{" onclick=", " onload=", " onerror=", "<style", "style=\"", "javascript:"} {
			if strings.HasSuffix(name, ".html") && strings.Contains(string(f.body), way) {
				t.Errorf("%s has %s", name, way)
			}
		}
	}
}
