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
)

// page serves people, and metrics and health to machines, wherever it is
// listening just now.
type page struct {
	handler *dashboards.Handler
	serve   http.Handler
	log     *slog.Logger
}

func newPage(h *house, key []byte, site *registry.Site, now dashboards.Settings, metrics http.Handler) *page {
	p := &page{log: h.log}
	o := dashboards.Options{
		Desk: desk{h.gateway}, Registrar: registrar{h}, Subjects: subjects{registrar{h}}, Registry: registrar{h}, Rounds: rounds{h}, Channels: ways{h.gateway}, Phones: ownPhones{h}, Technician: technician{h.gateway}, LinkKey: key,
		Accounts: now.Accounts, Tokens: now.Tokens, Provider: now.Provider, PublicURL: now.PublicURL, Secure: now.Secure, Proxied: now.Proxied, Log: h.log,
		Sessions: h.data.kept("sessions.json"), Codes: h.data.kept("codes.json"), Seconds: h.data.kept(secondsFile), Book: h.book,
		Alive: func() bool { return h.gateway.Turning() }, Ready: h.gateway.Ready, Numbers: h.numbers, Lookback: h.lookback, Formats: catalogue(),
		Kin: kin{h.gateway},
	}
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
	machines := http.NewServeMux() // what is none of people's
	machines.Handle("GET /metrics", metrics)
	hooks{h}.register(machines)
	machines.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	machines.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := h.gateway.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/hooks/"} {
		mux.Handle(path, dashboards.Guard(machines))
	}
	p.serve = mux
	return p
}

// settings are what the page is told of a configuration. Beside an error they
// are without those whom it is about.
func (h *house) settings(cfg *config.Config, site *registry.Site) (dashboards.Settings, error) {
	s := dashboards.Settings{PublicURL: cfg.Page.PublicURL, Secure: cfg.Page.Secure(), Proxied: cfg.Page.BehindProxy}
	if s.PublicURL == "" {
		s.PublicURL = "http://" + cfg.Page.Listen
	}
	var errs []error
	for _, a := range cfg.Page.Accounts {
		person, ok := personOf(site, a.Person)
		if !ok && a.Person != "" {
			errs = append(errs, fmt.Errorf("account %q of the page is for responder %q, who is not in the registry", a.Name, a.Person))
			continue
		}
		one := dashboards.Account{Name: a.Name, PasswordHash: a.PasswordHash, Person: person, Role: dashboards.Role(a.Role)}
		if !a.TOTP.IsZero() {
			secret, err := config.Shared(a.TOTP.Reveal())
			if err != nil { // it was checked
				errs = append(errs, fmt.Errorf("account %q of the page: totp: %w", a.Name, err))
				continue
			}
			one.Second = &dashboards.Second{Secret: secret, Recovery: a.Recovery}
		}
		for _, key := range a.Of {
			r, ok := residentOf(site, key)
			if !ok { // somebody else may get the key one day
				errs = append(errs, fmt.Errorf("account %q of the page is for the family of %q, who is not in the registry", a.Name, key))
				continue
			}
			one.Of = append(one.Of, r)
		}
		s.Accounts = append(s.Accounts, one)
	}
	if in := cfg.Page.SignIn; in != nil {
		s.Provider = &dashboards.Provider{Issuer: in.Issuer, ClientID: in.ClientID, ClientSecret: in.ClientSecret.Reveal(), Name: in.Name, RoleClaim: in.RoleClaim, OutHere: in.OutHere, People: map[string]alerting.Person{}}
		for _, r := range in.Roles {
			s.Provider.Roles = append(s.Provider.Roles, dashboards.RoleOf{Is: r.Is, Role: dashboards.Role(r.Role)})
		}
		for _, who := range in.People {
			person, ok := personOf(site, who.Person)
			if !ok {
				errs = append(errs, fmt.Errorf("sign_in of the page: %q is responder %q, who is not in the registry", who.Is, who.Person))
				continue
			}
			s.Provider.People[who.Is] = person
		}
	}
	tokens, err := programs(cfg.Page, site)
	s.Tokens = append(tokens, localProgram(h.localHash, cfg.Page, site))
	return s, errors.Join(append(errs, err)...)
}

// listening is the task that serves the page at one address.
type listening struct {
	page     *page
	address  string
	listener net.Listener // that is open already; it is used once
	tls      atomic.Pointer[tls.Config]
	open     atomic.Bool
}

func (l *listening) String() string { return "page on " + l.address }

// Ready says whether the page is listening.
func (l *listening) Ready() error {
	if !l.open.Load() {
		return errors.New("the page does not listen")
	}
	return nil
}

// secure has those who connect from now on speak TLS with a certificate, or
// none without one.
func (l *listening) secure(c *certificate) {
	if c == nil {
		l.tls.Store(nil)
		return
	}
	l.tls.Store(c.config())
}

// Run serves until ctx ends. Answers that are under way are still given then,
// and screens are let go.
func (l *listening) Run(ctx context.Context) error {
	listener := l.listener
	l.listener = nil
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", l.address); err != nil {
			return fmt.Errorf("page: %w", err)
		}
	}
	l.open.Store(true)
	defer l.open.Store(false)
	streams, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	s := &http.Server{
		Handler: l.page.serve, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog:    slog.NewLogLogger(l.page.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return streams }, // ends open streams too
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(perhapsTLS{listener, &l.tls}) }()
	select {
	case err := <-ended:
		return fmt.Errorf("page: %w", err)
	case <-ctx.Done():
		patience, cancel := context.WithTimeout(streams, time.Second)
		defer cancel()
		if s.Shutdown(patience) != nil {
			s.Close()
		}
		<-ended
		return nil
	}
}

// perhapsTLS is a listener that may begin and end to speak TLS.
type perhapsTLS struct {
	net.Listener
	tls *atomic.Pointer[tls.Config]
}

func (l perhapsTLS) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if cfg := l.tls.Load(); err == nil && cfg != nil {
		return tls.Server(c, cfg), nil
	}
	return c, err
}
