package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/alarmtopic"
	"telecare/alerting/notify/helpcoming"
	"telecare/dashboards"
	"telecare/devices"
	"telecare/gateway"
	"telecare/gateway/config"
	"telecare/gateway/journal"
	"telecare/gateway/looks"
	"telecare/gateway/metrics"
	"telecare/gateway/phones"
	"telecare/gateway/registry"
	"telecare/gateway/systemd"

	"github.com/prometheus/client_golang/prometheus"
)

// house is an assembled gateway with everything round it.
type house struct {
	file    string         // telecare.yaml; "" where there is none
	level   *slog.LevelVar // of the log; nil where it is fixed
	data    folder
	log     *slog.Logger
	demo    *demoWard // nil but in the demo
	closers []func() error

	registry  *registry.Store
	gateway   *gateway.Gateway
	hub       *dashboards.Hub
	standing  *metrics.Standing
	meter     *metrics.Meter
	beat      *systemd.Manager
	page      *page
	readings  *readings
	localHash [sha256.Size]byte // of the token for commands on this machine
	topic     atomic.Pointer[alarmtopic.Topic]
	answers   *helpcoming.Answers
	phones    *phones.Store
	pushing   atomic.Pointer[pushPart] // nil: no phone rings
	numbers   *numbers
	book      *looks.Book
	lookback  *lookback
	running   *tasks
	callers   atomic.Pointer[config.Config] // whose channels may tell us things
	hangups   <-chan os.Signal              // each asks to read telecare.yaml again

	mu    sync.Mutex // over what follows, and whoever changes what is in force
	cfg   *config.Config
	site  *registry.Site
	parts *parts
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

	if h.site, err = h.openRegistry(ctx); err != nil {
		return h, err
	}
	if h.site.Plan.Site != cfg.Site {
		return h, fmt.Errorf("the registry is of site %q, the configuration of site %q: they must be the same", h.site.Plan.Site, cfg.Site)
	}
	warnOfChannels(cfg, h.site, log)

	j := journal.NewStore(h.data.journal(), log)
	h.closing(j.Close)
	if demo != nil {
		if err := demo.before(ctx, j, h.site, time.Now()); err != nil {
			return h, err
		}
	}

	reg := prometheus.NewRegistry()
	h.meter = metrics.New(reg)
	h.meter.Set("telecare_build_info", version, 1)
	beforehand(h.meter, cfg)
	h.inForce()
	h.callers.Store(cfg)
	h.standing = metrics.NewStanding(reg)
	h.beat = systemd.New(log)
	h.hub = dashboards.NewHub()
	h.hub.SetWard(wardOf(h.site))
	if h.localHash, err = h.data.leaveToken(); err != nil {
		log.Error("telecare alarms, devices and people will not work on this machine", "error", err)
	}
	h.openPhones()
	h.readings = &readings{h: h, meter: h.meter}
	h.closing(h.readings.close)
	if h.parts, err = h.people(cfg, nil); err != nil {
		return h, err
	}
	h.pushing.Store(h.parts.push)
	h.answers = h.answering()
	h.gateway = gateway.New(gateway.Options{
		TryFor: time.Minute, // beyond what a channel's own timeout may be: this ends what keeps to none
		Site:   siteOf(h.site), Journal: j, History: journal.Start{Store: j}, Fallback: j.Outside, Readings: h.readings, Lives: lastHeard(h.data.lives()), Tests: lastTests{h},
		Notifiers: h.parts.notifiers(), TestEvery: h.parts.testEvery(), Says: cfg.Says(),
		Link:       func(a alerting.Alarm, p alerting.Person) string { return h.page.handler.Link(a, p) },
		Publishers: []gateway.Publisher{h.hub, h.standing, alarmsOnly{&h.topic}, h.answers},
		Recovered:  alarmsOnly{&h.topic}.open,
		Meter:      h.meter, Log: log, Beat: h.beat.Beat,
	})

	h.numbers = newNumbers(j, h.data.marks(log), giveWay, func() (*config.Config, *registry.Site) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.cfg, h.site
	})
	h.lookback = newLookback(h.data.archive(), j, giveWay, log)
	h.closing(h.lookback.close)
	key, err := h.data.linkKey()
	if err != nil {
		log.Error("links in calls do not stay good over a start", "error", err)
	}
	h.book = looks.Open(filepath.Join(string(h.data), "looks.jsonl"), log)
	h.closing(h.book.Close)
	h.page = newPage(h, key, h.site, h.parts.settings, h.scraped(h.meter))
	h.closing(h.page.handler.Close)
	if err := h.machines(h.parts, nil); err != nil {
		return h, err
	}
	h.topic.Store(h.parts.topic)
	if in := cfg.Influx; in != nil {
		h.readings.wanted.Store(true)
		if err := h.readings.open(ctx, in.Quota); err != nil {
			log.Error("the spool cannot be opened: readings are counted and not kept, and it is tried again", "error", err)
		}
	}
	return h, nil
}

// alarmsOnly publishes alarms and nothing else, where they are published.
type alarmsOnly struct {
	on *atomic.Pointer[alarmtopic.Topic]
}

func (o alarmsOnly) Alarm(a alerting.Alarm) {
	if t := o.on.Load(); t != nil {
		t.Alarm(a)
	}
}

func (o alarmsOnly) open(all []alerting.Alarm) {
	if t := o.on.Load(); t != nil {
		t.Open(all)
	}
}

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
	h.running = &tasks{ctx: side, log: h.log}
	for _, name := range slices.Sorted(maps.Keys(h.parts.tasks)) {
		h.parts.tasks[name].start(h.running)
	}
	h.running.start(&control{h})
	h.running.start(registryWatch{h})
	h.running.start(&hangups{h})
	h.running.start(h.answers)
	h.running.start(screens{h})
	core, stopCore := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- h.gateway.Run(core) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	h.beat.Stopping()
	stop()
	h.running.wait.Wait()
	stopCore()
	if err == nil {
		err = <-ended
	}
	return err
}

// desk gives the page the gateway, with the page's own refusals.
type desk struct{ g *gateway.Gateway }

func (d desk) Act(ctx context.Context, in alerting.Input) error {
	return refused(d.g.Act(ctx, in))
}

func (d desk) Raise(ctx context.Context, in alerting.RaiseByHand) (alerting.AlarmID, error) {
	id, err := d.g.Raise(ctx, in)
	return id, refused(err)
}

// kin gives the page what families ask for.
type kin struct{ *gateway.Gateway }

func (k kin) Signs(r alerting.ResidentID) (s alerting.CallSigns, shared, ok bool) {
	known := k.Gateway.Signs(r)
	return known.CallSigns, known.Shared, known.Known
}

func refused(err error) error {
	var r *gateway.Refusal
	if errors.As(err, &r) {
		return &dashboards.Refusal{Why: r.Why, Holder: r.Holder}
	}
	return err
}
