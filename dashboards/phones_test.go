package dashboards

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
)

// phoneBook is Phones in memory.
type phoneBook struct {
	mu       sync.Mutex
	byLink   bool
	phones   map[alerting.Person][]Phone
	tried    []string
	receipts []string
	broken   error
}

func newPhoneBook() *phoneBook { return &phoneBook{phones: map[alerting.Person][]Phone{}} }

const pushKey = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"

func (b *phoneBook) Ringing() Ringing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Ringing{"phones", pushKey, b.byLink}
}

func (b *phoneBook) Of(who alerting.Person) []Phone {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.phones[who])
}

func (b *phoneBook) Add(_ context.Context, who alerting.Person, n NewPhone) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.broken != nil:
		return "", b.broken
	case len(b.phones[who]) == 2:
		return "", ErrTooManyPhones
	case !strings.HasPrefix(n.Endpoint, "https:"):
		return "", &Wrong{Why: "the endpoint is not https"}
	}
	id := fmt.Sprint("h-", who, len(b.phones[who]))
	b.phones[who] = append(b.phones[who], Phone{ID: id, Name: n.Name, Key: n.P256dh, Added: time.Now()})
	return id, nil
}

func (b *phoneBook) Remove(_ context.Context, who alerting.Person, id string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := len(b.phones[who])
	b.phones[who] = slices.DeleteFunc(b.phones[who], func(p Phone) bool { return p.ID == id })
	return len(b.phones[who]) < n, b.broken
}

func (b *phoneBook) Try(_ context.Context, who alerting.Person, id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.ContainsFunc(b.phones[who], func(p Phone) bool { return p.ID == id }) {
		return ErrNoSuchPhone
	}
	b.tried = append(b.tried, id)
	return b.broken
}

func (b *phoneBook) Shown(receipt string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.receipts = append(b.receipts, receipt)
	return receipt == "good"
}

func (b *phoneBook) shown() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.receipts)
}

const aPhone = `{"name":"Android, Chrome","endpoint":"https://push.example.org/x","p256dh":"B","auth":"A"}`

// Each has their own phones and sees, tries and removes no other's.
func TestPhonesAreOnesOwn(t *testing.T) {
	book := newPhoneBook()
	h := newHouse(t, newWard(same), func(o *Options) { o.Phones = book })
	marta, jan, piotr := h.caller(t, "marta"), h.caller(t, "jan"), h.program(t, "", AlarmsWrite)
	marta.want(201, "POST", "/api/v1/phones", aPhone)
	if s := marta.want(200, "GET", "/api/v1/phones", ""); !strings.Contains(s, `"h-p-10"`) || !strings.Contains(s, pushKey) || strings.Contains(s, "push.example.org") {
		t.Errorf("marta sees %s", s)
	}
	if s := jan.want(200, "GET", "/api/v1/phones", ""); strings.Contains(s, "h-p-10") {
		t.Errorf("jan sees %s", s)
	}
	jan.want(404, "DELETE", "/api/v1/phones/h-p-10", "")
	jan.want(404, "POST", "/api/v1/phones/h-p-10/try", "{}")
	piotr.want(403, "POST", "/api/v1/phones", aPhone) // nobody answers by it
	marta.want(429, "POST", "/api/v1/phones/h-p-10/try", "{}")
	if len(book.tried) != 0 {
		t.Errorf("tried %v", book.tried)
	}

	if s := marta.want(422, "POST", "/api/v1/phones", strings.Replace(aPhone, "https:", "http:", 1)); !strings.Contains(s, "no_phone") {
		t.Error(s)
	}
	marta.want(201, "POST", "/api/v1/phones", aPhone)
	if s := marta.want(409, "POST", "/api/v1/phones", aPhone); !strings.Contains(s, "too_many_phones") {
		t.Error(s)
	}
	marta.want(204, "DELETE", "/api/v1/phones/h-p-10", "")
	book.broken = errors.New("the disk is full")
	marta.want(503, "POST", "/api/v1/phones", aPhone)
	marta.want(502, "POST", "/api/v1/phones/h-p-11/try", "{}")
	nobody := h.caller(t, "")
	nobody.want(404, "POST", "/api/v1/phone-receipts", `{"receipt":"bad"}`)
	nobody.want(204, "POST", "/api/v1/phone-receipts", `{"receipt":"good"}`)
}

// A link is for one alarm: it has a phone ring for good only where that is said,
// and while its alarm is open.
func TestPhonesByLink(t *testing.T) {
	book := newPhoneBook()
	h := newHouse(t, newWard(same), func(o *Options) { o.Phones = book })
	h.heard("d-1", devices.Panic)
	a := h.alarm(t, "d-1")
	at := "/api/v1/links/" + h.token(a, "p-1") + "/phones"
	nobody := h.caller(t, "")
	nobody.want(403, "GET", at, "")
	nobody.want(403, "POST", at, aPhone)
	book.byLink = true
	nobody.want(404, "POST", "/api/v1/links/none/phones", aPhone)
	nobody.want(201, "POST", at, aPhone)
	if s := nobody.want(200, "GET", at, ""); !strings.Contains(s, "h-p-10") || len(book.Of("p-1")) != 1 {
		t.Error(s)
	}
	h.step(alerting.Close{Alarm: a.ID, By: "p-1", Outcome: alerting.Helped})
	nobody.want(409, "POST", at, aPhone)
}

// The page can be installed; its worker shows what is pushed, says so, answers,
// and without a network says that there is none.
func TestWorker(t *testing.T) {
	book := newPhoneBook()
	w := newWard(same)
	w.CentrePhone = "+48 12 000 00 00"
	h := newHouse(t, w, func(o *Options) { open(o); o.Phones = book })
	server := httptest.NewServer(h.Handler)
	t.Cleanup(server.Close)
	tab := gatewaytest.Browser(t, 360, 740)
	if _, err := chromedp.CallBrowser(tab.Context, browser.SetPermission, browser.SetPermissionParams{
		Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted, Origin: server.URL,
	}); err != nil {
		t.Fatal(err)
	}
	registered := chromedp.Events(tab.Context, serviceworker.WorkerRegistrationUpdated)
	id := make(chan string, 1)
	go func() {
		for e, err := range registered {
			if err != nil {
				return
			}
			for _, r := range e.Registrations {
				select {
				case id <- string(r.RegistrationID):
				default:
				}
			}
		}
	}()
	if _, err := chromedp.Call(tab.Context, serviceworker.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	book.phones["p-9"] = []Phone{{ID: "h-1", Name: "Android, Chrome", Key: "B", Added: time.Now().Add(-48 * time.Hour), Shown: time.Now().Add(-time.Hour)}}
	tab.Open(server.URL + "/#thisphone")
	tab.One("button", "Ring this phone")
	tab.Await("navigator.serviceWorker.controller")
	sideways(t, tab)
	tab.Shot("phone-rings-off")
	desk := gatewaytest.Browser(t, 1280, 800)
	desk.Open(server.URL + "/#thisphone")
	desk.One("button", "Switch off Android, Chrome")
	sideways(t, desk)
	desk.Shot("desk-rings-off")

	m, err := chromedp.Call(tab.Context, page.GetAppManifest, page.GetAppManifestParams{})
	if err != nil || len(m.Errors) > 0 || !strings.HasSuffix(m.URL, "/web/manifest.webmanifest") {
		t.Errorf("manifest %q: %v, %v", m.URL, m.Errors, err)
	}
	in, err := chromedp.Call(tab.Context, page.GetInstallabilityErrors, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range in.InstallabilityErrors {
		if e.ErrorID != "in-incognito" {
			t.Errorf("it cannot be installed: %+v", e)
		}
	}

	var registration string
	select {
	case registration = <-id:
	case <-time.After(20 * time.Second):
		t.Fatal("no worker is registered")
	}
	h.heard("d-1", devices.Panic)
	a := h.alarm(t, "d-1")
	link := "/a/" + h.token(a, "p-1")
	push := func(kind, title, receipt string) {
		t.Helper()
		if _, err := chromedp.Call(tab.Context, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{
			Origin: server.URL, RegistrationID: serviceworker.RegistrationID(registration),
			Data: fmt.Sprintf(`{"kind":%q,"tag":"t","title":%q,"body":"Room 1","lang":"en","open":%q,"receipt":%q,"take":{"label":"I am coming","post":"/x"},"decline":{"label":"I cannot","post":"/y"}}`, kind, title, link, receipt),
		}); err != nil {
			t.Fatal(err)
		}
	}
	gatewaytest.Eval[string](tab, `(setInterval(async () => { const r = await navigator.serviceWorker.ready; window.shown = (await r.getNotifications()).map(n =>
		[n.title, n.body, n.tag, n.requireInteraction, n.silent, (n.actions || []).map(a => a.title)].join("|")).join("\n") }, 50), "")`)
	// A busy browser drops what DevTools deliver to a worker now and then: again
	// until it is there, in the same place.
	for i := range 100 {
		if i%20 == 0 {
			push("call", "ALARM: Help wanted", "good")
		}
		if gatewaytest.Eval[bool](tab, `!!window.shown`) {
			break
		}
		<-time.After(100 * time.Millisecond)
	}
	tab.Await(`window.shown === "ALARM: Help wanted|Room 1|t|true|false|I am coming,I cannot"`)
	push("stop", "No need to come", "")
	tab.Await(`window.shown === "No need to come|Room 1|t|false|true|"`)
	deadline := time.Now().Add(20 * time.Second)
	for !slices.Contains(book.shown(), "good") {
		if time.Now().After(deadline) {
			t.Fatalf("receipts %q", book.shown())
		}
		tab.Await("true")
	}

	// The alarm is there, and goes with the network: nothing old is shown.
	tab.Open(server.URL + "/#alarms")
	tab.One("button", "Take")
	tab.Await(`caches.match("/facts").then(r => window.facts = !!r) && window.facts`)
	server.CloseClientConnections()
	server.Close()
	tab.Open(server.URL + "/")
	tab.Await(`document.body.innerText.includes("This phone is offline")`)
	tab.Await(`document.querySelector("#phone a").href === "tel:+48%2012%20000%2000%2000" || document.querySelector("#phone a").textContent === "+48 12 000 00 00"`)
	if text := tab.Text(); strings.Contains(text, "Room 1") {
		t.Errorf("without a network it shows:\n%s", text)
	}
	sideways(t, tab)
	tab.Shot("phone-offline")
}

// The worker and the page without a network are nobody's secret, and whole.
func TestWorkerFiles(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	nobody := h.caller(t, "")
	for path, want := range map[string]string{
		"/sw.js": "const version = ", "/offline": "This phone is offline", "/web/manifest.webmanifest": `"start_url": "/"`, "/web/icon-192.png": "PNG", "/web/icon-512.png": "PNG",
	} {
		status, text, head := nobody.do(http.MethodGet, path, "")
		if status != 200 || !strings.Contains(text, want) || head.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %.60q", path, status, text)
		}
	}
	// What it keeps is there.
	_, text, _ := nobody.do(http.MethodGet, "/sw.js", "")
	_, list, _ := strings.Cut(text, "const FILES = [")
	list, _, _ = strings.Cut(list, "]")
	for name := range strings.SplitSeq(list, ",") {
		name = strings.Trim(name, `" `)
		if status, _, _ := nobody.do(http.MethodGet, name, ""); status != 200 {
			t.Errorf("%s: %d", name, status)
		}
	}
}
