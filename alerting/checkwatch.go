package alerting

import (
	"time"

	"telecare/devices"
)

// Bounds of what a watch calls too long.
const (
	MinWatch = time.Minute
	MaxWatch = 48 * time.Hour
)

// checkWatches says what is wrong with the watches.
func (p Plan) checkWatches(bad func(format string, args ...any)) {
	for _, id := range sortedKeys(p.Watches) {
		w := p.Watches[id]
		if !Watches(w.Kind) {
			bad("watch %q is of kind %q: give inactivity, wandering or bed_exit", id, w.Kind)
		}
		if (w.Resident == "") == (w.Place == "") {
			bad("watch %q names neither one resident nor one place", id)
		}
		if w.Kind == devices.Wandering && len(w.Devices) == 0 {
			bad("watch %q names no door", id)
		}
		if len(w.Times) == 0 {
			bad("watch %q has no hours", id)
		}
		for i, t := range w.Times {
			if t.From < 0 || t.From >= 24*60 || t.To < 0 || t.To > 24*60 || len(t.Days) == 0 {
				bad("watch %q has no days or hours outside 00:00 to 24:00 in its time %d", id, i+1)
			}
			if w.Kind == devices.Inactivity && t.After < MinWatch || t.After < 0 || t.After > MaxWatch {
				bad("watch %q calls %s too long: give %s to %s", id, t.After, MinWatch, MaxWatch)
			}
		}
		if w.Policy != "" {
			if _, ok := p.Policies[w.Policy]; !ok {
				bad("watch %q has policy %q, which does not exist", id, w.Policy)
			}
		}
	}
}
