package dashboards

import (
	"strings"
	"testing"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

// inPolish names a ward's rooms, people and things as in Kraków.
func inPolish() Ward {
	in := strings.NewReplacer("Room 7, bathroom", "Pokój 7, łazienka", "Room", "Pokój", "Pendant, room", "Przycisk, pokój", "Radar, room", "Radar, pokój",
		"Information centre", "Centrum informacji", "Lipowa House, ward 2", "Dom przy Lipowej, oddział 2", "Zofia K., daughter", "Zofia K., córka", "from 06:00", "od 06:00",
		"Ground floor, east wing, second door left of the lift. Room is open at night; the bathroom opens from outside with a coin.",
		"Parter, skrzydło wschodnie, drugie drzwi na lewo od windy. Pokój w nocy otwarty; łazienkę otworzysz z zewnątrz monetą.",
		"Walks with a frame. Hard of hearing, right side. Blood thinner: a knock on the head needs a doctor.",
		"Chodzi z balkonikiem. Słabo słyszy prawym uchem. Lek przeciwkrzepliwy: po uderzeniu w głowę wezwij lekarza.")
	w := newWard(in.Replace)
	w.Lang = "pl"
	return w
}

// whole fails when the page goes sideways, or when something in it is wider or
// higher than its place.
func whole(t *testing.T, tab *gatewaytest.Tab) {
	t.Helper()
	sideways(t, tab)
	cut(t, tab)
	spilled := gatewaytest.Eval[string](tab, `[...document.querySelectorAll("#page *, .lost *")].filter(e => {
		if (!e.checkVisibility() || e.closest(".sr, .skip, svg") || e.clientWidth === 0) return false;
		const style = getComputedStyle(e), box = e.getBoundingClientRect();
		if (e.scrollWidth > e.clientWidth + 1 && style.overflowX !== "auto" && style.overflowX !== "scroll") return true;
		return e.tagName === "BUTTON" && e.scrollHeight > e.clientHeight + 1 || box.right > innerWidth + 1 || box.left < -1;
	}).map(e => e.tagName + "." + e.className + ": " + e.innerText).join("\n")`)
	if spilled != "" {
		t.Errorf("wider or higher than its place:\n%s", spilled)
	}
}

// A nurse in Kraków sees an alarm through, on a phone and at a desk, in Polish
// words that have their place.
func TestPolish(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"phone", 360, 740}, {"desk", 1280, 800}} {
		t.Run(size.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, inPolish(), open)
			tab := gatewaytest.Browser(t, size.width, size.height)
			shot := func(name string) { tab.Shot("pl-" + size.name + "-" + name) }
			tab.Open(h.url)
			if lang := gatewaytest.Eval[string](tab, "document.documentElement.lang"); lang != "pl" {
				t.Fatalf("the page is in %q, want pl", lang)
			}
			tab.One("button", "Naciśnij")
			shot("0-quiet")
			whole(t, tab)
			h.step(alerting.FaultEdge{Code: alerting.NotGuaranteed, Subject: "d-11", On: true})
			h.step(alerting.FaultEdge{Code: alerting.BatteryLow, Subject: "d-5", On: true})
			h.Fall("d-7")
			h.Act(t.Context(), alerting.Decline{Alarm: h.alarm(t, "d-7").ID, By: "p-1"})
			h.Act(t.Context(), alerting.Decline{Alarm: h.alarm(t, "d-7").ID, By: "p-2"})
			tab.One("button", "Przyjmuję")
			shot("1-raised")
			whole(t, tab)
			tab.Press("Przyjmuję")
			tab.One("button", "Na miejscu")
			shot("2-taken")
			whole(t, tab)
			h.heard("d-3", devices.BedExit) // somebody else's, beside it
			tab.Press("Na miejscu")
			tab.One("button", "Zamknij")
			tab.Choose("Pomoc udzielona, bez obrażeń")
			shot("4-outcome")
			whole(t, tab)
			tab.Press("Zamknij")
			tab.Await(`document.querySelector(".tick")`)
			tab.One("button", "Otwórz ponownie")
			shot("5-closed")
			whole(t, tab)
			if a := h.alarm(t, "d-7"); a.State != alerting.Closed || a.Outcome != alerting.Helped {
				t.Errorf("the alarm is %s with outcome %q", a.State, a.Outcome)
			}

			tab.Open(h.url + "#devices")
			tab.Await(`document.querySelector(".unheard")`)
			shot("6-devices")
			whole(t, tab)
			tab.Open(h.url + "/?board")
			tab.Await(`document.querySelector(".panel")`)
			shot("7-board")
			whole(t, tab)
			h.set(func() { h.deaf = true })
			tab.Open(h.url)
			tab.Await(`document.documentElement.classList.contains("stale")`)
			tab.Await(`document.body.innerText.includes("Kieruj się telefonem")`)
			shot("8-stale")
			whole(t, tab)
			h.set(func() { h.deaf = false })
			tab.Open(h.url + "/a/nonsense")
			tab.Await(`document.body.innerText.includes("Ten link jest niepełny.")`)
			shot("9-lost")
			whole(t, tab)
		})
	}
}
