package gateway

import (
	"maps"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Bounds of what is told of sources.
const (
	// staysFor is how long a device is taken to be behind the source that it was
	// heard through before another one counts: one that two receivers hear does
	// not change with every frame.
	staysFor    = time.Hour
	mostAtATime = 500 // devices in one input
)

// paths are through what devices are heard: the machine must know which buttons
// a source that is lost takes with it.
type paths struct {
	heard map[devices.ID]time.Duration // through the source that the machine knows, by clock.mono
	news  map[devices.ID]string        // that it is to be told
}

// heardThrough notes the source of a frame. Where nobody is told of faults
// nobody asks for it.
func (g *Gateway) heardThrough(f *devices.Frame, d devices.ID) {
	if g.site.Plan.Faults == nil || f.Retained || f.Message.Hearsay {
		return
	}
	now, source := g.clock.mono(), g.machine.Source(d)
	last, heard := g.paths.heard[d]
	switch {
	case source == f.Source || source != "" && !heard: // after a start it has its time to be heard there
		g.paths.heard[d] = now
		delete(g.paths.news, d)
	case source == "" || now-last > staysFor || g.isLost(source):
		g.paths.news[d] = f.Source
	}
}

func (g *Gateway) isLost(source string) bool {
	_, link := g.conditions[condition{alerting.LinkLost, source}]
	_, chain := g.conditions[condition{alerting.ChainDown, source}]
	return link || chain
}

// tellPaths tells the machine what is new, in an order that does not depend on
// chance.
func (g *Gateway) tellPaths() {
	if len(g.paths.news) == 0 {
		return
	}
	by := map[string][]devices.ID{}
	for d, source := range g.paths.news {
		by[source] = append(by[source], d)
		g.paths.heard[d] = g.clock.mono()
	}
	clear(g.paths.news)
	for _, source := range slices.Sorted(maps.Keys(by)) {
		slices.Sort(by[source])
		for some := range slices.Chunk(by[source], mostAtATime) {
			g.step(alerting.Through{Source: source, Devices: some}, "", nil)
		}
	}
}
