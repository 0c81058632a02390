package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/gateway/registry"
)

type peopleCommand struct {
	List  peopleList  `cmd:"" default:"withargs" help:"List who can be called, and who is on call."`
	Break peopleBreak `cmd:"" help:"Say that somebody is on a break: meanwhile others are called, where there are any."`
	Back  peopleBack  `cmd:"" help:"Say that somebody is back from a break."`

	Export peopleExport `cmd:"" help:"Write everything that is kept of one person, for whoever asks (GDPR, article 15); with --json for programs."`
	Erase  peopleErase  `cmd:"" help:"Erase everything that says who somebody was, for good (GDPR, article 17)."`
}

type peopleList struct {
	remote
	OnCall bool `help:"Only those who are on call now."`
}

func (c *peopleList) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	path := "/people"
	if c.OnCall {
		path += "?on_call=true"
	}
	var list struct {
		People []struct {
			ID, Name, Role string
			OnCall         bool      `json:"on_call"`
			LastResort     bool      `json:"last_resort"`
			Break          time.Time `json:"break_until"`
		}
	}
	if ok, err := c.get(ctx, s, gw, path, &list); !ok {
		return err
	}
	zone, away := gw.zone(ctx), "on a break until"
	if language() == words.Polish {
		away = "przerwa do"
	}
	r, rows := newReader(language()), [][]string{}
	for _, p := range list.People {
		when := ""
		switch {
		case p.OnCall && p.LastResort:
			when = r.say("on call, last resort")
		case p.OnCall:
			when = r.say("on call")
		case p.LastResort:
			when = r.say("last resort")
		}
		if !p.Break.IsZero() {
			when = strings.TrimPrefix(when+", "+away+" "+clock(p.Break, zone), ", ")
		}
		rows = append(rows, []string{p.Name, r.say(p.Role), when, p.ID})
	}
	return table(s.out, r.say("NAME\tROLE\tNOW\tID"), rows)
}

type peopleBreak struct {
	remote
	Who   string `arg:"" help:"Who: their name or their id, as telecare people lists them."`
	Until string `required:"" placeholder:"TIME" help:"When it is over: 03:30, or a length such as 30m; at most 12 hours away. It ends by itself."`
}

func (c *peopleBreak) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	zone := gw.zone(ctx)
	until, err := soon(c.Until, time.Now(), alerting.Zone{Location: zone})
	if err != nil {
		return fmt.Errorf("--until: %w", err)
	}
	path, err := c.person(ctx, gw, c.Who)
	if err != nil {
		return err
	}
	if _, err := gw.call(ctx, http.MethodPut, path+"/break", map[string]any{"until": until}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "on a break until %s\n", clock(until, zone))
	return err
}

type peopleBack struct {
	remote
	Who string `arg:"" help:"Who: their name or their id, as telecare people lists them."`
}

func (c *peopleBack) Run(ctx context.Context, _ streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	path, err := c.person(ctx, gw, c.Who)
	if err != nil {
		return err
	}
	_, err = gw.call(ctx, http.MethodDelete, path+"/break", nil)
	return err
}

// person finds somebody by name or id.
func (r remote) person(ctx context.Context, gw *client, who string) (path string, err error) {
	var list struct{ People []struct{ ID, Name string } }
	r.JSON = false
	if _, err := r.get(ctx, streams{}, gw, "/people", &list); err != nil {
		return "", err
	}
	var names []string
	for _, p := range list.People {
		if p.ID == who || strings.EqualFold(p.Name, who) {
			return "/people/" + url.PathEscape(p.ID), nil
		}
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return "", fmt.Errorf("nobody is called %q; there are: %s", who, strings.Join(names, ", "))
}

// soon is the next time at which the clock on the wall shows 03:30, or so long
// from now, or a time that is written whole.
func soon(s string, now time.Time, zone alerting.Zone) (time.Time, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return now.Add(d).Truncate(time.Second), nil
	}
	today := alerting.DateAt(now, zone)
	for day := range 3 {
		date, _ := today.Add(day).MarshalText() // never fails
		t, err := registry.ParseMoment(string(date)+" "+s, zone)
		if err != nil {
			break
		}
		if t.After(now) {
			return t, nil
		}
	}
	t, err := registry.ParseMoment(s, zone)
	if err != nil {
		return t, fmt.Errorf("%q is no time; write it as 03:30, or a length such as 30m", s)
	}
	return t, nil
}
