package gateway

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

func TestHelpFirstThenDiskThenAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		stall := make(chan struct{})
		n.disk.mu.Lock()
		n.disk.stall = stall
		n.disk.mu.Unlock()

		_, a := n.presses("pendant 7")
		n.expect("calls while the disk stands still", n.marta.rang(), []string{"call panic Room 7 to marta"})
		n.expect("the button while the disk stands still", a, "not answered")
		time.Sleep(31 * time.Second)
		synctest.Wait()
		n.expect("escalation while the disk stands still", n.centre.rang(), []string{"call panic Room 7 to centre"})

		n.disk.mu.Lock()
		n.disk.stall = nil
		n.disk.mu.Unlock()
		close(stall)
		synctest.Wait()
		n.expect("the button afterwards", a, "answered")
		n.stop()
	})
}

func TestFailingDiskIsAFaultAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.disk.mu.Lock()
		n.disk.fail = errDisk
		n.disk.mu.Unlock()
		_, a := n.presses("pendant 7")
		time.Sleep(5 * time.Second)
		n.expect("calls", n.marta.rang(), []string{"call panic Room 7 to marta"})
		n.expect("answer", a, "not answered")
		n.expect("ready", n.g.Ready() != nil, true)
		n.expect("fault", n.board.fault("store_down journal"), true)

		n.disk.mu.Lock()
		n.disk.fail = nil
		n.disk.mu.Unlock()
		time.Sleep(5 * time.Second)
		n.expect("answer afterwards", a, "answered")
		n.expect("ready afterwards", n.g.Ready(), nil)
		n.expect("fault afterwards", n.board.fault("store_down journal"), false)
		n.stop()
	})
}

func TestHangingPhoneKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.site.Plan.Policies["ward"].Steps[0].Call = []alerting.Target{{Person: "marta"}, {Person: "centre"}}
		n.start()
		n.marta.mu.Lock()
		n.marta.hang = true
		n.marta.mu.Unlock()
		began := time.Now()
		n.presses("pendant 7")
		n.expect("the other is called", n.centre.rang(), []string{"call panic Room 7 to centre"})
		n.expect("after", time.Since(began), time.Duration(0))

		n.marta.mu.Lock()
		n.marta.hang = false
		n.marta.mu.Unlock()
		time.Sleep(12 * time.Second)
		n.expect("she is called when her phone works again", n.marta.rang(), []string{"call panic Room 7 to marta"})
		n.stop()
	})
}

func TestRedeliveryIsNoSecondPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		f, a := n.presses("pendant 7")
		n.expect("first", a, "answered")
		time.Sleep(10 * time.Second) // long after the window in which repeats fold
		f.Dup = true
		n.expect("redelivered", n.says("pendant 7", f), "answered")
		n.expect("presses", n.board.open()[0].Presses, 1)

		// Also after a restart, when only the journal knows.
		n.stop()
		n.start()
		n.expect("redelivered after a restart", n.says("pendant 7", f), "answered")
		n.expect("presses", n.board.open()[0].Presses, 1)

		// Another press with the same packet id is another press.
		f.Dup = false
		n.says("pendant 7", f)
		n.expect("presses", n.board.open()[0].Presses, 2)
		n.stop()
	})
}

func TestEscalationGoesOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.presses("pendant 7")
		n.expect("marta", n.marta.rang(), []string{"call panic Room 7 to marta"})
		time.Sleep(10 * time.Second)
		n.stop()
		time.Sleep(15 * time.Second)
		n.start()
		n.expect("marta is not called again: her phone had it", n.marta.rang(), []string{"call panic Room 7 to marta"})
		time.Sleep(4 * time.Second)
		n.expect("not yet", n.centre.rang(), []string{})
		time.Sleep(2 * time.Second)
		n.expect("31 s after the press", n.centre.rang(), []string{"call panic Room 7 to centre"})

		a := n.board.open()[0]
		n.expect("take", n.g.Act(context.Background(), alerting.Take{Alarm: a.ID, By: "centre"}), nil)
		err := n.g.Act(context.Background(), alerting.Take{Alarm: a.ID, By: "marta"})
		n.expect("second take", err, "refused: already_held")
		synctest.Wait()
		n.expect("marta is told", n.marta.rang(), []string{"call panic Room 7 to marta", "stop panic Room 7 to marta"})
		n.stop()

		var script bytes.Buffer
		done, err := Replay(context.Background(), n.disk, 1, &script)
		if err != nil || done.Differ != 0 || done.Records != n.disk.length() {
			t.Errorf("replay: %+v, %v, want %d records decided the same", done, err, n.disk.length())
		}
		for _, want := range []string{"panic d-1 delivery ", "\n\talarm 1 raised: panic at p-7\n", "take centre alarm 1\n\talarm 1 taken centre"} {
			if !strings.Contains(script.String(), want) {
				t.Errorf("script lacks %q:\n%s", want, script.String())
			}
		}
	})
}

func TestSilenceIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.expect("at first", n.board.life("d-2"), devices.LifeUnknown)
		n.says("door", devices.Frame{})
		n.expect("heard", n.board.life("d-2"), devices.LifeHeard)
		time.Sleep(59 * time.Second)
		n.expect("in time", n.board.fault("silent d-2"), false)
		time.Sleep(3 * time.Second)
		n.expect("silent", n.board.fault("silent d-2"), true)
		n.expect("life", n.board.life("d-2"), devices.LifeSilent)

		n.stop()
		time.Sleep(time.Hour)
		n.start()
		n.expect("still silent after a restart", n.board.fault("silent d-2"), true)
		n.says("door", devices.Frame{Retained: true})
		n.expect("what the broker kept is no sign of life", n.board.fault("silent d-2"), true)
		n.says("door", devices.Frame{})
		n.expect("heard again", n.board.fault("silent d-2"), false)

		// The gateway was down for an hour: that is not the door's silence.
		n.stop()
		time.Sleep(time.Hour)
		n.start()
		time.Sleep(5 * time.Second)
		n.expect("the gateway's own absence", n.board.fault("silent d-2"), false)
		n.stop()
	})
}

func TestDeadLinkIsOneFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.says("door", devices.Frame{})
		n.g.Condition(alerting.LinkLost, "zigbee", true)
		time.Sleep(2 * time.Second)
		n.expect("a blip", n.board.fault("link_lost zigbee"), false)
		time.Sleep(2 * time.Minute)
		n.expect("link", n.board.fault("link_lost zigbee"), true)
		n.expect("door behind it", n.board.life("d-2"), devices.LifeUnknown)
		n.expect("door is no fault of its own", n.board.fault("silent d-2"), false)
		n.g.Condition(alerting.LinkLost, "zigbee", false)
		n.says("door", devices.Frame{})
		n.expect("link again", n.board.fault("link_lost zigbee"), false)
		n.expect("door again", n.board.life("d-2"), devices.LifeHeard)
		n.stop()
	})
}

func TestRadarLevelsAndFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		fall := devices.Frame{Message: devices.Message{Events: []devices.Event{
			{Kind: devices.Fall, Level: true}, {Kind: devices.BatteryLow, Level: true}}}}
		n.says("radar", fall)
		n.expect("alarms", len(n.board.open()), 1)
		recs := n.disk.length()
		time.Sleep(time.Minute)
		now := n.disk.length()
		n.says("radar", fall)
		n.expect("the same state again is not journalled", n.disk.length()-now, 0)
		n.expect("presses", n.board.open()[0].Presses, 1)
		n.expect("battery", n.board.fault("battery_low d-3"), true)
		n.says("radar", devices.Frame{Message: devices.Message{Cleared: []devices.Kind{devices.Fall, devices.BatteryLow}}})
		n.expect("battery replaced", n.board.fault("battery_low d-3"), false)
		time.Sleep(10 * time.Second)
		n.says("radar", fall)
		n.expect("a new fall", n.board.open()[0].Presses, 2)
		if recs == 0 {
			t.Error("nothing was journalled")
		}
		n.stop()
	})
}

func TestTechnicianSeesWhatWasHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		big := bytes.Repeat([]byte("x"), 1<<20)
		for range 30 {
			n.says("pendant 7", devices.Frame{Raw: big, Err: errDisk})
		}
		n.expect("answered though bad", n.says("pendant 7", devices.Frame{Raw: []byte("last")}), "answered")
		fs := n.g.Frames("d-1")
		n.expect("frames", len(fs), 20)
		n.expect("cut", len(fs[0].Raw), 4096)
		n.expect("newest", string(fs[19].Raw), "last")
		for i := range 1100 {
			n.g.Handle(devices.Frame{Source: "zigbee", Format: "zigbee2mqtt", Message: devices.Message{Device: strings.Repeat("u", i+1)}}, func(error) {})
		}
		synctest.Wait()
		unknown := n.g.Unknown()
		n.expect("unknown devices", len(unknown), 1000)
		n.expect("newest first", len(unknown[0].Address), len("zigbee2mqtt/")+1100)
		n.stop()
	})
}

// TestAcceptedInTheSameMoment: a step calls for a message again while the word
// that the channel has accepted it is on its way to the loop. It is sent once:
// a second one could not be withdrawn when somebody takes the alarm.
// (The simulation found it, seed 4450.)
func TestAcceptedInTheSameMoment(t *testing.T) {
	var results []string
	w := &sender{meter: noMeter{}, result: func(_ *sender, c alerting.Call, _ Notifier, word string, _ bool) {
		results = append(results, string(c.ID)+" "+word)
	}}
	try := func(err error) {
		t.Helper()
		if w.pick() == nil {
			t.Fatal("nothing to try")
		}
		w.done(t.Context(), attempt{retry: true, err: err})
	}
	call := func(id alerting.NotificationID) { w.accept(order{call: alerting.Call{ID: id}}) }
	call("a.1")
	try(nil)
	call("a.1")
	if len(w.waiting) != 0 {
		t.Error("what was accepted is sent again")
	}
	call("a.2")
	try(errDisk)
	w.tried = w.tried.Add(-time.Second)
	call("a.2") // what failed is due a second later
	try(nil)
	if len(results) != 3 || results[0] != "a.1 " || results[2] != "a.2 " {
		t.Errorf("%q", results)
	}
}

// TestRaiseSaysWhichAlarm: whoever raises one by hand learns its id, also when
// another is open, and when the same was raised in this instant.
func TestRaiseSaysWhichAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.presses("pendant 7")
		in := alerting.RaiseByHand{Kind: devices.Medical, Place: "p-3", By: "centre"}
		id, err := n.g.Raise(t.Context(), in)
		n.expect("raised", err, nil)
		synctest.Wait()
		found := n.board.open()
		n.expect("open", len(found), 2)
		for _, a := range found {
			n.expect("the one at the other place", a.ID == id, a.Place == "p-3")
		}
		again, err := n.g.Raise(t.Context(), in)
		n.expect("again", []any{again == id, err}, "[true <nil>]")
		in.Place = "p-9"
		_, err = n.g.Raise(t.Context(), in)
		n.expect("nowhere", err, "refused: no_such_place")
		in.Place, in.Kind = "p-3", devices.Heartbeat
		_, err = n.g.Raise(t.Context(), in)
		n.expect("no alarm", err, "refused: not_an_alarm")
		n.stop()
	})
}
