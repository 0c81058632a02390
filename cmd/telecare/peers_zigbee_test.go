package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestPeersZigbee sends what real devices send over the air through the parser
// and the converters of Zigbee2MQTT, a real broker and a running gateway, to a
// phone. The bytes are ZCL frames by the specification (Zigbee Cluster Library,
// revision 8: 2.5.11 report attributes, 8.2.2.4.1 zone status change
// notification, 8.3.2.4 emergency and arm of IAS ACE).
func TestPeersZigbee(t *testing.T) {
	accept(t)
	bridge := newZigbee(t)
	broker := gatewaytest.Mosquitto(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	h := newHome(t, fmt.Sprintf(`
sources: [{name: house, type: mqtt, url: %q}]
channels: [{name: phone, type: webhook, url: %q, secret: %s}]
`, broker.URL, phone.URL, phoneSecret), zigbeeRegistry())
	h.start()
	h.eventually("the broker is there", 10*time.Second, func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 })
	p := newPresser(t, broker.URL)
	defer p.close()
	// heard publishes what Zigbee2MQTT makes of a frame, with qos: 1 as
	// docs/formats-mqtt.md wants it, and waits until the gateway has it.
	heard := func(d zigbeeDevice, cluster int, zcl string) {
		t.Helper()
		before := h.metrics()[`telecare_frames_total{source="house"}`]
		p.publish("", "zigbee2mqtt/"+d.name, bridge.state(d, cluster, zcl))
		h.eventually("it is heard", 10*time.Second, func() bool { return h.metrics()[`telecare_frames_total{source="house"}`] > before })
	}
	calls := func(place, kind string) {
		t.Helper()
		phone.Expect(t, 30*time.Second, func(r gatewaytest.Ring) bool { return r.Place == place && r.Kind == kind && r.Reason == "call" })
	}

	// Everybody reports first, and nobody calls.
	const power, occupancy, zone, ace = 0x0001, 0x0406, 0x0500, 0x0501
	heard(hs1eb, power, "18010a210020c8")           // 200 half percents
	heard(hs1ebOpen, power, "18010a210020b4")       // 180
	heard(hs1ebOpen, zone, "090200000000000000")    // at rest
	heard(ts0215a, power, "18010a2100200a20002019") // 10 half percents, 25 × 100 mV
	heard(kepzb, power, "18010a20002024")           // 36 × 100 mV
	heard(kepzb, zone, "090200000000000000")        // at rest
	heard(kepzb, ace, "010300"+"0004313233341700")  // disarmed with the code 1234
	heard(hs2fd, occupancy, "18010a00001803")       // somebody moves
	if calls := phone.Calls(); len(calls) != 0 {
		t.Fatalf("reports called: %+v", calls)
	}
	h.eventually("batteries are known", 10*time.Second, func() bool {
		return h.reading(hs1eb.name, "battery") == 100 && h.reading(hs1ebOpen.name, "battery") == 90 &&
			h.reading(kepzb.name, "voltage") == 3.6 && h.reading(kepzb.name, "battery") == 50
	})
	h.eventually("the button's battery is low", 10*time.Second, func() bool { return h.faults()["battery_low "+ts0215a.name] })

	// Presses, and a fall.
	heard(hs1eb, zone, "090200010000000000")
	calls("HS1EB", "panic")
	heard(ts0215a, ace, "010202") // its battery is low, and it is heard all the same
	p.publish("", "zigbee2mqtt/"+ts0215a.name+"/action", "emergency")
	calls("TS0215A", "panic")
	heard(kepzb, ace, "010402")
	calls("KEPZB-110", "panic")
	heard(hs2fd, occupancy, "18020a00001823")
	calls("HS2FD", "fall")
	heard(hs2fd, occupancy, "18030a00001823") // the same state once more
	heard(hs2fd, occupancy, "18040a00001803")

	// A press that the converter cannot name, with the case open.
	if f := h.faults(); f["lost_press "+hs1ebOpen.name] {
		t.Fatalf("a press was lost before there was one: %v", f)
	}
	heard(hs1ebOpen, zone, "090300050000000000")
	h.eventually("a press may be lost", 10*time.Second, func() bool { return h.faults()["lost_press "+hs1ebOpen.name] })
	heard(hs1ebOpen, zone, "090400010000000000")
	calls("HS1EB open", "panic")
	h.eventually("no press is lost", 10*time.Second, func() bool { return !h.faults()["lost_press "+hs1ebOpen.name] })

	heard(kepzb, zone, "090500040000000000")
	h.eventually("the keypad was opened", 10*time.Second, func() bool { return h.faults()["tamper "+kepzb.name] })

	for name, alarms := range h.alarms() {
		if len(alarms) != 1 || alarms[0].Presses != 1 || alarms[0].Late {
			t.Errorf("%s: %+v, want one alarm of one press", name, alarms)
		}
	}
	if n := len(h.alarms()); n != 5 {
		t.Errorf("%d devices raised alarms, want 5", n)
	}
	h.stop()
}

// A zigbeeDevice is a device as it says who it is in an interview.
type zigbeeDevice struct{ name, place, model, manufacturer string }

var (
	hs1eb     = zigbeeDevice{"Pani Żółć/Łazienka", "HS1EB", "SOS-EF-3.0", "HEIMAN"}
	hs1ebOpen = zigbeeDevice{"HS1EB 2", "HS1EB open", "SOS-EM", "HEIMAN"}
	ts0215a   = zigbeeDevice{"sos", "TS0215A", "TS0215A", "_TZ3000_4fsgukof"}
	kepzb     = zigbeeDevice{"keypad", "KEPZB-110", "KEPZB-110", "frient A/S"}
	hs2fd     = zigbeeDevice{"radar", "HS2FD", "HS2FD-EF1-3.0", "HEIMAN"}
)

// zigbeeRegistry has a place for each device, so that a call says whose it is.
func zigbeeRegistry() string {
	places, list := "places:\n", "devices:\n"
	for i, d := range []zigbeeDevice{hs1eb, hs1ebOpen, ts0215a, kepzb, hs2fd} {
		role := "panic"
		if d == hs2fd {
			role = "fall"
		}
		places += fmt.Sprintf("  - {key: p%d, name: %q}\n", i, d.place)
		list += fmt.Sprintf("  - {key: d%d, name: %q, address: %q, role: %s, place: p%d}\n", i, d.name, "zigbee2mqtt/"+d.name, role, i)
	}
	before, _, _ := strings.Cut(manyDevices(0, 0), "devices:")
	return strings.Replace(before, "places: [{key: room, name: A room}]\n", places, 1) + list
}

// reading is a device's newest value of a quantity, as the page shows it; -1
// when there is none.
func (h *home) reading(device, quantity string) float64 {
	h.t.Helper()
	var list struct {
		Devices []struct {
			Name     string
			Readings []struct {
				Quantity string
				Value    float64
			}
		}
	}
	h.get("technician", "/api/v1/devices", &list)
	for _, d := range list.Devices {
		for _, r := range d.Readings {
			if d.Name == device && r.Quantity == quantity {
				return r.Value
			}
		}
	}
	return -1
}

// faults are what the technician is shown: code and name.
func (h *home) faults() map[string]bool {
	h.t.Helper()
	var list struct{ Faults []struct{ Code, Name string } }
	h.get("technician", "/api/v1/faults", &list)
	out := map[string]bool{}
	for _, f := range list.Faults {
		out[f.Code+" "+f.Name] = true
	}
	return out
}

// zigbee is the converters' process.
type zigbee struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

// newZigbee starts the converters that .ci/peers-accept installs.
func newZigbee(t *testing.T) *zigbee {
	t.Helper()
	modules, err := filepath.Abs("../../.ci/bin/zigbee/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(modules); err != nil {
		t.Skip("zigbee-herdsman-converters is not installed: .ci/peers-accept installs it")
	}
	cmd := exec.Command(tool(t, "node"), "testdata/zigbee/zigbee.cjs")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the converters ended with %v", err)
		}
	})
	return &zigbee{t: t, in: in, out: bufio.NewReader(out)}
}

// state is what Zigbee2MQTT publishes of a device after a frame in hex.
func (z *zigbee) state(d zigbeeDevice, cluster int, zcl string) string {
	z.t.Helper()
	line, err := json.Marshal(map[string]any{"name": d.name, "model": d.model, "manufacturer": d.manufacturer, "cluster": cluster, "zcl": zcl})
	if err != nil {
		z.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(z.in, "%s\n", line); err != nil {
		z.t.Fatalf("the converters: %v", err)
	}
	said, err := z.out.ReadBytes('\n')
	if err != nil {
		z.t.Fatalf("the converters say nothing of %s: %v", zcl, err)
	}
	var answer struct {
		Name  string
		State json.RawMessage
	}
	if err := json.Unmarshal(said, &answer); err != nil || answer.Name != d.name || answer.State == nil {
		z.t.Fatalf("the converters say %q of %s, %v", said, zcl, err)
	}
	return string(answer.State)
}
