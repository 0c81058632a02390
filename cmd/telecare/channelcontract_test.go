package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/gateway"
	"telecare/gateway/config"
)

// contractChannels are all channels that speak HTTP, at a receiver's address, and
// what such a receiver answers to a call that it takes.
func contractChannels() map[string]struct {
	at      func(host string, timeout time.Duration) config.Channel
	address string
	answer  string
	// key is what of a request is the same when a call comes again; nil where a
	// receiver cannot tell.
	key func(*http.Request, string) string
} {
	type row = struct {
		at      func(host string, timeout time.Duration) config.Channel
		address string
		answer  string
		key     func(*http.Request, string) string
	}
	ok := func(status, body string) string {
		return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
	}
	return map[string]row{
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
		"shoutrrr": {func(h string, d time.Duration) config.Channel {
			return config.Channel{Service: &config.Service{URL: config.NewSecret("generic://" + h + "/?disabletls=yes"), Timeout: d}}
		}, "", ok("200 OK", "{}"), func(*http.Request, string) string { return "" }},
	}
}

// receiver is the other side of a channel, bad in one way until it is well.
type receiver struct {
	host string
	mu   sync.Mutex
	bad  func(net.Conn, *bufio.Reader) // nil: well
	good string
	key  func(*http.Request, string) string
	took []string // keys of the calls that it took
	wait chan struct{}
}

func newReceiver(t *testing.T, good string, key func(*http.Request, string) string) *receiver {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{host: l.Addr().String(), good: good, key: key, wait: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(c)
		}
	}()
	return r
}

func (r *receiver) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		r.mu.Lock()
		bad := r.bad
		r.mu.Unlock()
		if bad != nil {
			bad(c, in)
			return
		}
		if !r.take(in) {
			return
		}
		io.WriteString(c, r.good)
	}
}

// take reads a call and counts it.
func (r *receiver) take(in *bufio.Reader) bool {
	req, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := ""
	if r.key != nil {
		key = r.key(req, string(body))
	}
	r.took = append(r.took, key)
	return true
}

func (r *receiver) be(bad func(net.Conn, *bufio.Reader)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bad = bad
}

// TestEveryChannelBad holds all channels that speak HTTP to one contract: however
// the other side is bad, a try ends by itself, says so and is to be made again;
// channels that are well deliver meanwhile; and when it is well again, the call
// is accepted, and is one for whoever can tell.
func TestEveryChannelBad(t *testing.T) {
	const short, long = 150 * time.Millisecond, 30 * time.Second
	hang := func(r *receiver) func(net.Conn, *bufio.Reader) {
		return func(net.Conn, *bufio.Reader) { <-r.wait } // until it starts anew
	}
	garbage := func(c net.Conn, in *bufio.Reader) {
		in.Peek(1)
		io.WriteString(c, "\x00\x15\x03garbage\r\n\r\n")
	}
	body := func(r *receiver) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, in *bufio.Reader) {
			io.WriteString(c, strings.SplitAfter(r.good, "\r\n")[0]+"Content-Length: 1000\r\n\r\n{")
			in.Peek(1)
			<-r.wait
		}
	}
	// slow takes the call, and answers when whoever called has long gone.
	slow := func(r *receiver) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, in *bufio.Reader) {
			if r.take(in) {
				<-r.wait
				io.WriteString(c, r.good)
			}
		}
	}
	same := func(f func(net.Conn, *bufio.Reader)) func(*receiver) func(net.Conn, *bufio.Reader) {
		return func(*receiver) func(net.Conn, *bufio.Reader) { return f }
	}
	bads := map[string]func(*receiver) func(net.Conn, *bufio.Reader){
		"hangs": hang, "hangs in the body": body, "garbage": same(garbage), "slow": slow,
		"closes": same(func(net.Conn, *bufio.Reader) {}),
	}
	call := alerting.Call{
		ID: "a-1.1", Alarm: "a-1", Number: 1, Kind: "fall", Reason: alerting.Calling, State: alerting.Raised, Step: 1, Presses: 1,
		RaisedAt: time.Date(2026, 2, 3, 2, 0, 0, 0, time.UTC), Place: "Room 7", Link: "https://care.example.org/a/x.y", To: "r-1", Lang: "en",
	}
	for name, ch := range contractChannels() {
		channel := func(host string, timeout time.Duration) gateway.Notifier {
			c := ch.at(host, timeout)
			c.Name = alerting.ChannelID(name)
			n, err := notifier(c)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		call := call
		call.Address = ch.address
		for what, bad := range bads {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				r, well := newReceiver(t, ch.answer, ch.key), newReceiver(t, ch.answer, ch.key)
				r.be(bad(r))
				n := channel(r.host, short)
				for range 2 {
					if retry, err := n.Notify(t.Context(), call); err == nil || !retry {
						t.Fatalf("retry %v, %v", retry, err)
					}
				}
				if _, err := channel(well.host, long).Notify(t.Context(), call); err != nil {
					t.Errorf("another one beside it: %v", err)
				}
				r.be(nil)
				close(r.wait)
				again := n
				if name != "shoutrrr" { // which remembers its try
					again = channel(r.host, long)
				}
				for tries := 0; ; tries++ {
					_, err := again.Notify(t.Context(), call)
					if err == nil {
						break
					}
					if tries == 50 {
						t.Fatalf("well again: %v", err)
					}
				}
				r.mu.Lock()
				defer r.mu.Unlock()
				for _, k := range r.took {
					if ch.key != nil && k != r.took[0] {
						t.Errorf("one call came as %q", r.took)
					}
				}
				if name == "shoutrrr" && len(r.took) > 1 { // it takes a status alone for an answer
					t.Errorf("came %d times", len(r.took))
				}
			})
		}
		t.Run(name+"/refuses", func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			if retry, err := channel(l.Addr().String(), long).Notify(t.Context(), call); err == nil || !retry {
				t.Errorf("retry %v, %v", retry, err)
			}
		})
		// The second answer is nobody's: the next call must not take it for its own.
		t.Run(name+"/answers twice", func(t *testing.T) {
			r := newReceiver(t, ch.answer, ch.key)
			r.be(func(c net.Conn, in *bufio.Reader) {
				if r.take(in) {
					r.be(func(c net.Conn, in *bufio.Reader) {
						if r.take(in) {
							io.WriteString(c, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
						}
					})
					io.WriteString(c, r.good+r.good)
					if r.take(in) { // over the same connection
						io.WriteString(c, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
					}
				}
			})
			n := channel(r.host, long)
			if _, err := n.Notify(t.Context(), call); err != nil {
				t.Fatal(err)
			}
			next := call
			next.ID = "a-1.2"
			if _, err := n.Notify(t.Context(), next); err == nil {
				t.Error("the second answer to one call is taken for that to the next")
			}
		})
	}
}
