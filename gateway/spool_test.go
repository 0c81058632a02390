package gateway

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// commits notes how much each had.
type commits struct{ many []int }

func (c *commits) Append(_ context.Context, samples []devices.Sample, _ []alerting.Alarm) error {
	c.many = append(c.many, len(samples))
	time.Sleep(time.Millisecond) // the bubble's
	return nil
}

// A reading that comes alone is on disk as soon as the disk can; those that
// flow go together, and none waits for longer than the next commit.
func TestReadingsThatFlowAreCommittedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &commits{}
		s := newSpooler(store, noMeter{}, func(alerting.FaultCode, string, bool) {})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.run(ctx) }()
		var slowest time.Duration
		put := func() {
			began := time.Now()
			s.put(kept{done: func(error) { slowest = max(slowest, time.Since(began)) }})
		}
		put()
		time.Sleep(time.Second)
		synctest.Wait()
		if slowest != time.Millisecond {
			t.Errorf("one alone took %v", slowest)
		}
		for range 100 {
			put()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		n := 0
		for _, many := range store.many {
			n += many
		}
		if n != 101 || len(store.many) > 25 || slowest > commitEvery+time.Millisecond {
			t.Errorf("%d readings in %d commits, the slowest took %v", n, len(store.many), slowest)
		}
		put()
		put()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for _, many := range store.many {
			n -= many
		}
		if n != -2 {
			t.Errorf("of the last two %d were kept", -n)
		}
	})
}

func TestFramesOfEach(t *testing.T) {
	for devices, want := range map[int]int{0: 20, 1: 20, 250: 20, 1000: 5, 100_000: 2} {
		if got := framesOfEach(devices); got != want {
			t.Errorf("%d devices: %d frames of each, want %d", devices, got, want)
		}
	}
	var fs frames
	for i := range 10 {
		most := 5
		if i == 9 {
			most = 3 // the house has grown
		}
		fs.keep(most, &devices.Frame{Packet: 0, Raw: []byte{byte(i)}}, time.Now())
	}
	if len(fs) != 3 || fs[0].Raw[0] != 7 || fs[2].Raw[0] != 9 {
		t.Errorf("%v", fs)
	}
}
