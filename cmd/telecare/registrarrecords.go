package main

import (
	"context"
	"errors"
	"time"

	"telecare/dashboards"
	"telecare/gateway/registry"
)

// Records implements dashboards.Registry.
func (r registrar) Records(ctx context.Context, part string, hidden []string) (int64, []dashboards.Record, error) {
	store := r.store()
	if store == nil {
		return 0, nil, errNotOpen
	}
	edition, all, err := store.Records(ctx, part, hidden)
	if err != nil {
		return 0, nil, edited(err)
	}
	var out []dashboards.Record
	for _, x := range all {
		out = append(out, dashboards.Record(x))
	}
	return edition, out, nil
}

// Edit implements dashboards.Registry.
func (r registrar) Edit(ctx context.Context, e dashboards.RecordEdit) (key string, edition int64, err error) {
	key, err = r.change(ctx, func(s *registry.Store, check func(*registry.Document) error) (string, error) {
		key, c, err := s.Put(ctx, registry.Edit(e), time.Now(), check)
		edition = c.Revision
		return key, edited(err)
	})
	return key, edition, err
}

// Undo implements dashboards.Registry.
func (r registrar) Undo(ctx context.Context, by string, made int64) (edition int64, err error) {
	_, err = r.change(ctx, func(s *registry.Store, check func(*registry.Document) error) (string, error) {
		c, err := s.Undo(ctx, by, made, time.Now(), check)
		edition = c.Revision
		return "", edited(err)
	})
	return edition, err
}

// edited says an error of the store as the page knows it.
func edited(err error) error {
	if w := new(registry.Refused); errors.As(err, &w) {
		out := &dashboards.Wrong{Why: w.Error()}
		for _, m := range w.Mistakes {
			out.Fields = append(out.Fields, dashboards.WrongField{Field: m.Field, Message: m.Says.Error(), Mistake: m.Says})
		}
		return out
	}
	for from, to := range map[error]error{
		registry.ErrEdited: dashboards.ErrEdited, registry.ErrNoRecord: dashboards.ErrNoRecord, registry.ErrNothing: dashboards.ErrNothingToUndo,
	} {
		if errors.Is(err, from) {
			return to
		}
	}
	return err
}
