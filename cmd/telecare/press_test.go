package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/devices/devicetest"
	"telecare/gateway/gatewaytest"
)

// registryOf is a ward with two nurses, two pendants and a radar.
const registryOf = `site: lipowa
name: Lipowa House
zone: Europe/Warsaw
last_resort: centre
default_policy: ward
places:
  - {key: room-7, name: "Room 7, bathroom", way_in: "Second door left of the lift."}
  - {key: room-3, name: Room 3}
residents:
  - {key: aniela, name: Aniela Kowalczyk, born: 1942, notes: Blood thinner.}
stays:
  - {resident: aniela, place: room-7, from: 2026-01-01}
responders:
  - {key: marta, name: Marta W., role: nurse, channels: [marta-phone]}
  - {key: jan, name: Jan Z., role: nurse, channels: [jan-phone]}
  - {key: centre, name: Information centre, role: centre, channels: [jan-phone]}
policies:
  - key: ward
    steps:
      - {call: [marta], wait: 2s}
      - {call: [jan], wait: 60s}
devices:
  - {key: pendant-7, name: "Pendant, room 7", address: jablotron/08300001, role: panic, place: room-7}
  - {key: button-3, name: "Button, room 3", address: "zigbee2mqtt/Anna bedroom", role: panic, place: room-3}
`

// TestOnePress is the whole of it on real parts: a pendant on a serial line and
// a button behind mosquitto, two nurses' phones, a browser in a nurse's hand,
// InfluxDB. Nothing in it knows the gateway from inside.
func TestOnePress(t *testing.T) {
	beside(t)
	broker := gatewaytest.Mosquitto(t)
	influx := gatewaytest.Influxd(t)
	gatewaytest.Chromium(t)
	secret := []byte("between the gateway and the phones")
	marta, jan := gatewaytest.NewPhone(t, secret), gatewaytest.NewPhone(t, secret)
	link := filepath.Join(t.TempDir(), "ttyUSB0")
	dongle, err := devicetest.NewDongle(link)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { dongle.Close() })
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q}
  - {name: radio, type: serial, port: %q, format: jablotron}
channels:
  - {name: marta-phone, type: webhook, url: %q, secret: %q}
  - {name: jan-phone, type: webhook, url: %q, secret: %q}
influx: {url: %q, token: %q, bucket: %q}
`, broker.URL, link, marta.URL, secret, jan.URL, secret, influx.URL, influx.Token, influx.Bucket), registryOf)
	h.start()
	h.eventually("the serial line is up", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="radio"}`] == 1 })
	h.eventually("the broker is there", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 })

	// The pendant. Marta does not look at her phone; Jan is called after two
	// seconds and takes it.
	if err := dongle.Panic("08300001"); err != nil {
		t.Fatal(err)
	}
	called := marta.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Reason == "call" })
	if called.Kind != "panic" || called.Place != "Room 7, bathroom" || called.Priority != "high" || called.Number != 1 {
		t.Errorf("Marta's phone got %s", called.Raw)
	}
	for _, secret := range []string{"Aniela", "Kowalczyk", "08300001", "Blood"} {
		if strings.Contains(string(called.Raw), secret) {
			t.Errorf("a call carries %q: %s", secret, called.Raw)
		}
	}
	ring := jan.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Reason == "call" })
	phone := gatewaytest.Browser(t, 360, 740)
	through(t, phone, ring.Link)
	marta.Expect(t, 5*time.Second, func(r gatewaytest.Ring) bool { return r.Reason == "stop" })

	// The button behind mosquitto, with its battery and signal.
	zigbee := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: broker.URL})
	t.Cleanup(func() { zigbee.Close(t.Context()) })
	if err := zigbee.Report(t.Context(), "Anna bedroom", 73, 118); err != nil {
		t.Fatal(err)
	}
	if err := zigbee.Press(t.Context(), "Anna bedroom"); err != nil {
		t.Fatal(err)
	}
	ring = marta.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Reason == "call" && r.Number == 2 })
	through(t, phone, ring.Link)

	// What technicians find.
	h.eventually("two alarms in InfluxDB", 20*time.Second, func() bool {
		return len(influx.Query(t, `from(bucket:"telecare/events") |> range(start:-1h)
			|> filter(fn: (r) => r._measurement == "alarm" and r._field == "close" and r.outcome == "helped" and r.kind == "panic")`)) == 2
	})
	battery := influx.Query(t, `from(bucket:"telecare/events") |> range(start:-1h)
		|> filter(fn: (r) => r._measurement == "device" and r._field == "battery")`)
	if len(battery) == 0 || battery[0]["_value"] != 73.0 || battery[0]["site"] != "lipowa" {
		t.Errorf("battery readings in InfluxDB: %v, want 73 of site lipowa", battery)
	}
	for _, row := range battery {
		if strings.Contains(fmt.Sprint(row), "Anna") {
			t.Errorf("a wire name reached InfluxDB: %v", row)
		}
	}
	h.eventually("the gauges show no open alarm", 5*time.Second, func() bool { return h.metrics()[`telecare_alarms_open{state="attended"}`] == 0 })
	m := h.metrics()
	for series, want := range map[string]float64{
		`telecare_alarms_raised_total{kind="panic"}`:                  2,
		`telecare_alarms_closed_total{outcome="helped"}`:              2,
		`telecare_press_to_call_seconds_count`:                        2,
		`telecare_time_to_acknowledge_seconds_count`:                  2,
		`telecare_notification_failures_total{channel="marta-phone"}`: 0,
		`telecare_frames_bad_total{source="house"}`:                   0,
	} {
		if m[series] != want {
			t.Errorf("%s is %v, want %v", series, m[series], want)
		}
	}
	h.stop()

	if out := h.command("journal", "verify"); !strings.Contains(out, "sound, head") {
		t.Errorf("journal verify says:\n%s", out)
	}
	script := h.command("replay")
	for _, want := range []string{"alarm 1 raised: panic", "alarm 1 step_called step 2", "alarm 2 closed", "all decided as they were"} {
		if !strings.Contains(script, want) {
			t.Errorf("the replay lacks %q:\n%s", want, script)
		}
	}
	noNames(t, filepath.Join(h.dir, "data"), script)
}

// through takes, arrives and closes as somebody does who knows the words on
// the buttons.
func through(t *testing.T, phone *gatewaytest.Tab, link string) {
	t.Helper()
	phone.Open(link)
	phone.Press("Take")
	phone.Press("Arrived")
	phone.One("button", "Close")
	phone.Choose("Helped, not hurt")
	phone.Press("Close")
	phone.Await(`document.body.innerText.includes("Closed")`)
}

// noNames looks for people's data where only opaque ids may be.
func noNames(t *testing.T, data, script string) {
	t.Helper()
	texts := map[string]string{"replay": script}
	for _, name := range []string{"journal.db", "journal.db-wal", "spool.db", "spool.db-wal"} {
		b, err := os.ReadFile(filepath.Join(data, name))
		if err == nil {
			texts[name] = string(b)
		}
	}
	log, err := os.ReadFile(filepath.Join(filepath.Dir(data), "log"))
	if err != nil {
		t.Fatal(err)
	}
	texts["log"] = string(log)
	for where, text := range texts {
		for _, secret := range []string{"Aniela", "Kowalczyk", "Anna bedroom", "08300001", "Marta W.", "Blood"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", where, secret)
			}
		}
	}
}

// TestDemoByStranger is somebody who starts the demo, opens the one address it
// prints, and knows four words.
func TestDemoByStranger(t *testing.T) {
	beside(t)
	gatewaytest.Chromium(t)
	d := startDemo(t)
	for _, size := range [][2]int{{360, 740}, {1280, 800}} {
		tab := gatewaytest.Browser(t, size[0], size[1])
		tab.Open(d.url)
		tab.Press("Press")
		tab.One("button", "Take")
		tab.Shot(fmt.Sprintf("demo-raised-%d", size[0]))
		d.says(t, "phone rings: panic")
		tab.Press("Take")
		tab.Press("Arrived")
		tab.One("button", "Close")
		tab.Choose("Helped, not hurt")
		tab.Press("Close")
		tab.One("button", "Reopen")
		tab.Shot(fmt.Sprintf("demo-closed-%d", size[0]))
		d.says(t, "is taken care of")
		tab.Open(d.url + "#duty")
		tab.One("button", "End: Jan Z.") // who has a break as the demo begins
		tab.Shot(fmt.Sprintf("demo-duty-%d", size[0]))
	}
	r, err := http.Get(strings.TrimSuffix(d.url, "/") + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	d.stop(t)
}
