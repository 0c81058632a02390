package dashboards

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"telecare/alerting"
	"telecare/gateway/gatewaytest"
)

// An alarm is seen through from its ring to its close, and opened again, by the
// keyboard alone: what has the focus is always there and in sight, though
// buttons rest for a moment after each press, and come and go.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, newWard(same), open)
	tab := gatewaytest.Browser(t, 1280, 560)
	tab.Open(h.url)
	tab.One("button", "Press")
	h.Press("d-1")
	tab.One("button", "Take")
	on := func(what string) {
		t.Helper()
		tab.Await(`document.activeElement.innerText?.startsWith("` + what + `") && !document.activeElement.matches("[aria-disabled]")`)
		if !gatewaytest.Eval[bool](tab, `(() => { const e = document.activeElement, r = e.getBoundingClientRect(), c = getComputedStyle(e);
			return r.top >= 0 && r.bottom <= innerHeight && c.outlineStyle === "solid" && document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2).closest("button") === e })()`) {
			t.Errorf("the focus is on %q, and not seen there", what)
		}
	}
	tabTo := func(what string, within int) {
		t.Helper()
		for range within {
			tab.Key(kb.Tab)
			if strings.HasPrefix(gatewaytest.Eval[string](tab, `document.activeElement.innerText`), what) {
				break
			}
		}
		on(what)
	}
	tabTo("Take", 60)
	tab.Key(kb.Enter)
	on("Arrived")
	tab.Key("h")
	tab.Await(`document.querySelector(".timeline").innerText.includes("more help")`)
	on("Arrived")
	tab.Key(kb.Enter)
	on("Close")
	tab.Key(kb.Enter)
	tab.Await(`document.activeElement.name === "outcome"`)
	tab.Key(kb.ArrowDown)
	tab.Await(`document.querySelector("input[name=outcome]:checked")`)
	tab.Key("c")
	tab.Await(`document.querySelector(".tick")`)
	if a := h.alarm(t, "d-1"); a.State != alerting.Closed {
		t.Errorf("the alarm is %s, want closed", a.State)
	}
	if at := gatewaytest.Eval[string](tab, `document.activeElement.id || document.activeElement.tagName`); at != "main" {
		t.Errorf("the choice of an outcome is gone, and the focus is at %s, want the alarm itself", at)
	}
	tabTo("Reopen", 5)
}

// What is opened without an alarm has the focus: the form that asked is gone.
func TestGlassTakesTheFocus(t *testing.T) {
	t.Parallel()
	h := newHouse(t, newWard(same), open)
	tab := gatewaytest.Browser(t, 360, 740)
	tab.Open(h.url + "#people")
	for _, next := range []string{".people .line", ".glass button", ".glass textarea"} {
		tab.Await(`document.querySelector("` + next + `")`)
		gatewaytest.Eval[any](tab, `document.querySelector("`+next+`").click()`)
	}
	gatewaytest.Eval[any](tab, `(f => { f.reason.focus(); f.reason.value = "The daughter rings"; f.requestSubmit(); })(document.querySelector(".glass form"))`)
	tab.Await(`document.activeElement === document.querySelector(".glass.broken h3")`)
}
