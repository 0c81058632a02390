package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// NewDevice is one more device. What is empty is filled in, but for Address and
// Place.
type NewDevice struct {
	Key     string
	Name    string
	Address string
	Role    string // what a press of it means
	Place   string // key or name of one there is
}

// YAML writes it as an entry to paste under devices:.
func (n NewDevice) YAML() string {
	var b strings.Builder
	for _, f := range []struct{ key, value string }{
		{"key", n.Key}, {"name", n.Name}, {"address", n.Address}, {"role", n.Role}, {"place", n.Place},
	} {
		lead := "    "
		if b.Len() == 0 {
			lead = "  - "
		}
		if f.value == "" {
			if f.key != "role" {
				fmt.Fprintf(&b, "%s%s: # write it here\n", lead, f.key)
			}
			continue
		}
		value, err := text(f.value)
		if err != nil { // of a text: it cannot be
			value = nil
		}
		fmt.Fprintf(&b, "%s%s: %s\n", lead, f.key, value)
	}
	return b.String()
}

// Add puts one more device in force, checked as Apply's document is, and by
// check, which may be nil. It returns the entry as it was added.
func (s *Store) Add(ctx context.Context, n NewDevice, check func(*Document) error) (NewDevice, Changes, error) {
	var added NewDevice
	changes, err := s.edit(ctx, check, func(d *data) error {
		added = n.filledIn(d)
		d.Devices = append(d.Devices, docDevice{Key: added.Key, Name: added.Name, Address: added.Address, Role: added.Role, Place: added.Place})
		return nil
	})
	return added, changes, err
}

// filledIn is the device with a key and a name that tell where it is.
func (n NewDevice) filledIn(d *data) NewDevice {
	name := n.Place
	for _, p := range d.Places {
		if p.Key == n.Place || strings.EqualFold(p.Name, n.Place) {
			n.Place, name = p.Key, p.Name
			break
		}
	}
	what, word := "Sensor", "sensor"
	switch n.Role {
	case "panic", "medical":
		what, word = "Button", "button"
	case "fall":
		what, word = "Fall radar", "radar"
	}
	if d.Language == "pl" {
		what = map[string]string{"Button": "Przycisk", "Fall radar": "Radar upadku", "Sensor": "Czujnik"}[what]
	}
	if n.Name == "" {
		n.Name = what + ", " + name
	}
	if n.Key != "" {
		return n
	}
	begin := strings.TrimRight((word + "-" + n.Place)[:min(44, len(word)+1+len(n.Place))], "-")
	n.Key = begin
	for i := 2; slices.ContainsFunc(d.Devices, func(v docDevice) bool { return v.Key == n.Key }); i++ {
		n.Key = fmt.Sprintf("%s-%d", begin, i)
	}
	return n
}
