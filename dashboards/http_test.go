package dashboards

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"telecare/alerting"
	"telecare/devices"
)

// caller is somebody with a browser's cookies.
type caller struct {
	t testing.TB
	h *house
	http.Client
}

// signIn returns a caller; name "" is nobody.
func (h *house) caller(t testing.TB, name string) *caller {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	c := &caller{t: t, h: h, Client: http.Client{Jar: jar}}
	if name != "" {
		c.want(http.StatusOK, "POST", "/api/v1/session", `{"name":"`+name+`","password":"secret of the ward"}`)
	}
	return c
}

func (c *caller) do(method, path, body string, head ...string) (status int, text string, header http.Header) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.h.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if method != "GET" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.h.asDescribed(c.t, method, path, resp.StatusCode, resp.Header, b)
	return resp.StatusCode, string(b), resp.Header
}

func (c *caller) want(status int, method, path, body string, head ...string) string {
	c.t.Helper()
	got, text, _ := c.do(method, path, body, head...)
	if got != status {
		c.t.Errorf("%s %s: status %d, want %d: %s", method, path, got, status, text)
	}
	if got >= 400 && strings.HasPrefix(path, "/api/") {
		var f failure
		if err := json.Unmarshal([]byte(text), &f); err != nil || f.Code == "" || !strings.HasSuffix(f.Message, ".") {
			c.t.Errorf("%s %s fails with %q, want a code and a sentence", method, path, text)
		}
	}
	return text
}

// live opens the stream; head as in do.
func (c *caller) live(query string, head ...string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Jar: c.Jar}
	h := http.Header{}
	for i := 0; i < len(head); i += 2 {
		h.Set(head[i], head[i+1])
	}
	return d.Dial("ws"+strings.TrimPrefix(c.h.url, "http")+"/api/v1/live"+query, h)
}

// message reads the next message of a type.
func next(t testing.TB, conn *websocket.Conn, typ string) (m message, raw string) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		_, b, err := conn.ReadMessage()
		if err != nil {
			t.Fatalf("read the stream: %v", err)
		}
		m = message{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if m.Type == typ {
			return m, string(b)
		}
	}
}

func TestStream(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	conn, _, err := h.caller(t, "centre").live("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	whole, _ := next(t, conn, "snapshot")
	if len(whole.Alarms) != 1 || len(whole.Devices) != 12 || whole.You.Role != RoleCentre || len(whole.Site.Places) != 12 {
		t.Errorf("the snapshot has %d alarms, %d devices, %d places", len(whole.Alarms), len(whole.Devices), len(whole.Site.Places))
	}
	for _, d := range whole.Devices {
		if d.ID == "d-12" && d.Life != devices.LifeUnknown {
			t.Errorf("a device that nobody has heard of is %q, want unknown", d.Life)
		}
	}
	beat, _ := next(t, conn, "beat")
	if beat.Seq != whole.Seq {
		t.Errorf("the beat says %d, the snapshot %d", beat.Seq, whole.Seq)
	}
	h.Press("d-2")
	first, _ := next(t, conn, "alarm")
	if first.Seq != whole.Seq+1 || first.Alarm.Place != "Room 2" {
		t.Errorf("the first change is %d about %q, want %d about Room 2", first.Seq, first.Alarm.Place, whole.Seq+1)
	}
	w := newWard(same)
	w.Name = "Another name"
	h.hub.SetWard(w)
	if again, _ := next(t, conn, "snapshot"); again.Site.Name != "Another name" {
		t.Errorf("after new names the page shows %q", again.Site.Name)
	}
}

// Who sees what, as it goes over the wire.
func TestWhoSeesWhat(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	const (
		name, notes, way, code, initial, battery, wire, channel, fault = "Aniela Kowalczyk", "Walks with a frame", "second door", "4719#", "A. K.",
			`"battery"`, "jablotron/", `"channel":`, `"severity"`
	)
	h.step(alerting.FaultEdge{Code: alerting.Silent, Subject: "d-11", On: true})
	look := func(who, query string) string {
		conn, _, err := h.caller(t, who).live(query)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, raw := next(t, conn, "snapshot")
		return raw
	}
	link := "?link=" + h.token(a, "p-1")
	check := func(when, who, query string, see, hide []string) {
		t.Helper()
		raw := look(who, query)
		for _, s := range see {
			if !strings.Contains(raw, s) {
				t.Errorf("%s, %s%s does not see %q", when, who, query, s)
			}
		}
		for _, s := range append(hide, code) {
			if strings.Contains(raw, s) {
				t.Errorf("%s, %s%s sees %q", when, who, query, s)
			}
		}
	}
	is := func(s ...string) []string { return s }
	check("raised", "marta", "", is(initial, way, channel), is(name, notes, battery, wire, fault))
	check("raised", "", link, is(initial, way, channel), is(name, notes, battery, wire, fault, "Room 2"))
	check("raised", "centre", "", is(name, notes, way, channel, battery, fault), is(wire))
	check("raised", "centre", "?board", is(initial, fault), is(name, notes, way, channel, battery, wire))
	check("raised", "wall", "", is(initial, fault), is(name, notes, way, channel, battery, wire))
	check("raised", "piotr", "", is("Room 1", battery, wire, fault), is(name, initial, notes, way, channel))

	h.step(alerting.Take{Alarm: a.ID, By: "p-1"})
	check("taken", "marta", "", is(name, notes, way), is(battery, wire))
	check("taken", "", link, is(name, notes, way), is(battery, wire))
	check("taken", "jan", "", is(initial), is(name, notes))
	check("taken", "centre", "?board", is(initial, "Marta W."), is(name, notes, way))

	h.step(alerting.Close{Alarm: a.ID, By: "p-1", Outcome: alerting.Helped})
	check("closed", "marta", "", is(initial), is(name, notes))
	check("closed", "", link, is(initial), is(name, notes))
	check("closed", "centre", "", is(initial), is(name, notes))
}

func TestAnswers(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	alarm := "/api/v1/alarms/" + string(a.ID)
	marta, jan := h.caller(t, "marta"), h.caller(t, "jan")
	h.caller(t, "").want(401, "POST", alarm+"/take", "{}")
	h.caller(t, "piotr").want(403, "POST", alarm+"/take", "{}")
	h.caller(t, "wall").want(403, "POST", alarm+"/take", "{}")
	marta.want(403, "POST", alarm+"/keysafe", "{}")
	marta.want(204, "POST", alarm+"/take", "")
	if text := jan.want(409, "POST", alarm+"/take", "{}"); !strings.Contains(text, "Marta W. has it already.") || !strings.Contains(text, `"holder":"Marta W."`) {
		t.Errorf("the second to take it is told %s", text)
	}
	jan.want(403, "POST", alarm+"/keysafe", "{}")
	if text := marta.want(200, "POST", alarm+"/keysafe", "{}"); !strings.Contains(text, "4719#") {
		t.Errorf("whoever has it asks for the code and gets %s", text)
	}
	marta.want(204, "POST", alarm+"/decline", "{}")
	jan.want(204, "POST", alarm+"/take", "{}")
	jan.want(204, "POST", alarm+"/help", "{}")
	jan.want(204, "POST", alarm+"/arrive", "{}")
	jan.want(422, "POST", alarm+"/close", "{}")
	jan.want(422, "POST", alarm+"/close", `{"outcome":"fine"}`)
	jan.want(422, "POST", alarm+"/close", `{"outcome":"helped","x":1}`)
	jan.want(204, "POST", alarm+"/close", `{"outcome":"helped"}`)
	jan.want(409, "POST", alarm+"/take", "{}")
	jan.want(204, "POST", alarm+"/reopen", "{}")
	jan.want(409, "POST", alarm+"/reopen", "{}")
	jan.want(404, "POST", alarm+"/shout", "{}")
	jan.want(404, "POST", "/api/v1/alarms/a-nothing/take", "{}")
	h.set(func() { h.broken = trouble("the disk is away") })
	jan.want(503, "POST", alarm+"/arrive", "{}")
	h.set(func() { h.broken = nil })

	var raised struct{ ID string }
	if err := json.Unmarshal([]byte(jan.want(201, "POST", "/api/v1/alarms", `{"kind":"medical","place":"l-3"}`)), &raised); err != nil {
		t.Fatal(err)
	}
	if text := jan.want(200, "GET", "/api/v1/alarms/"+raised.ID, ""); !strings.Contains(text, `"kind":"medical"`) {
		t.Errorf("the id of an alarm raised by hand is of %s", text)
	}
	jan.want(400, "POST", "/api/v1/alarms", `{"kind":"medical","place":"nowhere"}`)
	jan.want(422, "POST", "/api/v1/alarms", `{"kind":"heartbeat","place":"l-3"}`)
	if text := jan.want(200, "GET", "/api/v1/alarms", ""); !strings.Contains(text, "Room 3") || !strings.Contains(text, `"kind":"medical"`) {
		t.Errorf("the list has no alarm raised by hand: %s", text)
	}
	jan.want(404, "POST", "/api/v1/demo/press", `{"device":"d-1"}`) // not a demo
	jan.want(403, "GET", "/api/v1/unknown", "")
	piotr := h.caller(t, "piotr")
	if text := piotr.want(200, "GET", "/api/v1/devices/d-1/frames", ""); !strings.Contains(text, "unexpected byte") || !strings.Contains(text, `"bytes":"Bf8AQQ=="`) {
		t.Errorf("the technician reads %s", text)
	}
	if text := piotr.want(200, "GET", "/api/v1/unknown", ""); !strings.Contains(text, "0x00158d0003f1a2c4") {
		t.Errorf("the technician reads %s", text)
	}
}

func TestLinks(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	h.Press("d-2")
	a, b := h.alarm(t, "d-1"), h.alarm(t, "d-2")
	c := h.caller(t, "")
	link := strings.TrimPrefix(h.Link(a, "p-1"), h.url)
	token := strings.TrimPrefix(link, "/a/")
	c.want(200, "GET", link, "")
	c.want(404, "GET", "/a/", "")
	c.want(404, "GET", link[:len(link)-1], "")
	c.want(404, "GET", "/a/"+h.token(alerting.Alarm{ID: "a-gone"}, "p-1"), "")
	c.want(404, "GET", strings.Replace(link, ".", "A.", 1), "")
	forged := b64.EncodeToString([]byte(string(b.ID)+"\x00p-1")) + token[strings.Index(token, "."):]
	c.want(404, "POST", "/api/v1/links/"+forged+"/take", "{}")
	if n := len(h.acted()); n != 0 {
		t.Fatalf("opening and forging has done %d things", n)
	}
	c.want(204, "POST", "/api/v1/links/"+token+"/take", "{}")
	other := h.token(a, "p-2")
	if text := c.want(409, "POST", "/api/v1/links/"+other+"/take", "{}"); !strings.Contains(text, "Marta W. has it already.") {
		t.Errorf("the other link is told %s", text)
	}
	c.want(204, "POST", "/api/v1/links/"+token+"/arrive", "{}")
	c.want(204, "POST", "/api/v1/links/"+token+"/close", `{"outcome":"mistake"}`)
	c.want(200, "GET", link, "")
	c.want(409, "POST", "/api/v1/links/"+token+"/reopen", "{}")
	c.want(409, "POST", "/api/v1/links/"+token+"/take", "{}")

	// An alarm that a crash forgot: the link tells of it, and whoever answers
	// has it. Opening it changes nothing.
	forgot := alerting.Alarm{ID: "a-forgot", Kind: devices.Fall, Device: "d-3", RaisedAt: time.Now().Add(-time.Minute)}
	lost := h.token(forgot, "p-1")
	n := len(h.acted())
	c.want(200, "GET", "/a/"+lost, "")
	conn, _, err := c.live("?link=" + lost)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := next(t, conn, "snapshot")
	conn.Close()
	if len(first.Alarms) != 1 || first.Alarms[0].ID != "a-forgot" || first.Alarms[0].State != alerting.Raised || first.Alarms[0].Place == "" {
		t.Errorf("the link shows %+v", first.Alarms)
	}
	if len(h.acted()) != n {
		t.Error("opening it has done something")
	}
	c.want(204, "POST", "/api/v1/links/"+lost+"/arrive", "{}")
	acts := h.acted()
	if got, want := fmt.Sprintf("%+v", acts[n:]), fmt.Sprintf("%+v", []alerting.Input{
		alerting.Recover{Alarm: "a-forgot", By: "p-1", Kind: devices.Fall, Device: "d-3", RaisedAt: forgot.RaisedAt.Truncate(time.Second).UTC()},
		alerting.Arrive{Alarm: "a-forgot", By: "p-1"},
	}); got != want {
		t.Errorf("the desk was told\n%s, want\n%s", got, want)
	}
	if a := h.alarm(t, "d-3"); a.ID != "a-forgot" || a.State != alerting.Attended || a.Holder != "p-1" {
		t.Errorf("afterwards it is %+v", a)
	}
	c.want(204, "POST", "/api/v1/links/"+lost+"/close", `{"outcome":"helped"}`)
	c.want(409, "POST", "/api/v1/links/"+h.token(forgot, "p-2")+"/take", "{}")

	// Of one raised by hand it tells the place.
	byHand := h.token(alerting.Alarm{ID: "a-hand", Kind: devices.Panic, Place: "l-1", RaisedAt: time.Now()}, "p-1")
	c.want(204, "POST", "/api/v1/links/"+byHand+"/take", "{}")
	acts = h.acted()
	if r := acts[len(acts)-2].(alerting.Recover); r.Place != "l-1" || r.Device != "" {
		t.Errorf("the desk was told %+v", r)
	}

	// One of two days ago was closed.
	forgot.ID, forgot.RaisedAt = "a-old", time.Now().Add(-48*time.Hour)
	old := h.token(forgot, "p-1")
	c.want(404, "GET", "/a/"+old, "")
	c.want(404, "POST", "/api/v1/links/"+old+"/take", "{}")
	// Links of another key are not ours.
	o := h.o
	o.LinkKey = []byte("another key of 16")
	if _, ok := h.linkViewer(New(o, h.hub).token(a, "p-1")); ok {
		t.Error("a link signed by another key opens")
	}
}

func TestSession(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	c := h.caller(t, "")
	c.want(401, "GET", "/api/v1/session", "")
	for _, who := range []string{"marta", "nobody"} {
		c.want(401, "POST", "/api/v1/session", `{"name":"`+who+`","password":"wrong"}`)
	}
	_, _, header := c.do("POST", "/api/v1/session", `{"name":"marta","password":"secret of the ward"}`)
	if got := header.Get("Set-Cookie"); !strings.Contains(got, "HttpOnly") || !strings.Contains(got, "SameSite=Strict") || !strings.Contains(got, "Max-Age=43200") {
		t.Errorf("the cookie is %q", got)
	}
	c.want(200, "GET", "/api/v1/session", "")
	conn, _, err := c.live("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c.want(204, "DELETE", "/api/v1/session", "")
	c.want(401, "GET", "/api/v1/session", "")
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	if !websocket.IsCloseError(err, signedOut) {
		t.Errorf("after the sign-out the stream ends with %v, want code %d", err, signedOut)
	}
	for range maxFailures { // in a browser that is known
		c.do("POST", "/api/v1/session", `{"name":"marta","password":"wrong"}`)
	}
	c.want(429, "POST", "/api/v1/session", `{"name":"marta","password":"secret of the ward"}`)
	c.want(200, "POST", "/api/v1/session", `{"name":"jan","password":"secret of the ward"}`)

	secure := newHouse(t, newWard(same), func(o *Options) { o.Secure = true })
	_, _, header = secure.caller(t, "").do("POST", "/api/v1/session", `{"name":"marta","password":"secret of the ward"}`)
	if got := header.Get("Set-Cookie"); !strings.Contains(got, "Secure") || !strings.HasPrefix(got, "__Host-") {
		t.Errorf("the cookie for https is %q", got)
	}
}

func TestSessionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nurse, board := Account{Name: "marta", Role: RoleNurse}, Account{Name: "wall", Role: RoleBoard}
		s := newSessions([]Account{nurse, board})
		begin := time.Now()
		idle := s.open(nurse.viewer(), nurse, "")
		used := s.open(nurse.viewer(), nurse, "")
		wall := s.open(board.viewer(), board, "")
		unused, over := s.find(idle), s.find(used)
		for i := time.Duration(1); i < sessionFor/time.Hour; i++ {
			time.Sleep(time.Hour)
			if s.find(used) == nil {
				t.Fatalf("a session that is used ended after %v", time.Since(begin))
			}
			if i == sessionIdle/time.Hour {
				<-unused.ended
			}
		}
		if s.find(idle) != nil {
			t.Errorf("a session that nobody uses is there after %v", time.Since(begin))
		}
		time.Sleep(time.Hour - time.Second)
		if s.find(used) == nil {
			t.Error("the session ended too soon")
		}
		time.Sleep(time.Second)
		<-over.ended
		if s.find(used) != nil {
			t.Error("the session is still there after 12 h")
		}
		if s.find("") != nil {
			t.Error("no cookie is a session")
		}
		x := s.find(wall)
		for range 60 {
			time.Sleep(24 * time.Hour)
			s.stays(x) // its screen is open
		}
		if s.find(wall) == nil {
			t.Error("a board must sign in again after two months")
		}
		time.Sleep(boardIdle)
		<-x.ended
	})
}

// Other sites cannot answer for whoever is signed in, nor listen.
func TestOtherOrigins(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	h.Press("d-1")
	path := "/api/v1/alarms/" + string(h.alarm(t, "d-1").ID) + "/take"
	c := h.caller(t, "")
	c.want(403, "POST", path, "{}", "Origin", "https://evil.example")
	c.want(403, "POST", path, "{}", "Sec-Fetch-Site", "cross-site")
	c.want(403, "POST", path, "{}", "Sec-Fetch-Site", "same-site")
	c.want(415, "POST", path, "{}", "Content-Type", "text/plain")
	c.want(415, "POST", path, "{}", "Content-Type", "application/x-www-form-urlencoded")
	if _, resp, err := c.live("", "Origin", "https://evil.example"); err == nil || resp.StatusCode != 403 {
		t.Errorf("another site may listen: %v", err)
	}
	if n := len(h.acted()); n != 0 {
		t.Fatalf("%d answers got through", n)
	}
	// A name of somebody else's that points here is not this gateway's.
	r, _ := http.NewRequest("GET", h.url+"/api/v1/alarms", nil)
	r.Host = "evil.example"
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 401 {
		t.Errorf("an open page answers to any host: %d", resp.StatusCode)
	}
	c.want(204, "POST", path, "{}", "Origin", h.url, "Sec-Fetch-Site", "same-origin")
	c.want(413, "POST", path, `{"outcome":"`+strings.Repeat("x", bodyLimit)+`"}`)
	c.want(400, "POST", path, `{}{}`)
	c.want(400, "POST", path, `[`)
	c.want(204, "POST", "/api/v1/demo/press", `{"device":"d-2"}`)
	c.want(404, "POST", "/api/v1/demo/press", `{"device":"d-12"}`)
	c.want(404, "POST", "/api/v1/demo/burn", `{"device":"d-2"}`)
	c.want(404, "GET", "/api/v1/nothing", "")
}

func TestHeaders(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	c := h.caller(t, "")
	for _, path := range []string{"/", "/web/app.js", "/api/v1/alarms", "/nothing", "/a/x"} {
		_, _, head := c.do("GET", path, "")
		if got := head.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'none'") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: the policy is %q", path, got)
		}
		if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", path, head)
		}
		cache := "no-cache"
		if strings.HasPrefix(path, "/a") {
			cache = "no-store"
		}
		if got := head.Get("Cache-Control"); path != "/nothing" && got != cache {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, cache)
		}
	}
	_, _, head := c.do("GET", "/web/app.js", "")
	if got := head.Get("Content-Type"); !strings.HasPrefix(got, "text/javascript") {
		t.Errorf("app.js is %q", got)
	}
	c.want(304, "GET", "/web/app.js", "", "If-None-Match", head.Get("ETag"))
	c.want(404, "GET", "/web/nothing.js", "")
}

// A screen whose gateway does not turn hears no beat.
func TestNoBeatWithoutTheLoop(t *testing.T) {
	h := newHouse(t, newWard(same), open)
	conn, _, err := h.caller(t, "").live("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	next(t, conn, "beat")
	h.set(func() { h.deaf = true })
	conn.SetReadDeadline(time.Now().Add(2*beatEvery + time.Second))
	for {
		_, b, err := conn.ReadMessage()
		if err != nil {
			break // nothing came
		}
		if strings.Contains(string(b), `"beat"`) {
			t.Fatal("a beat came although the loop does not turn")
		}
	}
}

func FuzzLinkToken(f *testing.F) {
	h := &Handler{o: Options{LinkKey: []byte("0123456789abcdef")}, hub: NewHub()}
	f.Add(h.token(alerting.Alarm{ID: "a-1", Kind: "fall", Device: "d-1", RaisedAt: time.Unix(1795000000, 0)}, "p-1"))
	f.Add("..")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		v, ok := h.linkViewer(token)
		if ok && (v.only == "" || v.role != RoleNurse || v.told == nil || h.token(*v.told, v.person) != token) {
			t.Errorf("token %q opens %+v", token, v)
		}
	})
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Aniela Kowalczyk": "A. K.", "Łucja Maria Żak": "Ł. M. Ż.", "": "", "  x ": "x."} {
		if got := initials(name); got != want {
			t.Errorf("initials of %q are %q, want %q", name, got, want)
		}
	}
}
