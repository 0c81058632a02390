package registry

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telecare/alerting"
	"telecare/devices"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func apply(t testing.TB, s *Store, d *Document) Changes {
	t.Helper()
	c, err := s.Apply(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func load(t *testing.T, s *Store) *Site {
	t.Helper()
	site, err := s.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func TestEmpty(t *testing.T) {
	s, ctx := open(t, filepath.Join(t.TempDir(), "registry.db")), context.Background()
	if _, err := s.Load(ctx); !errors.Is(err, ErrEmpty) {
		t.Errorf("load: %v", err)
	}
	if _, err := s.Export(ctx); !errors.Is(err, ErrEmpty) {
		t.Errorf("export: %v", err)
	}
	if n, err := s.Revision(ctx); n != 0 || err != nil {
		t.Errorf("revision %d, %v", n, err)
	}
}

func TestApply(t *testing.T) {
	file := filepath.Join(t.TempDir(), "registry.db")
	s, ctx := open(t, file), context.Background()
	first := parse(t, ward(t))
	c := apply(t, s, first)
	if c.Revision != 1 || len(c.Changed)+len(c.Removed) != 0 || !slices.Contains(c.Added, "device pendant-1") || !slices.Contains(c.Added, "stay room-7 2026-11-10") {
		t.Errorf("first: %v: %+v", c, c)
	}

	// The same again changes nothing.
	if diff := cmp.Diff(Changes{Revision: 1}, apply(t, s, first)); diff != "" {
		t.Errorf("again (-want +got):\n%s", diff)
	}
	was := load(t, s)

	second := changed(t,
		"Aniela Kowalczyk", "Aniela Nowak", // changed
		"{key: lucja, name: Łucja Mazur, born: 1946}", "{key: leokadia, name: Leokadia Sikora}", "resident: lucja", "resident: leokadia")
	c = apply(t, s, second)
	want := Changes{
		Revision: 2,
		Added:    []string{"resident leokadia"},
		Changed:  []string{"resident aniela", "stay room-12 2026-11-20"},
		Removed:  []string{"resident lucja"},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("second (-want +got):\n%s", diff)
	}
	if got := c.String(); got != "revision 2: 1 added, 2 changed, 1 removed" {
		t.Errorf("said as %q", got)
	}

	// Ids stay, over applies and over a restart; a new key has a new one.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, file)
	is := load(t, s)
	if is.Revision != 2 || is.Residents[0].Name != "Aniela Nowak" {
		t.Errorf("revision %d with %q", is.Revision, is.Residents[0].Name)
	}
	if was.Residents[0].ID != is.Residents[0].ID || !cmp.Equal(was.Devices, is.Devices) || !cmp.Equal(was.Places, is.Places) {
		t.Error("an id changed though its key stayed")
	}
	lucja := was.Residents[11].ID
	if is.Residents[11].ID == lucja {
		t.Error("a new resident has the id of one who is gone")
	}

	// Who comes back is somebody new.
	c = apply(t, s, first)
	if back := load(t, s).Residents[11].ID; c.Revision != 3 || back == lucja || back == is.Residents[11].ID {
		t.Errorf("revision %d: id %q came back as %q", c.Revision, lucja, back)
	}
	if n, err := s.Revision(ctx); n != 3 || err != nil {
		t.Errorf("revision %d, %v", n, err)
	}

	// What is exported is what was applied.
	b, err := s.Export(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if d := parse(t, b); !d.Equal(first) {
		t.Errorf("exported (-want +got):\n%s", cmp.Diff(first.data, d.data))
	} else if c := apply(t, s, d); c.Revision != 3 {
		t.Errorf("applying the export made revision %d", c.Revision)
	}

	if _, err := s.Apply(ctx, changed(t, "site: lipowa", "site: sosnowa")); err == nil || !strings.Contains(err.Error(), `"sosnowa"`) {
		t.Errorf("another site was taken: %v", err)
	}
}

// What is taken out is in none of the files afterwards, while the store is
// open; what stays is.
func TestErasure(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "registry.db"))
	// Long notes, so that the first document fills more of the log than the
	// second will write over.
	var filler strings.Builder
	for i := range 50 {
		fmt.Fprintf(&filler, "  - {key: filler-%d, name: Filler, notes: \"%s\"}\n", i, strings.Repeat("long note ", 300))
	}
	apply(t, s, changed(t, "residents:\n", "residents:\n"+filler.String()))
	inFiles := func(text string) bool {
		t.Helper()
		files, err := os.ReadDir(dir)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files: %v", err)
		}
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(dir, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(text)) {
				return true
			}
		}
		return false
	}
	gone := []string{"kazimierz", "Kazimierz", "Jankowski", "warfarin", "4719", "bieta W", "Aniela bathroom", "button-7", "jadwiga", "Jadwiga", "filler-7", "long note"}
	for _, text := range gone {
		if !inFiles(text) {
			t.Fatalf("%q is not in the files: this test would prove nothing", text)
		}
	}
	apply(t, s, changed(t,
		"  - {key: kazimierz, name: Kazimierz Jankowski, born: 1937}\n", "",
		"  - {resident: kazimierz, place: room-11, from: 2026-11-18, until: 2026-12-02}\n", "",
		"  - {key: jadwiga, name: Jadwiga Kozłowska, born: 1941}\n", "",
		"  - {resident: jadwiga, place: room-10, from: 2026-11-17, until: 2026-12-01}\n", "",
		", notes: \"Takes warfarin: a fall is never small\"", "",
		"    key_safe: \"4719\"\n", "",
		"Elżbieta Wójcik", "E. W.",
		"  - {key: button-7, name: \"Button, room 7 bathroom\", address: zigbee2mqtt/Aniela bathroom, role: panic, place: room-7}\n", ""))
	for _, text := range gone {
		if inFiles(text) {
			t.Errorf("%q is still in the files", text)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "registry.db-wal")); err == nil && info.Size() > 0 {
		t.Errorf("the log has %d bytes", info.Size())
	}
	if !inFiles("Genowefa") {
		t.Error("somebody who stays is gone")
	}
}

// A reader in another process holds up a change; then nothing is changed, and
// nothing is said to be gone before it is.
func TestErasureSaysWhenItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "registry.db")
	s := open(t, file)
	apply(t, s, parse(t, ward(t)))
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM ids").Scan(&n); err != nil {
		t.Fatal(err)
	}
	d := changed(t, "Aniela Kowalczyk", "Aniela Nowak")
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // the reader does not end
	defer cancel()
	c, err := s.Apply(ctx, d)
	if err == nil || c.Revision != 0 {
		t.Errorf("with a reader: %v, %v", c, err)
	}
	if r, err := s.Revision(t.Context()); err != nil || r != 1 {
		t.Errorf("with a reader the revision is %d (%v), want 1", r, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if c := apply(t, s, d); c.Revision != 2 {
		t.Errorf("afterwards: %v", c)
	}
}

// Only opaque ids reach the plan, and with it the journal.
func TestPlanNamesNobody(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "registry.db"))
	d := parse(t, ward(t))
	apply(t, s, d)
	site := load(t, s)
	if err := site.Plan.Check(); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(site.Plan)
	if err != nil {
		t.Fatal(err)
	}
	plan := string(b)
	personal := []string{d.Name, d.CentrePhone}
	for _, p := range d.Places {
		personal = append(personal, p.Key, p.Name, p.WayIn, p.Phone)
	}
	for _, r := range d.Residents {
		personal = append(personal, r.Key, r.Name, r.Notes, r.KeySafe)
		for _, f := range r.Family {
			personal = append(personal, f.Name, f.Phone, f.From)
		}
	}
	for _, r := range d.Responders {
		personal = append(personal, r.Key, r.Name, r.Role)
		for _, c := range r.Channels {
			personal = append(personal, c.Address)
		}
	}
	for _, r := range d.Rosters {
		personal = append(personal, r.Key, r.Name)
	}
	for _, p := range d.Policies {
		personal = append(personal, p.Key, p.Name)
	}
	for _, v := range d.Devices {
		_, bare, _ := strings.Cut(v.Address, "/")
		personal = append(personal, v.Key, v.Name, v.Address, bare)
	}
	for _, text := range personal {
		if text != "" && strings.Contains(strings.ToLower(plan), strings.ToLower(text)) {
			t.Errorf("%q is in the plan %s", text, plan)
		}
	}
	if diff := cmp.Diff([]string(nil), foreign(plan)); diff != "" {
		t.Errorf("the plan has strings that are no ids (-want +got):\n%s", diff)
	}
}

// foreign lists the strings of a plan's JSON that are neither its field names
// nor opaque ids nor one of those that are meant to be there.
func foreign(plan string) []string {
	meant := []string{"site", "lipowa", "zone", "Europe/Warsaw", "devices", "place", "policy", "people", "channels", "desk", "phones",
		"rosters", "shifts", "days", "from", "to", "who", "policies", "steps", "call", "person", "roster", "wait", "arrive", "finish", "default", "last_resort",
		"stays", "resident", "residents", "until", "home", "hours", "rests", "stand_ins", "channel", "after", "one_by_one", "takers", "rules", "kinds", "fall", "places", "sensor", "pre_alarm", "watches", "kind", "times", "button", "faults", "gather", "unheard"}
	var out []string
	for _, m := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(plan, -1) {
		if !slices.Contains(meant, m[1]) && !opaque.MatchString(m[1]) && !instant.MatchString(m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

var opaque = regexp.MustCompile(`^[dprsoy]-[0-9a-hjkmnp-tv-z]{8}$`)

var instant = regexp.MustCompile(`^20[0-9-]{8}T[0-9:]{8}Z$`)

func TestLoad(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "registry.db"))
	apply(t, s, parse(t, ward(t)))
	site := load(t, s)
	if site.Key != "lipowa" || site.Name != "Lipowa House, ward 2" || site.Zone.String() != "Europe/Warsaw" || site.CentrePhone != "+48 22 555 01 00" {
		t.Errorf("site %q %q %v %q", site.Key, site.Name, site.Zone, site.CentrePhone)
	}
	ids := map[string]bool{}
	unique := func(id string) {
		if !opaque.MatchString(id) || ids[id] {
			t.Errorf("id %q is not opaque or not unique", id)
		}
		ids[id] = true
	}
	device := map[string]Device{}
	for _, d := range site.Devices {
		unique(string(d.ID))
		device[d.Key] = d
		if got := site.Plan.Devices[d.ID].Place; got != d.Place || got == "" && d.Resident == "" {
			t.Errorf("device %q is at %q in the plan", d.Key, got)
		}
	}
	place := map[string]Place{}
	for _, p := range site.Places {
		unique(string(p.ID))
		place[p.Key] = p
	}
	for _, r := range site.Residents {
		unique(string(r.ID))
	}
	person := map[string]Responder{}
	for _, r := range site.Responders {
		unique(string(r.ID))
		person[r.Key] = r
	}
	for _, r := range site.Rosters {
		unique(string(r.ID))
	}
	for _, p := range site.Policies {
		unique(string(p.ID))
	}

	for key, want := range map[string]struct {
		role         devices.Kind
		every        time.Duration
		unsupervised bool
	}{
		"pendant-1":     {devices.Panic, 0, true},                     // jablotron panic: no beacon
		"door-11":       {devices.Wandering, 30 * time.Minute, false}, // jablotron: beacon
		"button-7":      {devices.Panic, 25 * time.Hour, false},       // zigbee2mqtt
		"button-8":      {devices.Panic, 50 * time.Hour, false},       // as written
		"cord-12":       {devices.Panic, 0, true},                     // never
		"lounge-motion": {"", 25 * time.Hour, false},                  // no role
	} {
		d := device[key]
		if d.Role != want.role || d.HeardEvery != want.every || d.Unsupervised != want.unsupervised {
			t.Errorf("%s: role %q, heard every %v, unsupervised %v", key, d.Role, d.HeardEvery, d.Unsupervised)
		}
	}
	if d := device["button-7"]; d.Address != "zigbee2mqtt/Aniela bathroom" || d.Place != place["room-7"].ID {
		t.Errorf("button-7: %+v", d)
	}
	if diff := cmp.Diff([]Contact{{"desk", ""}, {"phones", "+48225550100"}}, person["centre"].Contacts); diff != "" {
		t.Errorf("contacts (-want +got):\n%s", diff)
	}

	// The plan says the same in ids.
	policy := map[string]alerting.PolicyID{}
	for _, p := range site.Policies {
		policy[p.Key] = p.ID
	}
	nurses := site.Rosters[0]
	if nurses.Name != "Nurses on call" || site.Policies[1].Name != "calm" {
		t.Errorf("names %q, %q", nurses.Name, site.Policies[1].Name)
	}
	marta, olga, pawel, renata, centre := person["marta"].ID, person["olga"].ID, person["pawel"].ID, person["renata"].ID, person["centre"].ID
	if site.Plan.Default != policy["ward"] || site.Plan.LastResort != centre || site.Plan.Devices[device["door-11"].ID].Policy != policy["calm"] || site.Plan.Devices[device["button-7"].ID].Policy != "" {
		t.Error("the plan names other policies or another last resort")
	}
	wantPolicy := alerting.Policy{Arrive: 15 * time.Minute, Finish: time.Hour, Steps: []alerting.PolicyStep{
		{Call: []alerting.Target{{Roster: nurses.ID}}, Wait: 30 * time.Second},
		{Call: []alerting.Target{{Roster: nurses.ID}, {Person: renata}}, Wait: time.Minute},
		{Call: []alerting.Target{{Person: renata}, {Person: centre}}, Wait: 90 * time.Second},
	}}
	if diff := cmp.Diff(wantPolicy, site.Plan.Policies[policy["ward"]]); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	wantRoster := alerting.Roster{Shifts: []alerting.Shift{
		{Days: []time.Weekday{1, 2, 3, 4, 5, 6, 0}, From: 7 * 60, To: 19 * 60, Who: []alerting.Person{marta, olga}},
		{Days: []time.Weekday{1, 2, 3, 4}, From: 19 * 60, To: 7 * 60, Who: []alerting.Person{pawel}},
		{Days: []time.Weekday{5, 6, 0}, From: 19 * 60, To: 7 * 60, Who: []alerting.Person{olga}},
	}}
	if diff := cmp.Diff(wantRoster, site.Plan.Rosters[nurses.ID]); diff != "" {
		t.Errorf("roster (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]alerting.Contact{{Channel: "desk"}, {Channel: "phones"}}, site.Plan.People[centre].Contacts); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}

	marian := site.Residents[12]
	if d := device["pendant-marian"]; d.Place != "" || d.Resident != marian.ID || site.Plan.Devices[d.ID].Resident != marian.ID {
		t.Errorf("Marian's pendant: %+v", d)
	}

	// A stay lasts to the end of its last day, by the clock on the wall.
	at := func(s string) time.Time {
		m, err := time.ParseInLocation("2006-01-02 15:04:05", s, site.Zone.Location)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for moment, want := range map[string]int{"2026-11-09 23:59:59": 0, "2026-11-10 00:00:00": 1, "2026-11-24 23:59:59": 1, "2026-11-25 00:00:00": 0} {
		got := site.ResidentsAt(place["room-7"].ID, at(moment))
		if len(got) != want || want == 1 && got[0].Name != "Aniela Kowalczyk" {
			t.Errorf("at %s: %v", moment, got)
		}
	}
	// Fourteen days from noon end at noon; day care is in its hours; home is where
	// he is otherwise.
	for moment, want := range map[string]string{
		"2026-11-02 08:59:59": "flat", "2026-11-02 09:00:00": "day-room", "2026-11-02 17:00:00": "flat", "2026-11-03 12:00:00": "flat",
		"2026-12-16 16:59:59": "day-room", "2026-12-19 11:59:59": "flat", "2026-12-19 12:00:00": "room-7", "2027-01-02 11:59:59": "room-7", "2027-01-02 12:00:00": "flat",
	} {
		stay, ok := site.Plan.Whereabouts().Now(marian.ID, at(moment))
		if !ok || stay.Place != place[want].ID {
			t.Errorf("at %s he is at %v (%t), want %s", moment, stay.Place, ok, want)
		}
	}
	if got := site.ResidentsAt(place["room-4"].ID, at("2099-01-01 00:00:00")); len(got) != 1 {
		t.Errorf("an open stay ended: %v", got)
	}
}
