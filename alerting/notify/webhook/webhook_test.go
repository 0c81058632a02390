package webhook_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"telecare/alerting"
	"telecare/alerting/notify/webhook"
	"telecare/gateway/gatewaytest"
)

var secret = []byte("a secret shared with the phone")

func call(id alerting.NotificationID) alerting.Call {
	return alerting.Call{
		ID: id, Alarm: "a-1", Number: 7, Site: "north", Kind: "panic", Priority: alerting.High,
		Reason: alerting.Calling, State: alerting.Raised, Step: 2, Presses: 3, Late: true,
		RaisedAt: time.Date(2026, 8, 14, 2, 10, 0, 5e8, time.FixedZone("", 7200)),
		Place:    "Room 7, bathroom", Link: "https://desk.example/a/1?t=x&s=y", To: "nurse-1", Address: "+48 100",
	}
}

func newWebhook(t *testing.T, url string, timeout time.Duration, more ...func(*webhook.Config)) *webhook.Webhook {
	t.Helper()
	noLeaks(t)
	cfg := webhook.Config{Name: "night", URL: url, Secret: secret, Timeout: timeout}
	for _, f := range more {
		f(&cfg)
	}
	w, err := webhook.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// noLeaks checks at the end of the test that no try has left a goroutine.
// net/http's own client goroutines are the ones that could stay.
func noLeaks(t *testing.T) {
	t.Cleanup(func() {
		deadline := time.Now().Add(30 * time.Second)
		for {
			buf := make([]byte, 1<<20)
			all := string(buf[:runtime.Stack(buf, true)])
			if !strings.Contains(all, "net/http.(*Transport)") && !strings.Contains(all, "net/http.(*persistConn)") &&
				!strings.Contains(all, "webhook.(*Webhook)") {
				return
			}
			if time.Now().After(deadline) {
				t.Errorf("a goroutine is left over:\n%s", all)
				return
			}
			runtime.Gosched()
		}
	})
}

func wantWord(t *testing.T, retry bool, err error, want string) {
	t.Helper()
	var e *webhook.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, want one with the word %q", err, want)
	}
	if e.Word() != want {
		t.Errorf("got the word %q (%v), want %q", e.Word(), errors.Unwrap(e), want)
	}
	if !retry {
		t.Errorf("%s: an alarm is never given up, but retry is false", want)
	}
	for _, private := range []string{"nurse-1", "Room 7", "+48", "/call", "token"} {
		if strings.Contains(err.Error(), private) {
			t.Errorf("the error tells %q: %v", private, err)
		}
	}
}

func TestCallArrivesAsDocumented(t *testing.T) {
	phone := gatewaytest.NewPhone(t, secret)
	w := newWebhook(t, phone.URL, 0)
	retry, err := w.Notify(t.Context(), call("n-1"))
	if retry || err != nil {
		t.Fatalf("got retry %v, error %v", retry, err)
	}
	ring := phone.Expect(t, 30*time.Second, func(gatewaytest.Ring) bool { return true })
	want := gatewaytest.Ring{
		Status: 200, Version: 1, ID: "n-1", Site: "north", Alarm: "a-1", Number: 7, Kind: "panic",
		Priority: "high", Reason: "call", State: "raised", Step: 2, Presses: 3, Late: true,
		RaisedAt: time.Date(2026, 8, 14, 0, 10, 0, 5e8, time.UTC),
		Place:    "Room 7, bathroom", Link: "https://desk.example/a/1?t=x&s=y", To: "nurse-1", Address: "+48 100",
	}
	if d := cmp.Diff(want, ring, cmpopts.IgnoreFields(gatewaytest.Ring{}, "At", "Header", "Raw")); d != "" {
		t.Error(d)
	}
	const body = `{"version":1,"id":"n-1","site":"north","alarm":"a-1","number":7,"kind":"panic","priority":"high",` +
		`"reason":"call","state":"raised","step":2,"presses":3,"late":true,"raised_at":"2026-08-14T00:10:00.5Z",` +
		`"place":"Room 7, bathroom","link":"https://desk.example/a/1?t=x&s=y","to":"nurse-1","address":"+48 100"}`
	if string(ring.Raw) != body {
		t.Errorf("the body is a contract; got\n%s\nwant\n%s", ring.Raw, body)
	}
	if ua := ring.Header.Get("User-Agent"); ua != "telecare" {
		t.Errorf("User-Agent %q", ua)
	}
	if err := webhook.Verify(secret, ring.Header, ring.Raw, time.Now(), time.Minute); err != nil {
		t.Errorf("our own Verify: %v", err)
	}
}

func TestSameCallTwiceRingsOnce(t *testing.T) {
	phone := gatewaytest.NewPhone(t, secret)
	w := newWebhook(t, phone.URL, 0)
	for _, id := range []alerting.NotificationID{"n-1", "n-1", "n-2"} {
		if _, err := w.Notify(t.Context(), call(id)); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(phone.Calls()); got != 3 {
		t.Errorf("%d calls, want 3", got)
	}
	if got := len(phone.Rang()); got != 2 {
		t.Errorf("rang %d times, want 2", got)
	}
}

func TestPhoneThatFails(t *testing.T) {
	const short, generous = 300 * time.Millisecond, time.Minute
	for _, c := range []struct {
		name  string
		fail  func(*gatewaytest.Phone)
		word  string
		slows bool
	}{
		{"hangs in connect", (*gatewaytest.Phone).HangConnect, "timeout", true},
		{"hangs in the body", (*gatewaytest.Phone).HangBody, "timeout", true},
		{"slow", func(p *gatewaytest.Phone) { p.Slow(time.Minute) }, "timeout", true},
		{"refuses", (*gatewaytest.Phone).Refuse, "refused", false},
		{"is broken", func(p *gatewaytest.Phone) { p.Status(503) }, "status 503", false},
		{"is busy", func(p *gatewaytest.Phone) { p.Status(429) }, "status 429", false},
		{"has moved", func(p *gatewaytest.Phone) { p.Status(404) }, "status 404", false},
		{"is not changed", func(p *gatewaytest.Phone) { p.Status(304) }, "status 304", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			phone := gatewaytest.NewPhone(t, secret)
			timeout := generous
			if c.slows {
				timeout = short
			}
			w := newWebhook(t, phone.URL, timeout)
			c.fail(phone)
			began := time.Now()
			retry, err := w.Notify(t.Context(), call("n-1"))
			took := time.Since(began)
			wantWord(t, retry, err, c.word)
			if took >= generous {
				t.Errorf("one try took %v", took)
			}
			if c.slows && took < short {
				t.Errorf("given up after %v already", took)
			}
			phone.Work()
			if c.slows {
				w = newWebhook(t, phone.URL, generous)
			}
			if retry, err := w.Notify(t.Context(), call("n-1")); retry || err != nil {
				t.Errorf("once it works again: retry %v, error %v", retry, err)
			}
		})
	}
}

// Each webhook hangs for itself.
func TestThirdIsCalledAsFastAsAlone(t *testing.T) {
	deaf, mute, good := gatewaytest.NewPhone(t, secret), gatewaytest.NewPhone(t, secret), gatewaytest.NewPhone(t, secret)
	deaf.HangConnect()
	mute.HangBody()
	ctx, cancel := context.WithCancel(t.Context())
	var hung sync.WaitGroup
	for _, p := range []*gatewaytest.Phone{deaf, mute} {
		w := newWebhook(t, p.URL, time.Minute)
		for i := range 100 {
			hung.Go(func() {
				retry, err := w.Notify(ctx, call(alerting.NotificationID(fmt.Sprint("n-", i))))
				wantWord(t, retry, err, "canceled")
			})
		}
	}
	mute.Expect(t, 30*time.Second, func(gatewaytest.Ring) bool { return true })
	w := newWebhook(t, good.URL, time.Minute)
	began := time.Now()
	if _, err := w.Notify(ctx, call("n-1")); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 30*time.Second { // the others hang for a minute
		t.Errorf("the third was called after %v", took)
	}
	cancel()
	hung.Wait()
}

// raw listens and lets the test speak whatever it likes to each connection,
// once the request's head has come.
func raw(t *testing.T, speak func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				req, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return
				}
				io.Copy(io.Discard, req.Body)
				speak(c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); conns.Wait() })
	return "http://" + l.Addr().String() + "/call?token=1"
}

func untilGone(c net.Conn) { io.Copy(io.Discard, c) }

func TestStrangeAnswers(t *testing.T) {
	// dribble sends pieces for as long as somebody listens.
	dribble := func(head, piece string) func(net.Conn) {
		return func(c net.Conn) {
			io.WriteString(c, head)
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for range tick.C {
				if _, err := io.WriteString(c, piece); err != nil {
					return
				}
			}
		}
	}
	for _, c := range []struct {
		name  string
		speak func(net.Conn)
		word  string // "" is accepted
	}{
		{"nothing", untilGone, "timeout"},
		{"hangs up", func(net.Conn) {}, "broken"},
		{"garbage", func(c net.Conn) { c.Write([]byte("\x00\xff\xfenurse-1 in Room 7\r\n\r\n")) }, "broken"},
		{"a header without end", dribble("HTTP/1.1 200 OK\r\nX: ", "x"), "timeout"},
		{"headers without end", dribble("HTTP/1.1 200 OK\r\n", "X-Y: z\r\n"), "timeout"},
		{"a flood of headers", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for range 10_000 {
				if _, err := io.WriteString(c, "X-Y: "+strings.Repeat("z", 100)+"\r\n"); err != nil {
					return
				}
			}
			untilGone(c)
		}, "broken"},
		{"a body without end, slowly", dribble("HTTP/1.1 200 OK\r\n\r\n", "x"), "timeout"},
		{"a body that is cut", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") }, "broken"},
		{"a body of 1 GB", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
			piece := make([]byte, 32<<10)
			for range 1_000_000_000 / len(piece) {
				if _, err := c.Write(piece); err != nil {
					return
				}
			}
			t.Error("all of 1 GB was read")
		}, ""},
		{"accepted", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n") }, ""},
		{"continue for ever", dribble("", "HTTP/1.1 100 Continue\r\n\r\n"), "timeout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWebhook(t, raw(t, c.speak), 300*time.Millisecond)
			retry, err := w.Notify(t.Context(), call("n-1"))
			if c.word != "" {
				wantWord(t, retry, err, c.word)
			} else if retry || err != nil {
				t.Errorf("got retry %v, error %v", retry, err)
			}
		})
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := gatewaytest.NewPhone(t, secret)
	for _, code := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, code))
		w := newWebhook(t, s.URL, 0)
		retry, err := w.Notify(t.Context(), call("n-1"))
		wantWord(t, retry, err, fmt.Sprint("status ", code))
		s.Close()
	}
	if n := len(elsewhere.Calls()); n > 0 {
		t.Errorf("%d calls went to somebody whom nobody configured", n)
	}
}

func TestTLS(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	quiet := log.New(io.Discard, "", 0)
	s := httptest.NewUnstartedServer(ok)
	s.Config.ErrorLog = quiet
	s.StartTLS()
	defer s.Close()
	plain := httptest.NewServer(ok)
	defer plain.Close()
	picky := httptest.NewUnstartedServer(ok)
	picky.Config.ErrorLog = quiet
	picky.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	picky.StartTLS()
	defer picky.Close()

	trust := func(s *httptest.Server) func(*webhook.Config) {
		return func(c *webhook.Config) {
			pool := x509.NewCertPool()
			pool.AddCert(s.Certificate())
			c.TLS = &tls.Config{RootCAs: pool}
		}
	}
	if retry, err := newWebhook(t, s.URL, 0, trust(s)).Notify(t.Context(), call("n-1")); retry || err != nil {
		t.Errorf("trusted: retry %v, error %v", retry, err)
	}
	retry, err := newWebhook(t, s.URL, 0).Notify(t.Context(), call("n-1"))
	wantWord(t, retry, err, "tls")
	retry, err = newWebhook(t, "https"+strings.TrimPrefix(plain.URL, "http"), 0).Notify(t.Context(), call("n-1"))
	wantWord(t, retry, err, "tls")
	retry, err = newWebhook(t, picky.URL, 0, trust(picky)).Notify(t.Context(), call("n-1"))
	wantWord(t, retry, err, "tls")
}

func TestNoSuchName(t *testing.T) {
	// A name under .invalid never exists [RFC 6761 6.4]; a resolver that hangs
	// is a resolver that hangs.
	retry, err := newWebhook(t, "http://telecare.invalid/call", 2*time.Second).Notify(t.Context(), call("n-1"))
	if e, ok := errors.AsType[*webhook.Error](err); ok && e.Word() == "timeout" {
		t.Skip("no resolver answers here")
	}
	wantWord(t, retry, err, "unreachable")
}

func TestCallersDeadlineIsATimeout(t *testing.T) {
	phone := gatewaytest.NewPhone(t, secret)
	phone.Slow(time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	retry, err := newWebhook(t, phone.URL, time.Minute).Notify(ctx, call("n-1"))
	wantWord(t, retry, err, "timeout")
}

func TestCallThatCannotBeWritten(t *testing.T) {
	phone := gatewaytest.NewPhone(t, secret)
	c := call("n-1")
	c.RaisedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	retry, err := newWebhook(t, phone.URL, 0).Notify(t.Context(), c)
	if e, ok := errors.AsType[*webhook.Error](err); retry || !ok || e.Word() != "unencodable" {
		t.Errorf("got retry %v, error %v", retry, err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := webhook.Config{Name: "night", URL: "https://example.org/call?token=1", Secret: secret}
	if _, err := webhook.New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*webhook.Config){
		"no url":           func(c *webhook.Config) { c.URL = "" },
		"other scheme":     func(c *webhook.Config) { c.URL = "ftp://example.org/token" },
		"no host":          func(c *webhook.Config) { c.URL = "https:///token" },
		"port alone":       func(c *webhook.Config) { c.URL = "https://:8080/token" },
		"no url at all":    func(c *webhook.Config) { c.URL = "http://[token" },
		"no secret":        func(c *webhook.Config) { c.Secret = nil },
		"negative timeout": func(c *webhook.Config) { c.Timeout = -1 },
	} {
		cfg := good
		spoil(&cfg)
		_, err := webhook.New(cfg)
		if err == nil || !strings.Contains(err.Error(), `webhook "night"`) || strings.Contains(err.Error(), "token") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
