package alerting

import (
	"slices"

	"telecare/devices"
)

// fleet finds devices by where they are, and through what they are heard. It
// follows from the plan and from Through.
type fleet struct {
	at      map[PlaceID][]devices.ID    // buttons of a place that nobody wears
	of      map[ResidentID][]devices.ID // buttons that somebody wears
	sensors map[PlaceID][]devices.ID
	behind  map[string]map[devices.ID]bool // buttons, by source
}

// setFleet makes it anew. Devices that are gone are heard through nothing.
func (m *Machine) setFleet() {
	f := fleet{map[PlaceID][]devices.ID{}, map[ResidentID][]devices.ID{}, map[PlaceID][]devices.ID{}, map[string]map[devices.ID]bool{}}
	for _, id := range sortedKeys(m.plan.Devices) {
		d := m.plan.Devices[id]
		switch {
		case d.Sensor:
			f.sensors[d.Place] = append(f.sensors[d.Place], id)
		case d.Button && d.Resident != "":
			f.of[d.Resident] = append(f.of[d.Resident], id)
		case d.Button:
			f.at[d.Place] = append(f.at[d.Place], id)
		}
	}
	m.fleet = f
	for id, source := range m.through {
		d, known := m.plan.Devices[id]
		if !known {
			delete(m.through, id)
		} else if d.Button {
			f.put(source, id)
		}
	}
}

func (f fleet) put(source string, d devices.ID) {
	if f.behind[source] == nil {
		f.behind[source] = map[devices.ID]bool{}
	}
	f.behind[source][d] = true
}

// heardThrough notes through what devices are heard from now on.
func (m *Machine) heardThrough(in Through) {
	for _, id := range in.Devices {
		d, known := m.plan.Devices[id]
		if !known {
			continue
		}
		delete(m.fleet.behind[m.through[id]], id)
		m.through[id] = in.Source
		if d.Button {
			m.fleet.put(in.Source, id)
		}
	}
	m.whoIsBare()
}

// whoIsBare has it seen soon who has no working button, where somebody was said
// to have none.
func (m *Machine) whoIsBare() {
	for _, g := range m.groups { // equal deadlines have an order of their own
		if g.Told.Unheard() {
			m.lookBy(g, m.now.Add(settles))
		}
	}
}

// Source is through what a device was last heard; "" when nobody knows.
func (m *Machine) Source(d devices.ID) string { return m.through[d] }

// works reports whether a press of a button would be heard, as far as is known.
func (m *Machine) works(d devices.ID) bool {
	for _, code := range []FaultCode{Silent, LostPress, DeviceFault} {
		if m.FaultOn(code, string(d)) {
			return false
		}
	}
	source := m.through[d]
	return !m.FaultOn(LinkLost, source) && !m.FaultOn(ChainDown, source) && m.codecs[source] == 0
}

// somebody is whose button it is at a place: a resident, or whoever is where
// nobody says who stays.
type somebody struct {
	resident ResidentID
	place    PlaceID
}

// usersOf lists who presses a button now. Nobody does who is away, or at home
// while they stay elsewhere, nor where nobody stays at present.
func (m *Machine) usersOf(d devices.ID) (who []somebody) {
	dev := m.plan.Devices[d]
	place, residents := m.from(dev, m.wall())
	if m.isAway(place, residents) {
		return nil
	}
	for _, r := range residents {
		if m.isAt(r, place) {
			who = append(who, somebody{r, place})
		}
	}
	if len(residents) == 0 && !m.where.used(place) {
		who = append(who, somebody{place: place})
	}
	return who
}

// hasButton reports whether somebody has a working one where they are.
func (m *Machine) hasButton(s somebody) bool {
	works := func(d devices.ID) bool { return m.works(d) }
	return slices.ContainsFunc(m.fleet.of[s.resident], works) || slices.ContainsFunc(m.fleet.at[s.place], works)
}

// bare counts who has no working button because of some faults, as far as
// mostNamed, and lists the places where they are.
func (m *Machine) bare(faults map[faultKey]bool) (places map[PlaceID]bool, people int, everybody bool) {
	places = map[PlaceID]bool{}
	seen := map[somebody]bool{}
	look := func(d devices.ID) {
		if people == mostNamed {
			return
		}
		for _, s := range m.usersOf(d) {
			if seen[s] || people == mostNamed {
				continue
			}
			seen[s] = true
			if !m.hasButton(s) {
				people++
				places[s.place] = true
			}
		}
	}
	for k := range faults {
		switch k.code {
		case StoreDown:
			everybody = true // what is heard is not kept, and nobody is answered
		case LinkLost, ChainDown, CodecDown:
			for d := range m.fleet.behind[sourceOf(k.code, k.subject)] {
				look(d)
			}
		case Silent, LostPress, DeviceFault:
			if m.plan.Devices[devices.ID(k.subject)].Button {
				look(devices.ID(k.subject))
			}
		}
	}
	return places, people, everybody
}
