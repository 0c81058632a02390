package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestLearn presses what nobody has registered: learn says what it heard, and
// with --add the next press calls.
func TestLearn(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels: [{name: phone, type: webhook, url: %q, secret: %s}]
`, own, phone.URL, phoneSecret), manyDevices(1, 0))
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()

	learn := func(press func(), args ...string) (string, error) {
		t.Helper()
		path, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(path, append([]string{"learn", "--for", "30s"}, args...)...)
		cmd.Dir = h.dir
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = cmd.Stdout
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		said, err := lines.ReadString('\n')
		if err == nil && strings.HasPrefix(said, "Press it now") {
			press()
		}
		rest, _ := io.ReadAll(lines)
		return said + string(rest), cmd.Wait()
	}
	sensor := func() {
		p.publish("", "zigbee2mqtt/Window", `{"contact":true,"linkquality":90}`)
	}
	pendant := func() {
		sensor()
		p.publish("", "zigbee2mqtt/Anna/pendant", `{"action":"emergency","battery":90}`)
		p.publish("", "zigbee2mqtt/Anna/pendant/action", `emergency`)
	}
	out, err := learn(pendant)
	for _, want := range []string{"zigbee2mqtt/Anna/pendant\n", `source "own" in format zigbee2mqtt`, "panic, by itself", "role: panic", `address: zigbee2mqtt/Anna/pendant`} {
		if !strings.Contains(out, want) {
			t.Errorf("learn does not say %q", want)
		}
	}
	if err != nil || strings.Contains(out, "Window") || t.Failed() {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := learn(pendant, "--add", "--place", "nowhere"); err == nil || !strings.Contains(out, `unknown place "nowhere"`) {
		t.Fatalf("an unknown place: %v\n%s", err, out)
	}
	out, err = learn(pendant, "--add", "--place", "A room")
	if err != nil || !strings.Contains(out, "key: button-room") || !strings.Contains(out, "revision 2: 1 added") || !strings.Contains(out, "in force in the gateway that runs") {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err = learn(pendant)
	if err != nil || !strings.Contains(out, `"Button, A room" (A room) was pressed`) {
		t.Errorf("a registered pendant: %v\n%s", err, out)
	}
	phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 1 })
	if out, err := learn(sensor, "--for", "2s"); err == nil || !strings.Contains(out, "zigbee2mqtt/Window") || !strings.Contains(out, "is a press") {
		t.Errorf("a sensor alone: %v\n%s", err, out)
	}
}
