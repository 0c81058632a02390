package gateway

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// TestBehindACodec: a maker's codec that reads nothing is one fault, and what is
// behind it unknown rather than silent; a device whose frames are broken by
// themselves goes silent.
func TestBehindACodec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		bad := devices.Frame{Err: errors.New("cannot be read")}
		n.says("door", devices.Frame{})
		n.says("radar", devices.Frame{})
		time.Sleep(time.Minute / 2)
		n.says("door", bad)
		n.g.Condition(alerting.CodecDown, CodecOf("zigbee", "door.js"), true)
		time.Sleep(2 * time.Second)
		n.expect("the codec", n.board.fault("codec_down zigbee/door.js"), true)
		n.expect("in its window", n.board.life("d-2"), devices.LifeHeard)
		time.Sleep(2 * time.Hour)
		n.expect("the door is not known to be silent", n.board.life("d-2"), devices.LifeUnknown)
		n.expect("nor a fault", n.board.fault("silent d-2"), false)
		n.expect("the radar is", n.board.fault("silent d-3"), true)
		n.g.Condition(alerting.CodecDown, CodecOf("zigbee", "door.js"), false)
		time.Sleep(2 * time.Second)
		n.expect("the codec is mended", n.board.fault("codec_down zigbee/door.js"), false)
		n.expect("and the door silent", n.board.fault("silent d-2"), true)
		n.says("door", devices.Frame{})
		n.expect("until it is heard", n.board.fault("silent d-2"), false)
		n.stop()
	})
}
