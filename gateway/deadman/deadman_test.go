package deadman_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/gateway/deadman"
)

const target = "https://ping.example/secret-1234"

// transport stands for the network, so that time can be the test's.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func status(code int) (*http.Response, error) {
	return &http.Response{StatusCode: code, Body: http.NoBody}, nil
}

// watch runs a ping for a while in a bubble and gives the seconds at which
// requests came, and the edges of the link.
func watch(t *testing.T, during time.Duration, healthy func(time.Duration) error, answer func(since time.Duration, r *http.Request) (*http.Response, error)) (at []int, edges []bool, log string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var logged bytes.Buffer
		p, err := deadman.New(target, deadman.Every, func() error { return healthy(time.Since(began)) }, slog.New(slog.NewTextHandler(&logged, nil)))
		if err != nil {
			t.Fatal(err)
		}
		p.OnLink = func(up bool) {
			edges = append(edges, up)
			if up != (p.Ready() == nil) {
				t.Errorf("told %v, but Ready is %v", up, p.Ready())
			}
		}
		p.Transport = transport(func(r *http.Request) (*http.Response, error) {
			at = append(at, int(time.Since(began)/time.Second))
			if r.Method != http.MethodGet || r.URL.String() != target {
				t.Errorf("%s %s", r.Method, r.URL)
			}
			return answer(time.Since(began), r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), during)
		defer cancel()
		if err := p.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
		if time.Since(began) > during {
			t.Errorf("Run outlives its context: %v", time.Since(began))
		}
		log = logged.String()
	})
	if strings.Contains(log, "secret") {
		t.Errorf("the log tells the url: %s", log)
	}
	return at, edges, log
}

func well(time.Duration) error { return nil }

func TestPingsWhileHealthy(t *testing.T) {
	at, edges, _ := watch(t, 100*time.Second, well, func(time.Duration, *http.Request) (*http.Response, error) { return status(204) })
	if !slices.Equal(at, []int{0, 30, 60, 90}) || !slices.Equal(edges, []bool{true}) {
		t.Errorf("pings at %v, edges %v", at, edges)
	}
}

func TestNoPingWhileNotHealthy(t *testing.T) {
	sick := func(since time.Duration) error {
		if since >= 20*time.Second && since < 73*time.Second {
			return errors.New("the journal cannot be written")
		}
		return nil
	}
	at, edges, log := watch(t, 110*time.Second, sick, func(time.Duration, *http.Request) (*http.Response, error) { return status(200) })
	if !slices.Equal(at, []int{0, 75, 105}) || !slices.Equal(edges, []bool{true}) {
		t.Errorf("pings at %v, edges %v", at, edges)
	}
	if n := strings.Count(log, "the journal cannot be written"); n != 1 {
		t.Errorf("logged %d times", n)
	}
}

func TestFailedPingIsRetriedSooner(t *testing.T) {
	at, edges, _ := watch(t, 80*time.Second, well, func(since time.Duration, _ *http.Request) (*http.Response, error) {
		switch {
		case since < 10*time.Second:
			return nil, errors.New("no route to host")
		case since < 20*time.Second:
			return status(500)
		case since < 40*time.Second:
			return status(302) // is not followed
		}
		return status(200)
	})
	if !slices.Equal(at, []int{0, 5, 10, 15, 20, 25, 30, 35, 40, 70}) || !slices.Equal(edges, []bool{false, true}) {
		t.Errorf("pings at %v, edges %v", at, edges)
	}
}

func TestHangingServiceIsGivenUp(t *testing.T) {
	at, edges, _ := watch(t, 40*time.Second, well, func(_ time.Duration, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	if !slices.Equal(at, []int{0, 15, 30}) || !slices.Equal(edges, []bool{false}) {
		t.Errorf("pings at %v, edges %v", at, edges)
	}
}

// Over a real socket, once.
func TestRealPing(t *testing.T) {
	pinged := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		pinged <- r.Method + " " + r.URL.Path + " " + r.UserAgent()
	}))
	defer s.Close()
	p, err := deadman.New(s.URL+"/ping/1234", time.Hour, func() error { return nil }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if p.Ready() == nil {
		t.Error("ready before the first ping")
	}
	up, done := make(chan bool, 1), make(chan error)
	p.OnLink = func(b bool) { up <- b }
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- p.Run(ctx) }()
	if got := <-pinged; got != "GET /ping/1234 telecare" {
		t.Errorf("got %q", got)
	}
	if !<-up || p.Ready() != nil {
		t.Errorf("a ping that arrived is no success: %v", p.Ready())
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, target := range []string{"", "example.org/secret", "ftp://example.org/secret", "https:///secret", "http://[secret"} {
		if _, err := deadman.New(target, deadman.Every, func() error { return nil }, slog.New(slog.DiscardHandler)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v", target, err)
		}
	}
	if _, err := deadman.New(target, 0, func() error { return nil }, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("every 0 is accepted")
	}
}
