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
			h.Act(t.Context(), alerting.Take{Alarm: h.alarm(t, "d-3").ID, By: "p-1"}) // or the page would turn to it
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
			h.heard("d-4", devices.Panic)
			tab.Open(h.url + "/?board")
			tab.Await(`document.querySelector(".panel.raised")`)
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

// What somebody chooses stays chosen in their browser; until then a link is in
// what its responder reads, and everything else in the site's language.
func TestLanguageIsChosen(t *testing.T) {
	w := inPolish()
	w.Langs = map[alerting.Person]string{"p-2": "en"}
	h := newHouse(t, w, open)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	tab := gatewaytest.Browser(t, 360, 740)
	lang := func(want string) {
		t.Helper()
		tab.Await(`document.documentElement?.lang === "` + want + `" && document.querySelector("#page button")`)
	}
	tab.Open(h.Link(a, "p-1"))
	lang("pl")
	tab.One("button", "Przyjmuję")
	tab.Open(h.Link(a, "p-2"))
	lang("en")
	tab.One("button", "Take")
	tab.Open(h.url)
	lang("pl")
	tab.Press("English")
	tab.Open(h.url) // an evaluation would meet the page as it loads itself anew
	lang("en")
	tab.Open(h.Link(a, "p-1"))
	lang("en")
	tab.Open(h.url + "/a/nonsense")
	tab.Await(`document.body.innerText.includes("This link is not complete.")`)
	tab.Open(h.url)
	tab.Press("Polski")
	tab.Open(h.url)
	lang("pl")

	// Somebody else was faster: the gateway's refusal, in the page's language.
	h.set(func() { h.broken = &Refusal{Why: alerting.AlreadyHeld, Holder: "p-2"} })
	tab.Press("Przyjmuję")
	tab.Await(`document.querySelector(".said")?.textContent.includes("Jan Z. ma już ten alarm.")`)

	// Times are the site's, on the night in which the clocks are set back too.
	gatewaytest.Eval[any](tab, `void Promise.all(["time", "pl"].map(m => import("/web/" + m + ".js"))).then(x => { window.modules = x })`)
	tab.Await(`window.modules`)
	at := func(ask string) string { return gatewaytest.Eval[string](tab, `(([time, pl]) => `+ask+`)(modules)`) }
	const late = `Date.parse("2026-10-25T00:59:59Z")`
	for ask, want := range map[string]string{
		`time.clock(` + late + `)`: "02:59:59", `time.clock(` + late + ` + 1000)`: "02:00:00", `time.clock(` + late + ` + 3601000)`: "03:00:00",
		`time.date(` + late + `)`: "25 października", `time.weekday(` + late + `)`: "niedziela, 25 października",
		`time.clock(` + late + `, ` + late + ` - 86400000)`: "25 paź, 02:59:59",
		`time.rough(5 * 3600_000 + 120_000)`:                "5\u00a0godz. 2\u00a0min",
		// and the endings after numbers are those of Unicode
		`[...Array(1000).keys()].filter(n => pl.plural(n, "one", "few", "many") !== new Intl.PluralRules("pl").select(n)).join()`: "",
	} {
		if got := at(ask); got != want {
			t.Errorf("%s is %q, want %q", ask, got, want)
		}
	}
}

func TestIndexInEachLanguage(t *testing.T) {
	h := newHouse(t, inPolish(), nil)
	c := h.caller(t, "")
	for cookie, want := range map[string]string{"": "pl", "telecare-lang=en": "en", "telecare-lang=pl": "pl", `telecare-lang="><script>`: "pl"} {
		status, text, head := c.do("GET", "/", "", "Cookie", cookie)
		if status != 200 || !strings.Contains(text, `<html lang="`+want+`">`) || strings.Contains(text, "{{") || head.Get("Vary") != "Cookie" {
			t.Errorf("with the cookie %q the page is %d %s", cookie, status, text)
		}
		etag := head.Get("ETag")
		if status, _, _ := c.do("GET", "/", "", "Cookie", "telecare-lang=en", "If-None-Match", etag); (status == 304) != (want == "en") {
			t.Errorf("the page of %q is answered %d by a tag", want, status)
		}
	}
	if status, text, _ := c.do("GET", "/web/index.html", ""); status != 404 || !strings.Contains(text, "Pod tym adresem nic nie ma.") {
		t.Errorf("the page that is to be filled in is served: %d %s", status, text)
	}
}
