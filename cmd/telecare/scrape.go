package main

import (
	"net/http"

	"telecare/devices"
	"telecare/gateway/config"
	"telecare/gateway/metrics"
	"telecare/gateway/registry"
)

// scraped serves /metrics; what is asked for rather than counted is asked for
// then.
func (h *house) scraped(meter *metrics.Meter) http.Handler {
	page := meter.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ready := 0.0
		if h.gateway.Ready() == nil {
			ready = 1
		}
		meter.Set("telecare_ready", "", ready)
		meter.Set("telecare_screens", "", float64(h.hub.Screens()))
		page.ServeHTTP(w, r)
	})
}

// beforehand makes the counters of all sources and channels appear at zero: an
// alert rule sees the first one counted only where there was one before it.
func beforehand(meter *metrics.Meter, cfg *config.Config) {
	for _, d := range metrics.Table() {
		if !d.Counter || len(d.Labels) != 1 {
			continue
		}
		switch d.Labels[0] {
		case "source":
			for _, s := range cfg.Sources {
				meter.Count(d.Name, s.Name, 0)
			}
		case "channel":
			for _, c := range cfg.Channels {
				meter.Count(d.Name, string(c.Name), 0)
			}
		}
	}
}

// keepStanding forgets the metrics of devices that are not registered any more.
func (h *house) keepStanding(site *registry.Site) {
	registered := map[devices.ID]bool{}
	for _, d := range site.Devices {
		registered[d.ID] = true
	}
	h.standing.Keep(func(id devices.ID) bool { return registered[id] })
}
