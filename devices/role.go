package devices

import "slices"

// As is what an event of this kind means of a device with a role: a press is
// what the role says, also of a cord that stays pulled, which is a state.
// Without a role it stays a press.
func (k Kind) As(role Kind) Kind {
	if k == Button && role != "" {
		return role
	}
	return k
}

// As is what a message means of a device with a role. A press means what the
// role says. What stands in a bed, or lies in it, tells by its role alone that
// its state is whether somebody is in bed: a mat says the same as a door, a
// motion sensor or a switch.
func (m Message) As(role Kind) Message {
	if role == BedExit {
		m = m.switched()
	}
	if slices.ContainsFunc(m.Events, func(e Event) bool { return e.Kind == Button }) {
		m.Events = slices.Clone(m.Events)
		for i := range m.Events {
			m.Events[i].Kind = m.Events[i].Kind.As(role)
		}
	}
	if slices.Contains(m.Cleared, Button) {
		m.Cleared = slices.Clone(m.Cleared)
		for i := range m.Cleared {
			m.Cleared[i] = m.Cleared[i].As(role)
		}
	}
	if role != BedExit {
		return m
	}
	says := slices.Contains(m.Cleared, BedExit) || slices.ContainsFunc(m.Events, func(e Event) bool { return e.Kind == BedExit })
	switch in, known := m.inBed(); {
	case says || !known:
	case in:
		m.Cleared = append(slices.Clip(m.Cleared), BedExit)
	default:
		m.Events = append(slices.Clip(m.Events), Event{Kind: BedExit, Level: true})
	}
	return m
}

// switched takes a switch that is on for somebody in bed: the weight of somebody
// closes it.
func (m Message) switched() Message {
	isSwitch := func(e Event) bool { return e.Kind == Button && e.Level }
	on, off := slices.ContainsFunc(m.Events, isSwitch), slices.Contains(m.Cleared, Button)
	if on {
		m.Events = slices.DeleteFunc(slices.Clone(m.Events), isSwitch)
		m.Cleared = append(slices.Clip(m.Cleared), BedExit)
	}
	if off {
		m.Cleared = slices.DeleteFunc(slices.Clone(m.Cleared), func(k Kind) bool { return k == Button })
		m.Events = append(slices.Clip(m.Events), Event{Kind: BedExit, Level: true})
	}
	return m
}

// inBed is what a bed's sensor says: that somebody is in it, else that somebody
// is there, else that the weight of somebody closes its contact.
func (m Message) inBed() (in, known bool) {
	for _, q := range []Quantity{InBed, Occupancy, Contact} {
		for _, r := range m.Readings {
			if r.Quantity == q {
				return r.Value != 0, true
			}
		}
	}
	return false, false
}
