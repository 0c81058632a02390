package alerting

import (
	"slices"
	"time"
)

// around is the stretch of the hours that t is in.
func (h Hours) around(t time.Time, zone Zone) (from, to time.Time, ok bool) {
	for day := range h.begun(t, zone.location()) {
		from, to = h.between(day, zone.location())
		return from, to, true
	}
	return time.Time{}, time.Time{}, false
}

// next is when the hours begin next after t; zero: never.
func (h Hours) next(t time.Time, zone Zone) time.Time {
	today := dayAt(t, zone.location())
	for day := today - 1; day <= today+8; day++ {
		if from, _ := h.between(day, zone.location()); slices.Contains(h.Days, weekday(day)) && from.After(t) {
			return from
		}
	}
	return time.Time{}
}
