package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"telecare/alerting/notify/webhook"
)

// demoPhones are the phones of the ward's people: a webhook receiver that says
// on the terminal which one rings.
type demoPhones struct {
	url    string
	secret string
	names  map[string]string // of responders, by id
	server *http.Server
	mu     sync.Mutex
	out    io.Writer
	reader reader
}

func newDemoPhones(out io.Writer, r reader) (*demoPhones, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("phones: %w", err)
	}
	p := &demoPhones{url: "http://" + l.Addr().String() + "/call", secret: rand.Text(), names: map[string]string{}, out: out, reader: r}
	p.server = &http.Server{Handler: http.HandlerFunc(p.ring), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

func (p *demoPhones) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return p.server.Shutdown(ctx)
}

func (p *demoPhones) ring(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err == nil {
		err = webhook.Verify([]byte(p.secret), r.Header, body, time.Now(), time.Minute)
	}
	var call struct {
		Number                        int
		Kind, Reason, Place, Link, To string

		Text string
	}
	if err == nil {
		err = json.Unmarshal(body, &call)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now().Format(time.TimeOnly)
	switch call.Reason {
	case "stop":
		fmt.Fprintf(p.out, p.reader.say("%s  %s is told: alarm %d is taken care of\n"), now, p.names[call.To], call.Number)
	case "inform":
		fmt.Fprintf(p.out, p.reader.say("%s  %s reads: %s\n"), now, p.names[call.To], call.Text)
	default:
		fmt.Fprintf(p.out, p.reader.say("%s  %s's phone rings: %s, %s (alarm %d)\n          %s\n"), now, p.names[call.To], p.reader.kind(call.Kind), call.Place, call.Number, call.Link)
	}
}
