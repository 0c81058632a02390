package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/dashboards"
	"telecare/gateway/registry"
)

// subjects implements dashboards.Subjects: the registry, what is made of it, and
// the book of looks.
type subjects struct{ registrar }

func (r subjects) Subject(ctx context.Context, id string) (dashboards.Subject, error) {
	store := r.store()
	if store == nil {
		return dashboards.Subject{}, errNotOpen
	}
	s, err := store.Subject(ctx, id)
	if err != nil {
		return dashboards.Subject{}, edited(err)
	}
	out := dashboards.Subject{Key: s.Key, Name: s.Name, Record: s.Record, KeySafe: s.KeySafe, Watches: s.Watches}
	for _, d := range s.Devices {
		out.Devices = append(out.Devices, dashboards.Device{ID: d.ID, Name: d.Name, Address: d.Address})
	}
	return out, nil
}

// Erase takes somebody out of the registry, out of the copy of it that is read at
// a start without it, and out of the reasons in the book.
func (r subjects) Erase(ctx context.Context, id string) (dashboards.Erasure, error) {
	var gone registry.Erased
	_, err := r.change(ctx, func(s *registry.Store, check func(*registry.Document) error) (string, error) {
		var err error
		gone, err = s.Erase(ctx, id, time.Now(), check)
		if errors.Is(err, registry.ErrStaying) {
			return "", dashboards.ErrStaying
		}
		return "", edited(err)
	})
	if err != nil {
		return dashboards.Erasure{}, err
	}
	last, err := r.h.data.lastSite()
	if err == nil && last.Revision < gone.Revision {
		err = errors.New("it is as it was before")
	}
	if err != nil {
		return dashboards.Erasure{}, fmt.Errorf("somebody was erased from the registry and is still in %q: %w", r.h.data.lastSiteFile(), err)
	}
	reasons, err := r.unnamed(alerting.ResidentID(id), registry.Names(gone.Name))
	if err != nil {
		return dashboards.Erasure{}, err
	}
	return dashboards.Erasure{Edition: gone.Revision, Stays: len(gone.Stays), Watches: len(gone.Watches), Reasons: reasons, Left: gone.Left}, nil
}

// unnamed takes out the reasons that were given for looks at somebody's, and those
// in which somebody is named.
func (r subjects) unnamed(id alerting.ResidentID, named func(string) bool) (n int, err error) {
	err = r.h.book.Rewrite(func(line []byte) []byte {
		var l dashboards.Look
		if json.Unmarshal(line, &l) != nil || l.Why == "" || !slices.Contains(l.Of, id) && !named(l.Why) {
			return line
		}
		l.Why = ""
		b, err := json.Marshal(l)
		if err != nil { // it is texts and a time
			return line
		}
		n++
		return b
	})
	return n, err
}
