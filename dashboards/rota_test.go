package dashboards

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

// writes puts overrides into a house's plan, as a registry would.
type writes struct {
	Registrar
	h *house

	mu   sync.Mutex
	said []OverrideChange
}

func (r *writes) Roster(_ context.Context, c RosterChange) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.h.ward
	rosters := maps.Clone(w.Plan.Rosters)
	x := rosters[alerting.RosterID(c.Roster)]
	if o := c.Override; o != nil {
		from, err := time.Parse(time.RFC3339, o.From)
		if err != nil {
			return 0, err
		}
		until, err := time.Parse(time.RFC3339, o.Until)
		if err != nil {
			return 0, err
		}
		r.said = append(r.said, *o)
		x.Overrides = append(x.Overrides, alerting.Override{From: from, Until: until, Who: []alerting.Person{alerting.Person(o.Who[0])}})
	} else {
		x.Overrides = nil
	}
	rosters[alerting.RosterID(c.Roster)] = x
	w.Plan.Rosters = rosters
	r.h.ward = w
	r.h.hub.SetWard(w)
	return 0, nil
}

// rostered is a ward whose nurses take turns by day and night, but for tomorrow
// from 06:00 to 18:00, when nobody does.
func rostered(w Ward) Ward {
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		panic(err)
	}
	now := time.Now().In(zone)
	day := func(n, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+n, hour, 0, 0, 0, zone)
	}
	var over []alerting.Override
	for n := -40; n < 50; n++ {
		if n != 1 {
			over = append(over, alerting.Override{From: day(n, 6), Until: day(n, 18), Who: []alerting.Person{"p-1"}})
		}
		over = append(over, alerting.Override{From: day(n, 18), Until: day(n+1, 6), Who: []alerting.Person{"p-2"}})
	}
	w.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"o-1": {Overrides: over}}
	w.Plan.Policies = map[alerting.PolicyID]alerting.Policy{"policy": {Steps: []alerting.PolicyStep{{Call: []alerting.Target{{Roster: "o-1"}}}}}}
	w.RosterNames, w.PolicyNames = map[alerting.RosterID]string{"o-1": "Nurses"}, map[alerting.PolicyID]string{"policy": "Ward"}
	return w
}

// The centre sees tomorrow's hole and fills it: by keys at a desk, by touch on a
// phone, in Polish.
func TestRotaOnThePage(t *testing.T) {
	for _, x := range []struct {
		name          string
		width, height int
		ward          Ward
		hole, do      string
	}{
		{"desk", 1280, 800, rostered(newWard(same)), "nobody to call but the last-resort contact", "Put on call"},
		{"pl-phone", 360, 740, rostered(inPolish()), "można wezwać tylko kontakt awaryjny", "Wyznacz"},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			r := &writes{}
			h := newHouse(t, x.ward, func(o *Options) { open(o); o.Registrar = r })
			r.h = h
			tab := gatewaytest.Browser(t, x.width, x.height)
			zone, _ := time.LoadLocation("Europe/Warsaw")
			tomorrow := time.Now().In(zone).AddDate(0, 0, 1).Format(time.DateOnly)
			tab.Open(h.url + "#rota/" + tomorrow)
			tab.Await(`document.querySelector(".days .hole")?.textContent.includes("` + x.hole + `")`)
			if n := gatewaytest.Eval[int](tab, `document.querySelectorAll(".days .hole").length`); n != 1 {
				t.Errorf("%d holes are shown, want tomorrow's", n)
			}
			whole(t, tab)
			tab.Shot("rota-" + x.name)
			if x.width > 600 {
				gatewaytest.Eval[any](tab, `document.querySelector('[data-day="`+tomorrow+`"]').focus()`)
				tab.Key(kb.Enter)
				tab.Await(`document.activeElement.id === "rota-day"`)
			} else {
				tab.Open(h.url + "#rota")
				tab.Await(`document.querySelector(".rota p.hole a")`)
				gatewaytest.Eval[any](tab, `document.querySelector(".rota p.hole a").click()`)
				tab.Await(`document.activeElement.id === "rota-day"`)
			}
			tab.Await(`document.querySelector(".put [name=who] optgroup")`)
			if from := gatewaytest.Eval[string](tab, `document.querySelector(".put [name=from]").value`); from != tomorrow+"T06:00" {
				t.Errorf("the hole is to be filled from %q, want 06:00", from)
			}
			gatewaytest.Eval[any](tab, `document.querySelector(".put [name=who]").value = "p-1"`)
			whole(t, tab)
			tab.Shot("rota-" + x.name + "-hole")
			tab.Press(x.do)
			tab.Await(`!document.querySelector(".days .hole") && document.querySelector(".opened .said[role=status]")`)
			if len(r.said) != 1 || r.said[0].Who[0] != "p-1" {
				t.Errorf("the registry was told %+v", r.said)
			}
			whole(t, tab)
			if x.width > 600 {
				tab.Key(kb.Escape)
				tab.Await(`document.activeElement.dataset.day === "` + tomorrow + `"`)
				tab.Key(kb.ArrowLeft)
				tab.Await(`document.activeElement.dataset.day < "` + tomorrow + `"`)
				tab.Press("Month")
				tab.Await(`document.querySelectorAll(".days > li").length === 42`)
				whole(t, tab)
				tab.Shot("rota-" + x.name + "-month")
				tab.Open(h.url + "#rota/2026-10-25") // a day of 25 hours
				tab.Await(`document.querySelector('[data-day="2026-10-25"]')?.textContent.includes("25 hours")`)
				tab.Await(`document.querySelector('[data-day="2026-10-24"]') && !document.querySelector('[data-day="2026-10-24"]').textContent.includes("hours")`)
			}
		})
	}
}

// A thousand devices are found, scrolled and opened; one shows its week, and is
// tried.
func TestDeviceOnThePage(t *testing.T) {
	for _, x := range []struct {
		name          string
		width, height int
		ward          Ward
		test          string
	}{{"desk", 1280, 800, newWard(same), "Test for 30 min"}, {"pl-phone", 360, 740, inPolish(), "Próba przez 30 min"}} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			for i := 13; i <= 1000; i++ {
				d := x.ward.Devices[0]
				d.ID, d.Name = devices.ID(fmt.Sprintf("d-%d", i)), fmt.Sprintf("%s %d", d.Name, i)
				x.ward.Devices = append(x.ward.Devices, d)
			}
			r := &roundsOf{}
			h := newHouse(t, x.ward, func(o *Options) { open(o); o.Rounds = r })
			r.h = h
			for i := range 40 {
				h.hub.Device(devices.Status{ID: "d-12", Life: devices.LifeHeard, LastSeen: time.Now().Add(time.Duration(i-40) * 2 * time.Hour), DueEvery: 7200,
					Battery:  &devices.BatteryHealth{State: devices.BatteryFine, Weeks: 12, Replaced: time.Now().AddDate(-1, 0, 0)},
					Readings: []devices.Reading{{Quantity: devices.Battery, Value: float64(90 - i/4), Unit: "%"}, {Quantity: devices.RSSI, Value: float64(-70 - i%9), Unit: "dBm"}}})
			}
			tab := gatewaytest.Browser(t, x.width, x.height)
			tab.Open(h.url + "#devices")
			tab.Await(`document.querySelectorAll(".devices tbody tr").length > 100`)
			gatewaytest.Eval[any](tab, `(window.t0 = performance.now(), dispatchEvent(new HashChangeEvent("hashchange")), setTimeout(() => { window.t1 = performance.now() }, 0), 0)`)
			tab.Await("window.t1")
			t.Logf("1,000 devices are drawn anew in %.0f ms", gatewaytest.Eval[float64](tab, "t1 - t0"))
			if n := gatewaytest.Eval[int](tab, `document.querySelectorAll(".devices tbody tr").length`); n > 400 {
				t.Errorf("%d rows are drawn at once", n)
			}
			whole(t, tab)
			gatewaytest.Eval[any](tab, `(() => { const i = document.querySelector(".find input"); i.value = "`+x.ward.Devices[998].Name+`"; i.dispatchEvent(new Event("input")) })()`)
			tab.Await(`document.querySelectorAll(".devices tbody tr:not(.group)").length === 1`)
			tab.Open(h.url + "#devices/d-12")
			tab.Await(`document.querySelectorAll(".signs li").length === 7 && document.querySelectorAll(".chart").length === 2`)
			if n := gatewaytest.Eval[int](tab, `document.querySelectorAll(".signs .heard").length`); n < 30 || n > 42 {
				t.Errorf("%d hours are shown as heard, want about 40", n)
			}
			if n := gatewaytest.Eval[int](tab, `document.querySelectorAll(".signs .unknown").length`); n < 80 {
				t.Errorf("%d hours are shown as unknown, want those before the start", n)
			}
			whole(t, tab)
			tab.Shot("device-" + x.name)
			tab.Press(x.test)
			tab.Await(`document.querySelector(".one [role=status]")`)
			whole(t, tab)
			if acts := h.acted(); len(acts) != 1 || acts[0].(alerting.SetTest).Device != "d-12" {
				t.Errorf("the desk was told %+v", acts)
			}
		})
	}
}
