package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/config"
	"telecare/gateway/influx"
	"telecare/gateway/metrics"
)

// readings are kept in the spool, which need not be there yet, as long as there
// is an InfluxDB for them.
type readings struct {
	h      *house
	meter  *metrics.Meter
	wanted atomic.Bool
	spool  atomic.Pointer[influx.Spool]
	mu     sync.Mutex // over opening
}

var errNoSpool = errors.New("the spool is not open")

// Append keeps readings, once the spool is there.
func (r *readings) Append(ctx context.Context, samples []devices.Sample, closed []alerting.Alarm) error {
	if !r.wanted.Load() {
		return nil
	}
	s := r.spool.Load()
	if s == nil {
		return errNoSpool
	}
	return s.Append(ctx, samples, closed)
}

// open opens the spool, if it is not.
func (r *readings) open(ctx context.Context, quota int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spool.Load() != nil {
		return nil
	}
	s, err := influx.OpenSpool(ctx, r.h.data.spool(), string(r.h.cfg.Site), quota, r.h.log)
	if err != nil {
		return err
	}
	r.spool.Store(s)
	return nil
}

// resize gives an open spool another quota.
func (r *readings) resize(quota int64) {
	if s := r.spool.Load(); s != nil {
		s.SetQuota(quota)
	}
}

func (r *readings) close() error {
	if s := r.spool.Load(); s != nil {
		return s.Close()
	}
	return nil
}

// forwarding brings them to one InfluxDB.
type forwarding struct {
	*readings
	cfg *config.Influx
}

func (f *forwarding) String() string { return "readings to influxdb" }

// Ready says whether readings are kept.
func (f *forwarding) Ready() error {
	if f.spool.Load() == nil {
		return errNoSpool
	}
	return nil
}

// Run opens the spool if it must, and forwards until ctx ends.
func (f *forwarding) Run(ctx context.Context) error {
	if err := f.open(ctx, f.cfg.Quota); err != nil {
		return err // and is tried again
	}
	to := influx.NewForwarder(influx.Config{
		URL: f.cfg.URL, Token: f.cfg.Token.Reveal(), Org: f.cfg.Org, Bucket: f.cfg.Bucket,
	}, f.spool.Load(), f.h.log, func(on bool, _ string) { f.h.gateway.Condition(alerting.InfluxDown, "influxdb", on) })
	var gauges sync.WaitGroup
	gauges.Go(func() { f.gauges(ctx, to) })
	defer gauges.Wait()
	return to.Run(ctx)
}

// gauges shows what waits for InfluxDB.
func (r *readings) gauges(ctx context.Context, f *influx.Forwarder) {
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
