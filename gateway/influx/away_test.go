package influx

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestAwayForAnHour: nobody listens where InfluxDB should be, for an hour of
// the bubble's time, and ten readings come every second. It is told once and
// tried at least twice a minute; afterwards every reading arrives, in order,
// once.
func TestAwayForAnHour(t *testing.T) {
	const points, each = 36_000, 400
	address := gatewaytest.FreePort(t)
	// What waits on a network holds a bubble's time: the server is outside, and
	// keeps no connection.
	var mu sync.Mutex
	var got [][]byte
	back, listens := make(chan struct{}), make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, bytes.Split(body, []byte("\n"))...)
		w.WriteHeader(http.StatusNoContent)
	})}
	server.SetKeepAlivesEnabled(false)
	defer server.Close()
	go func() {
		<-back
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Error(err)
		}
		close(listens)
		if err == nil {
			server.Serve(l)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		s := mustSpool(t, filepath.Join(t.TempDir(), "spool.db"), 1<<30)
		var told []bool
		f := NewForwarder(Config{URL: "http://" + address, Token: "a:b", Bucket: "c/d"}, s, slog.New(slog.DiscardHandler),
			func(on bool, _ string) { told = append(told, on) })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		for i := 0; i < points; i += each {
			mustAppend(t, s, i, i+each)
			time.Sleep(time.Hour / (points / each))
		}
		if got := s.Stats(); got.Points != points || f.Ready() == nil {
			t.Errorf("after an hour %+v, ready: %v", got, f.Ready())
		}
		close(back)
		<-listens
		for began := time.Now(); s.Stats().Points > 0; time.Sleep(time.Second) {
			if time.Since(began) > time.Minute {
				t.Fatalf("a minute later %+v", s.Stats())
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		want, _ := encode("ward-3", samples(0, points), nil)
		if !slices.EqualFunc(got, bytes.Split(bytes.TrimSpace(want), []byte("\n")), bytes.Equal) {
			t.Errorf("%d points came, want %d in order", len(got), points)
		}
		if !slices.Equal(told, []bool{true, false}) {
			t.Errorf("told %v, want once on and once off", told)
		}
		if st := s.Stats(); st.Dropped != 0 || st.Poisoned != 0 {
			t.Errorf("%+v", st)
		}
	})
}
