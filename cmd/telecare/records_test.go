package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRecordsOverTheInterface: the centre puts somebody in another room by the
// page's operations, and an alarm from there names them; what apply would refuse
// is refused in its words and nothing changes; of two who edit at once the
// second is told; and what was done can be taken back.
func TestRecordsOverTheInterface(t *testing.T) {
	h := newHome(t, "channels:\n  - {name: marta-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n"+
		"  - {name: jan-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n",
		"language: pl\n"+strings.Replace(registryOf, "notes: Blood thinner.", "notes: Blood thinner., key_safe: \"4719\"", 1))
	h.start()
	type shown struct {
		Key, ID string
		Record  map[string]any
	}
	type part struct {
		Edition int64
		Edit    bool
		Records []shown
	}
	read := func(name string) (p part) {
		t.Helper()
		h.get("centre", "/api/v1/registry/"+name, &p)
		return p
	}
	send := func(method, path string, edition int64, body any) (status int, out struct {
		Key, Code string
		Edition   int64
		Fields    []struct{ Field, Message, Says string }
	}) {
		t.Helper()
		b, _ := json.Marshal(body)
		status, answer := h.sendIf("centre", method, "/api/v1/registry/"+path, string(b), edition)
		if err := json.Unmarshal(answer, &out); err != nil {
			t.Fatalf("%s %s: %d %s", method, path, status, answer)
		}
		return status, out
	}
	stays, places := read("stays"), read("places")
	if !stays.Edit || len(stays.Records) != 1 || stays.Records[0].Record["place"] != "room-7" {
		t.Fatalf("stays: %+v", stays)
	}
	stay := stays.Records[0]
	stay.Record["place"] = "nowhere"
	if status, got := send("PUT", "stays/"+stay.Key, stays.Edition, map[string]any{"record": stay.Record}); status != http.StatusUnprocessableEntity ||
		len(got.Fields) != 1 || got.Fields[0].Field != "place" || !strings.Contains(got.Fields[0].Message, `unknown place "nowhere"`) || got.Fields[0].Says != "nieznane (miejsce): „nowhere”; do wyboru: wpisane w rejestrze (places:)" {
		t.Errorf("a place that there is not: %d %+v", status, got)
	}
	if now := read("stays"); now.Edition != stays.Edition || now.Records[0].Record["place"] != "room-7" {
		t.Errorf("a refused edit has changed %+v", now)
	}
	stay.Record["place"] = "room-3"
	status, moved := send("PUT", "stays/"+stay.Key, stays.Edition, map[string]any{"record": stay.Record})
	if status != http.StatusOK || moved.Edition != stays.Edition+1 {
		t.Fatalf("to another room: %d %+v", status, moved)
	}
	if status, got := send("PUT", "stays/"+stay.Key, stays.Edition, map[string]any{"record": stay.Record}); status != http.StatusConflict || got.Code != "edited" {
		t.Errorf("the second of two: %d %+v", status, got)
	}
	room := func(key string) string {
		for _, p := range places.Records {
			if p.Key == key {
				return p.ID
			}
		}
		return ""
	}
	raise := func(place string) string {
		t.Helper()
		status, b := h.send("centre", "POST", "/api/v1/alarms", `{"kind":"panic","place":"`+place+`"}`)
		var one struct {
			Persons []struct{ Name string }
		}
		var made struct{ ID string }
		if err := json.Unmarshal(b, &made); err != nil || status >= 300 {
			t.Fatalf("raise: %d %s", status, b)
		}
		h.get("centre", "/api/v1/alarms/"+made.ID, &one)
		if len(one.Persons) != 1 {
			return ""
		}
		return one.Persons[0].Name
	}
	if who := raise(room("room-3")); who != "Aniela Kowalczyk" {
		t.Errorf("an alarm from her new room names %q", who)
	}
	if who := raise(room("room-7")); who != "" {
		t.Errorf("an alarm from her old room names %q", who)
	}

	residents := read("residents")
	if r := residents.Records[0].Record; r["notes"] != nil || r["key_safe"] != nil || r["name"] != "Aniela Kowalczyk" {
		t.Errorf("a resident is shown as %v", r)
	}
	if status, got := send("PUT", "residents/aniela", residents.Edition, map[string]any{"text": "key: aniela\nname: Aniela K.\n"}); status != http.StatusOK {
		t.Errorf("a new name: %d %+v", status, got)
	}
	if out := h.command("export"); !strings.Contains(out, "Aniela K.") || !strings.Contains(out, "Blood thinner") || !strings.Contains(out, "4719") {
		t.Errorf("what was not shown is gone:\n%s", out)
	}
	_, added := send("PUT", "residents/jozef", 0, map[string]any{"record": map[string]any{"key": "jozef", "name": "Józef Żak"}})
	if status, got := send("POST", "undo", 0, map[string]any{"edition": added.Edition}); status != http.StatusOK || got.Edition != added.Edition+1 {
		t.Errorf("undo: %d %+v", status, got)
	}
	if out := h.command("export"); strings.Contains(out, "Żak") {
		t.Error("who was taken back is there")
	}
	if status, got := send("POST", "undo", 0, map[string]any{"edition": added.Edition}); status != http.StatusConflict || got.Code != "nothing_to_undo" {
		t.Errorf("undo twice: %d %+v", status, got)
	}
	if status, got := send("DELETE", "places/room-3", 0, nil); status != http.StatusUnprocessableEntity || len(got.Fields) == 0 || !strings.Contains(got.Fields[0].Message, `unknown place "room-3"`) {
		t.Errorf("a place that is needed: %d %+v", status, got)
	}
	h.eventually("the page knows it", 10*time.Second, func() bool { return read("residents").Edition == added.Edition+1 })
	h.stop()
	noNames(t, filepath.Join(h.dir, "data"), "")
}
