package dashboards

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/devices"
)

// A family sees the alarms of their own person: that there is one, where, and
// who comes. All else of the interface is closed to them by their only scope,
// and what is open to everybody who is signed in counts nobody else: no numbers
// that go on when others call, no places, no ids of others.

type ownList struct {
	At      time.Time    `json:"at" doc:"The gateway's time."`
	People  []ownView    `json:"people" doc:"Whom the account is for."`
	Alarms  []alarmView  `json:"alarms" doc:"Their alarms: open, and closed in the last hour. The number is always 0."`
	Devices []deviceView `json:"devices" doc:"What listens to them, and whether it is heard."`
}

type ownView struct {
	ID   alerting.ResidentID `json:"id" doc:"Opaque id."`
	Name string              `json:"name" doc:"Their name."`
}

func (h *Handler) ownOperations(api huma.API) {
	add(h, api, ownRead, huma.Operation{
		OperationID: "get-own", Method: http.MethodGet, Path: "/own", Tags: []string{"alarms"},
		Summary:     "Look at the alarms of one's own person",
		Description: "For accounts of a family, and for nobody else: place, kind, how it is, and who comes.",
	}, func(_ context.Context, v viewer, _ *none) (*list[ownList], error) {
		s := h.hub.now()
		return &list[ownList]{ownList{time.Now(), v.ownPeople(s.ward), append([]alarmView{}, v.alarms(s)...), v.ownDevices(s.ward, s.devices)}}, nil
	})
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
