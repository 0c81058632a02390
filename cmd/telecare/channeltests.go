package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/dashboards"
	"telecare/gateway"
)

// ways tells the page how the ways to reach people are.
type ways struct{ g *gateway.Gateway }

func (w ways) TestChannel(id alerting.ChannelID) bool { return w.g.TestChannel(id) }

func (w ways) Channels() []dashboards.Channel {
	var out []dashboards.Channel
	for _, s := range w.g.ChannelStates() {
		c := dashboards.Channel{
			Name: s.Channel, Result: string(s.Result), Error: s.Error, TestedAt: s.TestedAt, Testing: s.Testing, Next: s.Next,
			CalledAt: s.CalledAt, CallWord: s.CallError,
		}
		for _, k := range s.Contacts {
			c.Contacts = append(c.Contacts, dashboards.ChannelContact{Person: k.Person, Result: string(k.Result), Error: k.Error, TestedAt: k.At})
		}
		out = append(out, c)
	}
	return out
}

type channelsCommand struct {
	List channelsList `cmd:"" default:"withargs" help:"List the ways to reach people, and how their silent tests went."`
	Test channelsTest `cmd:"" help:"Test a channel and its contacts silently, now: nobody is called."`
}

type channelsList struct{ remote }

// channelsSaid is what the gateway says of its channels.
type channelsSaid struct {
	Channels []channelSaid
}

type channelSaid struct {
	Name, Result, Error string
	TestedAt            time.Time `json:"tested_at"`
	Testing             bool
	NextAt              time.Time `json:"next_at"`
	CalledAt            time.Time `json:"called_at"`
	CallError           string    `json:"call_error"`
	Contacts            []contactSaid
}

type contactSaid struct {
	Who, Result, Error string
	TestedAt           time.Time `json:"tested_at"`
}

func (c *channelsList) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	var said channelsSaid
	if ok, err := c.get(ctx, s, gw, "/channels", &said); !ok {
		return err
	}
	return said.print(ctx, s, gw)
}

func (l channelsSaid) print(ctx context.Context, s streams, gw *client) error {
	r, zone := newReader(language()), gw.zone(ctx)
	how := func(result, word string) string {
		switch result {
		case string(gateway.TestedWell):
			return r.say("well")
		case string(gateway.TestFailed):
			return r.say("failed: ") + r.text(word)
		case string(gateway.Untestable):
			return r.say("cannot be tested silently")
		}
		if word != "" {
			return r.say("not known: ") + r.text(word)
		}
		return r.say("not tested yet")
	}
	rows := [][]string{}
	for _, c := range l.Channels {
		result, call := how(c.Result, c.Error), ""
		if c.Testing {
			result += ", " + r.say("being tested")
		}
		if !c.CalledAt.IsZero() {
			call = how(map[bool]string{true: string(gateway.TestedWell), false: string(gateway.TestFailed)}[c.CallError == ""], c.CallError) + ", " + clock(c.CalledAt, zone)
		}
		rows = append(rows, []string{c.Name, result, clock(c.TestedAt, zone), clock(c.NextAt, zone), call})
		for _, k := range c.Contacts {
			rows = append(rows, []string{"  " + k.Who, how(k.Result, k.Error), clock(k.TestedAt, zone), "", ""})
		}
	}
	return table(s.out, r.say("CHANNEL\tSILENT TEST\tLAST\tNEXT\tNEWEST CALL"), rows)
}

type channelsTest struct {
	remote
	Name string        `arg:"" help:"The channel, as telecare.yaml names it."`
	For  time.Duration `default:"2m" help:"How long to wait for the result."`
}

// Run begins a test and waits for its result. A channel by which somebody was
// just called is left alone for a minute.
func (c *channelsTest) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	asked := time.Now()
	before, err := c.look(ctx, gw)
	if err != nil {
		return err
	}
	if _, err := gw.call(ctx, http.MethodPost, "/channel-tests", map[string]string{"channel": c.Name}); err != nil {
		return err
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for time.Since(asked) < c.For {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
		now, err := c.look(ctx, gw)
		if err != nil {
			return err
		}
		if now.Testing || now.TestedAt.Equal(before.TestedAt) {
			continue
		}
		if err := (channelsSaid{[]channelSaid{now}}).print(ctx, s, gw); err != nil {
			return err
		}
		bad := func(k contactSaid) bool { return k.Result == string(gateway.TestFailed) }
		if now.Result != string(gateway.TestedWell) || slices.ContainsFunc(now.Contacts, bad) {
			return exitStatus(1)
		}
		return nil
	}
	return fmt.Errorf("channel %q: no result within %v; a channel that calls somebody is tested later", c.Name, c.For)
}

// look reads how the channel is.
func (c *channelsTest) look(ctx context.Context, gw *client) (channelSaid, error) {
	b, err := gw.call(ctx, http.MethodGet, "/channels", nil)
	if err != nil {
		return channelSaid{}, err
	}
	var said channelsSaid
	if err := json.Unmarshal(b, &said); err != nil {
		return channelSaid{}, fmt.Errorf("%s answers what is not understood: %w", gw.base, err)
	}
	for _, x := range said.Channels {
		if x.Name == c.Name {
			return x, nil
		}
	}
	return channelSaid{}, nil
}
