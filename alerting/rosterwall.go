package alerting

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Date is a day, wherever it is. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateAt is the day that it is at t in a zone.
func DateAt(t time.Time, zone Zone) Date {
	y, m, d := t.In(zone.location()).Date()
	return Date{y, m, d}
}

// MarshalText writes 2026-11-24.
func (d Date) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%04d-%02d-%02d", d.Year, d.Month, d.Day), nil
}

// UnmarshalText reads it.
func (d *Date) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return fmt.Errorf("%q is no date; write it as 2026-11-24", b)
	}
	d.Year, d.Month, d.Day = t.Date()
	return nil
}

// Add is the day so many days later.
func (d Date) Add(days int) Date {
	t := time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC)
	return Date{t.Year(), t.Month(), t.Day()}
}

// number counts days from 1970-01-01, so that days can be added and compared
// without a thought of hours.
func (d Date) number() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsADay)
}

const secondsADay = 24 * 60 * 60

// dayAt is the number of the day that it is at t in a zone.
func dayAt(t time.Time, zone *time.Location) int { return DateAt(t, Zone{zone}).number() }

// weekday of a numbered day; 1970-01-01 was a Thursday.
func weekday(day int) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// OnTheWall is when the clock on the wall shows so many minutes after midnight
// on a day. Of an hour that comes twice it is the first; a time that does not
// exist is read with the offset before the change.
func OnTheWall(d Date, minutes int, zone Zone) time.Time {
	return onTheWall(d.number(), minutes, zone.location())
}

// onTheWall follows RFC 5545 3.3.5. time.Date leaves the choice open, and a rota
// must not depend on it.
func onTheWall(day, minutes int, zone *time.Location) time.Time {
	wall := time.Unix(int64(day)*secondsADay+int64(minutes)*60, 0).UTC()
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

// Hours are hours of some weekdays, in wall time. To at or before From ends on
// the next day. Both are minutes after midnight.
type Hours struct {
	Days []time.Weekday `json:"days"`
	From int            `json:"from"`
	To   int            `json:"to"`
}

// At reports whether t is in the hours. Their end is not.
func (h Hours) At(t time.Time, zone Zone) bool {
	for range h.begun(t, zone.location()) {
		return true
	}
	return false
}

// between is when the hours of a day begin and end.
func (h Hours) between(day int, zone *time.Location) (from, to time.Time) {
	last := day
	if h.To <= h.From {
		last++
	}
	return onTheWall(day, h.From, zone), onTheWall(last, h.To, zone)
}

// begun yields the days whose hours last at t. Those of yesterday may, and those
// of the day before where midnight does not exist.
func (h Hours) begun(t time.Time, zone *time.Location) iter.Seq[int] {
	return func(yield func(int) bool) {
		today := dayAt(t, zone)
		for day := today - 2; day <= today; day++ {
			if !slices.Contains(h.Days, weekday(day)) {
				continue
			}
			from, to := h.between(day, zone)
			if !t.Before(from) && t.Before(to) && !yield(day) {
				return
			}
		}
	}
}

// edges yields when hours begin or end after t; the next one is among them.
func (h Hours) edges(t time.Time, zone *time.Location) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		today := dayAt(t, zone)
		for day := today - 2; day <= today+8; day++ {
			if !slices.Contains(h.Days, weekday(day)) {
				continue
			}
			from, to := h.between(day, zone)
			if to.After(t) && !yield(to) {
				return
			}
			if from.After(t) {
				yield(from)
				return // those of later days are later
			}
		}
	}
}
