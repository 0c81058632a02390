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
			Why                      string
			Names                    []string
		}
	}
	if ok, err := c.get(ctx, s, gw, "/looks?"+q.Encode(), &list); !ok {
		return err
	}
	zone, r, rows := gw.zone(ctx), newReader(language()), [][]string{}
	for _, l := range list.Looks {
		rows = append(rows, []string{clock(l.At, zone), cmp.Or(l.Token, l.Person, l.PersonID, l.Role), strings.Join(l.Names, ", "), r.seen(l.What), cmp.Or(l.Why, l.Alarm)})
	}
	return table(s.out, r.say("WHEN\tWHO\tWHOSE\tWHAT\tWHY"), rows)
}

// seen is what was looked at.
func (r reader) seen(what string) string {
	switch what {
	case "name and notes":
		return r.say("name and notes")
	case "key-safe code":
		return r.say("key-safe code")
	case "names of who stays where":
		return r.say("names of who stays where")
	case "names of who is away":
		return r.say("names of who is away")
	case "names on the hand-over sheet":
		return r.say("names on the hand-over sheet")
	case "alarms by a resident's name":
		return r.say("alarms by a resident's name")
	case "names of residents":
		return r.say("names of residents")
	case "glass broken":
		return r.say("glass broken")
	case "everything kept of a person":
		return r.say("everything kept of a person")
	case "a person erased":
		return r.say("a person erased")
	}
	return what
}
