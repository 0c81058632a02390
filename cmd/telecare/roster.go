package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/gateway/registry"
)

type rosterCommand struct {
	Show     rosterShow     `cmd:"" default:"withargs" help:"Say who is on call at a time, and until when."`
	Override rosterOverride `cmd:"" help:"Put somebody on call for a time, in the place of one or of all."`
	Swap     rosterSwap     `cmd:"" help:"Let two people exchange turns."`
	Import   rosterImport   `cmd:"" help:"Take who is on call from a calendar; also one that repeats."`
}

type rosterShow struct {
	place
	At       string   `placeholder:"TIME" help:"When: \"2026-03-29 02:30\" on the site's clock, 2026-03-29 for its midnight, or with an offset as in 2026-03-29T02:30:00+01:00; now, when left out."`
	For      string   `placeholder:"DURATION" help:"Also who is on call after that, for so long: 12h, 30d, 4w, \"2 weeks\", 1d12h. Days and weeks are those of the calendar."`
	Roster   []string `placeholder:"KEY" help:"Only this roster; may be given several times."`
	Registry string   `short:"f" placeholder:"FILE" help:"A registry file to look at, instead of what is in force." type:"path"`
	JSON     bool     `help:"Write JSON, for programs."`
}

// Help tells what is read.
func (rosterShow) Help() string {
	return "Shifts, layers, swaps and overrides are counted in, breaks are not. Times when nobody is on call are shown as such."
}

// rosterSpan is one line of the answer. Who is empty when nobody is on call;
// Until is absent when nothing changes within a year.
type rosterSpan struct {
	Roster string   `json:"roster"`
	Name   string   `json:"name"`
	From   string   `json:"from"`
	Until  string   `json:"until,omitempty"`
	Who    []string `json:"who"`
	Names  []string `json:"names"`
}

func (c *rosterShow) Run(ctx context.Context, s streams) error {
	doc, err := c.document(ctx)
	if errors.Is(err, fs.ErrNotExist) && c.Registry == "" {
		return fmt.Errorf("%w; or look at a registry file with -f FILE", err)
	}
	if err != nil {
		return err
	}
	zone, err := doc.SiteZone()
	if err != nil {
		return err
	}
	at, err := whenAsked(c.At, zone, time.Now())
	if err != nil {
		return err
	}
	var until time.Time
	if c.For != "" {
		if until, err = later(at, c.For, zone); err != nil {
			return err
		}
	}
	rosters, err := c.rosters(doc)
	if err != nil {
		return err
	}
	spans := []rosterSpan{}
	rows := [][]string{}
	for _, r := range rosters {
		for _, x := range spansOf(r, at, until) {
			line := rosterSpan{Roster: r.Key, Name: r.Name, From: x.From.In(r.Zone.Location).Format(time.RFC3339), Who: []string{}, Names: []string{}}
			row := []string{r.Name, wallClock(x.From, r.Zone), "", ""}
			if !x.Until.IsZero() {
				line.Until = x.Until.In(r.Zone.Location).Format(time.RFC3339)
				row[2] = wallClock(x.Until, r.Zone)
			}
			for _, p := range x.Who {
				line.Who = append(line.Who, string(p))
				line.Names = append(line.Names, doc.NameOf(string(p)))
			}
			row[3] = strings.Join(line.Names, ", ")
			spans, rows = append(spans, line), append(rows, row)
		}
	}
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"spans": spans})
	}
	head, nobody := "ROSTER\tFROM\tUNTIL\tON CALL", "nobody"
	if language() == words.Polish {
		head, nobody = "DYŻUR\tOD\tDO\tKTO", "nikt"
	}
	for _, row := range rows {
		if row[3] == "" {
			row[3] = nobody
		}
	}
	return table(s.out, head, rows)
}

// spansOf are those of the time asked for, or the one of the moment.
func spansOf(r registry.NamedRoster, at, until time.Time) []alerting.Span {
	if !until.IsZero() {
		return r.Roster.Spans(at, until, r.Zone)
	}
	limit := at.AddDate(1, 0, 1)
	until = r.Roster.Next(at, limit, r.Zone)
	if until.Equal(limit) {
		until = time.Time{}
	}
	return []alerting.Span{{From: at, Until: until, Who: r.Roster.OnCall(at, r.Zone)}}
}

// whenAsked reads --at, to the second: a moment, or a day for its midnight.
func whenAsked(s string, zone alerting.Zone, now time.Time) (time.Time, error) {
	if s == "" || s == "now" {
		return now.Truncate(time.Second), nil
	}
	at, err := registry.ParseMoment(s, zone)
	if err != nil {
		if midnight, err := registry.ParseMoment(s+" 00:00", zone); err == nil {
			return midnight, nil
		}
		return at, fmt.Errorf("--at: %w", err)
	}
	return at.Truncate(time.Second), nil
}

var calendarDays = regexp.MustCompile(`^(?:([0-9]{1,5}) ?(?:weeks?|w) ?)?(?:([0-9]{1,5}) ?(?:days?|d) ?)?(.*)$`)

// later is a time so much later: days and weeks are counted on the calendar,
// hours are as long as they are.
func later(at time.Time, length string, zone alerting.Zone) (time.Time, error) {
	m := calendarDays.FindStringSubmatch(length)
	days, until := 0, at
	for i, n := range []int{7, 1} {
		x, _ := strconv.Atoi(m[i+1]) // five digits, or none
		days += n * x
	}
	if days > 0 {
		wall := at.In(zone.Location)
		minute := alerting.OnTheWall(alerting.DateAt(at, zone).Add(days), wall.Hour()*60+wall.Minute(), zone)
		until = minute.Add(time.Duration(wall.Second()) * time.Second)
	}
	if m[3] != "" {
		d, err := time.ParseDuration(m[3])
		if err != nil || d < 0 {
			until = at // which is no later
		}
		until = until.Add(max(d, 0).Truncate(time.Second))
	}
	switch {
	case !until.After(at):
		return until, fmt.Errorf("--for: %q is no length of time; write one such as 12h, 30d or 4w", length)
	case until.After(at.AddDate(10, 0, 0)):
		return until, fmt.Errorf("--for: %q is more than ten years", length)
	}
	return until, nil
}

func (c *rosterShow) rosters(doc *registry.Document) ([]registry.NamedRoster, error) {
	all, err := doc.RostersByKey()
	if err != nil || len(c.Roster) == 0 {
		return all, err
	}
	var out []registry.NamedRoster
	for _, key := range c.Roster {
		i := slices.IndexFunc(all, func(r registry.NamedRoster) bool { return r.Key == key })
		if i < 0 {
			var keys []string
			for _, r := range all {
				keys = append(keys, r.Key)
			}
			return nil, fmt.Errorf("--roster: there is no roster %q; there are: %s", key, strings.Join(keys, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

// document is the file, or what is in force.
func (c *rosterShow) document(ctx context.Context) (*registry.Document, error) {
	if c.Registry != "" {
		return readRegistry(c.Registry)
	}
	store, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	b, err := store.Export(ctx)
	if err = errors.Join(err, store.Close()); err != nil {
		return nil, err
	}
	return registry.Parse("`telecare export`", b)
}

// wallClock is a time as it stands on the wall, with the zone's letters: an hour
// may come twice.
func wallClock(t time.Time, zone alerting.Zone) string {
	layout := "2006-01-02 15:04 MST"
	if t.Second() != 0 {
		layout = "2006-01-02 15:04:05 MST"
	}
	return t.In(zone.Location).Format(layout)
}
