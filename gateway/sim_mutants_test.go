package gateway

import (
	"encoding/json"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// mutant is one way in which the shell or the machine could be wrong. The zero
// mutant is right. Its hooks stand in the simulation's lanes and around the
// machine; each reports whether it has done something else instead.
type mutant struct {
	name        string
	onSync      func(*simulation) bool
	onUnit      func(*simulation, *unit)
	onItem      func(*simulation, *simItem) bool
	onReceived  func(*simulation)
	onRecovered func(*simulation)
	onSend      func(*simulation, alerting.Notify, alerting.Call) bool
	onWithdraw  bool // withdraws nothing
}

func (m mutant) sync(s *simulation) bool { return m.onSync != nil && m.onSync(s) }

func (m mutant) unit(s *simulation, u *unit) {
	if m.onUnit != nil {
		m.onUnit(s, u)
	}
}

func (m mutant) item(s *simulation, i *simItem) bool { return m.onItem != nil && m.onItem(s, i) }

func (m mutant) received(s *simulation) {
	if m.onReceived != nil {
		m.onReceived(s)
	}
}

func (m mutant) recovered(s *simulation) {
	if m.onRecovered != nil {
		m.onRecovered(s)
	}
}

func (m mutant) send(s *simulation, n alerting.Notify, c alerting.Call) bool {
	return m.onSend != nil && m.onSend(s, n, c)
}

// mutants are those that the oracle must find out.
func mutants() []mutant {
	return []mutant{
		{name: "skip the fsync", onSync: func(s *simulation) bool {
			disk := s.disk
			s.later(5*time.Second, "write back", func() { disk.sync() })
			return true
		}},
		{name: "answer before the commit", onUnit: func(s *simulation, u *unit) {
			u.finish(nil)
			u.done = nil
		}},
		{name: "forget a timer on restart", onRecovered: forgetTimer},
		{name: "drop when full", onReceived: func(s *simulation) {
			if n := len(s.pending); n > 2 && s.pending[n-1].frame != nil {
				s.pending[n-1].answer(nil)
				s.pending = s.pending[:n-1]
			}
		}},
		{name: "fold a second press", onItem: func(s *simulation, it *simItem) bool {
			if it.frame != nil && len(it.frame.Message.Events) > 0 && it.frame.Message.Events[0].Ref != "" {
				for _, a := range s.g.machine.Alarms() {
					if a.Open() && a.Device == it.from.press.device {
						it.frame.Message.Events = []devices.Event{{Kind: devices.Button, Ref: a.Refs[0]}}
					}
				}
			}
			return false
		}},
		{name: "escalate over an acknowledgment", onItem: func(s *simulation, it *simItem) bool {
			take, ok := it.in.(alerting.Take)
			if !ok {
				return false
			}
			told := it.decided
			it.decided = func(effects []alerting.Effect) {
				told(effects)
				if refusal(effects) == nil {
					s.g.inbox.put(item{in: alerting.NeedHelp(take)})
				}
			}
			s.g.item(&it.item)
			return true
		}},
		{name: "send nothing again after a restart", onSend: func(s *simulation, _ alerting.Notify, _ alerting.Call) bool {
			return !s.up
		}},
		{name: "forget what was delivered on restart", onRecovered: func(s *simulation) { s.g.seen = deliveries{} }},
		{name: "call when it is on disk", onSend: func(s *simulation, n alerting.Notify, c alerting.Call) bool {
			if s.commit.failing {
				s.process(5*time.Second, "call at last", func() { s.senders.send(n, c) })
				return true
			}
			return false
		}},
		{name: "withdraw nothing", onWithdraw: true},
	}
}

// forgetTimer moves the deadline of every raised alarm out of the way.
func forgetTimer(s *simulation) {
	b, err := s.g.machine.State()
	if err != nil {
		panic(err)
	}
	var state map[string]any
	if err := json.Unmarshal(b, &state); err != nil {
		panic(err)
	}
	alarms, _ := state["alarms"].([]any)
	for _, a := range alarms {
		if a := a.(map[string]any); a["state"] == string(alerting.Raised) {
			a["deadline"] = time.Now().Add(24 * time.Hour)
		}
	}
	if b, err = json.Marshal(state); err == nil {
		s.g.machine, err = alerting.Restore(b)
	}
	if err != nil {
		panic(err)
	}
}

// TestMutantsAreFound: an oracle that finds nothing is worth nothing.
func TestMutantsAreFound(t *testing.T) {
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			const nights = 50 // as many as the shortest simulation has
			for seed := uint64(1); seed <= nights; seed++ {
				if s := simulate(t, seed, pressesIn(seed), m, false); s.oracle.failure != "" {
					t.Logf("found with seed %d %s", seed, s.oracle.failure)
					return
				}
			}
			t.Errorf("not found in %d nights", nights)
		})
	}
}
