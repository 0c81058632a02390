package influx

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What a real InfluxDB 1.8 cannot be made to answer. Each answer is given once,
// then points are taken.
func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		why    string
	}{
		"429": {status(429), "status 429"},
		"503": {status(503), "status 503"},
		"408": {status(408), "status 408"},
		"401": {status(401), "status 401: check the token"},
		"404": {status(404), "status 404: check the bucket and the organisation"},
		"405": {status(405), "status 405"},
		"a 400 that is not about points": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(400)
			io.WriteString(w, `{"code":"invalid","message":"Please provide either orgID or org"}`)
		}, "status 400"},
		"a redirection": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/login", http.StatusFound)
		}, "status 302"},
		"a page": {func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<h1>Welcome to our guest network</h1>")
		}, "what answers is not influxdb: check the url"},
		"no answer": {func(w http.ResponseWriter, r *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				c.Close()
			}
		}, "no connection"},
		"an answer that does not come": {func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body) // only then does the server notice that we left
			<-r.Context().Done()
		}, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var once sync.Once
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/api/v2/write" {
					w.WriteHeader(http.StatusNoContent) // where a followed redirection would end
					return
				}
				first := false
				once.Do(func() { first = true })
				if first {
					c.answer(w, r)
					return
				}
				w.WriteHeader(http.StatusNoContent)
			}))
			defer server.Close()
			s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<20)
			mustAppend(t, s, 0, 5)
			cfg := Config{URL: server.URL, Token: "secret", Bucket: "b"}
			if c.why == "timeout" {
				cfg.Timeout = 300 * time.Millisecond
			}
			f := start(t, cfg, s)
			f.waitEmpty(t)
			f.stop()
			if got := f.Stats(); got != (Stats{Written: 5}) {
				t.Errorf("%+v", got)
			}
			if want := []string{c.why, "well"}; !slices.Equal(f.faults, want) {
				t.Errorf("faults %q, want %q", f.faults, want)
			}
			if err := f.Ready(); err != nil {
				t.Error(err)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// A wrong setting that looks like bad points must cost none, however often it
// is tried.
func TestNothingIsSetAsideBeforeAnythingWasTaken(t *testing.T) {
	f := NewForwarder(Config{Bucket: "b"}, nil, slog.New(slog.DiscardHandler), func(bool, string) {})
	f.api = refusing("Please provide either orgID or org")
	const lines = "a x=1 1\na x=1 2"
	for range 3 {
		var r *refusal
		if poison, err := f.write(t.Context(), lines); poison != nil || !errors.As(err, &r) || !r.config {
			t.Errorf("%v, %v", poison, err)
		}
	}
	f.proven = true // from now on the same words are about the points
	if poison, err := f.write(t.Context(), lines); len(poison) != 2 || err != nil {
		t.Errorf("%v, %v", poison, err)
	}
}

func TestAWhollyRefusedLoadIsNotHalved(t *testing.T) {
	f := NewForwarder(Config{Bucket: "b"}, nil, slog.New(slog.DiscardHandler), func(bool, string) {})
	tries := 0
	f.api = counting{&tries, refusing("partial write: points beyond retention policy dropped=2")}
	poison, err := f.write(t.Context(), "a x=1 1\na x=1 2")
	if len(poison) != 2 || err != nil || tries != 1 || poison[1].Line != "a x=1 2" {
		t.Errorf("%v, %v after %d tries", poison, err, tries)
	}
}

func TestHalves(t *testing.T) {
	for _, lines := range []string{"a\nb", "a\nbbbbbbbb", "aaaaaaaa\nb", "a\nb\nc", "aaaaaaaaaaaa\nb\nc", "a\nb\ncccccccccccc"} {
		if one, other := halves(lines); one == "" || other == "" || one+"\n"+other != lines {
			t.Errorf("%q: %q and %q", lines, one, other)
		}
	}
}

func TestPause(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		tries int
		least time.Duration
		most  time.Duration
	}{
		"at first":          {errors.New("disk"), 0, 125 * time.Millisecond, 250 * time.Millisecond},
		"at last":           {&refusal{err: io.EOF}, 1000, 7500 * time.Millisecond, 15 * time.Second},
		"a setting":         {&refusal{err: io.EOF, config: true}, 0, 500 * time.Millisecond, time.Second},
		"a setting, long":   {&refusal{err: io.EOF, config: true}, 1000, 15 * time.Second, 30 * time.Second},
		"as it asks":        {&refusal{err: io.EOF, after: 40 * time.Second}, 0, 40 * time.Second, 40 * time.Second},
		"as it asks absurd": {&refusal{err: io.EOF, after: 1 << 40}, 0, 10 * time.Minute, 10 * time.Minute},
	} {
		for range 200 {
			if d := pause(c.err, c.tries); d < c.least || d > c.most {
				t.Fatalf("%s: %v", name, d)
			}
		}
	}
}

func TestRetryAfterIsRead(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "17")
		w.WriteHeader(429)
	}))
	defer server.Close()
	f := NewForwarder(Config{URL: server.URL, Bucket: "b"}, nil, slog.New(slog.DiscardHandler), func(bool, string) {})
	if _, err := f.connect(); err != nil {
		t.Fatal(err)
	}
	var r *refusal
	if _, err := f.write(t.Context(), "a x=1 1"); !errors.As(err, &r) || r.after != 17*time.Second {
		t.Errorf("%+v", r)
	}
}

// An address that nobody can call is a fault, not a panic and not an end.
func TestBadURL(t *testing.T) {
	for _, u := range []string{"", "localhost:8086", "http://", "http://[::1", "ftp://x", "http://a b/"} {
		f := start(t, Config{URL: u, Token: "secret"}, mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1))
		f.wait(t, func() bool { return len(f.told()) == 1 })
		f.stop()
		if err := f.Ready(); err == nil || !strings.Contains(err.Error(), "url") {
			t.Errorf("%q: %v", u, err)
		}
		_ = f.String()
	}
}

func TestStringsHideTheToken(t *testing.T) {
	f := NewForwarder(Config{URL: "http://u:secret@h:8086", Token: "secret", Bucket: "db/rp"}, nil, slog.New(slog.DiscardHandler), nil)
	if got := f.String(); strings.Contains(got, "secret") || !strings.Contains(got, "h:8086") || !strings.Contains(got, "db/rp") {
		t.Error(got)
	}
	if f.Ready() == nil {
		t.Error("ready before anything was written")
	}
}

// refusing is a client whose writes are refused with status 400.
type refusing string

func (m refusing) WriteRecord(context.Context, ...string) error { return bad(string(m)) }

// running is a forwarder under way.
type running struct {
	*Forwarder
	stop func()

	mu     sync.Mutex
	faults []string // read it after stop, or by told
}

func start(t testing.TB, cfg Config, s *Spool) *running {
	t.Helper()
	r := &running{}
	r.Forwarder = NewForwarder(cfg, s, slog.New(slog.DiscardHandler), func(on bool, why string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !on {
			why = "well"
		}
		r.faults = append(r.faults, why)
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

func (r *running) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.faults)
}

func (r *running) wait(t testing.TB, until func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !until(); {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come; %+v, ready: %v, faults %q", r.Stats(), r.Ready(), r.told())
		}
		<-time.After(2 * time.Millisecond) // the next look at a real condition
	}
}

// waitEmpty waits until all has been brought to InfluxDB and that is known.
func (r *running) waitEmpty(t testing.TB) {
	t.Helper()
	r.wait(t, func() bool { return r.Stats().Points == 0 && r.Ready() == nil })
}
