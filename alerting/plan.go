package alerting

import (
	"fmt"
	"time"

	"telecare/devices"
)

// Opaque ids. None of them says who or where anybody is.
type (
	SiteID         string // a ward, a house, a home
	PlaceID        string
	Person         string // a responder: somebody who can be called and can answer
	RosterID       string
	PolicyID       string
	ChannelID      string // a way to reach people, as named in telecare.yaml
	NotificationID string // idempotency key of one message
)

// Plan says who is called, when, at one site. It holds opaque ids only, so that
// it can be journalled. The zero Plan calls nobody and is refused by Check.
type Plan struct {
	Site     SiteID                `json:"site"`
	Zone     Zone                  `json:"zone"` // rosters are in this zone's wall time
	Devices  map[devices.ID]Device `json:"devices,omitempty"`
	People   map[Person]Responder  `json:"people"`
	Rosters  map[RosterID]Roster   `json:"rosters,omitempty"`
	Policies map[PolicyID]Policy   `json:"policies"`
	// Stays say who is where, when.
	Stays   []Stay            `json:"stays,omitempty"`
	Watches map[WatchID]Watch `json:"watches,omitempty"`
	// Rules choose a policy by what an alarm is; the first that fits. Where none
	// does it is the watch's, the device's, or the default.
	Rules   []Rule   `json:"rules,omitempty"`
	Default PolicyID `json:"default"`
	// LastResort is the contact outside all rosters who is called when
	// everybody else has been called once, and at every repeat from then on.
	LastResort Person `json:"last_resort"`
	// StandIns answer in the place of a carer who rests.
	StandIns []Target `json:"stand_ins,omitempty"`
	// Faults say who is told of faults; nil: nobody is.
	Faults *FaultPlan `json:"faults,omitempty"`
	// Informed are those who are told of a resident and have no duty.
	Informed []Informed `json:"informed,omitempty"`
}

// Device is what the plan knows of a device.
type Device struct {
	Place  PlaceID  `json:"place,omitempty"`
	Policy PolicyID `json:"policy,omitempty"` // "" is the default
	// Resident wears it: its place is where they stay, and Place only where
	// they are when they stay nowhere.
	Resident ResidentID `json:"resident,omitempty"`
	// Sensor: it shows by itself that somebody moves, as a button does not.
	Sensor bool `json:"sensor,omitempty"`
	// Button: a person presses it to call.
	Button bool `json:"button,omitempty"`
	// PreAlarm is how long a fall of it waits for a cancel; 0: not at all.
	PreAlarm time.Duration `json:"pre_alarm,omitempty"`
}

// Responder is a person or a screen that can be called.
type Responder struct {
	// Contacts are the ways to reach them, in the order in which they are tried.
	Contacts []Contact `json:"channels"`
	// Rests are times in which nothing is sent to them.
	Rests []Rest `json:"rests,omitempty"`
}

// Policy is an escalation policy: its steps are called in order until somebody
// takes the alarm; the last one repeats.
type Policy struct {
	Steps []PolicyStep `json:"steps"`
	// Takers is how many people must take an alarm until no more are called;
	// below two it is one.
	Takers int `json:"takers,omitempty"`
	// Arrive is how long a holder may take to get there before the alarm is
	// raised again; Finish how long somebody may be there before it is.
	Arrive time.Duration `json:"arrive"`
	Finish time.Duration `json:"finish"`
	// StandIns stand in under this policy; without any, the plan's do.
	StandIns []Target `json:"stand_ins,omitempty"`
}

// PolicyStep calls all its targets at once and waits; OneByOne it calls one
// person after another and waits for each.
type PolicyStep struct {
	Call     []Target      `json:"call"`
	Wait     time.Duration `json:"wait"`
	OneByOne bool          `json:"one_by_one,omitempty"`
}

// Target is a person or whoever a roster has on call. Exactly one is set.
type Target struct {
	Person Person   `json:"person,omitempty"`
	Roster RosterID `json:"roster,omitempty"`
}

// Zone is a time zone that travels by its name ("Europe/Warsaw"). The zero
// Zone is UTC.
type Zone struct{ *time.Location }

// Location is never nil.
func (z Zone) location() *time.Location {
	if z.Location == nil {
		return time.UTC
	}
	return z.Location
}

// MarshalText gives the zone's name.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.location().String()), nil }

// UnmarshalText finds a zone by name.
func (z *Zone) UnmarshalText(b []byte) error {
	l, err := time.LoadLocation(string(b))
	if err != nil {
		return fmt.Errorf("time zone %q: not known; use a name such as Europe/Warsaw: %w", b, err)
	}
	z.Location = l
	return nil
}
