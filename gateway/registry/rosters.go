package registry

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"telecare/alerting"
)

// docRoster is a roster as it is written. What its parts mean together stands
// at alerting.Roster.
type docRoster struct {
	Key       string        `yaml:"key"`
	Name      string        `yaml:"name,omitempty"`
	Zone      string        `yaml:"zone,omitempty"` // if not the site's
	Shifts    []docShift    `yaml:"shifts,omitempty"`
	Layers    []docLayer    `yaml:"layers,omitempty"`
	Swaps     []docSwap     `yaml:"swaps,omitempty"`
	Overrides []docOverride `yaml:"overrides,omitempty"`
	Cover     Cover         `yaml:"cover,omitempty"` // when somebody is to be on call
}

type docShift struct {
	Days Days     `yaml:"days,flow"`
	From Clock    `yaml:"from"`
	To   Clock    `yaml:"to"`
	Who  []string `yaml:"who,flow"`
}

type docLayer struct {
	Name     string     `yaml:"name,omitempty"`
	Every    TurnLength `yaml:"every"`
	Start    Date       `yaml:"start"`
	HandOver Clock      `yaml:"hand_over"`
	Turns    []Who      `yaml:"turns,flow"`
	Only     []docHours `yaml:"only,omitempty"`
}

// docHours are a whole day where they do not say from and to.
type docHours struct {
	Days Days  `yaml:"days,omitempty,flow"` // every day, when left out
	From Clock `yaml:"from,omitempty"`
	To   Clock `yaml:"to,omitempty"`
}

type docSwap struct {
	Who  string `yaml:"who"`
	Turn Date   `yaml:"turn"`
	With string `yaml:"with"`
	For  Date   `yaml:"for"`
}

type docOverride struct {
	From    Moment `yaml:"from"`
	Until   Moment `yaml:"until"`
	Who     Who    `yaml:"who,flow"`
	Instead string `yaml:"instead,omitempty"`
	// Calendar is the one that it was read from: read again, it is replaced.
	Calendar string `yaml:"calendar,omitempty"`
}

// zone is where the roster's wall clock hangs, given the site's.
func (r docRoster) zone(site alerting.Zone) (alerting.Zone, error) {
	if r.Zone == "" {
		return site, nil
	}
	l, err := time.LoadLocation(r.Zone)
	return alerting.Zone{Location: l}, err
}

// has reports whether somebody is anywhere in the roster.
func (r docRoster) has(key string) bool {
	return slices.ContainsFunc(r.Shifts, func(s docShift) bool { return slices.Contains(s.Who, key) }) ||
		slices.ContainsFunc(r.Layers, func(l docLayer) bool {
			return slices.ContainsFunc(l.Turns, func(t Who) bool { return slices.Contains(t, key) })
		}) ||
		slices.ContainsFunc(r.Swaps, func(s docSwap) bool { return s.Who == key || s.With == key }) ||
		slices.ContainsFunc(r.Overrides, func(o docOverride) bool { return slices.Contains(o.Who, key) || o.Instead == key })
}

// plan is the roster in opaque ids.
func (r docRoster) plan(b *builder, site alerting.Zone) alerting.Roster {
	var out alerting.Roster
	zone, err := r.zone(site)
	if err != nil && b.err == nil {
		b.err = err
	}
	if r.Zone != "" {
		out.Zone = zone
	}
	person := func(key string) alerting.Person { return alerting.Person(b.id(kindResponder, key)) }
	people := func(keys []string) (who []alerting.Person) {
		for _, k := range keys {
			who = append(who, person(k))
		}
		return who
	}
	for _, s := range r.Shifts {
		out.Shifts = append(out.Shifts, alerting.Shift{Days: s.Days.weekdays(), From: int(s.From), To: int(s.To), Who: people(s.Who)})
	}
	for _, l := range r.Layers {
		layer := alerting.Layer{Days: int(l.Every), Start: alerting.Date(l.Start), HandOver: int(l.HandOver)}
		for _, t := range l.Turns {
			layer.Turns = append(layer.Turns, people(t))
		}
		for _, h := range l.Only {
			layer.Only = append(layer.Only, h.hours())
		}
		out.Layers = append(out.Layers, layer)
	}
	for _, s := range r.Swaps {
		out.Swaps = append(out.Swaps, alerting.Swap{Who: person(s.Who), Turn: alerting.Date(s.Turn), With: person(s.With), For: alerting.Date(s.For)})
	}
	for _, o := range r.Overrides {
		x := alerting.Override{From: o.From.in(zone), Until: o.Until.in(zone), Who: people(o.Who)}
		if o.Instead != "" {
			x.Instead = person(o.Instead)
		}
		out.Overrides = append(out.Overrides, x)
	}
	for _, h := range r.Cover {
		out.Cover = append(out.Cover, h.hours())
	}
	return out
}

func (h docHours) hours() alerting.Hours {
	days := h.Days
	if len(days) == 0 {
		days = week
	}
	return alerting.Hours{Days: days.weekdays(), From: int(h.From), To: int(h.To)}
}

func (d Days) weekdays() (out []time.Weekday) {
	for _, day := range d {
		out = append(out, time.Weekday(day))
	}
	return out
}

// byKey gives every record its own key for an id, for looking at a document
// that is not in force.
func (d *data) byKey() *builder {
	ids := idOf{}
	for _, r := range d.records() {
		if ids[r.kind] == nil {
			ids[r.kind] = map[string]string{}
		}
		ids[r.kind][r.key] = r.key
	}
	return &builder{ids: ids}
}

// NamedRoster is a roster whose people go by their keys, for looking at.
type NamedRoster struct {
	Key, Name string
	Zone      alerting.Zone // its own, or the site's
	Roster    alerting.Roster
}

// RostersByKey lists the document's rosters. The document must be without a
// mistake.
func (d *Document) RostersByKey() ([]NamedRoster, error) {
	site, err := d.SiteZone()
	if err != nil {
		return nil, err
	}
	b := d.byKey()
	var out []NamedRoster
	for _, r := range d.Rosters {
		zone, err := r.zone(site)
		if err != nil {
			return nil, err
		}
		out = append(out, NamedRoster{r.Key, cmp.Or(r.Name, r.Key), zone, r.plan(b, site)})
	}
	return out, b.err
}

// SiteZone is where the site's clock hangs.
func (d *Document) SiteZone() (alerting.Zone, error) {
	l, err := time.LoadLocation(d.Zone)
	if err != nil {
		return alerting.Zone{}, fmt.Errorf("time zone %q of site %q: %w", d.Zone, d.Site, err)
	}
	return alerting.Zone{Location: l}, nil
}

// NameOf is what a responder is called.
func (d *Document) NameOf(responder string) string {
	for _, r := range d.Responders {
		if r.Key == responder {
			return r.Name
		}
	}
	return responder
}
