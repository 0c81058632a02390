package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/dashboards/calendar"
	"telecare/gateway/registry"
)

type rosterOverride struct {
	place
	Roster  string   `arg:"" help:"Key or name of the roster."`
	Who     []string `arg:"" optional:"" help:"Who is on call, by keys or names."`
	From    string   `required:"" placeholder:"TIME" help:"From when: \"2026-12-24 18:00\" on the roster's clock, or with an offset."`
	Until   string   `placeholder:"TIME" help:"Until when; only --remove goes without."`
	Instead string   `placeholder:"WHO" help:"In whose place; everybody's, when left out."`
	Remove  bool     `help:"Take out the overrides that last at the time --from."`
}

func (c *rosterOverride) Run(ctx context.Context, s streams) error {
	zone, _, err := rosterZone(ctx, c.place, c.Roster)
	if err != nil {
		return err
	}
	from, err := registry.ParseMoment(c.From, zone)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	if c.Remove {
		return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
			return store.RemoveOverrides(ctx, c.Roster, from, check)
		})
	}
	if c.Until == "" {
		return errors.New("--until is missing: until when they are on call, such as --until \"2026-12-24 18:00\"; --remove takes overrides out")
	}
	until, err := registry.ParseMoment(c.Until, zone)
	if err != nil {
		return fmt.Errorf("--until: %w", err)
	}
	return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
		return store.AddOverride(ctx, c.Roster, registry.NewOverride{From: from, Until: until, Who: c.Who, Instead: c.Instead}, check)
	})
}

type rosterSwap struct {
	place
	Roster string `arg:"" help:"Key or name of the roster."`
	Who    string `arg:"" help:"Who gives a turn away, by key or name."`
	Turn   string `arg:"" help:"The day on which that turn begins, as 2026-12-21."`
	With   string `arg:"" help:"Who does it instead."`
	For    string `arg:"" help:"The day on which the turn begins that is given for it."`
}

func (c *rosterSwap) Run(ctx context.Context, s streams) error {
	var turn, on alerting.Date
	for _, x := range []struct {
		text string
		into *alerting.Date
	}{{c.Turn, &turn}, {c.For, &on}} {
		if err := x.into.UnmarshalText([]byte(x.text)); err != nil {
			return err
		}
	}
	return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
		return store.AddSwap(ctx, c.Roster, c.Who, turn, c.With, on, check)
	})
}

type rosterImport struct {
	place
	File   string `arg:"" type:"path" help:"An iCalendar file. The title of an event is who is on call: keys or names, with commas between."`
	Roster string `required:"" placeholder:"KEY" help:"Key or name of the roster."`
	Name   string `help:"What to call this calendar: read again under the same name, it replaces what it said before. The file's name, when left out."`
	From   string `placeholder:"TIME" help:"From when events are read; now, when left out."`
	For    string `default:"52w" placeholder:"DURATION" help:"For how long: 30d, 52w."`
}

func (c *rosterImport) Run(ctx context.Context, s streams) error {
	zone, doc, err := rosterZone(ctx, c.place, c.Roster)
	if err != nil {
		return err
	}
	from := time.Now().Truncate(time.Minute)
	if c.From != "" {
		if from, err = registry.ParseMoment(c.From, zone); err != nil {
			return fmt.Errorf("--from: %w", err)
		}
	}
	until, err := later(from, c.For, zone)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	events, all, err := readCalendar(b, zone, from, until, doc)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	name := c.Name
	if name == "" {
		name = strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File))
	}
	fmt.Fprintf(s.out, "%d events, %d overrides\n", events, len(all))
	return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
		return store.Calendar(ctx, c.Roster, name, all, check)
	})
}

// readCalendar makes overrides of a calendar's events, and counts these.
func readCalendar(b []byte, zone alerting.Zone, from, until time.Time, doc *registry.Document) (events int, all []registry.NewOverride, err error) {
	list, err := calendar.Read(b, zone, from, until)
	if err != nil {
		return 0, nil, err
	}
	all, err = overridesOf(list, doc)
	return len(list), all, err
}

// overridesOf makes overrides of events. One whose title is nobody's is told, and
// nothing is read: a rota with a hole in it is worse than none.
func overridesOf(events []calendar.Event, doc *registry.Document) ([]registry.NewOverride, error) {
	var strangers []string
	who := map[string][]alerting.Person{}
	for _, e := range events {
		if _, done := who[e.Title]; done {
			continue
		}
		var people []alerting.Person
		if key := doc.Responder(e.Title); key != "" { // a name may have a comma in it
			people = append(people, alerting.Person(key))
		} else {
			for _, name := range strings.FieldsFunc(e.Title, func(r rune) bool { return strings.ContainsRune(",;+&/", r) }) {
				if key := doc.Responder(name); key != "" {
					people = append(people, alerting.Person(key))
				} else {
					people = nil
					break
				}
			}
		}
		if len(people) == 0 {
			strangers = append(strangers, fmt.Sprintf("%q", e.Title))
		}
		who[e.Title] = people
	}
	if len(strangers) > 0 {
		slices.Sort(strangers)
		return nil, fmt.Errorf("the title of an event is who is on call, by key or name, and these are nobody's: %s", strings.Join(strangers, ", "))
	}
	var out []registry.NewOverride
	for _, span := range calendar.Flatten(events, func(title string) []alerting.Person { return who[title] }) {
		o := registry.NewOverride{From: span.From, Until: span.Until}
		for _, p := range span.Who {
			o.Who = append(o.Who, string(p))
		}
		out = append(out, o)
	}
	return out, nil
}

// rosterZone is where the wall clock of a roster in force hangs.
func rosterZone(ctx context.Context, p place, roster string) (alerting.Zone, *registry.Document, error) {
	doc, err := (&rosterShow{place: p}).document(ctx)
	if err != nil {
		return alerting.Zone{}, nil, err
	}
	all, err := doc.RostersByKey()
	if err != nil {
		return alerting.Zone{}, nil, err
	}
	var keys []string
	for _, r := range all {
		if r.Key == roster || strings.EqualFold(r.Name, roster) {
			return r.Zone, doc, nil
		}
		keys = append(keys, r.Key)
	}
	return alerting.Zone{}, nil, fmt.Errorf("there is no roster %q; there are: %s", roster, strings.Join(keys, ", "))
}
