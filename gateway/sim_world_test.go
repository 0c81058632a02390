package gateway

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// world is everything around the gateway: people who press, links that deliver
// and deliver again, channels, nurses, and what goes wrong with all of them.
type world struct {
	s              *simulation
	site           Site
	devices        []*simDevice
	radars         []*simDevice
	sensors        []*simSensor
	links          []*simLink
	channels       map[alerting.ChannelID]*simChannel
	left           int  // presses still to come
	calm           bool // nothing goes wrong any more
	over           bool
	eventsPerCrash float64
	gap            time.Duration // between presses, on average
	busyUntil      time.Duration // people answer until then even when calm
	houses         []*simHouse   // how things were meant, the newest last
	count          int           // of other messages
	keys           map[alerting.NotificationID]string
}

// press is one time that somebody pressed, or one fall. Its messages carry it.
type press struct {
	device devices.ID
	kind   devices.Kind
	ref    string // "" when its format has no identity of its own
	level  bool   // a state that is repeated
	at     time.Duration
	seqs   []int64 // of its records that survive
	open   int     // messages that the sender still has
	folded bool    // was taken for another one: see oracle.heard
	mute   bool    // and no alarm was open
}

// simMessage is one message of a press, or of nothing but readings.
type simMessage struct {
	press  *press // nil: readings, or a cancel
	cancel devices.ID
	sensor *simSensor
	speaks devices.ID // what says something else
	value  float64
	frame  devices.Frame
	packet uint16
	sent   bool // at least once
	ready  bool // the gateway has given its answer on this connection
	link   *simLink
}

// simDevice is a pendant, or a radar that repeats its state.
type simDevice struct {
	name  string
	id    devices.ID
	link  *simLink
	refs  bool
	twin  bool // is heard on two topics
	count int
	until time.Duration // the fall it has seen lasts
}

func newWorld(s *simulation, presses int) *world {
	w := &world{s: s, left: presses, eventsPerCrash: 3000, gap: 2500 * time.Millisecond, channels: map[alerting.ChannelID]*simChannel{"phone": {}, "screen": {}},
		keys: map[alerting.NotificationID]string{}}
	call := func(who ...alerting.Person) (out []alerting.Target) {
		for _, p := range who {
			out = append(out, alerting.Target{Person: p})
		}
		return out
	}
	both := alerting.Responder{Contacts: []alerting.Contact{{Channel: "phone"}, {Channel: "screen", After: 12 * time.Second}}}
	phone := alerting.Responder{Contacts: []alerting.Contact{{Channel: "phone"}}}
	first := w.firstHouse()
	care := first.dayCare.hours()
	w.site = Site{
		Plan: alerting.Plan{
			Site: "lipowa", Zone: alerting.Zone{Location: warsaw}, Default: "ward", LastResort: "centre", Devices: map[devices.ID]alerting.Device{},
			People: map[alerting.Person]alerting.Responder{
				"anna": phone, "ewa": both, "jan": phone, "ola": phone, "centre": {Contacts: []alerting.Contact{{Channel: "screen"}}},
				"kasia": both, "adam": both, "beata": phone, // a daughter, and those who stand in for her
				"nina":  phone,                // is told, and called by nobody
				"piotr": phone, "tomek": both, // technicians
			},
			Policies: map[alerting.PolicyID]alerting.Policy{
				"ward": {Steps: []alerting.PolicyStep{
					{Call: call("anna", "ewa"), Wait: 30 * time.Second}, {Call: call("jan", "ola"), Wait: 20 * time.Second},
					{Call: call("anna", "ewa", "jan", "ola"), Wait: 45 * time.Second},
				}, Arrive: 3 * time.Minute, Finish: 4 * time.Minute},
				"flat": {Steps: []alerting.PolicyStep{
					{Call: call("jan"), Wait: 10 * time.Second}, {Call: call("ewa"), Wait: 15 * time.Second},
				}, Arrive: 3 * time.Minute, Finish: 4 * time.Minute},
				"pair": {Steps: []alerting.PolicyStep{
					{Call: call("anna", "ewa", "jan"), Wait: 12 * time.Second, OneByOne: true}, {Call: call("jan", "ola"), Wait: 15 * time.Second},
				}, Arrive: 3 * time.Minute, Finish: 4 * time.Minute, Takers: 2},
				"rota": {Steps: []alerting.PolicyStep{
					{Call: []alerting.Target{{Roster: "nights"}}, Wait: 15 * time.Second},
					{Call: []alerting.Target{{Roster: "shifts"}, {Roster: "nights"}}, Wait: 20 * time.Second},
				}, Arrive: 3 * time.Minute, Finish: 4 * time.Minute},
				"home": {Steps: []alerting.PolicyStep{
					{Call: call("kasia"), Wait: 20 * time.Second}, {Call: append(call("kasia"), alerting.Target{Roster: "shifts"}), Wait: 15 * time.Second},
				}, Arrive: 3 * time.Minute, Finish: 4 * time.Minute, StandIns: append(call("adam"), alerting.Target{Roster: "nights"})},
			},
			StandIns: call("beata"),
			Informed: w.carers(),
			Rules: []alerting.Rule{
				{Kinds: []devices.Kind{devices.Fall}, Places: []alerting.PlaceID{"p-r1"}, Policy: "pair"},
				{Residents: []alerting.ResidentID{"halina"}, Kinds: []devices.Kind{devices.Panic}, Policy: "home"},
				{Places: []alerting.PlaceID{"day-room"}, Hours: &care, Policy: "rota"},
			},
		},
		Devices: map[devices.Address]Device{}, Places: map[alerting.PlaceID]string{},
	}
	maps.Copy(w.site.Plan.Policies, simTechnicians())
	for _, p := range []alerting.PlaceID{"room-1", "room-2", "room-3", "day-room", "flat-1", "flat-2"} {
		w.site.Places[p] = string(p)
	}
	add := func(l *simLink, name string, refs, twin bool) {
		d := &simDevice{name: name, id: devices.ID("d-" + name), link: l, refs: refs, twin: twin}
		w.devices = append(w.devices, d)
		policy := alerting.PolicyID("")
		switch len(w.devices) % 8 {
		case 0, 4:
			policy = "flat"
		case 2:
			policy = "pair"
		case 1:
			policy = "rota"
		case 5:
			policy = "home"
		}
		at := alerting.Device{Place: alerting.PlaceID("p-" + name), Policy: policy}
		switch name {
		case "o1": // worn, in one's own flat and elsewhere
			at.Resident, at.Place = "halina", "flat-1"
		case "o2", "z5":
			at.Resident, at.Place = "jozef", ""
		case "o3":
			at.Resident, at.Place = "maria", "flat-2"
		case "o4", "z2": // on the wall
			at.Place = "room-1"
		case "o5", "z3":
			at.Place = "room-2"
		case "o6", "z4":
			at.Place = "day-room"
		case "z8":
			at.Place = "flat-2"
		}
		at.PreAlarm, at.Button = simPreAlarms[name], name[0] != 'r'
		w.site.Plan.Devices[d.id] = at
		is := Device{ID: d.id, Role: devices.Panic, Window: time.Hour}
		if every, ok := simTestEvery[name]; ok {
			is.Window, is.TestEvery = 0, every
		}
		w.site.Devices[devices.Address("sim/"+name)] = is
	}
	link := func(name string, window int, cycles bool) *simLink {
		l := &simLink{w: w, name: name, window: window, cycles: cycles, answered: map[uint16]time.Duration{}, settled: -1}
		w.links = append(w.links, l)
		return l
	}
	zigbee, own := link("zigbee/e1", 20, true), link("own/e1", 20, true)
	for i := range 10 {
		add(zigbee, fmt.Sprintf("z%d", i), false, false)
		add(own, fmt.Sprintf("o%d", i), true, i%3 == 0)
	}
	for i := range 2 {
		add(zigbee, fmt.Sprintf("r%d", i), false, false)
		w.radars = append(w.radars, w.devices[len(w.devices)-1])
		w.devices = w.devices[:len(w.devices)-1]
	}
	w.addSensors(zigbee)
	w.site.Plan.Watches = w.simWatches()
	defer w.settle(first)
	for i := range 4 { // clients of our own broker, which use the lowest packet id that is free
		add(link(fmt.Sprintf("broker/%d", i), 10, false), fmt.Sprintf("b%d", i), i%2 == 1, false)
	}
	return w
}

func (w *world) begin() {
	s := w.s
	for _, l := range w.links {
		l.connect()
	}
	w.nextPress()
	for _, d := range w.radars {
		w.again(20*time.Second, "fall", func() { w.falls(d) })
	}
	w.again(40*time.Second, "disk", w.diskTrouble)
	w.again(40*time.Second, "channel", w.channelTrouble)
	w.again(20*time.Second, "flap", func() { w.links[s.rng.IntN(len(w.links))].drop() })
	w.again(100*time.Second, "outage", w.outage)
	w.again(5*time.Second, "reading", w.reading)
	w.daily()
	if s.real != nil {
		w.again(time.Minute, "crash", s.crash)
	} else {
		w.again(5*time.Minute, "clock", w.setClock)
		w.again(2*time.Minute, "snapshot", func() {
			if s.up {
				s.g.snapshot()
			}
		})
	}
	var sweep func()
	sweep = func() {
		s.oracle.sweep()
		s.later(500*time.Millisecond, "sweep", sweep)
	}
	sweep()
}

func (w *world) setClock() {
	s := w.s
	by := s.between(-20*time.Minute, 20*time.Minute)
	if s.chance(20) {
		by = s.between(-3*time.Hour, 3*time.Hour)
	}
	s.wallSet += by
	s.trace("clock set", "", int64(by))
	s.oracle.clockSet = s.elapsed()
	s.oracle.technicalSet()
}

// again does something about as often as said, until it is calm.
func (w *world) again(every time.Duration, what string, do func()) {
	w.s.later(time.Duration(w.s.rng.ExpFloat64()*float64(every)), what, func() {
		if w.calm {
			return
		}
		do()
		w.again(every, what, do)
	})
}

func (w *world) nextPress() {
	s := w.s
	if w.left == 0 {
		w.end()
		return
	}
	gap := time.Duration(s.rng.ExpFloat64() * float64(w.gap))
	if s.chance(5) {
		gap = 0
	}
	s.later(gap, "press", func() {
		d := w.devices[s.rng.IntN(len(w.devices))]
		w.press(d)
		if s.chance(25) && w.left > 0 { // nobody comes: again
			s.later(s.between(time.Second, 40*time.Second), "press again", func() { w.press(d) })
		}
		w.nextPress()
	})
}

// press has somebody press once: the radio and the topics may carry it often.
func (w *world) press(d *simDevice) {
	if w.left == 0 {
		return
	}
	w.left--
	s := w.s
	d.count++
	p := &press{device: d.id, kind: devices.Panic, at: s.elapsed()}
	if _, falls := simPreAlarms[d.name]; falls && s.chance(40) {
		p.kind = devices.Fall
		if s.chance(40) {
			s.later(s.between(0, 15*time.Second), "cancel", func() { w.cancels(d) })
		}
	}
	if d.refs {
		p.ref = fmt.Sprint(d.count)
	}
	s.oracle.presses = append(s.oracle.presses, p)
	w.says(d, p, "event")
	if d.twin {
		s.later(s.between(0, 300*time.Millisecond), "twin", func() { w.says(d, p, "up") })
	}
	for copies := s.rng.IntN(3); copies > 0 && s.chance(50); copies-- {
		s.later(s.between(50*time.Millisecond, 3*time.Second), "radio repeat", func() {
			if !d.refs { // nothing says which press it is a repeat of
				p = &press{device: d.id, kind: p.kind, at: s.elapsed()}
				s.oracle.presses = append(s.oracle.presses, p)
			}
			w.says(d, p, "event")
		})
	}
}

func (w *world) says(d *simDevice, p *press, topic string) {
	kind := devices.Button
	if p.kind == devices.Fall {
		kind = devices.Fall
	}
	f := devices.Frame{
		Source: d.link.name, Format: "sim", Topic: d.name + "/" + topic, Session: d.link.name,
		Raw:     []byte(string(kind) + " " + p.ref),
		Message: devices.Message{Device: d.name, Events: []devices.Event{{Kind: kind, Ref: p.ref}}},
	}
	w.mark(&f, p)
	if w.s.chance(20) {
		f.Message.Readings = []devices.Reading{{Quantity: devices.Battery, Value: 80, Unit: "%"}}
	}
	p.open++
	d.link.publish(&simMessage{press: p, frame: f, link: d.link})
}

// mark gives a press a content of its own where the oracle knows it by that.
func (w *world) mark(f *devices.Frame, p *press) {
	if w.s.real != nil {
		f.Raw = fmt.Appendf(nil, "press %d", slices.Index(w.s.oracle.presses, p))
		w.s.oracle.byContent[fmt.Sprintf("%016x", contentHash(f))] = p
	}
}

// falls is a radar that sees somebody on the floor: it says so, says it again,
// and says when it is over. It tells nothing else.
func (w *world) falls(d *simDevice) {
	s := w.s
	if s.elapsed() < d.until {
		return // still the one before
	}
	p := &press{device: d.id, kind: devices.Fall, level: true, at: s.elapsed()}
	s.oracle.presses = append(s.oracle.presses, p)
	after := time.Duration(0)
	say := func(raw string, p *press, m devices.Message) {
		s.later(after, "radar", func() {
			m.Device = d.name
			f := devices.Frame{Source: d.link.name, Format: "sim", Topic: d.name, Session: d.link.name, Raw: []byte(raw), Message: m}
			if p != nil {
				p.open++
				w.mark(&f, p)
			}
			d.link.publish(&simMessage{press: p, frame: f, link: d.link})
		})
		after += s.between(10*time.Millisecond, 8*time.Second)
	}
	for range 1 + s.rng.IntN(4) {
		say("fall", p, devices.Message{Events: []devices.Event{{Kind: devices.Fall, Level: true}}})
	}
	say("no fall", nil, devices.Message{Cleared: []devices.Kind{devices.Fall}})
	d.until = s.elapsed() + after
	if d.name == "r0" && s.chance(40) {
		s.later(s.between(0, 20*time.Second), "cancel", func() { w.cancels(d) })
	}
}

func (w *world) reading() {
	d := w.devices[w.s.rng.IntN(len(w.devices))]
	d.link.publish(&simMessage{link: d.link, frame: devices.Frame{
		Source: d.link.name, Format: "sim", Topic: d.name + "/reading", Session: d.link.name, Raw: []byte("20"),
		Message: devices.Message{Device: d.name, Readings: []devices.Reading{{Quantity: devices.Temperature, Value: 20, Unit: "°C"}}},
	}})
}

func (w *world) diskTrouble() {
	s := w.s
	until := s.elapsed() + s.between(time.Second, 15*time.Second)
	switch s.rng.IntN(5) {
	case 0:
		s.slow = until
	case 1:
		s.stalls = until
	case 2:
		s.fails = until
	case 3: // full, for long
		s.fails = s.elapsed() + s.between(10*time.Second, time.Minute)
	case 4:
		s.spool = until
	}
}

// end waits until everybody has been answered and everything promised has
// come, with nothing going wrong any more.
func (w *world) end() {
	s := w.s
	s.later(45*time.Second, "calm", func() {
		w.calm = true
		s.trouble = trouble{}
		for _, c := range w.channels {
			c.mode = 0
		}
		w.busyUntil = s.elapsed() + 2*time.Minute
		w.ends(0)
	})
}

func (w *world) ends(waited int) {
	s := w.s
	s.later(10*time.Second, "end", func() {
		open := 0
		for _, l := range w.links {
			open += len(l.flight) + len(l.queue)
		}
		switch {
		case open > 0 && waited > 3*360:
			s.oracle.fail("%d messages are still unanswered after hours without trouble", open)
		case open > 0 || s.elapsed() < w.busyUntil || !s.up || s.real == nil && s.commit.busy:
			w.ends(waited + 1)
		default:
			w.over = true
		}
	})
}

func (w *world) crashed() {
	for _, l := range w.links {
		l.lose()
		l.settled = -1 // was known to the process
	}
}

func (w *world) booted() {
	for _, l := range w.links {
		l.tells(true)
		l.reconnect()
	}
}
