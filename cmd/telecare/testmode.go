package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

type testCommand struct {
	List  testList  `cmd:"" default:"withargs" help:"List the tests that run, and which presses were heard."`
	Start testStart `cmd:"" help:"Try buttons: the first press of each is heard and shown, and calls nobody. A second one, a fall and smoke are real."`
	End   testEnd   `cmd:"" help:"End a test before its time."`
}

// tried is what is to be tried.
type tried struct {
	Device string `placeholder:"DEVICE" help:"One device, by key or name."`
	Place  string `placeholder:"PLACE" help:"All devices of a place, by key or name."`
	Site   bool   `help:"All devices of the site."`
}

func (t tried) what() (string, error) {
	if (t.Device != "" && t.Place != "") || t.Site == (t.Device+t.Place != "") {
		return "", errors.New("say what to try: --device, --place or --site")
	}
	return cmp.Or(t.Device, t.Place), nil
}

type testStart struct {
	remote
	tried
	For time.Duration `default:"30m" help:"For how long; 4h at most. It ends by itself."`
}

func (c *testStart) Run(ctx context.Context, s streams) error {
	if c.For < time.Minute || c.For > 4*time.Hour {
		return fmt.Errorf("--for %v: write something from 1m to 4h", c.For)
	}
	if err := c.set(ctx, c.remote, int(c.For.Minutes())); err != nil || c.JSON {
		return err
	}
	_, err := fmt.Fprintf(s.out, "for %v the first press of each device is a test; a second one, a fall and smoke call\n", c.For)
	return err
}

func (t tried) set(ctx context.Context, r remote, minutes int) error {
	what, err := t.what()
	if err != nil {
		return err
	}
	gw, err := r.client()
	if err != nil {
		return err
	}
	_, err = gw.call(ctx, http.MethodPost, "/tests", map[string]any{"what": what, "minutes": minutes})
	return err
}

type testEnd struct {
	remote
	tried
}

func (c *testEnd) Run(ctx context.Context, s streams) error {
	if err := c.set(ctx, c.remote, 0); err != nil || c.JSON {
		return err
	}
	_, err := fmt.Fprintln(s.out, "the test is over: every press calls")
	return err
}

type testList struct{ remote }

func (c *testList) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	var list struct {
		Tests []struct {
			What, By string
			Until    time.Time
			Heard    []struct {
				Name string
				At   time.Time
				RSSI *float64
				Link *float64 `json:"link_quality"`
			}
		}
	}
	if ok, err := c.get(ctx, s, gw, "/tests", &list); !ok {
		return err
	}
	if len(list.Tests) == 0 {
		_, err := fmt.Fprintln(s.out, "nothing is tried now: every press calls")
		return err
	}
	zone, rows := gw.zone(ctx), [][]string{}
	for _, t := range list.Tests {
		rows = append(rows, []string{cmp.Or(t.What, "*"), "until " + clock(t.Until, zone), t.By})
		for _, h := range t.Heard {
			strength := ""
			if h.RSSI != nil {
				strength = fmt.Sprintf("%g dBm", *h.RSSI)
			} else if h.Link != nil {
				strength = fmt.Sprintf("link quality %g", *h.Link)
			}
			rows = append(rows, []string{"  " + h.Name, "heard " + clock(h.At, zone), strength})
		}
	}
	return table(s.out, "WHAT\tWHEN\t", rows)
}
