package gateway

import (
	"testing"
	"testing/synctest"
	"time"

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
