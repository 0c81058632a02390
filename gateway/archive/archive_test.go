package archive

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/past"
	"telecare/devices"
)

var june = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func opened(t testing.TB, path string) *Archive {
	t.Helper()
	a, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// filled has 24 alarms, one an hour: of two places in turn, taken by one of two,
// every third a fall, the last open and one of faults.
func filled(t testing.TB) *Archive {
	t.Helper()
	a := opened(t, filepath.Join(t.TempDir(), "archive.db"))
	for i := range 24 {
		at := june.Add(time.Duration(i) * time.Hour)
		who := alerting.Person([]string{"p-1", "p-2"}[i/2%2])
		x := alerting.Alarm{
			ID: alerting.AlarmID(fmt.Sprintf("a-%d", i+1)), Number: i + 1, Kind: devices.Panic, Place: alerting.PlaceID([]string{"l-1", "l-2"}[i%2]), Device: "d-1",
			State: alerting.Raised, RaisedAt: at, Residents: []alerting.ResidentID{"r-1"},
		}
		if i%3 == 0 {
			x.Kind, x.Device = devices.Fall, "d-2"
		}
		if i == 22 {
			x.Kind, x.Faults = alerting.Technical, &alerting.FaultSum{}
		}
		add := func(after time.Duration, what alerting.What, who alerting.Person) {
			if err := a.Add(t.Context(), alerting.Changed{Alarm: x, Entry: alerting.Entry{At: at.Add(after), What: what, Who: who}}); err != nil {
				t.Fatal(err)
			}
		}
		add(0, alerting.WasRaised, "")
		if i == 23 {
			continue
		}
		x.State, x.ClosedAt, x.Outcome = alerting.Closed, at.Add(time.Minute), alerting.Helped
		x.Drill = i == 5
		add(time.Minute, alerting.WasClosed, who)
	}
	a.Keep(june.Add(24*time.Hour), []byte("state"))
	if err := a.Err(); err != nil {
		t.Fatal(err)
	}
	return a
}

func numbers(t testing.TB, a *Archive, q past.Query) (out []int) {
	t.Helper()
	q.Limit = max(q.Limit, 1)
	for {
		got, more, err := a.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range got {
			out = append(out, x.Number)
		}
		if !more {
			return out
		}
		last := got[len(got)-1]
		q.After = past.Cursor{Raised: last.RaisedAt, ID: last.ID}
	}
}

func TestFind(t *testing.T) {
	a := filled(t)
	every := func(keep func(n int) bool) (out []int) {
		for n := 24; n > 0; n-- {
			if n != 23 && keep(n) {
				out = append(out, n)
			}
		}
		return out
	}
	for name, x := range map[string]struct {
		q    past.Query
		want []int
	}{
		"all":          {past.Query{}, every(func(int) bool { return true })},
		"of faults":    {past.Query{Technical: true}, []int{23}},
		"place":        {past.Query{Place: "l-2"}, every(func(n int) bool { return n%2 == 0 })},
		"falls":        {past.Query{Kind: "fall"}, every(func(n int) bool { return n%3 == 1 })},
		"device":       {past.Query{Device: "d-2"}, every(func(n int) bool { return n%3 == 1 })},
		"open":         {past.Query{Open: true}, []int{24}},
		"closed":       {past.Query{State: alerting.Closed, From: june.Add(21 * time.Hour)}, []int{22}},
		"drills":       {past.Query{Outcome: alerting.DrillAlarm}, []int{6}},
		"number":       {past.Query{Number: 7}, []int{7}},
		"responder":    {past.Query{Person: "p-2"}, every(func(n int) bool { return n != 24 && (n-1)/2%2 == 1 })},
		"mine":         {past.Query{Person: "p-2", Mine: "p-1"}, nil},
		"times":        {past.Query{From: june.Add(2 * time.Hour), Until: june.Add(4 * time.Hour)}, []int{4, 3}},
		"any":          {past.Query{Any: &past.Any{Numbers: []int{9}, Devices: []string{"d-2"}}, Until: june.Add(10 * time.Hour)}, []int{10, 9, 7, 4, 1}},
		"any person":   {past.Query{Any: &past.Any{People: []alerting.Person{"p-2"}}, Until: june.Add(4 * time.Hour)}, []int{4, 3}},
		"resident":     {past.Query{Any: &past.Any{Residents: []alerting.ResidentID{"r-1"}}, Until: june.Add(2 * time.Hour)}, []int{2, 1}},
		"none of any":  {past.Query{Any: &past.Any{}}, nil},
		"an injection": {past.Query{Place: "x' OR '1'='1"}, nil},
	} {
		for _, limit := range []int{1, 5, 100} {
			x.q.Limit = limit
			if got := numbers(t, a, x.q); !slices.Equal(got, x.want) {
				t.Errorf("%s, %d at a time: %v, want %v", name, limit, got, x.want)
			}
		}
	}
}

// What was committed is there after a restart, with the state that goes with it,
// and what was only added is not.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "archive.db")
	a := opened(t, path)
	if a.Before(june) != nil {
		t.Error("an empty archive has a state")
	}
	x := alerting.Alarm{ID: "a-1", Number: 1, State: alerting.Raised, RaisedAt: june}
	tell := func(what alerting.What) {
		t.Helper()
		if err := a.Add(t.Context(), alerting.Changed{Alarm: x, Entry: alerting.Entry{At: june, What: what}}); err != nil {
			t.Fatal(err)
		}
	}
	tell(alerting.WasRaised)
	a.Keep(june, []byte("one"))
	tell(alerting.PressedAgain)
	if a.Waiting() != 1 {
		t.Errorf("%d wait", a.Waiting())
	}
	a.Close()
	a = opened(t, path)
	s, err := a.Story(t.Context(), "a-1")
	if err != nil || s == nil || len(s.Steps) != 1 || string(a.Before(june)) != "one" {
		t.Fatalf("after a restart there is %+v (%v), state %q", s, err, a.Before(june))
	}
	tell(alerting.PressedAgain)
	a.Keep(june, []byte("two"))
	if s, err = a.Story(t.Context(), "a-1"); err != nil || len(s.Steps) != 2 {
		t.Errorf("there is %+v (%v)", s, err)
	}
	if s, err := a.Story(t.Context(), "a-2"); s != nil || err != nil {
		t.Errorf("of another alarm there is %+v (%v)", s, err)
	}
	if err := a.Clear(t.Context()); err != nil || a.Before(june) != nil || len(numbers(t, a, past.Query{})) != 0 {
		t.Errorf("after Clear there is something left (%v)", err)
	}

	a.Close()
	tellBroken := alerting.Changed{Alarm: x, Entry: alerting.Entry{At: june, What: alerting.WasRaised}}
	if err := a.Add(t.Context(), tellBroken); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a closed archive takes something in: %v", err)
	}
	a.waiting["a-1"] = s
	if a.Keep(june, nil); a.Err() == nil || a.Err() != nil || a.Waiting() != 0 {
		t.Error("what could not be kept is not said, or is not read again")
	}
}
