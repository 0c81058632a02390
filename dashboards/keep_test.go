package dashboards

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// drawer keeps in memory.
type drawer struct {
	mu     sync.Mutex
	b      []byte
	broken error
}

func (d *drawer) Load() ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.b, d.broken
}

func (d *drawer) Save(b []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken == nil {
		d.b = slices.Clone(b)
	}
	return d.broken
}

// After a restart who was signed in still is, and who has signed out is not. No
// cookie is in what is kept.
func TestSessionsAreKept(t *testing.T) {
	kept := &drawer{}
	keep := func(o *Options) { o.Sessions = kept }
	h := newHouse(t, newWard(same), keep)
	stays, leaves, changes := map[string]string{}, map[string]string{}, map[string]string{}
	h.from("192.0.2.1:1", "marta", wardWord, stays, "User-Agent", "a phone")
	h.from("192.0.2.1:1", "jan", wardWord, leaves)
	h.from("192.0.2.1:1", "centre", wardWord, changes)
	see := func(h *house, method, path string, jar map[string]string) (int, string) {
		r := httptest.NewRequest(method, h.url+"/api/v1"+path, nil)
		for k, v := range jar {
			r.AddCookie(&http.Cookie{Name: k, Value: v})
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if status, _ := see(h, "DELETE", "/session", leaves); status != 204 {
		t.Fatal(status)
	}
	h.Close()
	if text := string(kept.b); strings.Contains(text, stays["telecare"]) || strings.Contains(text, string(password())) || !strings.Contains(text, "a phone") {
		t.Errorf("kept is %s", text)
	}
	again := newHouse(t, newWard(same), func(o *Options) {
		keep(o)
		for i := range o.Accounts {
			if o.Accounts[i].Name == "centre" {
				o.Accounts[i].Person = "p-2"
			}
		}
	})
	if status, text := see(again, "GET", "/session", stays); status != 200 || !strings.Contains(text, "Marta W.") {
		t.Errorf("after the restart it is %d %s", status, text)
	}
	if status, _ := see(again, "GET", "/session", leaves); status != 401 {
		t.Error("who had signed out is signed in after the restart")
	}
	if status, _ := see(again, "GET", "/session", changes); status != 401 {
		t.Error("an account that was changed while nothing ran is signed in")
	}
	// What cannot be read is none, and what cannot be written keeps nobody out.
	for _, b := range []string{"{", `[{"hash":"x"}]`, `[{"hash":"00","account":"marta"}]`, "null", " "} {
		s := newSessions(nil)
		if err := s.restore([]byte(b), time.Now()); err == nil && len(s.by) > 0 {
			t.Errorf("%q is a session", b)
		}
	}
	broken := newHouse(t, newWard(same), func(o *Options) { o.Sessions = &drawer{broken: errors.New("no disk")} })
	broken.caller(t, "marta").want(200, "GET", "/api/v1/session", "")
	broken.Close()
}

// A session that ran out while nothing ran stays over; one from a clock that was
// ahead is not for ever.
func TestKeptSessionsEnd(t *testing.T) {
	a := Account{Name: "marta", Role: RoleNurse}
	now := time.Now()
	one := func(used, until time.Duration) []byte {
		b, _ := json.Marshal([]keptSession{{Hash: strings.Repeat("ab", 32), Account: "marta", Print: a.print(), Since: now, Used: now.Add(used), Until: now.Add(until)}})
		return b
	}
	for _, x := range []struct {
		used, until time.Duration
		good        bool
	}{{-time.Hour, time.Hour, true}, {-sessionIdle, time.Hour, false}, {-time.Hour, -time.Second, false}, {1000 * time.Hour, 2000 * time.Hour, true}} {
		s := newSessions([]Account{a})
		if err := s.restore(one(x.used, x.until), now); err != nil || (len(s.by) == 1) != x.good {
			t.Errorf("used %v ago, until %v: %d sessions, %v", -x.used, x.until, len(s.by), err)
		}
		for key, k := range s.by {
			if k.until.After(now.Add(sessionFor)) {
				t.Error("a session is good for longer than one may be")
			}
			s.close(key)
		}
	}
}

// People see where they are signed in, and end it; of others they see nothing.
func TestOwnSessions(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	here, there, other := h.caller(t, "marta"), h.caller(t, "marta"), h.caller(t, "jan")
	read := func(c *caller) (out sessionList) {
		t.Helper()
		if err := json.Unmarshal([]byte(c.want(200, "GET", "/api/v1/sessions", "")), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := read(here)
	if len(all.Sessions) != 2 || len(read(other).Sessions) != 1 {
		t.Fatalf("marta is signed in %+v", all)
	}
	i := slices.IndexFunc(all.Sessions, func(s sessionView) bool { return !s.Here })
	other.want(404, "DELETE", "/api/v1/sessions/"+all.Sessions[i].ID, "")
	there.want(200, "GET", "/api/v1/session", "")
	here.want(204, "DELETE", "/api/v1/sessions/"+all.Sessions[i].ID, "")
	there.want(401, "GET", "/api/v1/session", "")
	here.want(404, "DELETE", "/api/v1/sessions/"+all.Sessions[i].ID, "")
	third := h.caller(t, "marta")
	conn, _, err := third.live("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	here.want(204, "DELETE", "/api/v1/sessions", "")
	third.want(401, "GET", "/api/v1/session", "")
	here.want(401, "GET", "/api/v1/session", "")
	other.want(200, "GET", "/api/v1/session", "")
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	if list := h.program(t, "p-1", AlarmsRead).want(200, "GET", "/api/v1/sessions", ""); !strings.Contains(list, `"sessions":[]`) {
		t.Errorf("a token is signed in: %s", list)
	}
}
