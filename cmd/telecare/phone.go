package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/webhook"
	"telecare/gateway/config"
)

type phoneCommand struct {
	Config  string `short:"c" default:"${config}" help:"The configuration." type:"path"`
	Channel string `arg:"" optional:"" help:"The webhook channel to answer for; the first that calls this machine, when not given."`
}

// Run is a phone to try things out with: it takes the calls of a webhook
// channel at the address that telecare.yaml gives, checks them as a receiver
// should, and says when it rings.
func (c *phoneCommand) Run(ctx context.Context, s streams) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	hook, at, err := c.find(cfg)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", at.Host)
	if err != nil {
		return fmt.Errorf("phone: %w", err)
	}
	fmt.Fprintf(s.out, "A phone waits at %s; Ctrl-C ends it.\n", at)
	p := &ringing{secret: []byte(hook.Secret.Reveal()), out: s.out}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("phone: %w", err)
	case <-ctx.Done():
		return server.Close()
	}
}

// find finds the channel and where its calls go.
func (c *phoneCommand) find(cfg *config.Config) (*config.Webhook, *url.URL, error) {
	for _, ch := range cfg.Channels {
		if ch.Webhook == nil || c.Channel != "" && ch.Name != alerting.ChannelID(c.Channel) {
			continue
		}
		at, err := url.Parse(ch.Webhook.URL.Reveal())
		if err != nil {
			continue
		}
		host := at.Hostname()
		if ip := net.ParseIP(host); at.Scheme == "http" && at.Port() != "" && (host == "localhost" || ip != nil && ip.IsLoopback()) {
			return ch.Webhook, at, nil
		}
	}
	if c.Channel != "" {
		return nil, nil, fmt.Errorf("telecare.yaml has no webhook channel %q whose url is http://127.0.0.1:PORT/…: that is where a phone on this machine can answer", c.Channel)
	}
	return nil, nil, errors.New("telecare.yaml has no webhook channel whose url is http://127.0.0.1:PORT/…: that is where a phone on this machine can answer")
}

// ringing says on the terminal who is called.
type ringing struct {
	secret []byte
	mu     sync.Mutex
	out    io.Writer
}

func (p *ringing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err == nil {
		err = webhook.Verify(p.secret, r.Header, body, time.Now(), 5*time.Minute)
	}
	var call struct {
		Number, Step              int
		Kind, Reason, Place, Link string
	}
	if err == nil {
		err = json.Unmarshal(body, &call)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now().Format(time.TimeOnly)
	switch {
	case err != nil:
		fmt.Fprintf(p.out, "%s  a call is refused: %v\n", now, err)
		http.Error(w, err.Error(), http.StatusBadRequest)
	case call.Reason == "stop":
		fmt.Fprintf(p.out, "%s  alarm %d: somebody else has it\n", now, call.Number)
	default:
		fmt.Fprintf(p.out, "%s  IT RINGS, alarm %d, step %d: %s, %s\n          %s\n", now, call.Number, call.Step, call.Kind, call.Place, call.Link)
	}
}
