package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Technical alarms stand under those of people, as what they are, and are found
// by their number as those are; programs get what the gateway says.
func TestTechnicalAlarmsAreListed(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	const technical = `{"id":"a-2","number":2,"kind":"technical","state":"raised","place":"zigbee","raised_at":"2026-11-23T02:00:00Z","faults":{"root":"zigbee","count":3,"codes":["link_lost","battery_low"]}}`
	const all = `{"seq":4,"alarms":[{"id":"a-9","number":9,"kind":"panic","state":"raised","place":"Room 1"}],"technical_alarms":[` + technical + `]}`
	body := all
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.RequestURI())
		switch strings.TrimPrefix(r.URL.Path, "/api/v1") {
		case "/alarms":
			w.Write([]byte(body))
		case "/alarms/a-2":
			w.Write([]byte(technical))
		case "/site":
			w.Write([]byte(`{"zone":"Europe/Warsaw"}`))
		}
	}))
	defer server.Close()
	at := remote{URL: server.URL}
	run := func(f func(streams) error) string {
		t.Helper()
		var out bytes.Buffer
		if err := f(streams{out: &out, err: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}

	got := run(func(s streams) error { return (&alarmsList{remote: at}).Run(t.Context(), s) })
	lines := strings.Split(got, "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[1], "9   raised  panic ") || !strings.HasPrefix(lines[2], "2   raised  technical: link_lost, battery_low  zigbee  2026-11-23 03:00:00 ") {
		t.Errorf("the list is\n%s", got)
	}
	if got := run(func(s streams) error { return (&alarmsShow{which{at, "2"}}).Run(t.Context(), s) }); !strings.HasPrefix(got, "alarm 2: technical: link_lost, battery_low, raised\n") {
		t.Errorf("shown as\n%s", got)
	}
	asked = nil
	run(func(s streams) error { return (&alarmsTake{which{at, "#2"}}).Run(t.Context(), s) })
	if want := "POST /api/v1/alarms/a-2/take"; len(asked) != 2 || asked[1] != want {
		t.Errorf("taking it asks %q, want %q", asked, want)
	}
	at.JSON = true
	if got := run(func(s streams) error { return (&alarmsList{remote: at}).Run(t.Context(), s) }); got != all {
		t.Errorf("as JSON\n%s", got)
	}
	t.Setenv("LC_ALL", "pl_PL.UTF-8")
	at.JSON, body = false, strings.Replace(all, `"alarms":[{"id":"a-9","number":9,"kind":"panic","state":"raised","place":"Room 1"}]`, `"alarms":[]`, 1)
	if got := run(func(s streams) error { return (&alarmsList{remote: at}).Run(t.Context(), s) }); !strings.Contains(got, "2   nikt nie przyjął  Usterka: ") {
		t.Errorf("in Polish\n%s", got)
	}
}
