package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// TestInfluxBacklog takes a million readings while InfluxDB is away, is killed,
// and brings them to InfluxDB when it is back: every point once in effect,
// memory bounded, and a press as fast as ever meanwhile.
func TestInfluxBacklog(t *testing.T) {
	accept(t)
	const readings, devicesInUse = 1_000_000, 100
	influx := gatewaytest.Influxd(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
influx: {url: %q, token: %q, bucket: %q, quota: 4GiB}
`, own, phone.URL, phoneSecret, influx.URL, influx.Token, influx.Bucket), manyDevices(devicesInUse+200, 0))
	h.start()
	influx.Kill()
	presser := newPresser(t, "tcp://"+own)
	pressed := 0
	press := func(n int) (took []time.Duration) {
		for range n {
			name := fmt.Sprintf("own%d", devicesInUse+pressed)
			pressed++
			number, began := pressed, time.Now()
			presser.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
			ring := phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == number && r.Reason == "call" })
			took = append(took, ring.At.Sub(began))
		}
		slices.Sort(took)
		return took
	}
	quiet := press(50)

	began := time.Now()
	var last []paho.Token
	for i := range readings {
		topic := fmt.Sprintf("telecare/lipowa/own%d/reading", i%devicesInUse)
		last = append(last, presser.client.Publish(topic, 1, false, `{"readings":[{"quantity":"voltage","value":`+strconv.Itoa(i)+`}]}`))
		if len(last) == 5000 {
			for _, tok := range last {
				if !tok.WaitTimeout(30*time.Second) || tok.Error() != nil {
					t.Fatalf("reading %d was not answered: %v", i, tok.Error())
				}
			}
			last = last[:0]
		}
	}
	took := time.Since(began)
	t.Logf("%d readings kept while InfluxDB is away: %.0f/s, peak %d MiB", readings, readings/took.Seconds(), h.peak())
	presser.close()
	h.kill()
	h.start()
	presser = newPresser(t, "tcp://"+own)
	influx.Start()
	drain := time.Now()
	during := press(50)
	h.eventually("the backlog is gone", 5*time.Minute, func() bool {
		m := h.metrics()
		return m["telecare_spool_points"] == 0 && m["telecare_influx_points_written_total"] > 0
	})
	drained := time.Since(drain)
	during = append(during, press(5)...)
	rows := influx.Query(t, `from(bucket:"telecare/events") |> range(start:-2h)
		|> filter(fn: (r) => r._measurement == "device" and r._field == "voltage") |> group() |> count()`)
	sum := influx.Query(t, `from(bucket:"telecare/events") |> range(start:-2h)
		|> filter(fn: (r) => r._measurement == "device" and r._field == "voltage") |> group() |> sum()`)
	if len(rows) != 1 || fmt.Sprint(rows[0]["_value"]) != strconv.Itoa(readings) {
		t.Errorf("InfluxDB counts %v, want %d points", rows, readings)
	}
	if want := float64(readings) * (readings - 1) / 2; len(sum) != 1 || sum[0]["_value"] != want {
		t.Errorf("the values add up to %v, want %v", sum, want)
	}
	t.Logf("drained in %s, %.0f/s, peak %d MiB", drained, readings/drained.Seconds(), h.peak())
	if h.peak() > 160 { // twice what it takes: a backlog of a million would be more in memory
		t.Errorf("a backlog takes %d MiB of memory", h.peak())
	}
	slices.Sort(during)
	t.Logf("press to phone, median: %s quiet, %s while it drains; worst %s and %s", quiet[len(quiet)/2], during[len(during)/2], quiet[len(quiet)-1], during[len(during)-1])
	h.stop()
}

// peak is the process's largest resident memory so far, in MiB.
func (h *home) peak() int {
	h.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.process.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.Fields(kb)[0])
			return n >> 10
		}
	}
	return 0
}
