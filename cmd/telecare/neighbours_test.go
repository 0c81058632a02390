package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/devices/devicetest"
	"telecare/gateway/gatewaytest"
)

// TestHangingNeighbours calls three people at once: one phone hangs when it is
// connected, one in the body of its answer, and InfluxDB stands still. The
// third is called as fast as when all is well, held side by side in one run.
func TestHangingNeighbours(t *testing.T) {
	influx := gatewaytest.Influxd(t)
	secret := []byte(phoneSecret)
	deaf, slow, good := gatewaytest.NewPhone(t, secret), gatewaytest.NewPhone(t, secret), gatewaytest.NewPhone(t, secret)
	own := gatewaytest.FreePort(t)
	const presses = 20
	registry := manyDevices(2*presses, 0)
	registry = strings.Replace(registry, "  - {key: marta, name: Marta W., role: nurse, channels: [phone]}",
		"  - {key: marta, name: Marta W., role: nurse, channels: [deaf, slow, phone]}", 1)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
  - {name: deaf, type: webhook, url: %q, secret: %s}
  - {name: slow, type: webhook, url: %q, secret: %s}
influx: {url: %q, token: %q, bucket: %q}
`, own, good.URL, phoneSecret, deaf.URL, phoneSecret, slow.URL, phoneSecret, influx.URL, influx.Token, influx.Bucket), registry)
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()

	round := func(from int) time.Duration {
		var took []time.Duration
		for i := range presses {
			name := fmt.Sprintf("own%d", from+i)
			p.publish("", "telecare/lipowa/"+name+"/reading", `{"readings":[{"quantity":"battery","value":80,"unit":"%"}]}`)
			began := time.Now()
			p.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
			ring := good.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == from+i+1 && r.Reason == "call" })
			took = append(took, ring.At.Sub(began))
		}
		h.eventually("all presses are answered", 10*time.Second, func() bool { return p.unanswered() == 0 })
		slices.Sort(took)
		return took[len(took)/2]
	}
	well := round(0)
	deaf.HangConnect()
	slow.HangBody()
	influx.Stop()
	defer influx.Cont()
	hanging := round(presses)
	t.Logf("press to phone, median of %d: %s when all is well, %s with two phones and InfluxDB hanging", presses, well, hanging)
	// A figure, not a race: a press that waits for a hanging neighbour waits
	// for seconds.
	if hanging > well+500*time.Millisecond {
		t.Errorf("a press takes %s with hanging neighbours, %s without", hanging, well)
	}
	h.stop()
}

// TestHostileInput gives the gateway what no device should send, between real
// presses: everything is counted and shown to the technician, nothing else is
// lost, and the gateway goes on.
func TestHostileInput(t *testing.T) {
	beside(t)
	broker := gatewaytest.Mosquitto(t)
	dongle, err := devicetest.NewDongle("")
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer dongle.Close()
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	registry := manyDevices(10, 10) + "  - {key: pendant, name: pendant, address: jablotron/08300001, role: panic, place: room}\n"
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q}
  - {name: own, type: broker, listen: %q}
  - {name: radio, type: serial, port: %q, format: jablotron}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
`, broker.URL, own, dongle.Port(), phone.URL, phoneSecret), registry)
	h.start()
	h.eventually("all links are up", 10*time.Second, func() bool {
		m := h.metrics()
		return m[`telecare_link_up{source="house"}`] == 1 && m[`telecare_link_up{source="radio"}`] == 1
	})
	hostile := []string{
		"", "{", "null", "[]", `"x"`, "{\"action\":", `{"action":{"a":[1]}}`, "\xff\xfe\xfd", `{"action":"` + "\xff" + `"}`,
		`{"last_seen":"+292277026596-12-04T15:30:07Z","action":"single"}x`, `{"battery":1e999}`, `{"battery":"NaN","linkquality":-1e300}`,
		`{"last_seen":99999999999999999999}`, strings.Repeat("[", 100000), `{"a":"` + strings.Repeat("x", 1<<20) + `"}`,
		string(bytes.Repeat([]byte{0}, 1<<20)), `{"events":[{"kind":"nonsense"}]}`, `{"events":` + strings.Repeat(`[`, 5000),
	}
	direct, behind := newPresser(t, "tcp://"+own), newPresser(t, broker.URL)
	defer direct.close()
	defer behind.close()
	for i, payload := range hostile {
		for _, topic := range []string{"zigbee2mqtt/house0", "telecare/lipowa/own0/event", "telecare/lipowa/own0/reading", "zigbee2mqtt/bridge/state", "zigbee2mqtt//", "zigbee2mqtt/house0/availability"} {
			direct.publish("", topic, payload)
			behind.publish("", topic, payload)
		}
		if _, err := dongle.Write([]byte(payload[:min(len(payload), 4000)] + "\n[0830")); err != nil {
			t.Fatal(err)
		}
		if i%6 == 0 { // a neighbour presses in the middle of it
			name := fmt.Sprintf("own%d", 1+i/6)
			direct.publish(name, "telecare/lipowa/"+name+"/event", `{"events":[{"kind":"button"}]}`)
			name = fmt.Sprintf("house%d", 1+i/6)
			behind.publish(name, "zigbee2mqtt/"+name, `{"action":"emergency"}`)
		}
	}
	for i := range 1100 {
		direct.publish("", fmt.Sprintf("telecare/lipowa/stranger%d/event", i), `{"events":[{"kind":"panic"}]}`)
	}
	if err := dongle.Panic("08300001"); err != nil {
		t.Fatal(err)
	}
	h.eventually("everything is answered", 30*time.Second, func() bool { return direct.unanswered() == 0 && behind.unanswered() == 0 })
	h.eventually("the neighbours' presses are alarms", 20*time.Second, func() bool {
		alarms := h.alarms()
		for _, name := range []string{"own1", "own2", "own3", "house1", "house2", "house3", "pendant"} {
			if len(alarms[name]) != 1 {
				return false
			}
		}
		return true
	})
	var unknown struct {
		Unknown []struct {
			Address string
			Frames  int
		}
	}
	h.get("technician", "/api/v1/unknown", &unknown)
	if n := len(unknown.Unknown); n != 1000 {
		t.Errorf("%d unknown devices are listed, want 1000", n)
	}
	m := h.metrics()
	for _, source := range []string{"own", "house", "radio"} {
		if m[`telecare_frames_bad_total{source="`+source+`"}`] < 10 {
			t.Errorf("source %s counts %v bad frames", source, m[`telecare_frames_bad_total{source="`+source+`"}`])
		}
	}
	if m["telecare_undeclared_total"] != 0 {
		t.Errorf("%v undeclared metrics", m["telecare_undeclared_total"])
	}
	h.stop()
}
