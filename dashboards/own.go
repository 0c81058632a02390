package dashboards

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	say "telecare/alerting/words"
	"telecare/devices"
)

// A family sees the alarms of their own person: that there is one, where, and
// who comes. All else of the interface is closed to them by their only scope,
// and what is open to everybody who is signed in counts nobody else: no numbers
// that go on when others call, no places, no ids of others.

// Kin knows what families ask for.
type Kin interface {
	// Signs says what is known now of a resident's signs of life, and whether they
	// may be of somebody else in the room; false: nothing.
	Signs(alerting.ResidentID) (s alerting.CallSigns, shared, ok bool)
	// Told gives the alarms of which somebody was called or told, and the newest
	// messages of signs of life to them.
	Told(alerting.Person) ([]alerting.Alarm, []alerting.SignsTold)
}

type ownList struct {
	At      time.Time    `json:"at" doc:"The gateway's time."`
	People  []ownNowView `json:"people" doc:"Whom the account is for."`
	Alarms  []alarmView  `json:"alarms" doc:"Their alarms: open, and closed in the last hour. The number is always 0."`
	Devices []deviceView `json:"devices" doc:"What listens to them, and whether it is heard."`
	Told    []toldView   `json:"told" doc:"What was sent to you of them, because of alarms since yesterday and of the signs of life, the newest first."`
}

type ownView struct {
	ID   alerting.ResidentID `json:"id" doc:"Opaque id."`
	Name string              `json:"name" doc:"Their name."`
}

type ownNowView struct {
	ownView
	Place string     `json:"place,omitempty" doc:"Where they stay now, as people call it."`
	Until time.Time  `json:"until,omitzero" doc:"When that stay ends; absent when that is open."`
	Stay  string     `json:"stay,omitempty" doc:"Its kind: respite, day, home; absent for any other."`
	Signs *signsView `json:"signs,omitempty" doc:"Their signs of life, for those whom the registry has told them every day."`
}

type signsView struct {
	Says    []string  `json:"says" doc:"What is known, in the sentences of the daily message."`
	Last    time.Time `json:"last,omitzero" doc:"The newest sign; absent when none is known."`
	Sensors int       `json:"sensors" doc:"How many sensors could see one."`
	Heard   int       `json:"heard" doc:"How many of them are heard."`
}

type toldView struct {
	At    time.Time         `json:"at" doc:"When."`
	News  string            `json:"news" enum:"called,raised,there,closed,reopened,signs" doc:"You were called; or told that it is raised, that somebody is there, that it is over, or not over after all; or the signs of life of a day."`
	Kind  devices.Kind      `json:"kind,omitempty" doc:"The alarm's."`
	Place string            `json:"place,omitempty" doc:"The alarm's."`
	State alerting.Delivery `json:"state" enum:"sending,delivered,failing,missed" doc:"How far it has come."`
}

func (h *Handler) ownOperations(api huma.API) {
	add(h, api, ownRead, huma.Operation{
		OperationID: "get-own", Method: http.MethodGet, Path: "/own", Tags: []string{"alarms"},
		Summary:     "Look at the alarms of one's own person",
		Description: "For accounts of a family, and for nobody else: place, kind, how it is, and who comes.",
	}, func(ctx context.Context, v viewer, _ *none) (*list[ownList], error) {
		s := h.hub.now()
		out := ownList{time.Now(), []ownNowView{}, append([]alarmView{}, v.alarms(s)...), v.ownDevices(s.ward, s.devices), h.sent(v, s.ward)}
		for _, p := range v.ownPeople(s.ward) {
			out.People = append(out.People, h.ownNow(v, s.ward, p, out.At, h.lang(request(ctx), v.person)))
		}
		return &list[ownList]{out}, nil
	})
}

// ownNow is where somebody stays, and what is known of them.
func (h *Handler) ownNow(v viewer, w *Ward, p ownView, at time.Time, l say.Lang) ownNowView {
	out := ownNowView{ownView: p}
	if now, ok := w.whereabouts.Now(p.ID, at); ok {
		out.Place, out.Until = w.place(now.Place).Name, now.Until
		for _, s := range w.Stays {
			if s.Resident == p.ID && s.Place == now.Place && s.From.Equal(now.From) {
				out.Stay = s.Kind
			}
		}
	}
	// The resident has been asked who is told of this: whoever the registry names.
	wanted := func(i alerting.Informed) bool { return i.Signs && i.Resident == p.ID && i.To == v.person }
	if h.o.Kin == nil || v.person == "" || !slices.ContainsFunc(w.Plan.Informed, wanted) {
		return out
	}
	if s, shared, ok := h.o.Kin.Signs(p.ID); ok {
		out.Signs = &signsView{say.In(l).Signs(s, at, shared, cmp.Or(w.zone().Location, time.UTC)), s.Last, s.Sensors, s.Heard}
	}
	return out
}

// sent lists what was sent to v of those whose family v is.
func (h *Handler) sent(v viewer, w *Ward) []toldView {
	out := []toldView{}
	if h.o.Kin == nil || v.person == "" {
		return out
	}
	alarms, signs := h.o.Kin.Told(v.person)
	for _, a := range alarms {
		if !v.concerns(w, &a) {
			continue
		}
		one := toldView{Kind: a.Kind, Place: w.place(a.Place).Name}
		for _, c := range a.Calls {
			if one.At, one.News, one.State = c.At, "called", c.State; c.To == v.person && c.Reason != alerting.Stopped {
				out = append(out, one)
			}
		}
		for _, t := range a.Informed {
			if one.At, one.News, one.State = t.At, string(t.News), t.State; t.To == v.person {
				out = append(out, one)
			}
		}
	}
	for _, s := range signs {
		if s.Last != nil && slices.Contains(v.of, s.Of) {
			out = append(out, toldView{At: s.Last.At, News: string(s.Last.News), State: s.Last.State})
		}
	}
	out = slices.DeleteFunc(out, func(t toldView) bool { return t.State == alerting.Withdrawn }) // nobody has got it
	slices.SortStableFunc(out, func(a, b toldView) int { return b.At.Compare(a.At) })
	return out
}

// ownPeople are those whose family v is.
func (v viewer) ownPeople(w *Ward) []ownView {
	var out []ownView
	for _, id := range v.of {
		if r := w.resident(id); r != nil {
			out = append(out, ownView{r.ID, r.Name})
		}
	}
	return out
}

// concerns reports whether an alarm is of somebody whose family v is.
func (v viewer) concerns(w *Ward, a *alerting.Alarm) bool {
	return slices.ContainsFunc(w.residents(a), func(s stayer) bool { return slices.Contains(v.of, s.ID) })
}

// ownAlarm renders an alarm for the family of whoever it is of.
func (v viewer) ownAlarm(w *Ward, a *alerting.Alarm) alarmView {
	out := alarmView{
		ID: a.ID, Kind: a.Kind, Priority: a.Priority, State: a.State, Drill: a.Drill, Late: a.Late,
		Place: w.place(a.Place).Name, RaisedAt: a.RaisedAt, AckedAt: a.AckedAt, AttendedAt: a.AttendedAt, ClosedAt: a.ClosedAt, Outcome: a.Outcome,
		Presses: a.Presses, LastPress: a.LastPress,
	}
	if a.Holder != "" {
		out.Holder = v.name(w, a.Holder)
	}
	for _, s := range w.residents(a) {
		if slices.Contains(v.of, s.ID) { // another of the same room is not theirs
			out.Persons = append(out.Persons, personView{Initials: initials(s.Name), Name: s.Name})
		}
	}
	return out
}

// ownDevices renders what listens to those whose family v is: what they wear,
// and what is where they stay. Of each it says whether it is heard.
func (v viewer) ownDevices(w *Ward, known []devices.Status) []deviceView {
	out, theirs := []deviceView{}, v.theirs(w)
	for _, d := range w.Devices {
		if !theirs(d) {
			continue
		}
		life := devices.LifeUnknown
		if i := slices.IndexFunc(known, func(s devices.Status) bool { return s.ID == d.ID }); i >= 0 {
			life = known[i].Life
		}
		out = append(out, ownDevice(d, life))
	}
	return out
}

func ownDevice(d Device, life devices.Life) deviceView {
	return deviceView{Status: devices.Status{ID: d.ID, Life: life}, Name: d.Name}
}

// theirs says of a device whether it listens to those whose family v is.
func (v viewer) theirs(w *Ward) func(Device) bool {
	var here []alerting.PlaceID
	for _, r := range v.of {
		if stay, ok := w.whereabouts.Now(r, time.Now()); ok {
			here = append(here, stay.Place)
		}
	}
	return func(d Device) bool {
		worn := w.Plan.Devices[d.ID].Resident
		return slices.Contains(v.of, worn) || worn == "" && d.Place != "" && slices.Contains(here, d.Place)
	}
}

// ownChange is what a family is told of a change; nil when it is of others.
func (v viewer) ownChange(m message, c change) *message {
	switch {
	case c.alarm != nil && v.concerns(c.ward, c.alarm):
		a := v.ownAlarm(c.ward, c.alarm)
		m.Type, m.Alarm = "alarm", &a
		return &m
	case c.devices != nil:
		m.Type = "changes"
		theirs := v.theirs(c.ward)
		for _, s := range c.devices { // not the whole house anew, for each of many screens
			if _, known := c.ward.deviceAt[s.ID]; known && theirs(c.ward.device(s.ID)) {
				m.Devices = append(m.Devices, ownDevice(c.ward.device(s.ID), s.Life))
			}
		}
		if len(m.Devices) > 0 {
			return &m
		}
	}
	return nil
}
