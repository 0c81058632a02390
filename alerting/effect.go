package alerting

import (
	"time"

	"telecare/devices"
)

// Effect is something the machine wants done or known.
type Effect interface{ effect() }

// Reason says why a notification is sent.
type Reason string

// Reasons.
const (
	Calling Reason = "call"  // come
	Again   Reason = "again" // pressed again, or more help wanted: to people who know of it
	Offered Reason = "offer" // whoever has it asks you to take it over
	Stopped Reason = "stop"  // somebody else has it, or it is closed
	// Informing is of messages to those who are not called: see Inform.
	Informing Reason = "inform"
)

type (
	// Notify asks for one message to one responder over one channel. The same
	// ID is the same message: sending it twice is harmless.
	Notify struct {
		ID      NotificationID
		Alarm   AlarmID
		Number  int
		To      Person
		Channel ChannelID
		Reason  Reason
		Step    int
	}

	// Inform asks for one message to somebody who has no duty and wants to know. It
	// calls nobody, and nothing waits for its result. One of NewsSigns is of no
	// alarm. The same ID is the same message.
	Inform struct {
		ID      NotificationID
		Alarm   AlarmID
		Number  int
		To      Person
		Channel ChannelID
		News    News
		Of      []ResidentID
		Shared  bool
		At      time.Time
	}

	// Withdraw says that a notification which may still be waiting is no
	// longer wanted.
	Withdraw struct {
		ID      NotificationID
		Alarm   AlarmID
		Number  int
		To      Person
		Channel ChannelID
	}

	// Changed carries an alarm as it is after the step, and one thing that
	// happened to it. An alarm to which two things happened has two of them.
	Changed struct {
		Alarm Alarm
		Entry Entry
	}

	// AwayChanged: somebody is away, or is back: by themselves, or because the
	// time is over when By is "".
	AwayChanged struct {
		Absence Absence
		On      bool
	}

	// TestChanged: a test window begins or ends, by itself when By is "".
	TestChanged struct {
		Window TestWindow
		On     bool
	}

	// FallWaits: a fall waits for the person to cancel it, until then.
	FallWaits struct {
		Device devices.ID
		Until  time.Time
	}

	// FaultChanged: a fault began or ended.
	FaultChanged struct {
		Fault Fault
		On    bool
	}

	// BreakChanged: somebody is on a break until then, or is back when Until is
	// zero.
	BreakChanged struct {
		Who   Person
		Until time.Time
	}

	// Refused answers a person's input that could not be done.
	Refused struct {
		Alarm  AlarmID
		By     Person
		Why    Refusal
		Holder Person // who has it, where that is the reason
	}
)

// Refusal says why somebody's answer could not be carried out.
type Refusal string

// Refusals.
const (
	NoSuchAlarm   Refusal = "no_such_alarm"
	AlreadyHeld   Refusal = "already_held"
	AlreadyClosed Refusal = "already_closed"
	NotHolder     Refusal = "not_holder"  // who may hand it over
	CannotCall    Refusal = "cannot_call" // whom it is handed to
	NotClosed     Refusal = "not_closed"
	TooLate       Refusal = "too_late" // to reopen
	NoOutcome     Refusal = "no_outcome"
	NoSuchPlace   Refusal = "no_such_place"
	NoSuchPerson  Refusal = "no_such_person"
	NoBreak       Refusal = "no_break"     // its end is past, or too far away
	NotAnAlarm    Refusal = "not_an_alarm" // a kind that raises none
	TooLong       Refusal = "too_long"     // to be away, to pause, to test
)

func (Notify) effect()       {}
func (Inform) effect()       {}
func (Withdraw) effect()     {}
func (Changed) effect()      {}
func (FallWaits) effect()    {}
func (TestChanged) effect()  {}
func (AwayChanged) effect()  {}
func (FaultChanged) effect() {}
func (Refused) effect()      {}
func (BreakChanged) effect() {}
