package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/webpush"
	"telecare/gateway"
	"telecare/gateway/config"
	"telecare/gateway/gatewaytest"
)

const pushReg = `site: lipowa
zone: Europe/Warsaw
language: pl
last_resort: centre
default_policy: ward
places: [{key: room, name: Room 7}]
responders:
  - {key: centre, name: Information centre, role: centre, channels: [phones]}
policies: [{key: ward, steps: [{call: [centre], wait: 10m}]}]
devices: [{key: own0, name: Pendant, address: telecare/own0, role: panic, place: room}]
`

// pushedMessage is what a phone reads.
type pushedMessage struct {
	Kind, Title, Open, Receipt string
	Take                       struct{ Post string }
}

// TestPush has somebody switch a phone on, and be called by it: after a kill -9
// too, until its push service does not know it any more.
func TestPush(t *testing.T) {
	beside(t)
	service := gatewaytest.NewPushService(t)
	own := gatewaytest.FreePort(t)
	yaml := func(subject string) string {
		return fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels: [{name: phones, type: push, subject: %q, ca_file: %q, allow_private: true}]
`, own, subject, service.CAFile())
	}
	h := newHome(t, yaml("mailto:piotr@example.org"), pushReg)
	h.start()

	var list struct {
		Key    string
		Called bool
		Phones []struct {
			ID, Name string
			ShownAt  time.Time `json:"shown_at"`
		}
	}
	look := func() int {
		t.Helper()
		list.Phones = nil
		h.get("centre", "/api/v1/phones", &list)
		return len(list.Phones)
	}
	if n := look(); n != 0 || list.Key == "" || !list.Called {
		t.Fatalf("%+v", list)
	}
	if out := h.command("check"); !strings.Contains(out, "good") {
		t.Error(out)
	}
	browser := service.Subscribe(list.Key)
	phone := func(endpoint, key string) string {
		b, _ := json.Marshal(map[string]string{"name": "Android, Chrome", "endpoint": endpoint, "p256dh": key, "auth": browser.Auth})
		return string(b)
	}
	// Who is nobody that is called has none, and nothing else is taken for one.
	if status, b := h.send("technician", http.MethodPost, "/api/v1/phones", phone(browser.Endpoint, browser.P256dh)); status != http.StatusForbidden {
		t.Errorf("the technician: %d %s", status, b)
	}
	if status, b := h.send("centre", http.MethodPost, "/api/v1/phones", phone("ftp://push.example.org", browser.P256dh)); status != http.StatusUnprocessableEntity || strings.Contains(string(b), "ftp:") {
		t.Errorf("%d %s", status, b)
	}
	if status, b := h.send("centre", http.MethodPost, "/api/v1/phones", phone(browser.Endpoint, browser.P256dh)); status != http.StatusCreated {
		t.Fatalf("%d %s", status, b)
	}
	next := func() (m pushedMessage) {
		t.Helper()
		select {
		case p := <-service.Pushed:
			if err := json.Unmarshal(p.Text, &m); err != nil {
				t.Fatal(err)
			}
			return m
		case <-time.After(20 * time.Second):
			t.Fatal("nothing was pushed")
			return m
		}
	}
	post := func(path, body string) int {
		t.Helper()
		resp, err := http.Post("http://"+h.page+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	// The first message is a try; the phone says that it showed it.
	m := next()
	if m.Kind != "try" || m.Title != "Ten telefon dzwoni" {
		t.Errorf("%+v", m)
	}
	if status := post("/api/v1/phone-receipts", `{"receipt":"`+m.Receipt+`"}`); status != http.StatusNoContent {
		t.Errorf("a receipt is answered with %d", status)
	}
	if status := post("/api/v1/phone-receipts", `{"receipt":"`+m.Receipt+`"}`); status != http.StatusNotFound {
		t.Errorf("a receipt that was used is answered with %d", status)
	}
	if look() != 1 || list.Phones[0].Name != "Android, Chrome" || list.Phones[0].ShownAt.IsZero() {
		t.Errorf("%+v", list)
	}
	h.eventually("the contact is known to work", 10*time.Second, func() bool {
		lines := strings.Split(h.command("channels"), "\n")
		return len(lines) > 2 && strings.Contains(lines[2], "Information centre") && strings.Contains(lines[2], "well")
	})

	key := list.Key
	h.kill()
	h.start()
	if look() != 1 || list.Key != key {
		t.Fatalf("after a kill: %+v", list)
	}
	if out := h.command("check", "--online"); !strings.Contains(out, "the push services of 1 phones answer; none was rung") {
		t.Error(out)
	}
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	press := func() { p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`) }
	press()
	if m = next(); m.Kind != "call" || m.Title != "ALARM: Wezwanie pomocy, Room 7" || !strings.HasPrefix(m.Open, "/a/") {
		t.Errorf("%+v", m)
	}
	if status := post("/api/v1/phone-receipts", `{"receipt":"`+m.Receipt+`"}`); status != http.StatusNoContent {
		t.Errorf("a receipt is answered with %d", status)
	}
	if got := h.metrics()[`telecare_notifications_arrived_total{channel="phones"}`]; got != 1 {
		t.Errorf("%v calls have arrived", got)
	}
	if status := post(m.Take.Post, "{}"); status != http.StatusNoContent {
		t.Fatalf("taking it is answered with %d", status)
	}
	if all := h.alarms()["Pendant"]; len(all) != 1 || all[0].State != "acknowledged" {
		t.Errorf("%+v", all)
	}
	// Its link lets nobody have a phone ring for good.
	if status := post("/api/v1/links"+strings.TrimPrefix(m.Open, "/a")+"/phones", phone(browser.Endpoint, browser.P256dh)); status != http.StatusForbidden {
		t.Errorf("a link has a phone ring: %d", status)
	}

	// Another configuration of the channel has the same phones.
	h.rewire(yaml("https://example.org/telecare"))
	if out, err := h.reload(); err != nil || !strings.Contains(out, "channel phones: changed") {
		t.Error(out, err)
	}
	h.command("alarms", "close", "1", "--outcome", "helped")
	press()
	if m = next(); m.Kind != "call" {
		t.Errorf("%+v", m)
	}

	// A push service that forgets the only phone is a fault of that contact.
	h.command("alarms", "close", "2", "--outcome", "helped")
	service.Answer(browser, http.StatusGone, "")
	press()
	h.eventually("the phone is forgotten", 10*time.Second, func() bool { return look() == 0 })
	fault := func() bool {
		var faults struct {
			Faults []struct{ Code, Subject string }
		}
		h.get("centre", "/api/v1/faults", &faults)
		for _, f := range faults.Faults {
			if f.Code == "contact_bad" && strings.HasSuffix(f.Subject, "/phones") {
				return true
			}
		}
		return false
	}
	channels := func() string { return h.command("channels") }
	h.eventually("the contact is known not to work", 10*time.Second, func() bool { return strings.Contains(channels(), "Information centre  failed: no phone") })
	// Switched on again it works again, and calls go on by it.
	service.Answer(browser, 0, "")
	if status, b := h.send("centre", http.MethodPost, "/api/v1/phones", phone(browser.Endpoint, browser.P256dh)); status != http.StatusCreated {
		t.Fatalf("%d %s", status, b)
	}
	h.eventually("nothing is known against it", 10*time.Second, func() bool { return !strings.Contains(channels(), "Information centre  failed") && !fault() })
	look()
	if status, b := h.send("centre", http.MethodDelete, "/api/v1/phones/"+list.Phones[0].ID, ""); status != http.StatusNoContent || look() != 0 {
		t.Errorf("%d %s", status, b)
	}

	h.command("backup", "copy")
	for _, name := range []string{"phones.json", "push.key"} {
		if info, err := os.Stat(filepath.Join(h.dir, "copy", name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s in the backup: %v", name, err)
		}
	}
	h.stop()
	log, err := os.ReadFile(filepath.Join(h.dir, "log"))
	if err != nil || bytes.Contains(log, []byte(browser.Endpoint)) || bytes.Contains(log, []byte("/push/")) {
		t.Error("the log says where a phone is reached", err)
	}
}

// onePhone is everybody's.
type onePhone struct{ webpush.Phone }

func (p onePhone) Of(alerting.Person) []webpush.Phone { return []webpush.Phone{p.Phone} }
func (p onePhone) All() []webpush.Phone               { return []webpush.Phone{p.Phone} }
func (onePhone) Gone(alerting.Person, webpush.Phone)  {}
func (onePhone) Proven(alerting.Person) bool          { return false }

// pushTo is the channel of a phone whose push service is a machine.
func pushTo(t *testing.T, c *config.Push, host string) gateway.Notifier {
	t.Helper()
	keys, err := webpush.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	phone, err := webpush.ReadPhone("http://"+host+"/push", keys.Public(), "BTBZMqHH6r4Tts7J_aSIgg", true) // any point of the curve
	if err != nil {
		t.Fatal(err)
	}
	n, err := webpush.New(webpush.Config{Name: "far", Keys: keys, Subject: c.Subject, Timeout: c.Timeout, Private: true, Phones: onePhone{phone}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
