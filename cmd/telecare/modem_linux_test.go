package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/alerting/notify/modem/modemtest"
	"telecare/gateway/gatewaytest"
)

// TestModem calls two people by a modem, by text message and by ringing one of
// them. One answers "1": the alarm is theirs, their telephone stops ringing, the
// other is told that nobody need come. Then the modem is pulled out, and people
// are called by it again when it is back.
func TestModem(t *testing.T) {
	beside(t)
	sim, err := modemtest.New(filepath.Join(t.TempDir(), "modem"))
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	defer sim.Close()
	own := gatewaytest.FreePort(t)
	const marta, jan = "+48600100200", "+48600100201"
	registry := manyDevices(2, 0)
	registry = strings.Replace(registry, "channels: [phone]}", fmt.Sprintf(`channels: [{channel: gsm, address: %q}, {channel: bell, address: %q}], language: pl}
  - {key: jan, name: Jan K., role: nurse, channels: [{channel: gsm, address: "+48 600 100 201"}]}`, marta, marta), 1)
	registry = strings.Replace(registry, "channels: [phone]}", `channels: [{channel: gsm, address: "+48225550100"}]}`, 1)
	registry = strings.Replace(registry, "{call: [marta], wait: 8s}", "{call: [marta, jan], wait: 10m}", 1)
	h := newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: gsm, type: modem, port: %q, mode: sms}
  - {name: bell, type: modem, port: %q, mode: call, rings: 8}
`, own, sim.Port(), sim.Port()), registry)
	if out := h.command("check", "--online"); !strings.Contains(out, `is in the network (-73 dBm)`) || !strings.Contains(out, `has the modem of channel "gsm"`) {
		t.Errorf("check --online says\n%s", out)
	}
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	texts := func(to, what string) (n int) {
		for _, s := range sim.Sent() {
			if s.To == to && strings.Contains(s.Text, what) {
				n++
			}
		}
		return n
	}
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	h.eventually("both have a text, and one telephone rings", 20*time.Second, func() bool {
		return texts(marta, "1 = Ide, 2 = Nie moge") == 1 && texts(jan, "1 = ") == 1 && len(sim.Calls()) == 1 && sim.Calls()[0].Number == marta
	})
	// Hers is on her telephone; his will not be on his.
	for i, s := range sim.Sent() {
		sim.ReportOf(i, map[bool]byte{true: 0x46}[s.To == jan])
	}
	h.eventually("it is shown", 20*time.Second, func() bool {
		a := h.alarms()["own0"]
		if len(a) != 1 {
			return false
		}
		states := map[string]bool{}
		for _, c := range a[0].Calls {
			states[fmt.Sprintf("%s %s %t", c.Channel, c.State, c.OnPhone.IsZero())] = true
		}
		return states["gsm delivered false"] && states["gsm missed true"]
	})
	if err := sim.Receive("+48600100999", "1"); err != nil { // nobody's
		t.Fatal(err)
	}
	if err := sim.Receive(marta, "1"); err != nil {
		t.Fatal(err)
	}
	h.eventually("it is hers, her telephone is quiet, and he need not come", 20*time.Second, func() bool {
		a := h.alarms()["own0"]
		return len(a) == 1 && a[0].State == "acknowledged" && sim.Calls()[0].Over &&
			texts(marta, "Alarm jest Twoj") == 1 && texts(jan, "o need to come") == 1 && sim.Inbox() == 0
	})
	if n := texts("+48600100999", ""); n != 0 {
		t.Errorf("a stranger was sent %d texts", n)
	}
	sim.Unplug()
	p.publish("own1", "telecare/lipowa/own1/event", `{"events":[{"kind":"button"}]}`)
	h.eventually("it is an alarm", 20*time.Second, func() bool { return len(h.alarms()["own1"]) == 1 })
	h.eventually("trying has failed", 20*time.Second, func() bool { return h.metrics()[`telecare_notification_failures_total{channel="gsm"}`] > 0 })
	if err := sim.Replug(); err != nil {
		t.Fatal(err)
	}
	h.eventually("both have another text", 30*time.Second, func() bool {
		return texts(marta, "1 = Ide") == 2 && texts(jan, "1 = ") == 2
	})
	if err := sim.Receive(jan, "2"); err != nil {
		t.Fatal(err)
	}
	h.eventually("he is told that it is noted", 20*time.Second, func() bool { return texts(jan, "annot come") == 1 })
	if n := texts(marta, "1 = Ide"); n != 2 {
		t.Errorf("one message arrived %d times", n-1)
	}
	h.stop()
}
