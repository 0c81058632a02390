package gateway

import (
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// A start spares whoever is watched, for an hour: nobody heard what moved while
// nothing ran, also where another plan is told first. Whoever still does not move
// then is missed. The next step of an alarm, which was due meanwhile, is called at
// once.
func TestStartSparesTheWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		days := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
		p := &n.site.Plan
		p.Devices["d-3"] = alerting.Device{Place: "p-7", Sensor: true}
		p.Watches = map[alerting.WatchID]alerting.Watch{"w": {Kind: devices.Inactivity, Place: "p-7", Devices: []devices.ID{"d-3"},
			Times: []alerting.WatchTime{{Hours: alerting.Hours{Days: days}, After: 10 * time.Minute}}}}
		n.site.Devices["zigbee2mqtt/radar"] = Device{ID: "d-3", Window: 26 * time.Hour}
		missed := func() (k int) {
			for _, a := range n.board.open() {
				if a.Kind == devices.Inactivity {
					k++
				}
			}
			return k
		}
		n.start()
		time.Sleep(time.Minute) // a silence of its own
		n.says("radar", devices.Frame{Raw: []byte("1"), Message: devices.Message{Readings: []devices.Reading{{Quantity: devices.Occupancy, Value: 1}}}})
		n.g.Condition(alerting.InfluxDown, "influxdb", true)
		time.Sleep(9*time.Minute + 50*time.Second)
		n.presses("pendant 7")
		time.Sleep(time.Second)
		synctest.Wait()
		n.stop()

		ward := p.Policies["ward"]
		p.Policies = map[alerting.PolicyID]alerting.Policy{"ward": ward, "other": ward}
		time.Sleep(2 * time.Hour) // longer than the first start spared anybody
		called := len(n.centre.rang())
		n.start()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		n.says("radar", devices.Frame{Raw: []byte("0"), Message: devices.Message{Readings: []devices.Reading{{Quantity: devices.Occupancy, Value: 0}}}})
		if len(n.centre.rang()) == called {
			t.Error("a step that was due meanwhile is not called")
		}
		n.expect("missed at the start", missed(), 0)
		for _, a := range n.board.open() {
			n.g.Act(t.Context(), alerting.Take{Alarm: a.ID, By: "marta"})
		}
		time.Sleep(alerting.AfterStart - 5*time.Second)
		synctest.Wait()
		n.expect("missed before the hour is over", missed(), 0)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		n.expect("missed after it", missed(), 1)
		n.stop()
	})
}
