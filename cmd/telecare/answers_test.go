package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// TestHelpIsComing: whoever takes an alarm lights the lamp at its place, through
// the broker that the pendant came by, and closing it puts the lamp out.
func TestHelpIsComing(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	own := gatewaytest.FreePort(t)
	reg := strings.Replace(manyDevices(1, 0), "places: [{key: room, name: A room}]", `places:
  - key: room
    name: A room
    answer:
      - {to: zigbee2mqtt/Siren, as: siren}
      - {topic: say/room, coming: somebody comes, there: "", over: ""}`, 1)
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels: [{name: phone, type: webhook, url: %q, secret: %s}]
`, own, phone.URL, phoneSecret), reg)
	h.start()
	p := newPresser(t, "tcp://"+own)
	defer p.close()
	var mu sync.Mutex
	told := []string{}
	for _, topic := range []string{"zigbee2mqtt/Siren/set", "say/room"} {
		tok := p.client.Subscribe(topic, 1, func(_ paho.Client, m paho.Message) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, m.Topic()+" "+string(m.Payload()))
		})
		if !tok.WaitTimeout(5*time.Second) || tok.Error() != nil {
			t.Fatal(tok.Error())
		}
	}
	count := func(what string) int {
		mu.Lock()
		defer mu.Unlock()
		n := 0
		for _, s := range told {
			if strings.Contains(s, what) {
				n++
			}
		}
		return n
	}
	p.publish("own0", "telecare/lipowa/own0/event", `{"events":[{"kind":"button"}]}`)
	phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 1 })
	h.eventually("it is there", 10*time.Second, func() bool { return strings.Contains(h.command("alarms"), "raised") })
	if n := count(""); n != 0 {
		t.Errorf("told before anybody came: %v", told)
	}
	h.command("alarms", "take", "1")
	h.eventually("help is coming", 10*time.Second, func() bool { return count(`"mode":"emergency"`) == 1 && count("somebody comes") == 1 })
	h.command("alarms", "close", "1", "--outcome", "helped")
	h.eventually("it is over", 10*time.Second, func() bool { return count(`"mode":"stop"`) == 1 })
	h.stop()
}
