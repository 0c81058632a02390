package gatewaytest

import "fmt"

// SignIn signs in by the page's form, once it is there.
func (b *Tab) SignIn(name, password string) {
	b.t.Helper()
	b.Await(`document.querySelector(".signin [name=password]")`)
	Eval[any](b, fmt.Sprintf(`(f => { f.elements.who.value = %q; f.elements.password.value = %q; f.requestSubmit(); })(document.querySelector(".signin"))`, name, password))
}

// Fits fails when the page can be scrolled sideways, or when on a phone what a
// thumb is to press is too small for one: of these, as CSS selects them.
func (b *Tab) Fits(pressed string) {
	b.t.Helper()
	if over := Eval[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		b.t.Errorf("the page is %v px too wide", over)
	}
	small := Eval[string](b, fmt.Sprintf(`innerWidth > 600 ? "" : [...document.querySelectorAll(%q)]
		.filter(e => e.checkVisibility() && (e.type === "radio" && e.closest("label") || e).getBoundingClientRect().height < 47.5).map(e => e.outerHTML).join("\n")`, pressed))
	if small != "" {
		b.t.Errorf("smaller than 48 px:\n%s", small)
	}
}
