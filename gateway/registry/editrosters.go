package registry

import (
	"context"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
)

// NewOverride puts people on call for a time, in the place of one or, when
// Instead is "", of all. People are keys or names.
type NewOverride struct {
	From, Until time.Time
	Who         []string
	Instead     string
}

// AddOverride puts one more override of a roster in force, after those there
// are. Roster is a key or a name.
func (s *Store) AddOverride(ctx context.Context, roster string, n NewOverride, check func(*Document) error) (Changes, error) {
	return s.editRoster(ctx, roster, check, func(d *data, r *docRoster) error {
		o, err := d.override(r, n)
		r.Overrides = append(r.Overrides, o)
		return err
	})
}

// RemoveOverrides takes out the overrides of a roster that last at a moment.
func (s *Store) RemoveOverrides(ctx context.Context, roster string, at time.Time, check func(*Document) error) (Changes, error) {
	return s.editRoster(ctx, roster, check, func(d *data, r *docRoster) error {
		zone := r.zoneOf(d)
		n := len(r.Overrides)
		r.Overrides = slices.DeleteFunc(r.Overrides, func(o docOverride) bool { return !at.Before(o.From.in(zone)) && at.Before(o.Until.in(zone)) })
		if len(r.Overrides) == n {
			return wrong("roster %q has no override at that time", r.Key)
		}
		return nil
	})
}

// AddSwap puts one more swap of a roster in force: with does who's turns and
// shifts that begin on the day turn, and who with's that begin on the day on.
func (s *Store) AddSwap(ctx context.Context, roster, who string, turn alerting.Date, with string, on alerting.Date, check func(*Document) error) (Changes, error) {
	return s.editRoster(ctx, roster, check, func(d *data, r *docRoster) error {
		a, err := d.responder(who)
		if err != nil {
			return err
		}
		b, err := d.responder(with)
		r.Swaps = append(r.Swaps, docSwap{Who: a, Turn: Date(turn), With: b, For: Date(on)})
		return err
	})
}

// Calendar puts the overrides of a calendar in force, in the place of those that
// were read from a calendar of that name before. They come before all others:
// what people have written by hand goes over a calendar.
func (s *Store) Calendar(ctx context.Context, roster, name string, all []NewOverride, check func(*Document) error) (Changes, error) {
	return s.editRoster(ctx, roster, check, func(d *data, r *docRoster) error {
		var out []docOverride
		for _, n := range all {
			o, err := d.override(r, n)
			if err != nil {
				return err
			}
			o.Calendar = name
			out = append(out, o)
		}
		r.Overrides = append(out, slices.DeleteFunc(r.Overrides, func(o docOverride) bool { return o.Calendar == name })...)
		return nil
	})
}

func (s *Store) editRoster(ctx context.Context, roster string, check func(*Document) error, change func(*data, *docRoster) error) (Changes, error) {
	return s.edit(ctx, check, func(d *data) error {
		var keys []string
		for i := range d.Rosters {
			r := &d.Rosters[i]
			if r.Key == roster || r.Name != "" && strings.EqualFold(r.Name, roster) {
				return change(d, r)
			}
			keys = append(keys, r.Key)
		}
		return wrong("there is no roster %q; there are: %s", roster, strings.Join(keys, ", "))
	})
}

// zoneOf is where its wall clock hangs, in a document that was checked.
func (r *docRoster) zoneOf(d *data) alerting.Zone {
	site, err := time.LoadLocation(d.Zone)
	if err != nil {
		site = time.UTC
	}
	zone, err := r.zone(alerting.Zone{Location: site})
	if err != nil {
		return alerting.Zone{Location: site}
	}
	return zone
}

// override writes times as the wall shows them, with the offset: an hour may
// come twice.
func (d *data) override(r *docRoster, n NewOverride) (docOverride, error) {
	at := func(t time.Time) Moment { return Moment(t.In(r.zoneOf(d).Location).Format(time.RFC3339)) }
	o := docOverride{From: at(n.From), Until: at(n.Until)}
	for _, who := range n.Who {
		key, err := d.responder(who)
		if err != nil {
			return o, err
		}
		o.Who = append(o.Who, key)
	}
	if n.Instead == "" {
		return o, nil
	}
	var err error
	o.Instead, err = d.responder(n.Instead)
	return o, err
}

// responder finds somebody by key or name.
func (d *data) responder(who string) (key string, err error) {
	var keys []string
	for _, r := range d.Responders {
		if r.Key == who || strings.EqualFold(r.Name, who) {
			return r.Key, nil
		}
		keys = append(keys, r.Key)
	}
	return "", wrong("there is no responder %q; there are: %s", who, strings.Join(keys, ", "))
}

// Responder finds somebody by key or name; "" is nobody.
func (d *Document) Responder(who string) string {
	key, _ := d.responder(strings.TrimSpace(who)) // that there is nobody is the answer
	return key
}
