package dashboards

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"telecare/alerting"
)

// The attacker's list, first part: whoever wants to be somebody else.

// from tries to sign in from an address; jar is the cookies of a browser, and
// takes what is set.
func (h *house) from(address, name, word string, jar map[string]string, head ...string) (status int, retry string) {
	r := httptest.NewRequest("POST", h.url+"/api/v1/session", strings.NewReader(fmt.Sprintf(`{"name":%q,"password":%q}`, name, word)))
	r.RemoteAddr = address
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(head); i += 2 {
		r.Header.Add(head[i], head[i+1])
	}
	for k, v := range jar {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if jar != nil {
			jar[c.Name] = c.Value
		}
	}
	return w.Code, w.Header().Get("Retry-After")
}

const wardWord = "secret of the ward"

// Many names from one address, one name from many addresses, and all of them at
// once: none gets more tries than are its due. Who has been here before is not
// kept waiting by it.
func TestAttackPasswordsAtRate(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	jar := map[string]string{}
	if status, _ := h.from("192.0.2.1:1000", "marta", wardWord, jar); status != 200 {
		t.Fatalf("sign in: %d", status)
	}
	count := func(n int, address, name func(int) string) (tried int) {
		for i := range n {
			if status, _ := h.from(address(i), name(i), "wrong", nil); status == 401 {
				tried++
			} else if status != 429 {
				t.Fatalf("a wrong password is answered with %d", status)
			}
		}
		return tried
	}
	is := func(s string) func(int) string { return func(int) string { return s } }
	if n := count(15, is("198.51.100.7:99"), is("centre")); n != maxFailures {
		t.Errorf("one name from one address is tried %d times a minute, want %d", n, maxFailures)
	}
	if n := count(80, is("198.51.100.8:99"), func(i int) string { return fmt.Sprint("guess", i) }); n != maxAddress {
		t.Errorf("one address tries %d names a minute, want %d", n, maxAddress)
	}
	if n := count(60, func(i int) string { return fmt.Sprintf("203.0.113.%d:99", i) }, is("jan")); n > maxName || n < maxName-5 {
		t.Errorf("one name is tried %d times from 60 addresses, want %d", n, maxName)
	}
	// One subscriber has a whole /64 of IPv6, and is one.
	if n := count(15, func(i int) string { return fmt.Sprintf("[2001:db8:1:2::%x]:99", i+1) }, is("piotr")); n != maxFailures {
		t.Errorf("one name from one /64 is tried %d times a minute, want %d", n, maxFailures)
	}
	if n := count(1, is("[2001:db8:1:3::1]:99"), is("piotr")); n != 1 {
		t.Error("another /64 is taken for the same")
	}
	// The same address as IPv4 and as IPv6 is one.
	if n := count(5, is("[::ffff:198.51.100.8]:99"), func(i int) string { return fmt.Sprint("more", i) }); n != 0 {
		t.Errorf("an address has %d tries more when it is written otherwise", n)
	}

	// marta is tried by everybody, too; her own browser lets her in, from the
	// very address that is kept waiting, and others wait for minutes, not hours.
	count(60, func(i int) string { return fmt.Sprintf("203.0.113.%d:99", i+100) }, is("marta"))
	if status, _ := h.from("198.51.100.8:1", "marta", wardWord, jar); status != 200 {
		t.Errorf("while she is attacked her own browser is told %d", status)
	}
	status, retry := h.from("192.0.2.77:1", "marta", wardWord, nil)
	if wait, err := time.ParseDuration(retry + "s"); status != 429 || err != nil || wait <= 0 || wait > nameWindow {
		t.Errorf("while she is attacked a strange browser is told %d, to come again in %s s", status, retry)
	}
	// A cookie that was made up, or is another account's, is no known browser.
	for _, value := range []string{"x.y", jar["telecare-known"] + "x", ".", ""} {
		if status, _ := h.from("192.0.2.77:1", "marta", wardWord, map[string]string{"telecare-known": value}); status != 429 {
			t.Errorf("the known browser %q is told %d", value, status)
		}
	}
	if status, _ := h.from("198.51.100.8:1", "piotr", wardWord, map[string]string{"telecare-known": jar["telecare-known"]}); status != 429 {
		t.Errorf("by another's known browser it is %d", status)
	}
	// A known browser that was stolen has no more tries than one.
	tried := 0
	for range 15 {
		if status, _ := h.from("198.51.100.9:1", "marta", "wrong", map[string]string{"telecare-known": jar["telecare-known"]}); status == 401 {
			tried++
		}
	}
	if tried != maxFailures {
		t.Errorf("a known browser has %d tries, want %d", tried, maxFailures)
	}
}

// All at once is not more than one after another.
func TestAttackPasswordsTogether(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	var tried, other sync.Map
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			if status, _ := h.from("198.51.100.7:99", "centre", "wrong", nil); status == 401 {
				tried.Store(i, true)
			} else if status != 429 {
				other.Store(i, status)
			}
		})
	}
	all.Wait()
	n := 0
	tried.Range(func(any, any) bool { n++; return true })
	other.Range(func(_, status any) bool { t.Errorf("answered with %v", status); return true })
	if n != maxFailures {
		t.Errorf("%d of 60 passwords that came together were tried, want %d", n, maxFailures)
	}
}

// Whoever was kept waiting is let in when the time is over; right passwords
// never use anything up.
func TestWaitIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor()
		ask := func() bool { all, _ := d.begin("marta", "192.0.2.1", "", time.Now()); return all != nil }
		for range 1000 {
			all, _ := d.begin("marta", "192.0.2.1", "", time.Now())
			right(all)
		}
		for range maxFailures {
			if !ask() {
				t.Fatal("right passwords were counted as wrong")
			}
		}
		_, wait := d.begin("marta", "192.0.2.1", "", time.Now())
		if wait != time.Minute || ask() {
			t.Errorf("after %d wrong ones the wait is %v", maxFailures, wait)
		}
		time.Sleep(wait)
		if !ask() {
			t.Error("the wait does not end")
		}
		for i := range maxName {
			d.begin("jan", fmt.Sprint(i), "", time.Now())
		}
		time.Sleep(nameWindow)
		if all, _ := d.begin("jan", "x", "", time.Now()); all == nil {
			t.Error("a name that was attacked is closed for longer than it says")
		}
		for range maxFailures {
			d.begin("ola", "192.0.2.2", "", time.Now().Add(time.Hour))
		}
		if all, _ := d.begin("ola", "192.0.2.2", "", time.Now()); all == nil {
			t.Error("the clock was set back by an hour, and the door is closed for one")
		}
	})
}

// Behind a proxy the address is what the proxy says, and never what whoever
// comes has written before it.
func TestAttackForwardedFor(t *testing.T) {
	direct := newHouse(t, newWard(same), nil)
	for i := range maxFailures {
		direct.from("198.51.100.7:99", "centre", "wrong", nil, "X-Forwarded-For", fmt.Sprint("192.0.2.", i))
	}
	if status, _ := direct.from("198.51.100.7:99", "centre", "wrong", nil, "X-Forwarded-For", "192.0.2.99"); status != 429 {
		t.Errorf("without a proxy an address that is made up counts: %d", status)
	}
	proxied := newHouse(t, newWard(same), func(o *Options) { o.Proxied = true })
	for i := range maxFailures {
		proxied.from("127.0.0.1:99", "centre", "wrong", nil, "X-Forwarded-For", fmt.Sprintf("192.0.2.%d, 203.0.113.5", i))
	}
	if status, _ := proxied.from("127.0.0.1:99", "centre", "wrong", nil, "X-Forwarded-For", "192.0.2.99, 203.0.113.5"); status != 429 {
		t.Errorf("behind a proxy an address that is made up counts: %d", status)
	}
	if status, _ := proxied.from("127.0.0.1:99", "centre", wardWord, nil, "X-Forwarded-For", "203.0.113.6"); status != 200 {
		t.Errorf("behind a proxy all are taken for one: %d", status)
	}
}

// A name that nobody has is looked up for as long as one that somebody has: it
// costs one comparison with a real hash. Without any accounts there is nothing
// to find out.
func TestUnknownNamesCostTheSame(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	costly, err := bcrypt.GenerateFromPassword([]byte("other"), 11)
	if err != nil {
		t.Fatal(err)
	}
	s := h.settings.Load().Settings
	for i := range s.Accounts {
		s.Accounts[i].PasswordHash = costly
	}
	h.Change(s)
	spent := func(name string) time.Duration {
		start := time.Now()
		if status, _ := h.from("192.0.2.9:1", name, "other", nil); status != 200 && status != 401 {
			t.Fatalf("%d", status)
		}
		return time.Since(start)
	}
	one := spent("marta") // 2,048 rounds
	if none := spent("nobody at all"); none < one/4 {
		t.Errorf("an unknown name is answered after %v, a known one after %v", none, one)
	}
}

// Cookies are given, never taken: not what somebody set before the sign-in, and
// not what was good before the sign-out.
func TestAttackSessionFixation(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	see := func(cookie string) int {
		r := httptest.NewRequest("GET", h.url+"/api/v1/session", nil)
		r.AddCookie(&http.Cookie{Name: "telecare", Value: cookie})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	jar := map[string]string{"telecare": "planted"}
	h.from("192.0.2.1:1", "marta", wardWord, jar)
	first := jar["telecare"]
	if first == "planted" || see("planted") != 401 || see(first) != 200 {
		t.Fatal("a cookie that was planted became a sign-in")
	}
	// The attacker plants a session of their own: it ends when the victim signs in.
	h.from("192.0.2.1:1", "jan", wardWord, jar)
	second := jar["telecare"]
	if second == first || see(second) != 200 {
		t.Error("the second sign-in has no cookie of its own")
	}
	if see(first) != 401 {
		t.Error("the cookie of before the sign-in is good still")
	}
	r := httptest.NewRequest("DELETE", h.url+"/api/v1/session", nil)
	r.AddCookie(&http.Cookie{Name: "telecare", Value: second})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 204 || see(second) != 401 {
		t.Error("after the sign-out its cookie is good still")
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("the sign-out leaves %v", c)
	}
	// A failed sign-in gives nothing.
	fresh := map[string]string{}
	h.from("192.0.2.1:1", "marta", "wrong", fresh)
	if len(fresh) != 0 {
		t.Errorf("a wrong password is given %v", fresh)
	}
}

// The cookies themselves.
func TestAttackCookies(t *testing.T) {
	h := newHouse(t, newWard(same), func(o *Options) { o.Secure = true })
	r := httptest.NewRequest("POST", "https://care.example/api/v1/session", strings.NewReader(`{"name":"marta","password":"`+wardWord+`"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	all := w.Result().Cookies()
	if len(all) != 2 {
		t.Fatalf("the cookies are %v", all)
	}
	for _, c := range all {
		// [RFC 6265bis, 4.1.3.2]: __Host- wants Secure, Path=/ and no Domain, so
		// that no other host can set it.
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge <= 0 {
			t.Errorf("cookie %+v", c)
		}
		if strings.Contains(c.Value, "marta") {
			t.Errorf("the cookie %s tells whose it is", c.Name)
		}
	}
	// Under https a cookie without the prefix is none.
	r = httptest.NewRequest("GET", "https://care.example/api/v1/session", nil)
	r.AddCookie(&http.Cookie{Name: "telecare", Value: all[0].Value})
	w = httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("a cookie that another host may have set opens: %d", w.Code)
	}
}

// A role is what telecare.yaml says, and nobody can ask for another; an answer
// is in one's own name.
func TestAttackRoles(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	path := "/api/v1/alarms/" + string(a.ID)
	marta, wall := h.caller(t, "marta"), h.caller(t, "wall")
	marta.want(422, "POST", "/api/v1/session", `{"name":"marta","password":"`+wardWord+`","role":"centre"}`)
	marta.want(422, "POST", path+"/take", `{"by":"p-9"}`)
	marta.want(422, "GET", path+"?role=centre", "")
	for _, head := range []string{"X-HTTP-Method-Override", "X-Forwarded-User", "X-Remote-User", "X-Original-URL", "X-Rewrite-URL", "Forwarded"} {
		wall.want(403, "POST", path+"/take", "", head, "centre")
		wall.want(200, "GET", "/api/v1/session", "", head, "DELETE")
	}
	marta.want(200, "GET", "/api/v1/session", "", "Authorization", "Basic Y2VudHJlOng=")
	marta.want(403, "PUT", "/api/v1/people/p-2/break", `{"until":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`"}`)
	if n := len(h.acted()); n != 0 {
		t.Errorf("%d of these did something: %+v", n, h.acted())
	}
	marta.want(204, "POST", path+"/take", "")
	acts := h.acted()
	if fmt.Sprintf("%+v", acts) != fmt.Sprintf("%+v", []alerting.Input{alerting.Take{Alarm: a.ID, By: "p-1"}}) {
		t.Errorf("the desk was told %+v", acts)
	}
}
