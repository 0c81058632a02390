package influx

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"telecare/alerting"
	"telecare/devices"
)

// now is within the retention policy of a real InfluxDB, whenever this runs.
var now = time.Now().Add(-time.Hour).Truncate(time.Second)

// sample is the reading number i: one series of one device, a millisecond apart.
func sample(i int) devices.Sample {
	return devices.Sample{
		Device: "d-4k7m2q", Kind: "pendant", Source: "serial",
		At:       now.Add(time.Duration(i) * time.Millisecond),
		Readings: []devices.Reading{{Quantity: devices.Battery, Value: 87.5}, {Quantity: devices.RSSI, Value: float64(-i)}},
	}
}

func samples(from, to int) []devices.Sample {
	var s []devices.Sample
	for i := from; i < to; i++ {
		s = append(s, sample(i))
	}
	return s
}

func TestEncode(t *testing.T) {
	at := time.Unix(0, 1795313411123456789)
	readings := []devices.Reading{{Quantity: devices.RSSI, Value: -71}, {Quantity: devices.Battery, Value: 87.5}}
	alarm := alerting.Alarm{ID: "a-1", Kind: devices.Fall, Outcome: alerting.Helped, RaisedAt: at,
		NotifiedAt: at.Add(250 * time.Millisecond), AckedAt: at.Add(12 * time.Second), ClosedAt: at.Add(10 * time.Minute)}
	for name, c := range map[string]struct {
		samples []devices.Sample
		closed  []alerting.Alarm
		want    string
		points  int
	}{
		"nothing": {},
		"one of each": {
			[]devices.Sample{{Device: "d-1", Kind: "pendant", Source: "serial", At: at, Readings: readings}}, []alerting.Alarm{alarm},
			"device,device=d-1,kind=pendant,site=ward-3,source=serial rssi=-71,battery=87.5 1795313411123456789\n" +
				"alarm,kind=fall,outcome=helped,site=ward-3 acknowledge=12,close=600,notify=0.25 1795313411123456789\n", 2,
		},
		"empty tags": {
			[]devices.Sample{{Device: "d-1", At: at, Readings: readings[:1]}}, nil,
			"device,device=d-1,site=ward-3 rssi=-71 1795313411123456789\n", 1,
		},
		"tags that would break the line": {
			[]devices.Sample{{Device: "d\\", Kind: "a b,c=d", Source: "x\ny\xff\\,z=1", At: at, Readings: readings[:1]}}, nil,
			`device,device=d_,kind=a\ b\,c\=d,site=ward-3,source=x_y__\,z\=1 rssi=-71 1795313411123456789` + "\n", 1,
		},
		"numbers that are none": {
			[]devices.Sample{{Device: "d-1", At: at, Readings: []devices.Reading{{Quantity: "a", Value: math.NaN()}, {Quantity: "b", Value: math.Inf(-1)}, {Quantity: "c", Value: 1e300}}}}, nil,
			"device,device=d-1,site=ward-3 c=1e+300 1795313411123456789\n", 1,
		},
		"the last of two counts": {
			[]devices.Sample{{Device: "d-1", At: at, Readings: []devices.Reading{{Quantity: "a", Value: 1}, {Quantity: "b", Value: 2}, {Quantity: "a", Value: 3}}}}, nil,
			"device,device=d-1,site=ward-3 b=2,a=3 1795313411123456789\n", 1,
		},
		"nothing left": {
			[]devices.Sample{{Device: "d-1", At: at, Readings: []devices.Reading{{Quantity: "a", Value: math.NaN()}}}, {Device: "d-1", Readings: readings}, {Device: "d-1", At: at}},
			[]alerting.Alarm{{RaisedAt: at}}, "", 0,
		},
	} {
		got, points := encode("ward-3", c.samples, c.closed)
		if string(got) != c.want || points != c.points {
			t.Errorf("%s: %d points\n%s\nwant %d\n%s", name, points, got, c.points, c.want)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	s := samples(0, 100)
	b.ReportAllocs()
	for b.Loop() {
		encode("lipowa", s, nil)
	}
}

// Whatever a name holds, a point is one line, with its own tags and no others.
func FuzzEncode(f *testing.F) {
	f.Add("d-1", "pendant", "serial", "battery", 1.5)
	f.Add("d\\", "a b", "c,d=e", "x=y", math.Inf(1))
	f.Add("\\,", "\n", "\xff", "\\ ", math.Copysign(0, -1))
	f.Add("", "", "", "", 0.0)
	f.Fuzz(func(t *testing.T, device, kind, source, quantity string, value float64) {
		s := devices.Sample{Device: devices.ID(device), Kind: kind, Source: source, At: now, Readings: []devices.Reading{
			{Quantity: devices.Quantity(quantity), Value: value}, {Quantity: devices.Battery, Value: 1}}}
		lines, points := encode("site", []devices.Sample{s}, nil)
		line := string(lines)
		if points != 1 || strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") || !utf8.ValidString(line) {
			t.Fatalf("%d points in %q", points, line)
		}
		words := split(line[:len(line)-1], ' ')
		if len(words) != 3 {
			t.Fatalf("%d words in %q", len(words), line)
		}
		want := 2 // measurement and site
		for _, v := range []string{device, kind, source} {
			if v != "" {
				want++
			}
		}
		if parts := split(words[0], ','); len(parts) != want {
			t.Fatalf("%d tags, want %d in %q", len(parts), want, line)
		}
		for _, part := range append(split(words[0], ',')[1:], split(words[1], ',')...) {
			if pair := split(part, '='); len(pair) != 2 || pair[0] == "" || pair[1] == "" {
				t.Fatalf("%q in %q", part, line)
			}
		}
	})
}

// split splits at separators that no backslash escapes, as InfluxDB does.
func split(s string, sep byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// A drill is in no share, however it was closed.
func TestDrillIsADrill(t *testing.T) {
	at := time.Date(2026, 10, 5, 2, 10, 0, 0, time.UTC)
	a := alerting.Alarm{Kind: "panic", RaisedAt: at, AckedAt: at.Add(30 * time.Second), ClosedAt: at.Add(time.Minute), Outcome: alerting.Helped, Drill: true}
	lines, _ := encode("s", nil, []alerting.Alarm{a})
	if !strings.Contains(string(lines), "outcome="+string(alerting.DrillAlarm)) || strings.Contains(string(lines), "helped") {
		t.Errorf("a drill is written as %s", lines)
	}
}
