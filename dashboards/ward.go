package dashboards

import (
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Ward is the names behind the opaque ids of one site. It is a value: whoever
// hands one over does not change it afterwards.
type Ward struct {
	Site alerting.SiteID
	Name string // "Lipowa House, ward 2"
	Zone string // "Europe/Warsaw"; times are shown in it; "" is UTC
	Lang string // "pl"; what the page is in for who has chosen nothing else; "" is English
	// Langs are what responders read where that is not the site's.
	Langs map[alerting.Person]string

	// CentrePhone is the number that a screen which is not live offers.
	CentrePhone string

	Places    []Place
	People    []Person
	Residents []Resident
	Stays     []Stay
	Rests     []Rest
	Devices   []Device
	// Policies are the steps of each escalation policy in words.
	Policies map[alerting.PolicyID][]Step

	// Plan says who is called, when.
	Plan alerting.Plan
	// RosterNames are what people call the rosters.
	RosterNames map[alerting.RosterID]string
	// PolicyNames too.
	PolicyNames map[alerting.PolicyID]string

	// Where each is in the lists, and who stays where; none before indexed.
	deviceAt    map[devices.ID]int
	placeAt     map[alerting.PlaceID]int
	whereabouts alerting.Whereabouts
}

// indexed is the same, which finds each of thousands of devices at once.
func (w Ward) indexed() *Ward {
	w.deviceAt, w.placeAt = map[devices.ID]int{}, map[alerting.PlaceID]int{}
	w.whereabouts = alerting.Plan{Zone: w.zone(), Stays: w.planned()}.Whereabouts()
	for i, d := range w.Devices {
		w.deviceAt[d.ID] = i
	}
	for i, p := range w.Places {
		w.placeAt[p.ID] = i
	}
	return &w
}

// Place is where somebody can need help.
type Place struct {
	ID    alerting.PlaceID
	Name  string // "Room 7, bathroom"
	WayIn string // how to get in
	Phone string // the speaker or telephone there; "" when there is none
	Plan  *Plan  // nil: it is on none
}

// Plan is where a place lies on the plan of its floor, in metres.
type Plan struct {
	Floor string  `json:"floor,omitempty" doc:"What people call the floor." example:"Ground floor"`
	X     float64 `json:"x" doc:"Its left side."`
	Y     float64 `json:"y" doc:"Its upper side."`
	W     float64 `json:"w" doc:"How wide it is."`
	H     float64 `json:"h" doc:"How high it is."`
}

// Person is a responder.
type Person struct {
	ID   alerting.Person
	Name string // as colleagues say it: "Marta W."
	Role string // "nurse", "information centre"
}

// Resident is somebody who may call.
type Resident struct {
	ID      alerting.ResidentID
	Name    string
	Born    int // year; 0 when not known
	Notes   string
	KeySafe string // code; handed out one by one and recorded
	Family  []Contact
}

// Contact is somebody to telephone.
type Contact struct {
	Name  string `json:"name" doc:"Who." example:"Zofia K., daughter"`
	Phone string `json:"phone" doc:"Their number."`
	Note  string `json:"note,omitempty" doc:"When they can be called." example:"from 06:00"`
}

// Stay is a stay and what it is called: "respite", "day", "home", or "".
type Stay struct {
	ID   string // opaque
	Kind string
	alerting.Stay
}

// Rest is a rest of a family carer, and who is called instead.
type Rest struct {
	ID     string // opaque
	Person alerting.Person
	alerting.Rest
	StandIns []alerting.Target
}

// Device is a registered device.
type Device struct {
	ID      devices.ID
	Name    string // "Pendant, room 7"
	Kind    string // its role: "pendant", "radar"
	Source  string // how it is heard, in words: "868 MHz serial", "Zigbee"
	Place   alerting.PlaceID
	Address devices.Address // for the technician only
}

// Step is a step of an escalation policy in words.
type Step struct {
	Call string  `json:"call" doc:"Who is called, in words." example:"Marta W."`
	Wait float64 `json:"wait" doc:"How long the step waits for them, in seconds." example:"60"`
}

// residents lists who calls: those that the alarm names, in its order. One of
// an earlier release names nobody; it is of whoever stayed at its place then.
func (w *Ward) residents(a *alerting.Alarm) []stayer {
	var out []stayer
	for i := range w.Stays {
		s := &w.Stays[i]
		here := s.Place == a.Place && !a.RaisedAt.Before(s.From) && (s.Until.IsZero() || a.RaisedAt.Before(s.Until))
		if here && len(a.Residents) == 0 && s.Hours == nil && !s.Home {
			out = append(out, stayer{w.resident(s.Resident), s.Until})
		}
	}
	for _, id := range a.Residents {
		one := stayer{Resident: w.resident(id)}
		for _, s := range w.Stays {
			if s.Resident == id && s.Place == a.Place && !a.RaisedAt.Before(s.From) && (s.Until.IsZero() || a.RaisedAt.Before(s.Until)) {
				one.until = s.Until
			}
		}
		out = append(out, one)
	}
	return slices.DeleteFunc(out, func(s stayer) bool { return s.Resident == nil })
}

// resident is nil for one whose entry was taken out.
func (w *Ward) resident(id alerting.ResidentID) *Resident {
	for i := range w.Residents {
		if w.Residents[i].ID == id {
			return &w.Residents[i]
		}
	}
	return nil
}

type stayer struct {
	*Resident
	until time.Time
}

func (w *Ward) place(id alerting.PlaceID) Place {
	if i, ok := w.placeAt[id]; ok {
		return w.Places[i]
	}
	return Place{ID: id, Name: string(id)}
}

func (w *Ward) person(id alerting.Person) string {
	for _, p := range w.People {
		if p.ID == id {
			return p.Name
		}
	}
	return string(id)
}

func (w *Ward) device(id devices.ID) Device {
	if i, ok := w.deviceAt[id]; ok {
		return w.Devices[i]
	}
	return Device{ID: id, Name: string(id)}
}
