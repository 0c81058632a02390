// Package webhook carries calls to a responder's own service by HTTP POST.
//
// It guarantees that one try ends within its deadline, wherever the other side
// hangs: in connecting, in TLS, in the headers or in the body. A call counts as
// accepted only when a 2xx answer has come whole; everything else can be tried
// again, under the same idempotency key, so that a call that did arrive twice
// rings once. What is sent names a kind, a place and a link, and the person who
// called only where the configuration trusts the receiver with it.
//
// A connection is used again only within a second of its last answer, in a burst
// of calls. To make one for each cost 0.4 ms beside a phone on the same machine,
// and seven at the 99th percentile when readings flooded in.
package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
	"telecare/alerting/words"
)

// Config says where a webhook is. It stays as given: New copies what it needs.
type Config struct {
	Name    string        // as in telecare.yaml; for people and logs
	URL     string        // http or https
	Secret  []byte        // shared with the receiver, who checks signatures by it
	Timeout time.Duration // of one try; 0 is connection.DefaultTimeout
	TLS     *tls.Config   // nil trusts the system's certificate authorities
	TestURL string        // what Test asks for; "" asks the machine of URL
}

// Webhook is one receiver. Its methods may be called from any goroutine, and
// one webhook that hangs keeps no other from calling.
type Webhook struct {
	name    string
	url     string
	secret  []byte
	http    *connection.HTTP
	machine string // scheme and host of url
	testURL string
	tester  *connection.HTTP // its connections are none of those that calls wait for
}

// New checks the configuration. It does not call the receiver.
func New(cfg Config) (*Webhook, error) {
	u, err := address(cfg.Name, "url", cfg.URL)
	if err != nil {
		return nil, err
	}
	if cfg.TestURL != "" {
		if _, err := address(cfg.Name, "test url", cfg.TestURL); err != nil {
			return nil, err
		}
	}
	if len(cfg.Secret) == 0 {
		return nil, fmt.Errorf("webhook %q: no secret; set one, so that the receiver can tell our calls from others'", cfg.Name)
	}
	if cfg.Timeout < 0 {
		return nil, fmt.Errorf("webhook %q: timeout %v is negative", cfg.Name, cfg.Timeout)
	}
	return &Webhook{
		name: cfg.Name, url: cfg.URL, secret: bytes.Clone(cfg.Secret), http: connection.NewHTTP(cfg.Timeout, cfg.TLS).InBursts(),
		machine: u.Scheme + "://" + u.Host, testURL: cfg.TestURL, tester: connection.NewHTTP(cfg.Timeout, cfg.TLS),
	}, nil
}

// address reads an address. The parser's own error repeats it, and it may hold a
// secret.
func address(name, what, s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("webhook %q: %s cannot be read; give one such as https://example.org/call", name, what)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("webhook %q: %s needs http:// or https:// and a host, such as https://example.org/call", name, what)
	}
	return u, nil
}

// String names the webhook as people know it, without its URL.
func (w *Webhook) String() string { return "webhook " + strconv.Quote(w.name) }

// Notify makes one try and returns when it has been answered, has failed, or
// ctx has ended; the configured timeout holds even when ctx has none. It is
// accepted when err is nil. An err is always an *Error. retry is false only for
// a call that cannot be written down at all: even a 404 may be mended while an
// alarm is open, and an alarm is never given up.
func (w *Webhook) Notify(ctx context.Context, c alerting.Call) (retry bool, err error) {
	body, err := encode(c)
	if err != nil {
		return false, &Error{webhook: w.name, word: "unencodable", err: err}
	}
	req, err := http.NewRequest(http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return true, w.failed(err)
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "telecare")
	req.Header.Set(HeaderKey, headerValue(string(c.ID)))
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderSignature, signature(w.secret, timestamp, body))

	if _, err := w.http.Ask(ctx, req, connection.OK); err != nil {
		return true, w.failed(err)
	}
	return false, nil
}

// failed names the webhook in what went wrong.
func (w *Webhook) failed(err error) *Error {
	if f, ok := errors.AsType[*connection.Failed](err); ok {
		return &Error{webhook: w.name, word: f.Word(), err: f.Unwrap()}
	}
	return &Error{webhook: w.name, word: connection.Broken} // a request that cannot be made; its error repeats the URL
}

// message is the body of a call. Field names are a contract with receivers.
type message struct {
	Version  int                  `json:"version"`
	ID       string               `json:"id"`
	Site     string               `json:"site"`
	Alarm    string               `json:"alarm"`
	Number   int                  `json:"number"`
	Kind     string               `json:"kind"`
	Priority string               `json:"priority"`
	Reason   string               `json:"reason"`
	State    string               `json:"state"`
	Step     int                  `json:"step"`
	Presses  int                  `json:"presses"`
	Late     bool                 `json:"late"`
	Drill    bool                 `json:"drill,omitempty"`
	Away     bool                 `json:"away,omitempty"`
	Faults   *alerting.CallFaults `json:"faults,omitempty"` // of a technical alarm
	RaisedAt time.Time            `json:"raised_at"`
	Place    string               `json:"place"`
	Who      string               `json:"who,omitempty"`
	Link     string               `json:"link"`
	To       string               `json:"to"`
	Address  string               `json:"address"`
	// News is of a message to somebody who is informed and not called, and Text
	// says it in words.
	News *alerting.CallNews `json:"news,omitempty"`
	Text string             `json:"text,omitempty"`
}

func encode(c alerting.Call) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a link is read by small receivers too
	text := ""
	if c.News != nil {
		text = words.Call(c).Line
	}
	err := e.Encode(message{
		News:     c.News,
		Text:     text,
		Version:  1,
		ID:       string(c.ID),
		Site:     string(c.Site),
		Alarm:    string(c.Alarm),
		Number:   c.Number,
		Kind:     c.Kind,
		Priority: string(c.Priority),
		Reason:   string(c.Reason),
		State:    string(c.State),
		Step:     c.Step,
		Presses:  c.Presses,
		Late:     c.Late,
		Drill:    c.Drill,
		Away:     c.Away,
		Faults:   c.Faults,
		RaisedAt: c.RaisedAt.UTC(),
		Place:    c.Place,
		Who:      c.Who,
		Link:     c.Link,
		To:       string(c.To),
		Address:  c.Address,
	})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// headerValue keeps a value fit for a header line; an id of ours always is.
func headerValue(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return url.QueryEscape(s)
		}
	}
	return s
}
