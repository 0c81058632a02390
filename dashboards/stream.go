package dashboards

import (
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// The messages of /api/v1/live. Each has its type and the number of its place
// in the stream; at is the gateway's time, so that ages do not depend on the
// screen's clock.
type message struct {
	Type string    `json:"type"` // snapshot, alarm, technical, changes, ring, beat
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`

	// snapshot
	You   *youView  `json:"you,omitempty"`
	Site  *siteView `json:"site,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Demo  []simView `json:"demo,omitempty"`
	// Duty is for boards: who is on call when nobody is called.
	Duty []dutyView `json:"duty,omitempty"`

	Alarms  []alarmView  `json:"alarms,omitempty"`  // snapshot
	Devices []deviceView `json:"devices,omitempty"` // snapshot, changes
	Faults  []faultView  `json:"faults,omitempty"`  // snapshot, changes
	Alarm   *alarmView   `json:"alarm,omitempty"`
	Ring    *ringView    `json:"ring,omitempty"`

	Technical     []alarmView `json:"technical_alarms,omitempty"` // snapshot
	TechnicalNews *alarmView  `json:"technical,omitempty"`
}

type youView struct {
	Person    alerting.Person `json:"person" doc:"In whose name you answer; opaque."`
	Name      string          `json:"name" doc:"Their name."`
	Role      Role            `json:"role" enum:"nurse,centre,technician,board,manager,administrator,family,program" doc:"Decides what you are shown."`
	Scopes    []Scope         `json:"scopes,omitempty" doc:"What you may do."`
	Technical bool            `json:"technical,omitempty" doc:"You may read raw frames."`
	Of        []ownView       `json:"of,omitempty" doc:"Of a family's account: whom it is for."`
	Link      bool            `json:"link,omitempty" doc:"You came by a link, to one alarm."`
	Rests     []restView      `json:"rests,omitempty" doc:"When you rest as a family carer, now or later."`
	Demo      bool            `json:"demo,omitempty" doc:"There are simulated devices to press."`
	Open      bool            `json:"open,omitempty" doc:"You have not signed in: this demo is open to whoever comes."`
	Break     *time.Time      `json:"break_until,omitempty" doc:"You are on a break, until then."`
}

type siteView struct {
	ID     alerting.SiteID `json:"id" doc:"As in telecare.yaml."`
	Name   string          `json:"name" doc:"As people call it."`
	Zone   string          `json:"zone,omitempty" doc:"Times are shown to people in it." example:"Europe/Warsaw"`
	Phone  string          `json:"phone,omitempty" doc:"The information centre's."`
	Places []placeView     `json:"places,omitempty" doc:"Where somebody can need help."`
}

type placeView struct {
	ID   alerting.PlaceID `json:"id" doc:"Opaque id."`
	Name string           `json:"name" doc:"As people call it."`
	Plan *Plan            `json:"plan,omitempty" doc:"Where it lies on the plan of its floor, in metres; absent where it is on none."`
}

// site renders the site with its places; a family is not told them.
func (v viewer) site(w *Ward) *siteView {
	out := &siteView{ID: w.Site, Name: w.Name, Zone: w.Zone, Phone: w.CentrePhone}
	if v.role == RoleFamily {
		return out
	}
	for _, p := range w.Places {
		out.Places = append(out.Places, placeView{p.ID, p.Name, p.Plan})
	}
	return out
}

// floorOf is the plan on which the place of an alarm lies. Of the other places it
// has the outlines alone: a link opens one alarm and nothing else.
func floorOf(places []placeView, alarms []alarmView) []placeView {
	var out []placeView
	for _, a := range alarms {
		i := slices.IndexFunc(places, func(p placeView) bool { return p.ID == a.PlaceID && p.Plan != nil })
		if i < 0 {
			continue
		}
		for j, p := range places {
			if p.Plan != nil && p.Plan.Floor == places[i].Plan.Floor {
				if j != i {
					p.ID, p.Name = "", ""
				}
				out = append(out, p)
			}
		}
	}
	return out
}

// simView is a simulated device and what it can do.
type simView struct {
	ID   devices.ID `json:"id"`
	Name string     `json:"name"`
	Does string     `json:"does"` // press, fall
}

func (h *Handler) you(v viewer, w *Ward) *youView {
	you := &youView{
		Person: v.person, Name: v.name(w, v.person), Role: v.role, Scopes: v.scopes(), Technical: v.technical,
		Link: v.only != "", Demo: h.o.Simulator != nil && v.answers() && v.only == "", Open: v.open,
		Break: h.hub.breakOf(v.person), Of: v.ownPeople(w),
	}
	if v.person != "" {
		you.Rests = v.rests(w, time.Now(), v.person)
	}
	return you
}

// snapshot renders all that a viewer may see.
func (h *Handler) snapshot(v viewer, s *state) message {
	w := s.ward
	m := message{Type: "snapshot", Seq: s.seq, At: time.Now(), You: h.you(v, w), Since: s.since}
	m.Site = v.site(w)
	m.Alarms = v.alarms(s)
	if v.only != "" {
		m.Site.Places = floorOf(m.Site.Places, m.Alarms)
		return m
	}
	if v.role == RoleFamily {
		m.Devices = v.ownDevices(w, s.devices)
		return m
	}
	if v.hears() {
		m.Devices = v.devices(w, s.devices)
	}
	if v.faults() {
		for _, f := range s.faults {
			m.Faults = append(m.Faults, v.fault(w, f, true))
		}
		m.Technical = v.technicalAlarms(s)
	}
	if v.role == RoleBoard {
		m.Duty = w.duty(m.At)
	}
	if m.You.Demo {
		m.Demo = h.simulated(w)
	}
	return m
}

func (v viewer) alarms(s *state) []alarmView {
	var out []alarmView
	for _, a := range s.alarms {
		if v.role == RoleFamily && !v.concerns(s.ward, a) {
			continue
		}
		if v.only == "" || v.only == a.ID {
			out = append(out, v.alarm(s.ward, a))
		}
	}
	for _, a := range s.tech {
		if v.only == a.ID {
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
	case v.role == RoleFamily:
		return v.ownChange(m, c)
	case c.alarm != nil:
		if v.only != "" && v.only != c.alarm.ID {
			return nil
		}
		a := v.alarm(c.ward, c.alarm)
		m.Type, m.Alarm = "alarm", &a
	case c.tech != nil && v.only == c.tech.ID:
		a := v.alarm(c.ward, c.tech)
		m.Type, m.Alarm = "alarm", &a
	case v.only != "":
		return nil
	case c.tech != nil:
		m.Type = "technical"
		if v.faults() {
			a := v.alarm(c.ward, c.tech)
			m.TechnicalNews = &a
		}
	default:
		m.Type = "changes" // one who may see none of it gets the number alone: the stream has no gaps
		if v.hears() {
			for _, d := range c.devices {
				m.Devices = append(m.Devices, v.device(c.ward, d))
			}
		}
		if v.faults() {
			for _, f := range c.faults {
				m.Faults = append(m.Faults, v.fault(c.ward, f.Fault, f.on))
			}
		}
	}
	return &m
}
