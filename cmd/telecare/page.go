package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"telecare/alerting"
	"telecare/dashboards"
	"telecare/gateway/config"
	"telecare/gateway/registry"
	"telecare/gateway/systemd"
)

// page is the task that serves people, and metrics and health to machines.
type page struct {
	cfg     config.Page
	handler *dashboards.Handler
	serve   http.Handler
	beat    *systemd.Manager
	log     *slog.Logger
	addr    atomic.Pointer[string]
}

func newPage(h *house, key []byte, site *registry.Site, metrics http.Handler, beat *systemd.Manager) (*page, error) {
	p := &page{cfg: h.cfg.Page, beat: beat, log: h.log}
	o := dashboards.Options{
		Desk: desk{h.gateway}, Technician: technician{h.gateway}, LinkKey: key,
		PublicURL: h.cfg.Page.PublicURL, Secure: h.cfg.Page.Secure(), Log: h.log,
		Alive: func() bool { return h.gateway.Turning() }, Ready: h.gateway.Ready,
	}
	if o.PublicURL == "" {
		o.PublicURL = "http://" + h.cfg.Page.Listen
	}
	for _, a := range h.cfg.Page.Accounts {
		person := alerting.Person("")
		for _, r := range site.Responders {
			if r.Key == a.Person {
				person = r.ID
			}
		}
		if person == "" && a.Person != "" {
			return nil, fmt.Errorf("account %q of the page is for responder %q, who is not in the registry", a.Name, a.Person)
		}
		o.Accounts = append(o.Accounts, dashboards.Account{
			Name: a.Name, PasswordHash: a.PasswordHash, Person: person, Role: dashboards.Role(a.Role),
		})
	}
	var err error
	if o.Tokens, err = programs(h.cfg.Page, site); err != nil {
		return nil, err
	}
	local, err := h.data.localProgram(h.cfg.Page, site)
	if err != nil {
		h.log.Error("telecare alarms, devices and people will not work on this machine", "error", err)
	}
	o.Tokens = append(o.Tokens, local)
	if h.demo != nil {
		o.Simulator = h.demo
		o.OpenRole = dashboards.RoleCentre
		for _, r := range site.Responders {
			if r.Key == demoCentre {
				o.OpenAs = r.ID
			}
		}
	}
	p.handler = dashboards.New(o, h.hub)
	mux := http.NewServeMux()
	mux.Handle("/", p.handler)
	mux.Handle("GET /metrics", metrics)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := h.gateway.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	p.serve = mux
	return p, nil
}

func (p *page) String() string { return "page on " + p.cfg.Listen }

// Ready says whether the page is listening.
func (p *page) Ready() error {
	if p.addr.Load() == nil {
		return errors.New("the page does not listen")
	}
	return nil
}

func (p *page) Run(ctx context.Context) error {
	l, err := net.Listen("tcp", p.cfg.Listen)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	if t := p.cfg.TLS; t != nil {
		cert, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			l.Close()
			return fmt.Errorf("page: %w", err)
		}
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	}
	addr := l.Addr().String()
	p.addr.Store(&addr)
	defer p.addr.Store(nil)
	s := &http.Server{
		Handler: p.serve, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog:    slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx }, // ends open streams too
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("page: %w", err)
	case <-ctx.Done():
		p.beat.Stopping()
		s.Close()
		<-ended
		return nil
	}
}
