package gateway

import (
	"maps"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Names that formats give to the box between us and the devices: a Zigbee
// bridge, a radio dongle, or one of several receivers, "bridge/attic". Nobody
// registers it, and it belongs to its source.
const (
	bridge = "bridge"
	dongle = "dongle"
)

func isBox(f *devices.Frame) bool {
	d := f.Message.Device
	return f.Err == nil && (d == bridge || d == dongle || strings.HasPrefix(d, bridge+"/"))
}

// A box is one of those of a source: a broker may have a Zigbee bridge and
// several receivers behind it.
type box struct {
	source  string
	address devices.Address
}

// format is what it speaks, and so what is behind it.
func (b box) format() string { f, _, _ := strings.Cut(string(b.address), "/"); return f }

// chain notes whether the boxes before the devices are there: none of a
// source's may be away.
func (g *Gateway) chain(f *devices.Frame) {
	b := box{f.Source, f.Address()}
	for _, e := range f.Message.Events {
		switch e.Kind {
		case devices.Offline:
			if len(g.boxes) < unknownsKept || g.boxes[b] { // whoever may publish names boxes
				g.boxes[b] = true
			} else if g.isBefore(b.format()) {
				g.changeCondition(condition{alerting.ChainDown, f.Source}, true)
				return
			}
		case devices.Online, devices.Heartbeat:
			// A serial line asks its dongle, and only when nothing else speaks.
			if _, beats := g.beats[b]; e.Kind == devices.Heartbeat && f.Message.Device != dongle && (beats || len(g.beats) < unknownsKept) {
				g.beats[b] = g.clock.mono()
			}
			delete(g.boxes, b)
		}
	}
	if slices.Contains(f.Message.Cleared, devices.Offline) { // what a broker kept of it was emptied: it is no more
		delete(g.boxes, b)
		delete(g.beats, b)
	}
	g.judgeChain(f.Source)
}

// judgeChain decides whether something is missing before a source's devices. A
// box before none that is registered is nobody's: that it is away may stand on
// the broker for ever.
func (g *Gateway) judgeChain(source string) {
	away := false
	for b := range g.boxes {
		away = away || b.source == source && g.isBefore(b.format())
	}
	g.changeCondition(condition{alerting.ChainDown, source}, away)
}

func (g *Gateway) isBefore(format string) bool {
	for a := range g.site.Devices {
		if rest, ok := strings.CutPrefix(string(a), format); ok && strings.HasPrefix(rest, "/") {
			return true
		}
	}
	return false
}

// judgeChains is for when other devices are registered.
func (g *Gateway) judgeChains() {
	sources := map[string]bool{}
	for b := range g.boxes {
		sources[b.source] = true
	}
	for _, s := range slices.Sorted(maps.Keys(sources)) {
		g.judgeChain(s)
	}
}

// forgetBoxes is for a source that ended: what it says next it says anew.
func (g *Gateway) forgetBoxes(source string) {
	maps.DeleteFunc(g.boxes, func(b box, _ bool) bool { return b.source == source })
	maps.DeleteFunc(g.beats, func(b box, _ time.Duration) bool { return b.source == source })
}

// beatsStop is after what time a box that gives signs of life by itself is down:
// Zigbee2MQTT says every ten minutes how it is (bridge/health).
const beatsStop = 30 * time.Minute

// passBeats notices boxes that have stopped. Behind a link that is lost they
// cannot be heard, and have their time again when it is back.
func (g *Gateway) passBeats() {
	now := g.clock.mono()
	for b, last := range g.beats {
		if _, lost := g.conditions[condition{alerting.LinkLost, b.source}]; lost {
			g.beats[b] = now
		} else if now-last > beatsStop {
			g.boxes[b] = true
			delete(g.beats, b)
			g.judgeChain(b.source)
		}
	}
}
