package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"telecare/alerting/report"
	"telecare/alerting/words"
	"telecare/gateway/config"
	"telecare/gateway/journal"
	"telecare/gateway/registry"
)

type reportCommand struct {
	remote
	Data      string `help:"The data folder of a gateway that does not run, instead of the configuration's." type:"path"`
	Month     string `placeholder:"2026-10" help:"The calendar month; this month, when nothing is given."`
	From      string `placeholder:"DAY" help:"Instead of a month: the first day, such as 2026-10-05."`
	To        string `placeholder:"DAY" help:"And the last day; it is in the report."`
	CSV       bool   `name:"csv" help:"Write a row for each alarm, for a spreadsheet."`
	Anonymous bool   `help:"Leave names out: opaque ids stay."`
}

// Help says where it comes from.
func (reportCommand) Help() string {
	return "A gateway that runs is asked; when none does, its journal is read. docs/numbers.md says what each number means."
}

func (c *reportCommand) Run(ctx context.Context, s streams) error {
	if c.JSON && c.CSV {
		return errors.New("give --json or --csv, not both")
	}
	if c.URL != "" {
		return c.ask(ctx, s)
	}
	cfg, err := config.Load(c.Config)
	if err != nil {
		return fmt.Errorf("%w; or name a gateway elsewhere by --url", err)
	}
	data := folder(cfg.Data)
	if c.Data != "" {
		data = folder(c.Data)
	} else if data.running(ctx) {
		return c.ask(ctx, s)
	}
	if err := data.asOwner(); err != nil {
		return err
	}
	return c.read(ctx, s, cfg, data)
}

// reportLimit is how long a gateway may take to play a long journal again
// while it gives way to everything else.
const reportLimit = 30 * time.Minute

// ask has a gateway make the report.
func (c *reportCommand) ask(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	gw.http.Timeout = reportLimit
	q := url.Values{}
	for key, value := range map[string]string{"month": c.Month, "from": c.From, "to": c.To} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if c.Anonymous {
		q.Set("anonymous", "true")
	}
	if c.CSV {
		q.Set("format", "csv")
	}
	b, err := gw.call(ctx, http.MethodGet, "/report?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	if c.CSV || c.JSON {
		_, err := s.out.Write(b)
		return err
	}
	var r report.Report
	if err := json.Unmarshal(b, &r); err != nil {
		return fmt.Errorf("%s answers what is not understood: %w", gw.base, err)
	}
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return fmt.Errorf("%s answers what is not understood: %w", gw.base, err)
	}
	r.In(zone)
	return r.WriteText(s.out, words.Lang(r.Lang))
}

// read makes the report of the journal of a gateway that does not run.
func (c *reportCommand) read(ctx context.Context, s streams, cfg *config.Config, data folder) (err error) {
	j, err := journal.OpenReader(ctx, data.journal())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no gateway has run here yet, there is no journal: %w; name its folder by --data, or a gateway elsewhere by --url", err)
	}
	if err != nil {
		return err
	}
	defer j.Close()
	store, err := registry.Open(ctx, data.registry())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	site, err := store.Load(ctx)
	if err != nil {
		return err
	}
	span, err := report.ParseSpan(c.Month, c.From, c.To, site.Zone.Location, time.Now())
	if err != nil {
		return err
	}
	n := newNumbers(j, data.marks(slog.New(slog.DiscardHandler)), nil, func() (*config.Config, *registry.Site) { return cfg, site })
	r, err := n.Report(ctx, span)
	if err != nil {
		return err
	}
	if !c.Anonymous {
		ward := wardOf(site)
		r = r.Named(ward.Names(true))
	}
	var b bytes.Buffer
	switch {
	case c.CSV:
		err = r.WriteCSV(&b)
	case c.JSON:
		err = r.WriteJSON(&b)
	default:
		err = r.WriteText(&b, words.Lang(r.Lang))
	}
	if err == nil {
		_, err = s.out.Write(b.Bytes())
	}
	return err
}
