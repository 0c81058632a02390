package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestPeersHands does what each view is for in the real gateway's page: by keys
// alone, going from one thing to the next, and again by a finger on a telephone of
// 360 by 740. Nothing is found but by its name, and nothing is pressed that lies
// under something else.
func TestPeersHands(t *testing.T) {
	accept(t)
	gatewaytest.Chromium(t)
	secret := []byte("between the gateway and the phones")
	for _, x := range []struct {
		name          string
		width, height int
		keys          bool
	}{{"keys", 1280, 800, true}, {"touch", 360, 740, false}} {
		t.Run(x.name, func(t *testing.T) {
			phone := gatewaytest.NewPhone(t, secret)
			h := newHome(t, fmt.Sprintf("    - {name: marta, password_hash: %q, person: marta, role: nurse}\n    - {name: olga, password_hash: %q, role: manager}\n"+
				"    - {name: ewa, password_hash: %q, person: ewa, role: family, of: [aniela]}\nchannels:\n"+
				"  - {name: marta-phone, type: webhook, url: %q, secret: %q}\n  - {name: jan-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n",
				passwordHash, passwordHash, passwordHash, phone.URL, secret),
				strings.NewReplacer("zone: Europe", "centre_phone: \"+48 12 000 00 00\"\nzone: Europe", "notes: Blood thinner.", "notes: Blood thinner., key_safe: \"4719\"",
					"  - {key: jan,", "  - {key: ewa, name: Ewa K., role: carer, channels: [jan-phone]}\n  - {key: jan,", "wait: 2s", "wait: 60s").Replace(registryOf)+
					"rosters:\n  - key: nights\n    name: Nurses\n    layers:\n      - {every: day, start: 2026-01-01, hand_over: \"07:00\", turns: [marta, jan]}\n")
			h.start()
			p := gatewaytest.Hand{Tab: gatewaytest.Browser(t, x.width, x.height), Keys: x.keys}
			page := "http://" + h.page + "/"
			// as is somebody who looks at a view; how they sign in is tried by itself.
			as := func(account, path string) {
				t.Helper()
				p.Open(page + "offline")
				gatewaytest.Eval[any](p.Tab, fmt.Sprintf(`(window.in = 0, fetch("/api/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: %q, password: "a good password" }) }).then(r => { window.in = r.status }), 0)`, account))
				p.Await(`window.in === 200`)
				p.Open(page + path)
				p.Await(`document.querySelector("main") && !document.querySelector(".boot")`)
			}
			text := func(words string) { t.Helper(); p.Await(fmt.Sprintf(`document.body?.innerText.includes(%q)`, words)) }
			through := func() {
				t.Helper()
				p.PressUntil("Take", `[...document.querySelectorAll("button")].some(b => b.innerText.startsWith("Arrived") && b.matches(".act"))`)
				p.PressUntil("Arrived", `document.querySelector(".outcomes")`)
				p.Choose("Helped, not hurt")
				p.PressUntil("Close", `document.querySelector(".tick")`)
			}
			for _, row := range []struct {
				view, task string
				do         func()
			}{
				{"sign-in", "sign in", func() {
					p.Open(page)
					p.Write("Name", "centre")
					p.Write("Password", "a good password")
					p.Press("Sign in")
					p.Await(`document.querySelector(".allquiet")`)
				}},
				{"alarms", "raise one by hand, take it, arrive, close it", func() {
					as("centre", "#alarms")
					p.Unfold("Raise an alarm by hand")
					p.Pick("Where", "Room 3")
					p.Press("Raise alarm")
					through()
				}},
				{"link", "come by the link in a call", func() {
					n := len(phone.Calls())
					if status, b := h.send("centre", "POST", "/api/v1/alarms", `{"kind":"fall","place":"`+h.placeID("Room 7, bathroom")+`"}`); status >= 300 {
						t.Fatalf("%d %s", status, b)
					}
					p.Soon("Marta is called", func() bool { all := phone.Calls(); return len(all) > n && all[len(all)-1].Link != "" })
					all := phone.Calls()
					p.Open(all[len(all)-1].Link)
					through()
				}},
				{"board", "leave it for the alarms", func() {
					as("centre", "?board")
					p.Follow("Alarms")
					p.Await(`document.documentElement?.classList.contains("board") === false && document.querySelector("nav")`)
				}},
				{"duty", "go on a break, and end it", func() {
					as("centre", "#duty")
					p.Press("Break of 30 min")
					p.Press("End: Information centre")
					p.One("button", "Break of 30 min")
				}},
				{"rota", "put somebody else on call today", func() {
					as("centre", "#rota")
					p.Await(`document.querySelector(".days .today button")`)
					p.Press(gatewaytest.Eval[string](p.Tab, `document.querySelector(".days .today button").textContent`))
					p.Pick("Who", "Ewa")
					p.Press("Put on call")
					p.Await(`document.querySelector(".opened .said[role=status]")`)
				}},
				{"handover", "read it, and go back", func() {
					as("centre", "handover")
					p.Follow("All alarms")
					p.Await(`document.querySelector("nav")`)
				}},
				{"people", "add somebody, and take it back", func() {
					as("centre", "#people")
					p.Press("Add a resident")
					p.Write("Name", "Olek Nowak")
					p.Press("Save")
					text("Saved: Olek Nowak.")
					p.Press("Undo")
					text("Taken back")
				}},
				{"people, without an alarm", "read notes and a code for a reason", func() {
					as("marta", "#people")
					p.Press("A. K. Room 7, bathroom")
					p.Press("Notes and key-safe without an alarm: A. K.")
					p.Write("Why it must be", "Her daughter rings: nobody opens")
					p.Press("Open, and write it down")
					text("Blood thinner.")
					p.Press("Show code")
					text("4719")
				}},
				{"devices", "try one", func() {
					as("centre", "#devices")
					p.Follow("Pendant, room 7")
					p.Press("Test for 30 min")
					text("press it now")
				}},
				{"journal", "tell an alarm again, a step back", func() {
					as("centre", "#journal")
					p.Await(`document.querySelector("main.journal tbody a")`)
					p.Follow(gatewaytest.Eval[string](p.Tab, `document.querySelector("main.journal tbody a").textContent`))
					p.Press("The thing before")
					p.Await(`document.querySelector(".timeline .unknown")`)
				}},
				{"thisphone", "learn why this one cannot ring", func() {
					as("marta", "#thisphone")
					text("telecare.yaml has no channel of type push")
				}},
				{"report", "make one", func() {
					as("olga", "report")
					p.Press("Show")
					p.Await(`location.search.includes("month=")`)
				}},
				{"settings", "test a way to reach people", func() {
					as("centre", "#settings")
					p.Press("Test silently: marta-phone")
					p.Await(`[...document.querySelectorAll(".channels li")].some(e => /marta-phone.*(tested|well)/s.test(e.innerText))`)
				}},
				{"looks", "find those of one person", func() {
					as("olga", "#looks")
					text("asked for without an alarm")
					p.Pick("Who", "Marta")
					p.Await(`(rows => rows.length && rows.every(r => r.innerText.includes("Marta W.")))([...document.querySelectorAll(".looks tbody tr")])`)
				}},
				{"account", "sign out where one has forgotten to", func() {
					as("ewa", "#account")
					h.signIn("ewa", strings.TrimSuffix(page, "/"))
					as("ewa", "#account")
					p.Press("Sign out at the other place")
					text("Nowhere else.")
				}},
				{"own", "read how one's person is, and ring", func() {
					as("ewa", "")
					text("Aniela Kowalczyk")
					text("Room 7, bathroom")
					if p.Keys {
						p.Reach("link", "Ring the information centre +48 12 000 00 00")
					}
					p.Press("Polski")
					text("Zadzwoń do centrum informacji")
					p.Press("English")
					text("What was sent to you")
				}},
			} {
				start := time.Now()
				t.Logf("%s: %s", row.view, row.task)
				row.do()
				if x.width < 600 {
					onScreen(t, p.Tab)
				}
				t.Logf("%s: done by %s in %.1f s", row.view, x.name, time.Since(start).Seconds())
			}
		})
	}
}

// placeID is the opaque id of a place.
func (h *home) placeID(name string) string {
	h.t.Helper()
	var site struct{ Places []struct{ ID, Name string } }
	h.get("centre", "/api/v1/site", &site)
	for _, p := range site.Places {
		if p.Name == name {
			return p.ID
		}
	}
	h.t.Fatalf("there is no place %q", name)
	return ""
}
