package registry

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const withAnna = `site: lipowa
name: Lipowa
zone: Europe/Warsaw
last_resort: centre
default_policy: day
places:
  - {key: room-7, name: Room 7}
  - {key: flat-anna, name: Anna's flat}
residents:
  - {key: anna, name: Anna Nowak, born: 1941, notes: Blood thinner in the drawer, key_safe: "4719#", family: [{name: Ewa Zielinska, phone: "600100200"}]}
  - {key: jan, name: Jan Kos}
stays:
  - {resident: anna, place: room-7, kind: respite, from: 2026-11-01, until: 2026-11-14}
  - {resident: anna, place: room-7, kind: respite, from: 2026-12-01, until: 2026-12-14}
  - {resident: jan, place: room-7, from: 2026-11-15, until: 2026-11-30}
responders:
  - {key: marta, name: Marta W., role: nurse, channels: [phones]}
  - {key: centre, name: Centre, role: centre, channels: [phones]}
policies:
  - key: day
    steps: [{call: [marta], wait: 60s}]
devices:
  - {key: button-7, name: "Button, room 7", address: zigbee2mqtt/seven, role: panic, place: room-7}
  - {key: pendant-anna, name: Anna's pendant, address: jablotron/08300001, role: panic, resident: anna}
`

func mustApply(t *testing.T, s *Store, text string) {
	t.Helper()
	d, err := Parse("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(context.Background(), d); err != nil {
		t.Fatal(err)
	}
}

// Who is erased is in no file of the registry and cannot be brought back by an
// undo; while a stay runs, or another record needs them, nothing is changed.
func TestErase(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "registry.db")
	s, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mustApply(t, s, withAnna)
	site, err := s.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	anna, marta := string(site.Residents[0].ID), string(site.Responders[0].ID)
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	// An edit of hers is what an undo would bring back.
	_, c, err := s.Put(ctx, Edit{Part: partResidents, Key: "anna", Text: `{key: anna, name: Anna Nowak, notes: Penicillin kills her, key_safe: "4719#"}`, By: "me"}, day("2026-11-20"), nil)
	if err != nil {
		t.Fatal(err)
	}

	kept, err := s.Subject(ctx, anna)
	if err != nil || kept.Name != "Anna Nowak" || len(kept.Stays) != 2 || len(kept.Devices) != 1 || !kept.KeySafe {
		t.Fatalf("%+v %v", kept, err)
	}
	if r := string(kept.Record); !strings.Contains(r, "Penicillin") || strings.Contains(r, "4719#") {
		t.Errorf("the record is %s", r)
	}
	if _, err := s.Subject(ctx, "r-nobody"); !errors.Is(err, ErrNoRecord) {
		t.Errorf("nobody: %v", err)
	}

	if _, err := s.Erase(ctx, anna, day("2026-12-03"), nil); !errors.Is(err, ErrStaying) {
		t.Errorf("while she stays: %v", err)
	}
	if _, err := s.Erase(ctx, marta, day("2026-11-20"), nil); err == nil {
		t.Error("somebody who is called by a policy was erased")
	}
	if now, _ := s.Revision(ctx); now != c.Revision {
		t.Fatalf("a refusal has changed the registry: %d, not %d", now, c.Revision)
	}
	gone, err := s.Erase(ctx, anna, day("2026-11-20"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(gone.Stays) != 2 || len(gone.Devices) != 1 || len(gone.Left) != 1 || gone.Left[0] != "places flat-anna" {
		t.Errorf("%+v", gone)
	}
	if _, err := s.Undo(ctx, "me", c.Revision, day("2026-11-20"), nil); !errors.Is(err, ErrNothing) {
		t.Errorf("an undo after it: %v", err)
	}
	if _, err := s.Subject(ctx, anna); !errors.Is(err, ErrNoRecord) {
		t.Errorf("after it: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"Nowak", "Blood thinner", "Penicillin", "4719#", "Zielinska", "600100200", "08300001"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s is still in %s", word, filepath.Base(f))
			}
		}
	}
}

func TestNames(t *testing.T) {
	is := Names("Anna Nowak")
	for text, want := range map[string]bool{
		"for Anna": true, "u pani Nowakowej": true, "Anny nie ma": true, "NOWAK": true, "flat-anna": true,
		"nobody": false, "the button in room 7": false, "": false, "now": false,
	} {
		if is(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
