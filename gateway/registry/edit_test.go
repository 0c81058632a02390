package registry

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The 14 days of one end at noon and those of the next begin: the bed has a new
// name from that minute on, and no bed two.
func TestStaysChange(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "registry.db"))
	apply(t, s, parse(t, ward(t)))
	site := load(t, s)
	now := time.Date(2026, 11, 20, 14, 30, 20, 0, site.Zone.Location)
	at := func(place string, when time.Time) (keys string) {
		t.Helper()
		site := load(t, s)
		for _, p := range site.Places {
			if p.Key == place {
				for _, r := range site.ResidentsAt(p.ID, when) {
					keys += r.Key + " "
				}
			}
		}
		return strings.TrimSpace(keys)
	}

	// Room 7 is Aniela's to the 24th: nobody else's before that.
	n := NewStay{Resident: "Marian Krawczyk", Place: "room-7", Kind: "respite", From: When{Date: Date{2026, 11, 24}}}
	_, _, err := s.AddStay(t.Context(), n, now, nil)
	if why, ok := IsWrong(err); !ok || !strings.Contains(why, `two stays at place "room-7" at once`) {
		t.Fatalf("two in one bed: %v", err)
	}
	// She goes home early, this minute, and he comes at noon on the 24th.
	if _, err := s.EndStay(t.Context(), "aniela", When{}, now, nil); err != nil {
		t.Fatal(err)
	}
	n.From = When{Date{2026, 11, 24}, 12 * 60, true}
	_, _, err = s.AddStay(t.Context(), n, now, nil)
	if why, ok := IsWrong(err); !ok || !strings.Contains(why, `resident "marian" stays twice at once`) {
		t.Fatalf("in respite and in day care: %v", err)
	}
	if _, err := s.EndStay(t.Context(), "marian", When{Date: Date{2026, 11, 20}}, now, nil); err != nil { // his day care
		t.Fatal(err)
	}
	id, _, err := s.AddStay(t.Context(), n, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, site.Zone.Location)
	for when, want := range map[time.Time]string{
		now.Add(-time.Minute): "aniela", now: "", noon.Add(-time.Second): "", noon: "marian",
		noon.AddDate(0, 0, 14).Add(-time.Second): "marian", noon.AddDate(0, 0, 14): "",
	} {
		if got := at("room-7", when); got != want {
			t.Errorf("at %s room 7 has %q, want %q", when, got, want)
		}
	}
	_, err = s.EndStay(t.Context(), "marian", When{}, now.AddDate(0, 0, 1), nil)
	if want := "the next begins at 2026-11-24 12:00: telecare stays end " + string(id); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the end of a stay that is yet to come: %v, want %s", err, want)
	}
	// A week longer; then it does not take place at all.
	if _, err := s.EndStay(t.Context(), string(id), When{Date: Date{2026, 12, 14}}, now, nil); err != nil {
		t.Fatal(err)
	}
	if got := at("room-7", noon.AddDate(0, 0, 20)); got != "marian" {
		t.Errorf("after a week more it is %q", got)
	}
	if _, err := s.EndStay(t.Context(), string(id), When{}, now, nil); err != nil {
		t.Fatal(err)
	}
	if got := at("room-7", noon); got != "" || slices.ContainsFunc(load(t, s).Stays, func(x Stay) bool { return x.ID == id }) {
		t.Errorf("a stay that was taken out is still there: %q", got)
	}
	for which, want := range map[string]string{"nobody": "there is no resident", "lucjan": "there is no resident", "aniela": "is on no stay now"} {
		_, err := s.EndStay(t.Context(), which, When{}, now, nil)
		if why, ok := IsWrong(err); !ok || !strings.Contains(why, want) {
			t.Errorf("end of %q: %v", which, err)
		}
	}
	if _, err := s.EndStay(t.Context(), "elzbieta", When{Date{2026, 8, 1}, 0, true}, now, nil); err == nil {
		t.Error("a stay ends before it began")
	}
}

// A carer rests from now on for fourteen days, and comes back earlier.
func TestRestsChange(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "registry.db"))
	apply(t, s, parse(t, ward(t)))
	site := load(t, s)
	now := time.Date(2026, 11, 20, 14, 30, 20, 0, site.Zone.Location)
	hania := site.responderID("hania")
	resting := func(when time.Time) bool { return load(t, s).Plan.Resting(hania, when) }
	id, _, err := s.AddRest(t.Context(), "Hania K.", When{}, When{}, now, nil)
	if err != nil {
		t.Fatal(err)
	}
	minute := now.Truncate(time.Minute)
	for when, want := range map[time.Time]bool{
		minute.Add(-time.Second): false, minute: true, minute.AddDate(0, 0, 14).Add(-time.Second): true, minute.AddDate(0, 0, 14): false,
	} {
		if resting(when) != want {
			t.Errorf("at %s she rests: %t", when, !want)
		}
	}
	_, _, err = s.AddRest(t.Context(), "hania", When{Date: Date{2026, 11, 25}}, When{}, now, nil)
	if why, ok := IsWrong(err); !ok || !strings.Contains(why, "rests already from 2026-11-20 14:30 until 2026-12-04 14:30") {
		t.Errorf("a rest within a rest: %v", err)
	}
	_, _, err = s.AddRest(t.Context(), "marta", When{}, When{}, now, nil)
	if why, ok := IsWrong(err); !ok || !strings.Contains(why, "only a carer rests") {
		t.Errorf("the rest of a nurse: %v", err)
	}
	if _, err := s.EndRest(t.Context(), string(id), When{Date: Date{2026, 11, 21}}, now, nil); err != nil {
		t.Fatal(err)
	}
	if next := minute.AddDate(0, 0, 2); resting(next) {
		t.Error("she rests though her rest has ended")
	}
	// The next one is that of the document; now it does not take place.
	later := now.AddDate(0, 0, 3)
	if _, err := s.EndRest(t.Context(), "hania", When{}, later, nil); err != nil {
		t.Fatal(err)
	}
	if resting(time.Date(2026, 12, 20, 0, 0, 0, 0, site.Zone.Location)) {
		t.Error("a rest that was taken out is still there")
	}
}
