package dashboards

import (
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// The messages of /api/v1/live. Each has its type and the number of its place
// in the stream; at is the gateway's time, so that ages do not depend on the
// screen's clock.
type message struct {
	Type string    `json:"type"` // snapshot, alarm, devices, fault, beat
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`

	// snapshot
	You   *youView  `json:"you,omitempty"`
	Site  *siteView `json:"site,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Demo  []simView `json:"demo,omitempty"`

	Alarms  []alarmView  `json:"alarms,omitempty"`  // snapshot
	Devices []deviceView `json:"devices,omitempty"` // snapshot, devices
	Faults  []faultView  `json:"faults,omitempty"`  // snapshot
	Alarm   *alarmView   `json:"alarm,omitempty"`
	Fault   *faultView   `json:"fault,omitempty"`
}

type youView struct {
	Person    alerting.Person `json:"person"`
	Name      string          `json:"name"`
	Role      Role            `json:"role"`
	Technical bool            `json:"technical,omitempty"`
	Link      bool            `json:"link,omitempty"`
	Demo      bool            `json:"demo,omitempty"`
}

type siteView struct {
	ID     alerting.SiteID `json:"id"`
	Name   string          `json:"name"`
	Zone   string          `json:"zone,omitempty"`
	Phone  string          `json:"phone,omitempty"` // the centre's, for a screen that is not live
	Places []placeView     `json:"places,omitempty"`
}

type placeView struct {
	ID   alerting.PlaceID `json:"id"`
	Name string           `json:"name"`
}

// simView is a simulated device and what it can do.
type simView struct {
	ID   devices.ID `json:"id"`
	Name string     `json:"name"`
	Does string     `json:"does"` // press, fall
}

func (h *Handler) you(v viewer, w *Ward) *youView {
	return &youView{
		Person: v.person, Name: w.person(v.person), Role: v.role, Technical: v.technical,
		Link: v.only != "", Demo: h.o.Simulator != nil && v.answers() && v.only == "",
	}
}

// snapshot renders all that a viewer may see.
func (h *Handler) snapshot(v viewer, s *state) message {
	w := s.ward
	m := message{Type: "snapshot", Seq: s.seq, At: time.Now(), You: h.you(v, w), Since: s.since}
	m.Site = &siteView{ID: w.Site, Name: w.Name, Zone: w.Zone, Phone: w.CentrePhone}
	m.Alarms = v.alarms(s)
	if v.only != "" {
		return m // a link opens one alarm and nothing else
	}
	for _, p := range w.Places {
		m.Site.Places = append(m.Site.Places, placeView{p.ID, p.Name})
	}
	m.Devices = v.devices(w, s.devices)
	if v.faults() {
		for _, f := range s.faults {
			m.Faults = append(m.Faults, v.fault(w, f, true))
		}
	}
	if m.You.Demo {
		m.Demo = h.simulated(w)
	}
	return m
}

func (v viewer) alarms(s *state) []alarmView {
	var out []alarmView
	for _, a := range s.alarms {
		if v.only == "" || v.only == a.ID {
			out = append(out, v.alarm(s.ward, a))
		}
	}
	if a := v.lost(len(out) > 0); a != nil {
		out = append(out, v.alarm(s.ward, a))
	}
	return out
}

// simulated lists the demo's devices; a radar falls, all else is pressed.
func (h *Handler) simulated(w *Ward) []simView {
	var out []simView
	for _, id := range h.o.Simulator.Devices() {
		d := w.device(id)
		s := simView{ID: id, Name: d.Name, Does: "press"}
		if d.Kind == "radar" || d.Kind == string(devices.Fall) {
			s.Does = "fall"
		}
		out = append(out, s)
	}
	return out
}

// change renders one change; nil when the viewer is shown nothing of it.
func (h *Handler) change(v viewer, c change) *message {
	m := message{Seq: c.seq, At: time.Now()}
	switch {
	case c.whole != nil:
		m = h.snapshot(v, c.whole)
	case c.alarm != nil:
		if v.only != "" && v.only != c.alarm.ID {
			return nil
		}
		a := v.alarm(c.ward, c.alarm)
		m.Type, m.Alarm = "alarm", &a
	case v.only != "":
		return nil
	case c.fault != nil:
		m.Type = "fault"
		if v.faults() { // a nurse gets the number alone: the stream has no gaps
			f := v.fault(c.ward, *c.fault, c.on)
			m.Fault = &f
		}
	default:
		m.Type = "devices"
		for _, d := range c.devices {
			m.Devices = append(m.Devices, v.device(c.ward, d))
		}
	}
	return &m
}
