// Package alarmtopic shows a site's open alarms on an MQTT broker, for lamps,
// panels and home automation.
//
//	telecare/<site>/gateway      "online", or "offline" once the gateway has gone (the last will); retained
//	telecare/<site>/alarm/<id>   the alarm in JSON while it is open; retained, removed when it is closed
//
// It guarantees that once it is connected the broker comes to hold exactly the
// open alarms, each in its newest state, whatever was missed before: at every
// connection it reads what the broker has kept, publishes everything open and
// removes everything else. Telling it of an alarm never waits for the broker.
// What it publishes has ids only, no names, for topics are read by many.
package alarmtopic

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"telecare/alerting"
)

const (
	retryFirst = time.Second
	retryMost  = 10 * time.Second
)

// Config says which broker is told of which site.
type Config struct {
	Site     alerting.SiteID
	URL      string // tcp://, ssl://, ws:// or wss://
	ClientID string // this gateway's own; two of one name throw each other out
	Username string
	Password string
	TLS      *tls.Config // nil trusts the system's certificate authorities
	// OnLink, when set, is told each change of the connection, and the first
	// state once it is known. It is called from Run and must not block.
	OnLink func(up bool)
}

// Topic is the broker's view of one site's alarms.
type Topic struct {
	cfg  Config
	log  *slog.Logger
	wake chan struct{} // holds one: there is something in dirty

	mu    sync.Mutex
	down  error // why it is not connected; nil when it is
	tried bool  // down has been found out, and told
	known bool  // Open has said what is open
	// Keys are the last part of a topic. shown is what the broker may have
	// retained, dirty what it may have in an older state than open. Both hold
	// no more than the alarms open now or when the broker was last told.
	open  map[string][]byte
	shown map[string]bool
	dirty map[string]bool
}

// New checks the configuration. It does not connect.
func New(cfg Config, log *slog.Logger) (*Topic, error) {
	if cfg.Site == "" || strings.ContainsAny(string(cfg.Site), "/+#\x00") {
		return nil, fmt.Errorf("alarm topic: site %q cannot be a part of a topic; use letters, digits and hyphens", cfg.Site)
	}
	if cfg.ClientID == "" {
		return nil, errors.New("alarm topic: no client id; give this gateway one of its own")
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" {
		return nil, errors.New("alarm topic: the broker's url cannot be read; give one such as tcp://127.0.0.1:1883")
	}
	switch u.Scheme {
	case "tcp", "mqtt", "ssl", "tls", "mqtts", "ws", "wss":
	default:
		return nil, fmt.Errorf("alarm topic: no way to a broker by %q; use tcp, ssl, ws or wss", u.Scheme)
	}
	if cfg.TLS != nil {
		cfg.TLS = cfg.TLS.Clone()
	}
	return &Topic{
		cfg:   cfg,
		log:   log,
		wake:  make(chan struct{}, 1),
		down:  errors.New("not connected yet"),
		open:  map[string][]byte{},
		shown: map[string]bool{},
		dirty: map[string]bool{},
	}, nil
}

// String names the task.
func (t *Topic) String() string { return fmt.Sprintf("alarm topic of site %q", t.cfg.Site) }

// Ready is nil while the broker is connected, else why it is not.
func (t *Topic) Ready() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down != nil {
		return fmt.Errorf("alarm topic: %w", t.down)
	}
	return nil
}

// Alarm tells of an alarm's newest state. It never blocks; of several states
// that the broker has not been told yet it is told the last.
func (t *Topic) Alarm(a alerting.Alarm) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note(a)
	t.signal()
}

// Open tells which alarms are open, all of them: at the start, and whenever in
// doubt. Until it has been called nothing is removed from the broker, since it
// is not known yet what is open. It never blocks.
func (t *Topic) Open(alarms []alerting.Alarm) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = true
	clear(t.open)
	for _, a := range alarms {
		t.note(a)
	}
	for key := range t.shown {
		t.dirty[key] = true
	}
	t.signal()
}

// leaveWithin is how long Leave may take.
const leaveWithin = 2 * time.Second

// Leave removes every alarm from a broker that will be told no more, while Run
// goes on: what stays there would look open for ever. It gives up after a while,
// and at once when the broker is away.
func (t *Topic) Leave() {
	t.Open(nil)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(leaveWithin); time.Now().Before(end); <-look.C {
		t.mu.Lock()
		over := len(t.shown) == 0 || t.down != nil
		t.mu.Unlock()
		if over {
			return
		}
	}
}

// note takes an alarm in; the lock is held.
func (t *Topic) note(a alerting.Alarm) {
	key := keyOf(a.ID)
	if a.Open() {
		t.open[key] = payload(a)
		t.dirty[key] = true
		return
	}
	delete(t.open, key)
	// One that came and went while the broker was away leaves nothing behind.
	if t.shown[key] {
		t.dirty[key] = true
	} else {
		delete(t.dirty, key)
	}
}

func (t *Topic) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Run keeps the broker told until ctx ends, then returns nil. A broker that is
// away is tried again for ever.
func (t *Topic) Run(ctx context.Context) error {
	wait := retryFirst
	for {
		err := t.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if t.lost(err) {
			wait = retryFirst
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, retryMost)
	}
}

// lost notes that there is no connection, and reports whether there was one.
func (t *Topic) lost(err error) bool {
	t.mu.Lock()
	was, news := t.down == nil, t.down == nil || !t.tried
	t.down, t.tried = err, true
	t.mu.Unlock()
	if news {
		t.log.Warn("alarm topic: no connection to the broker", "site", string(t.cfg.Site), "error", err.Error())
		if t.cfg.OnLink != nil {
			t.cfg.OnLink(false)
		}
	}
	return was
}

// linked notes that a connection stands; everything open is to be told again.
func (t *Topic) linked() {
	t.mu.Lock()
	t.down, t.tried = nil, true
	for key := range t.open {
		t.dirty[key] = true
	}
	for key := range t.shown {
		t.dirty[key] = true
	}
	t.signal()
	t.mu.Unlock()
	t.log.Info("alarm topic: connected", "site", string(t.cfg.Site))
	if t.cfg.OnLink != nil {
		t.cfg.OnLink(true)
	}
}

// maxFound bounds what a broker can make us remember of topics that we did not
// publish; what is beyond is found at a later connection.
const maxFound = 10_000

// found is told of an alarm that the broker has retained.
func (t *Topic) found(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, open := t.open[key]; open || len(t.shown) >= maxFound {
		return // an open one is published anyway
	}
	t.shown[key] = true
	t.dirty[key] = true
	t.signal()
}

// news takes what the broker is to be told, at most n of it: the payload of
// each topic, nil to remove it. It counts as shown from here on, since a
// publication may arrive even when its answer does not.
func (t *Topic) news(n int) map[string][]byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[string][]byte{}
	for _, key := range slices.Sorted(maps.Keys(t.dirty)) {
		body, open := t.open[key]
		if !open && !t.known {
			continue // perhaps it is open, and Open has not said so yet
		}
		if len(out) == n {
			t.signal()
			break
		}
		delete(t.dirty, key)
		t.shown[key] = true
		out[key] = body
	}
	return out
}

// told notes that the broker has confirmed what news gave out.
func (t *Topic) told(news map[string][]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, body := range news {
		if _, open := t.open[key]; body == nil && !open {
			delete(t.shown, key)
		}
	}
}

// keyOf makes an id fit for a topic; one of ours stays as it is. QueryEscape
// writes a space as +, which is a wildcard.
func keyOf(id alerting.AlarmID) string {
	return strings.ReplaceAll(url.QueryEscape(string(id)), "+", "%20")
}

// message is what a topic holds. Field names are a contract with readers.
type message struct {
	ID       alerting.AlarmID  `json:"id"`
	Number   int               `json:"number"`
	Kind     string            `json:"kind"`
	Priority alerting.Priority `json:"priority"`
	State    alerting.State    `json:"state"`
	Place    alerting.PlaceID  `json:"place"`
	RaisedAt time.Time         `json:"raised_at"`
	Holder   alerting.Person   `json:"holder"`
	Step     int               `json:"step"`
}

func payload(a alerting.Alarm) []byte {
	b, err := json.Marshal(message{
		ID: a.ID, Number: a.Number, Kind: string(a.Kind), Priority: a.Priority, State: a.State,
		Place: a.Place, RaisedAt: a.RaisedAt.UTC(), Holder: a.Holder, Step: a.Step,
	})
	if err != nil {
		// Only a year beyond 9999 cannot be written. That somebody needs help
		// can be said without it.
		a.RaisedAt = time.Time{}
		return payload(a)
	}
	return b
}
