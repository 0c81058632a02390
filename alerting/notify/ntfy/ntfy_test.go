package ntfy

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"telecare/alerting"
	"telecare/alerting/notify/notifytest"

	"github.com/google/go-cmp/cmp"
)

func call() alerting.Call {
	c := notifytest.Call()
	c.Address = "ward-x7"
	return c
}

// server speaks ntfy's publish interface.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	got    []map[string]any
	auth   string
	status int
	answer string
}

func newServer(t *testing.T) *server {
	s := &server{status: 200, answer: `{"id":"hwQ2YpKdmg","time":1635528741,"event":"message","topic":"ward-x7","message":"x"}`}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var m map[string]any
		if r.Method != http.MethodPost || r.URL.Path != "/" || json.Unmarshal(b, &m) != nil {
			http.Error(w, "no", http.StatusTeapot)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got, s.auth = append(s.got, m), r.Header.Get("Authorization")
		w.WriteHeader(s.status)
		io.WriteString(w, s.answer)
	}))
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T, cfg Config) *Ntfy {
	t.Helper()
	cfg.Name = "push"
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCall(t *testing.T) {
	s := newServer(t)
	if retry, err := client(t, Config{URL: s.URL, Token: "tk_1"}).Notify(t.Context(), call()); err != nil || retry {
		t.Fatal(retry, err)
	}
	button := func(label, what string) map[string]any {
		return map[string]any{
			"action": "http", "label": label, "url": "https://care.example.org/api/v1/links/tok.en/" + what, "method": "POST",
			"headers": map[string]any{"Content-Type": "application/json"}, "body": "{}", "clear": true,
		}
	}
	want := map[string]any{
		"topic": "ward-x7", "sequence_id": s.got[0]["sequence_id"], "title": "ALARM: Fall, Room 7",
		"message": "Raised at 02:00:00 on 3 February.\nNobody has it yet.\nAlarm 7, step 1.", "tags": []any{"rotating_light"}, "priority": 5.0,
		"click": "https://care.example.org/a/tok.en", "actions": []any{button("I am coming", "take"), button("I cannot", "decline")},
	}
	if diff := cmp.Diff(want, s.got[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.auth != "Bearer tk_1" {
		t.Errorf("signed in with %q", s.auth)
	}
	_, _ = client(t, Config{URL: s.URL, Username: "a", Password: "b"}).Notify(t.Context(), call())
	if s.auth != "Basic YTpi" {
		t.Errorf("signed in with %q", s.auth)
	}
}

// The same call replaces itself, another one rings, and a stop takes the place
// of the newest.
func TestSequence(t *testing.T) {
	s := newServer(t)
	n := client(t, Config{URL: s.URL})
	second, stop, other := call(), call(), call()
	second.ID, stop.ID, other.ID = "a-1/4", "a-1/5", "a-2/1"
	stop.Reason, stop.State, other.Alarm, other.Reason = alerting.Stopped, alerting.Acknowledged, "a-2", alerting.Stopped
	for _, c := range []alerting.Call{call(), call(), second, stop, other} {
		if _, err := n.Notify(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var q []string
	for _, m := range s.got {
		q = append(q, m["sequence_id"].(string))
	}
	if q[0] != q[1] || q[1] == q[2] || q[2] != q[3] || q[3] == q[4] {
		t.Errorf("sequences %q", q)
	}
	for _, id := range q {
		if Address(id) != nil {
			t.Errorf("sequence %q is not one", id)
		}
	}
	if m := s.got[3]; m["priority"] != 2.0 || m["actions"] != nil || m["title"] != "No need to come: Fall, Room 7" {
		t.Errorf("stop: %v", m)
	}
	for i := range 3 * maxThreads {
		c := call()
		c.Alarm = alerting.AlarmID(strings.Repeat("a", i%maxThreads) + string(rune('a'+i/maxThreads)))
		n.sent(thread{c.Address, c.Alarm}, c, "x")
	}
	if len(n.last) > maxThreads || len(n.old) > maxThreads {
		t.Errorf("%d are remembered", len(n.last))
	}
}

func TestRefused(t *testing.T) {
	for _, x := range []struct {
		status int
		answer string
		word   string
	}{
		{200, "<html>Welcome to the hotel</html>", "garbage"}, {200, "{}", "garbage"}, {200, "", "garbage"}, {200, `{"id":"x","event":"keepalive"}`, "garbage"},
		{401, `{"code":40101}`, "login"}, {403, "", "login"}, {429, "", "status 429"}, {500, "", "status 500"}, {302, "", "status 302"},
	} {
		s := newServer(t)
		s.status, s.answer = x.status, x.answer
		if retry, err := client(t, Config{URL: s.URL}).Notify(t.Context(), call()); !retry || notifytest.Word(err) != x.word {
			t.Errorf("%d %s: retry %v, %v", x.status, x.answer, retry, err)
		}
	}
	c := call()
	c.Address = "two words"
	if retry, err := client(t, Config{URL: "http://127.0.0.1:1"}).Notify(t.Context(), c); retry || notifytest.Word(err) != "no address" {
		t.Error(retry, err)
	}
	if retry, err := client(t, Config{URL: "http://127.0.0.1:1", Token: "hush"}).Notify(t.Context(), call()); !retry || notifytest.Word(err) != "refused" || strings.Contains(err.Error(), "hush") {
		t.Error(retry, err)
	}
}

func TestNew(t *testing.T) {
	for _, u := range []string{"", "ntfy.sh", "https://", "https://ntfy.sh/topic", "https://a:b@ntfy.sh", "ftp://ntfy.sh", "https://ntfy.sh?x"} {
		if _, err := New(Config{URL: u}); err == nil {
			t.Errorf("%q is taken", u)
		}
	}
}

func TestSilent(t *testing.T) {
	for _, x := range []struct {
		health, account int
		body, word      string
	}{
		{200, 200, `{"healthy":true}`, ""}, {200, 401, `{"healthy":true}`, "login"}, {200, 200, `{"healthy":false}`, "garbage"},
		{200, 200, "<html>", "garbage"}, {404, 200, "", "status 404"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method != http.MethodGet:
				t.Errorf("%s %s", r.Method, r.URL)
			case r.URL.Path == "/v1/health":
				w.WriteHeader(x.health)
				io.WriteString(w, x.body)
			case r.URL.Path == "/v1/account":
				w.WriteHeader(x.account)
			}
		}))
		if err := client(t, Config{URL: s.URL, Token: "tk"}).Test(t.Context()); notifytest.Word(err) != x.word {
			t.Errorf("%+v: %v", x, err)
		}
		s.Close()
	}
}
