package alerting

import "time"

// Version of the machine. It changes whenever the same inputs may lead to
// other decisions.
const Version = 2

// Record is one input as the journal keeps it, with a digest of what was
// decided, so that a replay can be compared.
type Record struct {
	Seq     int64     // 1, 2, 3, … without gaps
	At      time.Time // the machine's time; never goes back
	Version int       // of the machine that decided
	// Kind and Body are the input: its name and its JSON. See EncodeInput.
	Kind string
	Body []byte
	// Digest is of the effects in their script form. See Digest.
	Digest [8]byte
	// Delivery identifies the wire delivery ("session/packet/hash") on links
	// that redeliver, else "".
	Delivery string
}

// Call is one message for a channel to carry: a Notify effect with the little
// that may leave the house. It holds no name of the person who called.
type Call struct {
	ID       NotificationID // idempotency key
	Alarm    AlarmID
	Number   int
	Site     SiteID
	Kind     string // "panic", "fall", …
	Priority Priority
	Reason   Reason
	State    State
	Step     int
	Presses  int
	Late     bool
	Drill    bool        // said first of all, in every message
	Away     bool        // whoever it is should be away
	Faults   *CallFaults // of a technical alarm; nil for every other
	RaisedAt time.Time
	Place    string // as people call it: "Room 7, bathroom"; an opaque id on a channel that SaysPseudonym
	Who      string // the residents' names, on a channel that SaysName
	Link     string // opens this alarm for this responder; "" when there is none
	To       Person
	Address  string // the responder's own address on the channel, "" when the channel has just one
	Lang     string // what To reads: "pl", "en"; "" is English
	Zone     Zone   // the site's, in which times are said
	Repeat   bool   // To was called to this alarm over this channel before
	// News is what To is told who is not called: there is nothing to answer, no
	// Link, and nobody is to be woken for it. nil in every call.
	News *CallNews
}

// Snapshot is the machine's whole state after the record Seq.
type Snapshot struct {
	Seq     int64
	At      time.Time
	Version int    // of the machine that wrote it
	State   []byte // see Machine.State
}
