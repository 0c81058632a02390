package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// town is a site of so many devices with a place each.
func town(size int) Site {
	s := Site{
		Plan: alerting.Plan{
			Site: "lipowa", Default: "ward", LastResort: "centre",
			Devices: map[devices.ID]alerting.Device{},
			People:  map[alerting.Person]alerting.Responder{"centre": {Contacts: []alerting.Contact{{Channel: "screen"}}}},
			Policies: map[alerting.PolicyID]alerting.Policy{"ward": {Steps: []alerting.PolicyStep{
				{Call: []alerting.Target{{Person: "centre"}}, Wait: time.Hour},
			}}},
		},
		Devices: map[devices.Address]Device{}, Places: map[alerting.PlaceID]string{},
	}
	for i := range size {
		id, place := devices.ID(fmt.Sprintf("d%d", i)), alerting.PlaceID(fmt.Sprintf("p%d", i))
		s.Plan.Devices[id] = alerting.Device{Place: place}
		s.Devices[devices.Address(fmt.Sprintf("zigbee2mqtt/d%d", i))] = Device{ID: id, Role: devices.Panic, Window: time.Hour}
		s.Places[place] = string(place)
	}
	return s
}

// sink keeps readings by forgetting them.
type sink struct{}

func (sink) Append(context.Context, []devices.Sample, []alerting.Alarm) error { return nil }

// BenchmarkReading is a reading from a source's hand to its answer, with no
// broker, no disk and nobody who counts: what the gateway itself takes.
func BenchmarkReading(b *testing.B) {
	for _, size := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprintf("devices=%d", size), func(b *testing.B) {
			d := &disk{}
			g := New(Options{Site: town(size), Journal: d, History: d, Readings: sink{}, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler)})
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- g.Run(ctx) }()
			names := make([]string, size)
			for i := range names {
				names[i] = fmt.Sprintf("d%d", i)
			}
			var flight sync.WaitGroup
			open := make(chan struct{}, 1000)
			b.ReportAllocs()
			started := make(chan error, 1) // it has looked at every device by then
			g.Handle(devices.Frame{Source: "house", Format: "zigbee2mqtt", Message: devices.Message{Device: "d0"}}, func(err error) { started <- err })
			if err := <-started; err != nil {
				b.Fatal(err)
			}
			i := 0
			for b.Loop() {
				open <- struct{}{}
				flight.Add(1)
				i++
				g.Handle(devices.Frame{
					Source: "house", Format: "zigbee2mqtt", Topic: "zigbee2mqtt/d", Raw: []byte(`{"battery":97,"linkquality":102}`),
					Session: "house", Packet: uint16(i),
					Message: devices.Message{Device: names[i%size], Readings: []devices.Reading{{Quantity: devices.Battery, Value: 97}, {Quantity: devices.LinkQuality, Value: 102}}},
				}, func(err error) {
					if err != nil {
						b.Error(err)
					}
					<-open
					flight.Done()
				})
			}
			flight.Wait()
			cancel()
			if err := <-ended; err != nil {
				b.Fatal(err)
			}
		})
	}
}

// unwritten takes snapshots and does not write them down.
type unwritten struct{}

func (unwritten) put(unit)     {}
func (unwritten) ready() error { return nil }

// BenchmarkSnapshot is how long the loop is held up by one, and how long the
// committer takes to write it down.
func BenchmarkSnapshot(b *testing.B) {
	for _, size := range []int{100, 10_000, 100_000} {
		d := &disk{}
		g := New(Options{Site: town(size), Journal: d, History: d, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler)})
		g.commit, g.machine = unwritten{}, alerting.New()
		now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
		g.machine.Step(now, alerting.Apply{Plan: g.site.Plan})
		for i := range min(size, 1000) {
			g.machine.Step(now, alerting.Heard{Device: devices.ID(fmt.Sprintf("d%d", i)), Kind: devices.Panic})
		}
		name := fmt.Sprintf("devices=%d,open=%d", size, min(size, 1000))
		b.Run("take/"+name, func(b *testing.B) {
			for b.Loop() {
				g.seq++
				g.snapshot()
			}
		})
		b.Run("write/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := g.machine.Freeze()(nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
