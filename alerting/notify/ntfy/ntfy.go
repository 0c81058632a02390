// Package ntfy carries calls as notifications of ntfy (https://ntfy.sh, or a
// server of one's own) to a telephone that is subscribed to a responder's topic.
//
// It guarantees that one try ends within its deadline, wherever the server
// hangs, and that a call is accepted only when the server has given it an id;
// everything else is tried again, but for a topic that cannot be one. A call
// that is sent again after its answer was lost replaces the first one where the
// server knows sequences (2.16), so that it is there once.
//
// A call rings, and two buttons under it answer: they take the alarm or decline
// it by the signed link, and clear the notification once that has been done. A
// stop does not ring, and takes the place of the newest call of its alarm.
//
// Whoever knows a topic of a server without accounts reads what is sent to it
// and can answer by its link: a topic is to be as hard to guess as a password.
package ntfy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
	"telecare/alerting/words"
)

// Config says where the server is. Token or Username and Password sign in; none
// of them where it asks for nothing.
type Config struct {
	Name     string // as in telecare.yaml; for people and logs
	URL      string // the server, such as https://ntfy.example.org
	Token    string
	Username string
	Password string
	Timeout  time.Duration // of one try; 0 is connection.DefaultTimeout
	TLS      *tls.Config   // nil trusts the system's certificate authorities
}

// Ntfy is one server. Its methods may be called from any goroutine.
type Ntfy struct {
	cfg  Config
	url  string
	http *connection.HTTP

	mu   sync.Mutex
	last map[thread]string // sequence of the newest call
	old  []thread          // their order, the oldest first
}

// thread is an alarm on a topic.
type thread struct {
	topic string
	alarm alerting.AlarmID
}

// maxThreads bounds what is remembered to be replaced.
const maxThreads = 1000

// New checks the configuration. It does not call the server.
func New(cfg Config) (*Ntfy, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("ntfy %q: url needs http:// or https:// and a host and nothing more, such as https://ntfy.example.org", cfg.Name)
	}
	return &Ntfy{
		cfg: cfg, url: (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String(),
		http: connection.NewHTTP(cfg.Timeout, cfg.TLS), last: map[thread]string{},
	}, nil
}

// String names the channel as people know it.
func (n *Ntfy) String() string { return "ntfy " + strconv.Quote(n.cfg.Name) }

// Address says what is wrong with a topic, nil when nothing is. [ntfy
// server/server.go, topicRegex]
func Address(s string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	if s == "" || len(s) > 64 || strings.Trim(s, letters) != "" {
		return errors.New("no topic of ntfy; write letters, digits, - and _ that nobody guesses, such as one that `openssl rand -hex 12` makes")
	}
	return nil
}

// Notify makes one try and returns when it has been answered, has failed, or ctx
// has ended. An err is always a *connection.Error. retry is false only where the responder
// has no topic.
func (n *Ntfy) Notify(ctx context.Context, c alerting.Call) (retry bool, err error) {
	if Address(c.Address) != nil {
		return false, n.failed(connection.Failure("no address", nil))
	}
	th := thread{c.Address, c.Alarm}
	m := write(c, n.sequence(th, c))
	body, err := json.Marshal(m)
	if err != nil {
		return false, n.failed(connection.Failure("unencodable", nil))
	}
	a, err := n.do(ctx, http.MethodPost, n.url, body)
	if err != nil {
		return true, err
	}
	// A proxy's page of welcome is no receipt.
	var receipt struct{ ID, Event string }
	if json.Unmarshal(a.Body, &receipt) != nil || receipt.ID == "" || receipt.Event != "message" {
		return true, n.failed(connection.Failure(connection.Garbage, nil))
	}
	n.sent(th, c, m.Sequence)
	return false, nil
}

// do asks the server for something; another answer than 2xx is an error.
func (n *Ntfy) do(ctx context.Context, method, address string, body []byte) (connection.Answer, error) {
	req, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return connection.Answer{}, n.failed(connection.Failure("unencodable", nil))
	}
	req.Header.Set("User-Agent", "telecare")
	switch {
	case n.cfg.Token != "":
		req.Header.Set("Authorization", "Bearer "+n.cfg.Token)
	case n.cfg.Username != "":
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(n.cfg.Username+":"+n.cfg.Password)))
	}
	a, err := n.http.Do(ctx, req)
	switch {
	case err != nil:
		return a, n.failed(err)
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return a, n.failed(connection.Failure("login", nil))
	case !a.OK():
		return a, n.failed(connection.Failure(connection.Status(a.Status), nil))
	}
	return a, nil
}

// sequence is under which a message replaces another one: its own for a call,
// so that each rings; that of the newest call for a stop.
func (n *Ntfy) sequence(th thread, c alerting.Call) string {
	own := sha256.Sum256([]byte(c.ID))
	if c.Reason == alerting.Stopped {
		n.mu.Lock()
		defer n.mu.Unlock()
		if s := n.last[th]; s != "" {
			return s
		}
	}
	return hex.EncodeToString(own[:12])
}

func (n *Ntfy) sent(th thread, c alerting.Call, sequence string) {
	if c.Reason == alerting.Stopped || c.News != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last[th] == "" {
		if n.old = append(n.old, th); len(n.old) > maxThreads {
			delete(n.last, n.old[0])
			n.old = n.old[1:]
		}
	}
	n.last[th] = sequence
}

// message is what is published. [ntfy docs, "Publish as JSON", "Action buttons"]
type message struct {
	Topic    string   `json:"topic"`
	Sequence string   `json:"sequence_id"`
	Title    string   `json:"title"`
	Message  string   `json:"message"`
	Tags     []string `json:"tags,omitempty"`
	Priority int      `json:"priority"`
	Click    string   `json:"click,omitempty"`
	Actions  []action `json:"actions,omitempty"`
}

type action struct {
	Action  string            `json:"action"`
	Label   string            `json:"label"`
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Clear   bool              `json:"clear"` // when it has been done, and not before
}

// Priorities of ntfy: 5 rings for long and through the night mode where the
// telephone is told so, 2 makes no sound.
const (
	urgent = 5
	high   = 4
	normal = 3
	quiet  = 2
)

func write(c alerting.Call, sequence string) message {
	said := words.Call(c)
	m := message{
		Topic: c.Address, Sequence: sequence, Title: said.Subject, Message: strings.TrimSpace(said.Notice), Click: c.Link,
		Priority: urgent, Tags: []string{"rotating_light"},
	}
	if c.Priority == alerting.Low || c.Drill {
		m.Priority = high
	}
	if c.Reason == alerting.Stopped {
		m.Priority, m.Tags = quiet, []string{"heavy_check_mark"}
		return m
	}
	if c.News != nil {
		m.Priority, m.Tags = normal, []string{"information_source"}
		return m
	}
	if take, decline, ok := c.Answers(); ok {
		m.Actions = []action{post(said.Take, take), post(said.Decline, decline)}
	}
	return m
}

// post is a button that answers by the signed link.
func post(label, address string) action {
	return action{
		Action: "http", Label: label, URL: address, Method: http.MethodPost, Clear: true,
		Headers: map[string]string{"Content-Type": "application/json"}, Body: "{}",
	}
}

func (n *Ntfy) failed(err error) *connection.Error { return connection.Of(n, err) }
