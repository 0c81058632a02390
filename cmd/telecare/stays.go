package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/gateway/config"
	"telecare/gateway/registry"
)

type staysCommand struct {
	List staysList `cmd:"" default:"withargs" help:"List who stays where."`
	Add  staysAdd  `cmd:"" help:"Put one more stay in force."`
	End  staysEnd  `cmd:"" help:"End a stay, or let it last longer; one that has not begun is taken out."`
}

// inForce is a registry file, or what is in force.
type inForce struct {
	place
	Registry string `short:"f" placeholder:"FILE" help:"A registry file to look at, instead of what is in force." type:"path"`
	At       string `placeholder:"TIME" help:"When: \"2026-03-29 02:30\" on the site's clock, 2026-03-29 for its midnight, or with an offset as in 2026-03-29T02:30:00+01:00; now, when left out."`
	JSON     bool   `help:"Write JSON, for programs."`
}

// read gives the site by keys, and the time that is asked for.
func (c *inForce) read(ctx context.Context) (*registry.Site, time.Time, error) {
	look := rosterShow{place: c.place, Registry: c.Registry}
	doc, err := look.document(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	site, err := doc.ByKey()
	if err != nil {
		return nil, time.Time{}, err
	}
	at, err := whenAsked(c.At, site.Zone, time.Now())
	return site, at, err
}

type staysList struct {
	inForce
	All bool `help:"Also those that are over or yet to come."`
}

// stayLine is one line of the answer.
type stayLine struct {
	ID       registry.StayID `json:"id,omitempty"`
	Resident string          `json:"resident"`
	Name     string          `json:"name"`
	Place    string          `json:"place"`
	Kind     string          `json:"kind,omitempty"`
	From     string          `json:"from"`
	Until    string          `json:"until,omitempty"`
	Now      string          `json:"now"` // here, away, over, to_come
}

func (c *staysList) Run(ctx context.Context, s streams) error {
	site, at, err := c.read(ctx)
	if err != nil {
		return err
	}
	ids, err := c.ids(ctx)
	if err != nil {
		return err
	}
	polish := language() == words.Polish
	lines, rows := []stayLine{}, [][]string{}
	where := site.Plan.Whereabouts()
	for i, stay := range site.Stays {
		line := stayLine{
			Resident: string(stay.Resident), Place: string(stay.Place), Kind: stay.Kind,
			From: stay.From.In(site.Zone.Location).Format(time.RFC3339), Now: stayNow(where, stay.Stay, at),
		}
		if !stay.Until.IsZero() {
			line.Until = stay.Until.In(site.Zone.Location).Format(time.RFC3339)
		}
		if len(ids) == len(site.Stays) {
			line.ID = ids[i]
		}
		if !c.All && (line.Now == "over" || line.Now == "to_come") {
			continue
		}
		line.Name = site.Residents[slices.IndexFunc(site.Residents, func(r registry.Resident) bool { return r.ID == stay.Resident })].Name
		place := site.Places[slices.IndexFunc(site.Places, func(p registry.Place) bool { return p.ID == stay.Place })].Name
		lines = append(lines, line)
		rows = append(rows, []string{line.Name, place, stayWord(polish, line.Kind), wallClock(stay.From, site.Zone), untilText(stay.Until, site.Zone), stayWord(polish, line.Now), string(line.ID)})
	}
	if c.JSON {
		return writeJSON(s, map[string]any{"at": at.In(site.Zone.Location).Format(time.RFC3339), "stays": lines})
	}
	head := "RESIDENT\tPLACE\tKIND\tFROM\tUNTIL\tNOW\tID"
	if polish {
		head = "OSOBA\tMIEJSCE\tRODZAJ\tOD\tDO\tTERAZ\tID"
	}
	return table(s.out, head, rows)
}

// ids are those of the stays in force, in their order; a file has none.
func (c *staysList) ids(ctx context.Context) ([]registry.StayID, error) {
	if c.Registry != "" {
		return nil, nil
	}
	store, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	site, err := store.Load(ctx)
	if err = errors.Join(err, store.Close()); err != nil {
		return nil, err
	}
	var out []registry.StayID
	for _, s := range site.Stays {
		out = append(out, s.ID)
	}
	return out, nil
}

// stayNow says how a stay is at a time. Away is within its dates: after hours,
// or at home when another stay has them.
func stayNow(where alerting.Whereabouts, s alerting.Stay, at time.Time) string {
	switch {
	case at.Before(s.From):
		return "to_come"
	case !s.Until.IsZero() && !at.Before(s.Until):
		return "over"
	}
	if now, ok := where.Now(s.Resident, at); ok && now.Place == s.Place && now.From.Equal(s.From) {
		return "here"
	}
	return "away"
}

// untilText is the end of a stay: midnight is the day before to its end.
func untilText(t time.Time, zone alerting.Zone) string {
	local := t.In(zone.Location)
	switch {
	case t.IsZero():
		return ""
	case local.Hour() == 0 && local.Minute() == 0:
		return local.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return wallClock(t, zone)
}

func stayWord(polish bool, word string) string {
	if !polish {
		return strings.ReplaceAll(word, "_", " ")
	}
	return map[string]string{
		"respite": "wytchnienie", "day": "pobyt dzienny", "home": "dom",
		"here": "jest", "away": "poza", "over": "zakończony", "to_come": "przyszły",
	}[word]
}

func writeJSON(s streams, v any) error {
	e := json.NewEncoder(s.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

type staysAdd struct {
	place
	Resident string         `required:"" help:"Who: key or name of a resident."`
	Place    string         `required:"" help:"Where: key or name of a place."`
	Kind     string         `default:"respite" help:"respite: 14 days, day and night. day: day care, 8 hours on working days. home: where somebody lives."`
	From     registry.When  `placeholder:"DATE" help:"From when: 2026-11-10, or \"2026-11-10 12:00\"; now, when left out."`
	Until    registry.When  `placeholder:"DATE" help:"The last day, as 2026-11-23, or when it is over, as \"2026-11-24 12:00\"; the kind's, when left out."`
	Days     []registry.Day `placeholder:"DAY,…" help:"Days of day care, such as mon,wed; mon to fri when left out."`
	Hours    registry.Hours `placeholder:"HOURS" help:"Hours of day care; 08:00-16:00 when left out."`
}

func (c *staysAdd) Run(ctx context.Context, s streams) error {
	return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
		_, changes, err := store.AddStay(ctx, registry.NewStay{
			Resident: c.Resident, Place: c.Place, Kind: c.Kind, From: c.From, Until: c.Until, Days: c.Days, Hours: c.Hours,
		}, time.Now(), check)
		return changes, err
	})
}

type staysEnd struct {
	place
	Stay  string        `arg:"" help:"Who stays, by key or name, or the stay by its id."`
	Until registry.When `placeholder:"DATE" help:"The last day, as 2026-11-23, or when it is over, as \"2026-11-24 12:00\"; now, when left out."`
}

func (c *staysEnd) Run(ctx context.Context, s streams) error {
	return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
		return store.EndStay(ctx, c.Stay, c.Until, time.Now(), check)
	})
}

// edit changes the registry in force, and has a gateway that runs follow it.
func (p place) edit(ctx context.Context, s streams, change func(*registry.Store, func(*registry.Document) error) (registry.Changes, error)) (err error) {
	var check func(*registry.Document) error
	if p.Data == "" { // with --data there need not be a configuration
		cfg, pos, err := config.InspectFile(p.Config)
		if err != nil {
			return err
		}
		check = func(d *registry.Document) error { return fits(cfg, pos, d) }
	}
	store, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := store.Close(); err == nil {
			err = e
		}
	}()
	changes, err := change(store, check)
	if err != nil {
		if why, ok := registry.IsWrong(err); ok {
			return errors.New(why)
		}
		return err
	}
	fmt.Fprintln(s.out, changes)
	data, err := p.data()
	if err != nil {
		return err
	}
	_, err = data.ask(ctx, s, "registry") // or it is in force from the next start
	return err
}
