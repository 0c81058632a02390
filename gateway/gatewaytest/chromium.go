package gatewaytest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a tab waits for what must come.
const patience = 20 * time.Second

// Chromium is the path of a Chromium that can run without a screen.
func Chromium(t testing.TB) string {
	return program(t, "chromium", "/usr/bin/chromium", "chromium-browser", "google-chrome")
}

// Tab is a browser window with one page, used as somebody would who knows only
// the names of things: what is looked for is looked for in the accessibility
// tree, and pressed with the mouse where it is seen.
type Tab struct {
	// Context is the tab's for chromedp.
	Context context.Context
	t       testing.TB

	mu     sync.Mutex
	thrown []string // exceptions of the page
}

// Browser opens a tab of a size in a Chromium of its own. A width below 600 is
// a phone, with a touch screen. An exception in the page fails the test.
func Browser(t testing.TB, width, height int) *Tab {
	t.Helper()
	path := Chromium(t)
	profile := t.TempDir()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true),
		chromedp.WindowSize(width, height))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	tab := &Tab{Context: ctx, t: t}
	t.Cleanup(func() {
		cancel()
		stop()
		tab.mu.Lock()
		defer tab.mu.Unlock()
		for _, e := range tab.thrown {
			t.Errorf("the page threw: %s", e)
		}
	})
	var emulate []chromedp.EmulateViewportOption
	if width < 600 {
		emulate = append(emulate, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height), emulate...)); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return tab
}

// Open opens an address and collects the page's exceptions from then on.
func (b *Tab) Open(url string) {
	b.t.Helper()
	exceptions := chromedp.Events(b.Context, runtime.ExceptionThrown)
	go func() {
		for e, err := range exceptions {
			if err != nil {
				return
			}
			text := e.ExceptionDetails.Text
			if x := e.ExceptionDetails.Exception; x != nil {
				text += " " + x.Description
			}
			b.mu.Lock()
			b.thrown = append(b.thrown, text)
			b.mu.Unlock()
		}
	}()
	b.do("open "+url, chromedp.Navigate(url))
}

func (b *Tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// Named is something in the page that has a role and a name.
type Named struct {
	Role, Name string
	Disabled   bool
	node       cdp.BackendNodeID
}

// Named lists what the page shows of a role with a name, in the page's order;
// a name of "" is any. What is not visible is not listed.
func (b *Tab) Named(role, name string) ([]Named, error) {
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	tree, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return nil, fmt.Errorf("read the accessibility tree: %w", err)
	}
	var out []Named
	for _, n := range tree.Nodes {
		if n.Ignored || text(n.Role) != role || name != "" && text(n.Name) != name {
			continue
		}
		x := Named{Role: role, Name: text(n.Name), node: n.BackendDOMNodeID}
		for _, p := range n.Properties {
			if p.Name == "disabled" && text(p.Value) == "true" {
				x.Disabled = true
			}
		}
		if _, _, err := b.middle(ctx, x); err == nil {
			out = append(out, x)
		}
	}
	return out, nil
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	if json.Unmarshal(v.Value, &s) != nil {
		return string(v.Value)
	}
	return s
}

// middle is where something is seen; an error when it is not.
func (b *Tab) middle(ctx context.Context, n Named) (x, y float64, err error) {
	quads, err := chromedp.Call(ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: n.node})
	if err != nil {
		return 0, 0, err
	}
	if len(quads.Quads) == 0 {
		return 0, 0, fmt.Errorf("%s %q takes no room", n.Role, n.Name)
	}
	q := quads.Quads[0]
	w, h := q[4]-q[0], q[5]-q[1]
	if w < 2 || h < 2 {
		return 0, 0, fmt.Errorf("%s %q takes no room", n.Role, n.Name)
	}
	return q[0] + w/2, q[1] + h/2, nil
}

// One waits until the page shows exactly one enabled thing of a role with a
// name, and returns it.
func (b *Tab) One(role, name string) Named {
	b.t.Helper()
	var found []Named
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		all, err := b.Named(role, name)
		if err != nil {
			b.t.Fatal(err)
		}
		found = found[:0]
		for _, n := range all {
			if !n.Disabled {
				found = append(found, n)
			}
		}
		if len(found) == 1 {
			return found[0]
		}
		b.pause()
	}
	all, _ := b.Named(role, "")
	b.t.Fatalf("the page shows %d enabled %ss named %q, want one; it shows %+v", len(found), role, name, all)
	return Named{}
}

// pause lets the page go on for a moment.
func (b *Tab) pause() {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-b.Context.Done():
		b.t.Fatal("the browser has ended")
	}
}

// Menu opens the menu of the bar.
func (b *Tab) Menu() {
	b.t.Helper()
	b.Await(`document.querySelector(".menu summary")`)
	Eval[any](b, `document.querySelector(".menu").open = true`)
}

// Press presses the one enabled button with a name, with the mouse.
func (b *Tab) Press(name string) { b.t.Helper(); b.press("button", name) }

// Choose chooses the one radio button with a name.
func (b *Tab) Choose(name string) { b.t.Helper(); b.press("radio", name) }

// press finds it anew where the page has drawn it anew since it was found.
func (b *Tab) press(role, name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	for {
		n := b.One(role, name)
		x, y, err := b.reach(ctx, n)
		if err == nil {
			if err := chromedp.Do(ctx, chromedp.MouseClickXY(x, y)); err != nil {
				b.t.Fatalf("press %s %q: %v", role, name, err)
			}
			return
		}
		if ctx.Err() != nil {
			b.t.Fatal(err)
		}
		b.pause()
	}
}

// uncovered brings an element into view, if it is out of it or something is over it.
const uncovered = `function() {
	const r = this.getBoundingClientRect();
	if (!this.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)))
		this.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
}`

// reach brings something into view and says where it is, once it rests there: on
// a page that is still being filled what is below moves on.
func (b *Tab) reach(ctx context.Context, n Named) (x, y float64, err error) {
	element, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.node})
	if err == nil {
		_, err = chromedp.Call(ctx, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: uncovered, ObjectID: element.Object.ObjectID})
	}
	if err != nil {
		return 0, 0, fmt.Errorf("scroll to %s %q: %w", n.Role, n.Name, err)
	}
	for {
		x, y, err = b.middle(ctx, n)
		if err != nil {
			return 0, 0, err
		}
		b.pause()
		if x2, y2, err := b.middle(ctx, n); err != nil || x2 == x && y2 == y {
			return x, y, err
		}
		if ctx.Err() != nil {
			return 0, 0, fmt.Errorf("%s %q does not rest: %w", n.Role, n.Name, ctx.Err())
		}
	}
}

// Key presses a key, of chromedp/kb or a letter.
func (b *Tab) Key(key string) { b.t.Helper(); b.do("press key "+key, chromedp.KeyEvent(key)) }

// Text is all text that the page shows.
func (b *Tab) Text() string { b.t.Helper(); return Eval[string](b, "document.body.innerText") }

// Await waits until a JavaScript expression is true. A page that is just being
// left for another, or loaded anew, cannot say: it is asked again.
func (b *Tab) Await(expression string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	var failed error
	for time.Now().Before(deadline) {
		var is bool
		if is, failed = evaluate[bool](b, "!!("+expression+")"); is {
			return
		}
		b.pause()
	}
	b.t.Fatalf("the page never came to %s (%v); it shows:\n%s", expression, failed, b.Text())
}

// Eval evaluates a JavaScript expression in the tab.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := evaluate[T](b, expression)
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

func evaluate[T any](b *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.Context, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// Shot writes a picture of the tab into the folder TELECARE_SHOTS, when that is
// set.
func (b *Tab) Shot(name string) {
	b.t.Helper()
	dir := os.Getenv("TELECARE_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.Context, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Errorf("picture %s: %v", name, err)
	}
}
