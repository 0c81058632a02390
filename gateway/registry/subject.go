package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
)

// ErrStaying says that somebody cannot be erased while a stay of theirs runs.
var ErrStaying = errors.New("a stay of theirs runs; end it first")

// Subject is all that the registry has of a resident or responder: whoever may
// ask what is kept of them, and have it erased. [GDPR art. 15, 17]
type Subject struct {
	ID, Key, Name string
	// Record is theirs as it is written, but for the code of their key-safe: that
	// is a key, and a copy of it opens the door to whoever finds it.
	Record  json.RawMessage
	KeySafe bool // there is one
	Stays   []Stay
	Devices []Device          // that they wear
	Watches []json.RawMessage // over them
}

// Erased is what was taken out with somebody, and where their name may still stand.
type Erased struct {
	Changes
	Subject
	Left []string // "places flat-anna"
}

// Subject reads what is kept of a resident or responder, by id.
func (s *Store) Subject(ctx context.Context, id string) (out Subject, err error) {
	err = s.reading(ctx, func(was inForce) error {
		d, err := decode(was.body)
		if err != nil {
			return err
		}
		out, err = d.subject(was, id)
		return err
	})
	return out, err
}

func (d *data) subject(was inForce, id string) (Subject, error) {
	out := Subject{ID: id}
	site, err := d.site(was.revision, was.ids)
	if err != nil {
		return out, err
	}
	var record any
	for _, r := range d.Residents {
		if was.ids[kindResident][r.Key] == id {
			out.Key, out.Name, out.KeySafe = r.Key, r.Name, r.KeySafe != ""
			r.KeySafe = ""
			record = r
		}
	}
	for _, r := range d.Responders {
		if was.ids[kindResponder][r.Key] == id {
			out.Key, out.Name, record = r.Key, r.Name, r
		}
	}
	if record == nil {
		return out, ErrNoRecord
	}
	if out.Record, err = asJSON(record); err != nil {
		return out, err
	}
	for _, t := range site.Stays {
		if string(t.Resident) == id {
			out.Stays = append(out.Stays, t)
		}
	}
	for _, v := range site.Devices {
		if string(v.Resident) == id {
			out.Devices = append(out.Devices, v)
		}
	}
	for _, w := range d.Watches {
		if was.ids[kindResident][w.Resident] == id {
			b, err := asJSON(w)
			if err != nil {
				return out, err
			}
			out.Watches = append(out.Watches, b)
		}
	}
	return out, nil
}

func asJSON(record any) (json.RawMessage, error) {
	b, err := yaml.MarshalWithOptions(record, yaml.CustomMarshaler(text))
	if err == nil {
		b, err = yaml.YAMLToJSON(b)
	}
	if err != nil {
		return nil, fmt.Errorf("write the record: %w", err)
	}
	return json.RawMessage(strings.TrimSpace(string(b))), nil
}

// Erase takes out a resident or responder with their stays, what they wear and
// the watches over them, and forgets what Undo would bring back. ErrStaying while
// a stay runs; a *Wrong or the document's mistakes while another record names
// them. Nothing of it can be taken back.
func (s *Store) Erase(ctx context.Context, id string, now time.Time, check func(*Document) error) (Erased, error) {
	var out Erased
	changes, err := s.editFrom(ctx, check, func(was inForce, d *data) error {
		out = Erased{}
		var err error
		if out.Subject, err = d.subject(was, id); err != nil {
			return err
		}
		for _, t := range out.Stays {
			if !now.Before(t.From) && (t.Until.IsZero() || now.Before(t.Until)) {
				return ErrStaying
			}
		}
		resident := was.ids[kindResident][out.Key] == id
		if resident {
			d.Residents = slices.DeleteFunc(d.Residents, func(r docResident) bool { return r.Key == out.Key })
			d.Stays = slices.DeleteFunc(d.Stays, func(t docStay) bool { return t.Resident == out.Key })
			d.Devices = slices.DeleteFunc(d.Devices, func(v docDevice) bool { return v.Resident == out.Key })
			d.Watches = slices.DeleteFunc(d.Watches, func(w docWatch) bool { return w.Resident == out.Key })
		} else {
			d.Responders = slices.DeleteFunc(d.Responders, func(r docResponder) bool { return r.Key == out.Key })
		}
		out.Left, err = d.naming(out.Name)
		return err
	})
	if err != nil {
		return Erased{}, err
	}
	out.Changes = changes
	s.remember(undo{})
	return out, nil
}

// naming lists the records in which a part of a name stands.
func (d *data) naming(name string) ([]string, error) {
	names := Names(name)
	var out []string
	for _, r := range d.records() {
		part := map[string]string{
			kindPlace: partPlaces, kindResident: partResidents, kindResponder: partResponders, kindRoster: partRosters,
			kindPolicy: partPolicies, kindDevice: partDevices, kindWatch: partWatches, "site": partSite,
		}[r.kind]
		if part == "" {
			continue
		}
		b, err := asJSON(r.value)
		if err != nil {
			return nil, err
		}
		if names(string(b)) {
			out = append(out, part+" "+r.key)
		}
	}
	return out, nil
}

// Names finds somebody in a text: by any part of their name, in whatever case
// and, as languages decline names, with another ending.
func Names(name string) func(text string) bool {
	apart := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	}
	var stems [][]rune
	for _, word := range apart(name) {
		r := []rune(word)
		switch {
		case len(r) > 5:
			r = r[:len(r)-2]
		case len(r) > 3:
			r = r[:len(r)-1]
		}
		if len(r) >= 3 {
			stems = append(stems, r)
		}
	}
	return func(text string) bool {
		return slices.ContainsFunc(apart(text), func(word string) bool {
			r := []rune(word)
			return slices.ContainsFunc(stems, func(s []rune) bool {
				return len(r) >= len(s) && len(r) <= len(s)+5 && slices.Equal(r[:len(s)], s)
			})
		})
	}
}
