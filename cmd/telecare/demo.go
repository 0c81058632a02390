package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"telecare/gateway/config"
)

type demoCommand struct {
	Listen  string `default:"127.0.0.1:8080" help:"Where the page is; another port is taken when this one is not free."`
	Data    string `help:"Keep the data here instead of in a folder that is removed at the end." type:"path"`
	Verbose bool   `short:"v" help:"Show the log."`
}

func (c *demoCommand) Run(ctx context.Context, s streams) (err error) {
	data := c.Data
	if data == "" {
		if data, err = os.MkdirTemp("", "telecare-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	}
	log := slog.New(slog.DiscardHandler)
	if c.Verbose {
		log = slog.New(slog.NewTextHandler(s.err, nil))
	}
	l := language()
	r := newReader(l)
	ward, err := newDemoWard(s.out, l)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ward.close()) }()
	page, err := listenNear(c.Listen)
	if err != nil {
		return err
	}
	defer page.Close()
	listen := page.Addr().String()
	cfg := ward.config(data, listen)
	if cfg.Page.Accounts, err = demoAccounts(); err != nil {
		return err
	}

	h, err := assemble(ctx, cfg, ward, log)
	defer func() { err = errors.Join(err, h.close()) }()
	if err != nil {
		return err
	}
	h.parts.page.listener = page // whoever opens the address at once waits, and is not refused
	fmt.Fprintf(s.out, r.say("A ward with twelve people lives its day at\n\n  http://%s/\n\nOpen it, press a pendant, and see who is called. Ctrl-C ends it"), listen)
	if c.Data == "" {
		fmt.Fprint(s.out, r.say(" and leaves nothing behind"))
	}
	fmt.Fprint(s.out, ".\n\n")
	fmt.Fprintf(s.out, r.say("You are the information centre there. To see what others see, sign in as marta (nurse), piotr (technician), olga (manager),\nadam (administrator), zofia (a family) or wall (a screen on the wall); the password is %s.\n\n"), demoPassword)

	life, stop := context.WithCancel(ctx)
	var living sync.WaitGroup
	living.Go(func() { ward.live(life) })
	site := h.site
	living.Go(func() { ward.pause(life, h.gateway, site) })
	err = h.run(ctx)
	stop()
	living.Wait()
	return err
}

// freeAddress is one on the loopback where nobody listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// listenNear listens on the address, or on another port of the same host when
// somebody else has it.
func listenNear(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, splitErr)
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// config wires the demo's machine: all on the loopback.
func (w *demoWard) config(data, listen string) *config.Config {
	cfg := &config.Config{
		Site: demoSite, Data: data, Log: slog.LevelInfo,
		Sources: []config.Source{{Name: "zigbee", Listen: &config.Embedded{Listen: w.broker}}},
		Channels: []config.Channel{{Name: "phones", Webhook: &config.Webhook{
			URL: config.NewSecret(w.phones.url), Secret: config.NewSecret(w.phones.secret), Timeout: 5 * time.Second,
		}}},
		Page: config.Page{Listen: listen, PublicURL: "http://" + listen},
	}
	if w.dongle != nil {
		cfg.Sources = append(cfg.Sources, config.Source{Name: "radio", Serial: &config.Serial{Port: w.dongle.Port(), Format: "jablotron"}})
	}
	return cfg
}
