package registry

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// The watches that the docs show are understood.
func TestWatchesOfTheDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/watches.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`(?m)^    watches:\n(?:     +.*\n)+`).FindString(string(b))
	if d := parse(t, []byte(string(ward(t))+"\n"+strings.ReplaceAll("\n"+block, "\n    ", "\n"))); len(d.Watches) != 3 {
		t.Errorf("%d watches", len(d.Watches))
	}
}

// TestTestEvery: buttons are to be tried monthly, unless the registry says.
func TestTestEvery(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 30 * 24 * time.Hour, "test_every: 336h\n": 14 * 24 * time.Hour, "test_every: never\n": 0} {
		d := parse(t, []byte(text+string(ward(t))))
		roundTrip(t, d)
		if got := d.testEvery(); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

// TestWatches: what is watched is in the plan by opaque ids, keeps its id, and is
// written again as it was read.
func TestWatches(t *testing.T) {
	text := string(ward(t)) + `
watches:
  - key: aniela-day
    kind: inactivity
    resident: aniela
    hours:
      - {days: [mon, tue, wed, thu, fri, sat], from: "07:00", to: "22:00", after: 4h}
      - {days: [sun], from: "10:00", to: "22:00", after: 4h}
    policy: calm
  - {key: bed-1, kind: bed_exit, place: room-10, hours: [{from: "22:00", to: "06:00"}]}
  - {key: door-11-night, kind: wandering, place: room-11, devices: [door-11], hours: [{days: daily, from: "22:00", to: "06:00"}]}
  - {key: round, kind: inactivity, place: room-1, hours: [{after: 10h}]}
`
	d := parse(t, []byte(text))
	roundTrip(t, d)
	b := d.byKey()
	plan := d.plan(b, time.UTC)
	if b.err != nil {
		t.Fatal(b.err)
	}
	if err := plan.Check(); err != nil {
		t.Error(err)
	}
	w := plan.Watches["aniela-day"]
	if w.Resident != "aniela" || w.Policy != "calm" || len(w.Times) != 2 || w.Times[1].From != 600 || w.Times[0].After != 4*time.Hour {
		t.Errorf("watch %+v", w)
	}
	if got := plan.Watches["bed-1"].Times[0]; got.After != alerting.BedLeft || len(got.Days) != 7 {
		t.Errorf("hours of the bed %+v", got)
	}
	if !plan.Devices["radar-10"].Sensor || !plan.Devices["lounge-motion"].Sensor || plan.Devices["pendant-1"].Sensor {
		t.Error("a radar and a motion sensor see what moves, and a pendant does not")
	}
	if plan.Watches["door-11-night"].Devices[0] != devices.ID("door-11") {
		t.Error("the door is lost")
	}
	warnings, _ := d.Warnings(time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC))
	if n := strings.Count(warnings.Error(), "sees nothing: no sensor is at place"); n != 1 || !strings.Contains(warnings.Error(), `watches[3] "round": sees nothing`) {
		t.Errorf("warnings: %v", warnings)
	}
}
