package main

import (
	"context"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/gateway/registry"
)

type restCommand struct {
	List  restList  `cmd:"" help:"List which carers rest, and who stands in."`
	Begin restBegin `cmd:"" default:"withargs" help:"Have a carer rest: whoever stands in is called instead."`
	End   restEnd   `cmd:"" help:"End a rest, or let it last longer; one that has not begun is taken out."`
}

type restBegin struct {
	place
	Carer string        `arg:"" help:"Who: key or name of a responder with role: carer."`
	From  registry.When `placeholder:"DATE" help:"From when: 2026-11-10, or \"2026-11-10 12:00\"; now, when left out."`
	Until registry.When `placeholder:"DATE" help:"The last day, as 2026-11-23, or when it is over, as \"2026-11-24 12:00\"; 14 days, when left out."`
}

func (c *restBegin) Run(ctx context.Context, s streams) error {
	return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
		_, changes, err := store.AddRest(ctx, c.Carer, c.From, c.Until, time.Now(), check)
		return changes, err
	})
}

type restEnd struct {
	place
	Carer string        `arg:"" help:"Who rests, by key or name."`
	Until registry.When `placeholder:"DATE" help:"The last day, as 2026-11-23, or when it is over, as \"2026-11-24 12:00\"; now, when left out."`
}

func (c *restEnd) Run(ctx context.Context, s streams) error {
	return c.edit(ctx, s, func(store *registry.Store, check func(*registry.Document) error) (registry.Changes, error) {
		return store.EndRest(ctx, c.Carer, c.Until, time.Now(), check)
	})
}

type restList struct {
	inForce
	All bool `help:"Also those that are over or yet to come."`
}

// restLine is one line of the answer.
type restLine struct {
	Carer    string   `json:"carer"`
	Name     string   `json:"name"`
	From     string   `json:"from"`
	Until    string   `json:"until,omitempty"`
	Now      string   `json:"now"` // resting, over, to_come
	StandIns []string `json:"stand_ins"`
}

func (c *restList) Run(ctx context.Context, s streams) error {
	site, at, err := c.read(ctx)
	if err != nil {
		return err
	}
	lines, rows := []restLine{}, [][]string{}
	for _, r := range site.Responders {
		for _, rest := range site.Plan.People[r.ID].Rests {
			line := restLine{Carer: r.Key, Name: r.Name, From: rest.From.In(site.Zone.Location).Format(time.RFC3339), Now: "resting", StandIns: standIns(site, r.ID)}
			switch {
			case at.Before(rest.From):
				line.Now = "to_come"
			case !rest.At(at):
				line.Now = "over"
			}
			if !rest.Until.IsZero() {
				line.Until = rest.Until.In(site.Zone.Location).Format(time.RFC3339)
			}
			if line.Now != "resting" && !c.All {
				continue
			}
			lines = append(lines, line)
			rows = append(rows, []string{r.Name, wallClock(rest.From, site.Zone), untilText(rest.Until, site.Zone), restWord(line.Now), strings.Join(line.StandIns, ", ")})
		}
	}
	if c.JSON {
		return writeJSON(s, map[string]any{"at": at.In(site.Zone.Location).Format(time.RFC3339), "rests": lines})
	}
	head := "CARER\tFROM\tUNTIL\tNOW\tWHO STANDS IN"
	if language() == words.Polish {
		head = "OPIEKUN\tOD\tDO\tTERAZ\tKTO ZASTĘPUJE"
	}
	return table(s.out, head, rows)
}

func restWord(word string) string {
	if language() != words.Polish {
		return strings.ReplaceAll(word, "_", " ")
	}
	return map[string]string{"resting": "odpoczywa", "over": "zakończony", "to_come": "przyszły"}[word]
}

// standIns names who is called instead of a carer, under any policy that calls
// them.
func standIns(site *registry.Site, carer alerting.Person) []string {
	names := []string{}
	for _, t := range site.Plan.StandInsOf(carer) {
		name := ""
		for _, r := range site.Responders {
			if t.Person == r.ID {
				name = r.Name
			}
		}
		for _, r := range site.Rosters {
			if t.Roster != "" && t.Roster == r.ID {
				name = r.Name
			}
		}
		names = append(names, name)
	}
	return names
}
