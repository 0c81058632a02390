package dashboards

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"telecare/gateway/gatewaytest"
)

// The bar of whoever is offered the most is one line at 1280 px, in both
// languages; what is in its menu is reached by keys, and nothing moves.
func TestBarIsOneLine(t *testing.T) {
	for lang, w := range map[string]Ward{"en": newWard(same), "pl": inPolish()} {
		t.Run(lang, func(t *testing.T) {
			h := newHouse(t, w, nil)
			tab := gatewaytest.Browser(t, 1280, 800)
			tab.Open(h.url)
			tab.SignIn("centre", "secret of the ward")
			tab.Await(`document.querySelector(".bar .menu")`)
			one := func(when string) {
				t.Helper()
				if high := gatewaytest.Eval[float64](tab, `document.querySelector(".bar").getBoundingClientRect().height`); high > 52 {
					t.Errorf("%s: the bar is %v px high, want one line", when, high)
				}
			}
			one("alarms")
			gatewaytest.Eval[any](tab, `document.querySelector(".menu summary").focus()`)
			tab.Key(kb.Enter)
			tab.Await(`document.querySelector(".menu[open]")`)
			one("the menu is open")
			sideways(t, tab)
			tab.Shot("bar-menu-" + lang)
			tab.Key(kb.Escape)
			tab.Await(`!document.querySelector(".menu[open]") && document.activeElement.tagName === "SUMMARY"`)
			tab.Key(kb.Enter)
			tab.Key(kb.Tab)
			tab.Await(`document.activeElement.closest(".menu")?.open && document.activeElement.hash`)
			gatewaytest.Eval[any](tab, `document.querySelector(".menu a[href='#settings']").focus()`)
			tab.Key(kb.Enter)
			tab.Await(`document.documentElement.classList.contains("settings") && !document.querySelector(".menu[open]") && document.querySelector(".menu summary.here")`)
			one("settings")
			tab.Shot("bar-settings-" + lang)
		})
	}
}
