// Package services carries calls over any service that the shoutrrr library
// knows by a URL: Gotify, Telegram, Signal, Matrix, Pushover, Slack, Teams and
// others.
//
// It guarantees that a try ends when its time is over, wherever the service
// hangs, though the library itself may go on: a call that is sent again while an
// earlier try of it is still under way waits for that one instead of beginning
// another, so that a slow service does not ring twice. It never shows the URL,
// nor an error of the library, which may quote it: they hold the service's
// secret.
//
// What a service answers is known to the library alone, so that everything that
// failed is tried again, but for a URL that cannot be read. Accepted is what the
// library calls sent. There is no receipt, and nothing that can be tested without
// a call.
package services

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
	"telecare/alerting/words"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// Config says which service, by a URL of shoutrrr. In it {address} stands for
// the responder's address.
type Config struct {
	Name    string        // as in telecare.yaml; for people and logs
	URL     string        // such as gotify://gotify.example.org/token?priority=8
	Timeout time.Duration // of one try; 0 is connection.DefaultTimeout
}

const (
	// giveUp is when a try that did not end is no longer waited for: rather
	// twice than late.
	giveUp = 35 * time.Second
	// maxTries bounds those that the library does not end.
	maxTries = 64
)

// Service is one URL. Its methods may be called from any goroutine.
type Service struct {
	cfg Config

	mu    sync.Mutex
	tries map[alerting.NotificationID]*try
	hung  int // those that nobody waits for
}

// try is one that is under way.
type try struct {
	began time.Time
	ended chan struct{}
	err   error // when it has ended
}

// New checks the configuration. It does not call the service.
func New(cfg Config) (*Service, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = connection.DefaultTimeout
	}
	s := &Service{cfg: cfg, tries: map[alerting.NotificationID]*try{}}
	if err := Check(cfg.URL); err != nil {
		return nil, fmt.Errorf("service %q: %w", cfg.Name, err)
	}
	return s, nil
}

// Check says what is wrong with a URL. It quotes nothing of it but the service.
func Check(address string) error {
	scheme, _, ok := strings.Cut(address, ":")
	if !ok || scheme == "" || strings.ContainsAny(scheme, "/@{} ") {
		return errors.New("url is none of shoutrrr's; write one such as gotify://gotify.example.org/token")
	}
	_, err := locate(strings.ReplaceAll(address, "{address}", "1"))
	if errors.Is(err, router.ErrUnknownService) {
		return fmt.Errorf("url: there is no service %q; shoutrrr's documentation lists them", scheme)
	}
	if err != nil {
		return fmt.Errorf("url is not one of service %q; see its page in shoutrrr's documentation", scheme)
	}
	return nil
}

// Personal says that a URL has a place for the responder's address.
func Personal(address string) bool { return strings.Contains(address, "{address}") }

func locate(address string) (types.Service, error) {
	none := log.New(io.Discard, "", 0)
	r, err := router.New(none)
	if err != nil {
		return nil, err
	}
	s, err := r.Locate(address)
	if err == nil {
		s.SetLogger(none)
	}
	return s, err
}

// String names the channel as people know it, without its URL.
func (s *Service) String() string { return "service " + strconv.Quote(s.cfg.Name) }

// Notify makes one try and returns when it has ended, when its time is over, or
// when ctx has ended. An err is always a *connection.Error. retry is false where the
// responder has no address and the URL wants one.
func (s *Service) Notify(parent context.Context, c alerting.Call) (retry bool, err error) {
	if Personal(s.cfg.URL) && c.Address == "" {
		return false, s.failed(connection.Failure("no address", nil))
	}
	t := s.begin(c)
	if t == nil {
		return true, s.failed(connection.Failure(connection.Timeout, nil))
	}
	ctx, cancel := context.WithTimeout(parent, s.cfg.Timeout)
	defer cancel()
	select {
	case <-t.ended:
	case <-ctx.Done():
		if errors.Is(parent.Err(), context.Canceled) {
			return true, s.failed(connection.Failure(connection.Canceled, context.Canceled))
		}
		return true, s.failed(connection.Failure(connection.Timeout, nil))
	}
	s.mu.Lock()
	if s.tries[c.ID] == t {
		delete(s.tries, c.ID)
	}
	s.mu.Unlock()
	if t.err != nil {
		return true, s.failed(connection.Failure(word(t.err), nil))
	}
	return false, nil
}

// begin begins a try, or finds the one that is under way; nil when too many
// hang.
func (s *Service) begin(c alerting.Call) *try {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range s.tries { // what nobody asked for again
		if time.Since(t.began) > giveUp {
			delete(s.tries, id)
		}
	}
	if t := s.tries[c.ID]; t != nil {
		return t
	}
	if s.hung >= maxTries {
		return nil
	}
	t := &try{began: time.Now(), ended: make(chan struct{})}
	s.tries[c.ID] = t
	s.hung++
	address, text := strings.ReplaceAll(s.cfg.URL, "{address}", strings.ReplaceAll(url.QueryEscape(c.Address), "+", "%20")), say(c)
	go func() {
		t.err = send(address, text)
		s.mu.Lock()
		s.hung--
		s.mu.Unlock()
		close(t.ended)
	}()
	return t
}

// send makes a service of its own for each message: the library's are changed by
// what they send. A defect of one of its many must not end the gateway.
func send(address, text string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the library has panicked")
		}
	}()
	service, err := locate(address)
	if err != nil {
		return err
	}
	return service.Send(text, &types.Params{})
}

// say is everything in one text: not every service has a title.
func say(c alerting.Call) string {
	said := words.Call(c)
	text := said.Subject + "\n" + said.Notice
	if c.Link != "" && (c.Reason != alerting.Stopped || c.State != alerting.Closed) {
		text += "\n" + c.Link
	}
	return text
}

// word is the library's error in a word. Which status a service answered with it
// does not say in one way.
func word(err error) string {
	if w := connection.Word(err); w != connection.Broken {
		return w
	}
	return "failed"
}

func (s *Service) failed(err error) *connection.Error { return connection.Of(s, err) }
