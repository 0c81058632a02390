package main

import (
	"context"
	"encoding/json"
	"fmt"

	"telecare/gateway"
)

// channels asks a gateway that runs how its silent tests of channels went: the
// page's interface knows the words.
func (d *doctor) channels(ctx context.Context, config string) findings {
	var said channelsSaid
	gw, err := remote{Config: config}.client()
	if err == nil {
		var b []byte
		if b, err = gw.call(ctx, "GET", "/channels", nil); err == nil {
			err = json.Unmarshal(b, &said)
		}
	}
	if err != nil {
		f := finding{Level: warn, What: "channels", Says: "their silent tests are not known: " + err.Error()}
		return findings{f}
	}
	var out findings
	for _, c := range said.Channels {
		f := c.finding()
		f.What = fmt.Sprintf("channel %q", c.Name)
		out = append(out, f)
	}
	return out
}

// finding judges a channel: by its newest call where that failed, for that says
// more than a test.
func (c channelSaid) finding() finding {
	const look = "`telecare channels` says more, `telecare check --online` tries it"
	bad := 0
	for _, k := range c.Contacts {
		if k.Result == string(gateway.TestFailed) {
			bad++
		}
	}
	switch {
	case c.CallError != "" && !c.TestedAt.After(c.CalledAt):
		return finding{Level: awful, Says: "the newest call by it failed: " + c.CallError, Do: look}
	case c.Result == string(gateway.TestFailed):
		return finding{Level: awful, Says: "its silent test failed: " + c.Error, Do: look}
	case bad > 0:
		return finding{Level: warn, Says: fmt.Sprintf("is well, and %d of %d contacts on it do not work", bad, len(c.Contacts)), Do: "`telecare channels` says whose and why: correct the address in the registry"}
	case c.CallError != "":
		return finding{Level: warn, Says: "its silent test was well, and the newest call by it failed: " + c.CallError, Do: look}
	case c.Result == string(gateway.Untestable):
		return finding{Level: warn, Says: "cannot be tested silently", Do: "run a drill: only a call shows that it works"}
	case c.Result != string(gateway.TestedWell):
		return finding{Level: warn, Says: "was not tested since the start", Do: fmt.Sprintf("`telecare channels test %s`, or wait: it is tested within two minutes unless test_every is never", c.Name)}
	}
	return well("", "its silent test was well, %s", c.TestedAt.UTC().Format("2006-01-02 15:04 UTC"))
}
