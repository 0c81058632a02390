package dashboards

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

// kinfolk knows what Ewa was sent.
type kinfolk struct {
	mu     sync.Mutex
	signs  alerting.CallSigns
	alarms []alerting.Alarm
	told   []alerting.SignsTold
}

func (k *kinfolk) Signs(alerting.ResidentID) (alerting.CallSigns, bool, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.signs, false, true
}

func (k *kinfolk) Told(alerting.Person) ([]alerting.Alarm, []alerting.SignsTold) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.alarms, k.told
}

// daughter makes Ewa somebody who is told of Aniela, and says it by kin.
func daughter(kin Kin) func(*Options) {
	return func(o *Options) {
		o.Kin = kin
		for i := range o.Accounts {
			if o.Accounts[i].Name == "ewa" {
				o.Accounts[i].Person = "p-7"
			}
		}
	}
}

// told is a ward in which Aniela has agreed that Ewa is told of her.
func told() Ward {
	w := newWard(same)
	w.People = append(w.People, Person{"p-7", "Ewa K., daughter", "carer"})
	w.Plan = plan(w)
	w.Plan.Informed = []alerting.Informed{{Resident: "r-1", To: "p-7", Of: alerting.AlarmNews(), Signs: true}}
	return w
}

// A family reads where their person is, and what was sent to them; signs of life
// only where the registry has it told to them, and of nobody else.
func TestFamilyIsToldOfItsOwn(t *testing.T) {
	now := time.Now()
	alarm := func(who alerting.ResidentID, state alerting.Delivery) alerting.Alarm {
		return alerting.Alarm{ID: "a-x", Place: "l-1", Residents: []alerting.ResidentID{who}, RaisedAt: now.Add(-time.Hour), Informed: []alerting.Told{
			{To: "p-7", News: alerting.NewsRaised, At: now.Add(-time.Hour), State: state}, {To: "p-7", News: alerting.NewsClosed, At: now.Add(-time.Minute), State: alerting.Failing},
			{To: "p-8", News: alerting.NewsThere, At: now, State: alerting.Delivered},
		}}
	}
	kin := &kinfolk{
		signs:  alerting.CallSigns{Last: now, By: alerting.SawDoor, Sensors: 2, Heard: 2},
		alarms: []alerting.Alarm{alarm("r-1", alerting.Delivered), alarm("r-2", alerting.Delivered), alarm("r-1", alerting.Withdrawn)},
		told: []alerting.SignsTold{{Of: "r-1", To: "p-7", Last: &alerting.Told{News: alerting.NewsSigns, At: now.Add(-2 * time.Hour), State: alerting.Delivered}},
			{Of: "r-2", To: "p-7", Last: &alerting.Told{News: alerting.NewsSigns, At: now}}, {Of: "r-1", To: "p-7"}},
	}
	read := func(w Ward, change func(*Options)) (out ownList) {
		t.Helper()
		h := newHouse(t, w, change)
		if err := json.Unmarshal([]byte(h.caller(t, "ewa").want(200, "GET", "/api/v1/own", "")), &out); err != nil || len(out.People) != 1 {
			t.Fatalf("%v: %+v", err, out)
		}
		return out
	}
	out := read(told(), daughter(kin))
	p := out.People[0]
	if p.Name != "Aniela Kowalczyk" || p.Place != "Room 1" || p.Signs == nil || len(p.Signs.Says) != 2 || !strings.Contains(p.Signs.Says[0], "(door)") || p.Signs.Says[1] != "All as usual." {
		t.Errorf("of Aniela it reads %+v, %+v", p, p.Signs)
	}
	var got []string
	for _, x := range out.Told {
		got = append(got, x.News+" "+string(x.State))
	}
	if want := []string{"closed failing", "closed failing", "raised delivered", "signs delivered"}; !slices.Equal(got, want) {
		t.Errorf("it was sent %q, want %q", got, want)
	}
	w := told()
	w.Plan.Informed[0].To = "p-1"
	if p := read(w, daughter(kin)).People[0]; p.Signs != nil {
		t.Errorf("without Aniela's word it reads %+v", p.Signs)
	}
	if out := read(told(), func(o *Options) { o.Kin = kin }); out.People[0].Signs != nil || len(out.Told) != 0 {
		t.Errorf("an account that is nobody's who is told reads %+v", out)
	}
}

// On its phone a family sees whether all is well, who comes, the last sign of
// life and what was sent; what is not heard is not well. Nothing of others.
func TestFamilyPage(t *testing.T) {
	kin := &kinfolk{signs: alerting.CallSigns{Last: time.Now(), By: alerting.SawMovement, Sensors: 2, Heard: 2}}
	h := newHouse(t, told(), daughter(kin))
	tab := gatewaytest.Browser(t, 360, 740)
	tab.Open(h.url)
	tab.SignIn("ewa", "secret of the ward")
	tab.Await(`document.querySelector(".own .facts")?.innerText.includes("All as usual.")`)
	says := func(all ...string) {
		t.Helper()
		text := tab.Text()
		for _, s := range all {
			if !strings.Contains(text, s) {
				t.Errorf("the page does not say %q:\n%s", s, text)
			}
		}
		for _, s := range []string{"Henryk", "Room 2", "Board", "Press", "Take"} {
			if strings.Contains(text, s) {
				t.Errorf("the page says %q:\n%s", s, text)
			}
		}
		whole(t, tab)
	}
	h.hub.Device(devices.Status{ID: "d-1", Life: devices.LifeSilent})
	tab.Await(`document.querySelector(".now.unknown")`)
	says("Aniela Kowalczyk", "Not known", "Not heard: Pendant, room 1", "Last sign of life", "Room 1", "Nothing since yesterday", "Ring the information centre")
	tab.Shot("own-phone-unknown")
	h.Press("d-2") // somebody else's
	h.Press("d-1")
	tab.Await(`document.querySelector(".now.raised")?.innerText.includes("Nobody has it yet")`)
	says("Help wanted", "Room 1")
	tab.Shot("own-phone-raised")
	a := h.alarm(t, "d-1")
	h.step(alerting.Take{Alarm: a.ID, By: "p-1"})
	tab.Await(`document.querySelector(".now.held")?.innerText.includes("Marta W. is on the way since")`)
	tab.Shot("own-phone-taken")
	h.step(alerting.Arrive{Alarm: a.ID, By: "p-1"})
	tab.Await(`document.querySelector(".now.held")?.innerText.includes("Marta W. is there since")`)
	kin.mu.Lock()
	kin.alarms = []alerting.Alarm{{ID: a.ID, Kind: a.Kind, Place: a.Place, Residents: a.Residents, RaisedAt: a.RaisedAt, Informed: []alerting.Told{
		{To: "p-7", News: alerting.NewsRaised, At: time.Now(), State: alerting.Delivered}, {To: "p-7", News: alerting.NewsClosed, At: time.Now(), State: alerting.Sending}}}}
	kin.mu.Unlock()
	h.step(alerting.Close{Alarm: a.ID, By: "p-1", Outcome: alerting.Helped})
	tab.Await(`document.querySelector(".now:not(.held)")?.innerText.includes("The last alarm: ")`)
	tab.Await(`document.querySelector(".own ol")?.innerText.includes("Help was being called")`)
	says("Over: Help wanted, Room 1", "not sent yet")
	tab.Shot("own-phone-over")
	tab.Press("Polski")
	tab.Await(`document.querySelector(".own .now")?.innerText.includes("Ostatni alarm")`)
	whole(t, tab)
	tab.Shot("own-phone-pl")
	desk := gatewaytest.Browser(t, 1280, 800)
	desk.Open(h.url)
	desk.SignIn("ewa", "secret of the ward")
	desk.Await(`document.querySelector(".own .facts")`)
	whole(t, desk)
	desk.Shot("own-desk")
}

// Without an alarm a nurse reads notes and a code for a reason, on a phone; a
// manager reads who looked, and why, and signs out where they have forgotten to.
func TestGlassLooksAndSessionsOnThePage(t *testing.T) {
	h := newHouse(t, newWard(same), func(o *Options) { o.Book = &paper{} })
	phone := gatewaytest.Browser(t, 360, 740)
	phone.Open(h.url + "#people")
	phone.SignIn("marta", "secret of the ward")
	phone.Await(`document.querySelector(".people .line")`)
	phone.Press(gatewaytest.Eval[string](phone, `[...document.querySelector(".people .line").children].map(e => e.textContent).join(" ")`))
	if text := phone.Text(); strings.Contains(text, "Aniela") {
		t.Errorf("a nurse is shown a name:\n%s", text)
	}
	phone.Press("Notes and key-safe without an alarm: A. K.")
	phone.Await(`document.activeElement.name === "reason"`)
	phone.Key("because")
	phone.Press("Open, and write it down")
	phone.Await(`document.activeElement.name === "reason" && document.querySelector(".glass .said")?.textContent.includes("at least 10 letters")`)
	whole(t, phone)
	phone.Shot("glass-phone-why")
	phone.Key(", she does not answer her door")
	phone.Press("Open, and write it down")
	phone.Await(`document.querySelector(".glass.broken")?.innerText.includes("Walks with a frame")`)
	if text := phone.Text(); !strings.Contains(text, "Aniela Kowalczyk") || !strings.Contains(text, "second door") || strings.Contains(text, "4719#") {
		t.Errorf("behind the glass the page shows:\n%s", text)
	}
	phone.Press("Show code")
	phone.Await(`document.querySelector(".glass .code")?.textContent === "4719#"`)
	whole(t, phone)
	phone.Shot("glass-phone-open")
	phone.Press("Hide")
	phone.Await(`!document.body.innerText.includes("Aniela")`)
	phone.Press("Show again")
	phone.Await(`document.querySelector(".glass.broken")?.innerText.includes("Walks with a frame")`)

	h.caller(t, "olga")
	desk := gatewaytest.Browser(t, 1280, 800)
	desk.Open(h.url + "#looks")
	desk.SignIn("olga", "secret of the ward")
	desk.Await(`document.querySelectorAll(".looks tbody tr").length === 4`)
	row := gatewaytest.Eval[string](desk, `document.querySelector(".looks tbody tr:last-child").innerText`)
	for _, s := range []string{"Marta W., nurse", "Aniela Kowalczyk", "asked for without an alarm", "because, she does not answer her door"} {
		if !strings.Contains(row, s) {
			t.Errorf("the book says %q, and not %q", row, s)
		}
	}
	whole(t, desk)
	desk.Shot("looks-desk")
	gatewaytest.Eval[any](desk, `(() => { const s = [...document.querySelectorAll(".asking select")][1]; s.value = "p-2"; s.dispatchEvent(new Event("change")); })()`)
	desk.Await(`document.querySelector(".looks main [role=status]").textContent.includes("Nobody has looked.")`)
	small := gatewaytest.Browser(t, 360, 740)
	small.Open(h.url + "#looks")
	small.SignIn("olga", "secret of the ward")
	small.Await(`document.querySelectorAll(".looks tbody tr").length === 4`)
	whole(t, small)
	small.Shot("looks-phone")

	gatewaytest.Eval[any](desk, `location.hash = "#account"`)
	desk.Await(`document.querySelectorAll(".account .lines li").length === 3`)
	whole(t, desk)
	desk.Shot("account-desk")
	gatewaytest.Eval[any](small, `location.hash = "#account"`)
	small.Await(`document.querySelectorAll(".account .lines li").length === 3`)
	whole(t, small)
	small.Shot("account-phone")
	desk.Press("Sign out at the 2 other places")
	desk.Await(`document.querySelectorAll(".account .lines li").length === 1 && document.body.innerText.includes("Signed out at 2 places.")`)
	small.Await(`document.querySelector(".signin")`)
	if text := small.Text(); strings.Contains(text, "Aniela") {
		t.Errorf("a phone that was signed out still shows:\n%s", text)
	}
}
