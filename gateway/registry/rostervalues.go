package registry

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// Who are responders by their keys. One alone is written without brackets.
type Who []string

// UnmarshalText reads the short form.
func (w *Who) UnmarshalText(b []byte) error { *w = Who{string(b)}; return nil }

// MarshalYAML writes the short form where it says everything.
func (w Who) MarshalYAML() (any, error) {
	if len(w) == 1 {
		return w[0], nil
	}
	return []string(w), nil
}

// Cover are hours in which somebody is to be on call.
type Cover []docHours

// UnmarshalText reads "always".
func (c *Cover) UnmarshalText(b []byte) error {
	if string(b) != "always" {
		return strictyaml.Textf("%q are no hours; write always, or a list such as [{from: \"19:00\", to: \"07:00\"}]", b)
	}
	*c = Cover{{}}
	return nil
}

// MarshalYAML writes all hours as always.
func (c Cover) MarshalYAML() (any, error) {
	if len(c) == 1 && len(c[0].Days) == 0 && c[0].From == c[0].To && c[0].From == 0 {
		return "always", nil
	}
	return []docHours(c), nil
}

// TurnLength is how long a turn lasts, in days on the calendar.
type TurnLength int

var turnLength = regexp.MustCompile(`^(?:([1-9][0-9]{0,2}) ?)?(d|w|days?|weeks?)$`)

// UnmarshalText reads day, 3 days, week or 2 weeks.
func (l *TurnLength) UnmarshalText(b []byte) error {
	m := turnLength.FindStringSubmatch(string(b))
	if m == nil {
		return strictyaml.Textf("%q is no length of a turn; write day, 3 days, week or 2 weeks", b)
	}
	n := 1
	if m[1] != "" {
		n, _ = strconv.Atoi(m[1]) // three digits
	}
	if m[2][0] == 'w' {
		n *= 7
	}
	if n > alerting.MaxTurn {
		return strictyaml.Textf("%q is out of range; a turn may last %d days", b, alerting.MaxTurn)
	}
	*l = TurnLength(n)
	return nil
}

// MarshalText writes it so, in weeks where they are whole.
func (l TurnLength) MarshalText() ([]byte, error) {
	n, unit := int(l), "day"
	if n > 0 && n%7 == 0 {
		n, unit = n/7, "week"
	}
	if n == 1 {
		return []byte(unit), nil
	}
	return fmt.Appendf(nil, "%d %ss", n, unit), nil
}

// Moment is a time as it was written: on the roster's wall clock, or with an
// offset, when it is the same everywhere. The zero Moment is none.
type Moment string

// UnmarshalText reads 2026-12-24 18:00, or 2026-12-24T18:00:00+01:00.
func (m *Moment) UnmarshalText(b []byte) error {
	if _, err := ParseMoment(string(b), alerting.Zone{}); err != nil {
		return err
	}
	*m = Moment(b)
	return nil
}

// MarshalText writes it as it was.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m), nil }

// in is when it is where that wall clock hangs.
func (m Moment) in(zone alerting.Zone) time.Time {
	t, err := ParseMoment(string(m), zone)
	if err != nil {
		return time.Time{} // none was written
	}
	return t
}

// ParseMoment reads a time as people write it: with an offset, as RFC 3339 has
// it, seconds or none, or on the wall clock of a zone. An hour that the wall shows twice is the
// first one; one that it does not show is read with the offset before the
// change.
func ParseMoment(s string, zone alerting.Zone) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, strings.Replace(s, " ", "T", 1)); err == nil && t.Year() >= 1900 {
			return t.UTC(), nil
		}
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && len(s) == len(layout) && t.Year() >= 1900 {
			on := alerting.OnTheWall(alerting.DateAt(t, alerting.Zone{}), t.Hour()*60+t.Minute(), zone)
			return on.Add(time.Duration(t.Second()) * time.Second).UTC(), nil
		}
	}
	return time.Time{}, strictyaml.Textf("%q is no time; write it as \"2026-12-24 18:00\", by the clock on the wall, or with an offset as 2026-12-24T18:00:00+01:00", s)
}
