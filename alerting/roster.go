package alerting

import (
	"slices"
	"time"
)

// OnCall lists who is on call at t, in the order of the shifts. Shifts are in
// the wall time of the zone: on the day the clocks change, a night is as long
// as it really is.
func (r Roster) OnCall(t time.Time, zone Zone) []Person {
	var who []Person
	local := t.In(zone.location())
	for _, s := range r.Shifts {
		// Yesterday's shift may still last.
		for _, day := range []time.Time{local.AddDate(0, 0, -1), local} {
			if !slices.Contains(s.Days, day.Weekday()) {
				continue
			}
			y, mo, d := day.Date()
			from := onTheWall(y, mo, d, s.From, zone.location())
			to := onTheWall(y, mo, d, s.To, zone.location())
			if s.To <= s.From {
				to = onTheWall(y, mo, d+1, s.To, zone.location())
			}
			if t.Before(from) || !t.Before(to) {
				continue
			}
			for _, p := range s.Who {
				if !slices.Contains(who, p) {
					who = append(who, p)
				}
			}
		}
	}
	return who
}

// onTheWall is when the clock on the wall shows so many minutes after midnight.
// Of an hour that comes twice it is the first; a time that does not exist is
// read with the offset before the change. [RFC 5545 3.3.5] time.Date leaves the
// choice open, and a rota must not depend on it.
func onTheWall(y int, mo time.Month, d, minutes int, zone *time.Location) time.Time {
	wall := time.Date(y, mo, d, 0, minutes, 0, 0, time.UTC)
	shows := func(t time.Time) bool {
		_, offset := t.In(zone).Zone()
		return t.Add(time.Duration(offset) * time.Second).Equal(wall)
	}
	var first time.Time
	for i, near := range []time.Time{wall.Add(-24 * time.Hour), wall.Add(24 * time.Hour)} {
		_, offset := near.In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		if shows(t) {
			return t
		}
		if i == 0 {
			first = t
		}
	}
	return first
}
