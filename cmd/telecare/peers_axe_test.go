package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"telecare/gateway/gatewaytest"
)

// TestPeersAxe has axe-core, which others wrote, examine every page of the demo
// by the rules of WCAG 2.2 AA that a machine can judge: on a desk and on a phone,
// by day and by night, in English and Polish, quiet, with an alarm that nobody
// has, and with one that somebody attends.
func TestPeersAxe(t *testing.T) {
	accept(t)
	axe, err := os.ReadFile("../../.ci/bin/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: .ci/peers-accept installs it")
	}
	for _, x := range []struct {
		name          string
		width, height int
		mode, lang    string
	}{
		{"desk", 1280, 800, "light", "en"}, {"desk by night", 1280, 800, "night", "pl"},
		{"phone", 360, 740, "dark", "pl"}, {"phone by day", 360, 740, "light", "en"},
	} {
		t.Run(x.name, func(t *testing.T) {
			demo := startDemo(t)
			tab := gatewaytest.Browser(t, x.width, x.height)
			tab.Open(demo.url)
			gatewaytest.Eval[string](tab, fmt.Sprintf(`localStorage.setItem("telecare.mode", %q); document.cookie = "telecare-lang=%s; path=/"; ""`, x.mode, x.lang))
			words := func(en, pl string) string {
				if x.lang == "pl" {
					return pl
				}
				return en
			}
			tab.Open(demo.url)
			tab.One("button", words("Press", "Naciśnij"))
			views := gatewaytest.Eval[string](tab, `[...document.querySelectorAll("nav a")].map(a => a.getAttribute("href")).join(" ")`)
			if n := len(strings.Fields(views)); n < 6 {
				t.Fatalf("%d views: %s", n, views)
			}
			examine := func(what string) {
				t.Helper()
				gatewaytest.Eval[string](tab, string(axe)+`; window.found = null; axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] })
					.then(r => { window.found = JSON.stringify(r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.map(n => "    " + n.html.slice(0, 200) + "\n      " + (n.any[0] || n.all[0] || n.none[0] || {}).message).join("\n")), null, 1); }, e => { window.found = String(e); }); ""`)
				tab.Await(`window.found`)
				if found := gatewaytest.Eval[string](tab, `window.found`); found != "[]" {
					t.Errorf("%s: %s", what, strings.ReplaceAll(strings.ReplaceAll(found, `\n`, "\n"), `\"`, `"`))
				}
			}
			round := func(when string) {
				for _, v := range strings.Fields(views) {
					tab.Open(demo.url)
					tab.Open(strings.TrimSuffix(demo.url, "/") + "/" + strings.TrimPrefix(v, "/"))
					tab.Await(`document.querySelector("main, .board .rooms, h1") && !document.querySelector(".boot")`)
					if n := gatewaytest.Eval[int](tab, `document.querySelectorAll("h1").length`); n == 0 {
						t.Errorf("%s %s has no heading of the first level", v, when)
					}
					examine(v + " " + when)
				}
			}
			round("when all is quiet")
			tab.Open(demo.url)
			tab.Press(words("Press", "Naciśnij"))
			// A technical alarm may be beside it, with buttons of the same names.
			thumb := func(name string) {
				t.Helper()
				tab.Await(fmt.Sprintf(`[...document.querySelectorAll("main .actions button, .thumb button")].some(b => b.innerText.includes(%q) && b.checkVisibility() && !b.matches("[aria-disabled]"))`, name))
			}
			press := func(name string) {
				t.Helper()
				thumb(name)
				gatewaytest.Eval[string](tab, fmt.Sprintf(`[...document.querySelectorAll("main .actions button, .thumb button")].find(b => b.innerText.includes(%q)).click(); ""`, name))
			}
			thumb(words("Take", "Przyjmuję"))
			examine("an alarm that nobody has")
			round("with an alarm that nobody has")
			tab.Open(demo.url)
			press(words("Take", "Przyjmuję"))
			thumb(words("Arrived", "Na miejscu"))
			examine("an alarm that is taken")
			press(words("Arrived", "Na miejscu"))
			thumb(words("Close", "Zamknij"))
			examine("an alarm that is attended")

			// What others than the centre are shown.
			as := func(account, view, shows string) {
				t.Helper()
				base := strings.TrimSuffix(demo.url, "/")
				tab.Open(base + "/offline")
				gatewaytest.Eval[int](tab, fmt.Sprintf(`(window.in = 0, fetch("/api/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: %q, password: "lipowa" }) }).then(r => { window.in = r.status }), 0)`, account))
				tab.Await(`window.in === 200`)
				tab.Open(base + "/" + view)
				tab.Await(fmt.Sprintf(`document.querySelector(%q)`, shows))
				examine(account + " at " + view)
			}
			as("zofia", "", ".own .facts")
			as("olga", "#looks", ".looks tbody tr")
			as("adam", "#account", ".account .lines li")
			gatewaytest.Eval[string](tab, `document.querySelector(".second button").click(); ""`)
			tab.Await(`document.querySelector(".second input[name=password]")`)
			examine("a code that is set up: the password")
			gatewaytest.Eval[string](tab, `(f => { f.elements.password.value = "lipowa"; f.requestSubmit(); return ""; })(document.querySelector(".second form"))`)
			tab.Await(`document.querySelector(".second .qr")`)
			examine("a code that is set up: the picture")
			as("marta", "#people", ".people .line")
			gatewaytest.Eval[string](tab, `document.querySelector(".people .line").click(); ""`)
			tab.Await(`document.querySelector(".glass button")`)
			gatewaytest.Eval[string](tab, `document.querySelector(".glass button").click(); ""`)
			tab.Await(`document.querySelector(".glass textarea")`)
			examine("why without an alarm")
			gatewaytest.Eval[string](tab, `(f => { f.reason.value = "Her daughter rings"; f.requestSubmit(); return ""; })(document.querySelector(".glass form"))`)
			tab.Await(`document.querySelector(".glass.broken h3")`)
			examine("what is shown without an alarm")
		})
	}
}
