package webhook_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting/notify/webhook"
	"telecare/gateway/gatewaytest"
)

// A silent test rings nobody, also where a receiver takes whatever comes to its
// path for a call.
func TestSilently(t *testing.T) {
	var mu sync.Mutex
	var got []string
	answer := http.StatusNotFound
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Method+" "+r.RequestURI)
		w.WriteHeader(answer)
	}))
	server.Config.DisableGeneralOptionsHandler = true // or it would answer by itself
	server.Start()
	defer server.Close()
	last := func() string { mu.Lock(); defer mu.Unlock(); return got[len(got)-1] }
	set := func(status int) { mu.Lock(); defer mu.Unlock(); answer = status }

	w := newWebhook(t, server.URL+"/call?token=t", 10*time.Second)
	for status, word := range map[int]string{200: "", 404: "", 405: "", 501: "", 500: "status 500", 502: "status 502", 503: "status 503"} {
		set(status)
		err := w.Test(t.Context())
		if word == "" && err != nil {
			t.Errorf("%d: %v", status, err)
		} else if word != "" {
			wantWord(t, true, err, word)
		}
		if last() != "OPTIONS *" {
			t.Errorf("asked for %q", last())
		}
	}
	health := newWebhook(t, server.URL+"/call", 10*time.Second, func(c *webhook.Config) { c.TestURL = server.URL + "/health?token=t" })
	for status, word := range map[int]string{204: "", 302: "status 302", 404: "status 404", 503: "status 503"} {
		set(status)
		err := health.Test(t.Context())
		if word == "" && err != nil {
			t.Errorf("%d: %v", status, err)
		} else if word != "" {
			wantWord(t, true, err, word)
		}
		if err != nil && strings.Contains(err.Error(), "token") {
			t.Errorf("the address is seen: %v", err)
		}
		if last() != "GET /health?token=t" {
			t.Errorf("asked for %q", last())
		}
	}
	if slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "/call") }) {
		t.Errorf("the receiver was called: %q", got)
	}
	for _, bad := range []string{"ftp://example.org", "%zz"} {
		if _, err := webhook.New(webhook.Config{Name: "a", URL: "https://example.org", Secret: secret, TestURL: bad}); err == nil || strings.Contains(err.Error(), bad) {
			t.Errorf("test url %q: %v", bad, err)
		}
	}
}

// Nobody there, no TLS there, and one that hangs each have their word.
func TestSilentlyNobody(t *testing.T) {
	phone := gatewaytest.NewPhone(t, secret)
	w := newWebhook(t, phone.URL, 300*time.Millisecond)
	if err := w.Test(t.Context()); err != nil {
		t.Fatal(err)
	}
	secure := httptest.NewTLSServer(nil)
	defer secure.Close()
	wantWord(t, true, newWebhook(t, secure.URL, 10*time.Second).Test(t.Context()), "tls")
	hang := make(chan struct{})
	slow := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	slow.Config.DisableGeneralOptionsHandler = true
	slow.Start()
	defer slow.Close()
	defer close(hang)
	wantWord(t, true, newWebhook(t, slow.URL, 300*time.Millisecond).Test(t.Context()), "timeout")
	if n := len(phone.Calls()); n > 0 {
		t.Errorf("%d calls", n)
	}
}
