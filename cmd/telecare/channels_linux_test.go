package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"telecare/devices/devicetest"
	"telecare/gateway/gatewaytest"
)

// TestChannelsSilently tests a mail server and webhooks through a gateway that
// runs: one recipient is refused, one receiver is not there, a server hangs while
// somebody presses. Nobody is called by it.
func TestChannelsSilently(t *testing.T) {
	beside(t)
	post := newPost(t)
	secret := []byte("between the gateway and the phones")
	jan := gatewaytest.NewPhone(t, secret)
	listen := gatewaytest.FreePort(t)
	registry := strings.NewReplacer("channels: [marta-phone]", "channels: [jan-phone, {channel: mail, address: marta@example.org}]",
		"role: nurse, channels: [jan-phone]", "role: nurse, channels: [jan-phone, {channel: mail, address: jan@example.org}]").Replace(registryOf)
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels:
  - {name: jan-phone, type: webhook, url: %q, secret: %q}
  - {name: gone, type: webhook, url: "http://127.0.0.1:1/", secret: %q, test_every: never}
  - {name: mail, type: email, host: 127.0.0.1, port: %d, security: none, username: gw, password: mail-password, from: telecare@example.org, timeout: 10s}
`, listen, jan.URL, secret, secret, post.port), registry)
	no := "marta@example.org"
	post.refuse.Store(&no)
	h.start()

	test := func(name string) (said string, status int) {
		said, status = h.status("channels", "test", name)
		return strings.Join(strings.Fields(said), " "), status
	}
	said, status := test("jan-phone")
	expect(t, said, "jan-phone well", "Jan Z. cannot be tested silently")
	if status != 0 {
		t.Errorf("status %d", status)
	}
	said, status = test("gone")
	expect(t, said, "failed: refused")
	if status != 1 {
		t.Errorf("status %d", status)
	}
	said, status = test("mail")
	expect(t, said, " mail well", "Jan Z. well", "Marta W. failed: status 550")
	if status != 1 || strings.Contains(said, "example.org") {
		t.Errorf("status %d\n%s", status, said)
	}
	fault := func() bool {
		for name := range h.metrics() {
			if strings.Contains(name, "telecare_fault{") && strings.Contains(name, `code="contact_bad"`) && strings.Contains(name, `/mail"`) {
				return true
			}
		}
		return false
	}
	h.eventually("a fault of the contact", 20*time.Second, fault)
	if m := h.metrics(); m[`telecare_channel_test_ok{channel="mail"}`] != 1 || m[`telecare_channel_test_ok{channel="gone"}`] != 0 || m[`telecare_contacts{result="failed"}`] != 1 ||
		m[`telecare_channel_tested_timestamp_seconds{channel="gone"}`] == 0 {
		t.Errorf("metrics: %v", m)
	}
	said, _ = h.status("doctor")
	expect(t, said, `ok    channel "jan-phone": its silent test was well`, `bad   channel "gone": its silent test failed: refused`, `warn  channel "mail": is well, and 1 of 2 contacts on it do not work`)
	said, status = test("fax")
	if status != 1 || !strings.Contains(said, "no_such_channel") {
		t.Errorf("status %d\n%s", status, said)
	}

	// It is found again after a crash, and ends when the address is another one.
	h.kill()
	h.start()
	said, _ = h.status("channels")
	expect(t, said, "not tested yet")
	h.command("channels", "list")
	if said, status = test("mail"); status != 1 {
		t.Errorf("after a restart: status %d\n%s", status, said)
	}
	h.eventually("the fault again", 20*time.Second, fault)
	h.write("registry.yaml", strings.Replace(registry, no, "marta.w@example.org", 1))
	h.command("apply", "-f", "registry.yaml")
	h.eventually("the fault is over", 20*time.Second, func() bool { return !fault() })

	// A press calls while a test hangs.
	hang := make(chan struct{})
	post.hang.Store(&hang)
	zigbee := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: "tcp://" + listen})
	t.Cleanup(func() { zigbee.Close(t.Context()) })
	hung := post.hung.Load()
	tested := make(chan string, 1)
	go func() {
		said, _ := h.try("channels", "test", "mail", "--for", "3s")
		tested <- said
	}()
	h.eventually("the test hangs", 20*time.Second, func() bool { return post.hung.Load() > hung })
	if err := zigbee.Press(t.Context(), "Anna bedroom"); err != nil {
		t.Fatal(err)
	}
	jan.Expect(t, 20*time.Second, func(gatewaytest.Ring) bool { return true })
	close(hang)
	post.hang.Store(nil)
	<-tested
	h.eventually("a mail, too", 20*time.Second, func() bool { return post.mails.Load() > 0 })
	if n := len(jan.Calls()); n == 0 {
		t.Error("nobody was called")
	}
}
