package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestCarersAreTold: a daughter who is in no step reads that it is raised, that
// somebody is there, and how it ended, and at her hour what is known of her
// mother; over a kill, too. Whoever is called is called as ever.
func TestCarersAreTold(t *testing.T) {
	beside(t)
	if warsaw, err := time.LoadLocation("Europe/Warsaw"); err != nil || time.Now().In(warsaw).Format("15:04") > "23:40" {
		t.Skip("nobody is told the signs of life twice around midnight")
	}
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	registry := func(more string) string {
		return `site: lipowa
zone: Europe/Warsaw
language: pl
last_resort: centre
default_policy: home
places: [{key: flat, name: Mieszkanie 3}]
residents:
  - {key: anna, name: Żaneta Kowalczyk, inform: [{who: ewa, of: [raised, there, closed]` + more + `}]}
stays: [{resident: anna, place: flat, kind: home, from: 2026-01-05}]
responders:
  - {key: marta, name: Marta W., role: nurse, channels: [phone]}
  - {key: ewa, name: Ewa K., role: carer, channels: [family]}
  - {key: centre, name: Centrum, role: centre, channels: [phone]}
policies: [{key: home, steps: [{call: [marta], wait: 10m}]}]
devices:
  - {key: own0, name: Pendant, address: telecare/own0, role: panic, resident: anna}
  - {key: door, name: Door, address: telecare/door, role: none, place: flat}
`
	}
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
  - {name: family, type: webhook, url: %[2]q, secret: %[3]s, says: name}
`, own, phone.URL, phoneSecret), registry(`, signs_of_life: "23:59"`))
	h.start()
	p := newPresser(t, "tcp://"+own)
	news := func(want string) {
		t.Helper()
		phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool {
			return r.Reason == "inform" && r.Link == "" && regexp.MustCompile("^"+want+"$").MatchString(r.Text)
		})
	}
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	call := phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Reason == "call" })
	news(`Do wiadomości: Wezwanie pomocy, Żaneta Kowalczyk, Mieszkanie 3, \d\d:\d\d\. Wzywamy pomoc\.`)
	link, err := url.Parse(call.Link)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(what string) {
		t.Helper()
		resp, err := http.Post("http://"+h.page+strings.Replace(link.Path, "/a/", "/api/v1/links/", 1)+"/"+what, "application/json", strings.NewReader("{}"))
		if err != nil || resp.StatusCode != http.StatusNoContent {
			t.Fatal(what, resp, err)
		}
		resp.Body.Close()
	}
	answer("take")
	answer("arrive")
	news(`Pomoc na miejscu: Wezwanie pomocy, Żaneta Kowalczyk, Mieszkanie 3, \d\d:\d\d\.`)
	p.close()
	h.kill()
	h.start()
	h.command("alarms", "close", "1", "--outcome", "hurt")
	news(`Zakończono: Wezwanie pomocy, Żaneta Kowalczyk, Mieszkanie 3, \d\d:\d\d\. Obrażenia: wezwano lekarza\.`)

	// Her hour becomes one that is past before anything was told that day.
	p = newPresser(t, "tcp://"+own)
	defer p.close()
	for _, open := range []string{"1", "0"} {
		p.publish("door", "telecare/lipowa/door/reading", `{"readings":[{"quantity":"contact","value":`+open+`}]}`)
	}
	h.write("registry.yaml", registry(`, signs_of_life: "00:00"`))
	h.command("apply", "-f", "registry.yaml")
	news(`Żaneta Kowalczyk, Mieszkanie 3, \d\d:\d\d\. Ostatni znak życia \d\d:\d\d \(drzwi\)\. Wszystko jak zwykle\.`)
	h.stop()
	told := map[string]int{}
	for _, r := range phone.Rang() {
		if r.Reason == "inform" {
			told[r.Text]++
		}
	}
	for text, n := range told {
		if n > 1 || len(told) != 4 {
			t.Errorf("told %d times: %s", n, text)
		}
	}
}
