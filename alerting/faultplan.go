package alerting

import (
	"cmp"
	"slices"
	"time"

	"telecare/devices"
)

// applyFaults follows another plan: who is told, and when, and who has which
// buttons.
func (m *Machine) applyFaults() {
	if m.plan.Faults == nil {
		for _, c := range m.chains() {
			m.dropGroup(m.groups[c])
		}
		m.endTechnical(func(*alarm) bool { return true })
		return
	}
	for _, f := range m.Faults() {
		if g := m.groups[f.Chain]; g == nil || !g.faults[faultKey{f.Code, f.Subject}] {
			m.faultBegan(f) // of before anybody was to be told
		}
	}
	m.faultsAnew()
}

// faultsAnew looks at everything that waits for an hour: another plan has others,
// or the clock was set.
func (m *Machine) faultsAnew() {
	for _, c := range m.chains() {
		g := m.groups[c]
		m.lookBy(g, m.now.Add(m.gather()))
		if a := m.technicalOf(g); a != nil && a.waitsForHours() {
			a.Deadline = m.now
			m.schedule(a)
		}
	}
}

// chains lists those that have groups, in order.
func (m *Machine) chains() []Chain {
	out := make([]Chain, 0, len(m.groups))
	for c := range m.groups {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Chain) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return out
}

// heardBy are the devices that are heard through a source.
type heardBy struct {
	Source  string       `json:"source"`
	Devices []devices.ID `json:"devices"`
}

func (m *Machine) freezeFaults(s *state) {
	for _, c := range m.chains() {
		s.FaultGroups = append(s.FaultGroups, m.groups[c].FaultGroup)
	}
	by := map[string][]devices.ID{}
	for d, source := range m.through {
		by[source] = append(by[source], d)
	}
	for _, source := range sortedKeys(by) {
		slices.Sort(by[source])
		s.Through = append(s.Through, heardBy{source, by[source]})
	}
}

func (m *Machine) restoreFaults(s state) {
	for _, h := range s.Through {
		for _, d := range h.Devices {
			m.through[d] = h.Source
		}
	}
	m.setFleet()
	for _, g := range s.FaultGroups {
		m.addGroup(g)
	}
	for k, f := range m.faults {
		if f.Chain == (Chain{}) { // of a release that did not know
			f.Chain = m.chainOf(f.Code, f.Subject)
			m.faults[k] = f
		}
		if f.Code == CodecDown {
			m.codecs[sourceOf(f.Code, f.Subject)]++
		}
		if g := m.groups[f.Chain]; g != nil {
			g.faults[k] = true
		}
	}
}

// checkFaults says what is wrong with who is told of faults.
func (p Plan) checkFaults(bad func(format string, args ...any)) {
	f := p.Faults
	if f == nil {
		return
	}
	for _, id := range []PolicyID{f.Policy, f.Unheard} {
		if _, ok := p.Policies[id]; !ok && (id != "" || f.Policy == "") {
			bad("faults have policy %q, which does not exist", id)
			break
		}
	}
	if h := f.Hours; h != nil && (h.From < 0 || h.From >= 24*60 || h.To < 0 || h.To > 24*60 || len(h.Days) == 0) {
		bad("faults have no days or hours outside 00:00 to 24:00")
	}
	if f.Gather < 0 || f.Gather > MaxGather {
		bad("faults are gathered %s: give at most %s", f.Gather, time.Duration(MaxGather))
	}
}
