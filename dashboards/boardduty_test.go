package dashboards

import (
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
)

// A board knows for two days who is on call, without a gap; nobody else's screen is
// told by the stream, a family least.
func TestBoardKnowsWhoIsOnCall(t *testing.T) {
	w := newWard(same)
	from := time.Now().Add(-time.Hour)
	w.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"r-1": {Overrides: []alerting.Override{
		{From: from, Until: from.Add(3 * time.Hour), Who: []alerting.Person{"p-1"}},
		{From: from.Add(3 * time.Hour), Until: from.Add(40 * time.Hour), Who: []alerting.Person{"p-2"}},
	}}}
	w.RosterNames = map[alerting.RosterID]string{"r-1": "Nurses"}
	h := newHouse(t, w, nil)
	for _, x := range []struct {
		who, query string
		told       bool
	}{{"wall", "", true}, {"centre", "?board", true}, {"centre", "", false}, {"marta", "", false}, {"piotr", "", false}} {
		conn, _, err := h.caller(t, x.who).live(x.query)
		if err != nil {
			t.Fatal(err)
		}
		m, raw := next(t, conn, "snapshot")
		conn.Close()
		if !x.told {
			if len(m.Duty) > 0 || strings.Contains(raw, `"duty"`) {
				t.Errorf("%s%s is told %+v", x.who, x.query, m.Duty)
			}
			continue
		}
		if len(m.Duty) != 1 || m.Duty[0].Name != "Nurses" || len(m.Duty[0].Spans) != 3 {
			t.Fatalf("%s%s is told %+v", x.who, x.query, m.Duty)
		}
		all := m.Duty[0].Spans
		for i, who := range [][]string{{"Marta W."}, {"Jan Z."}, {}} {
			if !slices.Equal(all[i].Who, who) || i > 0 && !all[i].From.Equal(all[i-1].Until) {
				t.Errorf("the %d. span is %+v, want %v", i+1, all[i], who)
			}
		}
		if d := time.Until(all[2].Until); d < 47*time.Hour || d > 48*time.Hour {
			t.Errorf("it ends in %v", d)
		}
	}
}

// A step in which nobody could be called is not told as one in which they were.
func TestBoardKnowsWhoWasCalled(t *testing.T) {
	w := newWard(same)
	at := time.Now().Add(-time.Minute)
	a := &alerting.Alarm{ID: "a-1", Place: "l-1", State: alerting.Raised, RaisedAt: at, Step: 3, StepAt: at.Add(40 * time.Second), Calls: []alerting.Notification{
		{Step: 1, To: "p-1", Reason: alerting.Calling, At: at}, {Step: 1, To: "p-1", Reason: alerting.Calling, At: at, Channel: "sms"},
		{Step: 2, To: "p-1", Reason: alerting.Stopped, At: at.Add(20 * time.Second)},
		{Step: 3, To: "p-9", Reason: alerting.Calling, At: at.Add(40 * time.Second)},
	}}
	v := viewer{role: RoleBoard}.alarm(&w, a)
	if len(v.Before) != 2 || !slices.Equal(v.Before[0], []string{"Marta W."}) || len(v.Before[1]) != 0 || !slices.Equal(v.Called, []string{"Information centre"}) {
		t.Errorf("before %v, now %v", v.Before, v.Called)
	}
}
