package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestSlowBy30Seconds has one channel after another answer half a minute late in
// a gateway that has them all, for one person each, and a step that calls
// everybody. The others have their call before the slow one has answered; and
// that one has it once, where a receiver can tell, and counts as reached.
func TestSlowBy30Seconds(t *testing.T) {
	accept(t)
	at := map[string]string{ // with the other side's address
		"webhook":  `type: webhook, url: "http://%s/call", secret: ` + hookToken,
		"kannel":   `type: kannel, url: "http://%s/cgi-bin/sendsms", username: a, password: b`,
		"sms":      `type: sms, url: "http://%s/{id}", body: "to={to}&text={text}"`,
		"ntfy":     `type: ntfy, url: "http://%s"`,
		"shoutrrr": `type: shoutrrr, url: "generic://%s/?disabletls=yes"`,
		"email":    `type: email, host: 127.0.0.1, security: none, from: telecare@example.org, port: "%s"`,
		"modem":    `type: modem, mode: sms, port: %q`,
	}
	all := ends()
	delete(all, "push") // its phones are no addresses in a file: the contract of all channels tries it
	if want := slices.Sorted(maps.Keys(all)); !slices.Equal(want, slices.Sorted(maps.Keys(at))) {
		t.Fatalf("there are other channels: %q", want)
	}
	for late := range at {
		t.Run(late, func(t *testing.T) {
			t.Parallel()
			own := gatewaytest.FreePort(t)
			yaml, people, call := fmt.Sprintf("sources: [{name: own, type: broker, listen: %q}]\nchannels:\n", own), "", []string{}
			far := map[string]end{}
			for name, e := range all {
				far[name] = e.new(t)
				where := ""
				switch f := far[name].(type) {
				case *farEnd:
					where = f.host
				case *gsm:
					where = f.sim.Port()
				}
				if name == "email" {
					where = strings.TrimPrefix(where, "127.0.0.1:")
				}
				yaml += fmt.Sprintf("  - {name: %s, %s}\n", name, fmt.Sprintf(at[name], where))
				people += fmt.Sprintf("  - {key: %s, name: %s, role: nurse, channels: [{channel: %s, address: %q}]}\n", name, name, name, e.address)
				call = append(call, name)
				far[name].be(map[bool]string{true: waySlow, false: wayWell}[name == late])
			}
			people = strings.ReplaceAll(people, `, address: ""`, "")
			slices.Sort(call)
			h := newHome(t, yaml, fmt.Sprintf(`site: lipowa
zone: Europe/Warsaw
language: en
last_resort: centre
default_policy: ward
places: [{key: room, name: Room 7}]
responders:
  - {key: centre, name: Centre, role: centre, channels: [webhook]}
%spolicies: [{key: ward, steps: [{call: [%s], wait: 10m}]}]
devices: [{key: own0, name: Pendant, address: telecare/own0, role: panic, place: room}]
`, people, strings.Join(call, ", ")))
			h.start()
			p := newPresser(t, "tcp://"+own)
			defer p.close()
			p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
			pressed := time.Now()
			accepted := func(name string) bool {
				return h.metrics()[fmt.Sprintf("telecare_notifications_total{channel=%q}", name)] >= 1
			}
			h.eventually("all others are called while one is slow", 25*time.Second, func() bool {
				for name, e := range far {
					if len(e.took()) == 0 || name != late && !accepted(name) {
						return false
					}
				}
				return true
			})
			if accepted(late) {
				t.Errorf("%s was not slow", late)
			}
			<-time.After(time.Until(pressed.Add(30 * time.Second)))
			far[late].be(wayWell)
			h.eventually("the slow one has it", 30*time.Second, func() bool { return accepted(late) })
			for name, e := range far {
				took := e.took()
				if n := len(slices.Compact(slices.Clone(took))); n != 1 {
					t.Errorf("%s: %d calls, want one: %q", name, n, took)
				}
				if name != late && len(took) != 1 {
					t.Errorf("%s, which was well, was called %d times", name, len(took))
				}
			}
			t.Logf("%s came %d times", late, len(far[late].took()))
			h.stop()
		})
	}
}
