package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/alarmtopic"
	"telecare/dashboards"
	"telecare/gateway"
	"telecare/gateway/config"
	"telecare/gateway/deadman"
)

// parts are what is made of telecare.yaml. Those that are made of the same
// again are the same values: nobody touches them.
type parts struct {
	cfg      *config.Config
	tasks    map[string]*part // by the words for them
	channels map[alerting.ChannelID]*channelPart
	certs    map[config.TLS]*certificate
	page     *listening
	topic    *alarmtopic.Topic // nil: alarms are not published
	push     *pushPart         // nil: no phone rings
	settings dashboards.Settings
	pageCert *certificate // nil: without TLS

	renewed map[*certificate]*tls.Certificate // what is in the files now
	opened  []net.Listener                    // until they are used
}

// part is a task beside the gateway that follows from a section.
type part struct {
	made    any // what it was made of, and what was in the files that it names
	task    gateway.Task
	listens string
	// before the old one ends: what is new can be there already.
	before bool
	begin  func()           // before it runs
	leave  func(next *part) // before it ends; nil when there is no next
	ended  func(next *part) // when it has ended
	stop   func()           // ends it and waits; set when it runs
}

type channelPart struct {
	made     any
	notifier gateway.Notifier
}

// certificate is one that can be renewed under its listeners.
type certificate struct {
	atomic.Pointer[tls.Certificate]
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.Load(), nil }}
}

// people makes what people are reached by, and who may look.
func (h *house) people(cfg *config.Config, old *parts) (next *parts, err error) {
	next = &parts{
		cfg: cfg, tasks: map[string]*part{}, channels: map[alerting.ChannelID]*channelPart{},
		certs: map[config.TLS]*certificate{}, renewed: map[*certificate]*tls.Certificate{},
	}
	if next.settings, err = h.settings(cfg, h.site); err != nil {
		return next, err
	}
	for _, c := range cfg.Channels {
		if err := h.channel(next, old, c); err != nil {
			return next, fmt.Errorf("channel %q: %w", c.Name, err)
		}
	}
	return next, nil
}

// machines makes all else that a configuration needs and that is not there yet,
// and does what can fail. Nothing that runs is touched. Where there are old
// parts also what listens is opened.
func (h *house) machines(next, old *parts) (err error) {
	defer func() {
		if err != nil {
			for _, l := range next.opened {
				l.Close()
			}
		}
	}()
	for _, s := range next.cfg.Sources {
		if err := h.source(next, old, s); err != nil {
			return fmt.Errorf("source %q: %w", s.Name, err)
		}
	}
	for _, make := range []func(next, old *parts) error{h.pagePart, h.topicPart, h.influxPart, h.deadmanPart} {
		if err := make(next, old); err != nil {
			return err
		}
	}
	return nil
}

// start has a part begin.
func (p *part) start(s *tasks) {
	if p.begin != nil {
		p.begin()
	}
	p.stop = s.start(p.task)
}

// keep takes a task over from the old parts when it would be made of the same.
func (p *parts) keep(name string, old *parts, made any) bool {
	if old == nil || old.tasks[name] == nil || !reflect.DeepEqual(old.tasks[name].made, made) {
		return false
	}
	p.tasks[name] = old.tasks[name]
	return true
}

// certificate reads a certificate anew; who uses it already gets the new one.
func (p *parts) certificate(old *parts, t *config.TLS) (*certificate, error) {
	if c := p.certs[*t]; c != nil {
		return c, nil
	}
	c, err := loadCertificate(t)
	if err != nil {
		return nil, err
	}
	if old != nil && old.certs[*t] != nil {
		now := c.Load()
		c = old.certs[*t]
		if !reflect.DeepEqual(c.Load().Certificate, now.Certificate) {
			p.renewed[c] = now
		}
	}
	p.certs[*t] = c
	return c, nil
}

func loadCertificate(t *config.TLS) (*certificate, error) {
	cert, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, err
	}
	c := &certificate{}
	c.Store(&cert)
	return c, nil
}

// listen opens a listener before anything is closed. It gives none where one of
// ours that is to go holds the port: its successor opens it then.
func (p *parts) listen(old *parts, address string) (net.Listener, error) {
	if old == nil {
		return nil, nil
	}
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) && slices.Contains(old.ports(), port(address)) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p.opened = append(p.opened, l)
	return l, nil
}

func (p *parts) ports() (ports []string) {
	for _, t := range p.tasks {
		if t.listens != "" {
			ports = append(ports, port(t.listens))
		}
	}
	return ports
}

func port(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// sameSettings compares what telecare.yaml says of the page.
func sameSettings(a, b *parts) bool {
	x, y := a.cfg.Page, b.cfg.Page
	x.Listen, y.Listen = "", "" // a part of its own
	return reflect.DeepEqual(x, y)
}

func (p *parts) notifiers() map[alerting.ChannelID]gateway.Notifier {
	out := map[alerting.ChannelID]gateway.Notifier{}
	for id, c := range p.channels {
		out[id] = c.notifier
	}
	return out
}

// testEvery is how often each channel is tested silently.
func (p *parts) testEvery() map[alerting.ChannelID]time.Duration {
	out := map[alerting.ChannelID]time.Duration{}
	for _, c := range p.cfg.Channels {
		out[c.Name] = c.TestEvery
	}
	return out
}

func (h *house) channel(next, old *parts, c config.Channel) error {
	if c.Modem != nil {
		return h.modem(next, old, c)
	}
	if c.Push != nil {
		return h.push(next, old, c)
	}
	made := []any{c, contents(authorities(c))}
	if old != nil && old.channels[c.Name] != nil && reflect.DeepEqual(old.channels[c.Name].made, made) {
		next.channels[c.Name] = old.channels[c.Name]
		return nil
	}
	if c.Screen {
		next.channels[c.Name] = &channelPart{made, h.hub.Bell()}
		return nil
	}
	n, err := notifier(c)
	if err != nil {
		return err
	}
	next.channels[c.Name] = &channelPart{made, n}
	return nil
}

// contents is what is in a file, so that a change of it is seen.
func contents(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return "" // whoever needs it says so
	}
	return string(b)
}

func (h *house) pagePart(next, old *parts) error {
	const name = "page"
	cfg := next.cfg.Page
	if cfg.TLS != nil {
		cert, err := next.certificate(old, cfg.TLS)
		if err != nil {
			return fmt.Errorf("page: %w", err)
		}
		next.pageCert = cert
	}
	if next.keep(name, old, cfg.Listen) {
		next.page = old.page
		return nil
	}
	l, err := next.listen(old, cfg.Listen)
	if err != nil {
		return fmt.Errorf("page: %w", err)
	}
	next.page = &listening{page: h.page, address: cfg.Listen, listener: l}
	next.page.secure(next.pageCert)
	next.tasks[name] = &part{made: cfg.Listen, task: next.page, listens: cfg.Listen, before: l != nil}
	return nil
}

func (h *house) topicPart(next, old *parts) error {
	const name, condition = "alarm topic", "alarm-topic"
	at, made, err := next.alarmBroker()
	if at == nil || err != nil {
		return err
	}
	if next.keep(name, old, made) {
		next.topic = old.topic
		return nil
	}
	at.OnLink = func(up bool) { h.gateway.Condition(alerting.ChannelDown, condition, !up) }
	t, err := alarmtopic.New(*at, h.log)
	if err != nil {
		return err
	}
	next.topic = t
	next.tasks[name] = &part{
		made: made, task: t,
		leave: func(now *part) { // what stays in a broker that is told no more would be open for ever
			if now == nil || now.made.([]any)[0] != at.URL {
				t.Leave()
			}
		},
		ended: func(*part) { h.gateway.Condition(alerting.ChannelDown, condition, false) },
	}
	return nil
}

func (h *house) influxPart(next, old *parts) error {
	const name = "influxdb"
	in := next.cfg.Influx
	if in == nil || next.keep(name, old, *in) {
		return nil
	}
	if old != nil {
		if err := h.readings.open(context.Background(), in.Quota); err != nil {
			return err
		}
	}
	next.tasks[name] = &part{
		made: *in, task: &forwarding{readings: h.readings, cfg: in},
		begin: func() { h.readings.resize(in.Quota) },
		ended: func(*part) { h.gateway.Condition(alerting.InfluxDown, "influxdb", false) },
	}
	return nil
}

func (h *house) deadmanPart(next, old *parts) error {
	const name, condition = "dead-man ping", "deadman"
	d := next.cfg.Deadman
	if d == nil || next.keep(name, old, *d) {
		return nil
	}
	ping, err := deadman.New(d.URL.Reveal(), d.Every, h.gateway.Ready, h.log)
	if err != nil {
		return err
	}
	ping.OnLink = func(up bool) { h.gateway.Condition(alerting.ChannelDown, condition, !up) }
	next.tasks[name] = &part{
		made: *d, task: ping,
		ended: func(*part) { h.gateway.Condition(alerting.ChannelDown, condition, false) },
	}
	return nil
}
