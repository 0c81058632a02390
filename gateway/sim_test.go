package gateway

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// simulate plays one night. Only its seed and the number of presses decide it.
func simulate(t *testing.T, seed uint64, presses int, m mutant, tracks bool) (s *simulation) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		s = newSimulation(seed, presses, m, nil)
		s.tracks = tracks
		s.run()
		s.took = s.elapsed()
	})
	return s
}

// pressesIn is how many presses a night has. A long one has snapshots that are
// written because they are due.
func pressesIn(seed uint64) int {
	if seed%50 == 0 {
		return 1000
	}
	return 200
}

// TestSimulation plays nights until there have been 10,000 presses, or as many
// as TELECARE_SIMULATE says; TELECARE_SEED is the first night's seed. With
// TELECARE_TRACE a failure shows its whole trace.
func TestSimulation(t *testing.T) {
	presses, first := uint64(10_000), uint64(1)
	for name, v := range map[string]*uint64{"TELECARE_SIMULATE": &presses, "TELECARE_SEED": &first} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			*v = n
		}
	}
	if raceEnabled && os.Getenv("TELECARE_SIMULATE") == "" {
		presses /= 5 // one goroutine: there is no race to find in it
	}
	var mu sync.Mutex
	var sum struct {
		nights, presses, doubtful, mute, alarms, records, boots, crashes, events int
		time                                                                     time.Duration
	}
	next := first
	began := time.Now()
	night := func() (seed uint64, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if sum.presses >= int(presses) || t.Failed() {
			return 0, false
		}
		seed = next
		next++
		sum.presses += pressesIn(seed)
		return seed, true
	}
	t.Run("nights", func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for {
					seed, ok := night()
					if !ok {
						return
					}
					s := simulate(t, seed, pressesIn(seed), mutant{}, false)
					mu.Lock()
					sum.nights++
					sum.alarms += len(s.oracle.alarms)
					sum.records += len(s.disk.recs)
					sum.boots += s.boots
					sum.crashes += s.crashes
					sum.events += int(s.count)
					sum.time += s.took
					for _, p := range s.oracle.presses {
						if p.folded && len(p.seqs) == 0 {
							sum.doubtful++
							if p.mute {
								sum.mute++
							}
						}
					}
					mu.Unlock()
					if s.oracle.failure != "" {
						tail := 100
						if os.Getenv("TELECARE_TRACE") != "" {
							tail = 1 << 20
						}
						again := simulate(t, seed, pressesIn(seed), mutant{}, true)
						var script strings.Builder
						_, err := Replay(t.Context(), again.disk, 1, &script)
						t.Errorf("TELECARE_SEED=%d: %s\nthe end of its trace:\n%s\nthe end of its journal (%v):\n%s", seed, s.oracle.failure,
							strings.Join(again.tail[max(0, len(again.tail)-tail):], "\n"), err, script.String()[max(0, script.Len()-200*tail):])
						return
					}
				}
			})
		}
	})
	t.Logf("%d nights from seed %d: %d presses (%d could not be told from a redelivery, %d of them with no alarm open), %d alarms, %d records, %d crashes, %d events in %s of simulated time, %s here",
		sum.nights, first, sum.presses, sum.doubtful, sum.mute, sum.alarms, sum.records, sum.crashes, sum.events,
		sum.time.Round(time.Minute), time.Since(began).Round(time.Second/10))
	if sum.mute > sum.presses/1000 {
		t.Errorf("%d presses were taken for old ones with no alarm open; only those that look the same to the last bit may be, after a crash", sum.mute)
	}
	if want := sum.presses / 100; sum.crashes < want {
		t.Errorf("%d crashes among %d presses, want %d", sum.crashes, sum.presses, want)
	}
}

// TestSameSeedSameNight: a failure that cannot be repeated cannot be mended.
func TestSameSeedSameNight(t *testing.T) {
	traces := map[uint64]uint64{}
	for seed := uint64(1); seed <= 5; seed++ {
		a := simulate(t, seed, 200, mutant{}, false)
		b := simulate(t, seed, 200, mutant{}, seed%2 == 0)
		if a.hash != b.hash || a.count != b.count || a.crashes != b.crashes {
			t.Errorf("seed %d: traces %x and %x, %d and %d events", seed, a.hash, b.hash, a.count, b.count)
		}
		if other, ok := traces[a.hash]; ok {
			t.Errorf("seeds %d and %d give the same night", other, seed)
		}
		traces[a.hash] = seed
	}
}
