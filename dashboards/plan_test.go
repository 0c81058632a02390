package dashboards

import (
	"testing"

	"telecare/alerting"
)

// A link shows where its alarm is on the plan: of the other rooms it has the
// outlines, and of the other floors nothing.
func TestPlanByLink(t *testing.T) {
	w := newWard(same)
	w.Places[3].Plan.Floor = "First floor"
	w.Places[4].Plan = nil
	places := viewer{role: RoleNurse}.site(&w).Places
	got := floorOf(places, []alarmView{{PlaceID: "l-2"}})
	if len(got) != len(w.Places)-2 {
		t.Fatalf("%d rooms are on the plan", len(got))
	}
	for _, p := range got {
		if own := p.Plan == w.Places[1].Plan; own != (p.Name == "Room 2") || own != (p.ID == alerting.PlaceID("l-2")) || p.Plan.Floor != "Ground floor" {
			t.Errorf("it has %+v on %+v", p, *p.Plan)
		}
	}
	if got := floorOf(places, []alarmView{{PlaceID: "l-5"}, {PlaceID: ""}}); len(got) != 0 {
		t.Errorf("a place on no plan has %+v", got)
	}
}
