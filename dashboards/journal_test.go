package dashboards

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"telecare/alerting"
	"telecare/alerting/past"
	"telecare/devices"
	"telecare/gateway/archive"
	"telecare/gateway/gatewaytest"
)

// pastOf keeps what a house's machine tells, in the archive that the gateway has.
type pastOf struct {
	mu     sync.Mutex
	a      *archive.Archive
	behind bool
	broken error
}

func newPastOf(t testing.TB) *pastOf {
	t.Helper()
	a, err := archive.Open(context.Background(), filepath.Join(t.TempDir(), "archive.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return &pastOf{a: a}
}

func withPast(t testing.TB) func(*Options) {
	return func(o *Options) { o.Lookback = newPastOf(t) }
}

func (p *pastOf) add(c alerting.Changed) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.a.Add(context.Background(), c); err != nil {
		p.broken = err
	}
}

func (p *pastOf) kept() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.a.Keep(time.Now(), []byte("state"))
	if p.broken != nil {
		return p.broken
	}
	return p.a.Err()
}

func (p *pastOf) Find(ctx context.Context, q past.Query) (past.Page, error) {
	if err := p.kept(); err != nil {
		return past.Page{}, err
	}
	p.mu.Lock()
	behind := p.behind
	p.behind = false
	p.mu.Unlock()
	alarms, more, err := p.a.Find(ctx, q)
	return past.Page{Alarms: alarms, More: more, Until: time.Now(), Behind: behind}, err
}

func (p *pastOf) Story(ctx context.Context, id alerting.AlarmID) (*past.Story, error) {
	if err := p.kept(); err != nil {
		return nil, err
	}
	return p.a.Story(ctx, id)
}

// seen is an alarm that was taken, attended and closed by Marta; Jan was not
// called.
func seen(t testing.TB, h *house, d devices.ID) alerting.Alarm {
	t.Helper()
	h.heard(d, devices.Panic)
	id := h.alarm(t, d).ID
	for _, in := range []alerting.Input{
		alerting.Take{Alarm: id, By: "p-1"}, alerting.Arrive{Alarm: id, By: "p-1"}, alerting.Close{Alarm: id, By: "p-1", Outcome: alerting.Helped},
	} {
		if r := h.step(in); r != nil {
			t.Fatal(r)
		}
	}
	return h.alarm(t, d)
}

func found(t testing.TB, c *caller, query string) (out pastList) {
	t.Helper()
	if err := json.Unmarshal([]byte(c.want(200, "GET", apiRoot+"/journal?"+query, "")), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Who finds what, and what is shown of it: no name of whoever called, not even
// while the alarm is open.
func TestWhoLooksBack(t *testing.T) {
	log := new(syncBuffer)
	h := newHouse(t, newWard(same), func(o *Options) {
		o.Lookback = newPastOf(t)
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	})
	stays := plan(h.ward)
	stays.Stays = h.ward.planned()
	h.step(alerting.Apply{Plan: stays})
	a := seen(t, h, "d-1")
	h.Press("d-2")
	centre, marta, jan, piotr := h.caller(t, "centre"), h.caller(t, "marta"), h.caller(t, "jan"), h.caller(t, "piotr")
	ids := h.program(t, "", AlarmsRead)
	story := apiRoot + "/journal/" + string(a.ID)
	h.caller(t, "").want(401, "GET", apiRoot+"/journal", "")
	h.caller(t, "wall").want(403, "GET", story, "")
	h.caller(t, "wall").want(403, "GET", story+"/steps/0", "")
	jan.want(404, "GET", story, "")
	jan.want(404, "GET", story+"/steps/0", "")
	centre.want(404, "GET", apiRoot+"/journal/a-none", "")
	centre.want(404, "GET", story+"/steps/99", "")
	piotr.want(403, "GET", apiRoot+"/journal?person=p-1", "")

	for _, x := range []struct {
		name string
		*caller
		n         int
		see, hide []string
	}{
		{"the centre", centre, 2, []string{"A. K.", "Room 1", "Marta W."}, nil},
		{"whoever was called", marta, 2, []string{"A. K.", "Marta W."}, nil},
		{"who was not", jan, 0, nil, []string{"Room 1"}},
		{"a technician", piotr, 2, []string{"Room 1"}, []string{"A. K.", "Marta", `"p-1"`}},
		{"a program with ids", ids, 2, []string{"p-1"}, []string{"A. K.", "Marta"}},
	} {
		text := x.want(200, "GET", apiRoot+"/journal", "")
		if n := len(found(t, x.caller, "").Alarms); n != x.n {
			t.Errorf("%s finds %d alarms, want %d", x.name, n, x.n)
		}
		if x.n > 0 {
			text += x.want(200, "GET", story, "") + x.want(200, "GET", story+"/steps/0", "") + x.want(200, "GET", story+"/steps/2", "")
		}
		for _, s := range x.see {
			if !strings.Contains(text, s) {
				t.Errorf("%s does not see %q: %s", x.name, s, text)
			}
		}
		for _, s := range append(x.hide, "Aniela", "Henryk", "Walks with", "second door", "4719#", `"can"`, "500 000", "12 000 00 01") {
			if strings.Contains(text, s) {
				t.Errorf("%s sees %q: %s", x.name, s, text)
			}
		}
	}

	// A text finds what whoever asks may know.
	if strings.Contains(log.String(), "resident") {
		t.Error("a look by name is recorded before there is one")
	}
	for who, x := range map[string]map[string]int{
		"centre": {"room 1": 1, "ROOM": 2, "pendant, room 2": 1, "marta": 2, "kowalczyk": 1, "1": 1, "2": 1, "nobody": 0, " ": 2},
		"piotr":  {"room 1": 1, "marta": 0, "kowalczyk": 0},
		"jan":    {"room 1": 0},
	} {
		for text, n := range x {
			if got := len(found(t, h.caller(t, who), "q="+url.QueryEscape(text)).Alarms); got != n {
				t.Errorf("%s finds %d alarms by %q, want %d", who, got, text, n)
			}
		}
	}
	if text := log.String(); !strings.Contains(text, `what="alarms by a resident's name"`) || !strings.Contains(text, "person=p-9") || strings.Contains(text, "owalczyk") {
		t.Errorf("a look by a resident's name is recorded as:\n%s", text)
	}
}

// The page asks for the next part by what the answer says, and for more of a
// journal that is not read to its end.
func TestPartsOfTheJournal(t *testing.T) {
	h := newHouse(t, newWard(same), withPast(t))
	var want []int
	for i := range 7 {
		want = append([]int{seen(t, h, devices.ID("d-"+string(rune('1'+i)))).Number}, want...)
	}
	c := h.caller(t, "centre")
	var got []int
	for cursor, n := "", 0; n == 0 || cursor != "" && n < 9; n++ {
		part := found(t, c, "limit=3&cursor="+url.QueryEscape(cursor))
		for _, a := range part.Alarms {
			got = append(got, a.Number)
		}
		cursor = part.Next
	}
	if !slices.Equal(got, want) {
		t.Errorf("in parts there is %v, want %v", got, want)
	}
	for query, n := range map[string]int{"place=l-3": 1, "device=d-4": 1, "person=p-1": 7, "person=p-2": 0, "kind=panic&limit=100": 7, "kind=fall": 0, "kind=technical": 0,
		"state=open": 0, "state=closed": 7, "outcome=helped": 7, "outcome=hurt": 0, "number=2": 1, "until=2020-01-01T00:00:00Z": 0, "from=2020-01-01T00:00:00Z": 7} {
		if got := len(found(t, c, query).Alarms); got != n {
			t.Errorf("by %s there are %d, want %d", query, got, n)
		}
	}
	for _, query := range []string{"cursor=x", "cursor=1.", "cursor=1.!", "limit=0", "limit=101", "state=x", "from=monday", "x=1"} {
		c.want(422, "GET", apiRoot+"/journal?"+query, "")
	}
	h.past.mu.Lock()
	h.past.behind = true
	h.past.mu.Unlock()
	if !found(t, c, "").Behind || found(t, c, "").Behind {
		t.Error("it is not said that the journal is not read to its end")
	}
	h.past.mu.Lock()
	h.past.broken = trouble("the disk is away")
	h.past.mu.Unlock()
	c.want(503, "GET", apiRoot+"/journal", "")
	c.want(503, "GET", apiRoot+"/journal/x", "")
}

// After each step nothing is shown that was learned later.
func TestKnownAfterEachStep(t *testing.T) {
	h := newHouse(t, newWard(same), withPast(t))
	a := seen(t, h, "d-1")
	c := h.caller(t, "centre")
	var story storyView
	if err := json.Unmarshal([]byte(c.want(200, "GET", apiRoot+"/journal/"+string(a.ID), "")), &story); err != nil {
		t.Fatal(err)
	}
	var whats []string
	for i, s := range story.Steps {
		whats = append(whats, string(s.What))
		var then alarmView
		if err := json.Unmarshal([]byte(c.want(200, "GET", apiRoot+"/journal/"+string(a.ID)+"/steps/"+strconv.Itoa(i), "")), &then); err != nil {
			t.Fatal(err)
		}
		last := i == len(story.Steps)-1
		if then.State != s.State || then.State == alerting.Closed != last || last != !then.ClosedAt.IsZero() || len(then.History) != i+1 {
			t.Errorf("after %s it is %s with %d lines, closed %s", s.What, then.State, len(then.History), then.ClosedAt)
		}
	}
	if got := strings.Join(whats, " "); !strings.HasPrefix(got, "raised step_called reached") || !strings.Contains(got, " taken ") || !strings.HasSuffix(got, " arrived closed") {
		t.Errorf("the steps are %s", got)
	}
	if len(story.Alarm.Calls) == 0 || story.Alarm.Outcome != alerting.Helped {
		t.Errorf("the alarm is %+v", story.Alarm)
	}
}

// The centre finds an alarm and goes through it event by event: by keys at a
// desk, and by touch on a phone, in Polish.
func TestJournalOnThePage(t *testing.T) {
	night := func(t *testing.T, w Ward) *house {
		h := newHouse(t, w, func(o *Options) { open(o); o.Lookback = newPastOf(t) })
		seen(t, h, "d-1")
		seen(t, h, "d-5")
		h.heard("d-7", devices.Fall)
		id := h.alarm(t, "d-7").ID
		h.step(alerting.Decline{Alarm: id, By: "p-1"})
		h.step(alerting.Take{Alarm: id, By: "p-2"})
		return h
	}
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		h := night(t, newWard(same))
		tab := gatewaytest.Browser(t, 1280, 800)
		tab.Open(h.url + "#journal")
		tab.Await(`document.querySelectorAll(".journal tbody tr").length === 3`)
		whole(t, tab)
		tab.Shot("journal-desk")
		tab.Key("/")
		tab.Await(`document.activeElement.id === "journal-q"`)
		gatewaytest.Eval[any](tab, `document.activeElement.value = ""`) // a driver sends the letter after the key all the same
		for _, k := range "room 7" {
			tab.Key(string(k))
		}
		tab.Await(`document.querySelectorAll(".journal tbody tr").length === 1`)
		gatewaytest.Eval[any](tab, `document.querySelector(".journal tbody a").focus()`)
		tab.Key(kb.Enter)
		tab.Await(`document.querySelector(".slide [role=status]")`)
		n := gatewaytest.Eval[int](tab, `document.querySelectorAll(".story .timeline li").length`)
		gatewaytest.Eval[any](tab, `document.activeElement.blur()`)
		tab.Await(`document.querySelector(".known .tried")`)
		tab.Shot("journal-desk-told")
		tab.Key(kb.Home)
		tab.Await(`document.querySelector(".known .state")?.textContent.includes("Nobody has it") && document.querySelectorAll(".story .unknown").length === ` + strconv.Itoa(n-1))
		if text := gatewaytest.Eval[string](tab, `document.querySelector(".known .tried").innerText`); strings.Contains(text, "Jan Z.") {
			t.Errorf("at first it is known who was called later:\n%s", text)
		}
		for range 2 {
			tab.Key(kb.ArrowRight)
		}
		tab.Await(`document.querySelector(".story [aria-current=step]")?.textContent.includes("accepted by the service")`)
		tab.Await(`document.querySelector(".known .tried")`)
		whole(t, tab)
		tab.Shot("journal-desk-step")
		tab.Key(kb.End)
		tab.Await(`document.querySelector(".known .state")?.textContent.includes("Jan Z. on the way")`)
		if text := tab.Text(); strings.Contains(text, "Krystyna") || !strings.Contains(text, "K. K.") {
			t.Errorf("who called is shown by initials:\n%s", text)
		}
	})
	t.Run("touch", func(t *testing.T) {
		t.Parallel()
		h := night(t, inPolish())
		tab := gatewaytest.Browser(t, 360, 740)
		tab.Open(h.url + "#journal")
		tab.Await(`document.querySelectorAll(".journal tbody tr").length === 3`)
		whole(t, tab)
		sideways(t, tab)
		tab.Shot("journal-phone")
		gatewaytest.Eval[any](tab, `document.querySelector(".asking summary").click()`)
		gatewaytest.Eval[any](tab, `(() => { const s = [...document.querySelectorAll(".asking select")][1]; s.value = "fall"; s.dispatchEvent(new Event("change")) })()`)
		tab.Await(`document.querySelectorAll(".journal tbody tr").length === 1`)
		tab.Shot("journal-phone-asked")
		sideways(t, tab)
		gatewaytest.Eval[any](tab, `document.querySelector(".journal tbody a").click()`)
		tab.Await(`document.querySelector(".known .tried")`)
		tab.Press("Poprzednie zdarzenie")
		tab.Await(`document.querySelectorAll(".story .unknown").length === 1`)
		whole(t, tab)
		sideways(t, tab)
		tab.Shot("journal-phone-told")
		if tab.Text(); !strings.Contains(tab.Text(), "Co było wiadomo o") {
			t.Errorf("it is not said what was known:\n%s", tab.Text())
		}
	})
	t.Run("technician", func(t *testing.T) {
		t.Parallel()
		h := night(t, newWard(same))
		h.o.OpenAs, h.o.OpenRole = "p-5", RoleTechnician
		tab := gatewaytest.Browser(t, 1280, 800)
		tab.Open(h.url + "#journal")
		tab.Await(`document.querySelectorAll(".journal tbody tr").length === 3`)
		gatewaytest.Eval[any](tab, `document.querySelector(".journal tbody a").click()`)
		tab.Await(`document.querySelector(".story .timeline li")`)
		if text := tab.Text(); strings.Contains(text, "Jan") || strings.Contains(text, "K. K.") || !strings.Contains(text, "Somebody took it") {
			t.Errorf("a technician reads:\n%s", text)
		}
		tab.Shot("journal-technician")
	})
}
