package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"telecare/alerting"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// Bounds of what a calendar may ask for.
const (
	MaxSize   = 8 << 20
	MaxEvents = 20_000 // in the time that is asked for
	maxSteps  = 50_000 // of one rule, until that time
)

// decode reads the next calendar. The library's decoder panics where a line
// ends within a parameter ("0;0="), and that file is no calendar either.
func decode(d *ical.Decoder) (c *ical.Calendar, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			c, err = nil, fmt.Errorf("a line is cut off: %v", broken)
		}
	}()
	return d.Decode()
}

// Read lists the events of a calendar that last at some moment from one time to
// another, also those that repeat, in their order. Times without a zone are in
// the one given.
func Read(b []byte, zone alerting.Zone, from, until time.Time) ([]Event, error) {
	if len(b) > MaxSize {
		return nil, fmt.Errorf("a calendar of more than %d MiB", MaxSize>>20)
	}
	r := reader{zone: zone, from: from, until: until, moved: map[string]bool{}}
	d := ical.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))) // as Windows begins a file
	var events []*ical.Component
	calendars := 0
	for {
		c, err := decode(d)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("no iCalendar file: %w", err)
		}
		if m, _ := c.Props.Text(ical.PropMethod); strings.EqualFold(m, "CANCEL") {
			return nil, errors.New("it calls events off (METHOD:CANCEL) and says nothing of the others; export the whole calendar")
		}
		calendars++
		for _, x := range c.Children {
			if x.Name == ical.CompEvent {
				events = append(events, x)
			}
		}
	}
	if calendars == 0 {
		return nil, errors.New("no iCalendar file: it begins no VCALENDAR")
	}
	for _, e := range events { // first those that were moved: their first places are empty
		if p := e.Props.Get(ical.PropRecurrenceID); p != nil {
			if p.Params.Get(ical.ParamRange) != "" {
				return nil, named(e, errors.New("it changes all that follow (RANGE=THISANDFUTURE); end it there, and write another event for what follows"))
			}
			at, err := r.wall(p, p.Value)
			if err != nil {
				return nil, named(e, err)
			}
			r.moved[uid(e)+at.key()] = true
		}
	}
	for _, e := range events {
		if err := r.event(e); err != nil {
			return nil, named(e, err)
		}
	}
	slices.SortStableFunc(r.out, func(a, b Event) int { return a.From.Compare(b.From) })
	return r.out, nil
}

func named(e *ical.Component, err error) error {
	title, _ := e.Props.Text(ical.PropSummary)
	return fmt.Errorf("event %q: %w", title, err)
}

func uid(e *ical.Component) string {
	id, _ := e.Props.Text(ical.PropUID)
	return id
}

// reader is a calendar that is being read.
type reader struct {
	zone        alerting.Zone
	from, until time.Time
	moved       map[string]bool // first places of instances, by uid and key
	out         []Event
}

// moment is a time as it is written: on a wall. At is that wall's time, in UTC
// for want of a better one, so that days are added to it and not hours.
type moment struct {
	at   time.Time
	zone alerting.Zone
	day  bool // the whole day
}

func (m moment) instant() time.Time { return m.on(m.at) }

// key names an instance of what repeats: by its moment or, as many write also of
// one that is no whole day, by its day.
func (m moment) key() string {
	if m.day {
		return m.at.Format(" on 20060102")
	}
	return m.instant().UTC().Format(" at 20060102T150405")
}

// on puts another time on the same wall.
func (m moment) on(at time.Time) time.Time {
	t := alerting.OnTheWall(alerting.DateAt(at, alerting.Zone{}), at.Hour()*60+at.Minute(), m.zone)
	return t.Add(time.Duration(at.Second()) * time.Second)
}

// wall reads one value of a property.
func (r *reader) wall(p *ical.Prop, value string) (moment, error) { return read(p, value, r.zone) }

// read is wall, and where the wall is that a time without a zone is on.
func read(p *ical.Prop, value string, zone alerting.Zone) (moment, error) {
	m := moment{zone: zone}
	if id := p.Params.Get(ical.ParamTimezoneID); id != "" {
		l, known := zoneOf(id)
		if !known {
			return m, fmt.Errorf("time zone %q is not known; write the calendar with a zone such as Europe/Warsaw", id)
		}
		m.zone = alerting.Zone{Location: l}
	}
	for _, f := range []struct {
		layout   string
		day, utc bool
	}{{"20060102T150405Z", false, true}, {"20060102T150405", false, false}, {"20060102", true, false}} {
		t, err := time.Parse(f.layout, value)
		if err != nil || t.Year() < 1900 {
			continue
		}
		m.at, m.day = t, f.day
		if f.utc {
			m.zone = alerting.Zone{Location: time.UTC}
		}
		return m, nil
	}
	return m, fmt.Errorf("%s: %q is no time", p.Name, value)
}

// event adds what there is of an event in the time asked for.
func (r *reader) event(e *ical.Component) error {
	if s, _ := e.Props.Text(ical.PropStatus); strings.EqualFold(s, "CANCELLED") {
		return nil
	}
	start := e.Props.Get(ical.PropDateTimeStart)
	if start == nil {
		return errors.New("it has no DTSTART")
	}
	from, err := r.wall(start, start.Value)
	if err != nil {
		return err
	}
	length, err := r.length(e, from)
	if err != nil {
		return err
	}
	title, err := e.Props.Text(ical.PropSummary)
	if err != nil {
		return fmt.Errorf("SUMMARY: %w", err)
	}
	all, err := r.starts(e, from, length)
	if err != nil {
		return err
	}
	instance := e.Props.Get(ical.PropRecurrenceID) != nil
	for _, at := range all {
		x := Event{from.on(at), from.on(at.Add(length)), strings.TrimSpace(title)}
		if !instance && is(r.moved, uid(e), moment{at: at, zone: from.zone}) || !x.From.Before(r.until) || !x.Until.After(r.from) || !x.From.Before(x.Until) {
			continue
		}
		if r.out = append(r.out, x); len(r.out) > MaxEvents {
			return fmt.Errorf("more than %d events; ask for less time", MaxEvents)
		}
	}
	return nil
}

// is reports whether an instance is among keys, behind a prefix.
func is(keys map[string]bool, prefix string, m moment) bool {
	return keys[prefix+m.key()] || keys[prefix+moment{at: m.at, day: true}.key()]
}

// length is how long an event lasts on the wall. RFC 5545 3.8.5.3 has an event
// that repeats last as many hours as its first when it is given by DTEND, and as
// long on the wall when by DURATION. A night shift until 07:00 is one until
// 07:00, however it is written, and so it is the wall here.
func (r *reader) length(e *ical.Component, from moment) (time.Duration, error) {
	var d time.Duration
	switch end, lasts := e.Props.Get(ical.PropDateTimeEnd), e.Props.Get(ical.PropDuration); {
	case end != nil:
		until, err := read(end, end.Value, from.zone)
		if err != nil {
			return 0, err
		}
		if until.zone.String() == from.zone.String() {
			d = until.at.Sub(from.at)
		} else {
			d = until.instant().Sub(from.instant())
		}
	case lasts != nil:
		var err error
		if d, err = lasts.Duration(); err != nil {
			return 0, fmt.Errorf("DURATION: %w", err)
		}
	case from.day:
		d = 24 * time.Hour
	}
	if d < 0 || d > 366*24*time.Hour {
		return 0, fmt.Errorf("it lasts %s", d)
	}
	return d, nil
}

// starts lists on the wall when an event begins, up to the end of the time that
// is asked for.
func (r *reader) starts(e *ical.Component, from moment, length time.Duration) ([]time.Time, error) {
	out := []time.Time{from.at}
	dates := func(name string) (all []moment, err error) {
		for _, p := range e.Props.Values(name) {
			for _, v := range strings.Split(p.Value, ",") {
				m, err := read(&p, v, from.zone)
				if err != nil {
					return nil, err
				}
				all = append(all, m)
			}
		}
		return all, nil
	}
	rules := e.Props.Values(ical.PropRecurrenceRule)
	if len(rules) > 1 {
		return nil, errors.New("it repeats by two rules; write two events")
	}
	if len(rules) == 1 {
		var err error
		if out, err = r.rule(rules[0].Value, from, length); err != nil {
			return nil, fmt.Errorf("RRULE %q: %w", rules[0].Value, err)
		}
	}
	more, err := dates(ical.PropRecurrenceDates)
	if err != nil {
		return nil, err
	}
	for _, m := range more {
		switch {
		case m.day && !from.day: // at the hour of the event
			m.at = m.at.Add(from.at.Sub(from.at.Truncate(24 * time.Hour)))
		case !m.day && m.zone.String() != from.zone.String(): // on the wall of the event
			m.at = onWall(m.instant(), from.zone)
		}
		out = append(out, m.at)
	}
	dropped, err := dates(ical.PropExceptionDates)
	if err != nil {
		return nil, err
	}
	less := map[string]bool{}
	for _, m := range dropped {
		less[m.key()] = true
	}
	slices.SortFunc(out, time.Time.Compare)
	out = slices.CompactFunc(out, time.Time.Equal)
	return slices.DeleteFunc(out, func(t time.Time) bool {
		return is(less, "", moment{at: t, zone: from.zone})
	}), nil
}

// onWall is what the wall of a zone shows at t.
func onWall(t time.Time, zone alerting.Zone) time.Time {
	w := t.In(zone.Location)
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, time.UTC)
}

// rule repeats an event. It is told times on the wall as if they were UTC, so
// that no change of the clocks moves them.
func (r *reader) rule(text string, from moment, length time.Duration) ([]time.Time, error) {
	o, err := rrule.StrToROption(text)
	if err != nil {
		return nil, err
	}
	if o.Freq > rrule.DAILY || max(len(o.Byhour), len(o.Byminute), len(o.Bysecond)) > 1 {
		return nil, errors.New("it repeats more often than daily, which no shift does")
	}
	if o.Interval < 0 || o.Interval > 1000 {
		return nil, fmt.Errorf("an interval of %d", o.Interval)
	}
	o.Dtstart = from.at
	_, until, _ := strings.Cut(strings.ToUpper(text), "UNTIL=")
	switch until, _, _ = strings.Cut(until, ";"); {
	case strings.HasSuffix(until, "Z"):
		o.Until = onWall(o.Until, from.zone) // it is in UTC where the event has a zone
	case len(until) == len("20061231"):
		o.Until = o.Until.Add(24*time.Hour - time.Second) // the last day, to its end
	}
	if last := onWall(r.until, from.zone).AddDate(0, 0, 1); o.Until.IsZero() || o.Until.After(last) {
		o.Until = last
	}
	rule, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, err
	}
	first := onWall(r.from, from.zone).Add(-length).AddDate(0, 0, -1)
	var out []time.Time
	next := rule.Iterator()
	for range maxSteps {
		t, ok := next()
		if !ok {
			return out, nil
		}
		if t.After(first) {
			out = append(out, t)
		}
	}
	return nil, errors.New("it repeats too often")
}
