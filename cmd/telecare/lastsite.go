package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"telecare/gateway/registry"
	"telecare/gateway/sqlite"
)

// openRegistry opens the registry and reads the site. When that cannot be done,
// or it is gone, it takes the site as it was read the last time: people must be
// called also when the disk has gone bad.
func (h *house) openRegistry(ctx context.Context) (*registry.Site, error) {
	site, err := h.loadRegistry(ctx)
	if err == nil {
		if err := h.data.keepSite(site); err != nil {
			h.log.Error("the registry is not kept for a start without it", "error", err)
		}
		return site, nil
	}
	last, lastErr := h.data.lastSite()
	switch {
	case errors.Is(err, registry.ErrEmpty) && errors.Is(lastErr, fs.ErrNotExist): // there never was one
		return nil, err
	case lastErr != nil:
		return nil, errors.Join(err, lastErr)
	}
	h.log.Error("the registry cannot be read; the one of the last start is in force", "error", err, "revision", last.Revision)
	last.Revision = 0 // whatever is applied or can be read again takes its place, of whatever revision
	return last, nil
}

func (h *house) loadRegistry(ctx context.Context) (*registry.Site, error) {
	if h.registry == nil {
		store, err := registry.Open(ctx, h.data.registry())
		if err != nil {
			return nil, err
		}
		h.registry = store
		h.closing(store.Close)
		if h.demo != nil {
			if err := h.demo.register(ctx, store); err != nil {
				return nil, err
			}
		}
	}
	return h.registry.Load(ctx)
}

// lastSiteFile holds people's data, as the registry does: it is rewritten with
// every change of it, so that what is erased there is erased here.
func (f folder) lastSiteFile() string { return filepath.Join(string(f), "registry.last.json") }

// keepSite writes the site down for a start without the registry.
func (f folder) keepSite(s *registry.Site) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return sqlite.Replace(f.lastSiteFile(), b)
}

// lastSite is what keepSite wrote.
func (f folder) lastSite() (*registry.Site, error) {
	b, err := os.ReadFile(f.lastSiteFile())
	if err != nil {
		return nil, fmt.Errorf("the registry of the last start: %w", err)
	}
	var s registry.Site
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("the registry of the last start: %w", err)
	}
	if err := s.Plan.Check(); err != nil {
		return nil, fmt.Errorf("the registry of the last start: %w", err)
	}
	return &s, nil
}
