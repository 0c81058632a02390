package gateway

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// technicians is a board that shows technical alarms, too.
type technicians struct {
	*board
	technical []alerting.Alarm
}

func (b *technicians) Technical(a alerting.Alarm) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.technical = append(b.technical, a)
}

// faulty is a night with a plan for faults, and buttons.
func faulty(t *testing.T) (*night, *technicians) {
	n := newNight(t)
	p := &n.site.Plan
	p.Faults = &alerting.FaultPlan{Policy: "ward"}
	delete(n.site.Devices, "zigbee2mqtt/door") // which falls silent soon
	delete(p.Devices, "d-2")
	for id, d := range p.Devices {
		d.Button = id == "d-1"
		p.Devices[id] = d
	}
	return n, &technicians{board: n.board}
}

// A link is lost with a button behind it: whoever is to know is called, in words
// that say where somebody is left without one; nothing of it is shown among the
// alarms, and a restart calls nobody again.
func TestFaultsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, shown := faulty(t)
		n.startShown(shown)
		n.presses("pendant 7")
		n.g.Act(t.Context(), alerting.Close{Alarm: n.board.open()[0].ID, By: "marta", Outcome: alerting.Helped})
		time.Sleep(2 * time.Second) // the machine is told the source
		n.g.Condition(alerting.LinkLost, "zigbee", true)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		c := n.marta.last()
		if c.Kind != string(alerting.Technical) || c.Place != "zigbee" || c.Faults == nil || c.Faults.People != 1 || strings.Join(c.Faults.Without, "") != "Room 7" {
			t.Errorf("called %+v, faults %+v", c, c.Faults)
		}
		if open := n.board.open(); len(open) != 0 || len(shown.technical) == 0 {
			t.Errorf("among the alarms %v, technical ones %v", open, shown.technical)
		}
		if err := n.g.Act(t.Context(), alerting.Take{Alarm: c.Alarm, By: "marta"}); err != nil {
			t.Fatal(err)
		}
		rang := len(n.marta.rang())
		n.stop()
		n.startShown(shown)
		n.g.Condition(alerting.LinkLost, "zigbee", true)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		n.expect("calls after a restart", len(n.marta.rang())-rang, 0)
		n.g.Condition(alerting.LinkLost, "zigbee", false)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		n.expect("how it ended", shown.technical[len(shown.technical)-1].Outcome, alerting.FaultsOver)
		n.expect("she is told", n.marta.last().Reason, alerting.Stopped)
		n.stop()
	})
}

// A channel that hangs on a technician's call is taken from it by somebody's
// press, within the second.
func TestPressBeforeFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, shown := faulty(t)
		n.startShown(shown)
		n.marta.mu.Lock()
		n.marta.hang = true
		n.marta.mu.Unlock()
		n.g.Condition(alerting.InfluxDown, "influxdb", true)
		time.Sleep(3*time.Minute + 5*time.Second) // in the middle of a try
		n.marta.mu.Lock()
		n.marta.hang = false
		n.marta.mu.Unlock()
		began := time.Now()
		n.presses("pendant 7")
		time.Sleep(time.Second)
		synctest.Wait()
		rang := n.marta.rang()
		if len(rang) == 0 || rang[0] != "call panic Room 7 to marta" || n.marta.at[0].Sub(began) > time.Second {
			t.Errorf("rang %v", rang)
		}
		n.stop()
	})
}

// What is heard by two receivers does not change with every frame, and what is
// behind a source that is lost changes at once.
func TestHeardThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, shown := faulty(t)
		n.startShown(shown)
		heard := func(source string) {
			f := devices.Frame{Source: source, Format: "zigbee2mqtt", Message: devices.Message{Device: "pendant 7", Readings: []devices.Reading{{Quantity: devices.Battery, Value: 80, Unit: "%"}}}}
			n.g.Handle(f, func(error) {})
			time.Sleep(2 * time.Second)
		}
		throughs := func() (out []string) {
			for _, r := range n.disk.recs {
				if r.Kind == "through" {
					out = append(out, string(r.Body))
				}
			}
			return out
		}
		for range 20 {
			heard("attic")
			heard("cellar")
		}
		synctest.Wait()
		n.expect("told of two receivers", throughs(), []string{`{"source":"attic","devices":["d-1"]}`})
		n.g.Condition(alerting.LinkLost, "attic", true)
		time.Sleep(time.Second)
		heard("cellar")
		synctest.Wait()
		n.expect("told when one is lost", len(throughs()), 2)
		n.stop()
	})
}
