package alerting

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRosterAlways draws rosters at random, in zones whose clocks change in
// different ways, and checks what must hold of each.
func TestRosterAlways(t *testing.T) {
	var zones []Zone
	for _, name := range []string{"Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kathmandu", "UTC"} {
		l, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, Zone{l})
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		r := drawRoster(t)
		r.Zone = zone
		// Around a change of the clocks, mostly.
		at := time.Date(2026, time.Month(rapid.SampledFrom([]int{3, 4, 9, 10, 11, 12}).Draw(t, "month")), 1, 0, 0, 0, 0, time.UTC).
			Add(time.Duration(rapid.IntRange(0, 32*24*3600).Draw(t, "second")) * time.Second)
		until := at.Add(time.Duration(rapid.IntRange(1, 20*24*60).Draw(t, "minutes")) * time.Minute)

		spans := r.Spans(at, until, Zone{})
		end := at
		for i, s := range spans {
			if !s.From.Equal(end) || !s.From.Before(s.Until) {
				t.Fatalf("span %d is from %s to %s, the one before it ends at %s", i, s.From, s.Until, end)
			}
			if i > 0 && slices.Equal(sorted(s.Who), sorted(spans[i-1].Who)) {
				t.Fatalf("spans %d and %d have the same people: %q", i-1, i, s.Who)
			}
			end = s.Until
			for range 5 { // no instant in it has another answer
				inside := s.From.Add(time.Duration(rapid.Int64Range(0, int64(s.Until.Sub(s.From)-1)).Draw(t, "inside")))
				if who := r.OnCall(inside, Zone{}); !slices.Equal(sorted(who), sorted(s.Who)) {
					t.Fatalf("at %s, between %s and %s, %q are on call and not %q", inside, s.From, s.Until, who, s.Who)
				}
			}
			if slices.Compare(s.Who, slices.Compact(slices.Clone(s.Who))) != 0 {
				t.Fatalf("somebody is twice in %q", s.Who)
			}
			if i > 0 && !r.changes(s.From) {
				t.Fatalf("others are on call from %s, where nothing of %+v begins or ends", s.From.In(zone.Location), r)
			}
		}
		if !end.Equal(until) {
			t.Fatalf("spans end at %s, not %s", end, until)
		}

		// What is written and read answers the same.
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var again Roster
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.OnCall(at, Zone{}), again.OnCall(at, Zone{})) {
			t.Fatalf("read again, %s is another roster", b)
		}
	})
}

func sorted(who []Person) []Person {
	who = slices.Clone(who)
	slices.Sort(who)
	return who
}

// changes reports whether the wall shows the hour of a hand-over, or of a shift
// that begins or ends, or the moment is an override's edge, or the clock on the
// wall has just been put forward over such an hour.
func (r Roster) changes(t time.Time) bool {
	wall := t.In(r.Zone.Location)
	_, offset := wall.Zone()
	_, before := t.Add(-3 * time.Hour).In(r.Zone.Location).Zone()
	shows := wall.Hour()*60 + wall.Minute()
	would := ((shows-(offset-before)/60)%(24*60) + 24*60) % (24 * 60)
	hit := func(minutes int) bool { return minutes%(24*60) == shows || minutes%(24*60) == would }
	for _, s := range r.Shifts {
		if hit(s.From) || hit(s.To) {
			return true
		}
	}
	for _, l := range r.Layers {
		if hit(l.HandOver) || slices.ContainsFunc(l.Only, func(h Hours) bool { return hit(h.From) || hit(h.To) }) {
			return true
		}
	}
	return slices.ContainsFunc(r.Overrides, func(o Override) bool { return o.From.Equal(t) || o.Until.Equal(t) })
}

func drawRoster(t *rapid.T) Roster {
	var r Roster
	people := []Person{"a", "b", "c", "d"}
	who := func() []Person {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(people), 1, 2, rapid.ID).Draw(t, "who")
	}
	clock := func() int {
		return rapid.SampledFrom([]int{0, 90, 105, 150, 180, 420, 1140, 1410, 1439}).Draw(t, "clock")
	}
	days := func() []time.Weekday {
		return rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 4, 5, 6}), 1, 7, rapid.ID).Draw(t, "days")
	}
	date := func() Date { return Date{2026, time.March, 1}.Add(rapid.IntRange(0, 300).Draw(t, "date")) }
	for range rapid.IntRange(0, 3).Draw(t, "shifts") {
		r.Shifts = append(r.Shifts, Shift{days(), clock(), clock(), who()})
	}
	for range rapid.IntRange(0, 3).Draw(t, "layers") {
		l := Layer{Days: rapid.IntRange(1, 15).Draw(t, "length"), Start: date(), HandOver: clock()}
		for range rapid.IntRange(1, 4).Draw(t, "turns") {
			l.Turns = append(l.Turns, who())
		}
		for range rapid.IntRange(0, 2).Draw(t, "only") {
			l.Only = append(l.Only, Hours{days(), clock(), clock()})
		}
		r.Layers = append(r.Layers, l)
		r.Swaps = append(r.Swaps, Swap{"a", l.Start.Add(l.Days), "b", l.Start.Add(2 * l.Days)})
	}
	for range rapid.IntRange(0, 2).Draw(t, "overrides") {
		from := time.Date(2026, 10, 20, 0, rapid.IntRange(0, 20000).Draw(t, "from"), 0, 0, time.UTC)
		o := Override{From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "long")) * time.Minute), Who: who()}
		if rapid.Bool().Draw(t, "instead") {
			o.Instead = rapid.SampledFrom(people).Draw(t, "of")
		}
		r.Overrides = append(r.Overrides, o)
	}
	return r
}
