package services

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/notifytest"
)

func call() alerting.Call {
	c := notifytest.Call()
	c.Address = "12 3"
	return c
}

const said = "ALARM: Fall, Room 7\nRaised at 02:00:00 on 3 February.\nNobody has it yet.\nAlarm 7, step 1.\nhttps://care.example.org/a/tok.en"

// sink speaks what Gotify and ntfy do of their publish interfaces.
func sink(t *testing.T, answer http.HandlerFunc) string {
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func service(t *testing.T, cfg Config) *Service {
	t.Helper()
	cfg.Name = "chat"
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What the library sends is what Gotify and ntfy take.
func TestGotifyAndNtfy(t *testing.T) {
	got := make(chan string, 10)
	host := sink(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var m struct{ Message string }
		switch {
		case r.URL.Path == "/message": // [Gotify's API, POST /message]
			if json.Unmarshal(b, &m) != nil || r.Header.Get("X-Gotify-Key")+r.URL.Query().Get("token") == "" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			got <- m.Message
			io.WriteString(w, `{"id":25,"appid":5,"message":"x","priority":8,"date":"2026-02-03T02:00:00Z"}`)
		default:
			got <- r.URL.Path + " " + string(b)
			io.WriteString(w, `{"id":"x","event":"message"}`)
		}
	})
	for address, want := range map[string]string{
		"gotify://" + host + "/Aaa.bbb.ccc.ddd?disabletls=yes&priority=8": said,
		"ntfy://" + host + "/{address}?scheme=http&priority=5":            "/12 3 " + said,
	} {
		if retry, err := service(t, Config{URL: address}).Notify(t.Context(), call()); err != nil || retry {
			t.Errorf("%s: %v %v", address, retry, err)
			continue
		}
		if s := <-got; s != want {
			t.Errorf("%s: got %q", address, s)
		}
	}
}

func TestRefused(t *testing.T) {
	host := sink(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	for address, want := range map[string]string{
		"generic://" + host + "/hush?disabletls=yes":       "failed",
		"generic://127.0.0.1:1/hush?disabletls=yes":        "failed",
		"gotify://" + host + "/Aaa.bbb.ccc?disabletls=yes": "failed",
	} {
		s, err := New(Config{URL: address})
		if err != nil {
			continue // a token that Gotify would not make
		}
		retry, err := s.Notify(t.Context(), call())
		if !retry || notifytest.Word(err) != want || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), host) {
			t.Errorf("%s: retry %v, %v", address, retry, err)
		}
	}
	c := call()
	c.Address = ""
	if retry, err := service(t, Config{URL: "ntfy://127.0.0.1:1/{address}"}).Notify(t.Context(), c); retry || notifytest.Word(err) != "no address" {
		t.Error(retry, err)
	}
}

// A service that is slower than a try is called once: the next try waits for
// the first.
func TestSlow(t *testing.T) {
	go_, n := make(chan struct{}), atomic.Int32{}
	host := sink(t, func(http.ResponseWriter, *http.Request) { n.Add(1); <-go_ })
	s := service(t, Config{URL: "generic://" + host + "/?disabletls=yes", Timeout: 50 * time.Millisecond})
	for range 3 {
		if retry, err := s.Notify(t.Context(), call()); !retry || notifytest.Word(err) != "timeout" {
			t.Fatal(retry, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if retry, err := s.Notify(ctx, call()); !retry || notifytest.Word(err) != "canceled" {
		t.Error(retry, err)
	}
	close(go_)
	s.cfg.Timeout = 10 * time.Second
	if retry, err := s.Notify(t.Context(), call()); retry || err != nil {
		t.Error(retry, err)
	}
	if n.Load() != 1 {
		t.Errorf("called %d times", n.Load())
	}
}

// One that never answers does not fill the memory.
func TestHung(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	host := sink(t, func(http.ResponseWriter, *http.Request) { <-end })
	s := service(t, Config{URL: "generic://" + host + "/?disabletls=yes", Timeout: time.Millisecond})
	for i := range 2 * maxTries {
		c := call()
		c.ID = alerting.NotificationID(rune('a' + i))
		if _, err := s.Notify(t.Context(), c); notifytest.Word(err) != "timeout" {
			t.Fatal(err)
		}
	}
	if s.hung != maxTries {
		t.Errorf("%d hang", s.hung)
	}
}

func TestNew(t *testing.T) {
	for address, want := range map[string]string{
		"": "none of shoutrrr's", "hush": "none of shoutrrr's", "pigeon://hush@loft": `no service "pigeon"`, "telegram://hush@telegram": `not one of service "telegram"`,
	} {
		if _, err := New(Config{URL: address}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
