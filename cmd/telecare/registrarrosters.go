package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/dashboards"
	"telecare/gateway/registry"
)

// Roster changes a roster. The store knows keys and names; what comes by the
// interface may be an id, too.
func (r registrar) Roster(ctx context.Context, c dashboards.RosterChange) (events int, err error) {
	r.h.mu.Lock()
	site := r.h.site
	r.h.mu.Unlock()
	roster, zone := c.Roster, site.Zone
	for _, x := range site.Rosters {
		if string(x.ID) == c.Roster || x.Key == c.Roster || strings.EqualFold(x.Name, c.Roster) {
			roster, zone = x.Key, alerting.Zone{Location: cmp.Or(site.Plan.Rosters[x.ID].Zone.Location, site.Zone.Location)}
		}
	}
	key := func(who string) string {
		for _, p := range site.Responders {
			if string(p.ID) == who {
				return p.Key
			}
		}
		return who
	}
	edit := func(f func(*registry.Store, func(*registry.Document) error) error) error {
		_, err := r.change(ctx, func(s *registry.Store, check func(*registry.Document) error) (string, error) { return "", f(s, check) })
		return err
	}
	switch {
	case c.Override != nil:
		o := registry.NewOverride{}
		from, e1 := registry.ParseMoment(c.Override.From, zone)
		until, e2 := registry.ParseMoment(c.Override.Until, zone)
		if err := errors.Join(e1, e2); err != nil {
			return 0, wrongs(&dashboards.Wrong{Why: err.Error()}, err)
		}
		if o.From, o.Until = from, until; c.Override.Instead != "" {
			o.Instead = key(c.Override.Instead)
		}
		for _, who := range c.Override.Who {
			o.Who = append(o.Who, key(who))
		}
		return 0, edit(func(s *registry.Store, check func(*registry.Document) error) error {
			_, err := s.AddOverride(ctx, roster, o, check)
			return err
		})
	case c.Swap != nil:
		var turn, on alerting.Date
		if err := errors.Join(turn.UnmarshalText([]byte(c.Swap.Turn)), on.UnmarshalText([]byte(c.Swap.For))); err != nil {
			return 0, wrongs(&dashboards.Wrong{Why: err.Error()}, err)
		}
		return 0, edit(func(s *registry.Store, check func(*registry.Document) error) error {
			_, err := s.AddSwap(ctx, roster, key(c.Swap.Who), turn, key(c.Swap.With), on, check)
			return err
		})
	case c.Calendar != nil:
		return r.calendar(ctx, roster, zone, *c.Calendar, edit)
	}
	at, err := registry.ParseMoment(c.Without, zone)
	if err != nil {
		return 0, wrongs(&dashboards.Wrong{Why: err.Error()}, err)
	}
	return 0, edit(func(s *registry.Store, check func(*registry.Document) error) error {
		_, err := s.RemoveOverrides(ctx, roster, at, check)
		return err
	})
}

// calendar takes who is on call from a calendar.
func (r registrar) calendar(ctx context.Context, roster string, zone alerting.Zone, c dashboards.CalendarChange, edit func(func(*registry.Store, func(*registry.Document) error) error) error) (events int, err error) {
	from := time.Now().Truncate(time.Minute)
	if c.From != "" {
		if from, err = registry.ParseMoment(c.From, zone); err != nil {
			return 0, wrongs(&dashboards.Wrong{Why: err.Error()}, err)
		}
	}
	until := from.AddDate(1, 0, 0)
	if c.Until != "" {
		if until, err = registry.ParseMoment(c.Until, zone); err != nil {
			return 0, wrongs(&dashboards.Wrong{Why: err.Error()}, err)
		}
	}
	if !until.After(from) || until.After(from.AddDate(10, 0, 0)) {
		return 0, &dashboards.Wrong{Why: "until is after from, and at most ten years after it"}
	}
	err = edit(func(s *registry.Store, check func(*registry.Document) error) error {
		b, err := s.Export(ctx)
		if err != nil {
			return err
		}
		doc, err := registry.Parse("`telecare export`", b)
		if err != nil {
			return fmt.Errorf("read the registry in force: %w", err)
		}
		var all []registry.NewOverride
		if events, all, err = readCalendar([]byte(c.Text), zone, from, until, doc); err != nil {
			return wrongs(&dashboards.Wrong{Why: err.Error()}, err)
		}
		_, err = s.Calendar(ctx, roster, c.Name, all, check)
		return err
	})
	return events, err
}
