package influx

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// encode writes samples and closed alarms as line protocol, a line a point, and
// returns how many points there are. What has no place in InfluxDB (NaN, a
// sample without a number or a time) is left out: without a time the server
// would make one up, and a repeat would be another point.
//
// The client's own points are left aside: they take ten times the memory of
// their line, for every reading.
// https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
func encode(site string, samples []devices.Sample, closed []alerting.Alarm) (lines []byte, points int) {
	l := lineWriter{b: make([]byte, 0, 160*(len(samples)+len(closed)))} // about what one takes
	for _, s := range samples {
		l.sample(site, s)
	}
	for _, a := range closed {
		l.alarm(site, a)
	}
	return l.b, l.points
}

// lineWriter writes one line after the other: begin, its tags in the order of
// their keys, which is the order that InfluxDB likes best, its fields, end.
type lineWriter struct {
	b      []byte
	points int
	from   int // where this line begins
	fields int // of this line
}

func (l *lineWriter) sample(site string, s devices.Sample) {
	l.begin(MeasurementDevice)
	l.tag(TagDevice, string(s.Device))
	l.tag(TagKind, s.Kind)
	l.tag(TagSite, site)
	l.tag(TagSource, s.Source)
	for i, r := range s.Readings {
		// Of two of a quantity the last counts: a line may have each once.
		if !slices.ContainsFunc(s.Readings[i+1:], func(later devices.Reading) bool { return later.Quantity == r.Quantity }) {
			l.field(string(r.Quantity), r.Value)
		}
	}
	l.end(s.At)
}

// alarm stands at the time when it was raised and says how long people took
// from there.
func (l *lineWriter) alarm(site string, a alerting.Alarm) {
	l.begin(MeasurementAlarm)
	l.tag(TagKind, string(a.Kind))
	l.tag(TagOutcome, string(a.Counted()))
	l.tag(TagSite, site)
	for _, f := range []struct {
		key string
		to  alerting.Milestone
	}{{FieldAcknowledge, alerting.ToAcknowledge}, {FieldAttend, alerting.ToAttend}, {FieldClose, alerting.ToClose}, {FieldNotify, alerting.ToCall}} {
		if took, ok := a.Took(f.to); ok {
			l.field(f.key, took.Seconds())
		}
	}
	l.end(a.RaisedAt)
}

func (l *lineWriter) begin(measurement string) {
	l.from, l.fields = len(l.b), 0
	l.b = append(l.b, measurement...)
}

// tag adds a tag, unless it is empty: line protocol has no empty ones.
func (l *lineWriter) tag(key, value string) {
	if value = clean(value); value != "" {
		l.b = append(append(append(l.b, ','), key...), '=')
		l.word(value)
	}
}

func (l *lineWriter) field(key string, value float64) {
	if key = clean(key); key == "" || math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	if l.fields++; l.fields == 1 {
		l.b = append(l.b, ' ')
	} else {
		l.b = append(l.b, ',')
	}
	l.word(key)
	l.b = strconv.AppendFloat(append(l.b, '='), value, 'g', -1, 64)
}

// end completes the line, or takes back one that says nothing.
func (l *lineWriter) end(at time.Time) {
	if l.fields == 0 || at.IsZero() {
		l.b = l.b[:l.from]
		return
	}
	l.b = append(strconv.AppendInt(append(l.b, ' '), at.UnixNano(), 10), '\n')
	l.points++
}

// word adds a clean text, with what separates words escaped.
func (l *lineWriter) word(s string) {
	for i := range len(s) {
		if s[i] == ' ' || s[i] == ',' || s[i] == '=' {
			l.b = append(l.b, '\\')
		}
		l.b = append(l.b, s[i])
	}
}

// clean replaces what has no escape in line protocol: a backslash, which would
// escape whatever comes after it, and control characters, which would end the
// line. Ids of ours have neither.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || r < ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
}
