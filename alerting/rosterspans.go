package alerting

import (
	"slices"
	"time"
)

// Span is a time in which the same people are on call; nobody is, when Who is
// empty.
type Span struct {
	From, Until time.Time
	Who         []Person
}

// Spans tells who is on call from one time to another without a gap or an
// overlap: each span ends where the next begins, and has others in it.
func (r Roster) Spans(from, until time.Time, site Zone) []Span {
	var out []Span
	for from.Before(until) {
		next := r.Next(from, until, site)
		out = append(out, Span{from, next, r.OnCall(from, site)})
		from = next
	}
	return out
}

// Next is when others are on call than at t, or limit when that is not before
// it.
func (r Roster) Next(t, limit time.Time, site Zone) time.Time {
	who := r.OnCall(t, site)
	slices.Sort(who)
	for {
		if t = r.edge(t, site); t.IsZero() || !t.Before(limit) {
			return limit
		}
		now := r.OnCall(t, site)
		slices.Sort(now)
		if !slices.Equal(who, now) {
			return t
		}
	}
}

// edge is the first time after t at which anything in the roster begins or
// ends, and so the earliest at which others can be on call. Zero is never.
func (r Roster) edge(t time.Time, site Zone) time.Time {
	zone := r.zone(site)
	var first time.Time
	look := func(at time.Time) {
		if at.After(t) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	hours := func(h Hours) {
		for at := range h.edges(t, zone) {
			look(at)
		}
	}
	for _, s := range r.Shifts {
		hours(s.hours())
	}
	for _, l := range r.Layers {
		for _, h := range l.Only {
			hours(h)
		}
		for n := l.turn(t, zone) + 1; l.Days > 0; n++ {
			if at := onTheWall(l.begins(n), l.HandOver, zone); at.After(t) {
				look(at)
				break
			}
		}
	}
	for _, o := range r.Overrides {
		look(o.From)
		look(o.Until)
	}
	return first
}
