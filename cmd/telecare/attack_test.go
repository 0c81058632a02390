package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/dashboards"
)

// The attacker's list, the part that is the server's: whoever is slow holds a
// connection for seconds, not for ever. The server is the one that run starts,
// in a bubble of time, on connections in memory.

// pipes is a listener whose connections are in memory.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { close(p.done); return nil }
func (p pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// served runs the page's server in a bubble and gives a way to connect.
func served(t *testing.T, serve http.Handler, do func(dial func() net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		p := pipes{make(chan net.Conn), make(chan struct{})}
		l := &listening{page: &page{serve: serve, log: slog.New(slog.NewTextHandler(io.Discard, nil))}, listener: p}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		do(func() net.Conn {
			ours, theirs := net.Pipe()
			p.conns <- theirs
			return ours
		})
		cancel()
		<-ended
	})
}

// until says how long the server keeps a connection on which this was sent and
// then nothing more, and what it has answered; what it says is read.
func until(t *testing.T, conn net.Conn, sent string) (held time.Duration, answer string) {
	t.Helper()
	defer conn.Close()
	start := time.Now()
	conn.SetDeadline(start.Add(time.Hour))
	got := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(conn)
		got <- string(b)
	}()
	if _, err := io.WriteString(conn, sent); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Fatal(err)
	}
	answer = <-got
	return time.Since(start), answer
}

func TestAttackSlow(t *testing.T) {
	page := dashboards.New(dashboards.Options{LinkKey: []byte("0123456789abcdef"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, dashboards.NewHub())
	head := "Host: localhost\r\nContent-Type: application/json\r\n"
	for name, x := range map[string]struct {
		sent string
		most time.Duration
	}{
		"nothing":                   {"", 6 * time.Second},
		"half a request line":       {"GET / HT", 6 * time.Second},
		"headers without an end":    {"GET / HTTP/1.1\r\n" + head + "X-A: b\r\n", 6 * time.Second},
		"a sign-in without a body":  {"POST /api/v1/session HTTP/1.1\r\n" + head + "Content-Length: 100\r\n\r\n{", 30 * time.Second},
		"a body for nobody":         {"POST /api/v1/alarms HTTP/1.1\r\n" + head + "Content-Length: 100\r\n\r\n{", 30 * time.Second},
		"a body for no page":        {"POST /nothing HTTP/1.1\r\n" + head + "Content-Length: 100\r\n\r\n", 30 * time.Second},
		"chunks without an end":     {"POST / HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", 30 * time.Second},
		"a body with a page to get": {"GET / HTTP/1.1\r\n" + head + "Content-Length: 100\r\n\r\n", 30 * time.Second},
		"a page, and then nothing":  {"GET / HTTP/1.1\r\n" + head + "\r\n", 3 * time.Minute},
		"too many headers":          {"GET / HTTP/1.1\r\n" + head + strings.Repeat("X-A: "+strings.Repeat("b", 1000)+"\r\n", 100), 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			served(t, page, func(dial func() net.Conn) {
				held, answer := until(t, dial(), x.sent)
				if held > x.most {
					t.Errorf("it is held for %v, want %v at most", held, x.most)
				}
				if name == "too many headers" && !strings.Contains(answer, " 431 ") {
					t.Errorf("it is answered with %.80q", answer)
				}
			})
		})
	}
}

// Whoever comes slowly, a byte a second, is not served for it.
func TestAttackDripping(t *testing.T) {
	page := dashboards.New(dashboards.Options{LinkKey: []byte("0123456789abcdef"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, dashboards.NewHub())
	served(t, page, func(dial func() net.Conn) {
		conn := dial()
		defer conn.Close()
		go func() { _, _ = io.Copy(io.Discard, conn) }() // a pipe holds nothing
		start := time.Now()
		for i, b := range []byte("GET / HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X-A: b\r\n", 100)) {
			conn.SetWriteDeadline(time.Now().Add(time.Minute))
			if _, err := conn.Write([]byte{b}); err != nil {
				if held := time.Since(start); held > 7*time.Second {
					t.Errorf("after %d bytes it is held for %v", i, held)
				}
				return
			}
			time.Sleep(time.Second) // in a bubble
		}
		t.Error("a byte a second is taken for ever")
	})
}

// Whoever takes a long answer and does not read it is let go.
func TestAttackNotReading(t *testing.T) {
	long := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	ended := false
	served(t, dashboards.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { long(w, r); ended = true })), func(dial func() net.Conn) {
		conn := dial()
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(time.Hour))
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute) // in a bubble
		synctest.Wait()
		if !ended {
			t.Error("an answer that nobody takes is held for ever")
		}
	})
}
