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
	type look struct {
		At                       time.Time
		Person                   string
		PersonID                 string `json:"person_id"`
		Token, Role, What, Alarm string
		Why, Account             string
		Names                    []string
	}
	var looks []look
	for { // it is looked for a part of the book at a time
		var page struct {
			Looks []look
			Next  string
		}
		if ok, err := c.get(ctx, s, gw, "/looks?"+q.Encode(), &page); !ok {
			return err
		}
		looks = append(looks, page.Looks...)
		if page.Next == "" || len(looks) >= c.Limit {
			break
		}
		q.Set("cursor", page.Next)
		q.Set("limit", strconv.Itoa(c.Limit-len(looks)))
	}
	zone, r, rows := gw.zone(ctx), newReader(language()), [][]string{}
	for _, l := range looks {
		rows = append(rows, []string{clock(l.At, zone), cmp.Or(l.Token, l.Person, l.PersonID, l.Role), cmp.Or(strings.Join(l.Names, ", "), l.Account), r.say(l.What), cmp.Or(l.Why, l.Alarm)})
	}
	return table(s.out, r.say("WHEN\tWHO\tWHOSE\tWHAT\tWHY"), rows)
}
