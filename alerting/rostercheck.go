package alerting

import "slices"

// MaxTurn is the longest turn of a layer, in days.
const MaxTurn = 366

// checkRoster says what is wrong with a roster, and that the last resort is in
// none: who is called when all rosters have failed must not be on one.
func (p Plan) checkRoster(id RosterID, bad func(string, ...any)) {
	r := p.Rosters[id]
	known := func(what string, i int, who ...Person) {
		if slices.Contains(who, p.LastResort) {
			bad("last-resort contact %q is in roster %q: name somebody outside all rosters", p.LastResort, id)
		}
		for _, w := range who {
			if _, ok := p.People[w]; !ok {
				bad("roster %q %s %d names %q, who is not a responder", id, what, i+1, w)
			}
		}
	}
	outside := func(h Hours) bool {
		return h.From < 0 || h.From >= 24*60 || h.To < 0 || h.To > 24*60 || len(h.Days) == 0
	}
	for i, s := range r.Shifts {
		known("shift", i, s.Who...)
		if outside(s.hours()) {
			bad("roster %q shift %d has no days or hours outside 00:00 to 24:00", id, i+1)
		}
	}
	for i, l := range r.Layers {
		if l.Days < 1 || l.Days > MaxTurn {
			bad("roster %q layer %d has turns of %d days: give 1 to %d", id, i+1, l.Days, MaxTurn)
		}
		if l.HandOver < 0 || l.HandOver >= 24*60 || l.Start == (Date{}) {
			bad("roster %q layer %d has no first day or a hand-over outside 00:00 to 24:00", id, i+1)
		}
		if len(l.Turns) == 0 || slices.ContainsFunc(l.Turns, func(t []Person) bool { return len(t) == 0 }) {
			bad("roster %q layer %d has no turns, or one with nobody in it", id, i+1)
		}
		for _, turn := range l.Turns {
			known("layer", i, turn...)
		}
		if slices.ContainsFunc(l.Only, outside) {
			bad("roster %q layer %d is limited to no days or to hours outside 00:00 to 24:00", id, i+1)
		}
	}
	if slices.ContainsFunc(r.Cover, outside) {
		bad("roster %q is to cover no days or hours outside 00:00 to 24:00", id)
	}
	for i, s := range r.Swaps {
		known("swap", i, s.Who, s.With)
		if s.Who == s.With || s.Turn == (Date{}) || s.For == (Date{}) {
			bad("roster %q swap %d lacks a second person or a day", id, i+1)
		}
	}
	for i, o := range r.Overrides {
		known("override", i, o.Who...)
		if o.Instead != "" {
			known("override", i, o.Instead)
		}
		if len(o.Who) == 0 || !o.From.Before(o.Until) {
			bad("roster %q override %d names nobody or ends before it begins", id, i+1)
		}
	}
}
