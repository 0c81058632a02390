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

// BenchmarkOpenAlarms is what each kind of step costs beside so many alarms that
// are open elsewhere, half of them held, half of them raised.
func BenchmarkOpenAlarms(b *testing.B) {
	for _, open := range []int{0, 10, 1_000, 10_000} {
		b.Run(fmt.Sprintf("devices=100000/open=%d", open), func(b *testing.B) {
			now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
			m := New()
			p := ward()
			call := []Target{{Person: "jan"}}
			p.Watches, p.Rosters, p.Policies, p.Default = nil, nil, map[PolicyID]Policy{}, "long"
			p.People["jan"] = Responder{Contacts: []Contact{{Channel: "phone"}}} // who does not rest in the middle
			p.Policies["long"] = Policy{Steps: []PolicyStep{{Call: call, Wait: 1e6 * time.Hour}}, Finish: 1e6 * time.Hour}
			p.Policies["short"] = Policy{Steps: []PolicyStep{{Call: call, Wait: time.Millisecond}, {Call: call, Wait: 30 * time.Second}}}
			for i := range 100_000 {
				d := Device{Place: PlaceID(fmt.Sprintf("room-%d", 10+i)), Policy: "long"}
				if i >= open {
					d.Policy = "short"
				}
				p.Devices[devices.ID(fmt.Sprintf("x%d", i))] = d
			}
			m.Step(now, Apply{p})
			took, count := map[string]time.Duration{}, map[string]int{}
			step := func(what string, in Input) (alarm AlarmID) {
				began := time.Now()
				effects := m.Step(now, in)
				took[what] += time.Since(began)
				count[what]++
				for _, e := range effects {
					if n, ok := e.(Notify); ok && n.Reason == Calling {
						alarm = n.Alarm
						m.Step(now, Sent{Alarm: n.Alarm, Notification: n.ID})
					}
				}
				return alarm
			}
			for i := range open {
				now = now.Add(time.Millisecond)
				a := step("", Heard{Device: devices.ID(fmt.Sprintf("x%d", i)), Kind: devices.Panic})
				if i%2 == 0 {
					step("", Arrive{Alarm: a, By: "jan"})
				}
			}
			for i := 0; b.Loop(); i++ {
				device := devices.ID(fmt.Sprintf("x%d", open+i%(100_000-open)))
				now = now.Add(time.Second)
				alarm := step("press", Heard{Device: device, Kind: devices.Panic})
				now = now.Add(time.Millisecond)
				if step("tick", Tick{}) != alarm {
					b.Fatal("a tick called nobody")
				}
				step("again", Heard{Device: device, Kind: devices.Panic, Ref: "2"})
				step("cancel", Heard{Device: device, Kind: devices.Cancel})
				step("take", Take{Alarm: alarm, By: "jan"})
				step("arrive", Arrive{Alarm: alarm, By: "jan"})
				step("close", Close{Alarm: alarm, By: "jan", Outcome: Helped})
				if i%1000 == 999 { // a day has passed: closed alarms are forgotten
					now = now.Add(Remember)
					step("", Tick{})
				}
			}
			for what, n := range count {
				if what != "" {
					b.ReportMetric(float64(took[what].Nanoseconds())/float64(n), "ns/"+what)
				}
			}
			if n := m.Count(); n[Raised]+n[Attended] != open {
				b.Errorf("%v are open, want %d", n, open)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
