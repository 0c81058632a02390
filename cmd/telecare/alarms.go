package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type alarmsCommand struct {
	List    alarmsList   `cmd:"" default:"withargs" help:"List the open alarms."`
	Show    alarmsShow   `cmd:"" help:"Show one alarm with its history."`
	Raise   alarmsRaise  `cmd:"" help:"Raise an alarm by hand."`
	Take    alarmsTake   `cmd:"" help:"Take an alarm: somebody comes."`
	Decline alarmsNo     `cmd:"" help:"Say that one cannot come, or give an alarm back."`
	Arrive  alarmsArrive `cmd:"" help:"Say that somebody is with the person."`
	More    alarmsHelp   `cmd:"" name:"help" help:"Ask for more people."`
	Hand    alarmsHand   `cmd:"" help:"Ask somebody to take an alarm over."`
	Close   alarmsClose  `cmd:"" help:"Close an alarm, and say how it ended."`
	Reopen  alarmsReopen `cmd:"" help:"Open an alarm again that was closed by mistake."`
}

// shown is an alarm as the interface shows it.
type shown struct {
	ID, Kind, Priority, State, Place, Source, Holder, Outcome string
	Number, Presses, Step                                     int
	Late                                                      bool
	RaisedAt                                                  time.Time `json:"raised_at"`
	ClosedAt                                                  time.Time `json:"closed_at"`
	Deadline                                                  time.Time
	Waits                                                     string // of a technical alarm: why it calls nobody now
	Persons                                                   []struct{ Initials, Name, Notes string }
	WayIn                                                     string `json:"way_in"`
	Phone                                                     string
	History                                                   []struct {
		At              time.Time
		What, Who, Text string
		Step            int
	}
	Faults *struct{ Codes []string } // of a technical alarm
}

// shownList are alarms as the interface lists them: technical ones apart.
type shownList struct {
	Alarms    []shown
	Technical []shown `json:"technical_alarms"`
}

func (l shownList) all() []shown { return append(slices.Clip(l.Alarms), l.Technical...) }

// of is what an alarm is of: a technical one also by what is wrong.
func (a *shown) of(r reader) string {
	if a.Faults == nil || len(a.Faults.Codes) == 0 {
		return r.kind(a.Kind)
	}
	return r.kind(a.Kind) + ": " + r.faults(a.Faults.Codes)
}

type alarmsList struct {
	remote
	All bool `help:"Also those closed in the last hour."`
}

func (c *alarmsList) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	path := "/alarms?state=open"
	if c.All {
		path = "/alarms"
	}
	var list shownList
	if ok, err := c.get(ctx, s, gw, path, &list); !ok {
		return err
	}
	r := newReader(language())
	if len(list.all()) == 0 {
		_, err := fmt.Fprintln(s.out, r.say("no alarm is open"))
		return err
	}
	zone, rows := gw.zone(ctx), [][]string{}
	for _, a := range list.all() {
		rows = append(rows, []string{strconv.Itoa(a.Number), r.state(a.State), a.of(r), a.Place, clock(a.RaisedAt, zone), a.Holder, clock(a.Deadline, zone), a.ID})
	}
	return table(s.out, r.say("NO\tSTATE\tKIND\tPLACE\tRAISED\tHOLDER\tNEXT\tID"), rows)
}

// which is one alarm.
type which struct {
	remote
	Alarm string `arg:"" help:"Its number or its id."`
}

// find is the alarm's path; a number is looked up.
func (w which) find(ctx context.Context, gw *client) (string, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(w.Alarm, "#"))
	if err != nil {
		return "/alarms/" + url.PathEscape(w.Alarm), nil
	}
	r := remote{}
	var list shownList
	if _, err := r.get(ctx, streams{}, gw, "/alarms", &list); err != nil {
		return "", err
	}
	all := list.all()
	i := slices.IndexFunc(all, func(a shown) bool { return a.Number == n })
	if i < 0 {
		return "", fmt.Errorf("there is no alarm %d that is open or was closed in the last hour: telecare alarms --all lists them", n)
	}
	return "/alarms/" + url.PathEscape(all[i].ID), nil
}

type alarmsShow struct{ which }

func (c *alarmsShow) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	path, err := c.find(ctx, gw)
	if err != nil {
		return err
	}
	var a shown
	if ok, err := c.get(ctx, s, gw, path, &a); !ok {
		return err
	}
	return a.write(s.out, newReader(language()), gw.zone(ctx))
}

func (a *shown) write(w io.Writer, r reader, zone *time.Location) error {
	late := ""
	if a.Late {
		late = r.say(", heard late")
	}
	fmt.Fprintf(w, "alarm %d: %s, %s%s\n", a.Number, a.of(r), r.state(a.State), late)
	line := func(what, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-10s %s\n", what, text)
		}
	}
	line("id", a.ID)
	line(r.say("place"), a.Place)
	line(r.say("way in"), a.WayIn)
	line(r.say("phone"), a.Phone)
	for _, p := range a.Persons {
		line(r.say("person"), strings.TrimSpace(cmp.Or(p.Name, p.Initials)+"  "+p.Notes))
	}
	line(r.say("device"), a.Source)
	line(r.say("presses"), strconv.Itoa(a.Presses))
	line(r.say("holder"), a.Holder)
	if a.Waits == "over" {
		line(r.say("next"), r.say("called again only if the fault comes back"))
	} else {
		line(r.say("next"), clock(a.Deadline, zone))
	}
	line(r.say("outcome"), r.outcome(a.Outcome))
	for _, e := range a.History {
		step := ""
		if e.Step > 0 {
			step = fmt.Sprintf(r.say("step %d"), e.Step)
		}
		text := strings.Join(strings.Fields(strings.Join([]string{r.happened(e.What), step, e.Who, r.text(e.Text)}, " ")), " ")
		fmt.Fprintf(w, "  %s  %s\n", clock(e.At, zone), text)
	}
	return nil
}

// say says something of the alarm, and confirms it.
func (w which) say(ctx context.Context, s streams, action, done string, in any) error {
	gw, err := w.client()
	if err != nil {
		return err
	}
	path, err := w.find(ctx, gw)
	if err != nil {
		return err
	}
	if _, err := gw.call(ctx, http.MethodPost, path+"/"+action, in); err != nil {
		return err
	}
	if !w.JSON {
		fmt.Fprintf(s.out, "alarm %s: %s\n", w.Alarm, newReader(language()).say(done))
	}
	return nil
}

type (
	alarmsTake   struct{ which }
	alarmsNo     struct{ which }
	alarmsArrive struct{ which }
	alarmsHelp   struct{ which }
	alarmsReopen struct{ which }
	alarmsClose  struct {
		which
		Outcome string `required:"" help:"How it ended: helped, hurt, ambulance, not_needed, mistake or test; a technical alarm: fixed or not_needed."`
	}
)

func (c *alarmsTake) Run(ctx context.Context, s streams) error {
	return c.say(ctx, s, "take", "taken", nil)
}

func (c *alarmsNo) Run(ctx context.Context, s streams) error {
	return c.say(ctx, s, "decline", "declined", nil)
}

func (c *alarmsArrive) Run(ctx context.Context, s streams) error {
	return c.say(ctx, s, "arrive", "somebody is there", nil)
}

func (c *alarmsHelp) Run(ctx context.Context, s streams) error {
	return c.say(ctx, s, "help", "more people are called", nil)
}

type alarmsHand struct {
	which
	To string `required:"" help:"Who is asked: the name or id of a responder."`
}

func (c *alarmsHand) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	to, err := responder(ctx, gw, c.To)
	if err != nil {
		return err
	}
	return c.say(ctx, s, "hand-over", c.To+" is asked to take over", map[string]string{"to": to})
}

// responder finds somebody's id by name or id.
func responder(ctx context.Context, gw *client, who string) (string, error) {
	r := remote{}
	var list struct{ People []struct{ ID, Name string } }
	if _, err := r.get(ctx, streams{}, gw, "/people", &list); err != nil {
		return "", err
	}
	for _, p := range list.People {
		if p.ID == who || p.Name == who {
			return p.ID, nil
		}
	}
	return "", fmt.Errorf("there is no responder %q: telecare people lists them", who)
}

func (c *alarmsReopen) Run(ctx context.Context, s streams) error {
	return c.say(ctx, s, "reopen", "open again", nil)
}

func (c *alarmsClose) Run(ctx context.Context, s streams) error {
	return c.say(ctx, s, "close", "closed", map[string]string{"outcome": c.Outcome})
}

type alarmsRaise struct {
	remote
	Kind  string `default:"panic" help:"panic, fall, inactivity, medical, smoke, gas, co, heat, flood, intruder, wandering or bed_exit."`
	Place string `required:"" help:"Where: a place's name or id."`
	Drill bool   `help:"To see how it goes: people are called, and told that it is a drill."`
}

func (c *alarmsRaise) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	var site struct {
		Places []struct{ ID, Name string }
	}
	if _, err := (remote{}).get(ctx, s, gw, "/site", &site); err != nil {
		return err
	}
	var names []string
	for _, p := range site.Places {
		names = append(names, strconv.Quote(p.Name))
		if p.ID == c.Place || strings.EqualFold(p.Name, c.Place) {
			b, err := gw.call(ctx, http.MethodPost, "/alarms", map[string]any{"kind": c.Kind, "place": p.ID, "drill": c.Drill})
			if err != nil {
				return err
			}
			if c.JSON {
				_, err := s.out.Write(b)
				return err
			}
			fmt.Fprintf(s.out, newReader(language()).say("raised at %q: people are called\n"), p.Name)
			return nil
		}
	}
	return fmt.Errorf("there is no place %q: there are %s", c.Place, strings.Join(names, ", "))
}
