package dashboards

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
)

// registers remembers what was asked for.
type registers struct {
	Registrar
	said string
	err  error
}

func (r *registers) Roster(_ context.Context, c RosterChange) (int, error) {
	switch {
	case c.Override != nil:
		r.said = fmt.Sprintf("%s override %+v", c.Roster, *c.Override)
	case c.Swap != nil:
		r.said = fmt.Sprintf("%s swap %+v", c.Roster, *c.Swap)
	case c.Calendar != nil:
		r.said = fmt.Sprintf("%s calendar %d bytes", c.Roster, len(c.Calendar.Text))
	default:
		r.said = c.Roster + " without " + c.Without
	}
	return 7, r.err
}

// Who is on call is shown to those who may know names, and changed by the centre.
func TestRosterOperations(t *testing.T) {
	store := &registers{}
	ward := newWard(same)
	at := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	all := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	ward.Plan = alerting.Plan{
		People: map[alerting.Person]alerting.Responder{"p-1": {Contacts: []alerting.Contact{{Channel: "phone"}}}},
		Rosters: map[alerting.RosterID]alerting.Roster{"o-1": {
			Shifts:    []alerting.Shift{{Days: all, From: 19 * 60, To: 7 * 60, Who: []alerting.Person{"p-1"}}},
			Overrides: []alerting.Override{{From: at, Until: at.Add(time.Hour), Who: []alerting.Person{"p-2"}, Instead: "p-1"}},
		}},
		Policies: map[alerting.PolicyID]alerting.Policy{"y-1": {Steps: []alerting.PolicyStep{{Call: []alerting.Target{{Roster: "o-1"}}}}}},
		Default:  "y-1",
	}
	ward.RosterNames, ward.PolicyNames = map[alerting.RosterID]string{"o-1": "Nurses"}, map[alerting.PolicyID]string{"y-1": "Ward"}
	h := newHouse(t, ward, func(o *Options) { o.Registrar = store })
	centre := h.caller(t, "centre")
	for query, want := range map[string][]string{
		"?at=2026-11-24T03:30:00Z":                            {`"who":[{"id":"p-2","name":"Jan Z."}]`, `"instead":{"id":"p-1","name":"Marta W."}`, `"until":"2026-11-24T04:00:00Z"`},
		"?at=2026-11-24T05:00:00Z":                            {`"overrides":[]`, `"who":[{"id":"p-1","name":"Marta W."}]`},
		"?at=2026-11-24T12:00:00Z":                            {`"who":[]`, `"until":"2026-11-24T18:00:00Z"`},
		"?at=2026-11-24T03:00:00Z&until=2026-11-24T06:30:00Z": {`"from":"2026-11-24T06:00:00Z","until":"2026-11-24T06:30:00Z","who":[]`},
	} {
		text := centre.want(http.StatusOK, "GET", "/api/v1/rosters"+query, "")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s says %s, want %s", query, text, w)
			}
		}
	}
	centre.want(http.StatusUnprocessableEntity, "GET", "/api/v1/rosters?until=2020-01-01T00:00:00Z", "")
	if text := centre.want(http.StatusOK, "GET", "/api/v1/rosters/holes", ""); strings.Count(text, `"what":"policy"`) < 29 || !strings.Contains(text, `"name":"Ward"`) {
		t.Errorf("the holes of 30 days are %s", text)
	}

	const path = "/api/v1/rosters/o-1"
	for _, x := range []struct {
		want                    int
		method, where, in, said string
	}{
		{204, "POST", "/overrides", `{"who":["jan"],"from":"a","until":"b"}`, "o-1 override {Who:[jan] From:a Until:b Instead:}"},
		{204, "DELETE", "/overrides?at=2026-11-24+12:00", "", "o-1 without 2026-11-24 12:00"},
		{204, "POST", "/swaps", `{"who":"a","turn":"1","with":"b","for":"2"}`, "o-1 swap {Who:a Turn:1 With:b For:2}"},
		{200, "POST", "/calendars", `{"name":"rota","calendar":"` + strings.Repeat("x", 2*bodyLimit) + `"}`, "o-1 calendar 131072 bytes"},
		{413, "POST", "/calendars", `{"name":"rota","calendar":"` + strings.Repeat("x", calendarLimit) + `"}`, ""},
		{413, "POST", "/overrides", `{"who":["` + strings.Repeat("x", bodyLimit) + `"]}`, ""},
		{422, "POST", "/overrides", `{"who":[],"from":"a","until":"b"}`, ""},
		{422, "DELETE", "/overrides", "", ""},
	} {
		store.said = ""
		if text := centre.want(x.want, x.method, path+x.where, x.in); store.said != x.said {
			t.Errorf("%s %s: the registry is asked %q, want %q: %.200s", x.method, x.where, store.said, x.said, text)
		}
	}
	const swap = `{"who":"a","turn":"1","with":"b","for":"2"}`
	store.err = fmt.Errorf("so: %w", &Wrong{Why: "it is nobody's turn"})
	if text := centre.want(http.StatusUnprocessableEntity, "POST", path+"/swaps", swap); !strings.Contains(text, "nobody's turn") {
		t.Errorf("a wrong swap is told %s", text)
	}
	store.err = errors.New("the disk is full")
	if text := centre.want(http.StatusServiceUnavailable, "POST", path+"/swaps", swap); strings.Contains(text, "disk") {
		t.Errorf("a defect is told %s", text)
	}
	h.caller(t, "marta").want(http.StatusForbidden, "POST", path+"/swaps", swap)
	h.caller(t, "piotr").want(http.StatusForbidden, "GET", "/api/v1/rosters", "")
}
