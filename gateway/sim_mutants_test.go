package gateway

import (
	"encoding/json"
	"maps"
	"slices"
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
	onSite      func(Site) Site
	// first is a night that has shown it and is tried first; 0 is none.
	first uint64
}

func (m mutant) site(is Site) Site {
	if m.onSite != nil {
		return m.onSite(is)
	}
	return is
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
		{name: "stop all but one", onSend: func(_ *simulation, n alerting.Notify, _ alerting.Call) bool {
			return n.Reason == alerting.Stopped && n.To == "jan"
		}},
		{name: "send no stop again after a restart", onSend: func(s *simulation, n alerting.Notify, _ alerting.Call) bool {
			return n.Reason == alerting.Stopped && !s.up
		}},
		{name: "forget on restart who was told", onRecovered: func(s *simulation) {
			rewrite(s, func(state map[string]any) {
				for _, a := range listed(state, "alarms") {
					delete(a, "informed")
				}
			})
		}},
		{name: "tell the signs of life again after a restart", onRecovered: func(s *simulation) {
			rewrite(s, func(state map[string]any) {
				for _, x := range listed(state, "signs") {
					delete(x, "day")
				}
			})
		}},
		{name: "tell nobody when it is closed", onSend: func(_ *simulation, _ alerting.Notify, c alerting.Call) bool {
			return c.News != nil && c.News.What == alerting.NewsClosed
		}},
		{name: "tell nobody the signs of life", onSend: func(_ *simulation, _ alerting.Notify, c alerting.Call) bool {
			return c.News != nil && c.News.What == alerting.NewsSigns
		}},
		{name: "tell nobody that it is open again", onSend: func(_ *simulation, _ alerting.Notify, c alerting.Call) bool {
			return c.News != nil && c.News.What == alerting.NewsReopened
		}},
		{name: "forget on restart what is on a telephone", onRecovered: func(s *simulation) {
			rewrite(s, func(state map[string]any) {
				for _, a := range listed(state, "alarms") {
					for _, c := range listed(a, "calls") {
						delete(c, "on_phone_at")
					}
				}
			})
		}},
		{name: "forget on restart of which faults was told", onRecovered: func(s *simulation) {
			rewrite(s, func(state map[string]any) { delete(state, "fault_groups") })
		}},
		{name: "forget on restart what is heard through what", onRecovered: func(s *simulation) {
			rewrite(s, func(state map[string]any) { delete(state, "through") })
		}},
		{name: "call technicians at any hour", first: 10, onSite: func(site Site) Site {
			if f := site.Plan.Faults; f != nil {
				f := *f
				f.Hours, site.Plan.Faults = nil, &f
			}
			return site
		}},
		{name: "call technicians alone", onSite: func(site Site) Site {
			if f := site.Plan.Faults; f != nil {
				f := *f
				f.Unheard, site.Plan.Faults = f.Policy, &f
			}
			return site
		}},
		{name: "watch on all days alike", first: 10, onSite: func(site Site) Site {
			site.Plan.Watches = maps.Clone(site.Plan.Watches)
			for id, w := range site.Plan.Watches {
				w.Times = slices.Clone(w.Times)
				for i := range w.Times {
					w.Times[i].Days = everyDay
				}
				site.Plan.Watches[id] = w
			}
			return site
		}},
		{name: "ask for no test press", onSite: func(site Site) Site {
			site.Devices = maps.Clone(site.Devices)
			for at, d := range site.Devices {
				d.TestEvery = 0
				site.Devices[at] = d
			}
			return site
		}},
		{name: "swallow in test mode", onItem: func(s *simulation, it *simItem) bool {
			if it.from != nil && it.from.press != nil && len(s.g.machine.Tests()) > 0 {
				rewrite(s, func(state map[string]any) {
					for _, t := range listed(state, "tests") {
						delete(t, "heard")
					}
				})
			}
			return false
		}},
		{name: "forget the away end at restart", onRecovered: never("absences")},
		{name: "forget the test end at restart", onRecovered: never("tests")},
		{name: "forget the pre-alarm's timer on restart", onRecovered: never("waits")},
		{name: "forget the bed on restart", onRecovered: func(s *simulation) {
			rewrite(s, func(state map[string]any) {
				for _, w := range listed(state, "watches") {
					delete(w, "out")
				}
			})
		}},
		{name: "forget the bed in a pause", onItem: func(s *simulation, it *simItem) bool {
			if _, is := it.in.(alerting.Pause); !is {
				return false
			}
			s.g.item(&it.item)
			rewrite(s, func(state map[string]any) {
				for _, w := range listed(state, "watches") {
					delete(w, "out")
				}
			})
			return true
		}},
		{name: "call the resting carer", onSite: func(site Site) Site {
			site.Plan.People = maps.Clone(site.Plan.People)
			for who, p := range site.Plan.People {
				p.Rests = nil
				site.Plan.People[who] = p
			}
			return site
		}},
		{name: "forget swaps", onSite: func(site Site) Site {
			site.Plan.Rosters = maps.Clone(site.Plan.Rosters)
			for id, r := range site.Plan.Rosters {
				r.Swaps = nil
				site.Plan.Rosters[id] = r
			}
			return site
		}},
		{name: "forget overrides", onSite: func(site Site) Site {
			site.Plan.Rosters = maps.Clone(site.Plan.Rosters)
			for id, r := range site.Plan.Rosters {
				r.Overrides = nil
				site.Plan.Rosters[id] = r
			}
			return site
		}},
		{name: "leave residents where they were", onSite: func(site Site) Site {
			site.Plan.Stays = slices.Clone(site.Plan.Stays)
			for i := range site.Plan.Stays {
				site.Plan.Stays[i].Until = time.Time{}
			}
			return site
		}},
		{name: "call those on a break", onItem: func(_ *simulation, it *simItem) bool {
			_, is := it.in.(alerting.BreakBegins)
			if is {
				it.in = alerting.Tick{}
			}
			return false
		}},
		{name: "miss nobody", onSite: func(site Site) Site {
			site.Plan.Watches = maps.Clone(site.Plan.Watches)
			for id, w := range site.Plan.Watches {
				w.Times = []alerting.WatchTime{{Hours: w.Times[0].Hours, After: 48 * time.Hour}}
				site.Plan.Watches[id] = w
			}
			return site
		}},
	}
}

// forgetTimer moves the deadline of every raised alarm out of the way.
func forgetTimer(s *simulation) {
	rewrite(s, func(state map[string]any) {
		for _, a := range listed(state, "alarms") {
			if a["state"] == string(alerting.Raised) {
				a["deadline"] = time.Now().AddDate(100, 0, 0)
			}
		}
	})
}

// rewrite changes what the machine knows.
func rewrite(s *simulation, change func(state map[string]any)) {
	b, err := s.g.machine.State()
	if err != nil {
		panic(err)
	}
	var state map[string]any
	if err := json.Unmarshal(b, &state); err != nil {
		panic(err)
	}
	change(state)
	if b, err = json.Marshal(state); err == nil {
		s.g.machine, err = alerting.Restore(b)
	}
	if err != nil {
		panic(err)
	}
}

func listed(state map[string]any, name string) (out []map[string]any) {
	all, _ := state[name].([]any)
	for _, x := range all {
		out = append(out, x.(map[string]any))
	}
	return out
}

// never has what is in a list of the state end in a hundred years.
func never(name string) func(*simulation) {
	return func(s *simulation) {
		rewrite(s, func(state map[string]any) {
			for _, x := range listed(state, name) {
				x["until"] = time.Now().AddDate(100, 0, 0)
			}
		})
	}
}

// TestMutantsAreFound: an oracle that finds nothing is worth nothing.
func TestMutantsAreFound(t *testing.T) {
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			const nights = 50 // as many as the shortest simulation has
			var seeds []uint64
			if m.first > 0 {
				seeds = append(seeds, m.first)
			}
			for seed := range uint64(nights) {
				seeds = append(seeds, seed+1)
			}
			for _, seed := range seeds {
				if s := simulate(t, seed, pressesIn(seed), m, false); s.oracle.failure != "" {
					t.Logf("found with seed %d %s", seed, s.oracle.failure)
					return
				}
			}
			t.Errorf("not found in %d nights", nights)
		})
	}
}
