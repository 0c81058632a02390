package registry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// RestID finds a rest again.
type RestID string

// RestIDOf is of who, and from when.
func RestIDOf(who alerting.Person, from time.Time) RestID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", who, from.Unix()))
	return RestID("e-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])))
}

// AddRest has a carer rest; from zero is now, and until zero fourteen days
// later. who is a key, id or name.
func (s *Store) AddRest(ctx context.Context, who string, from, until When, now time.Time, check func(*Document) error) (RestID, Changes, error) {
	site, err := s.Load(ctx)
	if err != nil {
		return "", Changes{}, err
	}
	var id RestID
	changes, err := s.edit(ctx, check, func(d *data) error {
		if from.IsZero() {
			from = WhenAt(now, d.location())
		}
		if until.IsZero() {
			until = docStay{Kind: respite, From: from}.ends()
		}
		key, err := site.responderKey(who)
		if err != nil {
			return err
		}
		for i := range d.Responders {
			r := &d.Responders[i]
			if r.Key != key {
				continue
			}
			for _, old := range r.Rests {
				if overlaps(old, docRest{from, until}, d.location()) {
					return wrong("%q rests already from %s until %s; end that first, or begin later", key, old.From, cmp.Or(old.Until.text(), "further notice"))
				}
			}
			r.Rests = append(r.Rests, docRest{from, until})
			slices.SortStableFunc(r.Rests, func(a, b docRest) int { return a.From.begin(d.location()).Compare(b.From.begin(d.location())) })
			id = RestIDOf(site.responderID(key), from.begin(d.location()))
		}
		return nil
	})
	return id, changes, err
}

// EndRest ends a rest, or lets it last longer; until zero is now. which is the
// rest's id, or who rests: a key, id or name. One that has not begun by then is
// taken out.
func (s *Store) EndRest(ctx context.Context, which string, until When, now time.Time, check func(*Document) error) (Changes, error) {
	site, err := s.Load(ctx)
	if err != nil {
		return Changes{}, err
	}
	return s.edit(ctx, check, func(d *data) error {
		zone := d.location()
		if until.IsZero() {
			until = WhenAt(now, zone)
		}
		for i := range d.Responders {
			r := &d.Responders[i]
			id := site.responderID(r.Key)
			for j, rest := range r.Rests {
				if RestIDOf(id, rest.From.begin(zone)) == RestID(which) {
					r.end(j, until, zone)
					return nil
				}
			}
		}
		key, err := site.responderKey(which)
		if err != nil {
			return err
		}
		for i := range d.Responders {
			r := &d.Responders[i]
			for j, rest := range r.Rests {
				if r.Key == key && (rest.Until.IsZero() || rest.Until.end(zone).After(now)) {
					r.end(j, until, zone) // the one now, or the next
					return nil
				}
			}
		}
		return wrong("%q does not rest, now or later", which)
	})
}

// end ends a rest, or takes it out when it has not begun by then.
func (r *docResponder) end(i int, until When, zone *time.Location) {
	if until.end(zone).After(r.Rests[i].From.begin(zone)) {
		r.Rests[i].Until = until
		return
	}
	r.Rests = slices.Delete(r.Rests, i, i+1)
}

func overlaps(a, b docRest, zone *time.Location) bool {
	before := func(x, y docRest) bool {
		return !x.Until.IsZero() && !x.Until.end(zone).After(y.From.begin(zone))
	}
	return !before(a, b) && !before(b, a)
}

func (m When) text() string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}

// The keys behind what people write: a key, an id, or a name.

func (s *Site) residentKey(written string) (string, error) {
	return keyOf(written, "resident", s.Residents, func(r Resident) (string, string, string) { return r.Key, string(r.ID), r.Name })
}

func (s *Site) placeKey(written string) (string, error) {
	return keyOf(written, "place", s.Places, func(p Place) (string, string, string) { return p.Key, string(p.ID), p.Name })
}

func (s *Site) responderKey(written string) (string, error) {
	return keyOf(written, "responder", s.Responders, func(r Responder) (string, string, string) { return r.Key, string(r.ID), r.Name })
}

func (s *Site) residentKeyOf(id alerting.ResidentID) string {
	for _, r := range s.Residents {
		if r.ID == id {
			return r.Key
		}
	}
	return ""
}

func (s *Site) responderID(key string) alerting.Person {
	for _, r := range s.Responders {
		if r.Key == key {
			return r.ID
		}
	}
	return ""
}

func keyOf[T any](written, what string, all []T, names func(T) (key, id, name string)) (string, error) {
	var keys, same []string
	for _, one := range all {
		key, id, name := names(one)
		if key == written || id == written {
			return key, nil
		}
		if strings.EqualFold(name, written) {
			same = append(same, key)
		}
		keys = append(keys, key)
	}
	switch len(same) {
	case 1:
		return same[0], nil
	case 0:
		if written == "" {
			return "", wrong("no %s is named", strictyaml.Text{Format: what})
		}
		return "", wrong("there is no %s %q; there are: %s", strictyaml.Text{Format: what}, written, strings.Join(keys, ", "))
	}
	return "", wrong("%q is the name of several; write the key: %s", written, strings.Join(same, ", "))
}
