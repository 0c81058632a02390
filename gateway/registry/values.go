package registry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/gateway/strictyaml"
)

// Date is a day, wherever it is. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// UnmarshalText reads 2026-11-24.
func (d *Date) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil || t.Year() < 1900 {
		return strictyaml.Textf("%q is no date; write it as 2026-11-24", b)
	}
	d.Year, d.Month, d.Day = t.Date()
	return nil
}

// MarshalText writes it so.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is 2026-11-24.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// IsZero reports whether there is none.
func (d Date) IsZero() bool { return d == Date{} }

// in is the moment at which the day begins there.
func (d Date) in(l *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, l)
}

// next is the day after.
func (d Date) next() Date {
	t := d.in(time.UTC).AddDate(0, 0, 1)
	return Date{t.Year(), t.Month(), t.Day()}
}

// Clock is a time of day in minutes after midnight.
type Clock int

// UnmarshalText reads 07:00.
func (c *Clock) UnmarshalText(b []byte) error {
	t, err := time.Parse("15:04", string(b))
	if err != nil || len(b) != len("15:04") {
		return strictyaml.Textf("%q is no time of day; write it as \"07:00\", midnight as \"00:00\"", b)
	}
	*c = Clock(t.Hour()*60 + t.Minute())
	return nil
}

// MarshalText writes it so.
func (c Clock) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%02d:%02d", c/60, c%60), nil
}

// Day is a day of the week.
type Day time.Weekday

// UnmarshalText reads mon.
func (d *Day) UnmarshalText(b []byte) error {
	for _, day := range week {
		if day.String() == string(b) {
			*d = day
			return nil
		}
	}
	return strictyaml.Textf("%q is no day; write mon, tue, wed, thu, fri, sat or sun", b)
}

// MarshalText writes it so.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is mon.
func (d Day) String() string { return strings.ToLower(time.Weekday(d).String()[:3]) }

// Days are days of the week, in the order in which they are written.
type Days []Day

var week = Days{Day(time.Monday), Day(time.Tuesday), Day(time.Wednesday), Day(time.Thursday), Day(time.Friday), Day(time.Saturday), Day(time.Sunday)}

// UnmarshalText reads "daily".
func (d *Days) UnmarshalText(b []byte) error {
	if string(b) != "daily" {
		return strictyaml.Textf("%q are no days; write daily, or a list such as [mon, tue]", b)
	}
	*d = slices.Clone(week)
	return nil
}

// MarshalYAML writes the whole week as daily.
func (d Days) MarshalYAML() (any, error) {
	if slices.Equal(d, week) {
		return "daily", nil
	}
	return []Day(d), nil
}

// Every is how often a device gives a sign of life: a length of time, or never.
// The zero Every leaves it to the device's format.
type Every struct {
	Never bool
	Every strictyaml.Duration
}

// UnmarshalText reads 25h or never.
func (e *Every) UnmarshalText(b []byte) error {
	if string(b) == "never" {
		*e = Every{Never: true}
		return nil
	}
	if err := e.Every.UnmarshalText(b); err != nil {
		return strictyaml.Textf("%q is no length of time; write one such as 25h, or never when the device gives no sign of life", b)
	}
	const least, most = time.Minute, 31 * 24 * time.Hour
	if t := time.Duration(e.Every); t < least || t > most {
		return strictyaml.Textf("%q is out of range; write something from 1m to 744h, or never when the device gives no sign of life", b)
	}
	return nil
}

// MarshalText writes it so.
func (e Every) MarshalText() ([]byte, error) {
	if e.Never {
		return []byte("never"), nil
	}
	return e.Every.MarshalText()
}

// IsZero reports whether it is left to the device's format.
func (e Every) IsZero() bool { return e == Every{} }
