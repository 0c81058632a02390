// Package smshttp carries calls as text messages through an SMS gateway that is
// spoken to by HTTP: Kannel, or any other by a template.
//
// It guarantees that one try ends within its deadline, wherever the other side
// hangs, and that a message is accepted only when the gateway has said so in the
// way that the template knows; an answer that says neither sent nor refused is
// tried again. Whatever stands in a place's name, it does not become a
// parameter, a header or a field of what is sent: every placeholder is written
// as where it stands demands. A gateway knows no repeats: where its answer was
// lost a message can come twice.
//
// That a gateway accepts a message does not say that a telephone has it. Where
// it reports so, a Receipt does; where the report says that it was not
// delivered, the person is called another way.
//
// The text says kind, place, time and link in the letters that a text message
// has, and never who called.
package smshttp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
	"telecare/alerting/words"
)

// Config says how an SMS gateway is spoken to. In URL, Headers and Body stand
// placeholders: {to}, {text}, {from}, {secret}, {coding} (0, or 2 where the text
// has letters that need UCS-2), {id} of the message and {report}, the address to
// which the gateway reports what became of it.
type Config struct {
	Name    string // as in telecare.yaml; for people and logs
	Method  string // "" is GET, or POST where there is a body
	URL     string
	Headers map[string]string
	Body    string // its placeholders are written as its Content-Type demands
	Sent    Says
	Refused Says // for good: this number or this text
	Secret  string
	From    string // the sender that people see, where the gateway lets us choose
	// Reports is the address of our own at which reports arrive, with the secret
	// in its path; "" for none.
	Reports string
	// Probe is an address that answers 400 to us, and 403 to those whom the
	// gateway does not know; "" for none.
	Probe   string
	Timeout time.Duration // of one try; 0 is connection.DefaultTimeout
	TLS     *tls.Config   // nil trusts the system's certificate authorities
}

// Says tells which answers mean something: those with one of these statuses and
// a body that matches, where there is a pattern.
type Says struct {
	Status []int // none: any 2xx for Sent, and nothing for Refused without a Body
	Body   *regexp.Regexp
}

// Gateway is one SMS gateway. Its methods may be called from any goroutine, and
// one that hangs keeps no other from calling.
type Gateway struct {
	cfg  Config
	url  template
	body template
	head map[string]template
	http *connection.HTTP
}

// New checks the configuration. It does not call the gateway.
func New(cfg Config) (*Gateway, error) {
	if err := Check(cfg); err != nil {
		return nil, fmt.Errorf("sms %q: %w", cfg.Name, err)
	}
	if cfg.Method == "" {
		cfg.Method = http.MethodGet
		if cfg.Body != "" {
			cfg.Method = http.MethodPost
		}
	}
	kind := ""
	head := map[string]template{}
	for name, value := range cfg.Headers {
		if http.CanonicalHeaderKey(name) == "Content-Type" {
			kind = value
		}
		head[name], _ = parse(value)
	}
	g := &Gateway{cfg: cfg, head: head, http: connection.NewHTTP(cfg.Timeout, cfg.TLS)}
	g.url, _ = parse(cfg.URL)
	g.body, _ = parse(cfg.Body)
	g.body.write = writerFor(kind)
	g.url.write = url.QueryEscape
	return g, nil
}

// Check says what is wrong with a configuration. It quotes no value: the URL and
// the headers may hold a secret.
func Check(cfg Config) error {
	u, err := parse(cfg.URL)
	if err != nil {
		return fmt.Errorf("url: %w", err)
	}
	u.write = url.QueryEscape
	at, err := url.Parse(u.fill(values{}))
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" {
		return fmt.Errorf("url: needs http:// or https:// and a host, such as https://sms.example.org/send")
	}
	_, rest, _ := strings.Cut(cfg.URL, "://")
	if host := rest[:max(strings.IndexAny(rest+"/", "/?#"), 0)]; strings.ContainsAny(host, "{}") {
		return fmt.Errorf("url: a placeholder cannot be part of the machine's name")
	}
	used := cfg.URL + cfg.Body
	for name, value := range cfg.Headers {
		if _, err := parse(value); err != nil {
			return fmt.Errorf("headers: %q: %w", name, err)
		}
		if strings.ContainsAny(name+value, "\r\n") || name == "" {
			return fmt.Errorf("headers: %q cannot be a header", name)
		}
		used += value
	}
	if _, err := parse(cfg.Body); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	for _, p := range []string{"{to}", "{text}"} {
		if !strings.Contains(used, p) {
			return fmt.Errorf("%s is nowhere in url, headers or body; nobody would be told anything", p)
		}
	}
	return nil
}

// String names the gateway as people know it, without its URL.
func (g *Gateway) String() string { return "sms " + strconv.Quote(g.cfg.Name) }

// Address says what is wrong with a number, nil when nothing is.
func Address(s string) error {
	if number(s) == "" {
		return fmt.Errorf("%q is no telephone number; write it with its country, such as \"+48 600 100 200\"", s)
	}
	return nil
}

// number is a telephone number as gateways want it: a plus, where there was one,
// and digits.
func number(s string) string {
	var b strings.Builder
	for i, r := range strings.TrimSpace(s) {
		switch {
		case r == '+' && i == 0, r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune(" -()/.", r):
		default:
			return ""
		}
	}
	if n := strings.TrimPrefix(b.String(), "+"); len(n) < 3 || len(n) > 15 { // [ITU-T E.164 6]
		return ""
	}
	return b.String()
}

// Notify makes one try and returns when it has been answered, has failed, or ctx
// has ended; the configured timeout holds even when ctx has none. An err is
// always a *connection.Error. retry is false for a responder without a number, and for
// what the gateway refuses for good.
func (g *Gateway) Notify(ctx context.Context, c alerting.Call) (retry bool, err error) {
	to := number(c.Address)
	if to == "" {
		return false, g.failed(connection.Failure("no address", nil))
	}
	said := words.Call(c)
	text := said.Short
	if g.answerable() {
		text = said.Answered
	}
	req, err := g.request(to, text, c)
	if err != nil {
		return false, g.failed(connection.Failure("unencodable", nil))
	}
	a, err := g.http.Do(ctx, req)
	if err != nil {
		return true, g.failed(err)
	}
	switch {
	case g.cfg.Refused.means(a, false):
		return false, g.failed(connection.Failure(connection.Status(a.Status), nil))
	case g.cfg.Sent.means(a, true):
		return false, nil
	case a.OK():
		return true, g.failed(connection.Failure(connection.Garbage, nil))
	}
	return true, g.failed(connection.Failure(connection.Status(a.Status), nil))
}

// answerable says that an answer comes back to us: a call says how to. It goes
// where reports do, and to a sender that is a number.
func (g *Gateway) answerable() bool {
	return g.cfg.Reports != "" && (g.cfg.From == "" || number(g.cfg.From) != "")
}

func (g *Gateway) request(to, text string, c alerting.Call) (*http.Request, error) {
	v := values{
		"to": to, "text": text, "from": g.cfg.From, "secret": g.cfg.Secret, "id": string(c.ID), "coding": coding(text), "report": g.report(c),
	}
	req, err := http.NewRequest(g.cfg.Method, g.url.fill(v), strings.NewReader(g.body.fill(v)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "telecare")
	if g.cfg.Body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, t := range g.head {
		t.write = headerValue
		req.Header.Set(name, t.fill(v))
	}
	return req, nil
}

func (s Says) means(a connection.Answer, otherwise bool) bool {
	switch {
	case len(s.Status) > 0:
		if !slices.Contains(s.Status, a.Status) {
			return false
		}
	case otherwise && !a.OK(), !otherwise && s.Body == nil:
		return false
	}
	return s.Body == nil || s.Body.Match(a.Body)
}

// coding says whether a text needs UCS-2, in the numbers that gateways use for
// it. [3GPP TS 23.038 4]
func coding(text string) string {
	if words.GSM7(text) == text {
		return "0"
	}
	return "2"
}

func (g *Gateway) failed(err error) *connection.Error { return connection.Of(g, err) }
