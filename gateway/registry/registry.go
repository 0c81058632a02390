// Package registry keeps who and what belongs to a site: places, residents,
// stays, responders, rosters, policies, devices. It guarantees:
//
//   - What is in force is whole and makes sense: a document with an unknown
//     reference, a policy that calls nobody, or no last resort is refused, with
//     the line of every mistake.
//   - Everything has an opaque id, given when its key is first seen and kept
//     for as long as the key stays. The Plan is made of these ids alone, so that
//     it can be journalled; names, addresses, notes and codes stay here.
//   - What is taken out is gone from the disk's files, not only from view. Its
//     id is never given again.
//
// A document is applied in one transaction, whole or not at all.
//
// A channel's name is an id like the others, chosen by people in telecare.yaml:
// it reaches the journal, so it should say how somebody is reached ("phones"),
// not who.
package registry

import (
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Site is what is in force, with names and opaque ids side by side. It is
// personal data, all but its Plan.
type Site struct {
	Revision    int64 // counts the applied changes
	Key         alerting.SiteID
	Name        string
	Zone        alerting.Zone
	Lang        string        // "pl", "en"; "" is English
	TestEvery   time.Duration // how often buttons without a sign of life are to be tried; 0: never
	CentrePhone string        // what to ring when the page is not live

	Plan       alerting.Plan // opaque ids only
	Devices    []Device
	Places     []Place
	Residents  []Resident
	Stays      []Stay
	Responders []Responder
	Rosters    []Roster
	Policies   []Policy
	Watches    []Watch
}

// Device is a registered device.
type Device struct {
	ID      devices.ID
	Key     string
	Name    string
	Address devices.Address
	// Role is what a press of a button without a meaning of its own means; ""
	// when it means nothing.
	Role  devices.Kind
	Place alerting.PlaceID // "" when only who wears it is known
	// Resident wears it: it is wherever they stay.
	Resident alerting.ResidentID
	// HeardEvery is the window within which a sign of life is expected; 0 when
	// Unsupervised.
	HeardEvery   time.Duration
	Answers      []Answer // told when help comes for its alarm
	Unsupervised bool     // gives no sign of life; only a press proves it
}

// Place is where somebody can need help.
type Place struct {
	ID    alerting.PlaceID
	Key   string
	Name  string
	WayIn string
	Phone string
	// Answers are told when help comes there.
	Answers []Answer
	Plan    *Plan // nil: it is on none
}

// Resident is somebody who may call.
type Resident struct {
	ID      alerting.ResidentID
	Key     string
	Name    string
	Born    int // year; 0 when not known
	Notes   string
	KeySafe string
	Family  []Family
}

// Family is somebody of the resident's own to ring.
type Family struct {
	Name  string
	Phone string
	From  string // when they may be rung, in words
}

// Stay is a stay of the Plan and the kind that it was written as: "respite",
// "day", "home", or "".
type Stay struct {
	ID   StayID
	Kind string
	alerting.Stay
}

// Responder is a person or a screen that can be called.
type Responder struct {
	ID       alerting.Person
	Key      string
	Name     string
	Role     string
	Lang     string // "" is the site's
	Contacts []Contact
}

// Contact is one way to reach a responder.
type Contact struct {
	Channel alerting.ChannelID
	Address string // what the channel needs to know; "" when nothing
}

// Roster and Policy have their contents in the Plan. Name is the key when they
// have none.
type (
	Roster struct {
		ID   alerting.RosterID
		Key  string
		Name string
	}
	Policy struct {
		ID   alerting.PolicyID
		Key  string
		Name string
	}
)
