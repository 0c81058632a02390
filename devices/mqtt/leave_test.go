package mqtt

import (
	"fmt"
	"net"
	"testing"
	"time"

	"telecare/devices"
	"telecare/gateway/gatewaytest"

	"github.com/mochi-mqtt/server/v2/packets"
)

// slowly answers a tenth of a second after leaving began.
func slowly(leaving <-chan struct{}) func(devices.Frame) error {
	return func(devices.Frame) error {
		<-leaving
		<-time.After(100 * time.Millisecond)
		return nil
	}
}

// A client that is replaced takes the answers with it that are under way. The
// one in its place knows what comes again for what it is, without a disk.
func TestClientLeavesAnswered(t *testing.T) {
	m := gatewaytest.Mosquitto(t)
	b, leaving := &inbox{}, make(chan struct{})
	b.set(slowly(leaving))
	first, stop := startClient(t, m.URL, b, nil)
	p := publisher(t, m.URL, "z2m", nil)
	sent(t, p.Publish("zigbee2mqtt/x", 1, false, press))
	eventually(t, "the press", func() bool { return len(b.all()) == 1 })
	close(leaving)
	stop()

	b.set(nil)
	second := NewClient(ClientConfig{Name: "house", URL: m.URL, ClientID: "gateway"}, b.handle, quiet)
	second.Follow(first)
	stop = run(t, second)
	ready(t, second)
	sent(t, p.Publish("zigbee2mqtt/y", 1, false, press))
	eventually(t, "the next press", func() bool { return len(b.from("y")) == 1 })
	stop()
	third := NewClient(ClientConfig{Name: "house", URL: m.URL, ClientID: "gateway"}, b.handle, quiet)
	third.Follow(second)
	b.set(yes)
	run(t, third)
	eventually(t, "it again", func() bool { return len(b.from("y")) == 2 })
	y := b.from("y")
	if n := len(b.from("x")); n != 1 {
		t.Errorf("a message that was answered while leaving came %d times", n)
	}
	if y[0].Session != y[1].Session || y[0].Packet != y[1].Packet || !y[1].Dup {
		t.Errorf("a message that comes again is %q %d dup %v, and was %q %d", y[1].Session, y[1].Packet, y[1].Dup, y[0].Session, y[0].Packet)
	}
}

// A broker that leaves gives every client its answers first, and uses a
// listener that it is given.
func TestBrokerLeavesAnswered(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b, leaving := &inbox{}, make(chan struct{})
	b.set(slowly(leaving))
	s, stop := startBroker(t, b, func(c *BrokerConfig) { c.Listen, c.Listener = l.Addr().String(), l })
	if s.Addr() != l.Addr().String() {
		t.Fatalf("listens on %s instead of %s", s.Addr(), l.Addr())
	}
	var wires []*wire
	for i := range 3 {
		w := dialWire(t, s.Addr(), 4)
		w.connect(fmt.Sprint("device", i))
		w.publish(7, 1, fmt.Sprintf("zigbee2mqtt/%d", i), press)
		wires = append(wires, w)
	}
	eventually(t, "all", func() bool { return len(b.all()) == len(wires) })
	close(leaving)
	stop()
	for i, w := range wires {
		if kind, id := w.read(); kind != packets.Puback || id != 7 {
			t.Errorf("client %d got packet %d of %d, want its answer", i, kind, id)
		}
	}
}

// Without an answer in sight nobody waits long.
func TestLeavesUnanswered(t *testing.T) {
	b := &inbox{} // withholds every answer
	s, stop := startBroker(t, b, nil)
	w := dialWire(t, s.Addr(), 4)
	w.connect("device")
	w.publish(7, 1, "zigbee2mqtt/x", press)
	eventually(t, "the press", func() bool { return len(b.all()) == 1 })
	began := time.Now()
	stop()
	if took := time.Since(began); took < leaveWithin {
		t.Errorf("left after %s, though an answer might have come within %s", took, leaveWithin)
	}
}
