package gateway

import (
	"testing"
	"testing/synctest"
	"time"

	"telecare/devices"
)

// A button without a sign of life is to be tried when its last press is a month
// ago; how long it is known goes over a restart, and a press ends it.
func TestTestDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.lives = &memory{}
		n.site.Devices["zigbee2mqtt/pendant 7"] = Device{ID: "d-1", Role: devices.Panic, TestEvery: 30 * time.Hour}
		n.start()
		time.Sleep(29 * time.Hour)
		n.stop()
		n.start()
		n.expect("after 29 hours", n.board.fault("test_due d-1"), false)
		time.Sleep(time.Hour + time.Minute)
		n.expect("after 30 hours", n.board.fault("test_due d-1"), true)
		n.expect("of a supervised one", n.board.fault("test_due d-2"), false)
		n.presses("pendant 7")
		time.Sleep(3 * time.Second)
		n.expect("when it was pressed", n.board.fault("test_due d-1"), false)
		n.stop()
	})
}

// A press of a day when the clock was a year ahead counts from when it was set
// right.
func TestTestDueOfSetClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.clock = &setClock{}
		n.lives = &memory{}
		n.site.Devices["zigbee2mqtt/pendant 7"] = Device{ID: "d-1", Role: devices.Panic, TestEvery: 30 * time.Hour}
		n.clock.set(365 * 24 * time.Hour)
		n.start()
		n.presses("pendant 7")
		wait(time.Minute)
		n.clock.set(-365 * 24 * time.Hour)
		wait(29 * time.Hour)
		n.expect("29 hours after the clock was right", n.board.fault("test_due d-1"), false)
		wait(2 * time.Hour)
		n.expect("31 hours after", n.board.fault("test_due d-1"), true)
		n.stop()
	})
}
