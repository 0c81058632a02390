package dashboards

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"telecare/gateway/gatewaytest"
)

// On a phone, by the keys alone, Marta has a code asked for beside her password,
// with a device that shows real ones, and takes it away again. An administrator
// takes it from her when her telephone is lost.
func TestSetUpACodeOnThePage(t *testing.T) {
	h := newHouse(t, newWard(same), func(o *Options) { o.Seconds = &drawer{} })
	tab := gatewaytest.Browser(t, 360, 740)
	tab.Open(h.url + "#account")
	tab.SignIn("marta", wardWord)
	other := h.caller(t, "marta")
	enter := func(button string) { // on the one with these words, by the Tab key
		t.Helper()
		for range 60 {
			if gatewaytest.Eval[string](tab, `document.activeElement.innerText || ""`) == button {
				tab.Key(kb.Enter)
				return
			}
			tab.Key(kb.Tab)
		}
		t.Fatalf("the Tab key never comes to %q:\n%s", button, tab.Text())
	}
	at := func(field string) { t.Helper(); tab.Await(`document.activeElement.name === "` + field + `"`) }
	said := func(text string) {
		t.Helper()
		tab.Await(`document.getElementById("second-said")?.innerText.includes("` + text + `")`)
		whole(t, tab)
	}
	tab.Await(`document.querySelector(".second button")`)
	enter("Set up a code")
	at("password")
	tab.Key("wrong" + kb.Enter)
	said("The name or the password is not right.")
	at("password") // chosen, to be typed over
	tab.Key(wardWord + kb.Enter)
	tab.Await(`document.activeElement.innerText === "Put this into the app" && document.querySelector(".second .qr path")`)
	whole(t, tab)
	tab.Shot("second-phone-device")
	secret := gatewaytest.Eval[string](tab, `document.querySelector(".second code").innerText`)
	if link := gatewaytest.Eval[string](tab, `document.querySelector(".second a").getAttribute("href")`); !strings.HasPrefix(link, "otpauth://totp/") || !strings.HasSuffix(link, strings.ReplaceAll(secret, " ", "")) {
		t.Errorf("the link is %q, the secret %q", link, secret)
	}
	gatewaytest.Eval[any](tab, `document.querySelector(".second input").focus()`)
	tab.Key("000000" + kb.Enter)
	said("The code is not right")
	other.want(200, "GET", "/api/v1/session", "")
	tab.Key(shows(t, secret, 0) + kb.Enter)
	tab.Await(`document.querySelectorAll(".second .papers li").length === 8 && document.activeElement.innerText === "Write these down"`)
	other.want(401, "GET", "/api/v1/session", "")
	whole(t, tab)
	tab.Shot("second-phone-papers")
	paper := gatewaytest.Eval[string](tab, `document.querySelector(".second .papers code").innerText`)
	enter("They are written down")
	tab.Await(`document.activeElement.innerText === "Ask for no code any more"`)
	if text := tab.Text(); !strings.Contains(text, "A code is asked for when you sign in.") || strings.Contains(text, paper) || strings.Contains(text, secret) {
		t.Errorf("then it shows:\n%s", text)
	}
	tab.Key(kb.Enter)
	at("password")
	tab.Key(wardWord + kb.Tab + paper)
	whole(t, tab)
	tab.Shot("second-phone-remove")
	tab.Key(kb.Enter)
	tab.Await(`document.querySelector(".second")?.innerText.includes("The password is enough to sign in.")`)
	other = h.caller(t, "marta")
	other.want(200, "PUT", "/api/v1/session/code", coded(shows(t, other.begins().Secret, 1)))

	desk := gatewaytest.Browser(t, 1280, 800)
	desk.Open(h.url + "#account")
	desk.SignIn("adam", wardWord)
	desk.Press("Set up a code")
	desk.Await(`document.activeElement.name === "password"`)
	desk.Key(wardWord + kb.Enter)
	desk.Await(`document.querySelector(".second .qr")`)
	whole(t, desk)
	desk.Shot("second-desk-device")
	gatewaytest.Eval[any](desk, `location.hash = "#settings"`)
	desk.Await(`document.getElementById("user marta")`)
	gatewaytest.Eval[any](desk, `document.getElementById("user marta").click()`)
	desk.Press("Ask marta for no code any more")
	desk.Await(`document.querySelector(".users .said")?.innerText.includes("No code is asked for any more.")`)
	whole(t, desk)
	desk.Shot("users-desk-code")
	other.want(401, "GET", "/api/v1/session", "")
	h.caller(t, "marta")
}
