package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkAppend measures a durable append beside the floor: the same bytes
// appended to a plain file and synced. Compare p50s of one run only; disks
// differ.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int64{1, 500} {
		b.Run(fmt.Sprintf("records=%d/floor", n), func(b *testing.B) {
			f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			var text []byte
			for _, r := range span(1, n) {
				text = append(text, r.Body...)
			}
			timed(b, func(int64) error {
				if _, err := f.Write(text); err != nil {
					return err
				}
				return datasync(f)
			})
		})
		b.Run(fmt.Sprintf("records=%d/journal", n), func(b *testing.B) {
			j := mustOpen(b, filepath.Join(b.TempDir(), "journal.db"))
			mustAppend(b, j, record(1))
			timed(b, func(i int64) error {
				if i%200 == 0 { // as the gateway does between two appends
					b.StopTimer()
					if err := j.Checkpoint(b.Context()); err != nil {
						return err
					}
					b.StartTimer()
				}
				return j.Append(b.Context(), span(2+i*n, 1+(i+1)*n))
			})
		})
	}
}

func timed(b *testing.B, do func(i int64) error) {
	var took []time.Duration
	for i := int64(0); b.Loop(); i++ {
		start := time.Now()
		if err := do(i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
