package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/gateway"
	"telecare/gateway/config"
)

type reloadCommand struct{ place }

// Run has the gateway that runs read its telecare.yaml again.
func (c *reloadCommand) Run(ctx context.Context, s streams) error {
	data, err := c.data()
	if err != nil { // the file has mistakes: let the gateway that runs say them, and know of them
		data = guessData(c.Config)
	}
	asked, askErr := data.ask(ctx, s, "reload")
	switch {
	case asked || askErr != nil:
		return askErr
	case err != nil:
		return err
	}
	return fmt.Errorf("no gateway runs in %q; `telecare run` starts one", string(data))
}

// guessData finds the data folder of a file that cannot be understood.
func guessData(file string) folder {
	dir := "data"
	for line := range strings.Lines(string(contents(file))) {
		if value, ok := strings.CutPrefix(line, "data:"); ok {
			value, _, _ = strings.Cut(value, " #")
			dir = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(filepath.Dir(file), dir)
	}
	return folder(dir)
}

// hangups is the task that reads telecare.yaml again at each SIGHUP. Several
// that come while it is read are one.
type hangups struct{ h *house }

func (t *hangups) String() string { return "reload at SIGHUP" }
func (t *hangups) Ready() error   { return nil }

func (t *hangups) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.h.hangups:
			_, _ = t.h.reload(ctx) // it is told by the log, a fault and a metric
		}
	}
}

// reload reads telecare.yaml and puts it in force: all of it, or nothing. It
// says what has changed.
func (h *house) reload(ctx context.Context) (changes []string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer h.beat.Reloading()()
	if err := h.started(ctx); err != nil {
		return nil, err
	}
	next, err := h.prepare()
	h.gateway.Condition(alerting.ConfigRefused, "telecare.yaml", err != nil)
	if err != nil {
		h.meter.Count("telecare_config_reloads_total", "refused", 1)
		h.meter.Set("telecare_config_reload_successful", "", 0)
		h.log.Error("telecare.yaml is refused; the configuration before it goes on", "error", err)
		return nil, err
	}
	changes = h.switchTo(next)
	h.meter.Count("telecare_config_reloads_total", "ok", 1)
	h.inForce()
	h.log.Info("telecare.yaml is in force", "changes", changes)
	return changes, nil
}

// inForce notes when the configuration in force was read.
func (h *house) inForce() {
	h.meter.Set("telecare_config_reload_successful", "", 1)
	h.meter.Set("telecare_config_reload_success_timestamp_seconds", "", float64(time.Now().Unix()))
}

// started waits for the gateway to have read its journal.
func (h *house) started(ctx context.Context) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !h.gateway.Turning() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return errors.New("the gateway ends")
		}
	}
	return nil
}

// prepare reads telecare.yaml and does everything that can fail. Nothing that
// runs is touched.
func (h *house) prepare() (*parts, error) {
	if h.file == "" {
		return nil, errors.New("there is no telecare.yaml here to read again")
	}
	cfg, err := config.Load(h.file)
	if err != nil {
		return nil, err
	}
	if cfg.Site != h.cfg.Site {
		return nil, fmt.Errorf("site: %q runs, and %q cannot take its place while it does; start the gateway anew", h.cfg.Site, cfg.Site)
	}
	if filepath.Clean(cfg.Data) != filepath.Clean(h.cfg.Data) {
		return nil, fmt.Errorf("data: %q is in use, and %q cannot take its place while it is; start the gateway anew", h.cfg.Data, cfg.Data)
	}
	if err := h.stillCalled(cfg); err != nil {
		return nil, err
	}
	next, err := h.people(cfg, h.parts)
	if err != nil {
		return nil, err
	}
	return next, h.machines(next, h.parts)
}

// stillCalled refuses to take a channel away by which people are called.
func (h *house) stillCalled(cfg *config.Config) error {
	var errs []error
	for _, c := range h.cfg.Channels {
		if slices.ContainsFunc(cfg.Channels, func(d config.Channel) bool { return d.Name == c.Name }) {
			continue
		}
		for _, p := range h.site.Plan.People {
			if p.On(c.Name) {
				errs = append(errs, fmt.Errorf("channels: %q is gone, and people in the registry are called by it; change the registry first, with `telecare apply`", c.Name))
				break
			}
		}
	}
	return errors.Join(errs...)
}

// switchTo puts parts in force in place of those there are. Those who call go
// first, and sources end before others take their place, so that each has a
// port or a session to itself.
func (h *house) switchTo(next *parts) (changes []string) {
	old := h.parts
	changes = next.changes(old)
	for c, cert := range next.renewed {
		c.Store(cert)
	}
	if h.level != nil {
		h.level.Set(next.cfg.Log)
	}
	beforehand(h.meter, next.cfg)
	h.pushing.Store(next.push)
	h.rewire(next)
	h.page.handler.Change(next.settings)
	h.readings.wanted.Store(next.cfg.Influx != nil)

	ending := maps.Clone(old.tasks)
	maps.DeleteFunc(ending, func(name string, p *part) bool { return next.tasks[name] == p })
	starting := maps.Clone(next.tasks)
	maps.DeleteFunc(starting, func(name string, p *part) bool { return old.tasks[name] == p })
	begin := func(before bool) {
		for _, name := range slices.Sorted(maps.Keys(starting)) {
			if p := starting[name]; p.before == before {
				p.start(h.running)
			}
		}
	}
	begin(true)
	var wait sync.WaitGroup
	for name, p := range ending {
		wait.Go(func() { p.end(next.tasks[name]) })
	}
	wait.Wait()
	begin(false)
	next.page.secure(next.pageCert)
	warnOfChannels(next.cfg, h.site, h.log)
	h.cfg, h.parts = next.cfg, next
	h.callers.Store(next.cfg)
	next.renewed, next.opened = nil, nil
	return changes
}

// rewire gives the gateway's loop its new neighbours, and waits until it has
// them: what the old ones are still told is nothing then.
func (h *house) rewire(next *parts) {
	done := make(chan struct{})
	h.gateway.Rewire(gateway.Wiring{
		Notifiers: next.notifiers(), TestEvery: next.testEvery(), Says: next.cfg.Says(),
		Switch: func(all []alerting.Alarm) {
			if t := next.topic; t != h.topic.Load() {
				if t != nil {
					t.Open(all)
				}
				h.topic.Store(t)
			}
			close(done)
		},
	})
	patience := time.NewTimer(5 * time.Second)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C: // a loop that hangs has its own watchdog
	}
}

// end ends a part for the one that takes its place, which may be nil.
func (p *part) end(next *part) {
	if p.leave != nil {
		p.leave(next)
	}
	p.stop()
	if p.ended != nil {
		p.ended(next)
	}
}

// changes says in words how parts differ from those before them.
func (p *parts) changes(old *parts) []string {
	var out []string
	differ(&out, "", old.tasks, p.tasks)
	differ(&out, "channel ", old.channels, p.channels)
	for t, c := range p.certs {
		if p.renewed[c] != nil {
			out = append(out, fmt.Sprintf("certificate %q: renewed", t.Cert))
		}
	}
	if old.cfg.Log != p.cfg.Log {
		out = append(out, "log: "+p.cfg.Log.String())
	}
	if !sameSettings(old, p) {
		out = append(out, "page: accounts, tokens or addresses changed")
	}
	slices.Sort(out)
	return out
}

func differ[K ~string, V comparable](out *[]string, kind string, old, now map[K]V) {
	for name, v := range now {
		if was, ok := old[name]; !ok {
			*out = append(*out, kind+string(name)+": new")
		} else if was != v {
			*out = append(*out, kind+string(name)+": changed")
		}
	}
	for name := range old {
		if _, ok := now[name]; !ok {
			*out = append(*out, kind+string(name)+": gone")
		}
	}
}
