package registry

import (
	"fmt"
	"reflect"
)

// Changes says what Apply did, by "kind key". The keys are the document's and
// may be somebody's name: for whoever applied it, not for a log.
type Changes struct {
	Revision                int64 // now in force
	Added, Changed, Removed []string
}

// String counts them, and names nobody.
func (c Changes) String() string {
	return fmt.Sprintf("revision %d: %d added, %d changed, %d removed", c.Revision, len(c.Added), len(c.Changed), len(c.Removed))
}

// record is one entry of a document.
type record struct {
	kind, key string
	value     any
}

// records lists everything in a document, in its order.
func (d *data) records() []record {
	var out []record
	for _, v := range d.Places {
		out = append(out, record{kindPlace, v.Key, v})
	}
	for _, v := range d.Residents {
		out = append(out, record{kindResident, v.Key, v})
	}
	for _, v := range d.Stays {
		key := v.Place + " " + v.From.String()
		if v.Kind == dayCare || bedsOf(d, v.Place) > 1 { // else no two begin there on one day
			key += " " + v.Resident
		}
		if v.Kind == dayCare {
			key += fmt.Sprint(" ", v.Days, v.Hours)
		}
		out = append(out, record{"stay", key, v})
	}
	for _, v := range d.Responders {
		out = append(out, record{kindResponder, v.Key, v})
	}
	for _, v := range d.Rosters {
		out = append(out, record{kindRoster, v.Key, v})
	}
	for _, v := range d.Policies {
		out = append(out, record{kindPolicy, v.Key, v})
	}
	for _, v := range d.Devices {
		out = append(out, record{kindDevice, v.Key, v})
	}
	for _, v := range d.Watches {
		out = append(out, record{kindWatch, v.Key, v})
	}
	if d.Site != "" {
		head := []string{d.Name, d.Zone, d.Language, d.CentrePhone, d.LastResort, d.DefaultPolicy, fmt.Sprint(d.TestEvery)}
		out = append(out, record{"site", d.Site, head})
	}
	return out
}

func (c *Changes) compare(old, new *data) {
	type name struct{ kind, key string }
	before := map[name]any{}
	for _, r := range old.records() {
		before[name{r.kind, r.key}] = r.value
	}
	for _, r := range new.records() {
		n := name{r.kind, r.key}
		was, had := before[n]
		delete(before, n)
		switch what := r.kind + " " + r.key; {
		case !had:
			c.Added = append(c.Added, what)
		case !reflect.DeepEqual(was, r.value):
			c.Changed = append(c.Changed, what)
		}
	}
	for _, r := range old.records() {
		if _, gone := before[name{r.kind, r.key}]; gone {
			c.Removed = append(c.Removed, r.kind+" "+r.key)
		}
	}
}
