package main

import "context"

type peopleCommand struct {
	remote
	OnCall bool `help:"Only those who are on call now."`
}

func (c *peopleCommand) Run(ctx context.Context, s streams) error {
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
			OnCall         bool `json:"on_call"`
			LastResort     bool `json:"last_resort"`
		}
	}
	if ok, err := c.get(ctx, s, gw, path, &list); !ok {
		return err
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
		rows = append(rows, []string{p.Name, r.say(p.Role), when, p.ID})
	}
	return table(s.out, r.say("NAME\tROLE\tNOW\tID"), rows)
}
