package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// watched is a house of which everything is seen: by InfluxDB, and by a
// Prometheus with its Alertmanager that run on the files which `telecare
// grafana` has written.
type watched struct {
	*home
	influx     *gatewaytest.Influx
	prometheus *gatewaytest.Prometheus
	inbox      *gatewaytest.Inbox
	phone      *gatewaytest.Phone
	presser    *presser
	pressed    int
}

// hurried are the files with times for a test, and its addresses.
func hurried(t *testing.T, path string, pairs ...string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !bytes.Contains(b, []byte(pairs[i])) {
			t.Fatalf("%s has no %q", path, pairs[i])
		}
		b = bytes.ReplaceAll(b, []byte(pairs[i]), []byte(pairs[i+1]))
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func newWatched(t *testing.T) *watched {
	w := &watched{influx: gatewaytest.Influxd(t), inbox: gatewaytest.NewInbox(t), phone: gatewaytest.NewPhone(t, []byte(phoneSecret))}
	own := gatewaytest.FreePort(t)
	registry := strings.Replace(manyDevices(200, 0), "devices:\n", `devices:
  - {key: mat, name: Mat of Aniela, address: telecare/mat, role: bed_exit, place: room, heard_every: 1m}
`, 1)
	w.home = newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
influx: {url: %q, token: %q, bucket: %q}
`, own, w.phone.URL, phoneSecret, w.influx.URL, w.influx.Token, w.influx.Bucket), registry)
	alertmanager := gatewaytest.FreePort(t)
	w.command("grafana", "--out", "flux", "--alertmanager", alertmanager)
	w.command("grafana", "--out", "influxql", "--influx", "influxql")
	w.start()
	config := filepath.Join(w.dir, "flux")
	gatewaytest.StartAlertmanager(t, hurried(t, filepath.Join(config, "alertmanager", "alertmanager.yml"),
		"http://127.0.0.1:9099", w.inbox.URL, "group_wait: 10s", "group_wait: 0s", "group_interval: 1m", "group_interval: 1s"), alertmanager)
	w.prometheus = gatewaytest.StartPrometheus(t, hurried(t, filepath.Join(config, "prometheus", "prometheus.yml"),
		"_interval: 5s", "_interval: 1s"))
	w.presser = newPresser(t, "tcp://"+own)
	t.Cleanup(func() { w.presser.close() })
	return w
}

// say publishes what a device says.
func (w *watched) say(device, what, payload string) {
	w.presser.publish("", "telecare/lipowa/"+device+"/"+what, payload)
}

// live is what goes on in a house while somebody looks: a press, readings,
// strangers and nonsense.
func (w *watched) live() {
	device := fmt.Sprintf("own%d", w.pressed)
	w.pressed++
	w.say(device, "event", fmt.Sprintf(`{"events":[{"kind":"button","ref":"%d"}]}`, w.pressed))
	for i := range 2 {
		w.say(fmt.Sprintf("own%d", i), "reading", `{"readings":[{"quantity":"battery","value":20,"unit":"%"},{"quantity":"voltage","value":2.9,"unit":"V"},
			{"quantity":"rssi","value":-90,"unit":"dBm"},{"quantity":"snr","value":7,"unit":"dB"},{"quantity":"link_quality","value":120}]}`)
	}
	w.say("stranger", "event", `{"events":[{"kind":"panic"}]}`)
	w.say("own1", "event", `{"events":`)
}

// answer takes an alarm through to its end by the link of its call.
func (w *watched) answer(t *testing.T, number int) {
	t.Helper()
	ring := w.phone.Expect(t, 20*time.Second, func(r gatewaytest.Ring) bool { return r.Number == number && r.Reason == "call" })
	_, token, ok := strings.Cut(ring.Link, "/a/")
	if !ok {
		t.Fatalf("link %q", ring.Link)
	}
	for _, step := range [][2]string{{"take", "{}"}, {"arrive", "{}"}, {"close", `{"outcome":"helped"}`}} {
		r, err := http.NewRequest("POST", "http://"+w.page+"/api/v1/links/"+token+"/"+step[0], strings.NewReader(step[1]))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		res, err := (&http.Client{Timeout: 20 * time.Second}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode/100 != 2 {
			t.Fatalf("%s: %s %s", step[0], res.Status, said)
		}
	}
}

// TestGrafanaOnInfluxAndPrometheus runs what `telecare grafana` writes: every
// query of every panel, in both languages of InfluxDB, against real servers that
// a running gateway feeds; each must answer with a series. And one alert goes the
// whole way: a device falls silent, Prometheus sees it, Alertmanager tells.
func TestGrafanaOnInfluxAndPrometheus(t *testing.T) {
	beside(t)
	w := newWatched(t)

	w.command("channels", "test", "phone")
	// A mat is heard, and then its bridge says that it is gone. An acceptance
	// waits for its minute without a sign of life instead.
	w.say("mat", "event", `{"events":[{"kind":"heartbeat"}]}`)
	w.say("own0", "event", `{"events":[{"kind":"battery_low"}]}`)
	w.eventually("the mat is heard", 20*time.Second, func() bool { return w.metrics()[`telecare_devices{life="heard"}`] > 0 })
	within := 30 * time.Second
	if accepting() {
		within = 3 * time.Minute
	} else {
		w.say("mat", "event", `{"events":[{"kind":"offline"}]}`)
	}
	for n := range 3 {
		w.live()
		w.answer(t, n+1)
	}
	silent := w.inbox.Await(t, within, func(a gatewaytest.Alert) bool { return a.Labels["alertname"] == "TelecareDeviceSilent" })
	if silent.Status != "firing" || silent.Labels["severity"] != "critical" || silent.Labels["site"] != "lipowa" ||
		!strings.HasPrefix(silent.Labels["subject"], "d-") || !strings.Contains(silent.Annotations["summary"], silent.Labels["subject"]) ||
		!strings.Contains(silent.Annotations["description"], "telephone that person") {
		t.Errorf("the alert says %+v", silent)
	}
	if text := fmt.Sprint(silent); strings.Contains(text, "Aniela") || strings.Contains(text, "telecare/mat") {
		t.Errorf("a name or an address is in %s", text)
	}

	boards := append(readBoards(t, filepath.Join(w.dir, "flux")), readBoards(t, filepath.Join(w.dir, "influxql"))...)
	everything := asker{influx: w.influx, prometheus: w.prometheus}
	w.answered(t, "all", everything, boards)

	// And with a device, kind, site and gateway chosen: one that is offered.
	for _, b := range boards {
		offered := everything.choices(t, b)
		chosen := asker{influx: w.influx, prometheus: w.prometheus, chosen: map[string]string{}}
		for name, values := range offered {
			if len(values) == 0 {
				t.Errorf("%s: nothing to choose for %s", b.UID, name)
				continue
			}
			chosen.chosen[name] = values[0]
		}
		if _, ok := offered["device"]; ok {
			device := w.lowBattery(t)
			if !slices.Contains(offered["device"], device) {
				t.Errorf("device %s is not offered: %v", device, offered["device"])
			}
			chosen.chosen["device"] = device
		}
		if s := offered["site"]; !slices.Contains(s, "lipowa") {
			t.Errorf("%s: sites %v, want lipowa", b.UID, s)
		}
		w.answered(t, fmt.Sprint(chosen.chosen), chosen, []board{b})
		// What is not there is not found: the filters are not decoration.
		if b.UID == "telecare-devices" {
			nobody := asker{influx: w.influx, prometheus: w.prometheus, chosen: map[string]string{"device": "d-nobody"}}
			all := questions(b)
			if empty := nobody.empty(t, all); len(empty) < len(all)/2 {
				t.Errorf("%d of %d queries have an answer for a device that is not there", len(all)-len(empty), len(all))
			}
		}
	}

	page, err := http.Get("http://" + w.page + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer page.Body.Close()
	if out, err := gatewaytest.Promtool(t, page.Body, "check", "metrics"); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
	if m := w.metrics(); m["telecare_ready"] != 1 || m["telecare_undeclared_total"] != 0 || m["telecare_loop_lag_seconds_count"] == 0 {
		t.Errorf("ready %v, undeclared %v, loop lag seen %v times", m["telecare_ready"], m["telecare_undeclared_total"], m["telecare_loop_lag_seconds_count"])
	}

	// It is heard again, and that is told, too.
	w.say("mat", "event", `{"events":[{"kind":"online"},{"kind":"heartbeat"}]}`)
	w.inbox.Await(t, 60*time.Second, func(a gatewaytest.Alert) bool {
		return a.Labels["alertname"] == "TelecareDeviceSilent" && a.Status == "resolved" && a.Labels["subject"] == silent.Labels["subject"]
	})
	w.stop()
}

// answered waits until every query of some dashboards has an answer, while life
// goes on in the house.
func (w *watched) answered(t *testing.T, what string, a asker, boards []board) {
	t.Helper()
	all := questions(boards...)
	left := all
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i := 0; ; i++ {
		w.live()
		if i < 2 && len(boards) > 1 {
			w.answer(t, w.pressed) // for the first look only; the others stay open
		}
		if left = a.empty(t, left); len(left) == 0 {
			t.Logf("%s: %d queries of %d dashboards have an answer", what, len(all), len(boards))
			return
		}
		select {
		case <-ctx.Done():
			for _, q := range left {
				t.Errorf("%s: no answer to %s: %s", what, q.where, a.fill(q.query))
			}
			t.FailNow()
		case <-time.After(300 * time.Millisecond): // the next scrape
		}
	}
}

// lowBattery is the device whose battery is low, by its opaque id.
func (w *watched) lowBattery(t *testing.T) string {
	t.Helper()
	got := w.prometheus.Query(t, `telecare_fault{code="battery_low"}`)
	if len(got) != 1 {
		t.Fatalf("%d devices with a low battery, want one: %v", len(got), got)
	}
	return got[0].Labels["subject"]
}

// TestUnknownDevicesDoNotGrowMetrics lets 50,000 devices speak that nobody has
// registered, in every way that can make a metric: not one series more.
func TestUnknownDevicesDoNotGrowMetrics(t *testing.T) {
	beside(t)
	const strangers = 50_000
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: "http://127.0.0.1:1", secret: %s}
`, own, phoneSecret), manyDevices(2, 0))
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	speak := func(from, to int) {
		for i := from; i < to; i++ {
			name := fmt.Sprintf("stranger-%d", i)
			topic, payload := "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"panic"},{"kind":"battery_low"}]}`
			switch i % 3 {
			case 1:
				topic, payload = "telecare/lipowa/"+name+"/reading", `{"readings":[{"quantity":"`+name+`","value":1}]}`
			case 2:
				topic, payload = "zigbee2mqtt/"+name, `{"action":"`+name+`","battery":3,"linkquality":1}`
			}
			p.client.Publish(topic, 0, false, payload)
			if i%5000 == 4999 {
				h.eventually("they have been heard", 60*time.Second, func() bool {
					return h.metrics()[`telecare_frames_total{source="own"}`] >= float64(i+1)
				})
			}
		}
	}
	ours := func() (out []string) {
		for series := range h.metrics() {
			// A channel's first silent test comes when it likes.
			if strings.HasPrefix(series, "telecare_") && !strings.HasPrefix(series, "telecare_channel_test") {
				out = append(out, series)
			}
		}
		slices.Sort(out)
		return out
	}
	speak(0, 5000)
	before := ours()
	began := time.Now()
	speak(5000, strangers)
	after := ours()
	t.Logf("%d series before and %d after %d strangers, in %s", len(before), len(after), strangers, time.Since(began))
	if !slices.Equal(before, after) {
		t.Errorf("%d series have become %d", len(before), len(after))
	}
	if n := h.metrics()[`telecare_frames_unknown_device_total{source="own"}`]; n < strangers/2 {
		t.Errorf("only %v frames of unknown devices are counted", n)
	}
	h.stop()
}
