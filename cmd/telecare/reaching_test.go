package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

const (
	hookToken = "0123456789abcdef0123456789abcdef"
	// textsReg are two nurses, of whom the first has a telephone and a topic.
	textsReg = `site: lipowa
zone: Europe/Warsaw
language: en
last_resort: centre
default_policy: ward
places: [{key: room, name: Room 7}]
responders:
  - {key: marta, name: Marta W., role: nurse, channels: [{channel: sms, address: "600 100 200"}, {channel: push, address: marta-x7, after: 3m}]}
  - {key: jan, name: Jan Z., role: nurse, channels: [{channel: sms, address: "+48 601 100 200"}]}
  - {key: centre, name: Information centre, role: centre, channels: [{channel: sms, address: "+48 602 100 200"}]}
policies: [{key: ward, steps: [{call: [marta], wait: 10m}, {call: [jan], wait: 10m}]}]
devices: [{key: own0, name: Pendant, address: telecare/own0, role: panic, place: room}]
`
)

// TestTextsAndPushes goes through what an SMS gateway and ntfy do with a call: a
// text that did not arrive has the next contact called at once, a button under a
// notification takes the alarm, and a text back declines it.
func TestTextsAndPushes(t *testing.T) {
	beside(t)
	sms, push := make(chan url.Values, 100), make(chan map[string]any, 100)
	smsc := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); !strings.HasPrefix(q.Get("text"), "No need") {
			sms <- q
		}
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "0: Accepted for delivery")
	}))
	t.Cleanup(smsc.Close)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m map[string]any
		if json.NewDecoder(r.Body).Decode(&m) == nil {
			push <- m
		}
		io.WriteString(w, `{"id":"x1","event":"message"}`)
	}))
	t.Cleanup(server.Close)
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels:
  - {name: sms, type: kannel, url: "%s/cgi-bin/sendsms", username: telecare, password: hush, reports: {url: "http://127.0.0.1:8080"}, token: %s}
  - {name: push, type: ntfy, url: %q}
`, own, smsc.URL, hookToken, server.URL), textsReg)
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)

	text := next(t, sms)
	if to := text.Get("to"); to != "600100200" || !strings.Contains(text.Get("text"), "Room 7") {
		t.Fatalf("sent %v", text)
	}
	// The report goes to where we said, but for the port of this test's page.
	report, err := url.Parse(strings.Replace(text.Get("dlr-url"), "%d", "2", 1))
	if err != nil || report.Host != "127.0.0.1:8080" {
		t.Fatal(report, err)
	}
	ask := func(path, query string) (int, string) {
		t.Helper()
		resp, err := http.Get("http://" + h.page + path + "?" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	hook := "/hooks/sms/" + hookToken
	for _, path := range []string{"/hooks/sms/" + strings.Repeat("0", 32), "/hooks/push/" + hookToken, "/hooks/none/" + hookToken} {
		if status, _ := ask(path+"/report", report.RawQuery); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
	if status, body := ask(report.Path, report.RawQuery); status != http.StatusOK {
		t.Fatal(status, body)
	}
	m := next(t, push)
	if m["topic"] != "marta-x7" || m["priority"] != 5.0 {
		t.Errorf("pushed %v", m)
	}
	if got := h.metrics()[`telecare_notifications_missed_total{channel="sms"}`]; got != 1 {
		t.Errorf("%v messages are counted as missed", got)
	}

	// What comes from a telephone that reports by itself, or from a stranger.
	for query, want := range map[string]string{"from=%2B48600100200&text=I+am+driving": "", "from=%2B48699999999&text=1": ""} {
		if status, body := ask(hook+"/text", query); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", query, status, body)
		}
	}
	// The button under the notification.
	button := m["actions"].([]any)[0].(map[string]any)
	take, err := url.Parse(button["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post("http://"+h.page+take.Path, "application/json", strings.NewReader(button["body"].(string)))
	if err != nil || resp.StatusCode != http.StatusNoContent {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	h.eventually("she has it", 5*time.Second, func() bool { return strings.Contains(h.command("alarms"), "acknowledged") })
	// The text that reached her is none that she can answer by: it was missed.
	if status, body := ask(hook+"/text", "from=%2B48600100200&text=2"); status != http.StatusOK || !strings.HasPrefix(body, "There is no call") {
		t.Errorf("%d %q", status, body)
	}

	// The next one arrives, and is declined and taken by text.
	h.command("alarms", "close", "1", "--outcome", "helped")
	accepted := func() float64 { return h.metrics()[`telecare_notifications_total{channel="sms"}`] }
	before := accepted()
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	next(t, sms)
	h.eventually("the text is known to be accepted", 5*time.Second, func() bool { return accepted() > before }) // nobody answers before
	h.eventually("it is delivered", 5*time.Second, func() bool {
		_, body := ask(hook+"/text", "from=%2B48600100200&text=2")
		return body == "You cannot come to: Help wanted, Room 7. Others are called."
	})
	if text = next(t, sms); text.Get("to") != "+48601100200" {
		t.Fatalf("called %v", text)
	}
	// No thumb is as fast as this test: what the page and answers know follows a
	// call by a moment.
	h.eventually("it is taken", 5*time.Second, func() bool {
		_, body := ask(hook+"/text", "from=%2B48601100200&text=1")
		return body == "You have it: Help wanted, Room 7."
	})
	h.eventually("the other one is told who has it", 5*time.Second, func() bool {
		_, body := ask(hook+"/text", "from=%2B48600100200&text=1")
		return body == "Help wanted, Room 7: Jan Z. has it already."
	})
	h.stop()
}

func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(15 * time.Second):
		t.Fatal("nothing was sent")
		panic("not reached")
	}
}
