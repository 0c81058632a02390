package alerting

import (
	"maps"
	"slices"
	"time"
)

// MaxBreak is the longest break: it ends by itself, so that nobody stays away
// for having forgotten that they were.
const MaxBreak = 12 * time.Hour

// Break is a time in which a responder is passed by, as if there was no way to
// reach them, as long as there is anybody else to call.
type Break struct {
	Who   Person    `json:"who"`
	Until time.Time `json:"until"`
}

// beginBreak begins a break, or gives the one under way another end.
func (m *Machine) beginBreak(in BreakBegins) {
	_, known := m.plan.People[in.By]
	until := in.Until.UTC().Round(0).Add(m.behind) // it was read off the wall
	switch {
	case !known:
		m.refuse("", in.By, NoSuchPerson, "")
	case !until.After(m.now) || until.After(m.now.Add(MaxBreak)):
		m.refuse("", in.By, NoBreak, "")
	default:
		if until.Equal(m.breaks[in.By]) {
			return // said twice
		}
		m.breaks[in.By] = until
		m.effects = append(m.effects, BreakChanged{in.By, until})
		m.breaksChanged()
	}
}

// endBreak ends a break.
func (m *Machine) endBreak(by Person) {
	if _, on := m.breaks[by]; !on {
		return
	}
	delete(m.breaks, by)
	m.effects = append(m.effects, BreakChanged{Who: by})
	m.breaksChanged()
}

// passBreaks ends the breaks that are over, and those of people who are gone.
func (m *Machine) passBreaks() {
	for _, b := range m.Breaks() {
		if _, known := m.plan.People[b.Who]; !known || !b.Until.After(m.now) {
			delete(m.breaks, b.Who)
			m.effects = append(m.effects, BreakChanged{Who: b.Who})
		}
	}
	m.breaksChanged()
}

// breaksChanged sets the time at which the next break is over, and looks for
// hours in which only people on a break are on call.
func (m *Machine) breaksChanged() {
	m.setBreaks()
	m.watchHoles()
}

func (m *Machine) setBreaks() {
	m.due.stop(m.breakOver)
	if len(m.breaks) > 0 {
		first := slices.MinFunc(slices.Collect(maps.Values(m.breaks)), time.Time.Compare)
		m.due.set(m.breakOver, first)
	}
}

// Breaks lists who is on a break, by their ids.
func (m *Machine) Breaks() []Break {
	var out []Break
	for _, who := range slices.Sorted(maps.Keys(m.breaks)) {
		out = append(out, Break{who, m.breaks[who]})
	}
	return out
}

func (m *Machine) onBreak(p Person) bool { return m.breaks[p].After(m.now) }

// afterAll are the people of all steps who are on a break, when nobody else of
// them can come.
func (m *Machine) afterAll(policy Policy, a *alarm) (who []Target) {
	if m.breaksHold(policy, a) {
		return nil
	}
	for _, s := range policy.Steps {
		for _, p := range m.plan.targets(s.Call, m.wall()) {
			if m.onBreak(p) {
				who = append(who, Target{Person: p})
			}
		}
	}
	return who
}

// breaksHold reports whether people on a break are passed by: only while a step
// of the policy has somebody else who can come.
func (m *Machine) breaksHold(policy Policy, a *alarm) bool {
	if len(m.breaks) == 0 {
		return false
	}
	now := m.wall()
	comes := func(p Person) bool {
		return m.plan.callable(p) && !m.plan.Resting(p, now) && !m.onBreak(p) && !slices.Contains(a.Declined, p) && !slices.Contains(a.takers(), p)
	}
	return slices.ContainsFunc(policy.Steps, func(s PolicyStep) bool {
		who := m.plan.targets(s.Call, now)
		if slices.ContainsFunc(who, func(p Person) bool { return m.plan.Resting(p, now) }) {
			who = append(who, m.plan.targets(m.plan.standIns(policy), now)...)
		}
		return slices.ContainsFunc(who, comes)
	})
}
