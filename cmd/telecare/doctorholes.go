package main

import (
	"context"
	"time"

	"telecare/alerting"
	"telecare/gateway/config"
	"telecare/gateway/registry"
)

// holesAhead is how far hours without anybody are looked for.
const holesAhead = 30 * 24 * time.Hour

// holes says whether somebody is on call in the days to come.
func (d *doctor) holes(ctx context.Context) finding {
	doc, _, err := (&checkCommand{}).registry(ctx, &config.Config{Data: string(d.data)})
	if err != nil || doc == nil {
		return finding{Level: warn, Says: "not known who is on call, without a registry"}
	}
	site, err := doc.ByKey()
	if err != nil {
		return failed(err)
	}
	return holesFinding(site, time.Now())
}

func holesFinding(site *registry.Site, now time.Time) finding {
	var first alerting.Hole
	var of string
	n := 0
	look := func(name string, holes []alerting.Hole) {
		n += len(holes)
		if len(holes) > 0 && (of == "" || holes[0].From.Before(first.From)) {
			first, of = holes[0], name
		}
	}
	until := now.Add(holesAhead)
	for _, p := range site.Policies {
		look("policy "+p.Key, site.Plan.Holes(p.ID, now, until))
	}
	for _, r := range site.Rosters {
		look("roster "+r.Key, site.Plan.RosterHoles(r.ID, now, until))
	}
	if n == 0 {
		return well("", "somebody is on call at all hours of the next 30 days")
	}
	f := well("", "nobody is on call from %s to %s in %s, and in the next 30 days %d times in all", wallClock(first.From, site.Zone), wallClock(first.Until, site.Zone), of, n)
	f.Level, f.Do = warn, "put somebody on call with `telecare roster override`, or give the roster more shifts or turns"
	return f
}
