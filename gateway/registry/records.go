package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"telecare/gateway/strictyaml"
)

// Parts of a document that are edited record by record. Those that have one
// record only have it under the key All.
const (
	All = "all"
	// NewKey is that of a record to be added where the document has no keys.
	NewKey = "new"

	partSite, partPlaces, partResidents, partStays  = "site", "places", "residents", "stays"
	partResponders, partRosters, partPolicies       = "responders", "rosters", "policies"
	partRules, partFaults, partDevices, partWatches = "rules", "faults", "devices", "watches"
)

// Parts lists them.
func Parts() []string {
	return []string{partSite, partPlaces, partResidents, partStays, partResponders, partRosters, partPolicies, partRules, partFaults, partDevices, partWatches}
}

var (
	// ErrEdited says that somebody has changed the registry since.
	ErrEdited = errors.New("somebody has changed the registry meanwhile; look at it again")
	// ErrNoRecord says that there is no such record.
	ErrNoRecord = errors.New("there is no such record")
	// ErrNothing says that there is nothing to take back.
	ErrNothing = errors.New("there is nothing of yours to take back, or somebody has changed the registry since")
)

// Record is one record as it is written.
type Record struct {
	Key  string
	ID   string          // opaque; "" where the part has none
	JSON json.RawMessage // the same in both
	YAML string
}

// Edit is a change of one record.
type Edit struct {
	Part, Key string
	// Text is the record, in YAML or JSON; "" takes it out.
	Text string
	// If is the edition that was looked at; 0: whichever it is.
	If int64
	// Kept are fields that whoever edits is not shown: left out, they stay as
	// they are. Locked ones they cannot change either.
	Kept, Locked []string
	By           string // who may take it back
}

// Refused says where a record is wrong. It quotes the document.
type Refused struct{ Mistakes []Mistake }

// Mistake is one of them. Field is "family[0].phone", or "" where it lies
// elsewhere in the document.
type Mistake struct {
	Field string
	Says  strictyaml.Text
}

func (r *Refused) Error() string {
	var all []string
	for _, m := range r.Mistakes {
		all = append(all, strings.TrimPrefix(m.Field+": "+m.Says.Error(), ": "))
	}
	return strings.Join(all, "; ")
}

// head is what a document says of the site itself.
type head struct {
	Site          string   `yaml:"site"`
	Name          string   `yaml:"name,omitempty"`
	Zone          string   `yaml:"zone"`
	Language      string   `yaml:"language,omitempty"`
	CentrePhone   string   `yaml:"centre_phone,omitempty"`
	TestEvery     Every    `yaml:"test_every,omitempty"`
	LastResort    string   `yaml:"last_resort"`
	DefaultPolicy string   `yaml:"default_policy"`
	StandIns      []string `yaml:"stand_ins,flow,omitempty"`
}

type (
	ruleList struct {
		Rules []docRule `yaml:"rules"`
	}
	faultPlan struct {
		Faults *docFaults `yaml:"faults,flow"`
	}
)

// part is a part of a document as its records.
type part struct {
	kind string        // of its ids; "" without
	list reflect.Value // a slice that can be set; not valid for a part of one record
	one  any           // that record, a pointer
	done func()        // puts it back
}

func (d *data) part(name string) (part, bool) {
	list := func(kind string, slice any) (part, bool) {
		return part{kind: kind, list: reflect.ValueOf(slice).Elem()}, true
	}
	switch name {
	case partPlaces:
		return list(kindPlace, &d.Places)
	case partResidents:
		return list(kindResident, &d.Residents)
	case partStays:
		return list("", &d.Stays)
	case partResponders:
		return list(kindResponder, &d.Responders)
	case partRosters:
		return list(kindRoster, &d.Rosters)
	case partPolicies:
		return list(kindPolicy, &d.Policies)
	case partDevices:
		return list(kindDevice, &d.Devices)
	case partWatches:
		return list(kindWatch, &d.Watches)
	case partSite:
		h := &head{d.Site, d.Name, d.Zone, d.Language, d.CentrePhone, d.TestEvery, d.LastResort, d.DefaultPolicy, d.StandIns}
		return part{one: h, done: func() {
			d.Site, d.Name, d.Zone, d.Language, d.CentrePhone = h.Site, h.Name, h.Zone, h.Language, h.CentrePhone
			d.TestEvery, d.LastResort, d.DefaultPolicy, d.StandIns = h.TestEvery, h.LastResort, h.DefaultPolicy, h.StandIns
		}}, true
	case partRules:
		r := &ruleList{d.Rules}
		return part{one: r, done: func() { d.Rules = r.Rules }}, true
	case partFaults:
		f := &faultPlan{d.Faults}
		return part{one: f, done: func() { d.Faults = f.Faults }}, true
	}
	return part{}, false
}

// keys are the keys of a part's records, in order.
func (p part) keys(d *data, ids idOf) ([]string, error) {
	if !p.list.IsValid() {
		return []string{All}, nil
	}
	out := make([]string, p.list.Len())
	if p.list.Type().Elem() == reflect.TypeFor[docStay]() {
		site, err := d.site(0, ids)
		if err != nil {
			return nil, err
		}
		for i, s := range site.Stays {
			out[i] = string(s.ID)
		}
		return out, nil
	}
	for i := range out {
		out[i] = p.list.Index(i).FieldByName("Key").String()
	}
	return out, nil
}

// Records reads a part as it is written, without the fields that are hidden,
// and says which edition it is of.
func (s *Store) Records(ctx context.Context, name string, hidden []string) (edition int64, out []Record, err error) {
	err = s.reading(ctx, func(was inForce) error {
		edition = was.revision
		d, err := decode(was.body)
		if err != nil {
			return err
		}
		p, ok := d.part(name)
		if !ok {
			return ErrNoRecord
		}
		keys, err := p.keys(&d, was.ids)
		if err != nil {
			return err
		}
		for i, key := range keys {
			v := reflect.ValueOf(p.one)
			if p.list.IsValid() {
				v = p.list.Index(i).Addr()
			}
			for _, h := range hidden {
				if f := field(v.Elem(), h); f.IsValid() {
					f.SetZero()
				}
			}
			text, err := yaml.MarshalWithOptions(v.Interface(), yaml.IndentSequence(true), yaml.CustomMarshaler(text))
			if err != nil {
				return fmt.Errorf("write the record: %w", err)
			}
			b, err := yaml.YAMLToJSON(text)
			if err != nil {
				return fmt.Errorf("write the record: %w", err)
			}
			out = append(out, Record{key, was.ids[p.kind][key], json.RawMessage(b), string(text)})
		}
		return nil
	})
	return edition, out, err
}

// field is the field of a struct by its name in YAML.
func field(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ","); tag == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// Put puts a record in force as it is written, or takes one out, checked as
// Apply's document is, and by check, which may be nil. What is wrong with it is
// a *Refused. It gives the key, which a stay gets anew when it begins at another
// time.
func (s *Store) Put(ctx context.Context, e Edit, now time.Time, check func(*Document) error) (key string, c Changes, err error) {
	at, before := "", inForce{}
	key = e.Key
	c, err = s.editFrom(ctx, check, func(was inForce, d *data) error {
		if e.If != 0 && e.If != was.revision {
			return ErrEdited
		}
		before = was
		p, ok := d.part(e.Part)
		if !ok {
			return ErrNoRecord
		}
		var err error
		if at, err = p.put(e, d, was.ids); err != nil {
			return err
		}
		if p.done != nil {
			p.done()
		}
		return nil
	})
	if all := (strictyaml.Errors{}); errors.As(err, &all) {
		return "", Changes{}, refused(all, at)
	}
	if err != nil {
		return "", Changes{}, err
	}
	s.remember(undo{c.Revision, before, e.By, now})
	if e.Part == partStays && e.Text != "" {
		key, err = s.stayAt(ctx, at)
	}
	return key, c, err
}

// stayAt is the id of the stay at "stays[3]".
func (s *Store) stayAt(ctx context.Context, at string) (string, error) {
	site, err := s.Load(ctx)
	if err != nil {
		return "", err
	}
	for i, t := range site.Stays {
		if at == path("stays[%d]", i) {
			return string(t.ID), nil
		}
	}
	return "", nil // somebody has taken it out already
}

// put changes the part, and says where in the document the record stands now.
func (p part) put(e Edit, d *data, ids idOf) (at string, err error) {
	keys, err := p.keys(d, ids)
	if err != nil {
		return "", err
	}
	i, at := slices.Index(keys, e.Key), e.Part
	if !p.list.IsValid() {
		if i < 0 || e.Text == "" {
			return "", ErrNoRecord
		}
		v := reflect.New(reflect.TypeOf(p.one).Elem())
		if err := e.read(v, reflect.ValueOf(p.one).Elem()); err != nil {
			return "", err
		}
		reflect.ValueOf(p.one).Elem().Set(v.Elem())
		return at, nil
	}
	at = path("%s[%d]", e.Part, i)
	switch {
	case e.Text == "" && i < 0:
		return "", ErrNoRecord
	case e.Text == "":
		p.list.Set(reflect.AppendSlice(p.list.Slice3(0, i, i), p.list.Slice(i+1, p.list.Len())))
		return "-", nil // nowhere
	case i < 0 && e.Part == partStays && e.Key != NewKey:
		return "", ErrNoRecord
	}
	v := reflect.New(p.list.Type().Elem())
	old := reflect.New(v.Type().Elem())
	if i >= 0 {
		old.Elem().Set(p.list.Index(i))
	}
	if err := e.read(v, old.Elem()); err != nil {
		return at, err
	}
	if f := v.Elem().FieldByName("Key"); f.IsValid() && f.String() != e.Key {
		return at, &Refused{[]Mistake{{"key", strictyaml.Textf("it is %q; to call it otherwise, add it anew and take this one out", e.Key)}}}
	}
	if i < 0 {
		p.list.Set(reflect.Append(p.list, v.Elem()))
		return path("%s[%d]", e.Part, p.list.Len()-1), nil
	}
	p.list.Index(i).Set(v.Elem())
	return at, nil
}

// read reads the record's text into v. old is what was there.
func (e Edit) read(v, old reflect.Value) error {
	pos, err := strictyaml.Decode(ofRecord, []byte(e.Text), v.Interface())
	if err != nil {
		return err
	}
	for _, name := range e.Locked {
		if pos.Has(name) {
			return &Refused{[]Mistake{{name, strictyaml.Textf("may be changed by others only; leave it out")}}}
		}
	}
	for _, name := range slices.Concat(e.Kept, e.Locked) {
		if f := field(old, name); f.IsValid() && !pos.Has(name) {
			field(v.Elem(), name).Set(f)
		}
	}
	return nil
}

// refused says for each mistake of which field it is, when it is of the record
// that stands at a place of the document. Those of the record's own text are of
// no place.
func refused(all strictyaml.Errors, at string) *Refused {
	out := &Refused{}
	for _, e := range all {
		m := Mistake{Says: e.Text}
		if field, ok := within(e, at); ok {
			m.Field = field
		} else if e.Label != "" {
			m.Says = strictyaml.Textf("%s %q: %s", strings.TrimRight(e.Item, "[]0123456789"), e.Label, e.Text)
		} else if e.Path != "" {
			m.Says = strictyaml.Textf("%s: %s", e.Path, e.Text)
		}
		out.Mistakes = append(out.Mistakes, m)
	}
	return out
}

func within(e strictyaml.Error, at string) (name string, ok bool) {
	first, _, _ := strings.Cut(strings.Split(e.Path, ".")[0], "[")
	switch {
	case e.File == ofRecord:
		return e.Path, true
	case at == partSite:
		return e.Path, field(reflect.ValueOf(head{}), first).IsValid()
	case at == partRules || at == partFaults:
		return e.Path, first == at
	}
	rest, inside := strings.CutPrefix(e.Path, at)
	return strings.TrimPrefix(rest, "."), inside && (rest == "" || rest[0] == '.')
}

// ofRecord is what errors call the text of a record.
const ofRecord = "record"
