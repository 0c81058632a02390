package main

import (
	"context"
	"fmt"
	"os"

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
		cfg, pos, err := config.InspectFile(c.Config)
		if err != nil {
			return err
		}
		if err := fits(cfg, pos, doc); err != nil {
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
	data, err := c.data()
	if err != nil {
		return err
	}
	_, err = data.ask(ctx, s, "registry") // or it is in force from the next start
	return err
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

func readRegistry(file string) (*registry.Document, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	return registry.Parse(file, b)
}
