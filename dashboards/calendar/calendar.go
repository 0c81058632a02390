// Package calendar reads and writes rosters as calendars (iCalendar, RFC 5545).
// It guarantees that times are those on the wall: an event at 19:00 that repeats
// is at 19:00 after the clocks have changed too, and of an hour that comes twice
// it is the first; that nothing it does not understand is taken for something
// else; and that a calendar from elsewhere costs bounded time and memory.
package calendar

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"telecare/alerting"

	"github.com/emersion/go-ical"
)

// Event is a time in a calendar and its title.
type Event struct {
	From, Until time.Time
	Title       string
}

// Write makes a calendar of events; name is what a phone calls it. Times are in
// UTC, which every calendar puts on its own wall. Refresh says how often it is
// to be fetched again.
func Write(name string, events []Event, now time.Time, refresh time.Duration) ([]byte, error) {
	c, name := ical.NewCalendar(), plain(name)
	c.Props.SetText(ical.PropVersion, "2.0")
	c.Props.SetText(ical.PropProductID, "-//telecare//rosters//EN")
	c.Props.SetText("X-WR-CALNAME", name)
	every := ical.NewProp("REFRESH-INTERVAL")
	every.SetDuration(refresh)
	every.Params.Set(ical.ParamValue, string(ical.ValueDuration)) // which it has to say [RFC 7986, 5.7]
	c.Props.Set(every)
	for _, e := range events {
		x := ical.NewEvent()
		// The same span keeps its id, so that a phone does not tell of it anew.
		id := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s", name, e.From.Unix(), e.Title))
		x.Props.SetText(ical.PropUID, fmt.Sprintf("%x@telecare", id[:12]))
		x.Props.SetDateTime(ical.PropDateTimeStamp, now.UTC())
		x.Props.SetDateTime(ical.PropDateTimeStart, e.From.UTC())
		x.Props.SetDateTime(ical.PropDateTimeEnd, e.Until.UTC())
		x.Props.SetText(ical.PropSummary, plain(e.Title))
		x.Props.SetText("TRANSP", "TRANSPARENT") // whoever looks at it is not busy for that
		c.Children = append(c.Children, x.Component)
	}
	if len(events) == 0 {
		// The library writes no calendar without anything in it, and a phone wants one.
		x := ical.NewComponent("X-TELECARE-EMPTY")
		c.Children = append(c.Children, x)
	}
	var b bytes.Buffer
	if err := ical.NewEncoder(&b).Encode(c); err != nil {
		return nil, fmt.Errorf("write the calendar %q: %w", name, err)
	}
	return fold(b.Bytes()), nil
}

// fold breaks lines that are longer than 75 octets, between characters; the
// library does not [RFC 5545, 3.1].
func fold(b []byte) []byte {
	const most = 75
	var out []byte
	for line := range bytes.Lines(b) {
		line = bytes.TrimSuffix(line, []byte("\r\n"))
		for room := most; len(line) > room; room = most - 1 {
			for !utf8.RuneStart(line[room]) {
				room--
			}
			out = append(append(out, line[:room]...), "\r\n "...)
			line = line[room:]
		}
		out = append(append(out, line...), "\r\n"...)
	}
	return out
}

// plain has no control characters but a line's end and a tab, which are escaped:
// no text of a calendar may have another [RFC 5545, 3.3.11], and one in a name
// would make the whole of it none.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, s)
}

// Flatten makes spans of events that may overlap: at every moment all whose
// events last are on call, in the order of the events.
func Flatten(events []Event, who func(title string) []alerting.Person) []alerting.Span {
	var edges []time.Time
	for _, e := range events {
		edges = append(edges, e.From, e.Until)
	}
	slices.SortFunc(edges, time.Time.Compare)
	edges = slices.CompactFunc(edges, time.Time.Equal)
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.From.Compare(b.From) })
	var out []alerting.Span
	var on []Event // those that last, and some that are over
	next := 0
	for i := 0; i+1 < len(edges); i++ {
		at := edges[i]
		for next < len(events) && !events[next].From.After(at) {
			on = append(on, events[next])
			next++
		}
		on = slices.DeleteFunc(on, func(e Event) bool { return !e.Until.After(at) })
		var people []alerting.Person
		for _, e := range on {
			for _, p := range who(e.Title) {
				if !slices.Contains(people, p) {
					people = append(people, p)
				}
			}
		}
		if len(people) == 0 {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Until.Equal(at) && slices.Equal(out[n-1].Who, people) {
			out[n-1].Until = edges[i+1]
			continue
		}
		out = append(out, alerting.Span{From: at, Until: edges[i+1], Who: people})
	}
	return out
}
