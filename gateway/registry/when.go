package registry

import (
	"bytes"
	"fmt"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// When is a day, or a minute of it, on the wall of the site. The zero When
// is none.
type When struct {
	Date
	Clock Clock
	Exact bool // Clock is written; else the whole day is meant
}

// UnmarshalText reads 2026-11-24 or 2026-11-24 12:00.
func (m *When) UnmarshalText(b []byte) error {
	day, clock, exact := bytes.Cut(bytes.Replace(b, []byte("T"), []byte(" "), 1), []byte(" "))
	var got When
	if got.Date.UnmarshalText(day) != nil || exact && got.Clock.UnmarshalText(clock) != nil {
		return strictyaml.Textf("%q is no date; write it as 2026-11-24, or with a time of day as 2026-11-24 12:00", b)
	}
	got.Exact = exact
	*m = got
	return nil
}

// MarshalText writes it so.
func (m When) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// String is 2026-11-24, or 2026-11-24 12:00.
func (m When) String() string {
	if !m.Exact {
		return m.Date.String()
	}
	clock, _ := m.Clock.MarshalText() // never fails
	return m.Date.String() + " " + string(clock)
}

// begin is when it is, or the day begins.
func (m When) begin(zone *time.Location) time.Time {
	return alerting.OnTheWall(alerting.Date(m.Date), int(m.Clock), alerting.Zone{Location: zone})
}

// end is when it is, or the day is over.
func (m When) end(zone *time.Location) time.Time {
	if m.Exact {
		return m.begin(zone)
	}
	return When{Date: m.next()}.begin(zone)
}

// later is so many days later at the same time of day.
func (m When) later(days int) When {
	t := m.Date.in(time.UTC).AddDate(0, 0, days)
	m.Date = Date{t.Year(), t.Month(), t.Day()}
	return m
}

// WhenAt is a time as it is shown on the wall.
func WhenAt(t time.Time, zone *time.Location) When {
	t = t.In(zone)
	return When{Date: Date{t.Year(), t.Month(), t.Day()}, Clock: Clock(t.Hour()*60 + t.Minute()), Exact: true}
}

// Hours are hours of a day, from the one to before the other. The zero Hours
// are none.
type Hours struct{ From, To Clock }

// UnmarshalText reads 08:00-16:00.
func (h *Hours) UnmarshalText(b []byte) error {
	from, to, ok := bytes.Cut(b, []byte("-"))
	var got Hours
	if !ok || got.From.UnmarshalText(from) != nil || got.To.UnmarshalText(to) != nil || got.From == got.To {
		return strictyaml.Textf("%q are no hours; write them as \"08:00-16:00\"", b)
	}
	*h = got
	return nil
}

// MarshalText writes it so.
func (h Hours) MarshalText() ([]byte, error) {
	from, _ := h.From.MarshalText()
	to, _ := h.To.MarshalText()
	return fmt.Appendf(nil, "%s-%s", from, to), nil
}

// IsZero reports whether there are none.
func (h Hours) IsZero() bool { return h == Hours{} }
