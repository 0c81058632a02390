package alerting

import "time"

// CallNews is what a message to somebody says who is informed and not called.
type CallNews struct {
	What    News      `json:"what"`
	At      time.Time `json:"at"`                // when it became so
	Outcome Outcome   `json:"outcome,omitempty"` // of an alarm that is closed
	// Shared: it may as well be of somebody else of the same room.
	Shared bool       `json:"shared,omitempty"`
	Signs  *CallSigns `json:"signs,omitempty"` // of NewsSigns
}

// Sight is how somebody showed that they are alive.
type Sight string

// Sights. None says who it was.
const (
	SawMovement Sight = "movement"
	SawDoor     Sight = "door"
	SawBed      Sight = "bed"
	SawPress    Sight = "press"
)

// Sights lists them.
func Sights() []Sight { return []Sight{SawMovement, SawDoor, SawBed, SawPress} }

// CallSigns are a resident's signs of life as they are known at a time. What is
// not known is not fine.
type CallSigns struct {
	// Last is the newest sign of life, zero when none is known.
	Last time.Time `json:"last,omitzero"`
	By   Sight     `json:"by,omitempty"`
	// Sensors are there to see one, and so many of them are heard.
	Sensors int `json:"sensors"`
	Heard   int `json:"heard"`
	// HeardAt is when the newest of them was heard, zero when none ever was.
	HeardAt time.Time `json:"heard_at,omitzero"`
	Away    bool      `json:"away,omitempty"` // as was said
	Alarm   bool      `json:"alarm,omitempty"`
}
