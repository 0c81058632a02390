package gatewaytest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Hand works a page in one way alone: by keys, as somebody who has no mouse, or
// by a finger on a telephone.
type Hand struct {
	*Tab
	Keys bool
}

// Press presses the one button with a name; Follow a link; Open a summary.
func (p Hand) Press(name string)  { p.t.Helper(); p.use("button", name) }
func (p Hand) Follow(name string) { p.t.Helper(); p.use("link", name) }

// Unfold opens what a summary hides.
func (p Hand) Unfold(name string) { p.t.Helper(); p.use(summary, "▸ "+name) }

// summary is the role of a summary; its mark is said before its words.
const summary = "DisclosureTriangle"

// Choose chooses one of several round buttons, or ticks a box.
func (p Hand) Choose(name string) { p.t.Helper(); p.use("radio", name) }

// Write writes into a field with a name.
func (p Hand) Write(name, text string) {
	p.t.Helper()
	p.use("textbox", name)
	p.Key(text)
}

// Pick picks one of a list with a name, by what it begins with. A telephone has a
// list of its own over the page, which is no part of it: there it is picked for us.
func (p Hand) Pick(name, option string) {
	p.t.Helper()
	p.use("combobox", name)
	if p.Keys {
		p.Key(option)
		return
	}
	text, _ := json.Marshal(option)
	p.Await(`document.activeElement.tagName === "SELECT" && [...document.activeElement.options].some(o => o.text.startsWith(` + string(text) + `))`)
	Eval[any](p.Tab, `(e => { e.value = [...e.options].find(o => o.text.startsWith(`+string(text)+`)).value; e.dispatchEvent(new Event("change", { bubbles: true })); })(document.activeElement)`)
}

// use reaches something and presses it.
func (p Hand) use(role, name string) {
	p.t.Helper()
	if !p.Keys {
		p.touch(role, name)
		return
	}
	p.Reach(role, name)
	switch role {
	case "button", "link", summary:
		p.Key(kb.Enter)
	case "radio":
		p.Key(" ")
	}
}

// called names a thing in the page as it is written: what only decorates is left
// out.
const called = `(e => {
	if (!e || e === document.body) return "";
	const words = n => n.nodeType === Node.TEXT_NODE ? n.data : n.ariaHidden === "true" || /^(SELECT|INPUT|TEXTAREA)$/.test(n.tagName) ? "" : [...n.childNodes].map(words).join(" ");
	return (e.ariaLabel || words(e.labels?.[0] || e)).replace(/\s+/g, " ").trim();
})`

// Reach goes from one thing to the next until it is at one with a name.
func (p Hand) Reach(role, name string) {
	p.t.Helper()
	p.One(role, name) // it is there, and can be pressed
	next := kb.Tab
	var met []string
	for range 400 {
		at := Eval[string](p.Tab, called+`(document.activeElement)`)
		if same(at, name) && Eval[bool](p.Tab, `document.activeElement.checkVisibility()`) {
			return
		}
		met = append(met, at)
		if role == "radio" && Eval[bool](p.Tab, `document.activeElement.type === "radio"`) {
			next = kb.ArrowDown // of those together one is in the order, and arrows go on
		}
		p.Key(next)
	}
	p.t.Fatalf("by keys nobody comes to the %s %q: %q", role, name, met)
}

func same(at, name string) bool {
	plain := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, " ,", ",")), " ") }
	return plain(at) == plain(strings.TrimPrefix(name, "▸ "))
}

// touch puts a finger on something and takes it away.
func (p Hand) touch(role, name string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.Context, patience)
	defer cancel()
	for {
		n := p.One(role, name)
		x, y, err := p.Tab.reach(ctx, n)
		if err == nil && p.under(x, y, name) {
			for _, e := range []input.DispatchTouchEventParams{
				{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: x, Y: y}}},
				{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}},
			} {
				if _, err := chromedp.Call(ctx, input.DispatchTouchEvent, e); err != nil {
					p.t.Fatalf("touch %s %q: %v", role, name, err)
				}
			}
			return
		}
		if ctx.Err() != nil {
			p.t.Fatalf("no finger comes to %s %q: %v", role, name, err)
		}
		p.pause()
	}
}

// under reports whether a finger there meets what has a name: nothing lies over it.
func (p Hand) under(x, y float64, name string) bool {
	at := Eval[string](p.Tab, fmt.Sprintf(`%s(document.elementFromPoint(%f, %f)?.closest("button, a, summary, select, input, textarea, label"))`, called, x, y))
	if same(at, name) {
		return true
	}
	Eval[any](p.Tab, `(scrollBy(0, 150), 0)`) // what is fixed at the bottom lies over it
	return false
}

// PressUntil presses a button, and again where the page took nothing: for a moment
// after each change its buttons do not, so that a double tap is one.
func (p Hand) PressUntil(name, came string) {
	p.t.Helper()
	for range 3 {
		p.Press(name)
		for deadline := time.Now().Add(3 * time.Second); time.Now().Before(deadline); p.pause() {
			if Eval[bool](p.Tab, "!!("+came+")") {
				return
			}
		}
	}
	p.Await(came)
}

// Soon waits until something is true, for as long as a tab waits.
func (p Hand) Soon(what string, is func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); p.pause() {
		if is() {
			return
		}
	}
	p.t.Fatalf("it never came that %s", what)
}
