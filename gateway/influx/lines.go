package influx

import (
	"math"
	"strings"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api/write"

	"telecare/alerting"
	"telecare/devices"
)

// encode writes samples and closed alarms as line protocol, a line a point, and
// returns how many points there are. What has no place in InfluxDB (NaN, a
// sample without a number or a time) is left out: without a time the server
// would make one up, and a repeat would be another point.
func encode(site string, samples []devices.Sample, closed []alerting.Alarm) (lines []byte, points int) {
	var b strings.Builder
	b.Grow(160 * len(samples)) // about what one takes
	add := func(p *write.Point) {
		if len(p.FieldList()) == 0 || p.Time().IsZero() {
			return
		}
		write.PointToLineProtocolBuffer(p.SortTags().SortFields(), &b, time.Nanosecond)
		points++
	}
	for _, s := range samples {
		add(samplePoint(site, s))
	}
	for _, a := range closed {
		add(alarmPoint(site, a))
	}
	return []byte(b.String()), points
}

func samplePoint(site string, s devices.Sample) *write.Point {
	p := write.NewPointWithMeasurement(MeasurementDevice).SetTime(s.At)
	tag(p, TagSite, site)
	tag(p, TagDevice, string(s.Device))
	tag(p, TagKind, s.Kind)
	tag(p, TagSource, s.Source)
	for _, r := range s.Readings {
		key := clean(string(r.Quantity))
		if key == "" || math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
			continue
		}
		p.AddField(key, r.Value)
	}
	return p
}

// alarmPoint stands at the time when the alarm was raised and says how long
// people took from there.
func alarmPoint(site string, a alerting.Alarm) *write.Point {
	p := write.NewPointWithMeasurement(MeasurementAlarm).SetTime(a.RaisedAt)
	tag(p, TagSite, site)
	tag(p, TagKind, string(a.Kind))
	tag(p, TagOutcome, string(a.Outcome))
	for _, f := range []struct {
		key string
		at  time.Time
	}{{FieldNotify, a.NotifiedAt}, {FieldAcknowledge, a.AckedAt}, {FieldAttend, a.AttendedAt}, {FieldClose, a.ClosedAt}} {
		if !f.at.IsZero() {
			p.AddField(f.key, f.at.Sub(a.RaisedAt).Seconds())
		}
	}
	return p
}

// tag adds a tag, unless it is empty: line protocol has no empty ones.
func tag(p *write.Point, key, value string) {
	if value = clean(value); value != "" {
		p.AddTag(key, value)
	}
}

// clean replaces what the client's escaping gets wrong: a backslash, which would
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
