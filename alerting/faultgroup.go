package alerting

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"telecare/devices"
)

// FaultGroup is what the machine remembers of the open faults of a chain, so
// that technicians hear of them once.
type FaultGroup struct {
	Chain Chain   `json:"chain"`
	Alarm AlarmID `json:"alarm,omitempty"` // the newest that they raised
	// Told is what was told last. Fresh: one has begun of which nobody has been
	// told yet.
	Told  FaultSum `json:"told,omitzero"`
	Fresh bool     `json:"fresh,omitempty"`
	// Over is since when there are none; its alarm is closed when it stays so.
	Over time.Time `json:"over,omitzero"`
	Look time.Time `json:"look,omitzero"` // when it is looked at next
}

// group is a FaultGroup at work.
type group struct {
	FaultGroup
	faults map[faultKey]bool
	timer  timer
}

func (m *Machine) gather() time.Duration {
	if m.plan.Faults == nil {
		return Gathering
	}
	return positive(m.plan.Faults.Gather, Gathering)
}

func (m *Machine) addGroup(x FaultGroup) *group {
	g := &group{FaultGroup: x, faults: map[faultKey]bool{}}
	g.timer = timer{order: "faults " + x.Chain.String(), pass: func(m *Machine) { m.lookAtFaults(g) }}
	m.groups[x.Chain] = g
	if !g.Look.IsZero() {
		m.due.set(&g.timer, g.Look)
	}
	return g
}

// lookBy has a group looked at by then.
func (m *Machine) lookBy(g *group, t time.Time) {
	if g.Look.IsZero() || t.Before(g.Look) {
		g.Look = t
		m.due.set(&g.timer, t)
	}
}

// faultBegan puts a fault into its group. It costs the same however many there
// are: who is concerned is found when the group is looked at.
func (m *Machine) faultBegan(f Fault) {
	if m.plan.Faults == nil {
		return
	}
	g := m.groups[f.Chain]
	if g == nil {
		g = m.addGroup(FaultGroup{Chain: f.Chain})
	}
	g.faults[faultKey{f.Code, f.Subject}] = true
	// What was told of and is back before it was believed to be over is no news.
	g.Fresh = g.Fresh || g.Over.IsZero() || !slices.Contains(g.Told.Codes, f.Code)
	g.Over = time.Time{}
	m.lookBy(g, m.now.Add(m.gather()))
}

// faultEnded takes one out. That all are over is believed when it lasts: a link
// that comes and goes, and a restart, which finds out anew what is wrong, make
// one alarm.
func (m *Machine) faultEnded(f Fault) {
	g := m.groups[f.Chain]
	if g == nil {
		return
	}
	delete(g.faults, faultKey{f.Code, f.Subject})
	switch {
	case len(g.faults) > 0:
	case g.Alarm == "":
		m.dropGroup(g) // nobody has heard of it
	default:
		g.Over = m.now
		m.lookBy(g, m.now.Add(m.gather()))
	}
	if FaultTypeOf(f.Code).Severity == SomebodyUnheard {
		m.whoIsBare()
	}
}

func (m *Machine) dropGroup(g *group) {
	m.due.stop(&g.timer)
	delete(m.groups, g.Chain)
}

// technicalOf is the alarm of a group that is still open.
func (m *Machine) technicalOf(g *group) *alarm {
	if a := m.alarms[g.Alarm]; a != nil && a.Open() {
		return a
	}
	return nil
}

// lookAtFaults does what is due of a group.
func (m *Machine) lookAtFaults(g *group) {
	g.Look = time.Time{}
	m.due.stop(&g.timer)
	a := m.technicalOf(g)
	if len(g.faults) == 0 {
		if end := g.Over.Add(m.gather()); m.now.Before(end) {
			m.lookBy(g, end)
			return
		}
		m.dropGroup(g)
		m.endTechnical(func(a *alarm) bool { return a.Faults.Chain == g.Chain })
		return
	}
	now := m.sum(g)
	if now.rank() > 2 {
		m.lookBy(g, m.now.Add(looksAgain))
	}
	remind := now.rank() > 2 && m.alarms[g.Alarm] == nil // a closed alarm is remembered for a day
	switch {
	case a != nil:
		m.tellFaults(g, a, now)
	case !g.Fresh && !now.worse(g.Told) && !remind:
		if now.rank() < g.Told.rank() {
			g.Told = now
		}
	case !now.Unheard() && !m.inFaultHours():
		if next := m.nextFaultHours(); !next.IsZero() {
			m.lookBy(g, next)
		}
	default:
		id := alarmID(m.plan.Site, "faults of "+g.Chain.String(), string(Technical), identity(Heard{}, m.now))
		g.Alarm, g.Told, g.Fresh = id, now, false
		m.raise(&alarm{Alarm: Alarm{ID: id, Kind: Technical, Faults: &now, LastPress: m.now}})
	}
}

// sum is what is to be said of a group now.
func (m *Machine) sum(g *group) FaultSum {
	s := FaultSum{Chain: g.Chain, Count: len(g.faults)}
	codes, at := map[FaultCode]bool{}, map[PlaceID]bool{}
	for k := range g.faults {
		codes[k.code] = true
		if d, ok := m.plan.Devices[devices.ID(k.subject)]; ok && len(g.faults) <= mostNamed {
			if place, _ := m.from(d, m.wall()); place != "" {
				at[place] = true
			}
		}
	}
	for _, t := range FaultTypes() { // the worst of each severity first, always in the same order
		if codes[t.Code] {
			s.Codes = append(s.Codes, t.Code)
		}
	}
	rank := func(c FaultCode) int {
		if slices.Contains([]FaultCode{LinkLost, ChainDown, CodecDown}, c) {
			return 4 // explains the others
		}
		return FaultSum{Count: 1, Severity: FaultTypeOf(c).Severity}.rank()
	}
	slices.SortStableFunc(s.Codes, func(a, b FaultCode) int { return cmp.Compare(rank(b), rank(a)) })
	if len(s.Codes) > 0 {
		s.Severity = FaultTypeOf(s.Codes[0]).Severity
	}
	bare, people, everybody := m.bare(g.faults)
	if people == mostNamed {
		bare = nil // which of them were found is chance
	}
	s.At, s.Bare, s.People, s.Everybody = firstPlaces(at), firstPlaces(bare), people, everybody
	return s
}

func firstPlaces(all map[PlaceID]bool) []PlaceID {
	out := slices.Sorted(maps.Keys(all))
	return slices.Clip(out[:min(len(out), mostPlaces)])
}

// tellFaults brings an open alarm up to date, and calls again when it means more
// than whoever was called has heard.
func (m *Machine) tellFaults(g *group, a *alarm, now FaultSum) {
	told := g.Told
	if now.same(told) {
		g.Fresh = false
		return
	}
	g.Told, g.Fresh, a.Faults = now, false, &now
	worse := now.worse(told)
	what := FaultsChanged
	if worse {
		what = FaultsWorse
	}
	m.note(a, Entry{What: what})
	switch policy := m.technicalPolicy(now); {
	case a.State == Raised && (a.Policy != policy && (worse || told.Unheard() != now.Unheard()) || a.waitsForHours() && now.Unheard()):
		if told.Unheard() && !now.Unheard() {
			m.stopOthers(a, "") // whoever was called because somebody had no button
		}
		m.raiseAgain(a)
		a.Policy = policy
		a.Wanted = m.policyOf(a).Takers
		m.nextStep(a)
	case a.State == Raised && told.Unheard() && !now.Unheard() && !m.inFaultHours():
		m.nextStep(a) // which lets it wait
	case worse && !a.waitsForHours():
		m.callAgain(a)
	}
}

// technicalPolicy is who is called for faults now.
func (m *Machine) technicalPolicy(s FaultSum) PolicyID {
	f := m.plan.Faults
	switch {
	case f == nil:
		return m.plan.Default
	case s.Unheard() && f.Unheard != "":
		return f.Unheard
	case s.Unheard() && !m.inFaultHours():
		return m.plan.Default
	}
	return f.Policy
}

func (m *Machine) inFaultHours() bool {
	f := m.plan.Faults
	return f == nil || f.Hours == nil || f.Hours.At(m.wall(), m.plan.Zone)
}

// nextFaultHours is when technicians can be called next.
func (m *Machine) nextFaultHours() time.Time {
	next := m.plan.Faults.Hours.next(m.wall(), m.plan.Zone)
	if next.IsZero() {
		return next
	}
	return next.Add(m.behind)
}

// waitsForHours reports whether it waits until technicians may be called.
func (a *alarm) waitsForHours() bool { return a.Kind == Technical && a.State == Raised && a.Step == 0 }

// technicalWaits has a technical alarm call nobody now: it is not the hour for
// what leaves nobody without a button, or all is over, it seems.
func (m *Machine) technicalWaits(a *alarm) bool {
	if a.Kind != Technical {
		return false
	}
	var until time.Time
	why := SeemsOver
	if !a.Faults.Unheard() && !m.inFaultHours() {
		until, why = m.nextFaultHours(), WaitsForHours
	} else if g := m.groups[a.Faults.Chain]; g != nil {
		until = g.Over.Add(m.gather() + settles) // it is closed before that
	}
	if !until.After(m.now) {
		return false
	}
	m.withdraw(a, func(n Notification) bool { return n.Reason != Stopped })
	a.Step, a.Turn, a.Declined, a.Asked, a.Reached = 0, 0, nil, nil, false
	a.StepAt, a.Wait, a.Deadline = m.now, until.Sub(m.now), until
	if a.State == Raised {
		a.Policy = m.technicalPolicy(*a.Faults)
	}
	m.schedule(a)
	m.note(a, Entry{What: why, Until: until})
	return true
}

// endTechnical closes technical alarms that have nothing to say any more. Those
// who were called are told.
func (m *Machine) endTechnical(match func(*alarm) bool) {
	for _, a := range m.sorted() {
		if a.Kind == Technical && a.Open() && match(a) {
			m.shut(a, "", FaultsOver)
		}
	}
}
