package main

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type looksCommand struct {
	remote
	Resident string `help:"Only at this resident's: the opaque id."`
	Limit    int    `default:"200" help:"At most so many, the newest."`
}

func (c *looksCommand) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	q := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	if c.Resident != "" {
		q.Set("resident", c.Resident)
	}
	type page struct {
		Looks []struct {
			At                       time.Time
			Person                   string
			PersonID                 string `json:"person_id"`
			Token, Role, What, Alarm string
			Why, Account             string
			Names                    []string
		}
		Next string
	}
	var list page
	if ok, err := c.get(ctx, s, gw, "/looks?"+q.Encode(), &list); !ok {
		return err
	}
	for list.Next != "" && len(list.Looks) < c.Limit { // it is looked for a part of the book at a time
		q.Set("cursor", list.Next)
		q.Set("limit", strconv.Itoa(c.Limit-len(list.Looks)))
		var more page
		if _, err := c.get(ctx, s, gw, "/looks?"+q.Encode(), &more); err != nil {
			return err
		}
		list = page{append(list.Looks, more.Looks...), more.Next}
	}
	zone, r, rows := gw.zone(ctx), newReader(language()), [][]string{}
	for _, l := range list.Looks {
		rows = append(rows, []string{clock(l.At, zone), cmp.Or(l.Token, l.Person, l.PersonID, l.Role), cmp.Or(strings.Join(l.Names, ", "), l.Account), r.say(l.What), cmp.Or(l.Why, l.Alarm)})
	}
	return table(s.out, r.say("WHEN\tWHO\tWHOSE\tWHAT\tWHY"), rows)
}
