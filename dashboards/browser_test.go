package dashboards

import (
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

func open(o *Options) { o.OpenAs, o.OpenRole = "p-9", RoleCentre }

// A newcomer who knows four words can press a pendant and see it through.
func TestPressTakeArrivedClose(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"phone", 360, 740}, {"desk", 1280, 800}} {
		t.Run(size.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, newWard(same), open)
			tab := gatewaytest.Browser(t, size.width, size.height)
			tab.Open(h.url)
			tab.One("button", "Press")
			tab.Shot(size.name + "-0-quiet")
			tab.Press("Press")
			tab.One("button", "Take")
			sideways(t, tab)
			tab.Shot(size.name + "-1-raised")
			tab.Press("Take")
			tab.One("button", "Arrived")
			tab.Shot(size.name + "-2-taken")
			sideways(t, tab)
			tab.Press("Arrived")
			tab.One("button", "Close")
			tab.Shot(size.name + "-3-arrived")
			tab.Choose("Helped, not hurt")
			tab.Shot(size.name + "-4-outcome")
			tab.Press("Close")
			tab.Await(`document.querySelector(".tick")`)
			tab.One("button", "Reopen")
			tab.Shot(size.name + "-5-closed")
			sideways(t, tab)

			a := h.alarm(t, "d-1")
			if a.State != alerting.Closed || a.Outcome != alerting.Helped || a.Holder != "p-9" {
				t.Errorf("the alarm is %s by %q with outcome %q, want closed by p-9, helped", a.State, a.Holder, a.Outcome)
			}
			if text := tab.Text(); strings.Contains(text, "Aniela Kowalczyk") || !strings.Contains(text, "A. K.") {
				t.Errorf("a closed alarm shows the initials A. K. and no name; the page shows:\n%s", text)
			}
			tab.Press("Reopen")
			tab.Await(`document.getElementById("status").textContent.includes("not over after all")`)
		})
	}
}

// sideways fails when the page can be scrolled sideways, or when a button on a
// phone is too small for a thumb.
func sideways(t *testing.T, tab *gatewaytest.Tab) {
	t.Helper()
	tab.Fits("button, summary, select, input[type=radio], .foot a")
}

// The desk, the devices, the board and a phone in every state, to be looked at.
func TestViews(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	h.step(alerting.FaultEdge{Code: alerting.Silent, Subject: "d-11", On: true})
	h.step(alerting.FaultEdge{Code: alerting.BatteryLow, Subject: "d-5", On: true})
	wall := gatewaytest.Browser(t, 1920, 1080)
	wall.Open(h.url + "/?board")
	wall.Await(`document.querySelector(".allquiet")`)
	wall.Shot("wall-quiet")
	desk := gatewaytest.Browser(t, 1280, 800)
	desk.Open(h.url + "/?board")
	desk.Await(`document.querySelector(".allquiet")`)
	desk.Shot("board-quiet")

	h.heard("d-3", devices.BedExit)
	h.Act(t.Context(), alerting.Take{Alarm: h.alarm(t, "d-3").ID, By: "p-1"})
	h.heard("d-5", devices.Inactivity)
	h.Act(t.Context(), alerting.Arrive{Alarm: h.alarm(t, "d-5").ID, By: "p-2"})
	h.heard("d-7", devices.Fall)
	h.Act(t.Context(), alerting.Decline{Alarm: h.alarm(t, "d-7").ID, By: "p-1"})
	h.heard("d-2", devices.Panic)
	h.Act(t.Context(), alerting.Close{Alarm: h.alarm(t, "d-2").ID, By: "p-1", Outcome: alerting.TestAlarm})

	desk.Await(`document.querySelector(".panel.raised")`)
	if strings.Contains(desk.Text(), "Krystyna") || strings.Contains(desk.Text(), "second door") {
		t.Error("the board shows a name or a way in")
	}
	sideways(t, desk)
	desk.Shot("board")
	wall.Await(`document.querySelector(".panel.raised")`)
	cut(t, wall)
	wall.Shot("wall")
	desk.Open(h.url)
	desk.One("button", "Take")
	desk.Shot("desk")
	desk.Open(h.url + "#devices")
	desk.Await(`document.querySelector(".unheard")`)
	desk.Press("Frames of Pendant, room 3")
	desk.Await(`document.querySelector(".frames li")`)
	sideways(t, desk)
	desk.Shot("devices")

	phone := gatewaytest.Browser(t, 360, 740)
	phone.Open(h.url + "#devices")
	phone.Await(`document.querySelector(".unheard")`)
	sideways(t, phone)
	phone.Shot("devices-phone")
	phone.Open(h.url + "/?board")
	phone.Await(`document.querySelector(".panel.raised")`)
	sideways(t, phone)
	phone.Shot("board-phone")
	h.heard("d-4", devices.Panic)
	phone.Open(h.url)
	phone.One("button", "Take")
	if n, err := phone.Named("button", "Take"); err != nil || len(n) != 1 {
		t.Errorf("two alarms that nobody has show %d buttons Take (%v), want that of the more urgent", len(n), err)
	}
	for _, d := range []devices.ID{"d-1", "d-6", "d-8", "d-10"} {
		h.heard(d, devices.Panic)
	}
	wall.Await(`document.querySelectorAll(".panel.raised").length === 6`)
	cut(t, wall)
	cut(t, desk)
	wall.Shot("wall-many")
	sideways(t, phone)
	gatewaytest.Eval[any](phone, `document.querySelector('.modes input[value=night]').click()`)
	phone.Shot("phone-night")
}

// cut fails when an alarm on the board is not whole.
func cut(t *testing.T, tab *gatewaytest.Tab) {
	t.Helper()
	if gatewaytest.Eval[bool](tab, `!document.documentElement.classList.contains("board")`) {
		return
	}
	lost := gatewaytest.Eval[string](tab, `(() => { const low = document.querySelector(".places").getBoundingClientRect().top;
		return [...document.querySelectorAll(".panel")].filter(p => p.getBoundingClientRect().bottom > low + 1 || p.scrollHeight > p.clientHeight + 1).map(p => p.innerText).join("\n---\n") })()`)
	if lost != "" {
		t.Errorf("cut off on the board:\n%s", lost)
	}
}

// A screen that hears nothing for 5 s says so, and keeps what it knew.
func TestNotLive(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	h.Press("d-1")
	for _, size := range [][2]int{{1280, 800}, {360, 740}} {
		tab := gatewaytest.Browser(t, size[0], size[1])
		tab.Open(h.url)
		tab.One("button", "Take")
		h.set(func() { h.deaf = true })
		start := time.Now()
		tab.Await(`document.documentElement.classList.contains("stale")`)
		if d := time.Since(start); d > 9*time.Second {
			t.Errorf("not live was said after %s, want within 5 s of the last beat", d)
		}
		text := tab.Text()
		for _, want := range []string{"Not live", "Last known, as at", "Go by your phones", "Room 1"} {
			if !strings.Contains(text, want) {
				t.Errorf("the page that is not live does not say %q:\n%s", want, text)
			}
		}
		if title := gatewaytest.Eval[string](tab, "document.title"); !strings.Contains(title, "NOT LIVE") {
			t.Errorf("the title is %q", title)
		}
		sideways(t, tab)
		tab.Shot(map[bool]string{true: "stale-phone", false: "stale-desk"}[size[0] < 600])
		h.set(func() { h.deaf = false })
		tab.Await(`!document.documentElement.classList.contains("stale")`)
	}
}

func (h *house) set(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

// A link opens one alarm on a phone, and somebody else's Take is told.
func TestLinkPage(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	h.Press("d-2")
	a := h.alarm(t, "d-1")
	tab := gatewaytest.Browser(t, 360, 740)
	tab.Open(h.Link(a, "p-1"))
	tab.One("button", "Take")
	if text := tab.Text(); strings.Contains(text, "Aniela") || !strings.Contains(text, "A. K.") || strings.Contains(text, "Room 2") {
		t.Errorf("before Take a link shows initials and its own alarm only:\n%s", text)
	}
	if n := len(h.acted()); n != 0 {
		t.Errorf("opening the link has done %d things", n)
	}
	sideways(t, tab)
	tab.Shot("link-1-raised")
	tab.Press("Take")
	tab.One("button", "Arrived")
	if text := tab.Text(); !strings.Contains(text, "Aniela Kowalczyk") || !strings.Contains(text, "Walks with a frame") {
		t.Errorf("whoever took it sees the name and notes:\n%s", text)
	}
	tab.Shot("link-2-taken")
	tab.Press("Show key-safe code is recorded with your name and the time")
	tab.Await(`document.querySelector(".code")`)
	tab.Press("Arrived")
	tab.Press("Close") // with nothing chosen it asks
	tab.Await(`document.activeElement.name === "outcome"`)
	tab.Shot("link-3-outcome")
	tab.Choose("Pressed or seen by mistake")
	tab.Press("Close")
	tab.Await(`document.querySelector(".tick")`)
	tab.Shot("link-4-closed")
	if n, err := tab.Named("button", ""); err != nil || len(n) != 1 || n[0].Name != "Polski" {
		t.Errorf("a link that has ended still offers %v (%v)", n, err)
	}

	tab.Open(h.url + "/a/nonsense")
	tab.Await(`document.querySelector(".lost")`)
	tab.Shot("link-lost")
}

func (h *house) acted() []alerting.Input {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]alerting.Input{}, h.acts...)
}

// Somebody else was faster, and it says who; the gateway is away, and the press
// is tried on until it is back.
func TestRefusedAndTriedOn(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	tab := gatewaytest.Browser(t, 360, 740)
	tab.Open(h.Link(a, "p-1"))
	tab.One("button", "Take")
	h.set(func() { h.broken = &Refusal{Why: alerting.AlreadyHeld, Holder: "p-2"} })
	tab.Press("Take")
	tab.Await(`document.querySelector(".said")?.textContent.includes("Jan Z. has it already.")`)
	tab.Shot("phone-refused")
	h.set(func() { h.broken = trouble("the disk is away") })
	tab.Press("Take")
	tab.Await(`document.querySelector(".said")?.textContent.includes("not confirmed yet")`)
	if n, err := tab.Named("button", "Taking…"); err != nil || len(n) != 1 || !n[0].Disabled {
		t.Errorf("while it is tried on the button says Taking…: %v (%v)", n, err)
	}
	tab.Shot("phone-tried-on")
	h.set(func() { h.broken = nil })
	tab.One("button", "Arrived")
}

type trouble string

func (t trouble) Error() string { return string(t) }

// What people and devices are called is text, whatever it looks like.
func TestNamesAreText(t *testing.T) {
	evil := func(s string) string { return s + `<img src=x onerror="throw 1"></script><script>throw 2</script>"'&` }
	h := newHouse(t, newWard(evil), open)
	h.step(alerting.FaultEdge{Code: alerting.Silent, Subject: "d-11", On: true})
	h.Press("d-1")
	h.Fall("d-7")
	h.Act(t.Context(), alerting.Take{Alarm: h.alarm(t, "d-1").ID, By: "p-1"})
	for _, size := range [][2]int{{360, 740}, {1280, 800}} {
		tab := gatewaytest.Browser(t, size[0], size[1])
		for _, page := range []string{"/", "/#devices", "/#people", "/#settings", "/?board"} {
			tab.Open(h.url + page)
			tab.Await(`document.body.innerText.includes("onerror=")`)
			sideways(t, tab)
			if n := gatewaytest.Eval[int](tab, `document.querySelectorAll("img, #page script").length`); n != 0 {
				t.Errorf("%s: a name has become %d elements", page, n)
			}
		}
	}
}

// A desk can be worked by keys alone.
func TestKeys(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	h.Press("d-1")
	h.Press("d-2")
	tab := gatewaytest.Browser(t, 1280, 800)
	tab.Open(h.url)
	tab.One("button", "Take")
	tab.Key(kb.ArrowDown)
	tab.Await(`document.querySelector(".title h1").textContent.includes("Room 2")`)
	tab.One("button", "Take")
	tab.Key("t")
	tab.One("button", "Arrived")
	tab.Key("a")
	tab.One("button", "Close")
	tab.Key("c") // with nothing chosen it asks
	tab.Await(`document.activeElement.name === "outcome"`)
	tab.Key(" ")
	tab.Await(`document.querySelector("[name=outcome]:checked")?.value === "helped"`)
	gatewaytest.Eval[any](tab, `document.activeElement.blur()`)
	tab.Key("c")
	tab.Await(`document.querySelector(".title.closed")`)
	if a := h.alarm(t, "d-2"); a.State != alerting.Closed || a.Outcome != alerting.Helped {
		t.Errorf("the alarm is %s with outcome %q", a.State, a.Outcome)
	}
	if a := h.alarm(t, "d-1"); a.State != alerting.Raised {
		t.Errorf("the other alarm is %s", a.State)
	}
	tab.Key("n")
	tab.Await(`document.activeElement.name === "place"`)
}

// A screen that is not signed in asks, and shows the alarms after it.
func TestSignIn(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	tab := gatewaytest.Browser(t, 360, 740)
	tab.Open(h.url)
	tab.One("button", "Sign in")
	tab.Shot("sign-in")
	gatewaytest.Eval[any](tab, `document.querySelector("[name=who]").value = "marta"`)
	gatewaytest.Eval[any](tab, `document.querySelector("[name=password]").value = "wrong"`)
	tab.Press("Sign in")
	tab.Await(`document.querySelector(".said")?.textContent.includes("not right")`)
	gatewaytest.Eval[any](tab, `document.querySelector("[name=password]").value = "secret of the ward"`)
	tab.Press("Sign in")
	tab.Press("Take")
	tab.One("button", "Arrived")
	// Where the gateway has not heard of a sign-out, it says so.
	gatewaytest.Eval[any](tab, `window.was = fetch; window.fetch = (u, o) => o?.method === "DELETE" ? Promise.reject(new Error()) : was(u, o); 0`)
	tab.Press("Sign out")
	tab.Await(`document.querySelector(".said")?.textContent.includes("still signed in")`)
	gatewaytest.Eval[any](tab, `window.fetch = was; [...document.querySelectorAll("button")].find(b => b.innerText === "Sign out").click(); 0`) // of two
	tab.One("button", "Sign in")
}

// TestServe is a ward to look at: TELECARE_SERVE=1 go test -run TestServe
// -timeout 0 ./dashboards
func TestServe(t *testing.T) {
	if os.Getenv("TELECARE_SERVE") == "" {
		t.Skip("set TELECARE_SERVE to look at the page by hand")
	}
	h := newHouse(t, newWard(same), open)
	t.Log(h.url)
	os.Stderr.WriteString(h.url + "\n")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	<-stop
}
