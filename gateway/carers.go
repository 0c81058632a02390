package gateway

import (
	"cmp"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// What carers are told who are not called goes by senders of their own: no call
// ever waits behind it, is put off by its failures, or has it count as one.

// tell sends somebody news of an alarm, or has the signs of life gathered first.
func (g *Gateway) tell(e alerting.Inform) {
	if e.News == alerting.NewsSigns {
		g.gatherSigns(e)
		return
	}
	if a, ok := g.machine.Alarm(e.Alarm); ok {
		g.senders.send(asNotify(e), g.site.news(e, a, g.o.Says[e.Channel]))
	}
}

func asNotify(e alerting.Inform) alerting.Notify {
	return alerting.Notify{ID: e.ID, Alarm: e.Alarm, Number: e.Number, To: e.To, Channel: e.Channel, Reason: alerting.Informing}
}

// gatherSigns has the signs of life come back to the loop.
func (g *Gateway) gatherSigns(e alerting.Inform) {
	g.gather(e.Of[0], func(s Signs) {
		e.Shared = s.Shared
		g.inbox.put(item{told: &toldSigns{e, s.CallSigns}})
	})
}

// gather asks the second lane, which sees every frame, for a resident's signs of
// life. It is the loop's.
func (g *Gateway) gather(of alerting.ResidentID, then func(Signs)) {
	by, shared, away := g.machine.ShownBy(of)
	signs := Signs{alerting.CallSigns{Away: away, Alarm: g.machine.OpenOf(of)}, shared, true}
	plan := g.machine.Plan().Devices
	g.watch.ask(func(w *watch) {
		for _, d := range by {
			w.addSigns(&signs.CallSigns, d, plan[d].Sensor)
		}
		then(signs)
	})
}

// Signs are a resident's signs of life as they are known now.
type Signs struct {
	alerting.CallSigns
	Shared bool // it may have been somebody else in the room
	Known  bool // false: nobody has answered in time
}

// Signs says what is known now of a resident's signs of life.
func (g *Gateway) Signs(of alerting.ResidentID) Signs {
	return ask(func(take func(Signs)) {
		g.lookAt(func(*alerting.Machine) { g.gather(of, take) })
	}, func(s Signs) Signs { return s })
}

// toldSigns are somebody's signs of life, on their way to who is told.
type toldSigns struct {
	to    alerting.Inform
	signs alerting.CallSigns
}

// told sends them, if they are still wanted.
func (g *Gateway) told(t *toldSigns) {
	if !g.machine.SignsWait(t.to.ID) {
		return
	}
	g.senders.send(asNotify(t.to), g.site.signs(t, g.machine.PlaceOfResident(t.to.Of[0]), g.o.Says[t.to.Channel]))
}

// news is what somebody is told of an alarm: only of whom they are to know of.
func (s Site) news(e alerting.Inform, a alerting.Alarm, says alerting.Says) alerting.Call {
	a.Residents = e.Of
	c := s.call(asNotify(e), a, says, "")
	c.News = &alerting.CallNews{What: e.News, At: e.At, Shared: e.Shared}
	if e.News == alerting.NewsClosed {
		c.News.Outcome = a.Outcome
	}
	return c
}

// signs is what somebody is told once a day.
func (s Site) signs(t *toldSigns, place alerting.PlaceID, says alerting.Says) alerting.Call {
	e := t.to
	where, who := s.named(alerting.Alarm{Place: place, Residents: e.Of}, says)
	return alerting.Call{
		ID: e.ID, Site: s.Plan.Site, Priority: alerting.Low, Reason: alerting.Informing, RaisedAt: e.At, Place: where, Who: who, To: e.To,
		Address: s.Addresses[e.To][e.Channel], Lang: cmp.Or(s.Langs[e.To], s.Lang), Zone: s.Plan.Zone,
		News: &alerting.CallNews{What: e.News, At: e.At, Shared: e.Shared, Signs: &t.signs},
	}
}

// sight is when a device last showed that somebody is alive, and how.
type sight struct {
	at time.Time
	by alerting.Sight
}

// toldTo is what was sent to somebody.
type toldTo struct {
	alarms []alerting.Alarm
	signs  []alerting.SignsTold
}

// Told gives the alarms that are remembered of which somebody was called or told,
// and the newest messages of signs of life to them.
func (g *Gateway) Told(who alerting.Person) ([]alerting.Alarm, []alerting.SignsTold) {
	t := ask(g.lookAt, func(m *alerting.Machine) (t toldTo) {
		t.alarms = slices.DeleteFunc(m.Alarms(), func(a alerting.Alarm) bool {
			return !slices.ContainsFunc(a.Calls, func(n alerting.Notification) bool { return n.To == who }) &&
				!slices.ContainsFunc(a.Informed, func(x alerting.Told) bool { return x.To == who })
		})
		t.signs = slices.DeleteFunc(m.Signs(), func(s alerting.SignsTold) bool { return s.To != who })
		return t
	})
	return t.alarms, t.signs
}

// sees takes in what a frame shows of somebody. What a device says again and
// again only counts where it means that somebody is there now. It is called
// before what was known is replaced by what the frame says.
func (l *life) sees(f *devices.Frame, at time.Time) {
	if f.Retained || f.Message.Hearsay {
		return
	}
	saw := func(by alerting.Sight) {
		if l.device.Role == devices.BedExit {
			by = alerting.SawBed // a mat, whatever it says
		}
		l.sight = sight{at, by}
	}
	for _, r := range f.Message.Readings {
		i, known := l.reading(r.Quantity)
		changed := known && l.readings[i].Value != r.Value
		switch {
		case r.Quantity == devices.Occupancy && r.Value == 1:
			saw(alerting.SawMovement)
		case r.Quantity == devices.Contact && changed:
			saw(alerting.SawDoor)
		case r.Quantity == devices.InBed && (changed || r.Value == 1):
			saw(alerting.SawBed)
		}
	}
	for _, e := range f.Message.Events {
		switch kind := e.Kind.As(l.device.Role); {
		case kind == devices.Presence:
			saw(alerting.SawMovement)
		case kind == devices.Wandering:
			saw(alerting.SawDoor)
		case kind == devices.BedExit:
			saw(alerting.SawBed)
		case e.Kind == devices.Button, kind == devices.Panic, kind == devices.Medical, kind == devices.Cancel:
			saw(alerting.SawPress)
		}
	}
}

// addSigns adds what is known of one device.
func (w *watch) addSigns(s *alerting.CallSigns, d devices.ID, sensor bool) {
	l := w.devices[d]
	if l == nil {
		return
	}
	if l.sight.at.After(s.Last) {
		s.Last, s.By = l.sight.at, l.sight.by
	}
	if !sensor {
		return
	}
	s.Sensors++
	if l.shown == devices.LifeHeard {
		s.Heard++
	}
	if l.lastSeen.After(s.HeardAt) {
		s.HeardAt = l.lastSeen
	}
}
