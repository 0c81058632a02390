package dashboards

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"telecare/alerting"
)

// Accounts change under the people who are signed in: only those whose account
// is another one now are asked to sign in again.
func TestChange(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	accounts := h.settings.Load().Accounts
	marta, jan, centre := h.caller(t, "marta"), h.caller(t, "jan"), h.caller(t, "centre")
	stays, _, err := jan.live("")
	if err != nil {
		t.Fatal(err)
	}
	defer stays.Close()
	goes, _, err := marta.live("")
	if err != nil {
		t.Fatal(err)
	}
	defer goes.Close()
	next(t, stays, "snapshot")

	without := slices.Clone(accounts[1:])
	without[1].Role = RoleNurse // the centre's
	h.Change(Settings{Accounts: without, PublicURL: "https://care.example/"})

	marta.want(401, "GET", "/api/v1/session", "")
	marta.want(401, "POST", "/api/v1/session", `{"name":"marta","password":"secret of the ward"}`)
	jan.want(200, "GET", "/api/v1/session", "")
	centre.want(401, "GET", "/api/v1/session", "")
	if got := h.caller(t, "centre").want(200, "GET", "/api/v1/session", ""); !strings.Contains(got, `"role":"nurse"`) {
		t.Errorf("the centre's account is %s, want a nurse's", got)
	}
	goes.SetReadDeadline(time.Now().Add(10 * time.Second))
	for err == nil {
		_, _, err = goes.ReadMessage()
	}
	if !websocket.IsCloseError(err, signedOut) {
		t.Errorf("the stream of an account that is gone ends with %v, want code %d", err, signedOut)
	}
	next(t, stays, "beat")

	if got := h.Link(alerting.Alarm{ID: "a-1"}, "p-1"); !strings.HasPrefix(got, "https://care.example/a/") {
		t.Errorf("a link begins %q, want the new address", got)
	}
	jan.want(403, "POST", "/api/v1/alarms", `{}`, "Sec-Fetch-Site", "cross-site", "Origin", "https://other.example")
	if got := jan.want(400, "POST", "/api/v1/alarms", `{`, "Sec-Fetch-Site", "cross-site", "Origin", "https://care.example"); got == "" {
		t.Error("the new address is another site's")
	}
}

// A session of an account that was taken away while its password was checked
// never begins.
func TestTakenAwayMeanwhile(t *testing.T) {
	a := Account{Name: "marta", Role: RoleNurse}
	s := newSessions([]Account{a})
	s.keepOnly(nil, "")
	if s.find(s.open(viewer{role: RoleNurse}, a, "")) != nil {
		t.Error("an account that is gone has a session")
	}
}
