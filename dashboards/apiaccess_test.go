package dashboards

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"telecare/gateway/gatewaytest"
)

// letIn signs Jan in as a provider does.
func (h *house) letIn(agent string) {
	now := h.settings.Load().Settings
	now.Provider = &Provider{Issuer: "https://id.example", ClientID: "telecare"}
	h.Change(now)
	a := Account{Name: "provider:7", Person: "p-2", Role: RoleNurse, External: now.Provider.print()}
	h.sessions.open(a.viewer(), a, agent)
}

// An administrator sees who is signed in where, and signs one out everywhere: the
// screens of those end, nobody else's do, and the book says who did it.
func TestSignSomebodyOut(t *testing.T) {
	log, book := new(syncBuffer), &paper{}
	h := newHouse(t, newWard(same), func(o *Options) { o.Book, o.Log = book, slog.New(slog.NewTextHandler(log, nil)) })
	one, two, jan, adam := h.caller(t, "marta"), h.caller(t, "marta"), h.caller(t, "jan"), h.caller(t, "adam")
	h.letIn("a phone")
	read := func() map[string]signInsView {
		t.Helper()
		var out accessList
		if err := json.Unmarshal([]byte(adam.want(200, "GET", "/api/v1/access", "")), &out); err != nil {
			t.Fatal(err)
		}
		by := map[string]signInsView{}
		for _, s := range out.SignIns {
			by[s.Account] = s
		}
		return by
	}
	all := read()
	if m := all["marta"]; len(m.Sessions) != 2 || m.Person != "Marta W." || m.Elsewhere || m.Sessions[0].Since.Before(m.Sessions[1].Since) || m.Sessions[0].Agent == "" || m.Sessions[0].Here {
		t.Errorf("of marta it says %+v", m)
	}
	if a := all["adam"]; len(a.Sessions) != 1 || !a.Sessions[0].Here {
		t.Errorf("of who asks it says %+v", a)
	}
	if p := all["provider:7"]; len(p.Sessions) != 1 || !p.Elsewhere || p.Person != "Jan Z." || p.Role != RoleNurse {
		t.Errorf("of somebody whom a provider has let in it says %+v", p)
	}
	screen, _, err := two.live("")
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	next(t, screen, "snapshot")
	marta := `{"account":"marta"}`
	jan.want(403, "POST", "/api/v1/access/sign-out", marta)
	h.program(t, "p-9", AccessRead).want(403, "POST", "/api/v1/access/sign-out", marta)
	adam.want(403, "POST", "/api/v1/access/sign-out", marta, "Sec-Fetch-Site", "cross-site", "Origin", "https://other.example")
	adam.want(415, "POST", "/api/v1/access/sign-out", marta, "Content-Type", "text/plain")
	one.want(200, "GET", "/api/v1/session", "")
	if text := adam.want(200, "POST", "/api/v1/access/sign-out", marta); !strings.Contains(text, `"ended":2`) {
		t.Errorf("it says %s", text)
	}
	if text := adam.want(404, "POST", "/api/v1/access/sign-out", marta); !strings.Contains(text, `"not_signed_in"`) {
		t.Errorf("the second time it says %s", text)
	}
	one.want(401, "GET", "/api/v1/session", "")
	two.want(401, "GET", "/api/v1/session", "")
	for err == nil {
		_, _, err = screen.ReadMessage()
	}
	jan.want(200, "GET", "/api/v1/session", "")
	adam.want(200, "POST", "/api/v1/access/sign-out", `{"account":"provider:7"}`)
	if all := read(); len(all["marta"].Sessions) != 0 || len(all["provider:7"].Sessions) != 0 || len(all["jan"].Sessions) != 1 || len(all["adam"].Sessions) != 1 {
		t.Errorf("after it there are %+v", all)
	}
	text := adam.want(200, "GET", "/api/v1/looks", "")
	if !strings.Contains(text, `"what":"sign-ins ended"`) || !strings.Contains(text, `"account":"marta"`) || !strings.Contains(text, `"role":"administrator"`) {
		t.Errorf("the book has %s", text)
	}
	if strings.Contains(log.String(), "marta") {
		t.Errorf("the log has a name: %s", log.String())
	}
}

// On a phone an administrator does it with the keys alone.
func TestSignSomebodyOutOnThePage(t *testing.T) {
	h := newHouse(t, newWard(same), func(o *Options) { o.Book = &paper{} })
	h.caller(t, "marta")
	marta := h.caller(t, "marta")
	h.letIn("Android Firefox")
	tab := gatewaytest.Browser(t, 360, 740)
	tab.Open(h.url + "#settings")
	tab.SignIn("adam", "secret of the ward")
	focus := func(what string) {
		t.Helper()
		tab.Await(what)
		gatewaytest.Eval[any](tab, what+".focus()")
	}
	line := `document.getElementById("user marta")`
	focus(line)
	tab.Key(kb.Enter)
	tab.Await(line + `.getAttribute("aria-expanded") === "true" && document.querySelectorAll(".users .signed li").length === 2`)
	whole(t, tab)
	tab.Shot("users-phone")
	tab.Key(kb.Tab)
	tab.Await(`document.activeElement.innerText === "Sign marta out everywhere"`)
	tab.Key(kb.Enter)
	tab.Await(`document.querySelector(".users .said")?.innerText === "Signed out at 2 places." && document.activeElement.id === "user marta"`)
	marta.want(401, "GET", "/api/v1/session", "")
	whole(t, tab)
	tab.Shot("users-phone-ended")
	focus(`document.getElementById("user adam")`)
	tab.Key(kb.Enter)
	tab.Await(`document.querySelector(".users .open a")?.getAttribute("href") === "#account"`)
	if text := tab.Text(); strings.Contains(text, "Sign adam out") || !strings.Contains(text, "Jan Z.") || strings.Contains(text, "provider:7") {
		t.Errorf("it shows:\n%s", text)
	}
	focus(`document.getElementById("user provider:7")`)
	tab.Key(kb.Enter)
	tab.Await(`[...document.querySelectorAll(".users button")].some(b => b.innerText === "Sign Jan Z. out everywhere")`)
	tab.Key(kb.Tab)
	tab.Key(kb.Enter)
	tab.Await(`document.activeElement.id === "users-said" && document.activeElement.innerText === "Signed out at 1 place." && !document.getElementById("user provider:7")`)
	desk := gatewaytest.Browser(t, 1280, 800)
	desk.Open(h.url + "#settings")
	desk.SignIn("adam", "secret of the ward")
	desk.Await(`document.getElementById("user adam")`)
	gatewaytest.Eval[any](desk, `document.getElementById("user adam").click(); document.querySelector(".users").scrollIntoView()`)
	desk.Await(`document.querySelectorAll(".users .signed li").length === 2`)
	whole(t, desk)
	desk.Shot("users-desk")
}
