package alerting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// expected is a roster as testdata/rosters/rosters.json has it, for expect.py
// and for us.
type expected struct {
	Zone        Zone
	From, Until Date
	Shifts      []struct {
		Days     []string
		From, To string
		Who      []Person
	}
	Layers []struct {
		Days     int
		Start    Date
		HandOver string `json:"hand_over"`
		Turns    [][]Person
		Only     []struct {
			Days     []string
			From, To string
		}
	}
	Swaps     []Swap
	Overrides []struct {
		From, Until string
		Who         []Person
		Instead     Person
	}
}

// TestRostersAsExpected holds three years of rosters in zones of every kind
// against what another program works out in another way: see
// testdata/rosters/expect.py. Every hand-over is compared to the second, and
// that there is no other between.
func TestRostersAsExpected(t *testing.T) {
	want := map[string][]string{}
	b, err := os.ReadFile("testdata/rosters/expect.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		want[name] = append(want[name], rest)
	}
	var all map[string]expected
	if b, err = os.ReadFile("testdata/rosters/rosters.json"); err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		err = d.Decode(&all)
	}
	if err != nil || len(all) != len(want) {
		t.Fatalf("%d rosters, %d expectations: %v", len(all), len(want), err)
	}
	for name, e := range all {
		t.Run(name, func(t *testing.T) {
			// The site is elsewhere: a roster's own zone is what counts.
			site := Zone{time.FixedZone("elsewhere", 5*3600)}
			var got []string
			for _, s := range e.roster(t).Spans(OnTheWall(e.From, 0, e.Zone), OnTheWall(e.Until, 0, e.Zone), site) {
				who := "-"
				for i, p := range s.Who {
					who = strings.TrimPrefix(who, "-") + strings.Repeat(",", min(i, 1)) + string(p)
				}
				got = append(got, s.From.In(e.Zone.Location).Format("2006-01-02T15:04:05-07:00")+" "+who)
			}
			if diff := cmp.Diff(want[name], got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func (e expected) roster(t *testing.T) Roster {
	clock := func(s string) int { return minutes(t, s) }
	hours := func(names []string, from, to string) Hours {
		h := Hours{From: clock(from), To: clock(to)}
		for _, n := range names {
			h.Days = append(h.Days, days(n)...)
		}
		if names == nil {
			h.Days = days("mon-sun")
		}
		return h
	}
	r := Roster{Zone: e.Zone, Swaps: e.Swaps}
	for _, s := range e.Shifts {
		h := hours(s.Days, s.From, s.To)
		r.Shifts = append(r.Shifts, Shift{h.Days, h.From, h.To, s.Who})
	}
	for _, l := range e.Layers {
		layer := Layer{Days: l.Days, Start: l.Start, HandOver: clock(l.HandOver), Turns: l.Turns}
		for _, h := range l.Only {
			layer.Only = append(layer.Only, hours(h.Days, h.From, h.To))
		}
		r.Layers = append(r.Layers, layer)
	}
	wall := func(s string) time.Time {
		var d Date
		date, at, _ := strings.Cut(s, "T")
		if err := d.UnmarshalText([]byte(date)); err != nil {
			t.Fatal(err)
		}
		return OnTheWall(d, clock(at), e.Zone)
	}
	for _, o := range e.Overrides {
		r.Overrides = append(r.Overrides, Override{wall(o.From), wall(o.Until), o.Who, o.Instead})
	}
	p := Plan{Site: "s", LastResort: "last", People: map[Person]Responder{}, Rosters: map[RosterID]Roster{"r": r}}
	p.checkRoster("r", func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !strings.Contains(text, "who is not a responder") {
			t.Error(text)
		}
	})
	return r
}
