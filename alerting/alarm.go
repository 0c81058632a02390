package alerting

import (
	"time"

	"telecare/devices"
)

// AlarmID identifies an alarm for ever. It derives from the delivery identity
// of the event that raised it, so that the same press delivered twice makes
// the same alarm, the same idempotency key and the same link.
type AlarmID string

// State is where an alarm is in its life.
type State string

// States. A raised alarm is the one that nobody has.
const (
	Raised       State = "raised"
	Acknowledged State = "acknowledged" // a named responder holds it
	Attended     State = "attended"     // somebody is with the person
	Closed       State = "closed"       // with an outcome
)

// Priority orders alarms for people. [IEC 60601-1-8] has the three levels.
type Priority string

// Priorities.
const (
	High   Priority = "high"
	Medium Priority = "medium"
	Low    Priority = "low"
)

// PriorityOf is the default priority of a kind of alarm.
func PriorityOf(k devices.Kind) Priority {
	switch k {
	case devices.Inactivity, Technical:
		return Low
	case devices.Wandering, devices.BedExit, devices.Flood, devices.Heat, devices.Intruder:
		return Medium
	}
	return High
}

// Outcome says how an alarm ended.
type Outcome string

// Outcomes.
const (
	Helped    Outcome = "helped"     // helped, not hurt
	Hurt      Outcome = "hurt"       // hurt: doctor called
	Ambulance Outcome = "ambulance"  // ambulance called
	NotNeeded Outcome = "not_needed" // nobody needed help
	Mistake   Outcome = "mistake"    // pressed or seen by mistake
	TestAlarm Outcome = "test"
	// Cancelled: the person took a fall back before anybody was called. Nobody
	// closes an alarm so.
	Cancelled Outcome = "cancelled"
	// Fixed is how somebody closes a technical alarm, FaultsOver how it closes by
	// itself.
	Fixed      Outcome = "fixed"
	FaultsOver Outcome = "over"
	// DrillAlarm is what stores of numbers call a drill, however it ended.
	DrillAlarm Outcome = "drill"
)

// Outcomes lists them in the order in which a page offers them.
func Outcomes() []Outcome {
	return []Outcome{Helped, Hurt, Ambulance, NotNeeded, Mistake, TestAlarm}
}

// Uncounted lists the ends of alarms that no number of the service's counts:
// nobody had to come.
func Uncounted() []Outcome { return []Outcome{TestAlarm, Cancelled, DrillAlarm} }

// Alarm is everything known about one alarm. Values handed out are copies.
type Alarm struct {
	ID AlarmID `json:"id"`
	// Number counts the site's alarms from 1: what people say to each other.
	Number   int          `json:"number"`
	Kind     devices.Kind `json:"kind"`
	Priority Priority     `json:"priority"`
	Device   devices.ID   `json:"device,omitempty"` // "" when raised by hand
	Place    PlaceID      `json:"place,omitempty"`
	// Residents are whoever stayed there when it was raised, or whose device it
	// is: one, two in a double room, none where nobody stays. A stay that ends
	// while it is open changes nothing.
	Residents []ResidentID `json:"residents,omitempty"`
	Policy    PolicyID     `json:"policy,omitempty"`
	State     State        `json:"state"`
	Late      bool         `json:"late,omitempty"`
	// Away: it came from where everybody was said to be away.
	Away bool `json:"away,omitempty"`
	// Drill: raised by hand to see how it goes. People are called and told so.
	Drill bool `json:"drill,omitempty"`
	// Faults are those that a technical alarm is of; nil for every other.
	Faults *FaultSum `json:"faults,omitempty"`
	// Watch raised it; "" when a device or a person did.
	Watch WatchID `json:"watch,omitempty"`
	// Refs are the delivery identities of its newest presses.
	Refs []string `json:"refs,omitempty"`

	// HeardAt is when the fall itself was told, where it waited for a cancel
	// before it was raised.
	HeardAt    time.Time `json:"heard_at,omitzero"`
	RaisedAt   time.Time `json:"raised_at"`
	RaisedBy   Person    `json:"raised_by,omitempty"` // set when raised by hand
	NotifiedAt time.Time `json:"notified_at,omitzero"`
	AckedAt    time.Time `json:"acked_at,omitzero"` // first acknowledgment by a person: see ToAcknowledge
	AttendedAt time.Time `json:"attended_at,omitzero"`
	ClosedAt   time.Time `json:"closed_at,omitzero"`
	Outcome    Outcome   `json:"outcome,omitempty"`

	// Holder has it now; "" while raised.
	Holder   Person    `json:"holder,omitempty"`
	HeldFrom time.Time `json:"held_from,omitzero"`
	// With are those who have it beside the holder, There those of them who have
	// arrived; Wanted is how many have to take it in all, below two one.
	With   []Person `json:"with,omitempty"`
	There  []Person `json:"there,omitempty"`
	Wanted int      `json:"wanted,omitempty"`
	// Offered was asked by the holder to take it over, and has not answered.
	Offered Person `json:"offered,omitempty"`

	// Presses counts real presses, the first included; Folded counts radio
	// repeats, twin topics and redeliveries that were folded into them.
	Presses   int       `json:"presses"`
	Folded    int       `json:"folded,omitempty"`
	LastPress time.Time `json:"last_press"`

	// Step is the policy step called last, from 1; 0 before the first. Turn
	// counts how often the last step has been repeated.
	Step     int       `json:"step"`
	Turn     int       `json:"turn,omitempty"`
	StepAt   time.Time `json:"step_at,omitzero"`
	Deadline time.Time `json:"deadline,omitzero"` // when something is done next if nobody answers
	// Wait is how long the step may take once somebody has been reached;
	// Reached says that a channel has accepted one of its calls.
	Wait    time.Duration `json:"wait,omitempty"`
	Reached bool          `json:"reached,omitempty"`
	// TurnAt is when the policy began its present turn. Asked are those who
	// were called in a step that calls one by one.
	TurnAt time.Time `json:"turn_at,omitzero"`
	Asked  []Person  `json:"asked,omitempty"`
	// HelpWanted: fewer people have it than are wanted; the policy goes on
	// until enough have taken it.
	HelpWanted bool `json:"help_wanted,omitempty"`
	// Declined are those who said that they cannot come.
	Declined []Person `json:"declined,omitempty"`
	// Later are calls over a person's further contacts, not made yet.
	Later []Later `json:"later,omitempty"`
	// Messages counts the notifications ever made, for their ids.
	Messages int `json:"messages,omitempty"`

	Calls []Notification `json:"calls,omitempty"`
	// Informed are messages to those who want to know of it and have no duty.
	Informed []Told  `json:"informed,omitempty"`
	History  []Entry `json:"history,omitempty"`
}

// Milestone is something that an alarm waits for.
type Milestone string

// Milestones, in the order in which they should come.
const (
	ToCall        Milestone = "call"        // a channel accepted the first call; nobody has answered by that
	ToAcknowledge Milestone = "acknowledge" // a person first took it, was there, or closed it
	ToAttend      Milestone = "attend"      // somebody was with the person
	ToClose       Milestone = "close"       // closed with an outcome, and not reopened since
)

// Took is how long an alarm waited for a milestone, from when it was raised;
// false when it is waiting still, or was closed without it. InfluxDB, the
// metrics and the report all say this and nothing else.
func (a *Alarm) Took(m Milestone) (d time.Duration, ok bool) {
	at := map[Milestone]time.Time{ToCall: a.NotifiedAt, ToAcknowledge: a.AckedAt, ToAttend: a.AttendedAt, ToClose: a.ClosedAt}[m]
	return at.Sub(a.RaisedAt), !at.IsZero()
}

// Open reports whether somebody still has to do something.
func (a *Alarm) Open() bool { return a.State != Closed }

// Counted is how it ended as numbers count it: a drill is one whatever people
// say of it.
func (a *Alarm) Counted() Outcome {
	if a.Drill {
		return DrillAlarm
	}
	return a.Outcome
}

// Delivery says how far a notification has come. Delivered to a service or a
// device is never taken for an answer by a person.
type Delivery string

// Deliveries.
const (
	Sending   Delivery = "sending"   // handed to the channel, no result yet
	Delivered Delivery = "delivered" // the channel has accepted it
	Failing   Delivery = "failing"   // tried and failed; still being tried
	Withdrawn Delivery = "withdrawn" // no longer wanted before it was delivered
	Missed    Delivery = "missed"    // accepted by the channel, which then said that it had not arrived
)

// Notification is one call or stop to one responder over one channel.
type Notification struct {
	ID      NotificationID `json:"id"`
	To      Person         `json:"to"`
	Channel ChannelID      `json:"channel"`
	Reason  Reason         `json:"reason"`
	Step    int            `json:"step"`
	At      time.Time      `json:"at"`
	State   Delivery       `json:"state"`
	DoneAt  time.Time      `json:"done_at,omitzero"`
	Error   string         `json:"error,omitempty"`
	// OnPhoneAt is when the channel reported that it is on the telephone; zero
	// where it says nothing of that.
	OnPhoneAt time.Time `json:"on_phone_at,omitzero"`
}

// Entry is a line of an alarm's history.
type Entry struct {
	At   time.Time `json:"at"`
	What What      `json:"what"`
	Who  Person    `json:"who,omitempty"`
	To   Person    `json:"to,omitempty"` // to whom it is handed over
	Step int       `json:"step,omitempty"`
	// Until is when something is done next, where that follows from it.
	Until time.Time `json:"until,omitzero"`
	Text  string    `json:"text,omitempty"` // a code such as an outcome, never free text
}

// What says what happened to an alarm.
type What string

// What can happen to an alarm.
const (
	WasRaised    What = "raised"
	PressedAgain What = "pressed_again"
	Folded       What = "folded" // a repeat of the same press; counted, not in the history
	StepCalled   What = "step_called"
	StepPassed   What = "step_passed" // nobody to call in it
	Rests        What = "rests"       // so that others are called in the step
	OnBreak      What = "on_break"    // so that they are passed by in the step
	LastResort   What = "last_resort" // the contact outside all rosters is called too
	Reached      What = "reached"     // a channel accepted a call
	NotReached   What = "not_reached" // a channel failed; it is tried on
	OnPhone      What = "on_phone"    // a channel reports that a message is on the telephone; kept with the call, not in the history
	Taken        What = "taken"
	CannotCome   What = "declined"
	GivenBack    What = "given_back" // by its holder: raised again
	LeftToOthers What = "left"       // by one of those who have it, to the others
	WasOffered   What = "offered"    // by its holder to somebody else
	OfferOver    What = "offer_over" // refused or not answered: raised again
	Lapsed       What = "lapsed"     // its holder did not arrive or close in time: raised again
	Arrived      What = "arrived"
	HelpWanted   What = "help_wanted"
	WasClosed    What = "closed"
	WasReopened  What = "reopened"
	MovedAgain   What = "moved"       // a movement after an alarm that there was none
	BackInBed    What = "back_in_bed" // after an alarm that the bed was left
	// CancelledLate: the person cancelled a fall when people were called already.
	CancelledLate What = "cancelled_late"
	// Of technical alarms: there are more or fewer faults, they mean more than
	// before, it is not the hour to call anybody, and nothing is wrong any more
	// unless that comes back.
	FaultsChanged What = "faults_changed"
	FaultsWorse   What = "faults_worse"
	WaitsForHours What = "waits_for_hours"
	SeemsOver     What = "seems_over"
)
