package gateway

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

func always(after time.Duration) []alerting.WatchTime {
	return []alerting.WatchTime{{Hours: alerting.Hours{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}, After: after}}
}

// watched is a night whose room 3 is watched: its door, its bed, and that
// something moves.
func watched(t *testing.T) *night {
	n := newNight(t)
	n.site.Plan.Devices["d-2"] = alerting.Device{Place: "p-3", Sensor: true}
	n.site.Plan.Devices["d-4"] = alerting.Device{Place: "p-3", Sensor: true}
	n.site.Plan.Devices["d-5"] = alerting.Device{Place: "p-3", Sensor: true}
	n.site.Devices["zigbee2mqtt/door"] = Device{ID: "d-2", Window: 25 * time.Hour}
	n.site.Devices["zigbee2mqtt/motion"] = Device{ID: "d-4", Window: 25 * time.Hour}
	n.site.Devices["zigbee2mqtt/bed"] = Device{ID: "d-5", Role: devices.BedExit, Window: 25 * time.Hour}
	n.site.Plan.Watches = map[alerting.WatchID]alerting.Watch{
		"w-quiet": {Kind: devices.Inactivity, Place: "p-3", Times: always(4 * time.Hour)},
		"w-door":  {Kind: devices.Wandering, Place: "p-3", Devices: []devices.ID{"d-2"}, Times: always(0)},
		"w-bed":   {Kind: devices.BedExit, Place: "p-3", Devices: []devices.ID{"d-5"}, Times: always(0)},
	}
	return n
}

func reads(q devices.Quantity, v float64) devices.Frame {
	return devices.Frame{Message: devices.Message{Readings: []devices.Reading{{Quantity: q, Value: v}}}}
}

// signs lists what was journalled of people.
func (n *night) signs() []string {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	var out []string
	for _, r := range n.disk.recs {
		if in, err := alerting.DecodeInput(r.Kind, r.Body); err == nil && slices.Contains([]string{"sign", "heard", "cleared"}, r.Kind) {
			out = append(out, alerting.InputText(in, nil))
		}
	}
	return out
}

// A flood of movements is one a minute in the journal; the edges of a door and a
// bed are all there, and only they.
func TestMovementsAreAMinuteApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		n.start()
		presence := devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Presence}}}}
		for range 290 { // nearly five minutes, a movement a second
			n.says("motion", presence)
			time.Sleep(time.Second)
		}
		n.expect("movements of five minutes", len(n.signs()), 5)
		for _, v := range []float64{1, 1, 0, 0, 1, 1, 0} {
			n.says("door", reads(devices.Contact, v))
			n.says("bed", reads(devices.Occupancy, v))
		}
		time.Sleep(time.Minute)
		n.expect("edges", strings.Join(n.signs()[5:], ", "),
			"shut d-2, opened d-2, bed_exit d-5 level, shut d-2, clear bed_exit d-5, opened d-2, bed_exit d-5 level, moved d-5")
		n.stop()
	})
}

// The last movement of a minute counts, though it is not told at once: nobody is
// missed four hours after the first one.
func TestLastMovementOfAMinuteCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		n.start()
		presence := devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Presence}}}}
		time.Sleep(time.Hour) // no grace any more
		n.says("motion", presence)
		time.Sleep(50 * time.Second)
		n.says("motion", presence)
		time.Sleep(time.Minute)
		n.expect("movements", len(n.signs()), 2)
		time.Sleep(4*time.Hour - time.Minute - time.Second)
		n.expect("calls a second before", len(n.marta.rang()), 0)
		time.Sleep(15 * time.Second)
		n.expect("calls", len(n.marta.rang()), 1)
		n.stop()
	})
}

// A door's edge is answered when it is on disk, is known after a restart, and
// calls; and what the broker has kept of it is no news twice.
func TestDoorOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		n.start()
		n.says("door", reads(devices.Contact, 1))
		n.stop()
		n.start()
		kept := reads(devices.Contact, 1)
		kept.Retained = true
		n.says("door", kept)
		n.disk.mu.Lock()
		n.disk.stall = make(chan struct{})
		n.disk.mu.Unlock()
		a := n.says("door", reads(devices.Contact, 0))
		n.expect("before it is on disk", a, "not answered")
		n.expect("calls", n.marta.rang(), "[call wandering Room 3 to marta]")
		close(n.disk.stall)
		n.disk.mu.Lock()
		n.disk.stall = nil
		n.disk.mu.Unlock()
		time.Sleep(5 * time.Second)
		n.expect("then", a, "answered")
		n.expect("signs", n.signs(), "[shut d-2 opened d-2]")
		n.stop()
	})
}

// Sensors that are all silent are a fault of the watch, after a while, and no
// alarm. One that is back ends it, and the silence counts from then.
func TestBlindWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		for a, d := range n.site.Devices {
			if slices.Contains([]devices.ID{"d-2", "d-4", "d-5"}, d.ID) {
				d.Window = time.Hour
				n.site.Devices[a] = d
			}
		}
		n.start()
		for _, d := range []string{"door", "motion", "bed"} {
			n.says(d, reads(devices.Battery, 80))
		}
		time.Sleep(30 * time.Minute)
		n.says("motion", reads(devices.Battery, 80))
		time.Sleep(59 * time.Minute)
		n.expect("one still speaks", n.board.fault("watch_blind w-quiet"), false)
		time.Sleep(7 * time.Minute)
		n.expect("none speaks", n.board.fault("watch_blind w-quiet"), true)
		time.Sleep(5 * time.Hour) // longer than the watch waits
		n.expect("alarms", len(n.board.open()), 0)
		n.says("bed", reads(devices.Battery, 80))
		time.Sleep(3 * time.Second)
		n.expect("one is back", n.board.fault("watch_blind w-quiet"), false)
		for range 8 {
			time.Sleep(29 * time.Minute)
			n.says("bed", reads(devices.Battery, 80))
		}
		n.expect("alarms before four hours", len(n.board.open()), 0)
		time.Sleep(9 * time.Minute)
		n.expect("calls", n.marta.rang()[0], "call inactivity Room 3 to marta")
		n.stop()
	})
}

// While everybody is away, silent sensors are not known to be broken.
func TestSilenceOfWhoIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		for a, d := range n.site.Devices {
			if d.ID != "d-1" {
				d.Window = 2 * time.Hour
				n.site.Devices[a] = d
			}
		}
		n.start()
		n.says("motion", reads(devices.Battery, 80))
		if err := n.g.Act(t.Context(), alerting.Away{Place: "p-3", Until: time.Now().Add(6 * time.Hour), By: "marta"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Hour)
		n.expect("silent while away", n.board.fault("silent d-4"), false)
		n.expect("shown as", n.board.life("d-4"), devices.LifeUnknown)
		n.expect("blind while away", n.board.fault("watch_blind w-quiet"), false)
		time.Sleep(time.Hour + 2*time.Minute)
		n.expect("silent when back", n.board.fault("silent d-4"), true)
		n.stop()
	})
}
