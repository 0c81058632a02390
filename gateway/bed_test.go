package gateway

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// A mat of a format that knows no beds is one by its role: who leaves it in the
// watch's hours and is not back in time is looked for, and who is back is not.
func TestBedByItsRole(t *testing.T) {
	for _, mat := range []struct {
		name    string
		in, out devices.Frame
	}{
		{"occupancy", reads(devices.Occupancy, 1), reads(devices.Occupancy, 0)},
		{"contact", reads(devices.Contact, 1), reads(devices.Contact, 0)},
		{"radar", reads(devices.InBed, 1), reads(devices.InBed, 0)},
	} {
		t.Run(mat.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := watched(t)
				n.start()
				n.says("bed", mat.in)
				n.says("bed", mat.out)
				time.Sleep(19 * time.Minute)
				n.says("bed", mat.out) // as it says every so often
				n.says("bed", mat.in)
				time.Sleep(time.Hour)
				n.expect("back in time", len(n.board.open()), 0)
				n.says("bed", mat.out)
				time.Sleep(10 * time.Minute)
				n.stop()
				n.start() // what it says after a restart is no news
				n.says("bed", mat.out)
				time.Sleep(9 * time.Minute)
				n.expect("before its time", len(n.board.open()), 0)
				time.Sleep(2 * time.Minute)
				n.expect("calls", n.marta.rang()[0], "call bed_exit Room 3 to marta")
				n.says("bed", mat.in)
				n.expect("back, and still somebody's to see to", len(n.board.open()), 1)
				n.expect("that she is back is told", backInBed(n.board.open()[0]), true)
				n.stop()
			})
		})
	}
}

// Without the role the same readings say nothing of a bed: a motion sensor beside
// it is still for as long as its sleeper is. A radar says in words what it sees.
func TestBedWithoutTheRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		delete(n.site.Plan.Watches, "w-quiet")
		w := n.site.Plan.Watches["w-bed"]
		w.Devices = nil
		n.site.Plan.Watches["w-bed"] = w
		n.start()
		for _, v := range []float64{1, 0, 1, 0} {
			n.says("motion", reads(devices.Occupancy, v))
			time.Sleep(time.Hour)
		}
		n.expect("alarms", len(n.board.open()), 0)
		n.says("motion", reads(devices.InBed, 0)) // a radar that knows of no bed, perhaps
		time.Sleep(time.Hour)
		n.expect("alarms", len(n.board.open()), 0)
		n.says("motion", reads(devices.InBed, 1))
		n.says("motion", reads(devices.InBed, 0))
		time.Sleep(21 * time.Minute)
		n.expect("calls", n.marta.rang()[0], "call bed_exit Room 3 to marta")
		n.says("motion", reads(devices.InBed, 0))
		n.expect("that she is out still is no news", backInBed(n.board.open()[0]), false)
		n.says("motion", reads(devices.InBed, 1))
		n.expect("that she is back is told", backInBed(n.board.open()[0]), true)
		n.stop()
	})
}

func backInBed(a alerting.Alarm) bool {
	return slices.ContainsFunc(a.History, func(e alerting.Entry) bool { return e.What == alerting.BackInBed })
}

// Nobody watches: a bed is an alarm when it is left, and once.
func TestBedThatNobodyWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := watched(t)
		n.site.Plan.Watches = map[alerting.WatchID]alerting.Watch{}
		n.start()
		n.says("bed", reads(devices.Occupancy, 1))
		n.expect("in bed", len(n.marta.rang()), 0)
		n.says("bed", reads(devices.Occupancy, 0))
		n.says("bed", reads(devices.Occupancy, 0))
		n.expect("calls", n.marta.rang(), "[call bed_exit Room 3 to marta]")
		n.stop()
	})
}
