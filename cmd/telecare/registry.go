package main

import (
	"context"
	"fmt"
	"os"

	"telecare/alerting"
	"telecare/gateway/config"
	"telecare/gateway/registry"
)

type applyCommand struct {
	place
	File string `short:"f" required:"" help:"The registry file to put in force." type:"path"`
}

func (c *applyCommand) Run(ctx context.Context, s streams) (err error) {
	doc, err := readRegistry(c.File)
	if err != nil {
		return err
	}
	if c.Data == "" { // with --data there need not be a configuration
		cfg, err := config.Load(c.Config)
		if err != nil {
			return err
		}
		if err := fits(cfg, doc); err != nil {
			return err
		}
	}
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := store.Close(); err == nil {
			err = e
		}
	}()
	changes, err := store.Apply(ctx, doc)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, changes)
	return nil
}

type exportCommand struct{ place }

func (c *exportCommand) Run(ctx context.Context, s streams) (err error) {
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := store.Close(); err == nil {
			err = e
		}
	}()
	b, err := store.Export(ctx)
	if err != nil {
		return err
	}
	_, err = s.out.Write(b)
	return err
}

func (p place) open(ctx context.Context) (*registry.Store, error) {
	data, err := p.data()
	if err != nil {
		return nil, err
	}
	if err := data.make(); err != nil {
		return nil, err
	}
	return registry.Open(ctx, data.registry())
}

// fits says where a registry and a configuration do not go together.
func fits(cfg *config.Config, doc *registry.Document) error {
	if doc.SiteID() != cfg.Site {
		return fmt.Errorf("the registry is of site %q, the configuration of site %q: they must be the same", doc.SiteID(), cfg.Site)
	}
	var channels []alerting.ChannelID
	for _, c := range cfg.Channels {
		channels = append(channels, c.Name)
	}
	if err := doc.CheckChannels(channels); err != nil {
		return err
	}
	for _, a := range cfg.Page.Accounts {
		if a.Person != "" && !doc.HasResponder(a.Person) {
			return fmt.Errorf("account %q of the page is for responder %q, who is not in the registry", a.Name, a.Person)
		}
	}
	return nil
}

func readRegistry(file string) (*registry.Document, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	return registry.Parse(file, b)
}

type checkCommand struct {
	Config   string `short:"c" default:"${config}" help:"The configuration." type:"path"`
	Registry string `short:"f" optional:"" help:"A registry file to check too." type:"path"`
}

func (c *checkCommand) Run(s streams) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: good: site %q, %d sources, %d channels\n", c.Config, cfg.Site, len(cfg.Sources), len(cfg.Channels))
	for _, src := range cfg.Sources {
		if src.Serial != nil {
			fmt.Fprintf(s.out, "source %q: not guaranteed: this serial line has no acknowledgment, what it says while the gateway is down is lost\n", src.Name)
		}
	}
	if c.Registry == "" {
		return nil
	}
	doc, err := readRegistry(c.Registry)
	if err != nil {
		return err
	}
	if err := fits(cfg, doc); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: good\n", c.Registry)
	return nil
}
