package dashboards

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"telecare/alerting"
)

// program is a caller with a token that has these scopes; person is who
// answers by it.
func (h *house) program(t testing.TB, person alerting.Person, scopes ...Scope) *caller {
	t.Helper()
	name := fmt.Sprint("token-", person, scopes)
	s := h.settings.Load().Settings
	s.Tokens = append(slices.Clone(s.Tokens), Token{Name: name, Hash: sha256.Sum256([]byte(name)), Scopes: scopes, Person: person})
	h.Change(s)
	return &caller{t: t, h: h, Client: http.Client{Transport: withToken(name)}}
}

type withToken string

func (w withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if w != "" {
		r.Header.Set("Authorization", "Bearer "+string(w))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Who may do what, in one place: each operation, and the scope that it needs.
func TestWhoMay(t *testing.T) {
	const all, any, answers = "everybody", "signed in", "alarms:write|faults:write"
	needs := map[string]string{
		"who-am-i": any, "sign-in": all, "sign-out": all, "sign-in-ways": all, "list-sessions": any, "end-sessions": any, "end-session": any, "get-site": any, "get-health": any, "list-formats": any,
		"get-own": "own:read", "list-looks": "looks:read", "export-person": "people:erase", "erase-person": "people:erase", "list-access": "access:read", "end-sign-ins": "access:write", "remove-code-of": "access:write", "begin-code": any, "confirm-code": any, "remove-code": any, "break-glass": "codes:read", "behind-glass": "codes:read", "codes-behind-glass": "codes:read", "list-alarms": "alarms:read", "get-alarm": "alarms:read", "list-people": "alarms:read",
		"list-rosters": "people:read", "list-holes": "people:read",
		"add-override": "rosters:write", "remove-overrides": "rosters:write", "add-swap": "rosters:write", "import-calendar": "rosters:write",
		"begin-break": "alarms:write", "end-break": "alarms:write", "raise-alarm": "alarms:write", "take-alarm": answers, "decline-alarm": answers, "arrive-alarm": answers,
		"help-alarm": answers, "hand-over-alarm": answers, "close-alarm": answers, "reopen-alarm": answers, "alarm-codes": "codes:read",
		"list-devices": "devices:read", "get-device": "devices:read", "list-faults": "devices:read", "device-week": "devices:read",
		"list-stays": "stays:read", "add-stay": "stays:write", "end-stay": "stays:write",
		"list-rests": "alarms:read", "get-handover": "alarms:read", "add-rest": "stays:write", "end-rest": "stays:write",
		"list-absences": "alarms:read", "set-absence": "alarms:write", "pause-watch": "alarms:write", "list-tests": "devices:read", "set-test": "tests:write", "list-channels": "devices:read", "test-channel": "tests:write",
		"get-report":     "alarms:read devices:read",
		"search-journal": "alarms:read", "get-story": "alarms:read", "get-known": "alarms:read",
		"list-records": "registry:read people:read", "get-record": "registry:read people:read",
		"put-record": "registry:write people:read", "remove-record": "registry:write people:read", "undo-edit": "registry:write",
		"list-phones": "alarms:write", "add-phone": "alarms:write", "remove-phone": "alarms:write", "try-phone": "alarms:write",
		"list-phones-by-link": all, "add-phone-by-link": all, "phone-showed": all,
		"device-frames": "frames:read", "unknown-devices": "frames:read",
		"take-by-link": all, "decline-by-link": all, "arrive-by-link": all, "help-by-link": all, "hand-over-by-link": all, "close-by-link": all, "reopen-by-link": all, "codes-by-link": all,
	}
	roles := map[string]string{
		"":       "",
		"marta":  "alarms:read alarms:write people:read codes:read stays:read",
		"centre": "alarms:read alarms:write devices:read people:read codes:read stays:read stays:write rosters:write tests:write faults:write registry:read registry:write",
		"piotr":  "alarms:read devices:read frames:read tests:write faults:write registry:read registry:write",
		"wall":   "alarms:read devices:read",
		"olga":   "alarms:read devices:read people:read stays:read stays:write rosters:write registry:read registry:write looks:read people:erase",
		"basia":  "alarms:read alarms:write codes:read devices:read people:read stays:read stays:write rosters:write registry:read registry:write looks:read people:erase",
		"adam":   "alarms:read devices:read frames:read people:read stays:read stays:write rosters:write tests:write registry:read registry:write looks:read access:read access:write people:erase",
		"ewa":    "own:read",
	}
	h := newHouse(t, newWard(same), func(o *Options) { o.Numbers, o.Lookback = &counted{}, newPastOf(t) })
	ops := operations(h.api.OpenAPI())
	if len(ops) != len(needs) {
		t.Errorf("%d operations are described, %d are in this table", len(ops), len(needs))
	}
	try := func(who string, c *caller, scopes []string) {
		for _, key := range slices.Sorted(maps.Keys(ops)) {
			op := ops[key]
			need, known := needs[op.OperationID]
			if !known {
				t.Errorf("%s is not in this table", op.OperationID)
			}
			if op.OperationID == "sign-out" || op.OperationID == "end-sessions" {
				continue // it would end this
			}
			method, path, _ := strings.Cut(key, " ")
			body := ""
			if op.RequestBody != nil {
				b, _ := json.Marshal(example(t, h.api.OpenAPI(), op))
				body = string(b)
			}
			status, text, _ := c.do(method, apiRoot+strings.NewReplacer("{id}", "x-1", "{token}", "none", "{step}", "0", "{part}", "residents", "{key}", "x-1").Replace(path), body)
			var f failure
			_ = json.Unmarshal([]byte(text), &f)
			got := "done"
			switch {
			case f.Code == "signed_out":
				got = "nobody"
			case f.Code == "not_for_you":
				got = "no"
			case status >= 500:
				t.Errorf("%s: %s answers %d: %s", who, key, status, text)
			}
			want := "done"
			switch {
			case need == all:
			case who == "":
				want = "nobody"
			case who == "wall" && slices.Contains([]string{"get-report", "search-journal", "get-story", "get-known", "list-channels"}, op.OperationID): // hangs where everybody reads it
				want = "no"
			case need != any && slices.ContainsFunc(strings.Fields(need), func(s string) bool {
				return !slices.ContainsFunc(strings.Split(s, "|"), func(s string) bool { return slices.Contains(scopes, s) })
			}):
				want = "no"
			}
			if got != want {
				t.Errorf("%q with %q: %s is %s, want %s: %s", who, scopes, key, got, want, text)
			}
		}
	}
	for who, scopes := range roles {
		try(who, h.caller(t, who), strings.Fields(scopes))
	}
	for _, s := range Scopes() {
		try("program", h.program(t, "p-9", s), []string{string(s)})
	}
}

// What a program sees of an alarm is what its scopes say.
func TestWhatAProgramSees(t *testing.T) {
	log := new(syncBuffer)
	h := newHouse(t, newWard(same), func(o *Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	path := "/api/v1/alarms/" + string(a.ID)
	ids := h.program(t, "p-1", AlarmsRead, AlarmsWrite)
	names := h.program(t, "p-9", AlarmsRead, PeopleRead)
	codes := h.program(t, "p-9", AlarmsRead, CodesRead)
	blind := h.program(t, "", DevicesRead)
	private := []string{"Aniela", "A. K.", "Walks with", "second door", "Marta", "Jan Z", "4719#", "500 000", "12 000 00 01"}

	ids.want(204, "POST", path+"/take", "")
	for _, where := range []string{path, "/api/v1/alarms", "/api/v1/people", "/api/v1/session"} {
		text := ids.want(200, "GET", where, "")
		for _, s := range private {
			if strings.Contains(text, s) {
				t.Errorf("by ids alone %s shows %q: %s", where, s, text)
			}
		}
		if !strings.Contains(text, "p-1") {
			t.Errorf("%s does not say who: %s", where, text)
		}
	}
	if text := ids.want(409, "POST", "/api/v1/alarms/"+string(a.ID)+"/reopen", ""); strings.Contains(text, "Marta") {
		t.Errorf("a refusal names somebody: %s", text)
	}
	stream := func(c *caller, query string) string {
		t.Helper()
		conn, _, err := c.live(query, "Authorization", "Bearer "+string(c.Transport.(withToken)))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, raw := next(t, conn, "snapshot")
		return raw
	}
	for _, query := range []string{"", "?board"} {
		raw := stream(ids, query)
		for _, s := range append(private, `"battery"`, `"life"`) {
			if strings.Contains(raw, s) {
				t.Errorf("by ids alone the stream%s shows %q: %s", query, s, raw)
			}
		}
	}
	if _, resp, err := blind.live("", "Authorization", "Bearer "+string(blind.Transport.(withToken))); err == nil || resp.StatusCode != 403 {
		t.Errorf("a token for devices may listen to alarms: %v", err)
	}

	text := names.want(200, "GET", path, "")
	for _, s := range []string{"Aniela Kowalczyk", "Walks with", "second door", "Marta W.", `"holder_id":"p-1"`} {
		if !strings.Contains(text, s) {
			t.Errorf("with people:read it shows no %q: %s", s, text)
		}
	}
	if strings.Contains(text, "4719#") || strings.Contains(text, `"can"`) {
		t.Errorf("with people:read it shows too much: %s", text)
	}
	if text := codes.want(200, "POST", path+"/keysafe", ""); !strings.Contains(text, "4719#") {
		t.Errorf("with codes:read it gets %s", text)
	}
	if text := codes.want(200, "GET", path, ""); strings.Contains(text, "Aniela") {
		t.Errorf("with codes:read it is shown names: %s", text)
	}
	h.step(alerting.Close{Alarm: a.ID, By: "p-1", Outcome: alerting.Helped})
	if text := names.want(200, "GET", path, ""); strings.Contains(text, "Aniela") {
		t.Errorf("a closed alarm shows names: %s", text)
	}
	codes.want(403, "POST", path+"/keysafe", "")

	// Who looked and who answered is in the log, and no name.
	said := log.String()
	for _, s := range []string{`what="name and notes" alarm=` + string(a.ID) + ` person=p-9 token=`, `what="key-safe code"`, `msg="a program answers" token=`} {
		if !strings.Contains(said, s) {
			t.Errorf("the log has no %q:\n%s", s, said)
		}
	}
	for _, s := range private {
		if strings.Contains(said, s) {
			t.Errorf("the log has %q:\n%s", s, said)
		}
	}
	acts := h.acted()
	if len(acts) == 0 || fmt.Sprintf("%+v", acts[0]) != fmt.Sprintf("%+v", alerting.Take{Alarm: a.ID, By: "p-1"}) {
		t.Errorf("the desk was told %+v, want that p-1 takes it", acts)
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// A wrong token is counted and slowed down; a right one from the same address
// is not, and needs neither an origin nor a content type it does not use.
func TestTokens(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	good := h.program(t, "p-9", AlarmsRead, AlarmsWrite)
	wrong := &caller{t: t, h: h, Client: http.Client{Transport: withToken("telecare_wrong")}}
	for range maxFailures {
		if text := wrong.want(401, "GET", "/api/v1/alarms", ""); !strings.Contains(text, "bad_token") {
			t.Fatalf("a wrong token is told %s", text)
		}
	}
	status, _, head := wrong.do("GET", "/api/v1/alarms", "")
	if status != 429 || head.Get("Retry-After") == "" {
		t.Errorf("after %d tries a wrong token is told %d, %v", maxFailures, status, head)
	}
	if text := good.want(200, "GET", "/api/v1/health", ""); !strings.Contains(text, `"wrong_tokens":11`) {
		t.Errorf("the gateway counts %s", text)
	}
	good.want(400, "POST", "/api/v1/alarms", `{"kind":"panic","place":"nowhere"}`, "Origin", "https://desk.example", "Sec-Fetch-Site", "cross-site")
	good.want(415, "POST", "/api/v1/alarms", `{"kind":"panic","place":"l-1"}`, "Content-Type", "text/plain")
	good.want(415, "POST", "/api/v1/alarms", `{"kind":"panic","place":"l-1"}`, "Content-Type", "")
	h.Press("d-1")
	r, _ := http.NewRequest("POST", h.url+"/api/v1/alarms/"+string(h.alarm(t, "d-1").ID)+"/take", nil)
	resp, err := good.Do(r)
	if err != nil || resp.StatusCode != 204 {
		t.Errorf("without a body or a content type it is %v, %v", resp, err)
	}
	resp.Body.Close()

	// No cookie counts beside a token, and no other sign-in is taken for one.
	marta := h.caller(t, "marta")
	marta.want(415, "POST", "/api/v1/alarms/a-1/take", "", "Content-Type", "") // as another site's page can send it
	marta.want(429, "GET", "/api/v1/alarms", "", "Authorization", "Bearer nonsense")
	marta.want(200, "GET", "/api/v1/alarms", "", "Authorization", "Basic bWFydGE6eA==")
	marta.want(403, "POST", "/api/v1/alarms", `{"kind":"panic","place":"l-1"}`, "Authorization", "Basic bWFydGE6eA==", "Sec-Fetch-Site", "cross-site")
	marta.want(429, "GET", "/api/v1/alarms", "", "Authorization", "bearer")

	// One that is taken away ends, and what it listens to with it.
	token := string(good.Transport.(withToken))
	conn, _, err := good.live("", "Authorization", "Bearer "+token)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	next(t, conn, "snapshot")
	s := h.settings.Load().Settings
	s.Tokens = nil
	h.Change(s)
	good.want(429, "GET", "/api/v1/alarms", "")
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	if !websocket.IsCloseError(err, signedOut) {
		t.Errorf("the stream of a token that is gone ends with %v, want code %d", err, signedOut)
	}
}

// What a program needs and the page does not.
func TestLists(t *testing.T) {
	w := newWard(same)
	w.Plan.Rosters = map[alerting.RosterID]alerting.Roster{"night": {Shifts: []alerting.Shift{{
		Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, From: 0, To: 0, Who: []alerting.Person{"p-2"},
	}}}}
	w.Plan.LastResort = "p-9"
	h := newHouse(t, w, func(o *Options) { o.Ready = func() error { return trouble("the journal cannot be written") } })
	h.Press("d-1")
	h.Press("d-2")
	h.step(alerting.FaultEdge{Code: alerting.Silent, Subject: "d-11", On: true})
	first := h.alarm(t, "d-1")
	h.step(alerting.Close{Alarm: first.ID, By: "p-1", Outcome: alerting.Helped})
	c := h.caller(t, "centre")
	read := func(path string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(c.want(200, "GET", "/api/v1"+path, "")), into); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]int{"": 2, "?state=open": 1, "?state=closed": 1} {
		var list alarmList
		if read("/alarms"+query, &list); len(list.Alarms) != want || list.Seq == 0 {
			t.Errorf("/alarms%s lists %d at %d, want %d", query, len(list.Alarms), list.Seq, want)
		}
	}
	var one alarmView
	if read("/alarms/"+string(first.ID), &one); one.Outcome != alerting.Helped || len(one.History) < 3 {
		t.Errorf("the closed alarm is %+v", one)
	}
	var all deviceList
	if read("/devices", &all); len(all.Devices) != 12 || all.Devices[0].ID != "d-1" || all.Devices[11].ID != "d-12" {
		t.Errorf("the devices are %+v", all.Devices)
	}
	if read("/devices?life=silent", &all); len(all.Devices) != 1 || all.Devices[0].ID != "d-11" {
		t.Errorf("silent are %+v", all.Devices)
	}
	var d deviceView
	if read("/devices/d-5", &d); d.Readings[0].Value != 8 || d.LastSeen.IsZero() || d.Address != "" {
		t.Errorf("the device is %+v", d)
	}
	c.want(404, "GET", "/api/v1/devices/d-99", "")
	c.want(404, "GET", "/api/v1/alarms/a-99", "")
	var faults faultList
	if read("/faults", &faults); len(faults.Faults) != 1 || faults.Faults[0].Severity != alerting.SomebodyUnheard || !faults.Faults[0].On {
		t.Errorf("the faults are %+v", faults.Faults)
	}
	var people peopleList
	if read("/people", &people); len(people.People) != 4 || !people.People[2].LastResort || people.People[0].OnCall {
		t.Errorf("the people are %+v", people.People)
	}
	if read("/people?on_call=true", &people); len(people.People) != 1 || people.People[0].Name != "Jan Z." {
		t.Errorf("on call are %+v", people.People)
	}
	if text := h.caller(t, "piotr").want(200, "GET", "/api/v1/people", ""); strings.Contains(text, "Marta") {
		t.Errorf("the technician is shown %s", text)
	}
	var s siteView
	if read("/site", &s); s.ID != "s-1" || len(s.Places) != 12 {
		t.Errorf("the site is %+v", s)
	}
	var health healthView
	if read("/health", &health); !health.Alive || health.Ready || health.Problem != "the journal cannot be written" || health.Open != 1 || health.Raised != 1 || health.Silent != 1 {
		t.Errorf("its health is %+v", health)
	}
}

// Whatever is sent, the answer is one of ours, and no defect.
func TestHostileInput(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	path := "/api/v1/alarms/" + string(h.alarm(t, "d-1").ID)
	c := h.caller(t, "centre")
	deep := strings.Repeat(`{"kind":`, 20000) + "1" + strings.Repeat("}", 20000)
	for _, x := range []struct {
		want               int
		method, path, body string
	}{
		{422, "POST", "/api/v1/alarms", `{}`},
		{422, "POST", "/api/v1/alarms", `{"kind":"panic"}`},
		{422, "POST", "/api/v1/alarms", `{"kind":"panic","place":null}`},
		{422, "POST", "/api/v1/alarms", `{"kind":"panic","place":1}`},
		{422, "POST", "/api/v1/alarms", `{"kind":["panic"],"place":"l-1"}`},
		{422, "POST", "/api/v1/alarms", `{"kind":"panic","place":"l-1","by":"p-1"}`},
		{422, "POST", "/api/v1/alarms", `[]`},
		{422, "POST", "/api/v1/alarms", `"panic"`},
		{422, "POST", "/api/v1/alarms", `null`},
		{400, "POST", "/api/v1/alarms", ``},
		{400, "POST", "/api/v1/alarms", `{"kind":"panic","place":"l-1"`},
		{400, "POST", "/api/v1/alarms", `{"kind":"panic","place":"l-1"} x`},
		{400, "POST", "/api/v1/alarms", "\x00\xff"},
		{413, "POST", "/api/v1/alarms", deep},
		{400, "POST", "/api/v1/alarms", deep[:60000]},
		{422, "POST", path + "/take", `{"outcome":"helped"}`},
		{422, "POST", path + "/take", `[]`},
		{422, "GET", "/api/v1/alarms?state=all", ""},
		{422, "GET", "/api/v1/alarms?sort=1", ""},
		{422, "GET", "/api/v1/people?on_call=perhaps", ""},
		{422, "GET", "/api/v1/alarms/" + strings.Repeat("a", 201), ""},
		{404, "GET", "/api/v1/alarms/%00%ff", ""},
		{404, "GET", "/api/v1/alarms/..%2f..%2fsession", ""},
		{404, "PUT", "/api/v1/alarms", "{}"},
		{404, "DELETE", path, ""},
		{404, "GET", "/api/v1/", ""},
		{404, "GET", "/api/v2/alarms", ""},
		{404, "GET", "/api/v1/openapi-3.0.json", ""},
		{404, "GET", "/api/v1/docs", ""},
		{422, "POST", "/api/v1/session", `{"name":"` + strings.Repeat("x", 201) + `","password":"p"}`},
	} {
		text := c.want(x.want, x.method, x.path, x.body)
		if strings.Contains(text, "xxxx") || strings.Contains(text, "goroutine") {
			t.Errorf("%s %s repeats what was sent, or tells of the inside: %.200s", x.method, x.path, text)
		}
	}
	if text := c.want(422, "POST", "/api/v1/session", `{"name":"marta","password":["my secret"]}`); strings.Contains(text, "secret") {
		t.Errorf("a password comes back: %s", text)
	}
	if n := len(h.acted()); n != 0 {
		t.Errorf("%d of these did something: %+v", n, h.acted())
	}
	c.want(404, "POST", "/api/v1/alarms/%2e%2e/take", "") // an id like any other; the desk does not know it
}

// FuzzAPI sends anything to any operation: the answer is described, and never a
// defect.
func FuzzAPI(f *testing.F) {
	h := newHouse(f, newWard(same), open)
	ops := operations(h.api.OpenAPI())
	keys := slices.Sorted(maps.Keys(ops))
	for i, key := range keys {
		body := ""
		if ops[key].RequestBody != nil {
			b, _ := json.Marshal(example(f, h.api.OpenAPI(), ops[key]))
			body = string(b)
		}
		f.Add(uint8(i), "d-1", "", body)
	}
	f.Fuzz(func(t *testing.T, which uint8, id, query, body string) {
		method, path, _ := strings.Cut(keys[int(which)%len(keys)], " ")
		if strings.HasPrefix(path, "/session") && method == "POST" {
			return // its hashing would be all that is tried
		}
		r := httptest.NewRequest(method, "http://localhost"+apiRoot+"/x", io.NopCloser(strings.NewReader(body)))
		r.URL.Path = apiRoot + strings.NewReplacer("{id}", id, "{token}", id, "{part}", id, "{key}", id).Replace(path)
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
			t.Fatalf("%s %s?%s with %q: %d %s", method, r.URL.Path, query, body, w.Code, w.Body)
		}
		if matches(path, strings.TrimPrefix(r.URL.Path, apiRoot)) && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect {
			h.asDescribed(t, method, r.URL.Path, w.Code, w.Header(), w.Body.Bytes())
		}
	})
}
