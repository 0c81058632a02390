package alerting

import (
	"fmt"
	"testing"
	"time"

	"telecare/devices"
)

// BenchmarkStep is one press and everything until its alarm is closed, on sites
// of any size: what a decision costs must not depend on how many devices there
// are, nor on how many alarms are open elsewhere.
func BenchmarkStep(b *testing.B) {
	for _, size := range []int{10, 100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("devices=%d", size), func(b *testing.B) {
			now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
			m := New()
			p := ward()
			for i := range size {
				p.Devices[devices.ID(fmt.Sprintf("x%d", i))] = Device{Place: "room-0"}
			}
			m.Step(now, Apply{p})
			steps := 0
			step := func(in Input) []Effect {
				now = now.Add(time.Second)
				steps++
				return m.Step(now, in)
			}
			for i := 0; b.Loop(); i++ {
				device := devices.ID(fmt.Sprintf("x%d", i%size))
				var alarm AlarmID
				for _, e := range step(Heard{Device: device, Kind: devices.Panic}) {
					if n, ok := e.(Notify); ok {
						alarm = n.Alarm
						step(Sent{Alarm: n.Alarm, Notification: n.ID})
					}
				}
				if alarm == "" {
					b.Fatal("a press called nobody")
				}
				step(Take{Alarm: alarm, By: "jan"})
				step(Arrive{Alarm: alarm, By: "jan"})
				step(Close{Alarm: alarm, By: "jan", Outcome: Outcomes()[0]})
				if i%1000 == 999 { // a day has passed: closed alarms are forgotten
					now = now.Add(Remember)
					step(Tick{})
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
			b.ReportMetric(0, "ns/op")
		})
	}
}
