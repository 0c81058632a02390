package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"telecare/alerting"
	"telecare/gateway/registry"
)

type awayCommand struct {
	remote
	Who   string `arg:"" optional:"" help:"A resident or a place, by key or name; without it, who is away is listed."`
	Until string `placeholder:"TIME" help:"When they are back by themselves, as \"2026-11-20 12:00\": at most 14 days from now."`
	Back  bool   `help:"They are back now."`
}

func (c *awayCommand) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	zone := gw.zone(ctx)
	switch {
	case c.Who == "" && (c.Until != "" || c.Back):
		return errors.New("say who: a resident or a place")
	case c.Who == "":
		return c.list(ctx, s, gw, zone)
	case (c.Until == "") == !c.Back:
		return errors.New("say --until when they are away, such as --until \"2026-11-20 12:00\", or --back")
	}
	in := struct {
		Who   string    `json:"who"`
		Until time.Time `json:"until,omitzero"`
	}{Who: c.Who}
	if c.Until != "" {
		if in.Until, err = registry.ParseMoment(c.Until, alerting.Zone{Location: zone}); err != nil {
			return fmt.Errorf("--until: %w", err)
		}
	}
	if _, err := gw.call(ctx, http.MethodPost, "/absences", in); err != nil {
		return err
	}
	if c.JSON {
		return nil
	}
	if c.Back {
		_, err = fmt.Fprintf(s.out, "%s: back, and watched again\n", c.Who)
	} else {
		_, err = fmt.Fprintf(s.out, "%s: away until %s; a press calls all the same\n", c.Who, clock(in.Until, zone))
	}
	return err
}

func (c *awayCommand) list(ctx context.Context, s streams, gw *client, zone *time.Location) error {
	var list struct {
		Absences []struct {
			ID, Who, By string
			From, Until time.Time
		}
	}
	if ok, err := c.get(ctx, s, gw, "/absences", &list); !ok {
		return err
	}
	if len(list.Absences) == 0 {
		_, err := fmt.Fprintln(s.out, "nobody is away")
		return err
	}
	rows := [][]string{}
	for _, a := range list.Absences {
		rows = append(rows, []string{a.Who, clock(a.From, zone), clock(a.Until, zone), a.By, a.ID})
	}
	return table(s.out, "WHO\tSINCE\tUNTIL\tSAID BY\tID", rows)
}
