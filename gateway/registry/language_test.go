package registry

import (
	"slices"
	"testing"

	"telecare/alerting/words"
)

// The registry takes the languages that there are words in.
func TestLanguagesAreThoseWithWords(t *testing.T) {
	var want []string
	for _, l := range words.Langs() {
		want = append(want, string(l))
	}
	if slices.Sort(want); !slices.Equal(languages(), want) {
		t.Errorf("the registry takes %q, and there are words in %q", languages(), want)
	}
}

func TestLanguage(t *testing.T) {
	d := changed(t, "zone: Europe/Warsaw\n", "zone: Europe/Warsaw\nlanguage: pl\n", "name: Marta W., ", "name: Marta W., language: en, ")
	ids := idOf{}
	for _, r := range d.records() {
		if ids[r.kind] == nil {
			ids[r.kind] = map[string]string{}
		}
		ids[r.kind][r.key] = prefixes[r.kind] + r.key
	}
	s, err := d.site(1, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Responders {
		if want := map[string]string{"marta": "en"}[r.Key]; r.Lang != want {
			t.Errorf("%s reads %q, want %q", r.Key, r.Lang, want)
		}
	}
	if s.Lang != "pl" {
		t.Errorf("the site's language is %q", s.Lang)
	}
}
