package registry

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// TestAdd: one more device is checked as a whole document is, gets a key of its
// own, and leaves everything else as it was.
func TestAdd(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "registry.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := NewDevice{Address: "zigbee2mqtt/0x00158d0001", Role: "panic", Place: "room 7"}
	if _, _, err := s.Add(ctx, n, nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("into an empty registry: %v", err)
	}
	whole := parse(t, ward(t))
	if _, err := s.Apply(ctx, whole); err != nil {
		t.Fatal(err)
	}
	before, err := s.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n.Place = whole.Places[0].Name
	for i, want := range []string{"button-" + whole.Places[0].Key, "button-" + whole.Places[0].Key + "-2"} {
		n.Address += "a"
		added, changes, err := s.Add(ctx, n, nil)
		if err != nil || added.Key != want || added.Place != whole.Places[0].Key || len(changes.Added) != 1 || len(changes.Changed)+len(changes.Removed) != 0 {
			t.Errorf("%d: %+v %+v %v", i, added, changes, err)
		}
	}
	after, err := s.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Devices) != len(before.Devices)+2 || after.Devices[0].ID != before.Devices[0].ID {
		t.Error("the others are not as they were")
	}
	for why, bad := range map[string]NewDevice{
		"unknown place":        {Address: "zigbee2mqtt/b", Role: "panic", Place: "nowhere"},
		"belongs to":           {Address: n.Address, Role: "panic", Place: n.Place},
		"is no role":           {Address: "zigbee2mqtt/c", Role: "panik", Place: n.Place},
		"unknown format":       {Address: "mqtt/? some/topic", Role: "panic", Place: n.Place},
		"the key":              {Key: before.Devices[0].Key, Address: "zigbee2mqtt/d", Role: "panic", Place: n.Place},
		"not this one, please": {Address: "zigbee2mqtt/e", Role: "panic", Place: n.Place},
	} {
		refuse := func(*Document) error {
			if strings.Contains(why, "please") {
				return errors.New(why)
			}
			return nil
		}
		if _, _, err := s.Add(ctx, bad, refuse); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if r, err := s.Revision(ctx); err != nil || r != after.Revision {
		t.Errorf("revision %d after refusals, %d before: %v", r, after.Revision, err)
	}
}

func TestNewDeviceYAML(t *testing.T) {
	n := NewDevice{Key: "b", Name: "Button: hers", Address: "zigbee2mqtt/Anna #1", Role: "panic", Place: "room-7"}
	text := string(ward(t)) + n.YAML()
	d, err := Parse("pasted", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Devices[len(d.Devices)-1]; got.Name != n.Name || got.Address != n.Address || got.Place != n.Place {
		t.Errorf("%+v", got)
	}
	if got := (NewDevice{Address: "telecare/x"}).YAML(); !strings.Contains(got, "place: # write it here") {
		t.Error(got)
	}
}
