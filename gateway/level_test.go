package gateway

import (
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// TestStateThatEndedIsRedelivered: a radar's fall, its repetition and its end
// are on disk when the process is killed, and none was answered. All come again:
// the repetition raises nothing, and the next fall is heard.
func TestStateThatEndedIsRedelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		frame := func(packet uint16, m devices.Message) devices.Frame {
			return devices.Frame{Session: "zigbee", Packet: packet, Raw: []byte{byte(len(m.Events))}, Message: m}
		}
		fall := devices.Message{Events: []devices.Event{{Kind: devices.Fall, Level: true}}}
		over := devices.Message{Cleared: []devices.Kind{devices.Fall}}
		frames := []devices.Frame{frame(1, fall), frame(2, fall), frame(3, over)}
		for _, f := range frames {
			n.says("radar", f)
			time.Sleep(6 * time.Second)
		}
		n.crash()
		n.start()
		for _, f := range frames {
			f.Dup = true
			n.expect("redelivered", n.says("radar", f), "answered")
		}
		n.expect("presses", n.board.open()[0].Presses, 1)
		time.Sleep(6 * time.Second)
		n.says("radar", frame(4, fall))
		n.expect("the next fall", n.board.open()[0].Presses, 2)
		n.stop()
	})
}

// TestPulledCord: a cord that stays pulled is a state whose meaning is its
// role's. It is news once, and again after it was let go.
func TestPulledCord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		pulled := devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Button, Level: true}}}}
		n.says("pendant 7", pulled)
		time.Sleep(6 * time.Second)
		n.says("pendant 7", pulled)
		n.expect("presses of one pull", n.board.open()[0].Presses, 1)
		n.says("pendant 7", devices.Frame{Message: devices.Message{Cleared: []devices.Kind{devices.Button}}})
		n.says("pendant 7", pulled)
		n.expect("presses of two", n.board.open()[0].Presses, 2)
		n.stop()
	})
}

// TestTwoBoxes: a receiver that comes back says nothing of the one that is
// still away.
func TestTwoBoxes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		says := func(box string, k devices.Kind) bool {
			n.says(box, devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: k}}}})
			_, down := n.g.conditions[condition{alerting.ChainDown, "zigbee"}]
			return down
		}
		n.expect("one away", says("bridge/attic", devices.Offline), true)
		n.expect("both away", says("bridge/cellar", devices.Offline), true)
		n.expect("one back", says("bridge/attic", devices.Heartbeat), true)
		n.expect("another there", says("bridge", devices.Online), true)
		n.expect("all back", says("bridge/cellar", devices.Online), false)
		n.stop()
	})
}
