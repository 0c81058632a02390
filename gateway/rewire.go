package gateway

import (
	"time"

	"telecare/alerting"
)

// Wiring is what of the gateway's neighbours may change while it runs.
type Wiring struct {
	// Notifiers are all that there are from now on. Those that stay are the same
	// values as before, which must be comparable. What is on its way by a channel
	// that is another one now goes on by that one, at once and under its key; by
	// one that is gone it has failed.
	Notifiers map[alerting.ChannelID]Notifier
	// TestEvery is as in Options.
	TestEvery map[alerting.ChannelID]time.Duration
	Says      map[alerting.ChannelID]alerting.Says
	// Switch, when set, is called with all alarms, between two decisions: a
	// publisher that begins there misses nothing. It must not block.
	Switch func([]alerting.Alarm)
}

// Rewire puts other neighbours in the place of those there were. It returns at
// once, and takes effect behind what was said before.
func (g *Gateway) Rewire(w Wiring) { g.inbox.put(item{wiring: &w}) }

func (g *Gateway) rewire(w *Wiring) {
	old := g.o.Notifiers
	g.o.Notifiers, g.o.Says = w.Notifiers, w.Says
	g.senders.replace(w.Notifiers)
	g.tests.inbox.put(testNotice{wired: w})
	for channel, n := range old {
		if w.Notifiers[channel] != n { // how that one did says nothing of this one
			g.changeCondition(condition{alerting.ChannelDown, string(channel)}, false)
		}
	}
	if w.Switch != nil {
		w.Switch(forPeople(g.machine.Alarms()))
	}
}
