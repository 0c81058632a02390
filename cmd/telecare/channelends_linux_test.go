package main

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"telecare/alerting/notify/modem"
	"telecare/alerting/notify/modem/modemtest"
	"telecare/gateway"
	"telecare/gateway/config"
)

// protocol is what is spoken with a server that calls are given to.
type protocol interface {
	config(host string, timeout time.Duration) config.Channel
	// serve speaks with one client, as bad as the server is.
	serve(f *farEnd, c net.Conn)
}

// farEnd is a server that can be bad. Nobody listens before it is told how it
// is; its port is its own from the first.
type farEnd struct {
	open atomic.Int32 // connections

	t *testing.T
	protocol
	host string
	fd   int

	mu       sync.Mutex
	way      string
	free     chan struct{} // closed when it is well again
	calls    []string
	listener net.Listener
	fill     []net.Conn // of the backlog
}

func newFarEnd(t *testing.T, p protocol) *farEnd {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	var a syscall.Sockaddr
	if err == nil {
		a, err = syscall.Getsockname(fd)
	}
	if err != nil {
		t.Fatal(err)
	}
	f := &farEnd{t: t, protocol: p, fd: fd, host: fmt.Sprintf("127.0.0.1:%d", a.(*syscall.SockaddrInet4).Port), free: make(chan struct{})}
	t.Cleanup(func() {
		f.be(wayWell)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.listener.Close()
		syscall.Close(fd)
	})
	return f
}

func (f *farEnd) channel(timeout time.Duration) gateway.Notifier {
	c := f.config(f.host, timeout)
	c.Name = "far"
	if c.Push != nil {
		return pushTo(f.t, c.Push, f.host)
	}
	n, err := notifier(c)
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

func (f *farEnd) took() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.calls...)
}

func (f *farEnd) take(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, key)
}

// now is how bad it is, and until when.
func (f *farEnd) now() (way string, free <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.way, f.free
}

func (f *farEnd) be(way string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.way = way
	switch {
	case way == wayRefuses:
		return // bound, and not more
	case way == wayDeaf:
		f.deafen()
		return
	case way == wayWell:
		select {
		case <-f.free:
		default:
			close(f.free)
		}
	}
	for _, c := range f.fill {
		c.Close()
	}
	f.fill = nil
	if f.listener == nil {
		f.listen()
	}
}

// deafen fills the backlog, so that nobody's handshake is answered.
func (f *farEnd) deafen() {
	if err := syscall.Listen(f.fd, 0); err != nil {
		f.t.Fatal(err)
	}
	for range 8 {
		c, err := net.DialTimeout("tcp", f.host, 50*time.Millisecond)
		if err != nil {
			return
		}
		f.fill = append(f.fill, c)
	}
	f.t.Fatal("the backlog does not fill")
}

func (f *farEnd) listen() {
	err := syscall.Listen(f.fd, 128)
	if err == nil {
		fd, e := syscall.Dup(f.fd)
		file := os.NewFile(uintptr(fd), f.host)
		if err = e; err == nil {
			f.listener, err = net.FileListener(file) // which has its own
		}
		file.Close()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	go func(l net.Listener) {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f.open.Add(1)
			go func() {
				defer f.open.Add(-1)
				defer c.Close()
				switch way, free := f.now(); way {
				case wayMute:
					<-free
				case wayCloses:
				default:
					f.serve(f, c)
				}
			}()
		}
	}(f.listener)
}

// receiver is a service that is called by HTTP.
type receiver struct {
	at      func(host string, timeout time.Duration) config.Channel
	address string
	answer  string // to a call that it takes
	// key is what of a request is the same when a call comes again; nil where a
	// receiver cannot tell.
	key func(*http.Request, string) string
}

func httpReceivers() map[string]receiver {
	ok := func(status, body string) string {
		return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	}
	return map[string]receiver{
		"webhook": {func(h string, d time.Duration) config.Channel {
			return config.Channel{Webhook: &config.Webhook{URL: config.NewSecret("http://" + h + "/call"), Secret: config.NewSecret(hookToken), Timeout: d}}
		}, "", ok("200 OK", "{}"), func(r *http.Request, _ string) string { return r.Header.Get("Idempotency-Key") }},
		"kannel": {func(h string, d time.Duration) config.Channel {
			return config.Channel{SMS: &config.SMS{Kannel: &config.Kannel{URL: "http://" + h + "/cgi-bin/sendsms", Username: "a", Password: config.NewSecret("b")}, Timeout: d}}
		}, "+48600100200", ok("202 Accepted", "0: Accepted for delivery"), nil},
		"sms": {func(h string, d time.Duration) config.Channel {
			return config.Channel{SMS: &config.SMS{URL: config.NewSecret("http://" + h + "/{id}"), Body: config.NewSecret("to={to}&text={text}"), Timeout: d}}
		}, "+48600100200", ok("200 OK", "{}"), func(r *http.Request, _ string) string { return r.URL.Path }},
		"ntfy": {func(h string, d time.Duration) config.Channel {
			return config.Channel{Ntfy: &config.Ntfy{URL: "http://" + h, Timeout: d}}
		}, "marta-x7", ok("200 OK", `{"id":"x","event":"message"}`), func(_ *http.Request, body string) string {
			_, s, _ := strings.Cut(body, `"sequence_id":"`)
			s, _, _ = strings.Cut(s, `"`)
			return s
		}},
		"push": {func(_ string, d time.Duration) config.Channel {
			return config.Channel{Push: &config.Push{Subject: "mailto:a@example.org", Timeout: d}}
		}, "", ok("201 Created", ""), func(r *http.Request, _ string) string { return r.Header.Get("Topic") }},
		"shoutrrr": {func(h string, d time.Duration) config.Channel {
			return config.Channel{Service: &config.Service{URL: config.NewSecret("generic://" + h + "/?disabletls=yes"), Timeout: d}}
		}, "", ok("200 OK", "{}"), nil},
	}
}

func (r receiver) config(host string, timeout time.Duration) config.Channel {
	return r.at(host, timeout)
}

func (r receiver) serve(f *farEnd, c net.Conn) {
	in := bufio.NewReader(c)
	for {
		way, free := f.now()
		if way == wayGarbage {
			in.Peek(1)
			io.WriteString(c, "\x00\x15\x03garbage\r\n\r\n")
			return
		}
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		if way == wayBusy {
			io.WriteString(c, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
			continue
		}
		key := ""
		if r.key != nil {
			key = r.key(req, string(body))
		}
		f.take(key)
		switch way {
		case wayHalf:
			io.WriteString(c, strings.SplitAfter(r.answer, "\r\n")[0]+"Content-Length: 1000\r\n\r\n{")
			<-free
			return
		case waySlow:
			<-free
		case wayTwice:
			f.be(wayBusy)
			io.WriteString(c, r.answer)
		}
		io.WriteString(c, r.answer)
	}
}

// mailServer takes mails. [RFC 5321]
type mailServer struct{}

func (mailServer) config(host string, timeout time.Duration) config.Channel {
	machine, port, _ := net.SplitHostPort(host)
	e := &config.Email{Host: machine, Security: "none", From: "telecare@example.org", Timeout: timeout}
	fmt.Sscan(port, &e.Port)
	return config.Channel{Email: e}
}

func (mailServer) serve(f *farEnd, c net.Conn) {
	in := bufio.NewReader(c)
	say := func(line string) { io.WriteString(c, line+"\r\n") }
	way, free := f.now()
	if way == wayGarbage {
		say("\x00\x15\x03garbage")
		in.Peek(1)
		return
	}
	say("220 mail.example.org")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.ToUpper(verb) {
		case "EHLO", "HELO":
			if way == wayHalf {
				io.WriteString(c, "250-mail.example.org\r\n250-8BIT")
				<-free
				return
			}
			say("250-mail.example.org")
			say("250 8BITMIME")
		case "DATA":
			say("354 go on")
			id := ""
			for line != ".\r\n" {
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
				if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Message-ID") {
					id = strings.TrimSpace(value)
				}
			}
			if way == wayBusy {
				say("451 later")
				continue
			}
			f.take(id)
			switch way {
			case waySlow:
				<-free
			case wayTwice:
				f.be(wayBusy)
				say("250 taken")
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 well")
		}
	}
}

// gsm is a modem at a serial port, and the task that drives it.
type gsm struct {
	t   *testing.T
	sim *modemtest.Modem
	m   *modem.Modem
}

func newGSM(t *testing.T) end {
	sim, err := modemtest.New(filepath.Join(t.TempDir(), "modem"))
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(sim.Close)
	return &gsm{t: t, sim: sim}
}

// channel is the modem's, of which there is one.
func (g *gsm) channel(timeout time.Duration) gateway.Notifier {
	if g.m != nil {
		return g.m.Texts("gsm", false)
	}
	cfg := modemConfig(&config.Modem{Port: g.sim.Port(), Baud: 115200}, folder(g.t.TempDir()))
	cfg.Timeout = timeout
	var err error
	if g.m, err = modem.New(cfg, slog.New(slog.DiscardHandler)); err != nil {
		g.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); g.m.Run(g.t.Context()) }()
	g.t.Cleanup(func() { <-done })
	return g.m.Texts("gsm", false)
}

func (g *gsm) took() (all []string) {
	for _, s := range g.sim.Sent() {
		if s.Part <= 1 {
			all = append(all, s.PDU)
		}
	}
	return all
}

func (g *gsm) be(way string) {
	switch way {
	case wayRefuses:
		g.sim.Unplug()
	case wayDeaf:
		g.sim.Mute(true)
	case wayMute:
		g.sim.MuteAt("AT+CMGS", false)
	case wayHalf:
		g.sim.MuteAt("AT+CMGS", true)
	case wayGarbage:
		g.sim.Garble(true)
	case waySlow:
		g.sim.Slow(true)
	case wayCloses:
		g.sim.UnplugAt("AT+CMGS", true)
	case wayTwice:
		g.sim.Twice(true)
	case wayBusy:
		g.sim.Refuse("AT+CMGS", "+CMS ERROR: 38")
	default:
		g.sim.MuteAt("", false)
		g.sim.UnplugAt("", false)
		g.sim.Mute(false)
		g.sim.Garble(false)
		g.sim.Slow(false)
		_ = g.sim.Replug() // if it was pulled out
	}
}
