package dashboards

import (
	"encoding/json"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// known is what a screen knows when it has applied what it was sent.
type known struct {
	seq     uint64
	ward    string
	alarms  map[alerting.AlarmID]int // presses
	devices map[devices.ID]time.Time // last seen
	faults  map[string]bool
}

func (k *known) whole(s *state) {
	*k = known{s.seq, s.ward.Name, map[alerting.AlarmID]int{}, map[devices.ID]time.Time{}, map[string]bool{}}
	for _, a := range s.alarms {
		k.alarms[a.ID] = a.Presses
	}
	for _, d := range s.devices {
		k.devices[d.ID] = d.LastSeen
	}
	for _, f := range s.faults {
		k.faults[f.Subject] = true
	}
}

func (k *known) apply(c change) error {
	if c.seq != k.seq+1 {
		return fmt.Errorf("change %d after %d", c.seq, k.seq)
	}
	k.seq = c.seq
	switch {
	case c.whole != nil:
		if c.whole.seq != c.seq {
			return fmt.Errorf("the whole of change %d says %d", c.seq, c.whole.seq)
		}
		k.whole(c.whole)
	case c.alarm != nil:
		if c.alarm.Presses < k.alarms[c.alarm.ID] {
			return fmt.Errorf("alarm %q went back", c.alarm.ID)
		}
		k.alarms[c.alarm.ID] = c.alarm.Presses
	}
	for _, f := range c.faults {
		if k.faults[f.Subject] = true; !f.on {
			delete(k.faults, f.Subject)
		}
	}
	for _, d := range c.devices {
		k.devices[d.ID] = d.LastSeen
	}
	return nil
}

func (k *known) equal(l *known) bool {
	return k.seq == l.seq && k.ward == l.ward && maps.Equal(k.alarms, l.alarms) &&
		maps.EqualFunc(k.devices, l.devices, time.Time.Equal) && maps.Equal(k.faults, l.faults)
}

// Screens come and go while everything is published; each of them knows in the
// end what the hub knows.
func TestSnapshotAndChangesAreOneStream(t *testing.T) {
	h := NewHub()
	var publish, screens sync.WaitGroup
	stop := make(chan struct{})
	publish.Go(func() {
		for i := range 2000 {
			id := i % 7
			h.Alarm(alerting.Alarm{ID: alerting.AlarmID(fmt.Sprint(id)), Number: id, Presses: i, State: alerting.Raised})
			h.Device(devices.Status{ID: devices.ID(fmt.Sprint(id)), LastSeen: time.Unix(int64(i), 0)})
			h.Fault(alerting.Fault{Code: alerting.Silent, Subject: fmt.Sprint(id)}, i%2 == 0)
			runtime.Gosched() // so that screens keep up now and then
			if i%100 == 0 {
				h.SetWard(Ward{Name: fmt.Sprint(i)})
			}
		}
	})
	errs := make(chan error, 100)
	for n := range 8 {
		screens.Go(func() {
			for follow(h, 50+30*n, stop, errs) {
			}
		})
	}
	publish.Wait()
	close(stop)
	screens.Wait()
	close(errs)
	if err := <-errs; err != nil {
		t.Error(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.screens) != 0 {
		t.Errorf("%d screens are left", len(h.screens))
	}
}

// follow applies some changes on one screen, or, when all is published, the
// rest, and compares; it reports whether to come back.
func follow(h *Hub, changes int, stop chan struct{}, errs chan error) bool {
	var k, all known
	s, screen := h.subscribe("")
	defer h.unsubscribe(screen)
	defer h.unsubscribe(screen) // twice is once
	k.whole(s)
	for range changes {
		select {
		case c, ok := <-screen.changes:
			if !ok {
				return true // too slow, as may be
			}
			if err := k.apply(c); err != nil {
				errs <- err
				return false
			}
		case <-stop:
			for all.whole(h.now()); k.seq != all.seq; all.whole(h.now()) {
				c, ok := <-screen.changes
				if !ok {
					return true
				}
				if err := k.apply(c); err != nil {
					errs <- err
					return false
				}
			}
			if !k.equal(&all) {
				errs <- fmt.Errorf("a screen knows %+v, the hub %+v", k, all)
			}
			return false
		}
	}
	return true
}

// A screen that does not read is closed, and the others never notice.
func TestSlowScreenIsClosed(t *testing.T) {
	h := NewHub()
	_, slow := h.subscribe("")
	_, quick := h.subscribe("")
	for i := range buffer + 1 {
		h.Alarm(alerting.Alarm{ID: "a", Presses: i})
		<-quick.changes
	}
	n := 0
	for range slow.changes {
		n++
	}
	if n != buffer {
		t.Errorf("the slow screen got %d changes before it was closed, want %d", n, buffer)
	}
	h.Alarm(alerting.Alarm{ID: "a"})
	if _, ok := <-quick.changes; !ok {
		t.Error("the quick screen was closed too")
	}
}

// Readings come many at a time; alarms come at once.
func TestDevicesAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		time.Sleep(time.Minute)
		_, s := h.subscribe("")
		for i := range 1000 {
			h.Device(devices.Status{ID: devices.ID(fmt.Sprint(i % 3)), LastSeen: time.Unix(int64(i), 0)})
		}
		h.Alarm(alerting.Alarm{ID: "a"})
		if n := len(s.changes); n > 2 {
			t.Errorf("1,000 readings and an alarm are %d changes at once, want the alarm and at most one more", n)
		}
		time.Sleep(gather)
		synctest.Wait()
		last := map[devices.ID]int64{}
		for len(s.changes) > 0 {
			c := <-s.changes
			for _, d := range c.devices {
				last[d.ID] = d.LastSeen.Unix()
			}
		}
		if want := map[devices.ID]int64{"0": 999, "1": 997, "2": 998}; !maps.Equal(last, want) {
			t.Errorf("in the end the screen knows %v, want %v", last, want)
		}
	})
}

// Closed alarms stay for an hour, and never more than are of use.
func TestClosedAlarmsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		h.Alarm(alerting.Alarm{ID: "open", State: alerting.Raised})
		for i := range maxClosed + 5 {
			h.Alarm(alerting.Alarm{ID: alerting.AlarmID(fmt.Sprint(i)), Number: i, State: alerting.Closed, ClosedAt: time.Now()})
			time.Sleep(time.Second)
		}
		s := h.now()
		if len(s.alarms) != maxClosed+1 || slices.ContainsFunc(s.alarms, func(a *alerting.Alarm) bool { return a.ID == "0" }) {
			t.Errorf("%d alarms are kept, want the open one and the %d newest closed", len(s.alarms), maxClosed)
		}
		time.Sleep(closedFor)
		if s := h.now(); len(s.alarms) != 1 || s.alarms[0].ID != "open" {
			t.Errorf("an hour later %d alarms are kept, want the open one", len(s.alarms))
		}
	})
}

// What is handed over is the hub's own: later work on the original is not seen.
func TestAlarmIsCopied(t *testing.T) {
	h := NewHub()
	a := alerting.Alarm{ID: "a", History: []alerting.Entry{{What: alerting.WasRaised}}}
	h.Alarm(a)
	a.History[0].What = alerting.WasClosed
	if got := h.now().alarms[0].History[0].What; got != alerting.WasRaised {
		t.Errorf("the screen shows %q", got)
	}
}

// A bridge goes down, and thousands of devices are silent at once: a screen that
// has not yet read anything is sent two changes for all of them, and stays.
func TestThousandsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHub()
		_, screen := h.subscribe("")
		for range 2 {
			for i := range 10 * buffer {
				id := fmt.Sprint(i)
				h.Device(devices.Status{ID: devices.ID(id), Life: devices.LifeSilent})
				h.Fault(alerting.Fault{Code: alerting.Silent, Subject: id}, true)
				if i%2 == 0 {
					h.Fault(alerting.Fault{Code: alerting.Silent, Subject: id}, false) // heard after all
				}
			}
			time.Sleep(gather)
			synctest.Wait()
		}
		h.unsubscribe(screen)
		var k known
		k.whole(&state{ward: &Ward{}})
		n := 0
		for c := range screen.changes {
			n++
			if err := k.apply(c); err != nil {
				t.Fatal(err)
			}
		}
		if len(k.devices) != 10*buffer || len(k.faults) != 5*buffer {
			t.Errorf("the screen knows %d devices and %d faults, want %d and %d", len(k.devices), len(k.faults), 10*buffer, 5*buffer)
		}
		if n > 4 {
			t.Errorf("it was sent %d changes in a second, want at most 4", n)
		}
	})
}

// What is written down once for all screens of a kind is what each of them may
// see.
func TestKindsOfViewers(t *testing.T) {
	w := newWard(same)
	w.Plan.Watches = map[alerting.WatchID]alerting.Watch{"w-1": {Resident: "r-1"}}
	ward := w.indexed()
	h := &Handler{hub: NewHub()}
	c := change{ward: ward, common: &common{}, devices: []devices.Status{{ID: "d-1", Readings: []devices.Reading{{Quantity: devices.Battery, Value: 3}}}},
		faults: []faultChange{{alerting.Fault{Code: alerting.BatteryLow, Subject: "d-1"}, true}, {alerting.Fault{Code: alerting.WatchBlind, Subject: "w-1"}, true}}}
	program := func(s ...Scope) viewer { return viewer{role: RoleProgram, token: &Token{Scopes: s}} }
	var all []viewer
	for _, r := range []Role{RoleNurse, RoleCentre, RoleTechnician, RoleBoard, RoleManager, RoleAdministrator} {
		all = append(all, viewer{person: "p-1", role: r}, viewer{person: "p-2", role: r}, viewer{person: "p-1", role: r, technical: true})
	}
	all = append(all, program(AlarmsRead), program(AlarmsRead, DevicesRead), program(DevicesRead, PeopleRead), program(DevicesRead, PeopleRead),
		program(DevicesRead, StaysRead), program(DevicesRead, PeopleRead, StaysRead))
	by := map[kindOfViewer]string{}
	for _, v := range all {
		m := h.change(v, c)
		m.At = time.Time{}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if was, ok := by[v.kind()]; ok && was != string(b) {
			t.Errorf("%+v is of a kind with somebody who is shown\n%s\nand is to be shown\n%s", v, was, b)
		}
		by[v.kind()] = string(b)
	}
	if n := len(slices.Compact(slices.Sorted(maps.Values(by)))); n < 5 || len(by) > 17 {
		t.Errorf("%d kinds are shown %d things", len(by), n)
	}
}
