package dashboards

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

// roundsOf are the rounds of a house's machine; who is found is a resident.
type roundsOf struct{ h *house }

func (r *roundsOf) Absences() (out []alerting.Absence) {
	r.h.set(func() { out = r.h.machine.Absences() })
	return out
}

func (r *roundsOf) Tests() (out []alerting.TestWindow) {
	r.h.set(func() { out = r.h.machine.Tests() })
	return out
}

func (r *roundsOf) Find(who string) (alerting.ResidentID, alerting.PlaceID, devices.ID) {
	if strings.HasPrefix(who, "d-") {
		return "", "", devices.ID(who)
	}
	return alerting.ResidentID(who), "", ""
}

// The centre sees who is on call, when nobody is, and who or what is not as
// always, and ends that.
func TestDuty(t *testing.T) {
	for _, x := range []struct {
		name          string
		width, height int
		ward          Ward
		want, buttons []string
	}{
		{"desk", 1280, 800, newWard(same),
			[]string{"Nurses", "Jan Z.", "until ", "Hours without anybody on call (1)", "nobody to call but the last-resort contact", "Marta W.", "Aniela Kowalczyk", "said by Information centre", "Pendant, room 2"},
			[]string{"End: Marta W.", "Is back: Aniela Kowalczyk", "End: Pendant, room 2"}},
		{"pl-phone", 360, 740, inPolish(),
			[]string{"Nurses", "Jan Z. do ", "Godziny bez dyżuru (1)", "można wezwać tylko kontakt awaryjny", "Marta W.", "Aniela Kowalczyk", "Centrum informacji", "Przycisk, pokój 2"},
			[]string{"Zakończ: Marta W.", "Jest z powrotem: Aniela Kowalczyk", "Zakończ: Przycisk, pokój 2"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			shift := alerting.Override{From: now.Add(-time.Hour), Until: now.Add(time.Hour), Who: []alerting.Person{"p-2"}}
			x.ward.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"o-1": {Overrides: []alerting.Override{shift}}}
			x.ward.Plan.Policies = map[alerting.PolicyID]alerting.Policy{"policy": {Steps: []alerting.PolicyStep{{Call: []alerting.Target{{Roster: "o-1"}}}}}}
			x.ward.RosterNames = map[alerting.RosterID]string{"o-1": "Nurses"}
			r := &roundsOf{}
			h := newHouse(t, x.ward, func(o *Options) { open(o); o.Rounds = r })
			r.h = h
			h.Act(t.Context(), alerting.BreakBegins{By: "p-1", Until: now.Add(time.Hour)})
			h.Act(t.Context(), alerting.Away{Resident: "r-1", Until: now.Add(48 * time.Hour), By: "p-9"})
			h.Act(t.Context(), alerting.SetTest{Device: "d-2", Until: now.Add(time.Hour), By: "p-9"})
			tab := gatewaytest.Browser(t, x.width, x.height)
			tab.Open(h.url + "#duty")
			tab.One("button", x.buttons[0])
			text := tab.Text()
			for _, want := range x.want {
				if !strings.Contains(text, want) {
					t.Errorf("the page lacks %q:\n%s", want, text)
				}
			}
			whole(t, tab)
			tab.Shot("duty-" + x.name)
			for i, b := range x.buttons {
				tab.Press(b)
				tab.Await(`![...document.querySelectorAll(".duty main button")].some(b => b.ariaLabel === "` + b + `")`)
				if n := len(h.acted()); n != 4+i {
					t.Errorf("after %q the desk was told %d things, want %d", b, n, 4+i)
				}
			}
			if b, a, w := h.machine.Breaks(), h.machine.Absences(), h.machine.Tests(); len(b)+len(a)+len(w) != 0 {
				t.Errorf("what was ended still is: %v %v %v", b, a, w)
			}
			h.Press("d-1")
			tab.Await(`document.querySelector(".others .item.raised")`) // never out of sight
			whole(t, tab)
		})
	}
}

// Whoever has an alarm asks somebody to take it over: with a thumb by the link of
// a call, in Polish, and by keys alone at a desk.
func TestHandOverOnThePage(t *testing.T) {
	t.Run("phone", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, inPolish(), nil)
		h.Press("d-1")
		a := h.alarm(t, "d-1")
		tab := gatewaytest.Browser(t, 360, 740)
		tab.Open(h.Link(a, "p-1"))
		tab.Press("Przyjmuję")
		tab.Press("Przekaż")
		tab.Await(`document.activeElement.name === "to"`)
		whole(t, tab)
		tab.Shot("hand-over-phone")
		if text := gatewaytest.Eval[string](tab, `document.querySelector("select[name=to]").innerText`); strings.Contains(text, "Marta") || !strings.Contains(text, "Jan Z.") {
			t.Errorf("who can be asked is %q, want all but oneself", text)
		}
		gatewaytest.Eval[any](tab, `document.querySelector("select[name=to]").value = "p-2"`)
		tab.Press("Poproś o przejęcie")
		tab.Await(`document.querySelector(".head .state").textContent.includes("prośba o przejęcie: Jan Z.")`)
		tab.Shot("hand-over-phone-asked")
		whole(t, tab)
		if a := h.alarm(t, "d-1"); a.Offered != "p-2" || a.Holder != "p-1" {
			t.Errorf("it is offered to %q and held by %q, want p-2 and p-1", a.Offered, a.Holder)
		}
		other := gatewaytest.Browser(t, 360, 740)
		other.Open(h.Link(a, "p-2"))
		other.Await(`document.querySelector(".head .state")?.textContent.includes("prośba o przejęcie do Ciebie")`)
		other.Press("Przyjmuję")
		other.One("button", "Na miejscu")
		if a := h.alarm(t, "d-1"); a.Holder != "p-2" {
			t.Errorf("it is held by %q, want p-2", a.Holder)
		}
	})
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, newWard(same), open)
		h.Press("d-1")
		tab := gatewaytest.Browser(t, 1280, 800)
		tab.Open(h.url)
		tab.One("button", "Take")
		tab.Key("t")
		tab.One("button", "Hand over")
		tab.Await(`!document.querySelector("button.handing[aria-disabled]")`)
		tab.Key("o")
		tab.Await(`document.activeElement.name === "to"`)
		tab.Key(kb.ArrowDown)
		tab.Await(`document.querySelector("select[name=to]").value === "p-1"`)
		whole(t, tab)
		tab.Shot("hand-over-desk")
		tab.Key(kb.Tab)
		tab.Key(kb.Enter)
		tab.Await(`document.querySelector(".strip").textContent.includes("Marta W. is asked to take over")`)
		if a := h.alarm(t, "d-1"); a.Offered != "p-1" {
			t.Errorf("it is offered to %q, want p-1", a.Offered)
		}
	})
}

// A watch that is blind is told by where it watches; whom, only to those who may
// know it, and by initials.
func TestBlindWatchIsNamed(t *testing.T) {
	ward := newWard(same)
	ward.Plan.Stays = ward.planned()
	ward.Plan.Watches = map[alerting.WatchID]alerting.Watch{
		"w-1": {Kind: devices.Inactivity, Resident: "r-1"}, "w-2": {Kind: devices.BedExit, Place: "l-2"},
	}
	now := time.Now()
	for _, x := range []struct {
		role    Role
		subject string
		want    string
	}{
		{RoleCentre, "w-1", "Room 1, A. K."}, {RoleTechnician, "w-1", "Room 1"}, {RoleBoard, "w-1", "Room 1"},
		{RoleCentre, "w-2", "Room 2"}, {RoleCentre, "w-3", "w-3"},
	} {
		f := viewer{role: x.role}.fault(ward.indexed(), alerting.Fault{Code: alerting.WatchBlind, Subject: x.subject, Since: now}, true)
		if f.Name != x.want {
			t.Errorf("%s is told that %q is blind, want %q", x.role, f.Name, x.want)
		}
	}
}
