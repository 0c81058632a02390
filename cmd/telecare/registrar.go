package main

import (
	"context"
	"errors"
	"time"

	"telecare/dashboards"
	"telecare/gateway/config"
	"telecare/gateway/registry"
)

// registrar puts what the interface is asked for into the registry, and the
// registry in force, before it is answered.
type registrar struct{ h *house }

func (r registrar) Stay(ctx context.Context, c dashboards.StayChange) (string, error) {
	n := registry.NewStay{Resident: c.Resident, Place: c.Place, Kind: c.Kind}
	wrong := reads(&n.From, c.From)
	wrong = errors.Join(wrong, reads(&n.Until, c.Until), reads(&n.Hours, c.Hours))
	for _, day := range c.Days {
		var d registry.Day
		wrong = errors.Join(wrong, reads(&d, day))
		n.Days = append(n.Days, d)
	}
	if wrong != nil {
		return "", wrongs(&dashboards.Wrong{Why: wrong.Error()}, wrong)
	}
	return r.change(ctx, func(s *registry.Store, check func(*registry.Document) error) (string, error) {
		if c.ID != "" {
			_, err := s.EndStay(ctx, c.ID, n.Until, time.Now(), check)
			return c.ID, err
		}
		id, _, err := s.AddStay(ctx, n, time.Now(), check)
		return string(id), err
	})
}

func (r registrar) Rest(ctx context.Context, c dashboards.RestChange) (string, error) {
	var from, until registry.When
	if err := errors.Join(reads(&from, c.From), reads(&until, c.Until)); err != nil {
		return "", wrongs(&dashboards.Wrong{Why: err.Error()}, err)
	}
	return r.change(ctx, func(s *registry.Store, check func(*registry.Document) error) (string, error) {
		if c.ID != "" {
			_, err := s.EndRest(ctx, c.ID, until, time.Now(), check)
			return c.ID, err
		}
		id, _, err := s.AddRest(ctx, c.Person, from, until, time.Now(), check)
		return string(id), err
	})
}

var errNotOpen = errors.New("the registry is not open")

// store is nil when it could not be opened.
func (r registrar) store() *registry.Store {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	return r.h.registry
}

// change changes the registry, checked against telecare.yaml as apply does.
func (r registrar) change(ctx context.Context, f func(*registry.Store, func(*registry.Document) error) (string, error)) (string, error) {
	store := r.store()
	if store == nil {
		return "", errNotOpen
	}
	var check func(*registry.Document) error
	if r.h.file != "" {
		cfg, pos, err := config.InspectFile(r.h.file)
		if err != nil {
			return "", err
		}
		check = func(d *registry.Document) error { return fits(cfg, pos, d) }
	}
	id, err := f(store, check)
	if why, ok := registry.IsWrong(err); ok {
		return "", wrongs(&dashboards.Wrong{Why: why}, registry.Mistakes(err)...)
	}
	if err != nil {
		return "", err
	}
	return id, r.h.followRegistry(ctx)
}

// wrongs is w with what the page can say in other languages.
func wrongs[E error](w *dashboards.Wrong, all ...E) *dashboards.Wrong {
	for _, e := range all {
		w.Mistakes = append(w.Mistakes, e)
	}
	return w
}

// reads reads a text that may be left out.
func reads(into interface{ UnmarshalText([]byte) error }, text string) error {
	if text == "" {
		return nil
	}
	return into.UnmarshalText([]byte(text))
}
