package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"telecare/gateway/config"
	"telecare/gateway/influx"
	"telecare/gateway/metrics"
)

type runCommand struct {
	Config string `short:"c" default:"telecare.yaml" help:"The configuration." type:"path"`
}

func (c *runCommand) Run(ctx context.Context, s streams) (err error) {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: cfg.Log}))
	h, err := assemble(ctx, cfg, nil, log)
	defer func() { err = errors.Join(err, h.close()) }()
	if err != nil {
		return err
	}
	log.Info("gateway starts", "site", cfg.Site, "version", version, "page", cfg.Page.Listen)
	defer log.Info("gateway has ended")
	return h.run(ctx)
}

// spoolGauges shows what waits for InfluxDB.
type spoolGauges struct {
	spool     *influx.Spool
	forwarder *influx.Forwarder
	meter     *metrics.Meter
}

func (g *spoolGauges) String() string { return "gauges of the spool" }
func (g *spoolGauges) Ready() error   { return nil }

func (g *spoolGauges) Run(ctx context.Context) error {
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	var last influx.Stats
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
			now := g.forwarder.Stats()
			g.meter.Set("telecare_spool_points", "", float64(now.Points))
			g.meter.Set("telecare_spool_bytes", "", float64(now.Bytes))
			g.meter.Count("telecare_influx_points_written_total", "", float64(now.Written-last.Written))
			g.meter.Count("telecare_influx_points_poisoned_total", "", float64(now.Poisoned-last.Poisoned))
			g.meter.Count("telecare_spool_dropped_points_total", "", float64(now.Dropped-last.Dropped))
			last = now
		}
	}
}
