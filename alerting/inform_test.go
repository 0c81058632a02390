package alerting

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestInformingChangesNoCall plays nights twice, with somebody who is told and
// without: every call, deadline and alarm is the same. Of each piece of news
// somebody is told once, and one message waits for them at most.
func TestInformingChangesNoCall(t *testing.T) {
	silent := ward()
	silent.Informed = nil
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		m, other := New(), New()
		now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
		m.Step(now, Apply{ward()})
		other.Step(now, Apply{silent})
		calls := map[NotificationID]Notify{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 900, 5000, 61000, 700000}).Draw(t, "ms")) * time.Millisecond)
			in := drawInput(t, m, calls)
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				state, err := m.State()
				if err != nil {
					t.Fatal(err)
				}
				if m, err = Restore(state); err != nil {
					t.Fatal(err)
				}
				in = Start{}
			}
			effects := slices.DeleteFunc(m.Step(now, in), func(e Effect) bool {
				switch e := e.(type) {
				case Inform:
					told++
					calls[e.ID] = Notify{ID: e.ID, Alarm: e.Alarm, To: e.To, Channel: e.Channel}
					if a, ok := m.Alarm(e.Alarm); ok && (a.Drill || a.Kind == Technical) || !ok && e.News != NewsSigns {
						t.Fatalf("%s is told of alarm %d", e.To, e.Number)
					}
					return true
				case Withdraw:
					_, n, _ := strings.Cut(string(e.ID), ".")
					return strings.HasPrefix(string(e.ID), signsPrefix) || n[0] < '0' || n[0] > '9' // those of the others begin with a number
				case Notify:
					calls[e.ID] = e
				}
				return false
			})
			if a, b := texts(effects), texts(other.Step(now, in)); a != b {
				t.Fatalf("%s: with somebody who is told\n%s\nand without\n%s", InputText(in, func(AlarmID) int { return 0 }), a, b)
			}
			all := m.Alarms()
			for i := range all {
				checkTold(t, &all[i])
				all[i].Informed = nil
			}
			a, _ := json.Marshal(all)
			b, _ := json.Marshal(other.Alarms())
			if string(a) != string(b) {
				t.Fatalf("with somebody who is told the alarms are\n%s\nand without\n%s", a, b)
			}
		}
	})
	if told == 0 {
		t.Error("nobody was told of anything")
	}
}

func checkTold(t *rapid.T, a *Alarm) {
	type news struct {
		to   Person
		what News
	}
	seen, ids, waits := map[news]bool{}, map[NotificationID]bool{}, map[Person]bool{}
	for _, x := range a.Informed {
		key := news{x.To, x.News}
		if ids[x.ID] || !x.Undone && seen[key] || x.waits() && waits[x.To] {
			t.Fatalf("alarm %d: %s is told %q more than once: %+v", a.Number, x.To, x.News, a.Informed)
		}
		ids[x.ID], seen[key], waits[x.To] = true, seen[key] || !x.Undone, waits[x.To] || x.waits()
	}
}

// TestOnceADay restarts at any time, sets the clock and changes the hour: nobody
// is told the signs of life twice on one day, but for what had no result.
func TestOnceADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New()
		p := ward()
		if err := p.Zone.UnmarshalText([]byte("Europe/Warsaw")); err != nil {
			t.Fatal(err)
		}
		now := time.Date(2026, rapid.SampledFrom([]time.Month{3, 10}).Draw(t, "month"), 23, 3, 0, 0, 0, time.UTC) // days before a change of clocks
		m.Step(now, Apply{p})
		seen, days := map[NotificationID]bool{}, map[string]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			var in Input = Tick{}
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				state, _ := m.State()
				var err error
				if m, err = Restore(state); err != nil {
					t.Fatal(err)
				}
				in = Start{}
			case 1:
				in = ClockSet{Behind: time.Duration(rapid.IntRange(0, 30).Draw(t, "behind")) * time.Hour}
			case 2:
				p.Informed = slices.Clone(p.Informed)
				p.Informed[0].SignsAt = rapid.IntRange(0, 24*60-1).Draw(t, "at")
				in = Apply{p}
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 30*60).Draw(t, "minutes")) * time.Minute)
			for _, e := range m.Step(now, in) {
				i, ok := e.(Inform)
				if !ok || i.To != "ewa" || i.News != NewsSigns {
					continue
				}
				if _, again := in.(Start); seen[i.ID] && !again {
					t.Fatalf("%s is sent twice", i.ID)
				}
				if day := DayText(m.wall(), p.Zone); !seen[i.ID] {
					if days[day]++; days[day] > 1 || !strings.Contains(string(i.ID), day) {
						t.Fatalf("%s on %s, message %d of that day", i.ID, day, days[day])
					}
				}
				seen[i.ID] = true
				m.Step(now, Sent{Notification: i.ID})
			}
			if next := m.Next(); next.IsZero() || !next.After(now) {
				t.Fatalf("the next time is %s at %s", next, now)
			}
		}
	})
}
