// Package webpush carries calls to the browsers of a responder's phones, by the
// push services of their makers. [RFC 8030, RFC 8291, RFC 8292]
//
// It guarantees that a push service carries what it cannot read: only the
// browser has the key. A call is accepted when the service of one of the
// responder's phones has taken it; one that hangs or refuses keeps no other
// waiting. A phone that its service does not know any more is forgotten, and a
// responder without a phone left is told at once as one who is not reached.
//
// Every phone gets every message, and shows one notification for an alarm: a
// repeated call rings in its place, and a stop takes its place in silence. What
// a service still holds is replaced in the same way.
//
// A phone that shows a message says so by the receipt in it.
//
// The ciphers are the standard library's. The library for web push that there is
// reads a clock of its own and not the time that it is given, draws its salt
// itself, so that RFC 8291's own example cannot be held against it, and needs
// another library for one signature.
package webpush

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
)

// Config says who sends, and to whom.
type Config struct {
	Name    string // as in telecare.yaml; for people and logs
	Keys    *Keys
	Subject string // whom a push service turns to: mailto:…, or https://…
	Phones  Phones
	Timeout time.Duration // of one try; 0 is connection.DefaultTimeout
	TLS     *tls.Config   // nil trusts the system's certificate authorities
	Private bool          // phones' addresses may be in this network
}

// Push is one channel. Its methods may be called from any goroutine.
type Push struct {
	cfg    Config
	http   *connection.HTTP
	tester *connection.HTTP // its connections are none of those that calls wait for

	mu       sync.Mutex
	sending  map[thread]*sending // the newest message of an alarm to a phone
	hold     map[string]time.Time
	receipts receipts
}

// thread is an alarm on a phone.
type thread struct {
	phone string
	alarm alerting.AlarmID
}

// sending is a message on its way.
type sending struct{ cancel context.CancelFunc }

// New checks the configuration. It calls nobody.
func New(cfg Config) (*Push, error) {
	u, err := url.Parse(cfg.Subject)
	if err != nil || u.Scheme != "mailto" && u.Scheme != "https" || u.Opaque == "" && u.Host == "" {
		return nil, fmt.Errorf("web push %q: subject needs whom a push service may turn to, such as mailto:technician@example.org", cfg.Name)
	}
	carrier := func() *connection.HTTP {
		h := connection.NewHTTP(cfg.Timeout, cfg.TLS)
		if cfg.Private {
			return h
		}
		return h.Public()
	}
	return &Push{
		cfg: cfg, http: carrier(), tester: carrier(),
		sending: map[thread]*sending{}, hold: map[string]time.Time{}, receipts: receipts{by: map[string]Receipt{}},
	}, nil
}

// String names the channel as people know it.
func (p *Push) String() string { return "web push " + strconv.Quote(p.cfg.Name) }

// Notify makes one try for each of the responder's phones, at once, and returns
// when one has been accepted, all have failed, or ctx has ended. An err is always
// a *connection.Error. retry is false only where there is no phone.
func (p *Push) Notify(ctx context.Context, c alerting.Call) (retry bool, err error) {
	return p.send(ctx, c.To, p.cfg.Phones.Of(c.To), messageOf(c))
}

func (p *Push) send(ctx context.Context, to alerting.Person, phones []Phone, m message) (retry bool, err error) {
	if len(phones) == 0 {
		return false, p.failed(noPhone())
	}
	// A phone whose service is slow is tried to the end beside the others.
	all, cancel := context.WithCancel(context.WithoutCancel(ctx))
	results := make(chan error, len(phones))
	var wait sync.WaitGroup
	for _, phone := range phones {
		wait.Go(func() { results <- p.one(all, to, phone, m) })
	}
	go func() {
		wait.Wait()
		cancel()
	}()
	for range phones {
		select {
		case e := <-results:
			if e == nil {
				return false, nil
			}
			if f, ok := errors.AsType[*connection.Failed](e); err == nil || !ok || f.Word() != wordNoPhone {
				err = e
			}
		case <-ctx.Done():
			cancel()
			why := connection.Canceled
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				why = connection.Timeout
			}
			return true, p.failed(connection.Failure(why, ctx.Err()))
		}
	}
	f := p.failed(err)
	return f.Word() != wordNoPhone, f
}

// one tries one phone. What is still on its way to it of the same alarm is older,
// and must not come after this.
func (p *Push) one(ctx context.Context, to alerting.Person, phone Phone, m message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	th, mine := thread{phone.ID, m.alarm}, &sending{cancel}
	p.mu.Lock()
	if old := p.sending[th]; old != nil {
		old.cancel()
	}
	p.sending[th] = mine
	held := time.Until(p.hold[phone.ID]) > 0
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.sending[th] == mine {
			delete(p.sending, th)
		}
	}()
	if held {
		return connection.Failure(connection.Status(http.StatusTooManyRequests), nil)
	}
	if m.Kind != kindStop {
		m.Receipt = p.receipt(Receipt{to, phone.ID, m.Kind == kindCall})
	}
	a, err := p.post(ctx, phone, m)
	if err == nil && a.Status == http.StatusRequestEntityTooLarge && m.Body != "" {
		m.Body = "" // the title and what to press are there all the same
		a, err = p.post(ctx, phone, m)
	}
	switch {
	case err != nil:
		return err
	case a.OK():
		return nil
	case a.Status == http.StatusNotFound || a.Status == http.StatusGone: // [RFC 8030 7.3]
		p.cfg.Phones.Gone(to, phone)
		return noPhone()
	case a.Status == http.StatusTooManyRequests:
		p.wait(phone, a.Header.Get("Retry-After"))
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return connection.Failure("login", nil)
	}
	return connection.Failure(connection.Status(a.Status), nil)
}

// longestWait bounds what a push service may ask for: a wrong number there must
// not silence a phone for a night.
const longestWait = 5 * time.Minute

// wait leaves a phone's service alone for as long as it asks.
func (p *Push) wait(phone Phone, after string) {
	d := time.Second
	if s, err := strconv.ParseUint(after, 10, 31); err == nil {
		d = time.Duration(s) * time.Second
	} else if at, err := http.ParseTime(after); err == nil {
		d = time.Until(at)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, until := range p.hold {
		if time.Until(until) <= 0 {
			delete(p.hold, id)
		}
	}
	p.hold[phone.ID] = time.Now().Add(min(d, longestWait))
}

// How long a push service keeps a message for a phone that it does not reach. A
// call that comes much later would be for something long over: who is called
// again gets a new one.
const (
	callTTL = 5 * time.Minute
	stopTTL = 2 * callTTL // it takes the place of the call
)

// post gives a message to a phone's push service. [RFC 8030 5]
func (p *Push) post(ctx context.Context, phone Phone, m message) (connection.Answer, error) {
	body, err := seal(phone, m.encode())
	if err != nil {
		return connection.Answer{}, connection.Failure("unencodable", nil)
	}
	req, err := http.NewRequest(http.MethodPost, phone.Endpoint, bytes.NewReader(body))
	if err != nil {
		return connection.Answer{}, connection.Failure("unencodable", nil)
	}
	sign, err := p.cfg.Keys.authorization(req.URL, p.cfg.Subject, time.Now())
	if err != nil {
		return connection.Answer{}, connection.Failure("unencodable", nil)
	}
	ttl := callTTL
	if m.Kind == kindStop {
		ttl = stopTTL
	}
	req.Header.Set("Authorization", sign)
	req.Header.Set("Content-Encoding", "aes128gcm")
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("TTL", strconv.Itoa(int(ttl/time.Second)))
	req.Header.Set("Urgency", "high") // a stop, too: somebody may be on the way for nothing
	req.Header.Set("Topic", topic(m.alarm))
	return p.http.Do(ctx, req)
}

// topic names an alarm to a push service, which learns nothing of it: at most 32
// letters of base64url. [RFC 8030 5.4]
func topic(a alerting.AlarmID) string {
	sum := sha256.Sum256([]byte("topic " + a))
	return b64.EncodeToString(sum[:24])
}

const wordNoPhone = "no phone"

func noPhone() *connection.Failed { return connection.Failure(wordNoPhone, nil) }

func (p *Push) failed(err error) *connection.Error { return connection.Of(p, err) }
