package registry

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"telecare/gateway/strictyaml"
)

// Wrong says that what is asked for cannot be put in force, and why. It quotes
// the document: it is for whoever asked, not for a log.
type Wrong struct{ Text strictyaml.Text }

func (w *Wrong) Error() string { return w.Text.Error() }

func wrong(format string, args ...any) error { return &Wrong{strictyaml.Textf(format, args...)} }

// edit changes the document in force: the whole is checked as Apply's is, and by
// check, which may be nil.
func (s *Store) edit(ctx context.Context, check func(*Document) error, change func(*data) error) (Changes, error) {
	return s.editFrom(ctx, check, func(_ inForce, d *data) error { return change(d) })
}

// editFrom is edit for a change that must know of what.
func (s *Store) editFrom(ctx context.Context, check func(*Document) error, change func(inForce, *data) error) (Changes, error) {
	return s.change(ctx, func(was inForce) (*data, error) {
		if was.body == nil {
			return nil, ErrEmpty
		}
		d, err := decode(was.body)
		if err != nil {
			return nil, err
		}
		if err := change(was, &d); err != nil {
			return nil, err
		}
		b, err := encode(&d)
		if err != nil {
			return nil, err
		}
		whole, err := Parse("`telecare export`, so changed", b)
		if err != nil {
			return nil, err
		}
		if check != nil {
			if err := check(whole); err != nil {
				return nil, err
			}
		}
		return &whole.data, nil
	}, nil)
}

// IsWrong reports whether an error is about what was asked for, and says it.
func IsWrong(err error) (string, bool) {
	var lines []string
	for _, t := range Mistakes(err) {
		lines = append(lines, t.Error())
	}
	return strings.Join(lines, "; "), len(lines) > 0
}

// Mistakes are what is wrong with what was asked for; none where the error is
// about something else.
func Mistakes(err error) []strictyaml.Text {
	if w := new(Wrong); errors.As(err, &w) {
		return []strictyaml.Text{w.Text}
	}
	var out []strictyaml.Text
	if all := (strictyaml.Errors{}); errors.As(err, &all) {
		for _, e := range all {
			out = append(out, e.Text)
		}
	}
	return out
}

// NewStay is one more stay. Resident and Place are keys, ids or names.
type NewStay struct {
	Resident, Place string
	Kind            string
	From, Until     When // From zero is now
	Days            Days
	Hours           Hours
}

// AddStay puts one more stay in force.
func (s *Store) AddStay(ctx context.Context, n NewStay, now time.Time, check func(*Document) error) (StayID, Changes, error) {
	site, err := s.Load(ctx)
	if err != nil {
		return "", Changes{}, err
	}
	var added docStay
	changes, err := s.edit(ctx, check, func(d *data) error {
		added = docStay{Kind: n.Kind, From: n.From, Until: n.Until, Days: n.Days, Hours: n.Hours}
		if added.From.IsZero() {
			added.From = WhenAt(now, d.location())
		}
		if added.Resident, err = site.residentKey(n.Resident); err != nil {
			return err
		}
		if added.Place, err = site.placeKey(n.Place); err != nil {
			return err
		}
		d.Stays = append(d.Stays, added)
		return nil
	})
	if err != nil {
		return "", Changes{}, err
	}
	if site, err = s.Load(ctx); err != nil {
		return "", changes, err
	}
	return site.Stays[len(site.Stays)-1].ID, changes, nil
}

// EndStay ends a stay, or lets it last longer; until zero is now. which is the
// stay's id, or who stays: a key, id or name. One that has not begun by then is
// taken out.
func (s *Store) EndStay(ctx context.Context, which string, until When, now time.Time, check func(*Document) error) (Changes, error) {
	site, err := s.Load(ctx)
	if err != nil {
		return Changes{}, err
	}
	return s.edit(ctx, check, func(d *data) error {
		if len(d.Stays) != len(site.Stays) {
			return errors.New("the registry has changed meanwhile; try again")
		}
		i := slices.IndexFunc(site.Stays, func(t Stay) bool { return string(t.ID) == which })
		if i < 0 {
			key, err := site.residentKey(which)
			if err != nil {
				return err
			}
			if i = site.present(key, now); i < 0 {
				if next, ok := site.next(key, now); ok {
					return wrong("%q is on no stay now but at home; the next begins at %s: telecare stays end %s takes it out", which, WhenAt(next.From, site.Zone.Location), next.ID)
				}
				return wrong("%q is on no stay now but at home; name the stay by its id, which telecare stays --all lists", which)
			}
		}
		zone, until := d.location(), until
		if until.IsZero() {
			until = WhenAt(now, zone)
		}
		stay := &d.Stays[i]
		if begin := stay.From.begin(zone); !until.end(zone).After(begin) {
			if began := until.end(zone).Before(begin) && !begin.After(now); began {
				return wrong("the stay began at %s; it cannot end at %s", stay.From, until)
			}
			d.Stays = slices.Delete(d.Stays, i, i+1)
			return nil
		}
		stay.Until = until
		return nil
	})
}

// next is the stay of a resident that begins first from now on, home not counted.
func (s *Site) next(resident string, now time.Time) (next Stay, ok bool) {
	for _, t := range s.Stays {
		if !t.Home && t.From.After(now) && s.residentKeyOf(t.Resident) == resident && (!ok || t.From.Before(next.From)) {
			next, ok = t, true
		}
	}
	return next, ok
}

// present is the stay that a resident is in now, home not counted; -1 for none.
func (s *Site) present(resident string, now time.Time) int {
	return slices.IndexFunc(s.Stays, func(t Stay) bool {
		t.Hours = nil // also in the evening it is the day care that is ended
		return !t.Home && t.At(now, s.Zone) && s.residentKeyOf(t.Resident) == resident
	})
}
