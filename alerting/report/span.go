package report

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Span is a period: from From on, before Until.
type Span struct {
	Month string // "2026-10"; "" when it is no calendar month
	From  time.Time
	Until time.Time
}

// longest is what may be asked for at once.
const longest = 400 * 24 * time.Hour

// ParseSpan reads what somebody asks for: a calendar month ("2026-10"), or a
// first and a last day, both of them included, or moments (RFC 3339), the last of which
// is not included. Without any it is the month of now. Days and months begin
// when they do in the zone.
func ParseSpan(month, from, to string, zone *time.Location, now time.Time) (Span, error) {
	s, err := parseSpan(month, from, to, zone, now)
	switch {
	case err != nil:
		return Span{}, err
	case !s.From.Before(s.Until):
		return Span{}, fmt.Errorf("from %q to %q: the end is not after the beginning", from, to)
	case s.Until.Sub(s.From) > longest:
		return Span{}, errors.New("ask for at most 400 days at once")
	case !s.From.Before(now):
		return Span{}, fmt.Errorf("it begins at %s, which is still to come", s.From.In(zone).Format(time.DateOnly))
	}
	return s, nil
}

func parseSpan(month, from, to string, zone *time.Location, now time.Time) (Span, error) {
	if from == "" && to == "" {
		if month == "" {
			month = now.In(zone).Format("2006-01")
		}
		t, err := time.ParseInLocation("2006-01", month, zone)
		if err != nil {
			return Span{}, fmt.Errorf("month %q: write one such as 2026-10", month)
		}
		return Span{month, t, t.AddDate(0, 1, 0)}, nil
	}
	if month != "" {
		return Span{}, errors.New("give a month, or a first and a last day, not both")
	}
	if from == "" || to == "" {
		return Span{}, errors.New("give both a first and a last day")
	}
	f, _, err := moment(from, zone)
	if err != nil {
		return Span{}, err
	}
	t, day, err := moment(to, zone)
	if err != nil {
		return Span{}, err
	}
	if day {
		t = t.AddDate(0, 0, 1)
	}
	return Span{From: f, Until: t}, nil
}

// moment reads a day or a moment.
func moment(s string, zone *time.Location) (t time.Time, day bool, err error) {
	if strings.Contains(s, "T") {
		t, err = time.Parse(time.RFC3339, s)
	} else {
		t, err = time.ParseInLocation(time.DateOnly, s, zone)
		day = true
	}
	if err != nil || t.Year() < 1970 || t.Year() > 2200 { // what the journal can tell
		return t, day, fmt.Errorf("%q: write a day such as 2026-10-05, or a moment such as 2026-10-05T07:00:00Z", s)
	}
	return t, day, nil
}

// has reports whether a moment is in it.
func (s Span) has(t time.Time) bool { return !t.Before(s.From) && t.Before(s.Until) }

// clamp is the moment of the span that is nearest to t.
func (s Span) clamp(t time.Time) time.Time {
	switch {
	case t.Before(s.From):
		return s.From
	case t.After(s.Until):
		return s.Until
	}
	return t
}
