package gateway

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/report"
	"telecare/devices"
	"telecare/gateway/journal"
)

// reporting has a report listen to what happened.
type reporting struct {
	*report.Fold
	peak uint64
	n    int
}

func (r *reporting) Next(m *alerting.Machine, x Moment) bool {
	r.Step(x.At, x.Input, x.Effects, m, x.Same)
	if r.n++; r.n%50_000 == 0 {
		r.peak = max(r.peak, heapInUse())
	}
	return r.Over()
}

func heapInUse() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// BenchmarkReport makes a month's report of a journal on disk: alarms of five
// records each (press, call accepted, taken, arrived, closed) on a thousand
// devices, all of them in that month. BenchmarkReport/1000000 is for by hand.
func BenchmarkReport(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("takes minutes")
			}
			path := filepath.Join(b.TempDir(), "journal.db")
			from := busyMonth(b, path, n)
			j, err := journal.OpenReader(b.Context(), path)
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			o := report.Options{Span: report.Span{Month: "2026-10", From: from, Until: from.AddDate(0, 1, 0)}, Zone: time.UTC}
			before := heapInUse()
			for b.Loop() {
				x := &reporting{Fold: report.New(o)}
				if err := (Past{History: j}).Tell(b.Context(), o.From, nil, x); err != nil {
					b.Fatal(err)
				}
				r := x.Report(o.Until.Add(time.Hour))
				if r.Totals.All != n/5 || r.Lines[0].Kept != n/5 {
					b.Fatalf("%+v", r.Totals)
				}
				b.ReportMetric(float64(x.peak-before)/1e6, "MB-peak")
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func busyMonth(b *testing.B, path string, n int) (from time.Time) {
	b.Helper()
	j, err := journal.Open(b.Context(), path)
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	from = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	m, seq := alerting.New(), int64(0)
	var recs []alerting.Record
	step := func(at time.Time, in alerting.Input) []alerting.Effect {
		kind, body, err := alerting.EncodeInput(in)
		if err != nil {
			b.Fatal(err)
		}
		effects := m.Step(at, in)
		seq++
		recs = append(recs, alerting.Record{Seq: seq, At: m.Now(), Version: alerting.Version, Kind: kind, Body: body, Digest: alerting.Digest(effects)})
		if len(recs) == 1000 {
			if err := j.Append(b.Context(), recs); err != nil {
				b.Fatal(err)
			}
			recs = recs[:0]
		}
		return effects
	}
	plan := newHourly(b, 0).recs[0]
	in, err := alerting.DecodeInput(plan.Kind, plan.Body)
	if err != nil {
		b.Fatal(err)
	}
	p := in.(alerting.Apply).Plan
	for i := range 1000 {
		p.Devices[devices.ID(fmt.Sprintf("d-%d", i))] = alerting.Device{Place: alerting.PlaceID(fmt.Sprintf("p-%d", i))}
	}
	step(from, alerting.Apply{Plan: p})
	every := 30 * 24 * time.Hour / time.Duration(n/5+1)
	for i := range n / 5 {
		at := from.Add(time.Duration(i+1) * every)
		var id alerting.AlarmID
		var call alerting.NotificationID
		for _, e := range step(at, alerting.Heard{Device: devices.ID(fmt.Sprintf("d-%d", i%1000)), Kind: devices.Panic}) {
			if e, ok := e.(alerting.Notify); ok {
				id, call = e.Alarm, e.ID
			}
		}
		step(at.Add(every/5), alerting.Sent{Alarm: id, Notification: call})
		step(at.Add(2*every/5), alerting.Take{Alarm: id, By: "marta"})
		step(at.Add(3*every/5), alerting.Arrive{Alarm: id, By: "marta"})
		step(at.Add(4*every/5), alerting.Close{Alarm: id, By: "marta", Outcome: alerting.Helped})
	}
	if err := j.Append(b.Context(), recs); err != nil {
		b.Fatal(err)
	}
	return from
}
