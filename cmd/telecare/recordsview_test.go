package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"telecare/gateway/gatewaytest"
)

const recordChannels = "channels:\n  - {name: marta-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n" +
	"  - {name: jan-phone, type: webhook, url: \"http://127.0.0.1:9/\", secret: 0123456789abcdef0123456789abcdef}\n"

// view opens a view of the page, signed in by its form.
func (h *home) view(account, key string, width, height int) *gatewaytest.Tab {
	h.t.Helper()
	tab := gatewaytest.Browser(h.t, width, height)
	tab.Open("http://" + h.page + "/#" + key)
	tab.SignIn(account, "a good password")
	tab.Await(`document.querySelector(".` + key + ` main h2")`)
	return tab
}

// onScreen fails when the page can be scrolled sideways, or when a button on a phone
// is too small for a thumb.
func onScreen(t *testing.T, tab *gatewaytest.Tab) {
	t.Helper()
	tab.Fits("main button, main select, main input:not([type=checkbox])")
}

// typed types into a field as it is called in the registry.
func typed(tab *gatewaytest.Tab, name, text string) {
	gatewaytest.Eval[any](tab, `(() => { const e = document.getElementsByName("`+name+`")[0]; e.value = "`+text+`"; e.dispatchEvent(new Event("change", { bubbles: true })); })()`)
}

// TestPeopleView: the centre adds somebody by keys alone and takes it back; with
// a thumb it puts somebody in a room, is told at the field what is wrong, and an
// alarm shows where that is on the plan. In Polish, too.
func TestPeopleView(t *testing.T) {
	gatewaytest.Chromium(t)
	h := newHome(t, recordChannels, strings.NewReplacer(
		`way_in: "Second door left of the lift."}`, `way_in: "Second door left of the lift.", plan: {floor: Ground floor, x: 0, y: 0, w: 5, h: 4}}`,
		"name: Room 3}", "name: Room 3, plan: {floor: Ground floor, x: 5, y: 0, w: 4, h: 4}}").Replace(registryOf))
	h.start()

	desk := h.view("centre", "people", 1280, 900)
	desk.Await(`document.querySelectorAll(".plan > svg .room").length === 2`)
	if text := desk.Text(); strings.Contains(text, "Kowalczyk") || !strings.Contains(text, "A. K.") {
		t.Errorf("the list shows initials alone:\n%s", text)
	}
	desk.Shot("people-desk")
	gatewaytest.Eval[any](desk, `[...document.querySelectorAll("button")].find(b => b.textContent === "Add a resident").focus()`)
	desk.Key(kb.Enter)
	desk.Await(`document.activeElement.name === "name"`)
	desk.Key("Olek Żuk")
	desk.Key(kb.Tab)
	desk.Key("old")
	desk.Key(kb.Enter)
	desk.Await(`document.activeElement.name === "born" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	desk.Await(`document.getElementById(document.activeElement.getAttribute("aria-describedby")).textContent.includes("want a whole number")`)
	desk.Shot("people-desk-wrong")
	gatewaytest.Eval[any](desk, `document.activeElement.select()`)
	desk.Key("1950")
	desk.Key(kb.Enter)
	desk.Await(`document.querySelector(".told")?.textContent.includes("Saved: Olek Żuk.")`)
	if out := h.command("export"); !strings.Contains(out, "key: olek-zuk") {
		t.Errorf("the registry has no Olek:\n%s", out)
	}
	gatewaytest.Eval[any](desk, `document.querySelector(".told button").focus()`)
	desk.Key(kb.Enter)
	desk.Await(`document.querySelector(".told")?.textContent.includes("Taken back")`)
	if out := h.command("export"); strings.Contains(out, "Olek") {
		t.Error("what was taken back is there")
	}

	phone := h.view("centre", "people", 360, 740)
	phone.Press("A. K. Room 7, bathroom")
	phone.Press("Change: Room 7, bathroom, 1 Jan 00:00")
	phone.Await(`document.querySelector("form.record")`)
	onScreen(t, phone)
	phone.Shot("people-phone-form")
	typed(phone, "until", "2025-12-01")
	phone.Press("Save")
	phone.Await(`document.querySelector("form.record .said")?.textContent.includes("Not saved")`)
	typed(phone, "until", "")
	typed(phone, "place", "room-3")
	phone.Press("Save")
	phone.Await(`document.querySelector(".told")?.textContent.includes("Saved")`)
	phone.Await(`document.querySelector(".line").textContent.includes("Room 3")`)
	onScreen(t, phone)
	phone.Shot("people-phone")
	phone.Press("Polski")
	phone.Await(`document.querySelector(".people main h2")?.textContent.includes("Podopieczni")`)
	onScreen(t, phone)
	phone.Shot("people-pl-phone")

	var site struct{ Places []struct{ ID, Name string } }
	h.get("centre", "/api/v1/site", &site)
	if status, b := h.send("centre", "POST", "/api/v1/alarms", `{"kind":"fall","place":"`+site.Places[1].ID+`"}`); status >= 300 {
		t.Fatalf("%d %s", status, b)
	}
	phone.Await(`document.querySelector(".plan > svg .room.raised title")?.textContent.includes("Room 3")`)
	phone.Shot("people-phone-raised")
	gatewaytest.Eval[any](phone, `location.hash = "#alarms"`)
	phone.Await(`document.querySelector(".whereplan .room.here.raised")`)
	phone.Shot("alarm-plan-phone")
	desk.Await(`document.querySelector(".plan > svg .room.raised")`)
	gatewaytest.Eval[any](desk, `location.hash = "#alarms"`)
	desk.Await(`document.querySelector(".whereplan .room.here")`)
	desk.Shot("alarm-plan-desk")
}

// TestSettingsView: a technician calls a device otherwise with a thumb, and by
// keys alone at a desk the centre tests a channel; who may not change a policy
// is not offered it.
func TestSettingsView(t *testing.T) {
	gatewaytest.Chromium(t)
	h := newHome(t, recordChannels, registryOf)
	h.start()
	phone := h.view("technician", "settings", 360, 740)
	phone.Press("Pendant, room 7 Call for help, Room 7, bathroom")
	phone.Press("Change: Pendant, room 7")
	phone.Await(`document.activeElement.name === "name"`)
	onScreen(t, phone)
	phone.Shot("settings-phone-form")
	typed(phone, "heard_every", "often")
	phone.Press("Save")
	phone.Await(`document.activeElement.name === "heard_every" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	typed(phone, "heard_every", "2h")
	typed(phone, "name", "Pendant by the bath")
	phone.Press("Save")
	phone.Await(`document.querySelector(".told")?.textContent.includes("Saved")`)
	if out := h.command("export"); !strings.Contains(out, "Pendant by the bath") || !strings.Contains(out, "heard_every: 2h") {
		t.Errorf("the registry says:\n%s", out)
	}
	onScreen(t, phone)
	phone.Shot("settings-phone")
	phone.Press("Polski")
	phone.Await(`document.querySelector(".settings main h2")?.textContent.includes("Drogi")`)
	onScreen(t, phone)
	if text := phone.Text(); strings.Contains(text, "Marta") || strings.Contains(text, "Aniela") {
		t.Errorf("a technician is shown names:\n%s", text)
	}

	desk := h.view("centre", "settings", 1280, 900)
	desk.Await(`document.body.innerText.includes("Lipowa House") && document.body.innerText.includes("marta-phone")`)
	onScreen(t, desk)
	desk.Shot("settings-desk")
	if n := gatewaytest.Eval[int](desk, `[...document.querySelectorAll("main button")].filter(b => b.ariaLabel?.startsWith("Change")).length`); n != 0 {
		t.Errorf("the centre is offered to change %d things of the set-up", n)
	}
	gatewaytest.Eval[any](desk, `document.querySelector(".channels button").focus()`)
	desk.Key(kb.Enter)
	h.eventually("the channel is tested", 20*time.Second, func() bool {
		var list struct{ Channels []struct{ Result string } }
		h.get("centre", "/api/v1/channels", &list)
		return len(list.Channels) > 0 && list.Channels[0].Result == "failed"
	})
}
