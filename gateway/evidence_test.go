package gateway

import (
	"errors"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

func percent(p, quality float64) devices.Frame {
	return devices.Frame{Message: devices.Message{Readings: []devices.Reading{
		{Quantity: devices.Battery, Value: p, Unit: "%"}, {Quantity: devices.LinkQuality, Value: quality}}}}
}

// TestBatteryByEvidence: a battery is low by what it says in percent too, says
// what cannot be true, and is new when that was said twice. A press counts
// whatever it is.
func TestBatteryByEvidence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		health := func() devices.BatteryState {
			n.board.mu.Lock()
			defer n.board.mu.Unlock()
			if b := n.board.lives["d-1"].Battery; b != nil {
				return b.State
			}
			return ""
		}
		shown := func(what string, state devices.BatteryState, low, unclear bool) {
			t.Helper()
			time.Sleep(2 * time.Second)
			n.expect(what+": state", health(), state)
			n.expect(what+": low", n.board.fault("battery_low d-1"), low)
			n.expect(what+": contradiction", n.board.fault("battery_contradiction d-1"), unclear)
		}
		shown("nothing said", "", false, false)
		n.says("pendant 7", percent(80, 90))
		shown("80 %", devices.BatteryFine, false, false)
		n.says("pendant 7", percent(9, 90))
		shown("9 %", devices.BatteryEmpties, true, false)
		before := n.disk.length()
		n.says("pendant 7", percent(9, 91))
		n.expect("the same is not journalled again", n.disk.length(), before)
		flag := percent(9, 90)
		flag.Message.Cleared = []devices.Kind{devices.BatteryLow}
		n.says("pendant 7", flag)
		shown("a flag alone does not make it well", devices.BatteryEmpties, true, false)

		n.presses("pendant 7")
		n.expect("a press with a low battery", n.marta.rang(), []string{"call panic Room 7 to marta"})

		n.says("pendant 7", percent(100, 90))
		shown("once is not enough", devices.BatteryEmpties, true, false)
		n.says("pendant 7", percent(100, 90))
		shown("replaced", devices.BatteryFine, false, false)

		full := percent(100, 90)
		full.Message.Events = []devices.Event{{Kind: devices.BatteryLow, Level: true}}
		n.says("pendant 7", full)
		shown("full and low", devices.BatteryUnclear, true, true)
		n.says("pendant 7", flag)
		n.says("pendant 7", percent(100, 90))
		n.says("pendant 7", percent(100, 90))
		shown("well again", devices.BatteryFine, false, false)
		n.stop()
	})
}

// TestLostPress: a panic button that publishes and says nothing new may have
// been pressed (HEIMAN HS1EB with its battery low).
func TestLostPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		lost := func() bool {
			synctest.Wait()
			return n.board.fault("lost_press d-1")
		}
		n.says("pendant 7", percent(51.5, 90))
		n.expect("the first word", lost(), false)
		time.Sleep(10 * time.Second)
		n.says("pendant 7", percent(51, 90))
		n.expect("something new", lost(), false)
		time.Sleep(10 * time.Second)
		again := percent(51, 100)
		again.Retained = true
		n.says("pendant 7", again)
		n.expect("what the broker kept", lost(), false)
		n.says("bridge", devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Online}}}})
		n.says("pendant 7", percent(51, 100))
		n.expect("the bridge says everything at its start", lost(), false)
		time.Sleep(time.Minute)
		letGo := percent(51, 100)
		letGo.Message.Named = true
		n.says("pendant 7", letGo)
		n.expect("it was let go", lost(), false)
		n.says("pendant 7", percent(51, 100))
		n.expect("nothing but the signal", lost(), true)
		n.expect("nobody is called by that", len(n.marta.rang()), 0)
		n.presses("pendant 7")
		n.expect("a press arrives", lost(), false)
		n.says("pendant 7", percent(51, 100))
		n.expect("what comes with a press", lost(), false)
		// From here on it reports every hour, which is no press.
		for range 6 {
			time.Sleep(time.Hour)
			n.says("pendant 7", percent(51, 100))
			n.g.inbox.put(item{in: alerting.FaultEdge{Code: alerting.LostPress, Subject: "d-1"}})
		}
		time.Sleep(time.Hour)
		n.says("pendant 7", percent(51, 100))
		n.expect("as regularly as always", lost(), false)
		time.Sleep(15 * time.Minute)
		n.says("pendant 7", percent(51, 100))
		n.expect("out of turn", lost(), true)
		n.says("door", percent(60, 100))
		time.Sleep(time.Minute)
		n.says("door", percent(60, 100))
		n.expect("a door has no press to lose", n.board.fault("lost_press d-2"), false)
		n.stop()
	})
}

// memory keeps what the watch knows.
type memory struct {
	mu   sync.Mutex
	b    []byte
	fail error
	hang chan struct{} // not nil: both wait for it
}

func (s *memory) wait() error {
	s.mu.Lock()
	hang, fail := s.hang, s.fail
	s.mu.Unlock()
	if hang != nil {
		<-hang
	}
	return fail
}

func (s *memory) Load() ([]byte, error) {
	err := s.wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b, err
}

func (s *memory) Save(b []byte) error {
	if err := s.wait(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = b
	return nil
}

// TestSilenceSurvivesARestart: the window goes on over a short absence of the
// gateway, and begins anew after a long one.
func TestSilenceSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.lives = &memory{}
		n.start()
		n.says("door", devices.Frame{})
		n.says("pendant 7", percent(9, 90))
		n.presses("pendant 7")
		time.Sleep(40 * time.Second)
		n.stop()
		time.Sleep(5 * time.Second)
		n.start()
		synctest.Wait()
		n.expect("heard, as before", n.board.life("d-2"), devices.LifeHeard)
		n.board.mu.Lock()
		st := n.board.lives["d-1"]
		n.board.mu.Unlock()
		if st.LastPress.IsZero() || st.Battery == nil || st.Battery.State != devices.BatteryEmpties {
			t.Errorf("the pendant is %+v", st)
		}
		time.Sleep(18 * time.Second) // 58 s heard by a gateway that runs
		n.expect("in time", n.board.fault("silent d-2"), false)
		time.Sleep(5 * time.Second)
		n.expect("silent after its window", n.board.fault("silent d-2"), true)
		n.says("door", devices.Frame{})
		n.expect("back", n.board.fault("silent d-2"), false)

		time.Sleep(40 * time.Second)
		n.stop()
		time.Sleep(2 * time.Minute)
		n.start()
		time.Sleep(55 * time.Second)
		n.expect("the gateway was away: the window begins anew", n.board.fault("silent d-2"), false)
		time.Sleep(8 * time.Second)
		n.expect("and ends", n.board.fault("silent d-2"), true)

		n.stop()
		time.Sleep(time.Second)
		n.start()
		time.Sleep(3 * time.Second)
		n.expect("silent over a restart", n.board.fault("silent d-2"), true)
		n.expect("and shown so", n.board.life("d-2"), devices.LifeSilent)
		n.says("door", devices.Frame{})
		n.expect("heard", n.board.life("d-2"), devices.LifeHeard)
		n.expect("no fault", n.board.fault("silent d-2"), false)
		n.stop()
	})
}

// TestLivesOnABadDisk: a memory that fails, or hangs, keeps nobody waiting.
func TestLivesOnABadDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		s := &memory{fail: errors.New("broken")}
		n.lives = s
		n.start()
		_, a := n.presses("pendant 7")
		n.expect("a press", a, "answered")
		time.Sleep(30 * time.Second)
		s.mu.Lock()
		s.fail, s.hang = nil, make(chan struct{})
		s.mu.Unlock()
		time.Sleep(30 * time.Second)
		_, a = n.presses("pendant 7")
		n.expect("a press while it hangs", a, "answered")
		n.stop() // within its patience
		close(s.hang)
		synctest.Wait() // it is written after all
		s.mu.Lock()
		s.hang, s.b = nil, []byte(`{"at":"what"`)
		s.mu.Unlock()
		n.start()
		n.says("door", devices.Frame{})
		n.expect("text that is none", n.board.life("d-2"), devices.LifeHeard)
		n.stop()
	})
}

// TestNewDeviceIsGivenItsWindow: a device that is registered long after the
// start is not silent at once.
func TestNewDeviceIsGivenItsWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		time.Sleep(time.Hour)
		n.site.Plan.Devices, n.site.Devices = maps.Clone(n.site.Plan.Devices), maps.Clone(n.site.Devices) // the gateway has the others
		n.site.Plan.Devices["d-9"] = alerting.Device{Place: "p-3"}
		n.site.Devices["zigbee2mqtt/new"] = Device{ID: "d-9", Window: time.Minute}
		n.g.Apply(n.site)
		time.Sleep(55 * time.Second)
		n.expect("new", n.board.fault("silent d-9"), false)
		n.expect("not heard yet", n.board.life("d-9"), devices.LifeUnknown)
		time.Sleep(8 * time.Second)
		n.expect("never heard", n.board.fault("silent d-9"), true)
		n.stop()
	})
}

// TestBridgeThatHangs: a bridge that gave signs of life and gives none any more
// is down though its broker is up, and one fault for all behind it.
func TestBridgeThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		beat := devices.Frame{Message: devices.Message{Events: []devices.Event{{Kind: devices.Heartbeat}}}}
		n.says("door", devices.Frame{})
		n.says("bridge", beat)
		for range 20 {
			time.Sleep(50 * time.Second)
			n.says("door", devices.Frame{})
		}
		n.says("bridge", beat)
		for range 35 {
			time.Sleep(50 * time.Second)
			n.says("door", devices.Frame{})
		}
		n.expect("29 minutes", n.board.fault("chain_down zigbee"), false)
		time.Sleep(5 * time.Minute)
		n.expect("it hangs", n.board.fault("chain_down zigbee"), true)
		n.says("bridge", beat)
		n.expect("it is back", n.board.fault("chain_down zigbee"), false)
		n.stop()
	})
}
