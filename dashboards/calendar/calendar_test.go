package calendar

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"telecare/alerting"

	"github.com/google/go-cmp/cmp"
)

func warsaw(t testing.TB) alerting.Zone {
	l, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	return alerting.Zone{Location: l}
}

func calendarOf(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

// What calendars of phones and offices write is read, by the wall.
func TestRead(t *testing.T) {
	zone := warsaw(t)
	from, until := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		calendar []byte
		want     []string
	}{
		"one, with a zone": {calendarOf(event("UID:1", "DTSTART;TZID=Europe/Warsaw:20261024T190000", "DTEND;TZID=Europe/Warsaw:20261025T070000", "SUMMARY:Marta\\, Jan")),
			[]string{"2026-10-24T19:00+02:00 2026-10-25T07:00+01:00 Marta, Jan"}},
		"floating, and 02:30 twice": {calendarOf(event("UID:1", "DTSTART:20261025T023000", "DURATION:PT1H", "SUMMARY:a")),
			[]string{"2026-10-25T02:30+02:00 2026-10-25T03:30+01:00 a"}},
		"in UTC": {calendarOf(event("UID:1", "DTSTART:20261025T003000Z", "DTEND:20261025T013000Z", "SUMMARY:a")),
			[]string{"2026-10-25T02:30+02:00 2026-10-25T02:30+01:00 a"}},
		"whole days": {calendarOf(event("UID:1", "DTSTART;VALUE=DATE:20261024", "DTEND;VALUE=DATE:20261026", "SUMMARY:a"), event("UID:2", "DTSTART;VALUE=DATE:20261101", "SUMMARY:b")),
			[]string{"2026-10-24T00:00+02:00 2026-10-26T00:00+01:00 a", "2026-11-01T00:00+01:00 2026-11-02T00:00+01:00 b"}},
		"each week over the change of clocks": {calendarOf(event("UID:1", "DTSTART;TZID=Europe/Warsaw:20261017T190000", "DTEND;TZID=Europe/Warsaw:20261018T070000", "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:a")),
			[]string{"2026-10-17T19:00+02:00 2026-10-18T07:00+02:00 a", "2026-10-24T19:00+02:00 2026-10-25T07:00+01:00 a", "2026-10-31T19:00+01:00 2026-11-01T07:00+01:00 a"}},
		"but not on these days, and on another": {calendarOf(event("UID:1", "DTSTART;TZID=Europe/Warsaw:20261002T080000", "DTEND;TZID=Europe/Warsaw:20261002T090000", "RRULE:FREQ=DAILY;UNTIL=20261006T060000Z",
			"EXDATE;TZID=Europe/Warsaw:20261003T080000,20261004T080000", "EXDATE:20261005T060000Z", "RDATE;TZID=Europe/Warsaw:20261109T080000", "SUMMARY:a")),
			[]string{"2026-10-02T08:00+02:00 2026-10-02T09:00+02:00 a", "2026-10-06T08:00+02:00 2026-10-06T09:00+02:00 a", "2026-11-09T08:00+01:00 2026-11-09T09:00+01:00 a"}},
		"one of them moved, one called off": {calendarOf(
			event("UID:1", "DTSTART;TZID=Europe/Warsaw:20261002T080000", "DTEND;TZID=Europe/Warsaw:20261002T090000", "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:a"),
			event("UID:1", "RECURRENCE-ID;TZID=Europe/Warsaw:20261003T080000", "DTSTART;TZID=Europe/Warsaw:20261003T120000", "DTEND;TZID=Europe/Warsaw:20261003T130000", "SUMMARY:b"),
			event("UID:1", "RECURRENCE-ID:20261004T060000Z", "STATUS:CANCELLED", "DTSTART:20261004T060000Z", "SUMMARY:a")),
			[]string{"2026-10-02T08:00+02:00 2026-10-02T09:00+02:00 a", "2026-10-03T12:00+02:00 2026-10-03T13:00+02:00 b"}},
		"begun long ago": {calendarOf(event("UID:1", "DTSTART;TZID=America/New_York:20200106T210000", "DTEND;TZID=America/New_York:20200107T050000", "RRULE:FREQ=WEEKLY;INTERVAL=2", "SUMMARY:a")),
			[]string{"2026-10-06T03:00+02:00 2026-10-06T11:00+02:00 a", "2026-10-20T03:00+02:00 2026-10-20T11:00+02:00 a", "2026-11-03T03:00+01:00 2026-11-03T11:00+01:00 a"}},
		"as Outlook names zones": {calendarOf(event("UID:1", "DTSTART;TZID=\"Central European Standard Time\":20261024T190000", "DTEND;TZID=\"Central European Standard Time\":20261025T070000", "SUMMARY;LANGUAGE=pl:a")),
			[]string{"2026-10-24T19:00+02:00 2026-10-25T07:00+01:00 a"}},
		"as Thunderbird names zones": {calendarOf(event("UID:1", "DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20261024T190000", "DURATION:PT1H", "SUMMARY:a")),
			[]string{"2026-10-25T01:00+02:00 2026-10-25T02:00+02:00 a"}},
		"as Windows begins a file": {append([]byte("\ufeff"), calendarOf(event("UID:1", "DTSTART:20261024T190000", "DURATION:PT1H", "SUMMARY:a"))...),
			[]string{"2026-10-24T19:00+02:00 2026-10-24T20:00+02:00 a"}},
		"exceptions, one moved and the last day, by their days": {calendarOf(
			event("UID:1", "DTSTART;TZID=Europe/Warsaw:20261002T190000", "DTEND;TZID=Europe/Warsaw:20261003T070000", "RRULE:FREQ=DAILY;UNTIL=20261005", "EXDATE;VALUE=DATE:20261003", "RDATE;VALUE=DATE:20261010", "SUMMARY:a"),
			event("UID:1", "RECURRENCE-ID;VALUE=DATE:20261004", "DTSTART;TZID=Europe/Warsaw:20261004T200000", "DURATION:PT1H", "SUMMARY:b")),
			[]string{"2026-10-02T19:00+02:00 2026-10-03T07:00+02:00 a", "2026-10-04T20:00+02:00 2026-10-04T21:00+02:00 b", "2026-10-05T19:00+02:00 2026-10-06T07:00+02:00 a", "2026-10-10T19:00+02:00 2026-10-11T07:00+02:00 a"}},
		"whole days but one": {calendarOf(event("UID:1", "DTSTART;VALUE=DATE:20261024", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261025", "SUMMARY:a")),
			[]string{"2026-10-24T00:00+02:00 2026-10-25T00:00+02:00 a", "2026-10-26T00:00+01:00 2026-10-27T00:00+01:00 a"}},
		"an end and an exception that name no zone": {calendarOf(event("UID:1", "DTSTART;TZID=America/New_York:20261005T090000", "DTEND:20261005T100000", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261006T090000", "SUMMARY:a")),
			[]string{"2026-10-05T15:00+02:00 2026-10-05T16:00+02:00 a"}},
		"a rule that says its hour": {calendarOf(event("UID:1", "DTSTART:20261024T190000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2;BYHOUR=19;BYMINUTE=0;BYSECOND=0", "SUMMARY:a")),
			[]string{"2026-10-24T19:00+02:00 2026-10-24T20:00+02:00 a", "2026-10-25T19:00+01:00 2026-10-25T20:00+01:00 a"}},
		"nothing": {calendarOf("BEGIN:VTIMEZONE\r\nTZID:Europe/Warsaw\r\nEND:VTIMEZONE"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			events, err := Read(x.calendar, zone, from, until)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range events {
				const layout = "2006-01-02T15:04-07:00"
				got = append(got, fmt.Sprintf("%s %s %s", e.From.In(zone.Location).Format(layout), e.Until.In(zone.Location).Format(layout), e.Title))
			}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotRead(t *testing.T) {
	zone := warsaw(t)
	now := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for want, calendar := range map[string][]byte{
		"no iCalendar file":                             []byte("hello"),
		"no iCalendar file: it begins no VCALENDAR":     nil,
		`event "a": it has no DTSTART`:                  calendarOf(event("UID:1", "SUMMARY:a")),
		`time zone "Customized Time Zone" is not known`: calendarOf(event("UID:1", "DTSTART;TZID=Customized Time Zone:20261024T190000", "SUMMARY:a")),
		`time zone "Local" is not known`:                calendarOf(event("UID:1", "DTSTART;TZID=Local:20261024T190000", "SUMMARY:a")),
		"it changes all that follow":                    calendarOf(event("UID:1", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261024T190000", "DTSTART:20261024T200000", "SUMMARY:a")),
		"it calls events off":                           calendarOf("METHOD:CANCEL", event("UID:1", "DTSTART:20261024T200000", "SUMMARY:a")),
		`DTSTART: "20261324T190000" is no time`:         calendarOf(event("UID:1", "DTSTART:20261324T190000", "SUMMARY:a")),
		"more often than daily":                         calendarOf(event("UID:1", "DTSTART:20261001T190000", "RRULE:FREQ=HOURLY", "SUMMARY:a")),
		"more often than daily, which":                  calendarOf(event("UID:1", "DTSTART:20261001T190000", "RRULE:FREQ=DAILY;BYHOUR=7,19", "SUMMARY:a")),
		"it lasts -1h0m0s":                              calendarOf(event("UID:1", "DTSTART:20261001T190000", "DTEND:20261001T180000", "SUMMARY:a")),
		"by two rules":                                  calendarOf(event("UID:1", "DTSTART:20261001T190000", "RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY", "SUMMARY:a")),
	} {
		if _, err := Read(calendar, zone, now, now.AddDate(1, 0, 0)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// What is written is read again, and the same events have the same ids.
func TestWrite(t *testing.T) {
	zone := warsaw(t)
	at := func(s string) time.Time {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	events := []Event{
		{at("2026-10-24T17:00:00Z"), at("2026-10-25T06:00:00Z"), "Marta W., Jan; \"K.\"\nthird"},
		{at("2026-10-25T06:00:00Z"), at("2026-10-25T17:00:00Z"), "nobody"},
	}
	b, err := Write("Nurses, on call", events, at("2026-10-24T00:00:00Z"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(b, zone, at("2026-10-01T00:00:00Z"), at("2026-12-01T00:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(events, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	later, err := Write("Nurses, on call", events, at("2026-10-24T01:00:00Z"), time.Hour)
	if err != nil || !bytes.Equal(bytes.ReplaceAll(later, []byte("20261024T010000Z"), []byte("20261024T000000Z")), b) {
		t.Errorf("an hour later the calendar is\n%s\nand was\n%s", later, b)
	}
	for line := range bytes.Lines(b) {
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			t.Errorf("line %q", line)
		}
	}
	if b, err := Write("Nobody", nil, at("2026-10-24T00:00:00Z"), time.Hour); err != nil || !bytes.Contains(b, []byte("VCALENDAR")) {
		t.Errorf("a calendar without events is %q: %v", b, err)
	}
}

// Events at the same time are people on call together.
func TestFlatten(t *testing.T) {
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	h := func(n int) time.Time { return day.Add(time.Duration(n) * time.Hour) }
	got := Flatten([]Event{{h(7), h(19), "a"}, {h(9), h(12), "b"}, {h(12), h(14), "b"}, {h(19), h(20), "x"}, {h(20), h(22), "a"}}, func(title string) []alerting.Person {
		if title == "x" {
			return nil
		}
		return []alerting.Person{alerting.Person(title)}
	})
	want := []alerting.Span{
		{From: h(7), Until: h(9), Who: []alerting.Person{"a"}}, {From: h(9), Until: h(14), Who: []alerting.Person{"a", "b"}},
		{From: h(14), Until: h(19), Who: []alerting.Person{"a"}}, {From: h(20), Until: h(22), Who: []alerting.Person{"a"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A calendar from anywhere is read or refused, within bounds, and what it makes
// are times in order.
func FuzzRead(f *testing.F) {
	f.Add(calendarOf(event("UID:1", "DTSTART;TZID=Europe/Warsaw:20261017T190000", "DTEND;TZID=Europe/Warsaw:20261018T070000", "RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO,TU", "EXDATE:20261017T170000Z", "SUMMARY:a")))
	f.Add(calendarOf(event("UID:1", "RECURRENCE-ID:20261004T060000Z", "DTSTART;VALUE=DATE:20261004", "DURATION:P1DT2H", "RDATE:20261109T080000", "STATUS:CANCELLED", "SUMMARY:a")))
	f.Add(calendarOf(event("DTSTART:20260228T060000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "SUMMARY:a")))
	zone := warsaw(f)
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 10_000 {
			return
		}
		events, err := Read(b, zone, from, from.AddDate(0, 3, 0))
		if err != nil && events != nil {
			t.Fatalf("events beside an error: %v", err)
		}
		for i, e := range events {
			if !e.From.Before(e.Until) || i > 0 && e.From.Before(events[i-1].From) {
				t.Fatalf("event %d is from %s to %s", i, e.From, e.Until)
			}
		}
	})
}

// Every zone that Windows has a name for is one.
func TestWindowsZones(t *testing.T) {
	n := 0
	for line := range strings.Lines(strings.TrimSpace(windowsZones)) {
		iana, windows, _ := strings.Cut(strings.TrimSpace(line), " ")
		if l, ok := zoneOf(strings.ToLower(windows)); !ok || l.String() != iana {
			t.Errorf("%q is %v, want %s", windows, l, iana)
		}
		n++
	}
	if n < 130 {
		t.Errorf("only %d zones", n)
	}
	for _, name := range []string{"", "/", "a/b/c", "Europe", "../etc/passwd", "/mozilla.org/20050126_1/"} {
		if l, ok := zoneOf(name); ok {
			t.Errorf("%q is %s", name, l)
		}
	}
}

// Lines are no longer than strict readers take them, and no character is cut.
func TestLinesAreFolded(t *testing.T) {
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for n := range 200 {
		want := Event{from, from.Add(time.Hour), strings.Repeat("x", n%5) + strings.Repeat("żółw, ", n/5) + "😀\u0301;"}
		b, err := Write(want.Title, []Event{want}, from, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			if len(line) > 77 || !utf8.Valid(line) {
				t.Fatalf("a line of %d octets: %q", len(line), line)
			}
		}
		got, err := Read(b, alerting.Zone{}, from, from.Add(time.Hour))
		if diff := cmp.Diff([]Event{want}, got, cmp.Comparer(time.Time.Equal)); diff != "" || err != nil {
			t.Fatalf("(-want +got):\n%s%v", diff, err)
		}
		if !bytes.Contains(b, []byte("REFRESH-INTERVAL;VALUE=DURATION:PT")) {
			t.Fatalf("it does not say when to come again: %s", b)
		}
	}
}
