package webpush

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/notifytest"
	"telecare/gateway/gatewaytest"

	"github.com/google/go-cmp/cmp"
)

func call() alerting.Call {
	c := notifytest.Call()
	c.Lang = "pl"
	return c
}

// book are people's phones.
type book struct {
	mu     sync.Mutex
	phones map[alerting.Person][]Phone
	proven bool
	gone   chan Phone
}

func (b *book) Of(who alerting.Person) []Phone {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.phones[who])
}

func (b *book) All() (all []Phone) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.phones {
		all = append(all, p...)
	}
	return all
}

func (b *book) Gone(who alerting.Person, p Phone) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phones[who] = slices.DeleteFunc(b.phones[who], func(x Phone) bool { return x.ID == p.ID })
	b.gone <- p
}

func (b *book) Proven(alerting.Person) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.proven
}

// ring is a channel, a push service, and so many phones of Marta's on it.
type ring struct {
	*Push
	service *gatewaytest.PushService
	book    *book
	phones  []*gatewaytest.Subscriber
}

func newRing(t *testing.T, phones int, timeout time.Duration) *ring {
	t.Helper()
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	r := &ring{service: gatewaytest.NewPushService(t), book: &book{phones: map[alerting.Person][]Phone{}, gone: make(chan Phone, 10)}}
	for i := range phones {
		b := r.service.Subscribe(keys.Public())
		r.phones = append(r.phones, b)
		r.add(t, string(rune('a'+i)), b.Endpoint, b)
	}
	trust := x509.NewCertPool()
	trust.AddCert(r.service.Certificate())
	r.Push, err = New(Config{
		Name: "phones", Keys: keys, Subject: "mailto:piotr@example.org", Phones: r.book, Private: true, Timeout: timeout, TLS: &tls.Config{RootCAs: trust},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *ring) add(t *testing.T, id, endpoint string, b *gatewaytest.Subscriber) {
	t.Helper()
	p, err := ReadPhone(endpoint, b.P256dh, b.Auth, true)
	if err != nil {
		t.Fatal(err)
	}
	p.ID = id
	r.book.mu.Lock()
	defer r.book.mu.Unlock()
	r.book.phones["r-marta"] = append(r.book.phones["r-marta"], p)
}

func (r *ring) next(t *testing.T) gatewaytest.Push {
	t.Helper()
	select {
	case p := <-r.service.Pushed:
		return p
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was pushed")
		return gatewaytest.Push{}
	}
}

func read(t *testing.T, p gatewaytest.Push) (m map[string]any) {
	t.Helper()
	if err := json.Unmarshal(p.Text, &m); err != nil {
		t.Fatalf("%q: %v", p.Text, err)
	}
	return m
}

func TestCall(t *testing.T) {
	r := newRing(t, 1, 0)
	if retry, err := r.Notify(t.Context(), call()); err != nil || retry {
		t.Fatal(retry, err)
	}
	p := r.next(t)
	m := read(t, p)
	receipt, _ := m["receipt"].(string)
	want := map[string]any{
		"kind": "call", "tag": p.Topic, "title": "ALARM: Upadek, Room 7", "lang": "pl", "open": "/a/tok.en", "receipt": receipt,
		"body":    "Zgłoszono o 02:00:00, 3 lutego.\nNikt jeszcze nie przyjął.\nAlarm nr 7, krok 1.",
		"take":    map[string]any{"label": "Idę", "post": "/api/v1/links/tok.en/take"},
		"decline": map[string]any{"label": "Nie mogę", "post": "/api/v1/links/tok.en/decline"},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p.TTL != 300 || p.Urgency != "high" || p.Subject != "mailto:piotr@example.org" {
		t.Errorf("%+v", p)
	}
	if x, ok := r.Shown(receipt); !ok || x != (Receipt{"r-marta", "a", true}) {
		t.Errorf("the receipt is %+v, %v", x, ok)
	}
	if _, ok := r.Shown(receipt); ok {
		t.Error("a receipt counts twice")
	}
	if _, ok := r.Shown(""); ok {
		t.Error("no receipt is one")
	}

	// Repeated, it has the same place; a stop takes that, and asks nothing.
	stop, other := call(), call()
	stop.Reason, stop.State, other.Alarm = alerting.Stopped, alerting.Acknowledged, "a-2"
	for _, c := range []alerting.Call{call(), stop, other} {
		if _, err := r.Notify(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if again := r.next(t); again.Topic != p.Topic {
		t.Error("a repeated call has a place of its own")
	}
	s := r.next(t)
	m = read(t, s)
	if s.Topic != p.Topic || s.TTL <= p.TTL || m["kind"] != "stop" || m["take"] != nil || m["receipt"] != nil || m["title"] != "Nie trzeba przychodzić: Upadek, Room 7" {
		t.Errorf("stop: %+v %v", s, m)
	}
	if x := r.next(t); x.Topic == p.Topic {
		t.Error("another alarm has the same place")
	}
}

// Each phone has it, and one whose service hangs keeps nobody waiting.
func TestSeveralPhones(t *testing.T) {
	r := newRing(t, 2, time.Minute)
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(hang) }) // before that
	r.add(t, "slow", slow.URL+"/x", r.phones[0])
	if retry, err := r.Notify(t.Context(), call()); err != nil || retry {
		t.Fatal(retry, err)
	}
	if a, b := r.next(t), r.next(t); a.To == b.To {
		t.Error("one phone has it twice")
	}
	// Nobody wants it any more: the try ends.
	r.book.mu.Lock()
	r.book.phones["r-marta"] = r.book.phones["r-marta"][2:]
	r.book.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if retry, err := r.Notify(ctx, call()); !retry || notifytest.Word(err) != "canceled" {
		t.Error(retry, err)
	}
}

// What is still on its way to a phone when something newer is said of the same
// alarm never comes after it.
func TestNewestLast(t *testing.T) {
	r := newRing(t, 1, time.Minute)
	came, ended := make(chan struct{}), make(chan struct{})
	var once sync.Once
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		first := false
		once.Do(func() { first = true })
		if first {
			close(came)
			io.Copy(io.Discard, q.Body) // a server sees the end of a connection behind that
			<-q.Context().Done()
			close(ended)
		}
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(slow.Close)
	r.add(t, "slow", slow.URL+"/x", r.phones[0])
	if _, err := r.Notify(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	<-came
	stop := call()
	stop.Reason = alerting.Stopped
	if _, err := r.Notify(t.Context(), stop); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the call is still on its way after the stop")
	}
}

func TestRefused(t *testing.T) {
	for _, x := range []struct {
		status int
		word   string
	}{{401, "login"}, {403, "login"}, {400, "status 400"}, {500, "status 500"}, {503, "status 503"}, {302, "status 302"}, {429, "status 429"}} {
		r := newRing(t, 1, 0)
		r.service.Answer(r.phones[0], x.status, "")
		if retry, err := r.Notify(t.Context(), call()); !retry || notifytest.Word(err) != x.word || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%d: retry %v, %v", x.status, retry, err)
		}
	}
	r := newRing(t, 0, 0)
	if retry, err := r.Notify(t.Context(), call()); retry || notifytest.Word(err) != "no phone" {
		t.Error(retry, err)
	}
	// Of a phone here a channel that is for the world outside makes nothing.
	r = newRing(t, 1, 0)
	strict, err := New(Config{Name: "phones", Keys: r.cfg.Keys, Subject: r.cfg.Subject, Phones: r.book, TLS: r.cfg.TLS})
	if err != nil {
		t.Fatal(err)
	}
	if retry, err := strict.Notify(t.Context(), call()); !retry || notifytest.Word(err) != "unreachable" || len(r.service.Pushed) > 0 {
		t.Error(retry, err)
	}
}

// A phone that its service has forgotten is forgotten; the last one is news.
func TestGone(t *testing.T) {
	for _, status := range []int{404, 410} {
		r := newRing(t, 2, 0)
		r.service.Answer(r.phones[0], status, "")
		if retry, err := r.Notify(t.Context(), call()); err != nil || retry {
			t.Fatal(retry, err)
		}
		select {
		case <-r.book.gone:
		case <-time.After(10 * time.Second):
			t.Fatalf("%d: phones %v", status, r.book.Of("r-marta"))
		}
		if n := len(r.book.Of("r-marta")); n != 1 {
			t.Fatalf("%d: %d phones are left", status, n)
		}
		r.service.Answer(r.phones[1], status, "")
		if retry, err := r.Notify(t.Context(), call()); retry || notifytest.Word(err) != "no phone" || len(r.book.Of("r-marta")) != 0 {
			t.Error(status, retry, err)
		}
	}
	// One that may still be reached is tried on.
	r := newRing(t, 2, 0)
	r.service.Answer(r.phones[0], 410, "")
	r.service.Answer(r.phones[1], 503, "")
	if retry, err := r.Notify(t.Context(), call()); !retry || notifytest.Word(err) != "status 503" {
		t.Error(retry, err)
	}
}

// A service that wants to be left alone is, and not for ever.
func TestRetryAfter(t *testing.T) {
	r := newRing(t, 1, 0)
	phone := r.book.Of("r-marta")[0]
	for after, want := range map[string]time.Duration{
		"": time.Second, "7": 7 * time.Second, "100000": longestWait, "99999999999999": time.Second, "-5": time.Second, "soon": time.Second,
		time.Now().Add(time.Minute).UTC().Format(http.TimeFormat): time.Minute,
	} {
		r.wait(phone, after)
		if got := time.Until(r.hold[phone.ID]); got > want || got < want-5*time.Second {
			t.Errorf("%q: %v", after, got)
		}
	}
	clear(r.hold)
	r.service.Answer(r.phones[0], 429, "120")
	_, _ = r.Notify(t.Context(), call())
	r.service.Answer(r.phones[0], 0, "")
	if retry, err := r.Notify(t.Context(), call()); !retry || notifytest.Word(err) != "status 429" || len(r.service.Pushed) > 0 {
		t.Error(retry, err)
	}
	r.wait(phone, "0")
	if _, err := r.Notify(t.Context(), call()); err != nil {
		t.Error(err)
	}
}

// A service that takes less is told less.
func TestTooLarge(t *testing.T) {
	r := newRing(t, 0, 0)
	var bodies [][]byte
	small := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		bodies = append(bodies, b)
		if len(bodies) == 1 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}))
	t.Cleanup(small.Close)
	key := browser(t)
	r.book.phones["r-marta"] = []Phone{{ID: "x", Endpoint: small.URL, P256dh: key.PublicKey().Bytes(), Auth: make([]byte, authSize)}}
	if retry, err := r.Notify(t.Context(), call()); err != nil || retry {
		t.Fatal(retry, err)
	}
	for i, want := range []bool{true, false} {
		plain, err := gatewaytest.Unseal(key, make([]byte, authSize), bodies[i])
		if err != nil {
			t.Fatal(err)
		}
		var m message
		if err := json.Unmarshal(plain, &m); err != nil || m.Open == "" || m.Take.Post == "" || m.Title == "" || (m.Body != "") != want {
			t.Errorf("%d: %s, %v", i, plain, err)
		}
	}
}

// What is too long for any service is shortened; where to answer is not.
func TestLong(t *testing.T) {
	c := call()
	c.Place = strings.Repeat("Pokój ", 2000)
	var m message
	if b := messageOf(c).encode(); len(b) > maxPlain || json.Unmarshal(b, &m) != nil || m.Title == "" || m.Open == "" || m.Take.Post == "" {
		t.Errorf("%d bytes: %+v", len(b), m)
	}
}

func TestSilent(t *testing.T) {
	r := newRing(t, 1, 0)
	if err := r.Test(t.Context()); err != nil {
		t.Error(err)
	}
	if retry, err := r.TestPerson(t.Context(), "r-marta"); !retry || err != nil {
		t.Error("what is not known is known:", retry, err)
	}
	r.book.proven = true
	if retry, err := r.TestPerson(t.Context(), "r-marta"); retry || err != nil {
		t.Error(retry, err)
	}
	if retry, err := r.TestPerson(t.Context(), "r-jan"); retry || notifytest.Word(err) != "no phone" {
		t.Error(retry, err)
	}
	if len(r.service.Pushed) > 0 {
		t.Error("a silent test was not")
	}
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	r.add(t, "b", broken.URL+"/x", r.phones[0])
	if err := r.Test(t.Context()); notifytest.Word(err) != "status 502" {
		t.Error(err)
	}
	broken.Close()
	if err := r.Test(t.Context()); notifytest.Word(err) != "refused" {
		t.Error(err)
	}
	if err := r.Try(t.Context(), "r-marta", r.book.Of("r-marta")[0], "en"); err != nil {
		t.Error(err)
	}
	if m := read(t, r.next(t)); m["kind"] != "try" || m["title"] != "This phone rings" || m["receipt"] == nil {
		t.Errorf("%v", m)
	}
}

func TestReadPhone(t *testing.T) {
	good := newRing(t, 1, 0).phones[0]
	for _, endpoint := range []string{
		"https://updates.push.services.mozilla.com/wpush/v2/gAAA", "https://fcm.googleapis.com/fcm/send/x:y", "https://web.push.apple.com:443/Q", "https://93.184.216.34/x",
	} {
		if _, err := ReadPhone(endpoint, good.P256dh+"=", good.Auth+"==", false); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	for _, endpoint := range []string{
		"", "x", "http://push.example.org/x", "ftp://push.example.org/x", "https://", "https:///x", "https://a:b@push.example.org/x", "https://push.example.org/x#y",
		"https://127.0.0.1/x", "https://127.1/x", "https://0x7f.0.0.1/x", "https://2130706433/x", "https://[::1]/x", "https://[::ffff:10.0.0.1]/x", "https://10.1.2.3/x", "https://169.254.169.254/latest",
		"https://localhost/x", "https://a.localhost/x", "https://printer.local/x", "https://metadata.google.internal/x", "https://router/x", "https://nas.home.arpa./x", "https://0x7f000001/x",
		"https://push.example.org:8443/x", "https://93.184.216.34:22/x", "https://push.example.org/" + strings.Repeat("x", 3000), "javascript:alert(1)", "https://push.example.org:99999999/x",
	} {
		if p, err := ReadPhone(endpoint, good.P256dh, good.Auth, false); err == nil {
			t.Errorf("%q is taken: %+v", endpoint, p)
		} else if len(endpoint) > 12 && strings.Contains(err.Error(), endpoint) {
			t.Errorf("%q is repeated", endpoint)
		}
	}
	for _, keys := range [][2]string{{"", good.Auth}, {good.P256dh, ""}, {good.P256dh, "!"}, {"?", good.Auth}, {good.P256dh[:40], good.Auth}, {"B" + strings.Repeat("A", 86), good.Auth}, {good.P256dh, good.Auth + "AAAA"}} {
		if _, err := ReadPhone("https://push.example.org/x", keys[0], keys[1], false); err == nil {
			t.Errorf("%q are taken for keys", keys)
		}
	}
	for _, subject := range []string{"", "piotr@example.org", "mailto:", "http://example.org", "https://"} {
		if _, err := New(Config{Subject: subject}); err == nil {
			t.Errorf("subject %q is taken", subject)
		}
	}
}

// FuzzReadPhone reads what anybody may hand in.
func FuzzReadPhone(f *testing.F) {
	f.Add("https://push.example.org/x", "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg")
	f.Add("https://127.1/x", "", "")
	f.Fuzz(func(t *testing.T, endpoint, p256dh, auth string) {
		p, err := ReadPhone(endpoint, p256dh, auth, false)
		if err != nil {
			return
		}
		if !strings.HasPrefix(strings.ToLower(p.Endpoint), "https:") {
			t.Errorf("%q is taken", endpoint)
		}
		if _, err := seal(p, []byte("x")); err != nil {
			t.Errorf("%q, %q, %q: %v", endpoint, p256dh, auth, err)
		}
	})
}

func TestKeys(t *testing.T) {
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	b, err := keys.Bytes()
	if err != nil || len(b) != 32 {
		t.Fatal(b, err)
	}
	same, err := ParseKeys(b)
	if err != nil || same.Public() != keys.Public() {
		t.Error(err)
	}
	for _, bad := range [][]byte{nil, make([]byte, 32), b[:31], append(b, 0)} {
		if _, err := ParseKeys(bad); err == nil {
			t.Errorf("%d bytes are keys", len(bad))
		}
	}
}
