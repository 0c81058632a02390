package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"

	"telecare/alerting"
	"telecare/alerting/notify/alarmtopic"
	"telecare/dashboards"
	"telecare/devices"
	"telecare/gateway"
	"telecare/gateway/config"
	"telecare/gateway/deadman"
	"telecare/gateway/journal"
	"telecare/gateway/metrics"
	"telecare/gateway/registry"
	"telecare/gateway/systemd"

	"github.com/prometheus/client_golang/prometheus"
)

// house is an assembled gateway with everything round it.
type house struct {
	cfg     *config.Config
	data    folder
	log     *slog.Logger
	demo    *demoWard // nil but in the demo
	closers []func() error

	registry *registry.Store
	gateway  *gateway.Gateway
	hub      *dashboards.Hub
	standing *metrics.Standing
	page     *page
	tasks    []gateway.Task // beside the gateway's own
}

// assemble opens the stores and puts the parts together. Nothing runs yet.
// Whatever it opened is closed by close, also after an error.
func assemble(ctx context.Context, cfg *config.Config, demo *demoWard, log *slog.Logger) (*house, error) {
	h := &house{cfg: cfg, data: folder(cfg.Data), log: log, demo: demo}
	if err := h.data.make(); err != nil {
		return h, err
	}
	unlock, err := h.data.lock()
	switch {
	case err == nil:
		h.closing(func() error { unlock(); return nil })
	case errors.As(err, new(*fs.PathError)): // a full or read-only disk must not keep people from being called
		log.Error("the data folder cannot be locked: see that no second gateway uses it", "error", err)
	default:
		return h, err
	}

	site, err := h.openRegistry(ctx)
	if err != nil {
		return h, err
	}
	if site.Plan.Site != cfg.Site {
		return h, fmt.Errorf("the registry is of site %q, the configuration of site %q: they must be the same", site.Plan.Site, cfg.Site)
	}
	warnOfChannels(cfg, site, log)

	j := journal.NewStore(h.data.journal(), log)
	h.closing(j.Close)

	reg := prometheus.NewRegistry()
	meter := metrics.New(reg)
	meter.Set("telecare_build_info", version, 1)
	beforehand(meter, cfg)
	h.standing = metrics.NewStanding(reg)
	beat := systemd.New(log)
	h.hub = dashboards.NewHub()
	h.hub.SetWard(wardOf(site))
	notifiers, err := channels(cfg)
	if err != nil {
		return h, err
	}
	o := gateway.Options{
		Site: siteOf(site), Journal: j, History: j, Fallback: j.Outside,
		Notifiers:  notifiers,
		Link:       func(a alerting.Alarm, p alerting.Person) string { return h.page.handler.Link(a, p) },
		Publishers: []gateway.Publisher{h.hub, h.standing},
		Meter:      meter, Log: log, Beat: beat.Beat,
	}
	forwarder, err := h.readings(ctx, &o, meter)
	if err != nil {
		return h, err
	}
	topic, err := h.alarmTopic(&o)
	if err != nil {
		return h, err
	}
	h.gateway = gateway.New(o)

	key, err := h.data.linkKey()
	if err != nil {
		log.Error("links that are sent now will not open after the next start", "error", err)
	}
	if h.page, err = newPage(h, key, site, h.scraped(meter), beat); err != nil {
		return h, err
	}
	if err := h.sources(meter); err != nil {
		return h, err
	}
	h.tasks = append(h.tasks, h.page, &control{h.data}, &registryWatch{h: h, seen: site.Revision})
	if forwarder != nil {
		h.tasks = append(h.tasks, forwarder)
	}
	if topic != nil {
		h.tasks = append(h.tasks, topic)
	}
	if cfg.Deadman != nil {
		ping, err := deadman.New(cfg.Deadman.URL.Reveal(), cfg.Deadman.Every, h.gateway.Ready, log)
		if err != nil {
			return h, err
		}
		ping.OnLink = func(up bool) { h.gateway.Condition(alerting.ChannelDown, "deadman", !up) }
		h.tasks = append(h.tasks, ping)
	}
	return h, nil
}

// readings opens the spool and makes the forwarder, where there is an
// InfluxDB.
func (h *house) readings(ctx context.Context, o *gateway.Options, meter *metrics.Meter) (gateway.Task, error) {
	in := h.cfg.Influx
	if in == nil {
		return nil, nil
	}
	r := &readingsTask{h: h, cfg: in, meter: meter}
	if err := r.open(ctx); err != nil {
		h.log.Error("the spool cannot be opened: readings are counted and not kept, and it is tried again", "error", err)
	}
	o.Readings = r
	h.closing(r.close)
	return r, nil
}

// alarmTopic publishes alarms on the broker that the configuration names, or
// on the first that there is.
func (h *house) alarmTopic(o *gateway.Options) (gateway.Task, error) {
	cfg, err := alarmBroker(h.cfg)
	if cfg == nil || err != nil {
		return nil, err
	}
	cfg.OnLink = func(up bool) { h.gateway.Condition(alerting.ChannelDown, "alarm-topic", !up) }
	t, err := alarmtopic.New(*cfg, h.log)
	if err != nil {
		return nil, err
	}
	o.Publishers = append(o.Publishers, alarmsOnly{t})
	o.Recovered = t.Open
	return t, nil
}

// alarmsOnly publishes alarms and nothing else.
type alarmsOnly struct{ *alarmtopic.Topic }

func (alarmsOnly) Device(devices.Status)      {}
func (alarmsOnly) Fault(alerting.Fault, bool) {}

func (h *house) closing(f func() error) { h.closers = append(h.closers, f) }

// close closes what assemble opened, the last first.
func (h *house) close() error {
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		errs = append(errs, h.closers[i]())
	}
	return errors.Join(errs...)
}

// run runs everything until ctx ends or the gateway's loop fails. Sources end
// first, so that what they still hand over finds the gateway.
func (h *house) run(ctx context.Context) error {
	side, stop := context.WithCancel(ctx)
	defer stop()
	var tasks sync.WaitGroup
	for _, t := range h.tasks {
		h.log.Info("task starts", "task", t.String())
		tasks.Go(func() { keep(side, t, h.log) })
	}
	core, stopCore := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- h.gateway.Run(core) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	stop()
	tasks.Wait()
	stopCore()
	if err == nil {
		err = <-ended
	}
	return err
}

// desk gives the page the gateway, with the page's own refusals.
type desk struct{ g *gateway.Gateway }

func (d desk) Act(ctx context.Context, in alerting.Input) error {
	err := d.g.Act(ctx, in)
	var r *gateway.Refusal
	if errors.As(err, &r) {
		return &dashboards.Refusal{Why: r.Why, Holder: r.Holder}
	}
	return err
}
