package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// times are durations of one run of a measurement.
type times []time.Duration

// at gives a percentile.
func (ts times) at(percent float64) time.Duration {
	slices.Sort(ts)
	return ts[min(len(ts)-1, int(percent/100*float64(len(ts))))]
}

// between is how long presses are apart: a hundred a second on average, at
// times that nothing else can fall in step with. The next does not wait for the
// last, so that one which is held up hides no other.
func between() time.Duration { return time.Duration(5000+rand.IntN(10000)) * time.Microsecond }

// connected is a device's end.
func (r *rig) connected(url string) paho.Client {
	r.t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker(url).SetClientID(fmt.Sprintf("bench%d", rand.Uint64())).SetAutoReconnect(false))
	if t := c.Connect(); !t.WaitTimeout(10*time.Second) || t.Error() != nil {
		r.t.Fatalf("connect to %s: %v", url, t.Error())
	}
	r.t.Cleanup(func() { c.Disconnect(0) })
	return c
}

// presses presses n buttons at a broker, and returns how long each took until
// the phone had its call, and until the broker answered.
func (r *rig) presses(broker, topic, payload string, n int) (call, answer times) {
	r.t.Helper()
	c := r.connected(broker)
	defer c.Disconnect(0)
	r.phone.called()
	began := make([]time.Time, n)
	took := make(chan time.Duration, n)
	next := time.Now()
	for i := range n {
		next = next.Add(between())
		time.Sleep(time.Until(next)) // the rhythm of the measurement itself
		began[i] = time.Now()
		t := c.Publish(fmt.Sprintf(topic, i), 1, false, payload)
		go func() {
			<-t.Done()
			took <- time.Since(began[i])
		}()
	}
	for range n {
		answer = append(answer, <-took)
	}
	for deadline := time.Now().Add(30 * time.Second); r.phone.count() < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("%d of %d presses on %s were called", r.phone.count(), n, topic)
		}
	}
	calls := r.phone.called()
	for i := range n {
		// telecare names the place, which is called as the device.
		name := filepath.Base(fmt.Sprintf(topic, i))
		if name == "event" {
			name = fmt.Sprintf("own%d", i)
		}
		at, ok := calls[name]
		if !ok {
			r.t.Fatalf("%s was not called", name)
		}
		call = append(call, at.Sub(began[i]))
	}
	return call, answer
}

// roundTrips is the floor: from one client through mosquitto to another.
func (r *rig) roundTrips(n int) times {
	r.t.Helper()
	at := make(chan time.Time, n)
	hears, says := r.connected(r.broker.URL), r.connected(r.broker.URL)
	defer hears.Disconnect(0)
	defer says.Disconnect(0)
	t := hears.Subscribe("floor/#", 1, func(paho.Client, paho.Message) { at <- time.Now() })
	if !t.WaitTimeout(10*time.Second) || t.Error() != nil {
		r.t.Fatal(t.Error())
	}
	var out times
	for range n {
		time.Sleep(between())
		began := time.Now()
		says.Publish("floor/button", 1, false, `{"action":"single"}`)
		out = append(out, (<-at).Sub(began))
	}
	return out
}

// fsyncs is the floor of a commit: 300 bytes behind the others, on disk.
func (r *rig) fsyncs(n int) times {
	r.t.Helper()
	f, err := os.Create(filepath.Join(r.t.TempDir(), "fsync"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	var out times
	for range n {
		time.Sleep(time.Millisecond)
		began := time.Now()
		if _, err := f.Write(make([]byte, 300)); err != nil {
			r.t.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			r.t.Fatal(err)
		}
		out = append(out, time.Since(began))
	}
	return out
}
