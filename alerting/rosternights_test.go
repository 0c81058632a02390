package alerting

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// declareRoster reads a line of the plan about a roster and
// reports whether it is one.
func (n *night) declareRoster(f []string) bool {
	n.t.Helper()
	if f[0] == "leaves" { // leaves marta, before "apply"
		n.plan.People = maps.Clone(n.plan.People)
		delete(n.plan.People, Person(f[1]))
		return true
	}
	if !slices.Contains([]string{"roster", "layer", "override", "swap", "cover"}, f[0]) {
		return false
	}
	id := RosterID(f[1])
	r := n.plan.Rosters[id]
	date := func(s string) (d Date) {
		if err := d.UnmarshalText([]byte(s)); err != nil {
			n.t.Fatal(err)
		}
		return d
	}
	wall := func(s string) time.Time {
		day, clock, _ := strings.Cut(s, "T")
		return OnTheWall(date(day), minutes(n.t, clock), n.plan.Zone)
	}
	people := func(s string) (who []Person) {
		for _, p := range strings.Split(s, ",") {
			who = append(who, Person(p))
		}
		return who
	}
	hours := func(d, clock string) Hours {
		from, to, _ := strings.Cut(clock, "-")
		return Hours{days(d), minutes(n.t, from), minutes(n.t, to)}
	}
	switch f[0] {
	case "roster": // roster nurses mon-sun 19:00-07:00 marta
		h := hours(f[2], f[3])
		s := Shift{Days: h.Days, From: h.From, To: h.To}
		for _, p := range f[4:] {
			s.Who = append(s.Who, Person(p))
		}
		r.Shifts = append(r.Shifts, s)
	case "layer": // layer nurses 7 2026-11-16 07:00 marta jan,olga only mon-fri 19:00-07:00
		length, err := strconv.Atoi(f[2])
		if err != nil {
			n.t.Fatal(err)
		}
		l := Layer{Days: length, Start: date(f[3]), HandOver: minutes(n.t, f[4])}
		for i := 5; i < len(f); i++ {
			if f[i] == "only" {
				l.Only = append(l.Only, hours(f[i+1], f[i+2]))
				i += 2
				continue
			}
			l.Turns = append(l.Turns, people(f[i]))
		}
		r.Layers = append(r.Layers, l)
	case "override": // override nurses 2026-11-24T18:00 2026-11-25T08:00 jan instead marta
		o := Override{From: wall(f[2]), Until: wall(f[3]), Who: people(f[4])}
		if len(f) > 5 {
			o.Instead = Person(f[6])
		}
		r.Overrides = append(r.Overrides, o)
	case "swap": // swap nurses marta 2026-11-23 jan 2026-11-30
		r.Swaps = append(r.Swaps, Swap{Person(f[2]), date(f[3]), Person(f[4]), date(f[5])})
	case "cover": // cover nurses mon-sun 00:00-00:00
		r.Cover = append(r.Cover, hours(f[2], f[3]))
	}
	n.plan.Rosters[id] = r
	return true
}

// breakInput reads "break marta until 2026-11-24T02:30:00Z" and "break over marta".
func (n *night) breakInput(f []string) Input {
	n.t.Helper()
	if f[1] == "over" {
		return BreakEnds{By: Person(f[2])}
	}
	until, err := time.Parse(time.RFC3339, f[3])
	if err != nil {
		n.t.Fatal(err)
	}
	return BreakBegins{By: Person(f[1]), Until: until}
}
