package registry

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func edited(t *testing.T) (*Store, time.Time) {
	s := open(t, filepath.Join(t.TempDir(), "registry.db"))
	apply(t, s, parse(t, ward(t)))
	return s, time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
}

func recordOf(t *testing.T, s *Store, part, key string, hidden ...string) (int64, Record) {
	t.Helper()
	edition, all, err := s.Records(t.Context(), part, hidden)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(r Record) bool { return r.Key == key })
	if i < 0 {
		t.Fatalf("%s has no %q", part, key)
	}
	return edition, all[i]
}

// Every record, put back as it was read, changes nothing: in JSON and in YAML.
func TestRecordsAsWritten(t *testing.T) {
	s, now := edited(t)
	n, ids := 0, idOf{}
	if err := s.reading(t.Context(), func(now inForce) error { ids = now.ids; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, part := range Parts() {
		edition, all, err := s.Records(t.Context(), part, nil)
		if err != nil || edition != 1 {
			t.Fatalf("%s: edition %d, %v", part, edition, err)
		}
		for i, r := range all {
			n++
			if !json.Valid(r.JSON) {
				t.Errorf("%s %s is no JSON: %s", part, r.Key, r.JSON)
			}
			for _, text := range []string{string(r.JSON), r.YAML} {
				d := parse(t, ward(t)).data
				p, _ := d.part(part)
				if _, err := p.put(Edit{Part: part, Key: r.Key, Text: text}, &d, ids); err != nil {
					t.Fatalf("%s %s: %v\n%s", part, r.Key, err, text)
				}
				if p.done != nil {
					p.done()
				}
				if !reflect.DeepEqual(d, parse(t, ward(t)).data) {
					t.Errorf("%s %s is another, put back:\n%s", part, r.Key, text)
				}
			}
			if i > 0 {
				continue
			}
			if key, c, err := s.Put(t.Context(), Edit{Part: part, Key: r.Key, Text: r.YAML, If: 1}, now, nil); err != nil || c.Revision != 1 || key != r.Key {
				t.Fatalf("%s %s put back: %q %v %v", part, r.Key, key, c, err)
			}
		}
	}
	if n < 70 {
		t.Errorf("the ward has %d records", n)
	}
}

// A record is added, changed and taken out, and each is refused when somebody
// else was there in between.
func TestPut(t *testing.T) {
	s, now := edited(t)
	put := func(e Edit) (string, Changes) {
		t.Helper()
		key, c, err := s.Put(t.Context(), e, now, nil)
		if err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		return key, c
	}
	_, c := put(Edit{Part: "residents", Key: "olek", Text: `{"key": "olek", "name": "Olek \"O\" Żuk", "key_safe": "0012", "born": 1950}`, If: 1})
	if c.Revision != 2 || len(c.Added) != 1 {
		t.Errorf("added: %+v", c)
	}
	_, r := recordOf(t, s, "residents", "olek")
	if !strings.HasPrefix(r.ID, "r-") || !strings.Contains(string(r.JSON), `"key_safe": "0012"`) || !strings.Contains(string(r.JSON), "1950") {
		t.Errorf("it is %s %s", r.ID, r.JSON)
	}
	id, _ := put(Edit{Part: "stays", Key: NewKey, Text: `{"resident": "olek", "place": "room-8", "kind": "respite", "from": "2026-12-05 12:00"}`})
	later, _ := put(Edit{Part: "stays", Key: id, Text: `{"resident": "olek", "place": "room-8", "kind": "respite", "from": "2026-12-06 12:00"}`})
	if id == later || !strings.HasPrefix(later, "t-") {
		t.Errorf("a stay that begins later is %q, it was %q", later, id)
	}
	put(Edit{Part: "stays", Key: later})
	put(Edit{Part: "residents", Key: "olek"})
	put(Edit{Part: "site", Key: All, Text: "site: lipowa\nname: Lipowa\nzone: Europe/Warsaw\nlast_resort: centre\ndefault_policy: ward\n"})
	if site := load(t, s); site.Name != "Lipowa" || site.CentrePhone != "" || len(site.Residents) != 13 {
		t.Errorf("the site is %q, rings %q, %d residents", site.Name, site.CentrePhone, len(site.Residents))
	}
	for _, x := range []struct {
		e    Edit
		want error
	}{
		{Edit{Part: "residents", Key: "aniela", Text: `{"key": "aniela", "name": "A"}`, If: 1}, ErrEdited},
		{Edit{Part: "residents", Key: "aniela", If: 3}, ErrEdited},
		{Edit{Part: "residents", Key: "nobody"}, ErrNoRecord},
		{Edit{Part: "stays", Key: "t-nothing", Text: "{}"}, ErrNoRecord},
		{Edit{Part: "site", Key: All}, ErrNoRecord},
		{Edit{Part: "site", Key: "other", Text: "{}"}, ErrNoRecord},
		{Edit{Part: "secrets", Key: "x", Text: "{}"}, ErrNoRecord},
	} {
		if _, _, err := s.Put(t.Context(), x.e, now, nil); !errors.Is(err, x.want) {
			t.Errorf("%+v: %v, want %v", x.e, err, x.want)
		}
	}
	if r, _ := s.Revision(t.Context()); r != 7 {
		t.Errorf("it is edition %d", r)
	}
}

// What is wrong is said of the field it is in, in apply's words, and nothing
// has changed then.
func TestPutRefused(t *testing.T) {
	s, now := edited(t)
	for _, x := range []struct{ part, key, text, field, says string }{
		{"residents", "aniela", `{"key": "aniela", "name": "", "family": [{"name": "Z", "phone": "no number"}]}`, "family[0].phone", `"no number" is no telephone number; write digits`},
		{"residents", "aniela", `{"key": "aniela", "name": ""}`, "name", "missing; write what people call it"},
		{"residents", "aniela", `{"key": "aniela", "nmae": "Aniela"}`, "", `unknown key "nmae"; did you mean "name"?`},
		{"residents", "aniela", `{"key": "ania", "name": "Ania"}`, "key", `it is "aniela"`},
		{"residents", "aniela", `{"key": "aniela", "name": "Aniela", "born": "old"}`, "born", "want a whole number"},
		{"residents", "aniela", ``, "", `stays`},
		{"places", "room-7", ``, "", `unknown place "room-7"`},
		{"stays", NewKey, `{"resident": "aniela", "place": "room-1", "from": "tomorrow"}`, "from", `"tomorrow" is no date`},
		{"stays", NewKey, `{"resident": "aniela", "place": "room-1", "from": "2026-11-12"}`, "", `stays`},
		{"devices", "new-one", `{"key": "new-one", "name": "New", "address": "jablotron/08300001", "place": "room-1"}`, "address", "belongs to the device"},
		{"policies", "calm", "key: calm\nsteps: []\n", "steps", "a policy without a step calls nobody"},
		{"policies", "calm", "key: calm\n  steps: [\n", "", ""},
		{"rules", All, `{"rules": [{"kinds": ["fal"], "policy": "ward"}]}`, "rules[0].kinds[0]", `did you mean "fall"?`},
		{"faults", All, `{"faults": {"policy": "none"}}`, "faults.policy", `unknown policy "none"`},
		{"site", All, `{"site": "lipowa", "zone": "Europe/Warsaw", "last_resort": "nobody", "default_policy": "ward"}`, "last_resort", "unknown responder"},
		{"site", All, `{"site": "lipowa", "zone": "Europe/Warsaw", "last_resort": "centre", "default_policy": "ward", "stand_ins": ["nobody"]}`, "stand_ins[0]", "unknown responder"},
		{"responders", "pawel", `{"key": "pawel", "name": "Paweł", "channels": [{"channel": "Bad channel"}]}`, "channels[0]", "is no channel"},
	} {
		_, _, err := s.Put(t.Context(), Edit{Part: x.part, Key: x.key, Text: x.text}, now, nil)
		r := new(Refused)
		if !errors.As(err, &r) || !slices.ContainsFunc(r.Mistakes, func(m Mistake) bool { return m.Field == x.field && strings.Contains(m.Says.Error(), x.says) }) {
			t.Errorf("%s %s %s: want %q: %q, got %v", x.part, x.key, x.text, x.field, x.says, err)
		}
	}
	if got := load(t, s); got.Revision != 1 {
		t.Errorf("after refusals it is edition %d", got.Revision)
	}
	no := errors.New("telecare.yaml says no")
	if _, _, err := s.Put(t.Context(), Edit{Part: "residents", Key: "x", Text: `{"key": "x", "name": "X"}`}, now, func(*Document) error { return no }); !errors.Is(err, no) {
		t.Errorf("the check of telecare.yaml: %v", err)
	}
}

// Whoever is not shown a field keeps it, and can write it or not.
func TestHiddenFields(t *testing.T) {
	s, now := edited(t)
	_, r := recordOf(t, s, "residents", "aniela", "notes", "key_safe")
	if strings.Contains(string(r.JSON)+r.YAML, "4719") || strings.Contains(r.YAML, "frame") {
		t.Fatalf("shown: %s", r.YAML)
	}
	put := func(text string, kept, locked []string) error {
		_, _, err := s.Put(t.Context(), Edit{Part: "residents", Key: "aniela", Text: text, Kept: kept, Locked: locked}, now, nil)
		return err
	}
	aniela := func() Resident { return load(t, s).Residents[0] }
	hidden := []string{"notes", "key_safe"}
	if err := put(`{"key": "aniela", "name": "Aniela K."}`, hidden, nil); err != nil || aniela().KeySafe != "4719" || aniela().Name != "Aniela K." {
		t.Errorf("left out: %v, %+v", err, aniela())
	}
	if err := put(`{"key": "aniela", "name": "Aniela K.", "key_safe": "0815"}`, hidden, nil); err != nil || aniela().KeySafe != "0815" || aniela().Notes == "" {
		t.Errorf("written: %v, %+v", err, aniela())
	}
	if err := put(`{"key": "aniela", "name": "Aniela K.", "key_safe": ""}`, hidden, nil); err != nil || aniela().KeySafe != "" {
		t.Errorf("taken out: %v, %+v", err, aniela())
	}
	if err := put(`{"key": "aniela", "name": "A.", "notes": "none"}`, nil, hidden); err == nil || aniela().Notes == "none" {
		t.Errorf("a locked field: %v", err)
	}
	if err := put(`{"key": "aniela", "name": "A."}`, nil, hidden); err != nil || aniela().Notes == "" {
		t.Errorf("beside a locked field: %v", err)
	}
}

// What one has done last can be taken back by whoever did it, while it is the
// newest, and ids are what they were.
func TestUndo(t *testing.T) {
	s, now := edited(t)
	before := load(t, s)
	undo := func(by string, made int64, after time.Duration) error {
		_, err := s.Undo(t.Context(), by, made, now.Add(after), nil)
		return err
	}
	put := func(by, part, key, text string) int64 {
		t.Helper()
		_, c, err := s.Put(t.Context(), Edit{Part: part, Key: key, Text: text, By: by}, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Revision
	}
	nothing := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, ErrNothing) {
			t.Errorf("%s: %v", what, err)
		}
	}
	nothing("nothing was done", undo("ola", 1, 0))
	nothing("nothing was done", undo("", 0, 0))
	made := put("ola", "devices", "button-7", "")
	nothing("somebody else's", undo("jan", made, 0))
	nothing("another", undo("ola", made-1, 0))
	nothing("long ago", undo("ola", made, UndoFor+time.Second))
	if err := undo("ola", made, time.Minute); err != nil {
		t.Fatal(err)
	}
	after := load(t, s)
	if after.Revision != 3 || len(after.Devices) != len(before.Devices) || after.Devices[6].ID != before.Devices[6].ID || after.Devices[6].Key != "button-7" {
		t.Errorf("edition %d has %+v, want %+v", after.Revision, after.Devices[6], before.Devices[6])
	}
	nothing("twice", undo("ola", made, time.Minute))
	made = put("ola", "residents", "x", `{"key": "x", "name": "X"}`)
	put("jan", "residents", "y", `{"key": "y", "name": "Y"}`)
	nothing("somebody was there since", undo("ola", made, 0))
	made = put("ola", "residents", "z", `{"key": "z", "name": "Z"}`)
	if _, _, err := s.AddRest(t.Context(), "hania", When{}, When{}, now, nil); err != nil {
		t.Fatal(err)
	}
	nothing("a rest was said since", undo("ola", made, 0))
}

// FuzzPut: whatever comes as a record, what would be in force makes sense.
func FuzzPut(f *testing.F) {
	s := open(f, filepath.Join(f.TempDir(), "registry.db"))
	apply(f, s, parse(f, ward(f)))
	var was inForce
	if err := s.reading(f.Context(), func(now inForce) error { was = now; return nil }); err != nil {
		f.Fatal(err)
	}
	for i, part := range Parts() {
		_, all, err := s.Records(f.Context(), part, nil)
		if err != nil {
			f.Fatal(err)
		}
		for _, r := range all[:min(1, len(all))] {
			f.Add(uint8(i), r.Key, r.YAML, "notes")
			f.Add(uint8(i), r.Key, string(r.JSON), "")
		}
	}
	f.Add(uint8(0), All, "", "")
	f.Fuzz(func(t *testing.T, which uint8, key, text, hidden string) {
		d, err := decode(was.body)
		if err != nil {
			t.Fatal(err)
		}
		e := Edit{Part: Parts()[int(which)%len(Parts())], Key: key, Text: text, Kept: []string{hidden}}
		p, _ := d.part(e.Part)
		if _, err := p.put(e, &d, was.ids); err != nil {
			return
		}
		if p.done != nil {
			p.done()
		}
		b, err := encode(&d)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Parse("edited", b)
		if err != nil {
			return
		}
		if _, err := doc.ByKey(); err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
	})
}
