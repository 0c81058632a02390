package registry

import (
	"fmt"
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
	at := time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC)
	warnings, _ := d.Warnings(at)
	if n := strings.Count(warnings.Error(), "sees nothing: no sensor is at place"); n != 1 || !strings.Contains(warnings.Error(), `watches[3] "round": sees nothing`) {
		t.Errorf("warnings: %v", warnings)
	}
}

// TestBeds: a watch of a bed is told of where nothing can tell of the bed.
func TestBeds(t *testing.T) {
	warns := func(watch, mat string) string {
		d := parse(t, []byte(strings.Replace(string(ward(t)), "\ndevices:\n", "\ndevices:\n  - "+mat+"\n", 1)+"\nwatches:\n  - "+watch+"\n"))
		warnings, _ := d.Warnings(time.Date(2026, 11, 17, 12, 0, 0, 0, time.UTC))
		for line := range strings.Lines(fmt.Sprint(warnings)) {
			if strings.Contains(line, "watches[0]") {
				return line
			}
		}
		return ""
	}
	const (
		named = `{key: a, kind: bed_exit, place: room-1, devices: [mat], hours: [{from: "22:00", to: "06:00"}]}`
		whole = `{key: a, kind: bed_exit, place: room-1, hours: [{from: "22:00", to: "06:00"}]}`
	)
	for _, c := range []struct{ watch, mat, want string }{
		{named, `{key: mat, name: Mat, address: "zigbee2mqtt/mat", role: bed_exit, place: room-1}`, ""},
		{named, `{key: mat, name: Mat, address: "zigbee2mqtt/mat", role: none, place: room-1}`, `"mat" is taken for no bed; give it role: bed_exit`},
		{named, `{key: mat, name: Mat, address: "zigbee2mqtt/mat", role: panic, place: room-1}`, `"mat" is taken for no bed`},
		{named, `{key: mat, name: Radar, address: "chirpstack/24e124797e123456", role: fall, place: room-1}`, ""},
		{named, `{key: mat, name: Mat, address: "mapping/mat 7", role: none, place: room-1}`, ""},
		{whole, `{key: mat, name: Mat, address: "zigbee2mqtt/mat", role: bed_exit, place: room-1}`, ""},
		{whole, `{key: mat, name: Mat, address: "zigbee2mqtt/mat", role: none, place: room-1}`, `no bed is at place "room-1"`},
	} {
		if got := warns(c.watch, c.mat); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s with %s: %q, want %q", c.watch, c.mat, got, c.want)
		}
	}
}
