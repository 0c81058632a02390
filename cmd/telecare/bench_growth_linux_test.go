package main

import (
	"fmt"
	"strings"
	"time"
)

// What a large site has: devices that report once a minute, and a minute in
// which a hundred of them a second raise an alarm that nobody takes.
const (
	grown       = 40_000
	grownAlarms = 6000
	tooLate     = 2 * time.Second
)

// growing presses while all the others report.
func (f *figures) growing(r *rig, p *running) {
	r.t.Helper()
	defer p.stop()
	name := p.name + ": 40,000 devices report once a minute, 100 alarms/s"
	fl, stop, ended := newFlood(r.t, r.broker.URL), make(chan struct{}), make(chan error, 1)
	fl.devices = grown
	go func() { ended <- fl.publish(1<<30, grown/60, stop) }()
	time.Sleep(2 * time.Second) // until it flows
	sent, began := fl.answered.Load(), time.Now()
	call, _ := r.presses(r.broker.URL, "zigbee2mqtt/s%d", `{"action":"single","battery":70,"linkquality":100}`, grownAlarms)
	f.latency(name+", press at mosquitto → webhook", call)
	late := 0
	for _, took := range call {
		if took > tooLate {
			late++
		}
	}
	f.add(name+", those later than 2 s", "", float64(late))
	f.add(name+", the slowest", "ms", float64(call.at(100).Microseconds())/1000)
	f.add(name+", reports meanwhile", "1/s", float64(fl.answered.Load()-sent)/time.Since(began).Seconds())
	close(stop)
	if err := <-ended; err != nil {
		r.t.Fatal(err)
	}
	f.add(name+", peak memory", "MiB", p.peak(r.t))
	p.stop()
	r.influx.Empty()
}

// growthRegistry has a place for each device that presses, so that a call says
// whose it is.
func growthRegistry() string {
	head, _, _ := strings.Cut(benchRegistry(), "places:")
	var places, list strings.Builder
	for i := range grown {
		place := "hall"
		if i < grownAlarms {
			place = fmt.Sprintf("s%d", i)
			fmt.Fprintf(&places, "  - {key: s%d, name: s%d}\n", i, i)
		}
		fmt.Fprintf(&list, "  - {key: s%d, name: s%d, address: zigbee2mqtt/s%d, role: panic, place: %s}\n", i, i, i, place)
	}
	return head + "places:\n  - {key: hall, name: Hall}\n" + places.String() + "devices:\n" + list.String()
}
