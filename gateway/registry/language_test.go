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
	s, err := d.site(1, idsOf(d))
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
