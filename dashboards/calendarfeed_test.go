package dashboards

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/dashboards/calendar"
)

// A roster's calendar is open to whoever has its address, and to nobody else.
func TestCalendarFeed(t *testing.T) {
	all := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	ward := newWard(same)
	ward.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"o-1": {Shifts: []alerting.Shift{{Days: all, From: 19 * 60, To: 7 * 60, Who: []alerting.Person{"p-1"}}}}}
	ward.RosterNames = map[alerting.RosterID]string{"o-1": "Nurses"}
	h := newHouse(t, ward, nil)
	var list struct {
		Rosters []struct{ Name, Calendar string }
	}
	if err := json.Unmarshal([]byte(h.caller(t, "marta").want(http.StatusOK, "GET", "/api/v1/rosters", "")), &list); err != nil || len(list.Rosters) != 1 || list.Rosters[0].Name != "Nurses" {
		t.Fatalf("rosters %+v: %v", list, err)
	}
	_, path, _ := strings.Cut(list.Rosters[0].Calendar, "/calendar/")
	path = "/calendar/" + path
	nobody := h.caller(t, "")
	status, text, header := nobody.do("GET", path, "")
	if status != http.StatusOK || header.Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("status %d, %q: %s", status, header.Get("Content-Type"), text)
	}
	events, err := calendar.Read([]byte(text), alerting.Zone{Location: time.UTC}, time.Now(), time.Now().Add(10*24*time.Hour))
	if err != nil || len(events) < 9 || events[0].Title != "Marta W." {
		t.Errorf("events %+v: %v", events, err)
	}
	for _, wrong := range []string{"/calendar/", "/calendar/x.ics", strings.Replace(path, ".ics", "A.ics", 1), "/calendar/" + strings.Replace(strings.TrimPrefix(path, "/calendar/"), ".", "", 1)} {
		if status, _, _ := nobody.do("GET", wrong, ""); status != http.StatusNotFound {
			t.Errorf("%s answers %d", wrong, status)
		}
	}
	nobody.want(http.StatusNotFound, "POST", "/api/v1/links/"+strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics")+"/take", "{}")
}
