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
	var list struct {
		Looks []struct {
			At                       time.Time
			Person                   string
			PersonID                 string `json:"person_id"`
			Token, Role, What, Alarm string
			Why, Account             string
			Names                    []string
		}
	}
	if ok, err := c.get(ctx, s, gw, "/looks?"+q.Encode(), &list); !ok {
		return err
	}
	zone, r, rows := gw.zone(ctx), newReader(language()), [][]string{}
	for _, l := range list.Looks {
		rows = append(rows, []string{clock(l.At, zone), cmp.Or(l.Token, l.Person, l.PersonID, l.Role), cmp.Or(strings.Join(l.Names, ", "), l.Account), r.say(l.What), cmp.Or(l.Why, l.Alarm)})
	}
	return table(s.out, r.say("WHEN\tWHO\tWHOSE\tWHAT\tWHY"), rows)
}
