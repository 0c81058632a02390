package alerting

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHolesAreFoundInTime draws rosters and breaks at random and goes through
// some weeks from one deadline of the machine to the next: at every moment the
// fault is there exactly when within a day somebody presses and nobody on call
// can come, and no deadline that could tell is missed.
func TestHolesAreFoundInTime(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	contact := Responder{Contacts: []Contact{{Channel: "phone"}}}
	rapid.Check(t, func(t *rapid.T) {
		r := drawRoster(t)
		p := Plan{
			Site: "s", Zone: Zone{warsaw}, Default: "p", LastResort: "z", Rosters: map[RosterID]Roster{"o": r},
			People:   map[Person]Responder{"a": contact, "b": contact, "c": contact, "d": {}, "z": contact}, // d cannot be called
			Policies: map[PolicyID]Policy{"p": {Steps: []PolicyStep{{Call: []Target{{Roster: "o"}}, Wait: time.Minute}}}},
		}
		now := time.Date(2026, 10, 1, 0, rapid.IntRange(0, 40*24*60).Draw(t, "start"), 0, 0, time.UTC)
		end := now.Add(10 * 24 * time.Hour)
		m := New()
		breaks := map[Person]time.Time{}
		lacks := func(at time.Time) bool {
			return slices.ContainsFunc(r.Spans(at, at.Add(HoleAhead+1), p.Zone), func(s Span) bool {
				return !slices.ContainsFunc(s.Who, func(who Person) bool { return who != "d" && !breaks[who].After(s.From) })
			})
		}
		step := func(in Input) {
			m.Step(now, in)
			if got, want := m.FaultOn(RosterHole, "p"), lacks(now); got != want {
				t.Fatalf("at %s, after %T, the fault is %v, want %v", now, in, got, want)
			}
		}
		step(Apply{p})
		for looks := 0; now.Before(end); looks++ {
			next := end
			if n := m.Next(); !n.IsZero() {
				next = n
			}
			if looks > 2000 {
				t.Fatalf("it looks again and again: %d times until %s", looks, now)
			}
			if gap := int64(next.Sub(now)); gap > 1 { // no news between deadlines
				at := now.Add(time.Duration(rapid.Int64Range(1, gap-1).Draw(t, "between")))
				if m.FaultOn(RosterHole, "p") != lacks(at) {
					t.Fatalf("at %s it should be %v, and the machine looks at %s", at, lacks(at), next)
				}
				if rapid.IntRange(0, 9).Draw(t, "break") == 0 {
					now = at
					who := rapid.SampledFrom([]Person{"a", "b", "c"}).Draw(t, "who")
					if breaks[who].After(now) {
						delete(breaks, who)
						step(BreakEnds{By: who})
					} else {
						breaks[who] = now.Add(time.Duration(rapid.Int64Range(1, int64(MaxBreak)).Draw(t, "long")))
						step(BreakBegins{By: who, Until: breaks[who]})
					}
					continue
				}
			}
			now = next
			step(Tick{})
			if rapid.IntRange(0, 19).Draw(t, "restart") == 0 {
				b, err := m.State()
				if err != nil {
					t.Fatal(err)
				}
				was := m.Next()
				if m, err = Restore(b); err != nil || !m.Next().Equal(was) {
					t.Fatalf("restored it looks at %s, not %s (%v)", m.Next(), was, err)
				}
			}
		}
	})
}
