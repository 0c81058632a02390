package alerting

import (
	"slices"
	"testing"
	"time"
)

// TestOnCall holds the roster against times told on the wall, also in the
// nights when the clocks change.
func TestOnCall(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	all := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	roster := Roster{Shifts: []Shift{
		{Days: all, From: 7 * 60, To: 19 * 60, Who: []Person{"day"}},
		{Days: all, From: 19 * 60, To: 7 * 60, Who: []Person{"night"}},
		{Days: []time.Weekday{time.Sunday}, From: 2*60 + 30, To: 3*60 + 30, Who: []Person{"early"}},
		{Days: []time.Weekday{time.Saturday}, From: 0, To: 0, Who: []Person{"saturday"}},
	}}
	for _, c := range []struct {
		at   string // in UTC
		want []Person
	}{
		{"2026-11-17T05:59:59Z", []Person{"night"}}, // 06:59:59
		{"2026-11-17T06:00:00Z", []Person{"day"}},
		{"2026-11-17T18:00:00Z", []Person{"night"}},
		{"2026-11-20T23:00:00Z", []Person{"night", "saturday"}},
		{"2026-11-21T22:59:59Z", []Person{"night", "saturday"}},
		{"2026-11-21T23:00:00Z", []Person{"night"}}, // Sunday begins
		// 29 March 2026: 02:00 is 03:00; 02:30 does not exist.
		{"2026-03-29T00:59:00Z", []Person{"night"}},          // 01:59
		{"2026-03-29T01:29:59Z", []Person{"night"}},          // 03:29, before what 02:30 became
		{"2026-03-29T04:59:59Z", []Person{"night"}},          // 06:59:59
		{"2026-03-29T05:00:00Z", []Person{"day"}},            // 07:00
		{"2026-10-25T00:29:00Z", []Person{"night"}},          // 02:29, summer time
		{"2026-10-25T00:30:00Z", []Person{"night", "early"}}, // 02:30, the first
		{"2026-10-25T01:30:00Z", []Person{"night", "early"}}, // 02:30, the second
		{"2026-10-25T02:29:00Z", []Person{"night", "early"}}, // 03:29
		{"2026-10-25T02:30:00Z", []Person{"night"}},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := roster.OnCall(at, Zone{warsaw}); !slices.Equal(got, c.want) {
			t.Errorf("at %s (%s): %q, want %q", c.at, at.In(warsaw).Format("15:04"), got, c.want)
		}
	}
}

// TestHoursThatEndTwoDaysLater: in Greenland the last hour of Saturday does not
// exist in the night in which the clocks change, so that hours which end in it,
// and began on Friday, end on Sunday.
func TestHoursThatEndTwoDaysLater(t *testing.T) {
	nuuk, err := time.LoadLocation("America/Nuuk")
	if err != nil {
		t.Fatal(err)
	}
	r := Roster{Shifts: []Shift{{Days: days("fri"), From: 23*60 + 45, To: 23*60 + 30, Who: []Person{"marta"}}}}
	at, ends := time.Date(2026, 3, 29, 1, 15, 0, 0, time.UTC), time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
	if wall := at.In(nuuk).Format("Mon 15:04"); wall != "Sun 00:15" {
		t.Fatalf("the clock on the wall shows %s", wall)
	}
	if who := r.OnCall(at, Zone{nuuk}); !slices.Equal(who, []Person{"marta"}) {
		t.Errorf("%q are on call", who)
	}
	if next := r.Next(at, at.Add(24*time.Hour), Zone{nuuk}); !next.Equal(ends) {
		t.Errorf("until %s, want %s", next, ends)
	}
}
