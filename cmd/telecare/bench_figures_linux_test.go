package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFigures is `make bench`: it measures the built binary from outside, as
// its users would, with the floor and a relay of a hundred lines beside it in
// the same runs, and prints a table. TELECARE_BENCH says how many runs.
func TestFigures(t *testing.T) {
	runs, _ := strconv.Atoi(os.Getenv("TELECARE_BENCH"))
	if runs < 1 {
		t.Skip("figures are taken by `make bench`")
	}
	parts := os.Getenv("TELECARE_BENCH_PARTS") // some of them only, when one works on one
	want := func(part string) bool { return parts == "" || strings.Contains(parts, part) }
	f := &figures{}
	on := machine()
	r := newRig(t)
	defer func() {
		fmt.Printf("\nmake bench, %d runs of %d presses and %d readings, the median of the runs, the lowest and the highest\n%s\n\n%s\n", runs, pressers, flooded, on, f.table())
	}()
	for run := range runs {
		t.Logf("run %d of %d", run+1, runs)
		if want("floor") {
			f.latency("floor: paho → mosquitto → paho", r.roundTrips(pressers))
			f.latency("floor: 300 bytes and one fsync", r.fsyncs(pressers))
		}
		if want("press") {
			f.pressing(r, r.startRelay())
			f.pressing(r, r.startTelecare())
		}
		if want("flood") {
			f.flooding(r, r.startRelay())
			f.flooding(r, r.startTelecare())
		}
		if want("away") {
			f.away(r, r.startTelecare())
		}
		if want("screens") {
			f.watching(r, r.startTelecare())
		}
		if want("paint") {
			f.painting(t)
		}
		if want("growth") {
			f.growing(r, r.startWith(growthRegistry()))
		}
	}
}

// flooded is how many readings a flood has.
const flooded = 400_000

// pressing measures presses alone, and with 5,000 readings a second beside
// them.
func (f *figures) pressing(r *rig, p *running) {
	r.t.Helper()
	defer p.stop()
	call, _ := r.presses(r.broker.URL, "zigbee2mqtt/idle%d", `{"action":"single","battery":70,"linkquality":100}`, pressers)
	f.latency(p.name+": press at mosquitto → webhook, idle", call)
	if p.own != "" {
		before := p.home.metrics()
		call, answer := r.presses("tcp://"+p.own, "telecare/lipowa/own%d/event", `{"events":[{"kind":"button"}]}`, pressers)
		f.latency(p.name+": press at the embedded broker → webhook, idle", call)
		f.latency(p.name+": press at the embedded broker → PUBACK, idle", answer)
		after := p.home.metrics()
		diff := func(name string) float64 { return after[name] - before[name] }
		f.add(p.name+": commit, mean, idle (telecare_commit_seconds)", "ms",
			1000*diff("telecare_commit_seconds_sum")/diff("telecare_commit_seconds_count"))
	}
	fl, stop, ended := newFlood(r.t, r.broker.URL), make(chan struct{}), make(chan error, 1)
	go func() { ended <- fl.publish(1<<30, 5000, stop) }()
	time.Sleep(2 * time.Second) // until it flows
	sent := fl.answered.Load()
	began := time.Now()
	call, _ = r.presses(r.broker.URL, "zigbee2mqtt/busy%d", `{"action":"single","battery":70,"linkquality":100}`, pressers)
	f.latency(p.name+": press at mosquitto → webhook, 5,000 readings/s", call)
	f.add(p.name+": readings meanwhile", "1/s", float64(fl.answered.Load()-sent)/time.Since(began).Seconds())
	close(stop)
	if err := <-ended; err != nil {
		r.t.Fatal(err)
	}
	f.add(p.name+": peak memory while pressed", "MiB", p.peak(r.t))
	p.stop()
	r.influx.Empty()
}

// flooding publishes as fast as mosquitto takes it, until InfluxDB has all.
func (f *figures) flooding(r *rig, p *running) {
	r.t.Helper()
	defer p.stop()
	before := p.cpu(r.t)
	began := time.Now()
	if err := newFlood(r.t, r.broker.URL).publish(flooded, 0, nil); err != nil {
		r.t.Fatal(err)
	}
	published := time.Since(began)
	shed := r.awaitPoints(p, flooded)
	f.add(p.name+": readings mosquitto → InfluxDB, durable", "1/s", float64(flooded-shed)/time.Since(began).Seconds())
	if p.home != nil {
		f.add(p.name+": readings shed because the disk took longer than a second, flooded", "", float64(shed))
	}
	f.add(p.name+": the last in InfluxDB after the last published", "s", (time.Since(began) - published).Seconds())
	f.add(p.name+": processor time a million readings", "s", (p.cpu(r.t)-before).Seconds()*1e6/flooded)
	f.add(p.name+": peak memory, flooded", "MiB", p.peak(r.t))
	p.stop()
	r.influx.Empty()
}

// away floods while InfluxDB is dead, and lets it come back.
func (f *figures) away(r *rig, p *running) {
	r.t.Helper()
	defer p.stop()
	r.influx.Kill()
	fl := newFlood(r.t, r.broker.URL)
	if err := fl.publish(flooded, 10000, nil); err != nil {
		r.t.Fatal(err)
	}
	f.add(p.name+": peak memory, InfluxDB away, 10,000 readings/s", "MiB", p.peak(r.t))
	began := time.Now()
	r.influx.Start()
	shed := r.awaitPoints(p, flooded)
	f.add(p.name+": readings shed, InfluxDB away", "", float64(shed))
	f.add(p.name+": backlog to InfluxDB, its start included", "1/s", float64(flooded-shed)/time.Since(began).Seconds())
	f.add(p.name+": peak memory, InfluxDB back", "MiB", p.peak(r.t))
	p.stop()
	r.influx.Empty()
}

// awaitPoints waits until InfluxDB has n points of p, but for those that p says
// it has shed.
func (r *rig) awaitPoints(p *running, n int) (shed int) {
	r.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if p.home != nil {
			m := p.home.metrics()
			for name, v := range m {
				if strings.HasPrefix(name, "telecare_readings_shed_total") {
					shed = int(v) / fields
				}
			}
		}
		got := r.points()
		if got >= n-shed {
			// Those that were under way when shedding began may have got there, too.
			if got > n {
				r.t.Errorf("InfluxDB has %d points of %d", got, n)
			}
			return n - got
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("InfluxDB has %d points of %d, %d were shed", got, n, shed)
		}
	}
}

// figures gathers a value a run for each row of the table.
type figures struct{ rows []*row }

type row struct {
	name, unit string
	values     []float64
}

func (f *figures) add(name, unit string, v float64) {
	for _, r := range f.rows {
		if r.name == name && r.unit == unit {
			r.values = append(r.values, v)
			return
		}
	}
	f.rows = append(f.rows, &row{name, unit, []float64{v}})
}

func (f *figures) latency(name string, ts times) {
	f.add(name+", p50", "ms", float64(ts.at(50).Microseconds())/1000)
	f.add(name+", p99", "ms", float64(ts.at(99).Microseconds())/1000)
}

func (f *figures) table() string {
	var b strings.Builder
	b.WriteString("| what | median | lowest | highest | unit |\n|---|---:|---:|---:|---|\n")
	for _, r := range f.rows {
		slices.Sort(r.values)
		n := len(r.values)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.name, digits(r.values[n/2]), digits(r.values[0]), digits(r.values[n-1]), r.unit)
	}
	return b.String()
}

// digits writes three of them.
func digits(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
