package alerting

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestWhichStayCounts asks who is where of stays in any order: any stay is before
// the one at home, of two the first in the plan, and one that is over is none.
func TestWhichStayCounts(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	home := Stay{Resident: "anna", Place: "flat", From: at(1, 12), Home: true}
	old := Stay{Resident: "anna", Place: "old-flat", From: at(1, 12), Until: at(5, 12), Home: true}
	respite := Stay{Resident: "anna", Place: "room-4", From: at(10, 12), Until: at(20, 12)}
	hospital := Stay{Resident: "anna", Place: "ward", From: at(15, 12), Until: at(16, 12)}
	again := Stay{Resident: "anna", Place: "room-5", From: at(10, 12), Until: at(20, 12)}
	day := Stay{Resident: "anna", Place: "centre", From: at(10, 12), Hours: &Hours{days("mon-fri"), 8 * 60, 12 * 60}}
	for name, c := range map[string]struct {
		stays  []Stay
		t      time.Time
		now    PlaceID // "" is nowhere
		newest PlaceID
		here   PlaceID // who is there is asked
		who    string
	}{
		"at home":                         {[]Stay{home}, at(12, 3), "flat", "flat", "flat", "[anna]"},
		"nowhere yet":                     {[]Stay{home}, at(1, 11), "", "", "flat", "[]"},
		"in respite":                      {[]Stay{home, respite}, at(12, 3), "room-4", "room-4", "room-4", "[anna]"},
		"in respite, home named last":     {[]Stay{respite, home}, at(12, 3), "room-4", "room-4", "room-4", "[anna]"},
		"the way in of who is in respite": {[]Stay{respite, home}, at(12, 3), "room-4", "room-4", "flat", "[anna]"},
		"home again":                      {[]Stay{home, respite}, at(21, 3), "flat", "flat", "room-4", "[]"},
		"of two the first":                {[]Stay{respite, hospital}, at(15, 13), "room-4", "room-4", "room-4", "[anna]"},
		"not of two the second":           {[]Stay{respite, hospital}, at(15, 13), "room-4", "room-4", "ward", "[]"},
		"of two homes the first":          {[]Stay{home, {Resident: "anna", Place: "sister", From: at(1, 12), Home: true}}, at(12, 3), "flat", "flat", "sister", "[anna]"},
		"a home that is none any more":    {[]Stay{old, home}, at(12, 3), "flat", "flat", "old-flat", "[]"},
		"last in respite":                 {[]Stay{hospital, respite}, at(21, 3), "", "ward", "room-4", "[]"},
		"last in the hospital":            {[]Stay{respite, hospital}, at(21, 3), "", "ward", "ward", "[]"},
		"of two that began at once":       {[]Stay{respite, again}, at(21, 3), "", "room-5", "room-5", "[]"},
		"in day care from this moment on": {[]Stay{day}, at(10, 12), "", "centre", "centre", "[]"},
		"before day care":                 {[]Stay{day}, at(10, 11), "", "", "centre", "[]"},
	} {
		w := Plan{Zone: Zone{time.UTC}, Stays: c.stays}.Whereabouts()
		if now, ok := w.Now("anna", c.t); now.Place != c.now || ok != (c.now != "") {
			t.Errorf("%s: now %q %t, want %q", name, now.Place, ok, c.now)
		}
		if got := w.Newest("anna", c.t); got != c.newest {
			t.Errorf("%s: newest %q, want %q", name, got, c.newest)
		}
		if got := fmt.Sprint(w.At(c.here, c.t)); got != c.who {
			t.Errorf("%s: at %s are %s, want %s", name, c.here, got, c.who)
		}
	}
}

// TestVisits: a stay is one coming and going; day care's are those of its days,
// within the stay and by the clock on the wall, also over a change of the hour.
func TestVisits(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Skip("no time zones here")
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, warsaw) }
	daily := func(text string, from, to int) *Hours { return &Hours{days(text), from * 60, to * 60} }
	for name, c := range map[string]struct {
		stay         Stay
		since, until time.Time
		want         string
	}{
		"day and night":      {Stay{From: at(1, 12), Until: at(15, 12)}, at(10, 7), at(11, 7), "1 12-15 12"},
		"open":               {Stay{From: at(1, 12)}, at(10, 7), at(11, 7), "1 12-"},
		"over before":        {Stay{From: at(1, 12), Until: at(10, 7)}, at(10, 7), at(11, 7), ""},
		"yet to come":        {Stay{From: at(11, 8)}, at(10, 7), at(11, 7), ""},
		"a day of day care":  {Stay{From: at(1, 0), Hours: daily("mon-fri", 8, 16)}, at(6, 7), at(6, 19), "6 8-6 16"},
		"a weekend":          {Stay{From: at(1, 0), Hours: daily("mon-fri", 8, 16)}, at(3, 7), at(4, 19), ""},
		"its first hours":    {Stay{From: at(6, 10), Until: at(7, 14), Hours: daily("mon-fri", 8, 16)}, at(1, 0), at(12, 0), "6 10-6 16 7 8-7 14"},
		"nights":             {Stay{From: at(1, 0), Hours: daily("mon-fri", 20, 6)}, at(6, 5), at(6, 21), "5 20-6 6 6 20-7 6"},
		"the hour goes back": {Stay{From: at(1, 0), Hours: daily("sun", 1, 9)}, at(24, 12), at(25, 12), "25 1-25 9"},
	} {
		var got []string
		for _, v := range c.stay.Visits(c.since, c.until, Zone{warsaw}) {
			text := v.From.In(warsaw).Format("2 15") + "-"
			if !v.Until.IsZero() {
				text += v.Until.In(warsaw).Format("2 15")
			}
			got = append(got, strings.ReplaceAll(strings.ReplaceAll(text, " 0", " "), "-0", "-"))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
}
