// Package deadman tells a service outside the house that the gateway is well,
// so that somebody hears of it when the gateway no longer is.
//
// It guarantees that a ping leaves only right after the gateway has been found
// healthy: a process that merely runs, with a loop that hangs or a journal that
// cannot be written, falls silent, and the service raises the alarm. Each ping
// has a connection of its own, for a dead one would look like a dead gateway.
package deadman

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// Every is how often a service should expect a ping.
	Every = 30 * time.Second

	retry   = 5 * time.Second  // after a ping that failed or was withheld
	timeout = 10 * time.Second // of one ping
)

// Ping is the task that pings.
type Ping struct {
	// OnLink, when set before Run, is told each change of the way to the
	// service, and the first state once it is known. A ping that is withheld
	// is not a change. It is called from Run and must not block.
	OnLink func(up bool)
	// Transport carries the pings; New sets it.
	Transport http.RoundTripper

	url     string
	every   time.Duration
	healthy func() error
	log     *slog.Logger

	mu   sync.Mutex
	err  error // why the last ping did not arrive; nil when it did
	told bool  // OnLink has been told a state
}

// New returns a task that pings url with GET; any 2xx will do. healthy says
// why no ping may leave, nil when one may; it must not block.
func New(target string, every time.Duration, healthy func() error, log *slog.Logger) (*Ping, error) {
	// The url often holds the secret that lets others ping in our name, so no
	// error or log repeats it.
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("dead-man ping: the url cannot be read; give one such as https://example.org/ping/1234")
	}
	if every <= 0 {
		return nil, fmt.Errorf("dead-man ping: every %v is no time; use %v", every, Every)
	}
	return &Ping{
		url:     target,
		every:   every,
		healthy: healthy,
		log:     log,
		err:     errors.New("no ping has been sent yet"),
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: timeout}).DialContext,
			TLSHandshakeTimeout:    timeout,
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true,
		},
	}, nil
}

// String names the task.
func (p *Ping) String() string { return fmt.Sprintf("dead-man ping every %v", p.every) }

// Ready is nil when the last ping has arrived, else why it has not.
func (p *Ping) Ready() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return fmt.Errorf("dead-man ping: %w", p.err)
	}
	return nil
}

// Run pings until ctx ends, then returns nil. While the gateway is not healthy,
// and after a ping that failed, it looks again after 5 s.
func (p *Ping) Run(ctx context.Context) error {
	client := &http.Client{
		Transport: p.Transport,
		Timeout:   timeout,
		// Whoever moves a ping is asked to configure it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	withheld := false
	for {
		wait := min(retry, p.every)
		if err := p.healthy(); err != nil {
			if !withheld {
				p.log.Warn("dead-man ping: withheld, because the gateway is not well", "error", err.Error())
			}
			withheld = true
		} else {
			withheld = false
			err := p.ping(ctx, client)
			if ctx.Err() != nil {
				return nil
			}
			p.note(err)
			if err == nil {
				wait = p.every
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// note keeps how a ping went, and tells of a change.
func (p *Ping) note(err error) {
	p.mu.Lock()
	news := !p.told || (err == nil) != (p.err == nil)
	p.err, p.told = err, true
	p.mu.Unlock()
	if !news {
		return
	}
	if err != nil {
		p.log.Warn("dead-man ping: the service outside cannot be told that we are well", "error", err.Error())
	} else {
		p.log.Info("dead-man ping: the service outside is told that we are well")
	}
	if p.OnLink != nil {
		p.OnLink(err == nil)
	}
}

func (p *Ping) ping(ctx context.Context, client *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "telecare")
	resp, err := client.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the url
		}
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the service answers with status %d", resp.StatusCode)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	return err
}
