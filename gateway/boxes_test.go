package gateway

import (
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

func (n *night) box(format, name string, m devices.Message) (down bool) {
	n.t.Helper()
	m.Device = name
	n.g.Handle(devices.Frame{Source: "attic", Format: format, Message: m, Retained: true}, func(error) {})
	synctest.Wait()
	time.Sleep(15 * time.Second) // it is told when it lasts
	synctest.Wait()
	return n.board.fault("chain_down attic")
}

func one(k devices.Kind) devices.Message { return devices.Message{Events: []devices.Event{{Kind: k}}} }

// TestBoxOfNobody: a broker may keep for ever that a bridge is away which
// nobody has any more. It is a fault for as long as a device of its kind is
// registered, and no longer.
func TestBoxOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.expect("no such device", n.box("rtl_433", "bridge", one(devices.Offline)), false)
		n.expect("those of a Zigbee bridge are", n.box("zigbee2mqtt", "bridge", one(devices.Offline)), true)

		with := n.site
		site := n.site
		site.Devices = map[devices.Address]Device{"rtl_433/Generic-Remote/7": {ID: "d-1", Role: devices.Panic}}
		n.g.Apply(site)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		n.expect("now for the receiver", n.board.fault("chain_down attic"), true)
		n.expect("and that is back", n.box("rtl_433", "bridge", one(devices.Online)), false)
		n.g.Apply(with)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		n.expect("Zigbee again", n.board.fault("chain_down attic"), true)
		site.Devices = nil
		n.g.Apply(site)
		synctest.Wait()
		n.expect("nobody's", n.board.fault("chain_down attic"), false)
		n.stop()
	})
}

// TestBoxForgotten: what a broker had kept of a box was emptied, as is done with
// one that was thrown away.
func TestBoxForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.expect("away", n.box("zigbee2mqtt", "bridge/attic", one(devices.Offline)), true)
		n.expect("another is there", n.box("zigbee2mqtt", "bridge", one(devices.Online)), true)
		n.expect("thrown away", n.box("zigbee2mqtt", "bridge/attic", devices.Message{Cleared: []devices.Kind{devices.Offline}}), false)
		n.stop()
	})
}

// TestSourceGone: with a source go its boxes: those that were away, and those of
// which a sign of life was awaited.
func TestSourceGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.box("zigbee2mqtt", "bridge", one(devices.Heartbeat))
		n.expect("away", n.box("zigbee2mqtt", "bridge/attic", one(devices.Offline)), true)
		n.g.Condition(alerting.ChainDown, "attic", false)
		time.Sleep(time.Hour)
		synctest.Wait()
		n.expect("nothing stays", n.board.fault("chain_down attic"), false)
		n.expect("the first word after it", n.box("zigbee2mqtt", "bridge/cellar", one(devices.Offline)), true)
		n.expect("is not held up by what was", n.box("zigbee2mqtt", "bridge/cellar", one(devices.Online)), false)
		n.stop()
	})
}

// TestBusyDongle: a serial line asks its dongle only when nothing else speaks,
// and knows by itself whether it lives.
func TestBusyDongle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.site.Devices["jablotron/08300001"] = Device{ID: "d-1", Role: devices.Panic}
		n.start()
		n.box("jablotron", "dongle", one(devices.Heartbeat))
		for range 80 {
			time.Sleep(30 * time.Second)
			n.box("jablotron", "08300001", one(devices.Heartbeat))
		}
		n.expect("it lives", n.board.fault("chain_down attic"), false)
		n.stop()
	})
}
