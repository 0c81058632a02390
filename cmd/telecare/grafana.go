package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"telecare/dashboards/grafana"
	"telecare/gateway/config"
)

type grafanaCommand struct {
	Out          string `required:"" help:"The folder to write to, made where it is not there." type:"path" placeholder:"DIR"`
	Influx       string `enum:"flux,influxql" default:"flux" help:"How Grafana asks InfluxDB: flux (2.x, and 1.8 with flux-enabled = true) or influxql (any 1.x as it is)."`
	Config       string `short:"c" default:"telecare.yaml" help:"Where site, page and InfluxDB are read from; without it those of one machine are taken." type:"path"`
	Prometheus   string `help:"Prometheus' address, as Grafana reaches it." placeholder:"URL"`
	Alertmanager string `help:"Alertmanager's address, as Prometheus reaches it." placeholder:"HOST:PORT"`
}

func (c *grafanaCommand) Run(s streams) error {
	o := grafana.Options{Influx: grafana.Influx(c.Influx), PrometheusURL: c.Prometheus, Alertmanager: c.Alertmanager}
	cfg, err := config.Load(c.Config)
	switch {
	case err == nil:
		o.Site, o.Gateway, o.TLS = string(cfg.Site), cfg.Page.Listen, cfg.Page.TLS != nil
		if cfg.Influx != nil {
			o.InfluxURL, o.Org, o.Bucket = cfg.Influx.URL, cfg.Influx.Org, cfg.Influx.Bucket
		}
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(s.err, "telecare: there is no %q: addresses are those of everything on one machine\n", c.Config)
	default:
		return err
	}
	files, err := grafana.Files(o)
	if err != nil {
		return err
	}
	for _, f := range files { // before anything is written
		path := filepath.Join(c.Out, filepath.FromSlash(f.Path))
		is, err := os.ReadFile(path)
		if err == nil && !grafana.Ours(is) {
			return fmt.Errorf("%q is there already and was not written by this command: choose another folder", path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && !bytes.Equal(is, f.Content) {
			fmt.Fprintf(s.out, "replacing %s\n", path)
		}
	}
	for _, f := range files {
		path := filepath.Join(c.Out, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Content, 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.out, "wrote %d files to %s; README.md there says where each belongs\n", len(files), c.Out)
	return nil
}
