package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"telecare/gateway/gatewaytest"
)

// TestRegisterView: what is heard and unknown becomes a device, by keys alone at
// a desk and with a thumb on a telephone; what is wrong stands at its field, and
// the device's next press calls.
func TestRegisterView(t *testing.T) {
	gatewaytest.Chromium(t)
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf("sources: [{name: own, type: broker, listen: %q}]\n", own)+recordChannels, registryOf)
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	for _, name := range []string{"Anna pendant", "Anna second"} {
		p.publish("", "zigbee2mqtt/"+name, `{"action":"emergency","battery":90}`)
	}
	h.eventually("both are heard", 20*time.Second, func() bool {
		var list struct{ Unknown []struct{ Address string } }
		h.get("technician", "/api/v1/unknown", &list)
		return len(list.Unknown) == 2
	})

	desk := h.view("technician", "devices", 1280, 900)
	desk.Await(`document.querySelector("[aria-label='Register zigbee2mqtt/Anna pendant']")`)
	gatewaytest.Eval[any](desk, `document.querySelector("[aria-label='Register zigbee2mqtt/Anna pendant']").focus()`)
	desk.Key(kb.Enter)
	desk.Await(`document.activeElement.name === "role" && document.activeElement.value === "panic"`)
	desk.Key(kb.Tab)
	desk.Key("Room 3")
	desk.Await(`document.getElementsByName("name")[0].value === "Button, Room 3" && document.getElementsByName("key")[0].value === "button-room-3"`)
	desk.Key(kb.Tab)
	desk.Key(kb.Tab)
	gatewaytest.Eval[any](desk, `document.activeElement.select()`)
	desk.Key("button-3")
	desk.Key(kb.Enter)
	desk.Await(`document.activeElement.name === "key" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	if out := h.command("export"); !strings.Contains(out, "Anna bedroom") || strings.Contains(out, "Anna pendant") {
		t.Errorf("the key of another device has changed the registry:\n%s", out)
	}
	onScreen(t, desk)
	desk.Shot("register-desk-wrong")
	gatewaytest.Eval[any](desk, `document.activeElement.select()`)
	desk.Key("Not a key")
	desk.Key(kb.Enter)
	desk.Await(`document.activeElement.name === "key" && document.getElementById("f-key-said").className === "wrong" && !document.getElementById("f-key-said").textContent.includes("used already")`)
	gatewaytest.Eval[any](desk, `document.activeElement.select()`)
	desk.Key("second-3")
	desk.Key(kb.Enter)
	desk.Await(`document.querySelector(".told")?.textContent.includes("Saved: Button, Room 3.")`)
	desk.Await(`[...document.querySelectorAll("th a")].some(a => a.textContent === "Button, Room 3")`)
	desk.Await(`!document.querySelector("[aria-label='Register zigbee2mqtt/Anna pendant']")`)
	desk.Shot("register-desk")
	if out := h.command("export"); !strings.Contains(out, "key: second-3") {
		t.Errorf("the registry says:\n%s", out)
	}
	p.publish("", "zigbee2mqtt/Anna pendant", `{"action":"emergency","battery":90}`)
	h.eventually("its press calls", 20*time.Second, func() bool { return len(h.alarms()["Button, Room 3"]) == 1 })

	phone := h.view("technician", "devices", 360, 740)
	phone.Await(`document.querySelector("[aria-label='Register zigbee2mqtt/Anna second']")`) // until then what is below it moves
	phone.Press("Polski")
	phone.Press("Zarejestruj: zigbee2mqtt/Anna second")
	phone.Await(`document.querySelector("form.record")`)
	typed(phone, "place", "room-7")
	phone.Await(`document.getElementsByName("name")[0].value === "Przycisk, Room 7, bathroom"`)
	onScreen(t, phone)
	phone.Shot("register-pl-phone")
	phone.Press("Zapisz")
	phone.Await(`document.querySelector(".told")?.textContent.includes("Zapisano")`)
	onScreen(t, phone)
	phone.Press("Cofnij")
	phone.Await(`document.querySelector(".told")?.textContent.includes("Cofnięto")`)
	if out := h.command("export"); strings.Contains(out, "Anna second") {
		t.Errorf("what was taken back is there:\n%s", out)
	}

	if status, _ := h.send("centre", "GET", "/api/v1/unknown", ""); status != 403 {
		t.Errorf("the centre reads addresses: %d, want 403", status)
	}
}
