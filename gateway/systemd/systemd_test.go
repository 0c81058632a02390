//go:build unix

package systemd

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// manager is a service manager's end of the socket.
func manager(t *testing.T, watchdog string) *net.UnixConn {
	t.Helper()
	// Not the test's own folder: the name of a socket is at most 100 bytes.
	dir, err := os.MkdirTemp("", "sd")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); os.RemoveAll(dir) })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", watchdog)
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	return c
}

// hear gives the next message, "" when none comes within a while.
func hear(t *testing.T, c *net.UnixConn, within time.Duration) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1000)
	n, err := c.Read(b)
	if err != nil {
		return ""
	}
	return string(b[:n])
}

func TestReadyBeatStopping(t *testing.T) {
	c := manager(t, "200000") // 200 ms
	m := New(slog.New(slog.DiscardHandler))
	if m.Every() != 100*time.Millisecond {
		t.Errorf("beats every %v", m.Every())
	}
	m.Beat()
	if got := hear(t, c, time.Second); got != "READY=1" {
		t.Errorf("heard %q", got)
	}
	// However often the loop turns, the manager hears every half interval.
	const most = 4
	began := time.Now()
	for beats := 0; beats < most; {
		m.Beat()
		if got := hear(t, c, time.Millisecond); got == "WATCHDOG=1" {
			beats++
		}
	}
	if took := time.Since(began); took < (most-1)*m.Every() {
		t.Errorf("%d beats in %v", most, took)
	}
	// A loop that hangs is silent.
	if got := hear(t, c, 300*time.Millisecond); got != "" {
		t.Errorf("heard %q of a loop that does not turn", got)
	}
	m.Stopping()
	if got := hear(t, c, time.Second); got != "STOPPING=1" {
		t.Errorf("heard %q", got)
	}
}

func TestManagerThatHangs(t *testing.T) {
	c := manager(t, "2000")
	m := New(slog.New(slog.DiscardHandler))
	// Nobody reads, and the queue is full.
	fill, err := net.DialUnix("unixgram", nil, c.LocalAddr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer fill.Close()
	for err == nil {
		fill.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		_, err = fill.Write([]byte("full"))
	}
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		for began := time.Now(); time.Since(began) < 100*time.Millisecond; {
			m.Beat()
		}
	}()
	select {
	case <-beaten:
	case <-time.After(10 * time.Second):
		t.Fatal("a beat waits for the manager")
	}
	if !m.sending.Load() {
		t.Fatal("the queue is not full: nothing was tested")
	}
	// Once it reads again it hears the beat.
	for deadline := time.Now().Add(5 * time.Second); hear(t, c, time.Second) != "READY=1"; {
		if time.Now().After(deadline) {
			t.Fatal("no beat")
		}
	}
}

func TestNobodyThere(t *testing.T) {
	var log bytes.Buffer
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "1000")
	m := New(slog.New(slog.NewTextHandler(&log, nil)))
	m.Beat()
	m.Stopping()
	if m.Every() != 0 || log.Len() > 0 {
		t.Errorf("every %v, log %s", m.Every(), log.String())
	}
}

func TestSocketThatHasGone(t *testing.T) {
	var log bytes.Buffer
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	t.Setenv("WATCHDOG_USEC", "")
	m := New(slog.New(slog.NewTextHandler(&log, nil)))
	m.Stopping()
	m.Stopping()
	if n := strings.Count(log.String(), "cannot be told"); n != 1 {
		t.Errorf("told %d times: %s", n, log.String())
	}
}

func TestBadInterval(t *testing.T) {
	var log bytes.Buffer
	manager(t, "soon")
	m := New(slog.New(slog.NewTextHandler(&log, nil)))
	if m.Every() != 0 || !strings.Contains(log.String(), "WatchdogSec") {
		t.Errorf("every %v, log %s", m.Every(), log.String())
	}
}

// A reload is told from its beginning to its end, and the beginning says when.
func TestReloading(t *testing.T) {
	c := manager(t, "")
	m := New(slog.New(slog.DiscardHandler))
	for range 3 {
		done := m.Reloading()
		got := hear(t, c, 5*time.Second)
		when, ok := strings.CutPrefix(got, "RELOADING=1\nMONOTONIC_USEC=")
		if n, err := strconv.ParseInt(strings.TrimSpace(when), 10, 64); !ok || err != nil || n <= 0 {
			t.Errorf("heard %q", got)
		}
		done()
		if got := hear(t, c, 5*time.Second); got != "READY=1" {
			t.Errorf("heard %q", got)
		}
	}
}
