package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEraseAPerson: everything that is kept of a resident is written out, and they
// are erased from every file of the data folder: not while they stay or call, and
// by a command that says what it cannot reach. The numbers stay. The code of the
// key-safe has a mark that the digits of no time have.
func TestEraseAPerson(t *testing.T) {
	text := strings.Replace(registryOf, "notes: Blood thinner.", "notes: Blood thinner., key_safe: \"4719#\", family: [{name: Ewa Lis, phone: \"600100200\"}]", 1)
	text = strings.Replace(text, "devices:\n", "devices:\n  - {key: pendant-aniela, name: \"Anieli's pendant\", address: jablotron/08300777, role: panic, resident: aniela}\n", 1)
	h := newHome(t, "channels:\n  - {name: marta-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n"+
		"  - {name: jan-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n", text)
	h.start()
	var residents struct{ Records []struct{ ID string } }
	h.get("centre", "/api/v1/registry/residents", &residents)
	id := residents.Records[0].ID
	var places struct{ Records []struct{ ID, Key string } }
	h.get("centre", "/api/v1/registry/places", &places)

	status, b := h.send("centre", "POST", "/api/v1/alarms", `{"kind":"panic","place":"`+places.Records[0].ID+`"}`)
	var alarm struct{ ID string }
	if err := json.Unmarshal(b, &alarm); err != nil || status >= 300 {
		t.Fatalf("raise: %d %s", status, b)
	}
	h.send("centre", "POST", "/api/v1/glass/"+id, `{"reason":"Pani Kowalczyk does not open the door"}`)
	if out, err := h.try("people", "erase", "--yes", id); err == nil || !strings.Contains(out, "alarm_is_open") {
		t.Errorf("while her alarm is open: %v %s", err, out)
	}
	for _, do := range []string{"take", "arrive"} {
		h.send("centre", "POST", "/api/v1/alarms/"+alarm.ID+"/"+do, "{}")
	}
	if status, b := h.send("centre", "POST", "/api/v1/alarms/"+alarm.ID+"/close", `{"outcome":"helped"}`); status >= 300 {
		t.Fatalf("close: %d %s", status, b)
	}
	if out, err := h.try("people", "erase", "--yes", id); err == nil || !strings.Contains(out, "stays_now") {
		t.Errorf("while she stays: %v %s", err, out)
	}
	h.command("stays", "end", "aniela")

	out := h.command("people", "export", id)
	for _, want := range []string{"Aniela Kowalczyk", "Blood thinner", "600100200", "Room 7, bathroom", "08300777", "panic", "helped", "does not open the door"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is kept and not written out:\n%s", want, out)
		}
	}
	for _, not := range []string{"4719#", "Information centre"} {
		if strings.Contains(out, not) {
			t.Errorf("%q is written out:\n%s", not, out)
		}
	}
	var kept struct {
		Alarms []struct{ Steps, Messages []any }
	}
	if err := json.Unmarshal([]byte(h.command("people", "export", "--json", id)), &kept); err != nil || len(kept.Alarms) != 1 || len(kept.Alarms[0].Steps) < 4 || len(kept.Alarms[0].Messages) == 0 {
		t.Errorf("as JSON: %v %+v", err, kept)
	}

	if out, err := h.try("people", "erase", id); err == nil || !strings.Contains(out, "--yes") || !strings.Contains(out, "1 alarms stay") {
		t.Errorf("without --yes: %v %s", err, out)
	}
	out = h.command("people", "erase", "--yes", id)
	for _, want := range []string{"1 stays, 1 devices", "1 reasons", "backups made before now", `--predicate '_measurement="device" AND device="d-`} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
	if out, err := h.try("people", "export", id); err == nil || !strings.Contains(out, "no_such_record") {
		t.Errorf("after it: %v %s", err, out)
	}
	if out := h.command("looks"); !strings.Contains(out, "a person erased") || !strings.Contains(out, "everything kept of a person") || strings.Contains(out, "Kowalczyk") {
		t.Errorf("the book:\n%s", out)
	}
	var found struct{ Alarms []struct{ Outcome string } }
	h.eventually("the alarm is in the journal", 20*time.Second, func() bool {
		h.get("centre", "/api/v1/journal", &found)
		return len(found.Alarms) == 1 && found.Alarms[0].Outcome == "helped"
	})
	h.stop()
	err := filepath.WalkDir(filepath.Join(h.dir, "data"), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, word := range []string{"Aniel", "aniela", "Kowalczyk", "Blood thinner", "4719#", "Ewa Lis", "600100200", "08300777"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%q is still in %s", word, filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.start() // and what is left is a registry
	if out := h.command("people"); !strings.Contains(out, "Marta W.") {
		t.Errorf("people: %s", out)
	}
}
