package gatewaytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Phone is a responder's own service: a webhook receiver that works. It checks
// every signature by the rules of the documentation, without our code, and
// fails the test when one is wrong. It can also be made to fail in the ways in
// which such services do; the modes hold for calls from then on.
type Phone struct {
	// URL stays the same in every mode.
	URL string

	t      testing.TB
	secret []byte
	addr   string

	mu      sync.Mutex
	server  *httptest.Server
	deaf    io.Closer
	mode    mode
	calls   []Ring
	changed chan struct{} // closed and renewed at every call
}

// Ring is one request as the phone got it.
type Ring struct {
	At     time.Time   `json:"-"`
	Header http.Header `json:"-"`
	Raw    []byte      `json:"-"`
	// Status is what the phone said to it.
	Status int `json:"-"`

	Version  int       `json:"version"`
	ID       string    `json:"id"`
	Site     string    `json:"site"`
	Alarm    string    `json:"alarm"`
	Number   int       `json:"number"`
	Kind     string    `json:"kind"`
	Priority string    `json:"priority"`
	Reason   string    `json:"reason"`
	State    string    `json:"state"`
	Step     int       `json:"step"`
	Presses  int       `json:"presses"`
	Late     bool      `json:"late"`
	RaisedAt time.Time `json:"raised_at"`
	Place    string    `json:"place"`
	Link     string    `json:"link"`
	To       string    `json:"to"`
	Address  string    `json:"address"`
	Text     string    `json:"text"` // of what somebody is told, who is not called
}

type mode struct {
	status   int
	slow     time.Duration
	hangBody bool
}

// NewPhone starts a phone that accepts every call signed with secret. It ends
// with the test.
func NewPhone(t testing.TB, secret []byte) *Phone {
	t.Helper()
	p := &Phone{
		t:       t,
		secret:  secret,
		mode:    mode{status: http.StatusOK},
		changed: make(chan struct{}),
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	p.URL = "http://" + p.addr + "/call"
	p.serve(l)
	t.Cleanup(p.hangUp)
	return p
}

// Work makes the phone accept calls again, after any other mode.
func (p *Phone) Work() { p.set(mode{status: http.StatusOK}) }

// Status makes the phone answer with an HTTP status of the test's choice.
func (p *Phone) Status(code int) { p.set(mode{status: code}) }

// Slow makes the phone accept calls only after a while.
func (p *Phone) Slow(by time.Duration) { p.set(mode{status: http.StatusOK, slow: by}) }

// HangBody makes the phone say 200 at once, then half an answer, then nothing.
func (p *Phone) HangBody() { p.set(mode{status: http.StatusOK, hangBody: true}) }

// Refuse makes the phone's machine refuse connections.
func (p *Phone) Refuse() { p.hangUp() }

// HangConnect makes connections neither succeed nor fail, as behind a firewall
// that drops. It skips the test where that cannot be staged.
func (p *Phone) HangConnect() {
	p.t.Helper()
	p.hangUp()
	deaf, err := listenDeaf(p.addr)
	if errors.Is(err, errors.ErrUnsupported) {
		p.t.Skip("a connection that hangs can be staged on Linux only")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.deaf = deaf
	p.mu.Unlock()
}

// Calls gives every request so far, in order of arrival, whatever was said to
// it.
func (p *Phone) Calls() []Ring {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Rang gives the calls that were accepted, each idempotency key once.
func (p *Phone) Rang() []Ring {
	seen := map[string]bool{}
	var rang []Ring
	for _, r := range p.Calls() {
		if r.Status/100 == 2 && !seen[r.ID] {
			seen[r.ID] = true
			rang = append(rang, r)
		}
	}
	return rang
}

// Expect waits for the first call that matches, one that has come already
// included, and fails the test when none comes in time.
func (p *Phone) Expect(t testing.TB, within time.Duration, match func(Ring) bool) Ring {
	t.Helper()
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		p.mu.Lock()
		calls, changed := p.calls, p.changed
		p.mu.Unlock()
		if i := slices.IndexFunc(calls, match); i >= 0 {
			return calls[i]
		}
		select {
		case <-changed:
		case <-timer.C:
			t.Fatalf("the phone got no such call within %v; it got %d others", within, len(calls))
		}
	}
}

func (p *Phone) set(m mode) {
	p.t.Helper()
	p.mu.Lock()
	p.mode = m
	working := p.server != nil
	p.mu.Unlock()
	if working {
		return
	}
	p.hangUp()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		p.t.Fatalf("the phone's address is taken: %v", err)
	}
	p.serve(l)
}

func (p *Phone) serve(l net.Listener) {
	s := httptest.NewUnstartedServer(p)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	p.mu.Lock()
	p.server = s
	p.mu.Unlock()
}

// hangUp ends whatever listens, and every call under way.
func (p *Phone) hangUp() {
	p.mu.Lock()
	server, deaf := p.server, p.deaf
	p.server, p.deaf = nil, nil
	p.mu.Unlock()
	if server != nil {
		server.CloseClientConnections()
		server.Close()
	}
	if deaf != nil {
		deaf.Close()
	}
}

// ServeHTTP is the phone's side of a call.
func (p *Phone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // cut off; nothing was called
	}
	ring := Ring{At: time.Now(), Header: r.Header.Clone(), Raw: body}
	if why := p.check(r, &ring); why != "" {
		p.t.Errorf("the phone got a bad call: %s", why)
		http.Error(w, why, http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	m := p.mode
	p.mu.Unlock()

	if m.slow > 0 {
		select {
		case <-time.After(m.slow):
		case <-r.Context().Done():
		}
	}
	ring.Status = m.status
	p.mu.Lock()
	p.calls = append(p.calls, ring)
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()

	if !m.hangBody {
		w.WriteHeader(m.status)
		return
	}
	w.Header().Set("Content-Length", "100")
	w.WriteHeader(m.status)
	io.WriteString(w, `{"half":`)
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

// check decodes a call and says what is wrong with it, "" when nothing is.
func (p *Phone) check(r *http.Request, ring *Ring) string {
	if r.Method != http.MethodPost {
		return "method " + r.Method
	}
	if ct := r.Header.Get("Content-Type"); ct != "application/json" {
		return "content type " + strconv.Quote(ct)
	}
	stamp := r.Header.Get("X-Telecare-Timestamp")
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return "timestamp " + strconv.Quote(stamp)
	}
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte(stamp + "." + string(ring.Raw)))
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); r.Header.Get("X-Telecare-Signature") != want {
		return "the signature is wrong"
	}
	if err := json.Unmarshal(ring.Raw, ring); err != nil {
		return "the body is no JSON: " + err.Error()
	}
	if ring.Version != 1 {
		return "version " + strconv.Itoa(ring.Version)
	}
	if ring.ID == "" || r.Header.Get("Idempotency-Key") != ring.ID {
		return "the idempotency key is not the call's id"
	}
	return ""
}
