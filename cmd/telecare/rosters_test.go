package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRostersOverTheInterface: the centre sees who is on call and when nobody is,
// and changes both while the gateway runs; the commands on the machine say the
// same.
func TestRostersOverTheInterface(t *testing.T) {
	h := newHome(t, "channels:\n  - {name: marta-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n"+
		"  - {name: jan-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n", strings.Replace(registryOf, "  - {key: jan,", "  - {key: ola, name: Ola B., role: nurse, channels: [jan-phone]}\n  - {key: jan,", 1)+`rosters:
  - key: nights
    name: Nurses
    layers:
      - {every: day, start: 2026-01-01, hand_over: "07:00", turns: [marta, jan]}
  - key: office
    name: Office
    shifts: [{days: [mon, tue, wed, thu, fri], from: "08:00", to: "16:00", who: [jan]}]
    cover: [{days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00"}]
`)
	h.start()
	type named struct{ ID, Name string }
	var list struct {
		Rosters []struct {
			ID, Name string
			OnCall   []struct {
				From, Until time.Time
				Who         []named
			} `json:"on_call"`
			Overrides []struct{ Who []named }
		}
	}
	id := map[string]string{}
	onCall := func(roster, query string) string {
		t.Helper()
		list.Rosters = nil
		h.get("centre", "/api/v1/rosters"+query, &list)
		var out []string
		for _, r := range list.Rosters {
			id[r.Name] = r.ID
			for _, s := range r.OnCall {
				for _, p := range s.Who {
					if r.Name == roster {
						out = append(out, p.Name)
					}
				}
			}
		}
		return strings.Join(out, ", ")
	}
	change := func(want int, method, path, body string) string {
		t.Helper()
		status, text := h.send("centre", method, "/api/v1/rosters/"+path, body)
		if status != want {
			t.Errorf("%s %s: %d, want %d: %s", method, path, status, want, text)
		}
		return string(text)
	}
	const noon, nextNoon, span = "?at=2030-01-02T12:00:00%2B01:00", "?at=2030-01-03T12:00:00%2B01:00", "?at=2030-01-02T12:00:00%2B01:00&until=2030-01-04T12:00:00%2B01:00"
	if got := onCall("Nurses", noon); got != "Marta W." {
		t.Fatalf("on call at noon is %q", got)
	}
	if got := onCall("Nurses", span); got != "Marta W., Jan Z., Marta W." {
		t.Errorf("in two days on call are %q", got)
	}
	nurses := id["Nurses"]

	change(http.StatusNoContent, "POST", nurses+"/overrides", `{"who":["ola"],"from":"2030-01-02 11:00","until":"2030-01-02T13:00:00+01:00"}`)
	if got := onCall("Nurses", noon); got != "Ola B." {
		t.Errorf("by the override it is %q", got)
	}
	if out := h.command("roster", "--at", "2030-01-02T12:00", "--roster", "nights"); !strings.Contains(out, "Ola B.") {
		t.Errorf("telecare roster says:\n%s", out)
	}
	for body, want := range map[string]string{
		`{"who":["nobody"],"from":"2030-01-02 11:00","until":"2030-01-02 13:00"}`: "no responder",
		`{"who":["jan"],"from":"2030-01-02 13:00","until":"2030-01-02 11:00"}`:    "is not after from",
		`{"who":["jan"],"from":"tomorrow","until":"2030-01-02 11:00"}`:            "is no time",
	} {
		if text := change(http.StatusUnprocessableEntity, "POST", nurses+"/overrides", body); !strings.Contains(text, want) {
			t.Errorf("%s is answered with %s, want a word of %q", body, text, want)
		}
	}
	change(http.StatusUnprocessableEntity, "POST", "stairs/overrides", `{"who":["jan"],"from":"2030-01-02 11:00","until":"2030-01-02 13:00"}`)
	change(http.StatusNoContent, "DELETE", nurses+"/overrides?at=2030-01-02+12:30", "")
	change(http.StatusUnprocessableEntity, "DELETE", nurses+"/overrides?at=2030-01-02+12:30", "")

	change(http.StatusNoContent, "POST", "nights/swaps", `{"who":"marta","turn":"2030-01-02","with":"Jan Z.","for":"2030-01-03"}`)
	if one, other := onCall("Nurses", noon), onCall("Nurses", nextNoon); one != "Jan Z." || other != "Marta W." {
		t.Errorf("by the swap it is %q, and then %q", one, other)
	}

	rota := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:test
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20300102T100000Z
DTEND:20300102T120000Z
SUMMARY:TITLE
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	calendar := func(want int, title string) string {
		t.Helper()
		b, _ := json.Marshal(map[string]string{"name": "rota", "calendar": strings.Replace(rota, "TITLE", title, 1), "from": "2030-01-01 00:00", "until": "2030-02-01 00:00"})
		return change(want, "POST", nurses+"/calendars", string(b))
	}
	if text := calendar(http.StatusUnprocessableEntity, "Granny"); !strings.Contains(text, "Granny") {
		t.Errorf("a stranger's title is answered with %s", text)
	}
	if text := calendar(http.StatusOK, "Ola B."); !strings.Contains(text, `"events":1`) {
		t.Errorf("the calendar is answered with %s", text)
	}
	if got := onCall("Nurses", noon); got != "Ola B." {
		t.Errorf("by the calendar it is %q", got)
	}

	var holes struct {
		Holes []struct {
			What, ID, Name string
			From, Until    time.Time
		}
	}
	h.get("centre", "/api/v1/rosters/holes", &holes)
	if n := len(holes.Holes); n < 20 || n > 23 {
		t.Fatalf("%d holes, want one on each working day: %+v", n, holes)
	}
	first := holes.Holes[0]
	if first.What != "roster" || first.Name != "Office" {
		t.Errorf("the first hole is %+v", first)
	}
	b, _ := json.Marshal(map[string]any{"who": []string{"jan"}, "from": first.From, "until": first.Until})
	change(http.StatusNoContent, "POST", first.ID+"/overrides", string(b))
	n := len(holes.Holes)
	h.get("centre", "/api/v1/rosters/holes", &holes)
	if len(holes.Holes) != n-1 || holes.Holes[0].From.Equal(first.From) {
		t.Errorf("after the override there are %d of %d holes, the first %+v", len(holes.Holes), n, holes.Holes[0])
	}
	if status, _ := h.send("technician", "GET", "/api/v1/rosters/holes", ""); status != http.StatusForbidden {
		t.Errorf("a technician's question is answered with %d", status)
	}
	h.stop()
}
