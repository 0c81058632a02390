package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/config"
	"telecare/gateway/influx"
	"telecare/gateway/metrics"
)

// readingsTask is the spool, which need not be there yet, and what forwards it.
type readingsTask struct {
	h     *house
	cfg   *config.Influx
	meter *metrics.Meter
	spool atomic.Pointer[influx.Spool]
}

var errNoSpool = errors.New("the spool is not open")

// Append keeps readings, once the spool is there.
func (r *readingsTask) Append(ctx context.Context, samples []devices.Sample, closed []alerting.Alarm) error {
	s := r.spool.Load()
	if s == nil {
		return errNoSpool
	}
	return s.Append(ctx, samples, closed)
}

func (r *readingsTask) open(ctx context.Context) error {
	s, err := influx.OpenSpool(ctx, r.h.data.spool(), string(r.h.cfg.Site), r.cfg.Quota)
	if err != nil {
		return err
	}
	r.spool.Store(s)
	return nil
}

func (r *readingsTask) close() error {
	if s := r.spool.Load(); s != nil {
		return s.Close()
	}
	return nil
}

func (r *readingsTask) String() string { return "readings to influxdb" }

// Ready says whether readings are kept.
func (r *readingsTask) Ready() error {
	if r.spool.Load() == nil {
		return errNoSpool
	}
	return nil
}

// Run opens the spool if it must, and forwards until ctx ends.
func (r *readingsTask) Run(ctx context.Context) error {
	if r.spool.Load() == nil {
		if err := r.open(ctx); err != nil {
			return err // and is tried again
		}
	}
	f := influx.NewForwarder(influx.Config{
		URL: r.cfg.URL, Token: r.cfg.Token.Reveal(), Org: r.cfg.Org, Bucket: r.cfg.Bucket,
	}, r.spool.Load(), r.h.log, func(on bool, _ string) { r.h.gateway.Condition(alerting.InfluxDown, "influxdb", on) })
	gauges, stop := context.WithCancel(ctx)
	defer stop()
	go r.gauges(gauges, f)
	return f.Run(ctx)
}

// gauges shows what waits for InfluxDB.
func (r *readingsTask) gauges(ctx context.Context, f *influx.Forwarder) {
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	last := f.Stats()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			now := f.Stats()
			r.meter.Set("telecare_spool_points", "", float64(now.Points))
			r.meter.Set("telecare_spool_bytes", "", float64(now.Bytes))
			r.meter.Count("telecare_influx_points_written_total", "", float64(now.Written-last.Written))
			r.meter.Count("telecare_influx_points_poisoned_total", "", float64(now.Poisoned-last.Poisoned))
			r.meter.Count("telecare_spool_dropped_points_total", "", float64(now.Dropped-last.Dropped))
			last = now
		}
	}
}
