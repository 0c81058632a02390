package dashboards

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"telecare/alerting"
)

// people erases in memory.
type people struct{ erased []string }

func (p *people) Subject(_ context.Context, id string) (Subject, error) {
	switch id {
	case "r-1":
		return Subject{Key: "aniela", Name: "Aniela Kowalczyk", Record: json.RawMessage(`{"name":"Aniela Kowalczyk","notes":"Blood thinner"}`), KeySafe: true}, nil
	case "r-2":
		return Subject{Key: "jozef", Name: "Józef Maj", Record: json.RawMessage(`{}`)}, nil
	case "p-1":
		return Subject{Key: "marta", Name: "Marta W.", Record: json.RawMessage(`{}`)}, nil
	}
	return Subject{}, ErrNoRecord
}

func (p *people) Erase(_ context.Context, id string) (Erasure, error) {
	if id == "p-1" {
		return Erasure{}, ErrStaying
	}
	p.erased = append(p.erased, id)
	return Erasure{Edition: 8, Stays: 1, Left: []string{"places flat-aniela"}}, nil
}

// Whoever asks what is kept of them gets all of it, and of others what they are
// and not who; nobody is erased while their alarm is open, nor by a wrong name.
// Both are in the book.
func TestSubjects(t *testing.T) {
	ward := newWard(same)
	all, book := &people{}, &paper{}
	h := newHouse(t, ward, func(o *Options) { o.Subjects, o.Book, o.Lookback = all, book, newPastOf(t) })
	olga := h.caller(t, "olga")
	for _, who := range []string{"marta", "centre", "piotr", "wall", "ewa"} {
		h.caller(t, who).want(403, "GET", "/api/v1/subjects/r-1", "")
		h.caller(t, who).want(403, "POST", "/api/v1/subjects/r-1/erase", `{"name":"Aniela Kowalczyk"}`)
	}
	if text := olga.want(404, "GET", "/api/v1/subjects/r-99", ""); !strings.Contains(text, "no_such_record") {
		t.Errorf("nobody: %s", text)
	}
	var k keptView
	text := olga.want(200, "GET", "/api/v1/subjects/r-1", "")
	if err := json.Unmarshal([]byte(text), &k); err != nil || k.Name != "Aniela Kowalczyk" || !k.KeySafe || !strings.Contains(string(k.Record), "Blood thinner") || len(k.Stays) == 0 {
		t.Errorf("kept: %v %s", err, text)
	}
	if strings.Contains(text, "4719#") {
		t.Errorf("the code of her key-safe is in a file: %s", text)
	}
	if text := olga.want(422, "POST", "/api/v1/subjects/r-2/erase", `{"name":"Józef Mai"}`); !strings.Contains(text, "not_their_name") || len(all.erased) > 0 {
		t.Errorf("a wrong name: %s", text)
	}
	if text := olga.want(409, "POST", "/api/v1/subjects/p-1/erase", `{"name":"marta w."}`); !strings.Contains(text, "stays_now") && !strings.Contains(text, "alarm_is_open") {
		t.Errorf("who is called: %s", text)
	}
	if text := olga.want(200, "POST", "/api/v1/subjects/r-2/erase", `{"name":" józef maj "}`); !strings.Contains(text, "places flat-aniela") || !slices.Equal(all.erased, []string{"r-2"}) {
		t.Errorf("erased: %s", text)
	}
	lines := strings.Join(book.lines, "\n")
	for _, want := range []string{sawAll, erasedThem, `"of":["r-2"]`} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is not in the book:\n%s", want, lines)
		}
	}
	if strings.Contains(lines, "Kowal") || strings.Contains(lines, "Maj") {
		t.Errorf("the book names somebody:\n%s", lines)
	}
}

// An alarm that is open keeps whoever it is of, and whoever is called to it.
func TestNotErasedInAnAlarm(t *testing.T) {
	w := &Ward{Residents: []Resident{{ID: "r-1", Name: "Aniela"}}}
	a := &alerting.Alarm{Residents: []alerting.ResidentID{"r-1"}, Holder: "p-1", With: []alerting.Person{"p-2"}, Calls: []alerting.Notification{{To: "p-3"}}}
	for id, want := range map[string]bool{"r-1": true, "p-1": true, "p-2": true, "p-3": true, "p-4": false, "r-2": false} {
		if involves(w, a, id) != want {
			t.Errorf("%s: %v", id, !want)
		}
	}
}
