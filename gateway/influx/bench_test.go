package influx

import (
	"path/filepath"
	"testing"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"

	"telecare/gateway/gatewaytest"
)

// BenchmarkForward brings 50,000 points in batches of 100 to a real InfluxDB:
// by a bare loop of WriteRecord over the same loads of 5,000, and by the
// Forwarder from its spool. Appending to the spool is measured apart.
func BenchmarkForward(b *testing.B) {
	const points, batch = 50_000, 100
	rate := func(b *testing.B, took time.Duration) {
		b.ReportMetric(float64(points)*float64(b.N)/took.Seconds(), "points/s")
		b.ReportMetric(0, "ns/op")
	}
	fill := func(b *testing.B) *Spool {
		s := mustSpool(b, filepath.Join(b.TempDir(), "spool.db"), 1<<30)
		for i := 0; i < points; i += batch {
			mustAppend(b, s, i, i+batch)
		}
		return s
	}
	b.Run("append", func(b *testing.B) {
		var took time.Duration
		for range b.N {
			start := time.Now()
			fill(b)
			took += time.Since(start)
		}
		rate(b, took)
	})
	b.Run("bare", func(b *testing.B) {
		in := gatewaytest.Influxd(b)
		c := influxdb2.NewClientWithOptions(in.URL, in.Token, influxdb2.DefaultOptions().SetUseGZip(true))
		defer c.Close()
		w := c.WriteAPIBlocking(in.Org, in.Bucket)
		var loads []string
		for i := 0; i < points; i += maxPoints {
			loads = append(loads, encoded(i, i+maxPoints))
		}
		start := time.Now()
		for range b.N {
			for _, l := range loads {
				if err := w.WriteRecord(b.Context(), l); err != nil {
					b.Fatal(err)
				}
			}
		}
		rate(b, time.Since(start))
		stored(b, in, points)
	})
	b.Run("forwarder", func(b *testing.B) {
		in := gatewaytest.Influxd(b)
		var took time.Duration
		for range b.N {
			s := fill(b)
			begin := time.Now()
			f := start(b, config(in), s)
			f.waitEmpty(b)
			took += time.Since(begin)
			f.stop()
		}
		rate(b, took)
		stored(b, in, points)
	})
}
