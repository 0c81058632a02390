package alerting

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkBreak is what a step costs that begins or ends a break, beside so many
// policies that call nobody but a roster of their own, with shifts, a rotation
// and a week of overrides.
func BenchmarkBreak(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("policies=%d", n), func(b *testing.B) {
			now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
			days := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
			p := ward()
			zone, err := time.LoadLocation("Europe/Warsaw")
			if err != nil {
				b.Fatal(err)
			}
			p.Zone = Zone{zone}
			p.Rosters, p.Policies = map[RosterID]Roster{}, map[PolicyID]Policy{}
			for i := range n {
				r := Roster{
					Shifts: []Shift{{Days: days, From: 7 * 60, To: 19 * 60, Who: []Person{"marta"}}, {Days: days, From: 19 * 60, To: 7 * 60, Who: []Person{"centre"}}},
					Layers: []Layer{{Days: 7, HandOver: 7 * 60, Start: Date{2026, 10, 5}, Turns: [][]Person{{"jan"}, {"marta"}}, Only: []Hours{{[]time.Weekday{0, 6}, 0, 0}}}},
				}
				for d := range 7 {
					from := now.AddDate(0, 0, d)
					r.Overrides = append(r.Overrides, Override{From: from, Until: from.Add(4 * time.Hour), Who: []Person{"jan"}})
				}
				id := fmt.Sprint("o-", i)
				p.Rosters[RosterID(id)] = r
				p.Policies[PolicyID(id)] = Policy{Steps: []PolicyStep{{Call: []Target{{Roster: RosterID(id)}}, Wait: time.Minute}}}
			}
			p.Default = "o-0"
			m := New()
			m.Step(now, Apply{p})
			for i := 0; b.Loop(); i++ {
				now = now.Add(time.Second)
				m.Step(now, BreakBegins{By: "marta", Until: now.Add(30 * time.Minute)})
				m.Step(now, BreakEnds{By: "marta"})
			}
		})
	}
}
