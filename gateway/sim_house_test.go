package gateway

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// simHouse is the site as its people would tell of it: who stays where, who is on
// call, who rests. The plan says the same in the machine's words. The oracle goes
// by the house, in code of its own, and finds out by version which one is in
// force. A house is never changed: the next one is another.
type simHouse struct {
	version int
	stays   []simStay
	rests   map[alerting.Person][]span
	duties  map[alerting.RosterID]duty
	dayCare simHours
	faults  *alerting.FaultPlan
	site    Site
}

// span is a stretch of time on the wall; a zero until is open.
type span struct{ from, until time.Time }

func (s span) at(t time.Time) bool {
	return !t.Before(s.from) && (s.until.IsZero() || t.Before(s.until))
}

// simHours are hours of days of the week, in minutes after midnight; none begins
// or ends in the hour in which clocks are changed.
type simHours struct {
	from, to int
	days     uint8 // a bit each, Sunday's the lowest; 0: every day
}

func (h simHours) at(t time.Time) bool {
	local := t.In(warsaw)
	m, today := local.Hour()*60+local.Minute(), local.Weekday()
	if h.from < h.to {
		return h.on(today) && m >= h.from && m < h.to
	}
	return h.on(today) && m >= h.from || h.on((today+6)%7) && m < h.to
}

func (h simHours) on(day time.Weekday) bool { return h.days == 0 || h.days&(1<<day) != 0 }

func (h simHours) hours() alerting.Hours {
	return alerting.Hours{Days: slices.DeleteFunc(slices.Clone(everyDay), func(d time.Weekday) bool { return !h.on(d) }), From: h.from, To: h.to}
}

func hoursOf(h alerting.Hours) simHours {
	x := simHours{from: h.From, to: h.To}
	for _, d := range h.Days {
		x.days |= 1 << d
	}
	return x
}

var (
	everyDay  = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	warsaw, _ = time.LoadLocation("Europe/Warsaw")
)

// simStay is one of somebody somewhere.
type simStay struct {
	resident alerting.ResidentID
	place    alerting.PlaceID
	span
	home  bool
	hours *simHours
}

// duty is a roster: who is on call by the rota, and what is laid over it.
type duty struct {
	rota      func(t time.Time) []alerting.Person
	overrides []alerting.Override
	roster    alerting.Roster
}

func (d duty) at(t time.Time) []alerting.Person {
	who := slices.Clone(d.rota(t))
	for _, o := range d.overrides {
		if t.Before(o.From) || !t.Before(o.Until) {
			continue
		}
		i := slices.Index(who, o.Instead)
		switch {
		case o.Instead == "":
			who = slices.Clone(o.Who)
		case i >= 0:
			who = slices.DeleteFunc(who, func(p alerting.Person) bool { return p == o.Instead }) // also who stood in by an earlier one
			who = append(who, o.Who...)
		}
	}
	return who
}

var simStaff = []alerting.Person{"anna", "ewa", "jan", "ola"}

// wall is what the clock on the wall shows.
func (w *world) wall() time.Time { return time.Now().Add(w.s.wallSet).Truncate(time.Second) }

// minute is a minute of the day some minutes from now, but none in the hour in
// which clocks are changed: what those are worth is tested elsewhere.
func (w *world) minute(from, to int) int {
	at := w.wall().Add(w.s.between(time.Duration(from)*time.Minute, time.Duration(to)*time.Minute)).In(warsaw)
	m := at.Hour()*60 + at.Minute()
	if m >= 60 && m < 240 {
		m = 245
	}
	return m
}

func (w *world) someone() alerting.Person { return simStaff[w.s.rng.IntN(len(simStaff))] }

// soon is a stretch that begins and ends within the next minutes.
func (w *world) soon() span {
	from := w.wall().Add(w.s.between(-time.Minute, 10*time.Minute))
	return span{from, from.Add(w.s.between(10*time.Second, 10*time.Minute)).Truncate(time.Second)}
}

// firstHouse is how things stand in the evening, and what is to come.
func (w *world) firstHouse() *simHouse {
	now := w.wall()
	h := &simHouse{rests: map[alerting.Person][]span{"kasia": {w.soon()}}, duties: map[alerting.RosterID]duty{"nights": w.rotation(), "shifts": w.shifts()}}
	h.dayCare = simHours{from: w.minute(-20, 5), to: w.minute(6, 60)}
	h.faults = w.faultPlan()
	if w.s.chance(50) {
		h.rests["jan"] = []span{w.soon()}
	}
	moves := now.Add(w.s.between(time.Minute, 8*time.Minute))
	fortnight := 14 * 24 * time.Hour
	h.stays = []simStay{
		{resident: "halina", place: "flat-1", span: span{from: now.Add(-1000 * time.Hour)}, home: true},
		{resident: "jozef", place: "room-1", span: span{moves.Add(-fortnight), moves}},
		{resident: "halina", place: "room-1", span: span{moves.Add(time.Duration(w.s.rng.IntN(2)) * time.Minute), moves.Add(fortnight)}},
		{resident: "maria", place: "flat-2", span: span{from: now.Add(-1000 * time.Hour)}, home: true},
		{resident: "maria", place: "day-room", span: span{from: now.Add(-100 * time.Hour)}, hours: &h.dayCare},
		{resident: "zofia", place: "room-2", span: span{now.Add(-fortnight / 2), now.Add(w.s.between(time.Minute, 20*time.Minute))}},
		{resident: "adela", place: "room-2", span: span{now.Add(-fortnight), now.Add(fortnight)}},
	}
	for _, id := range []alerting.RosterID{"nights", "shifts"} {
		w.override(h, id)
	}
	return h
}

// rotation is a roster of three turns, a day each, of which two are swapped,
// perhaps.
func (w *world) rotation() duty {
	turns := [][]alerting.Person{{"anna"}, {"jan", "ola"}, {"ewa"}}
	w.s.rng.Shuffle(3, func(i, j int) { turns[i], turns[j] = turns[j], turns[i] })
	at := w.minute(1, 12)
	y, m, d := w.wall().In(warsaw).Date()
	day := func(k int) alerting.Date {
		x := time.Date(y, m, d+k, 12, 0, 0, 0, time.UTC)
		return alerting.Date{Year: x.Year(), Month: x.Month(), Day: x.Day()}
	}
	begins := func(k int) time.Time { return time.Date(y, m, d+k, 0, at, 0, 0, warsaw) }
	r := alerting.Roster{Layers: []alerting.Layer{{Days: 1, Start: day(-3), HandOver: at, Turns: turns}}}
	who := map[int][]alerting.Person{}
	for k := -3; k <= 3; k++ {
		who[k] = slices.Clone(turns[(k+3)%3])
	}
	if w.s.chance(50) {
		one, other := who[0][0], who[1][0]
		r.Swaps = []alerting.Swap{{Who: one, Turn: day(0), With: other, For: day(1)}}
		who[0][0], who[1][0] = other, one
	}
	return duty{roster: r, rota: func(t time.Time) []alerting.Person {
		for k := -3; k <= 3; k++ {
			if (span{begins(k), begins(k + 1)}).at(t) {
				return who[k]
			}
		}
		return nil
	}}
}

// shifts is a roster of two, with a gap between them, perhaps.
func (w *world) shifts() duty {
	a := w.minute(-60, 10)
	day, night := simHours{from: a, to: (a + 6*60) % (24 * 60)}, simHours{}
	if w.s.chance(50) {
		day.to = (a + 250) % (24 * 60)
	}
	if day.to >= 60 && day.to < 240 {
		day.to = 245
	}
	night.from, night.to = day.to, day.from
	if w.s.chance(30) {
		night.from = (day.from + 1) % (24 * 60) // both
	}
	if day.from == day.to || night.from == night.to {
		day, night = simHours{from: 300, to: 1200}, simHours{from: 1200, to: 300}
	}
	return duty{
		roster: alerting.Roster{Shifts: []alerting.Shift{
			{Days: everyDay, From: day.from, To: day.to, Who: []alerting.Person{"jan"}},
			{Days: everyDay, From: night.from, To: night.to, Who: []alerting.Person{"ola", "ewa"}},
		}},
		rota: func(t time.Time) (who []alerting.Person) {
			if day.at(t) {
				who = append(who, "jan")
			}
			if night.at(t) {
				who = append(who, "ola", "ewa")
			}
			return who
		},
	}
}

// override has somebody stand in for a while, for one or for all; at times for
// nobody at all.
func (w *world) override(h *simHouse, id alerting.RosterID) {
	s, d := w.soon(), h.duties[id]
	o := alerting.Override{From: s.from, Until: s.until, Who: []alerting.Person{w.someone()}}
	if w.s.chance(60) {
		o.Instead = w.someone()
	}
	d.overrides = append(slices.Clone(d.overrides), o)
	if n := len(d.overrides); n > 3 {
		d.overrides = d.overrides[n-3:]
	}
	h.duties = maps.Clone(h.duties)
	h.duties[id] = d
}

// replan changes one thing about the house and puts the plan in force.
func (w *world) replan() {
	s, now := w.s, w.wall()
	h := *w.houses[len(w.houses)-1]
	switch s.rng.IntN(5) {
	case 4:
		h.faults = w.faultPlan()
	case 0:
		w.override(&h, []alerting.RosterID{"nights", "shifts"}[s.rng.IntN(2)])
	case 1: // somebody rests, from now on or soon, or comes back
		who := []alerting.Person{"kasia", "kasia", "jan", "adam"}[s.rng.IntN(4)]
		h.rests = maps.Clone(h.rests)
		h.rests[who] = nil
		if s.chance(70) {
			h.rests[who] = []span{w.soon()}
			if s.chance(20) {
				h.rests[who][0].until = time.Time{}
			}
		}
	case 2: // Halina goes home, or comes
		h.stays = slices.Clone(h.stays)
		for i := range h.stays {
			if x := &h.stays[i]; x.resident == "halina" && !x.home {
				if x.at(now) {
					x.until = now
				} else if x.from = now; !x.until.IsZero() && !x.until.After(now) {
					x.until = now.Add(14 * 24 * time.Hour)
				}
				if !x.until.IsZero() && !x.from.Before(x.until) {
					x.from = x.until.Add(-time.Second)
				}
			}
		}
	case 3: // somebody else has the other bed of a double room
		h.stays = slices.Clone(h.stays)
		for i := range h.stays {
			if x := &h.stays[i]; x.resident == "zofia" {
				x.span = w.soon()
			}
		}
	}
	w.settle(&h)
	s.oracle.technical.planned = s.elapsed()
	s.trace("plan", "", int64(h.version))
	if s.up {
		s.g.Apply(s.mutant.site(w.site))
		s.poll()
	}
}

// settle writes a house's plan and makes it the newest.
func (w *world) settle(h *simHouse) {
	h.version = len(w.houses)
	p := w.site.Plan
	p.Devices, p.People, p.Rosters, p.Stays = maps.Clone(p.Devices), maps.Clone(p.People), map[alerting.RosterID]alerting.Roster{}, nil
	p.Faults = h.faults
	p.Devices["d-version"] = alerting.Device{Place: alerting.PlaceID(fmt.Sprint(h.version))}
	for who, r := range p.People {
		r.Rests = nil
		for _, x := range h.rests[who] {
			r.Rests = append(r.Rests, alerting.Rest{From: x.from, Until: x.until})
		}
		p.People[who] = r
	}
	for id, d := range h.duties {
		d.roster.Overrides = d.overrides
		p.Rosters[id] = d.roster
	}
	for _, x := range h.stays {
		stay := alerting.Stay{Resident: x.resident, Place: x.place, From: x.from, Until: x.until, Home: x.home}
		if x.hours != nil {
			hours := x.hours.hours()
			stay.Hours = &hours
		}
		p.Stays = append(p.Stays, stay)
	}
	w.site.Plan = p
	h.site = w.site
	w.houses = append(w.houses, h)
	if err := p.Check(); err != nil {
		w.s.oracle.fail("the simulation's own plan: %v", err)
	}
}

// rests reports whether somebody rests at t.
func (h *simHouse) resting(who alerting.Person, t time.Time) bool {
	return slices.ContainsFunc(h.rests[who], func(s span) bool { return s.at(t) })
}

// where is where somebody stays: away from home first.
func (h *simHouse) where(r alerting.ResidentID, t time.Time) (alerting.PlaceID, bool) {
	for _, home := range []bool{false, true} {
		for _, x := range h.stays {
			if x.resident == r && x.home == home && x.at(t) && (x.hours == nil || x.hours.at(t)) {
				return x.place, true
			}
		}
	}
	return "", false
}

// who is there at t; whoever only lives there, when nobody is.
func (h *simHouse) who(place alerting.PlaceID, t time.Time) (here []alerting.ResidentID) {
	for _, x := range h.stays {
		if at, ok := h.where(x.resident, t); ok && at == place && x.place == place && !slices.Contains(here, x.resident) {
			here = append(here, x.resident)
		}
	}
	if len(here) > 0 {
		return here
	}
	for _, x := range h.stays {
		if x.place == place && x.home && x.at(t) && !slices.Contains(here, x.resident) {
			here = append(here, x.resident)
		}
	}
	return here
}

// from is the place a device calls from, and who calls.
func (h *simHouse) from(id devices.ID, t time.Time) (alerting.PlaceID, []alerting.ResidentID) {
	d := h.site.Plan.Devices[id]
	if d.Resident == "" {
		return d.Place, h.who(d.Place, t)
	}
	if at, ok := h.where(d.Resident, t); ok {
		return at, []alerting.ResidentID{d.Resident}
	}
	place, last := d.Place, time.Time{}
	for _, x := range h.stays { // where they were last
		if d.Place == "" && x.resident == d.Resident && !t.Before(x.from) && !x.from.Before(last) {
			place, last = x.place, x.from
		}
	}
	return place, []alerting.ResidentID{d.Resident}
}

// policy is the one an alarm is raised with at t.
func (h *simHouse) policy(a *alerting.Alarm, t time.Time) alerting.PolicyID {
	for _, r := range h.site.Plan.Rules {
		kind := len(r.Kinds) == 0 || slices.Contains(r.Kinds, a.Kind)
		place := len(r.Places) == 0 || slices.Contains(r.Places, a.Place)
		resident := len(r.Residents) == 0
		for _, id := range a.Residents {
			resident = resident || slices.Contains(r.Residents, id)
		}
		if kind && place && resident && (r.Hours == nil || hoursOf(*r.Hours).at(t)) {
			return r.Policy
		}
	}
	if w := h.site.Plan.Watches[a.Watch]; w.Policy != "" {
		return w.Policy
	}
	if p := h.site.Plan.Devices[a.Device].Policy; p != "" {
		return p
	}
	return h.site.Plan.Default
}
