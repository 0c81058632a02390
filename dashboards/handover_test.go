package dashboards

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// shiftOver is a ward at the end of a night: one alarm closed, one open, a
// device silent, a fault, one who came and one who goes tomorrow.
func shiftOver(t testing.TB, log *bytes.Buffer) *house {
	t.Helper()
	w := newWard(same)
	now := time.Now()
	w.Stays[0].Until = now.Add(3 * time.Hour)
	w.Stays[1].Until = now.Add(-2 * time.Hour)
	w.Stays[2].From = now.Add(-time.Hour)
	w.Stays[3].From = now.Add(10 * 24 * time.Hour)
	w.Zone = "Europe/Warsaw"
	hours := now.In(w.zone().Location)
	at := hours.Hour()*60 + hours.Minute()
	w.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"o-1": {Shifts: []alerting.Shift{
		{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: (at + 19*60) % 1440, To: (at + 7*60) % 1440, Who: []alerting.Person{"p-1"}},
		{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: (at + 7*60) % 1440, To: (at + 19*60) % 1440, Who: []alerting.Person{"p-2"}},
	}}}
	w.RosterNames = map[alerting.RosterID]string{"o-1": "Nurses"}
	w.Rests = []Rest{{ID: "e-1", Person: "p-2", Rest: alerting.Rest{From: now.Add(-time.Hour), Until: now.Add(48 * time.Hour)}, StandIns: []alerting.Target{{Person: "p-1"}, {Roster: "o-1"}}}}
	h := newHouse(t, w, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	h.hub.Alarm(alerting.Alarm{
		ID: "a-1", Number: 7, Kind: devices.Panic, State: alerting.Closed, Outcome: alerting.Helped, Place: "l-3", Residents: []alerting.ResidentID{"r-3"}, Presses: 2,
		RaisedAt: now.Add(-3 * time.Hour), AckedAt: now.Add(-3*time.Hour + 40*time.Second), AttendedAt: now.Add(-3*time.Hour + 185*time.Second), ClosedAt: now.Add(-2 * time.Hour),
		History: []alerting.Entry{{What: alerting.Taken, Who: "p-2"}, {What: alerting.Arrived, Who: "p-1"}},
	})
	h.hub.Alarm(alerting.Alarm{ID: "a-0", Number: 6, Kind: devices.Panic, State: alerting.Closed, Outcome: alerting.Mistake, Place: "l-3", RaisedAt: now.Add(-30 * time.Hour), ClosedAt: now.Add(-6 * time.Hour)})
	h.hub.Alarm(alerting.Alarm{ID: "a-2", Number: 8, Kind: devices.Fall, State: alerting.Raised, Place: "l-5", Residents: []alerting.ResidentID{"r-5"}, RaisedAt: now.Add(-time.Minute), Presses: 1})
	h.hub.Fault(alerting.Fault{Code: alerting.BatteryLow, Subject: "d-4", Since: now.Add(-time.Hour)}, true)
	h.hub.Device(devices.Status{ID: "d-6", Life: devices.LifeSilent, LastSeen: now.Add(-26 * time.Hour)})
	return h
}

func (c *caller) handover(query string) (v handoverView, text string) {
	c.t.Helper()
	status, text, _ := c.do("GET", apiRoot+"/handover"+query, "")
	if status != http.StatusOK {
		c.t.Fatalf("%d: %s", status, text)
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		c.t.Fatal(err)
	}
	return v, text
}

func TestHandover(t *testing.T) {
	var log bytes.Buffer
	h := shiftOver(t, &log)
	names := []string{}
	for _, r := range h.ward.Residents {
		names = append(names, r.Name)
	}
	v, _ := h.caller(t, "centre").handover("")
	if got := time.Since(v.Since); got < 5*time.Hour-time.Minute || got > 5*time.Hour+2*time.Minute {
		t.Errorf("since %s ago, want since the shift that began five hours ago", got)
	}
	if len(v.Shift) != 1 || v.Shift[0].Number != 7 || v.Shift[0].Taken != 40 || v.Shift[0].Arrived != 185 || len(v.Shift[0].Came) != 1 || v.Shift[0].Came[0] != "Marta W." || v.Shift[0].Presses != 2 {
		t.Errorf("the shift: %+v", v.Shift)
	}
	if len(v.Open) != 1 || v.Open[0].Number != 8 || v.Open[0].Persons[0] != h.ward.Residents[4].Name {
		t.Errorf("open: %+v", v.Open)
	}
	if v.Shift[0].Persons[0] == h.ward.Residents[2].Name {
		t.Error("a closed alarm shows a name")
	}
	if len(v.Faults) != 1 || len(v.Came) != 1 || v.Came[0].Resident != names[2] || len(v.Went) != 1 || v.Went[0].Resident != names[1] {
		t.Errorf("faults %+v, came %+v, went %+v", v.Faults, v.Came, v.Went)
	}
	if len(v.Soon) != 1 || v.Soon[0].Comes || v.Soon[0].Who != names[0] {
		t.Errorf("soon: %+v", v.Soon)
	}
	found := false
	for _, s := range v.Silent {
		found = found || s.Name == "Pendant, room 6" && !s.Last.IsZero()
	}
	if !found {
		t.Errorf("silent: %+v", v.Silent)
	}
	if len(v.OnCall) != 1 || v.OnCall[0].Now[0] != "Marta W." || v.OnCall[0].Next[0] != "Jan Z." || v.OnCall[0].Roster != "Nurses" {
		t.Errorf("on call: %+v", v.OnCall)
	}
	if len(v.Rests) != 1 || v.Rests[0].Person != "Jan Z." || strings.Join(v.Rests[0].StandIns, " ") != "Marta W. Nurses" {
		t.Errorf("rests: %+v", v.Rests)
	}
	if !strings.Contains(log.String(), `msg=look what="names on the hand-over sheet"`) || !strings.Contains(log.String(), `what="name and notes" alarm=a-2`) {
		t.Errorf("looks are not recorded:\n%s", log.String())
	}
	for _, bad := range names {
		if strings.Contains(log.String(), bad) {
			t.Errorf("the log has %q", bad)
		}
	}

	// A nurse has initials, and the faults; a technician nobody at all; a program
	// what its scopes say.
	none := func(who, text string, allowed ...string) {
		t.Helper()
		for _, n := range append(names, "Walks with a frame") {
			if strings.Contains(text, n) {
				t.Errorf("%s is shown %q", who, n)
			}
		}
		for _, n := range allowed {
			if !strings.Contains(text, n) {
				t.Errorf("%s is not shown %q: %s", who, n, text)
			}
		}
	}
	_, text := h.caller(t, "marta").handover("")
	none("Marta", text, initials(names[0]), "battery_low", "Marta W.")
	v, text = h.caller(t, "piotr").handover("")
	none("the technician", text, "battery_low", "Room 5")
	if len(v.Came)+len(v.Went)+len(v.Soon) > 0 {
		t.Error("the technician is shown who stays")
	}
	_, text = h.program(t, "", AlarmsRead).handover("")
	none("a program", text, "p-1")
	if strings.Contains(text, "Marta") || strings.Contains(text, "battery_low") || strings.Contains(text, initials(names[0])) {
		t.Errorf("a program that may read alarms is shown more: %s", text)
	}
	_, text = h.program(t, "", AlarmsRead, StaysRead, PeopleRead).handover("")
	if !strings.Contains(text, names[2]) {
		t.Errorf("a program that may know names is not shown any: %s", text)
	}

	// The whole day before.
	v, _ = h.caller(t, "centre").handover("?since=" + time.Now().Add(-48*time.Hour).UTC().Format(time.RFC3339))
	if len(v.Shift) != 2 || v.Limited.IsZero() {
		t.Errorf("since two days ago: %d alarms, limited %v", len(v.Shift), v.Limited)
	}
}

// Day care comes and goes each day by its hours, after who comes and goes for
// good; and a year is not looked through.
func TestHandoverDayCare(t *testing.T) {
	var log bytes.Buffer
	h := shiftOver(t, &log)
	now := time.Now()
	local := now.In(h.ward.zone().Location)
	minute := local.Hour()*60 + local.Minute()
	w := h.ward
	w.Stays = slices.Clone(w.Stays)
	for i := range w.Stays[:4] {
		w.Stays[i].Until = now.AddDate(1, 0, 0)
	}
	days := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	w.Stays[0].From, w.Stays[0].Hours = now.AddDate(0, -1, 0), &alerting.Hours{Days: days, From: (minute + 23*60) % 1440, To: (minute + 60) % 1440}    // came an hour ago, goes in an hour
	w.Stays[1].From, w.Stays[1].Hours = now.AddDate(0, -1, 0), &alerting.Hours{Days: days, From: (minute + 20*60) % 1440, To: (minute + 22*60) % 1440} // came and went
	h.hub.SetWard(w)
	v, text := h.caller(t, "centre").handover("")
	names := h.ward.Residents
	if len(v.Came) != 3 || v.Came[0].Resident != names[2].Name || v.Came[1].Resident != names[0].Name || v.Came[2].Resident != names[1].Name {
		t.Errorf("came: %+v", v.Came)
	}
	if len(v.Went) != 1 || v.Went[0].Resident != names[1].Name || v.Went[0].Until.Sub(v.Went[0].From) > 3*time.Hour {
		t.Errorf("went: %+v", v.Went)
	}
	if len(v.Soon) != 4 || v.Soon[0].Comes || !v.Soon[0].Day || v.Soon[0].Who != names[0].Name || !v.Soon[1].Comes || v.Soon[1].Who != names[1].Name {
		t.Errorf("soon: %s", text)
	}
	if v, _ = h.caller(t, "centre").handover("?since=0001-01-02T00:00:00Z"); len(v.Went) < 12 || len(v.Went) > 16 {
		t.Errorf("since long ago %d went, want those of a week", len(v.Went))
	}
	for lang, want := range map[string]string{"en": ", day care<", "pl": ", pobyt dzienny<"} {
		r, err := http.NewRequest("GET", h.url+"/handover", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: langCookie, Value: lang})
		got, err := h.caller(t, "centre").Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(got.Body)
		got.Body.Close()
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("the sheet lacks %q (%v):\n%s", want, err, b)
		}
	}
}

// The page to print says the same in people's language, and has no script.
func TestHandoverPage(t *testing.T) {
	var log bytes.Buffer
	h := shiftOver(t, &log)
	look := func(who, path, lang string) (int, string) {
		t.Helper()
		r, err := http.NewRequest("GET", h.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(&http.Cookie{Name: langCookie, Value: lang})
		got, err := h.caller(t, who).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		var b bytes.Buffer
		if _, err := b.ReadFrom(got.Body); err != nil {
			t.Fatal(err)
		}
		return got.StatusCode, b.String()
	}
	status, text := look("centre", "/handover", "en")
	for _, want := range []string{"Hand-over sheet", "Open alarms (1)", "Alarms of the shift (1)", "Fall", "Room 5", h.ward.Residents[4].Name, "40 s", "3:05 min", "Marta W.", "battery", "Pendant, room 6", "pressed 2 times"} {
		if !strings.Contains(text, want) {
			t.Errorf("%d: the sheet lacks %q:\n%s", status, want, text)
		}
	}
	if strings.Contains(text, "<script") || strings.Contains(text, "style=") {
		t.Error("the sheet has a script or a style in it")
	}
	_, text = look("marta", "/handover?since=2020-01-01T07:00", "pl")
	for _, want := range []string{"Karta przekazania dyżuru", "Alarmy dyżuru (2)", "Upadek", "Od 2020-01-01 07:00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the Polish sheet lacks %q:\n%s", want, text)
		}
	}
	if status, text := look("", "/handover", "en"); status != http.StatusUnauthorized || !strings.Contains(text, "Sign in") {
		t.Errorf("to nobody: %d %s", status, text)
	}
	if status, text := look("centre", "/handover?since=yesterday", "en"); status != http.StatusBadRequest || !strings.Contains(text, "no time") {
		t.Errorf("since yesterday: %d %s", status, text)
	}
}
