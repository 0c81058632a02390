package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"telecare/gateway/gatewaytest"
)

// TestPictures takes the pictures of docs/pictures: every view that the page
// offers to anybody, as its own bar lists them, with the demo's ward; on a desk and
// on a phone. TELECARE_SHOTS is where they go.
func TestPictures(t *testing.T) {
	dir := os.Getenv("TELECARE_SHOTS")
	if dir == "" {
		t.Skip("pictures are taken by `make pictures`")
	}
	demo := startDemo(t)
	p := &pictures{t: t, dir: dir, url: strings.TrimSuffix(demo.url, "/")}
	desk, phone := p.browser(1280, 800, ""), p.browser(360, 740, "")
	eventually(t, 3*time.Minute, func() bool { // the button that went silent is noticed
		return gatewaytest.Eval[bool](desk, `document.body.innerText.includes("1 fault") || document.querySelectorAll(".faults li, .fault").length > 0`)
	})
	done := map[string]bool{}
	take := func(desk, phone *gatewaytest.Tab, who string) {
		p.open(desk, "/")
		for _, href := range strings.Fields(gatewaytest.Eval[string](desk, `[...document.querySelectorAll("nav a")].map(a => a.getAttribute("href")).join(" ")`)) {
			key := strings.TrimLeft(href, "/?#")
			if done[key] || key == "alarms" || key == "board" || key == "account" && who == "" { // whoever opens the demo is signed in nowhere
				continue
			}
			done[key] = true
			p.open(desk, href)
			p.shot(desk, key)
			p.open(phone, href)
			p.shot(phone, key+"-phone")
		}
	}
	p.open(desk, "/?board")
	p.shot(desk, "board-quiet")
	take(desk, phone, "")
	for _, who := range []string{"olga", "adam", "piotr", "marta", "zofia"} {
		t.Run(who, func(t *testing.T) { // its browsers end with it
			of := &pictures{t: t, dir: p.dir, url: p.url, names: p.names}
			desk := of.browser(1280, 800, who)
			phone := of.browser(360, 740, who)
			take(desk, phone, who)
			if who == "olga" { // one person, opened
				of.open(desk, "/#people")
				gatewaytest.Eval[string](desk, `[...document.querySelectorAll(".lines .line")].find(b => b.innerText.includes("Room 7")).click(); ""`)
				of.shot(desk, "people-open")
			}
			if who == "adam" { // whom he can sign out, and how he has a code asked for
				of.open(desk, "/#settings")
				desk.Await(`document.getElementById("user olga") && document.body.innerText.includes("Button, room 7")`)
				gatewaytest.Eval[string](desk, `document.getElementById("user olga").click(); ""`)
				desk.Await(`document.querySelector(".users .signed")`)
				gatewaytest.Eval[string](desk, `document.querySelector(".users .row button").scrollIntoView({ block: "center" }); ""`)
				of.shot(desk, "settings-users")
				of.open(phone, "/#account")
				phone.Press("Set up a code")
				phone.Await(`document.activeElement.name === "password"`)
				phone.Key(demoPassword + kb.Enter)
				phone.Await(`document.querySelector(".second .qr")`)
				gatewaytest.Eval[string](phone, `document.querySelector(".second").scrollIntoView(); ""`)
				of.shot(phone, "account-code-phone")
			}
			p.names = of.names
		})
	}

	p.open(desk, "/")
	desk.Press("Press")
	p.thumb(desk, "Take")
	time.Sleep(3 * time.Second) // a press in the first second is none
	p.shot(desk, "desk")
	wall := p.browser(1280, 800, "wall")
	p.open(wall, "/?board")
	p.shot(wall, "board")
	p.open(phone, "/")
	p.thumb(phone, "Take")
	p.shot(phone, "phone-1-raised")
	p.mode(phone, "night")
	p.shot(phone, "phone-night")
	p.mode(desk, "night")
	p.shot(desk, "desk-night")
	polish := p.browser(360, 740, "")
	gatewaytest.Eval[string](polish, `document.cookie = "telecare-lang=pl; path=/"; ""`)
	p.open(polish, "/")
	p.thumb(polish, "Przyjmuję")
	p.shot(polish, "pl-phone-1-raised")
	p.open(phone, "/")
	p.mode(phone, "light")
	gatewaytest.Eval[string](phone, `[...document.querySelectorAll(".thumb button")].find(b => b.innerText.includes("Take")).click(); ""`)
	p.thumb(phone, "Arrived")
	p.shot(phone, "phone-2-taken")
	demo.stop(t)
	p.stale(desk)

	docs, err := os.ReadFile("../../docs/desk.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.names {
		if !bytes.Contains(docs, []byte("pictures/"+name+".png")) {
			fmt.Printf("docs/desk.md does not show pictures/%s.png yet: a sentence of what it is for is missing there\n", name)
		}
	}
}

// pictures takes pictures.
type pictures struct {
	t        *testing.T
	dir, url string
	names    []string
}

// browser is one in which somebody has signed in; "" is whoever opens the demo.
func (p *pictures) browser(width, height int, who string) *gatewaytest.Tab {
	p.t.Helper()
	tab := gatewaytest.Browser(p.t, width, height)
	tab.Open(p.url)
	if who != "" {
		gatewaytest.Eval[string](tab, fmt.Sprintf(`window.said = 0; fetch("/api/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name: %q, password: %q }) }).then(r => { window.said = r.status; }); ""`, who, demoPassword))
		tab.Await(`window.said >= 200 && window.said < 300`)
	}
	p.open(tab, "/")
	return tab
}

// open opens a view and waits until it has what it shows.
func (p *pictures) open(tab *gatewaytest.Tab, path string) {
	p.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	tab.Open("about:blank") // a fragment alone would load nothing
	tab.Open(p.url + path)
	tab.Await(`document.querySelector("main, .board .rooms, .allquiet, .panel, h1") && !document.querySelector(".boot") && !document.body.innerText.includes("Loading")`)
	time.Sleep(1500 * time.Millisecond) // what is read beside it; nothing is tested here
	if bar := gatewaytest.Eval[string](tab, `document.querySelector(".nosound")?.innerText || ""`); bar != "" {
		tab.Press(bar)
		tab.Await(`!document.querySelector(".nosound")`)
	}
}

// thumb waits for the one thing to do about an alarm; a technical one may be beside it.
func (p *pictures) thumb(tab *gatewaytest.Tab, name string) {
	p.t.Helper()
	tab.Await(fmt.Sprintf(`[...document.querySelectorAll("main .actions button, .thumb button")].some(b => b.innerText.includes(%q) && b.checkVisibility())`, name))
}

func (p *pictures) mode(tab *gatewaytest.Tab, mode string) {
	gatewaytest.Eval[string](tab, fmt.Sprintf(`localStorage.setItem("telecare.mode", %q); document.documentElement.dataset.mode = %[1]q; ""`, mode))
}

// stale waits until a screen says that it is not live.
func (p *pictures) stale(tab *gatewaytest.Tab) {
	p.mode(tab, "light")
	tab.Await(`document.querySelector(".notlive")`)
	p.shot(tab, "stale-desk")
}

// shot takes one, with few colours: docs are to be small.
func (p *pictures) shot(tab *gatewaytest.Tab, name string) {
	p.t.Helper()
	tab.Shot(name)
	path := filepath.Join(p.dir, name+".png")
	b, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	whole, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		p.t.Fatal(err)
	}
	var out bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&out, fewColours(whole)); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		p.t.Fatal(err)
	}
	p.names = append(p.names, name)
}

// fewColours keeps the 256 colours that are there most, and takes the nearest of
// them for every other.
func fewColours(from image.Image) *image.Paletted {
	count, bounds := map[color.RGBA]int{}, from.Bounds()
	at := func(x, y int) color.RGBA {
		r, g, b, _ := from.At(x, y).RGBA()
		return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	var all []color.RGBA
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	for _, c := range all[:min(256, len(all))] {
		palette = append(palette, c)
	}
	out, index := image.NewPaletted(bounds, palette), map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := at(x, y)
			i, known := index[c]
			if !known {
				i = uint8(palette.Index(c))
				index[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}

// eventually waits for something that takes longer than a tab waits.
func eventually(t *testing.T, within time.Duration, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !is(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come")
		}
	}
}
