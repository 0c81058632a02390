package alerting

import (
	"encoding/json"
	"time"

	"telecare/devices"
)

// Input is something the machine is told. All inputs are journalled.
type Input interface{ input() }

// The inputs. Each says what happened, never what is to be done.
type (
	// Start comes after every start of the process, when the plan is in force:
	// what was under way when it ended is sent again. Clock is not nil when the
	// clock on the wall stands otherwise than the machine was told: both are known
	// in one moment, so that nothing is due by the one and not by the other.
	Start struct {
		Clock *ClockSet `json:"clock,omitempty"`
	}

	// Tick says that time has passed.
	Tick struct{}

	// Apply puts a new plan in force. Open alarms go on under it.
	Apply struct {
		Plan Plan `json:"plan"`
	}

	// Heard is an event of a registered device, its Kind already made plain by
	// the device's role. Level: it is a state that repeats, news only once
	// until it is Cleared.
	//
	// Delivery identifies the delivery on a link that redelivers, for a format
	// that has no Ref: an alarm that it raises has the same id when a crash
	// forgets it and it comes again. Repeat: the link says that it may have come
	// before. Without it the delivery is new, whatever its identity.
	Heard struct {
		Device   devices.ID   `json:"device"`
		Kind     devices.Kind `json:"kind"`
		Ref      string       `json:"ref,omitempty"`
		Counter  bool         `json:"counter,omitempty"` // Ref begins anew with the device: see CounterWindow
		Delivery string       `json:"delivery,omitempty"`
		Repeat   bool         `json:"repeat,omitempty"`
		Late     bool         `json:"late,omitempty"`
		Level    bool         `json:"level,omitempty"`
	}

	// Cleared says that a level is back to normal. It closes nothing.
	Cleared struct {
		Device devices.ID   `json:"device"`
		Kind   devices.Kind `json:"kind"`
	}

	// Sign is what a sensor shows of people, when somebody watches for it. Of
	// movements the shell passes on one a minute.
	Sign struct {
		Device devices.ID `json:"device"`
		What   Motion     `json:"what"`
		Late   bool       `json:"late,omitempty"` // a state that was kept, not news
	}

	// Away: a resident is away until then, or a place is empty; back at once when
	// Until is not to come. Exactly one of Resident and Place is set.
	Away struct {
		Resident ResidentID `json:"resident,omitempty"`
		Place    PlaceID    `json:"place,omitempty"`
		Until    time.Time  `json:"until,omitzero"`
		By       Person     `json:"by"`
	}

	// SetTest begins a test window of a device, of a place, or of the whole site;
	// it ends it when Until is not to come.
	SetTest struct {
		Device devices.ID `json:"device,omitempty"`
		Place  PlaceID    `json:"place,omitempty"`
		Until  time.Time  `json:"until,omitzero"`
		By     Person     `json:"by"`
	}

	// Pause: By is at a place, and its door and bed are theirs until then.
	Pause struct {
		Place PlaceID   `json:"place"`
		Until time.Time `json:"until,omitzero"`
		By    Person    `json:"by"`
	}

	// RaiseByHand raises an alarm for a place: somebody telephoned, or wants to
	// know how a Drill goes.
	RaiseByHand struct {
		Kind  devices.Kind `json:"kind"`
		Place PlaceID      `json:"place"`
		By    Person       `json:"by"`
		Drill bool         `json:"drill,omitempty"`
	}

	// Take: By holds the alarm from now on and is on the way.
	Take struct {
		Alarm AlarmID `json:"alarm"`
		By    Person  `json:"by"`
	}

	// Decline: By cannot come. A holder who declines gives the alarm back.
	Decline struct {
		Alarm AlarmID `json:"alarm"`
		By    Person  `json:"by"`
	}

	// Arrive: By is with the person.
	Arrive struct {
		Alarm AlarmID `json:"alarm"`
		By    Person  `json:"by"`
	}

	// NeedHelp: By is there or on the way and wants more people.
	NeedHelp struct {
		Alarm AlarmID `json:"alarm"`
		By    Person  `json:"by"`
	}

	// HandOver: By, who has the alarm, asks To to take it over. By has it until
	// To takes it; if To cannot, or says nothing for AnswerOffer, it is raised
	// again.
	HandOver struct {
		Alarm AlarmID `json:"alarm"`
		By    Person  `json:"by"`
		To    Person  `json:"to"`
	}

	// Close ends an alarm with an outcome.
	Close struct {
		Alarm   AlarmID `json:"alarm"`
		By      Person  `json:"by"`
		Outcome Outcome `json:"outcome"`
	}

	// Reopen undoes a close within ten minutes.
	Reopen struct {
		Alarm AlarmID `json:"alarm"`
		By    Person  `json:"by"`
	}

	// BreakBegins: By is on a break until a time on the wall, at most MaxBreak
	// away. It ends by itself. Another one gives it another end.
	BreakBegins struct {
		By    Person    `json:"by"`
		Until time.Time `json:"until"`
	}

	// BreakEnds: By is back.
	BreakEnds struct {
		By Person `json:"by"`
	}

	// Recover comes before an answer by a signed link to an alarm that is not
	// known: it was called for and a crash forgot it before it was on disk. The
	// link tells of it; By, who answers, has it from now on. An alarm that is
	// known is left as it is. Place is for one that no device raised.
	Recover struct {
		Alarm    AlarmID      `json:"alarm"`
		By       Person       `json:"by"`
		Kind     devices.Kind `json:"kind"`
		Device   devices.ID   `json:"device,omitempty"`
		Place    PlaceID      `json:"place,omitempty"`
		RaisedAt time.Time    `json:"raised_at"`
	}

	// Sent is the result of a notification: accepted by the channel when Error
	// is "", else a word such as "timeout" or "status 503", never free text.
	// Arrived: the channel reports that it is on the person's telephone, which is
	// no answer of theirs.
	Sent struct {
		Alarm        AlarmID        `json:"alarm"`
		Notification NotificationID `json:"notification"`
		Error        string         `json:"error,omitempty"`
		Arrived      bool           `json:"arrived,omitempty"`
	}

	// ClockSet: the clock on the wall was set, or found to be away. Behind is how
	// far it is behind the machine's time, which never goes back: rosters follow
	// the wall.
	ClockSet struct {
		Behind time.Duration `json:"behind"`
	}

	// Adopt takes over a whole state, written by State: the journal before it
	// was lost or could not be read, and begins anew with what was still known.
	Adopt struct {
		State json.RawMessage `json:"state"`
	}

	// Through: devices are heard through a source from now on. What is behind it
	// when it is lost, nobody else can say.
	Through struct {
		Source  string       `json:"source"`
		Devices []devices.ID `json:"devices"`
	}

	// FaultEdge: a fault begins or ends. Subject is an opaque id: of a device,
	// a source, a channel or the gateway itself.
	FaultEdge struct {
		Code    FaultCode `json:"code"`
		Subject string    `json:"subject"`
		On      bool      `json:"on"`
	}
)

func (Start) input()       {}
func (Tick) input()        {}
func (Apply) input()       {}
func (Heard) input()       {}
func (Cleared) input()     {}
func (Sign) input()        {}
func (Away) input()        {}
func (Pause) input()       {}
func (SetTest) input()     {}
func (RaiseByHand) input() {}
func (Take) input()        {}
func (Decline) input()     {}
func (Arrive) input()      {}
func (NeedHelp) input()    {}
func (HandOver) input()    {}
func (Close) input()       {}
func (Reopen) input()      {}
func (Recover) input()     {}
func (BreakBegins) input() {}
func (BreakEnds) input()   {}
func (ClockSet) input()    {}
func (Sent) input()        {}
func (Adopt) input()       {}
func (Through) input()     {}
func (FaultEdge) input()   {}
