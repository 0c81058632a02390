package report

import (
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Report is a period in numbers. Times are RFC 3339 in the site's zone, waits
// are seconds.
type Report struct {
	Site     alerting.SiteID `json:"site" doc:"Opaque id of the site."`
	SiteName string          `json:"site_name,omitempty" doc:"Its name; absent in an anonymous report."`
	Zone     string          `json:"zone" doc:"The time zone in which months and days begin." example:"Europe/Warsaw"`
	Lang     string          `json:"language,omitempty" doc:"What the site's people read."`
	Month    string          `json:"month,omitempty" doc:"The calendar month; absent when another period was asked for." example:"2026-10"`
	From     time.Time       `json:"from" doc:"The period begins."`
	Until    time.Time       `json:"until" doc:"The period ends: this moment is no longer in it."`
	Made     time.Time       `json:"made" doc:"When this was made: what came later is not in it."`
	Over     bool            `json:"over" doc:"The period is over. Else everything is so far."`
	Known    Known           `json:"known" doc:"What is known of the period, and what is not."`

	Totals     Totals       `json:"totals" doc:"How many alarms were raised in the period."`
	Lines      []Line       `json:"lines" doc:"The limits of quality standards, and whether they were kept."`
	Waits      []Wait       `json:"waits" doc:"How long people waited, tests and drills left out."`
	Misses     []Miss       `json:"misses" doc:"Every alarm that no person had acknowledged within 60 seconds, with what was tried; each once."`
	Kinds      []Group      `json:"kinds" doc:"By kind, tests and drills left out; so are the three below."`
	Places     []Group      `json:"places" doc:"By place, the most alarms first."`
	Hours      []Group      `json:"hours" doc:"By the hour of the day in the site's zone, 00 to 23."`
	Outcomes   []Ended      `json:"outcomes" doc:"How they ended, as they were closed; drills by themselves."`
	Responders []Responder  `json:"responders,omitempty" doc:"By who was called; absent for those who may not know who comes."`
	Lapses     []Lapse      `json:"lapses" doc:"Alarms that somebody had and did not arrive at, or close, in time: they were raised again. For the limits the first acknowledgment counts."`
	Late       []Brief      `json:"late" doc:"Alarms that were heard late. Their times count from when they were heard; how long somebody had waited before is not known."`
	OpenAtEnd  []Brief      `json:"open_at_end" doc:"Alarms of the period that were open when it ended, or are now when it is not over."`
	Devices    Availability `json:"devices" doc:"How much of the time devices could be heard."`

	// Rows are the alarms, in the order of their numbers.
	Rows []Row `json:"-"`
}

// Known says what the journal tells of the period.
type Known struct {
	From       time.Time  `json:"from" doc:"From when on everything is known."`
	Whole      bool       `json:"whole" doc:"The journal reaches back to the beginning of the period."`
	Inputs     int        `json:"inputs" doc:"Records of the journal that were read."`
	Otherwise  int        `json:"decided_otherwise" doc:"Records that this release decides otherwise than the release of then: what was done then may differ from what is counted here."`
	Gaps       []Gap      `json:"gaps" doc:"When the gateway did not run. From is the last thing that it wrote down before; it may have gone on for some time."`
	Incidents  []Incident `json:"incidents" doc:"When the clock was set, or the journal could not be written: times may be wrong then."`
	Unfinished int        `json:"unfinished" doc:"Alarms whose numbers can still change: they are open, or were closed less than ten minutes ago."`
}

// Gap is a time in which the gateway did not run.
type Gap struct {
	From  time.Time `json:"from" doc:"The last record before."`
	Until time.Time `json:"until" doc:"The start."`
}

// Incident is a time in which something that numbers rest on was wrong.
type Incident struct {
	Code  alerting.FaultCode `json:"code" doc:"clock_stepped, or store_down."`
	From  time.Time          `json:"from" doc:"When it began."`
	Until time.Time          `json:"until,omitzero" doc:"When it ended; absent when it did not."`
}

// Totals count alarms. All is the sum of Counted, Tests, Drills and Cancelled.
type Totals struct {
	All       int `json:"all" doc:"Alarms raised in the period."`
	Counted   int `json:"counted" doc:"Of them, those that the numbers are about: all but tests, drills and falls that were cancelled."`
	Tests     int `json:"tests" doc:"Closed as a test, or raised in test mode."`
	Drills    int `json:"drills" doc:"Raised for a drill."`
	Cancelled int `json:"cancelled" doc:"Falls that the person took back before anybody was called."`
	Late      int `json:"late" doc:"Of those counted: heard late."`
	ByHand    int `json:"by_hand" doc:"Of those counted: raised by hand."`
	Open      int `json:"open" doc:"Of those counted: not closed yet."`
	False     int `json:"false_alarms" doc:"Of those counted: closed as a mistake, or because nobody needed help."`
	Lapsed    int `json:"lapsed" doc:"Of those counted: lapsed at least once."`
	Reopened  int `json:"reopened" doc:"Of those counted: opened again after a close."`
}

// Line is one limit of a standard.
type Line struct {
	Within   int     `json:"within_s" doc:"Acknowledged by a person within so many seconds." example:"60"`
	Asked    float64 `json:"asked_percent" doc:"The share of alarms for which that is asked." example:"97.5"`
	Source   string  `json:"source" doc:"Who asks for it: tsa is the British telecare quality standard, and en what was asked before it."`
	Decided  int     `json:"decided" doc:"Alarms of which it is known whether they kept to it."`
	Kept     int     `json:"kept" doc:"Those that did."`
	Pending  int     `json:"pending" doc:"Alarms that nobody has acknowledged and that still can keep to it."`
	Percent  float64 `json:"percent" doc:"Kept, in percent of decided; 0 when none is decided."`
	Verdict  Verdict `json:"verdict" enum:"met,not_met,no_alarms" doc:"Whether the limit was kept; no_alarms when there is nothing to judge."`
	AllowFor int     `json:"more_misses" doc:"How many more misses there may be among as many alarms; negative when there were too many."`
}

// Verdict says whether a line was kept.
type Verdict string

// Verdicts.
const (
	Met      Verdict = "met"
	NotMet   Verdict = "not_met"
	NoAlarms Verdict = "no_alarms"
)

// Wait is how long people waited for one milestone: of the alarms that reached
// it. Percentiles are by nearest rank: so many percent waited no longer.
type Wait struct {
	Milestone alerting.Milestone `json:"milestone" enum:"call,acknowledge,attend,close" doc:"What was waited for, from raised: a channel had the first call; a person acknowledged; somebody was there; it was closed."`
	Count     int                `json:"count" doc:"Alarms that reached it. The other numbers are absent when none did."`
	Not       int                `json:"not" doc:"Alarms that did not, or not yet."`
	Median    *float64           `json:"median_s,omitempty" doc:"Half waited no longer."`
	P90       *float64           `json:"p90_s,omitempty" doc:"90 percent waited no longer."`
	P95       *float64           `json:"p95_s,omitempty" doc:"95 percent waited no longer."`
	P99       *float64           `json:"p99_s,omitempty" doc:"99 percent waited no longer."`
	Worst     *float64           `json:"worst_s,omitempty" doc:"Nobody waited longer."`
}

// Brief is an alarm in a list.
type Brief struct {
	Alarm     alerting.AlarmID `json:"alarm" doc:"Opaque id."`
	Number    int              `json:"number" doc:"What people say to each other."`
	Kind      devices.Kind     `json:"kind" doc:"Its kind."`
	Place     alerting.PlaceID `json:"place,omitempty" doc:"Where, as an opaque id."`
	PlaceName string           `json:"place_name,omitempty" doc:"Where, as people call it; absent in an anonymous report."`
	RaisedAt  time.Time        `json:"raised_at" doc:"When it was raised."`
	AckedAt   time.Time        `json:"acked_at,omitzero" doc:"When a person first acknowledged it."`
	ClosedAt  time.Time        `json:"closed_at,omitzero" doc:"When it was closed."`
	Test      bool             `json:"test,omitempty" doc:"It is a test, a drill or a cancelled fall, and not counted."`
}

// Miss is an alarm that waited too long for a person.
type Miss struct {
	Brief
	Seconds   float64         `json:"seconds" doc:"How long it took; how long it has been waiting, when nobody has acknowledged it."`
	Over      int             `json:"limit_s" doc:"The longest limit that it missed: 60 or 180."`
	By        alerting.Person `json:"by,omitempty" doc:"Who acknowledged it at last; absent when nobody did, or for those who may not know."`
	ByName    string          `json:"by_name,omitempty" doc:"Their name, for those who may know it."`
	Tries     []Try           `json:"tries" doc:"What was tried until then, the first twenty."`
	MoreTries int             `json:"more_tries,omitempty" doc:"How many more there were."`
}

// Try is a call to somebody, or a step in which there was nobody to call.
type Try struct {
	At      time.Time       `json:"at" doc:"When."`
	Step    int             `json:"step" doc:"The step of the policy."`
	Who     alerting.Person `json:"who,omitempty" doc:"Who was called; absent for those who may not know."`
	WhoName string          `json:"who_name,omitempty" doc:"Their name, for those who may know it."`
	Result  Result          `json:"result" enum:"reached,not_reached,no_result,declined,nobody" doc:"A channel accepted the call; none did; it is not known; the person said that they cannot come; the step had nobody to call."`
}

// Result is how a try went.
type Result string

// Results. That a channel accepted a call is not an answer.
const (
	WasReached  Result = "reached"
	NotReached  Result = "not_reached"
	NoResult    Result = "no_result"
	SaidNo      Result = "declined"
	NobodyToAsk Result = "nobody"
)

// Group is the alarms that have something in common.
type Group struct {
	Key     string   `json:"key" doc:"The kind, the place's opaque id (empty: not known), or the hour."`
	Name    string   `json:"name,omitempty" doc:"The place's name; absent in an anonymous report."`
	Alarms  int      `json:"alarms" doc:"How many were raised."`
	Kept60  int      `json:"within_60s" doc:"Acknowledged by a person within 60 s."`
	Kept180 int      `json:"within_180s" doc:"Acknowledged by a person within 180 s."`
	False   int      `json:"false_alarms" doc:"Closed as a mistake, or because nobody needed help."`
	Open    int      `json:"open" doc:"Not closed yet."`
	Median  *float64 `json:"median_s,omitempty" doc:"Median time to a person's acknowledgment; absent when nobody acknowledged any."`
}

// Ended counts alarms that ended in one way.
type Ended struct {
	Outcome alerting.Outcome `json:"outcome" doc:"helped, hurt, ambulance, not_needed, mistake, test, cancelled, drill; empty: not closed yet."`
	Alarms  int              `json:"alarms" doc:"How many; tests and drills are counted here too."`
}

// Responder is what was asked of somebody, and what they did. Alarms are
// counted, each once for one person; tests and drills are left out.
type Responder struct {
	Person    alerting.Person `json:"person" doc:"Opaque id."`
	Name      string          `json:"name,omitempty" doc:"Their name; absent in an anonymous report."`
	Called    int             `json:"called" doc:"They were called."`
	Took      int             `json:"took" doc:"They took it, or were there without saying so before."`
	Declined  int             `json:"declined" doc:"They said that they cannot come."`
	GaveBack  int             `json:"gave_back" doc:"They had it and gave it back."`
	Lapsed    int             `json:"lapsed" doc:"They had it and did not arrive, or close, in time."`
	Unheard   int             `json:"unanswered" doc:"They were called and did nothing before somebody else had it."`
	Median    *float64        `json:"median_to_take_s,omitempty" doc:"Median time from their first call to their taking it; absent when they took none for which they were called."`
	durations []time.Duration
}

// Lapse is an acknowledgment that came to nothing.
type Lapse struct {
	Brief
	Who     alerting.Person `json:"who,omitempty" doc:"Who had it; absent for those who may not know."`
	WhoName string          `json:"who_name,omitempty" doc:"Their name, for those who may know it."`
	At      time.Time       `json:"at" doc:"When it was raised again."`
	Held    float64         `json:"held_s" doc:"For how long they had had it, in seconds."`
}

// Availability is how much of the time devices could be heard.
type Availability struct {
	Devices      int      `json:"devices" doc:"Devices that were registered in the period."`
	Supervised   int      `json:"supervised" doc:"Those that give signs of life, so that silence is noticed."`
	Unsupervised int      `json:"unsupervised" doc:"Those that give none: nobody knows whether they work until somebody presses them."`
	Percent      *float64 `json:"percent,omitempty" doc:"Of all supervised devices together: the share of the known time in which they were well. Absent when there is none."`
	Listed       []Device `json:"worst" doc:"Every device that was not well at some time, the worst first. All others were well whenever the gateway ran."`
}

// Device is how one device fared.
type Device struct {
	Device    devices.ID       `json:"device" doc:"Opaque id."`
	Name      string           `json:"name,omitempty" doc:"As people call it; absent in an anonymous report."`
	Place     alerting.PlaceID `json:"place,omitempty" doc:"Where it is, as an opaque id."`
	PlaceName string           `json:"place_name,omitempty" doc:"Where it is, as people call it; absent in an anonymous report."`
	Percent   *float64         `json:"percent,omitempty" doc:"The share of the known time in which it was well; absent when it gives no sign of life, or no time is known."`
	Well      float64          `json:"well_s" doc:"Seconds without a fault."`
	Silent    float64          `json:"silent_s" doc:"Seconds in which it was known to be silent. Silence is known when its window has passed."`
	Faulty    float64          `json:"faulty_s" doc:"Seconds in which it reported a fault of its own."`
	Cut       float64          `json:"cut_off_s" doc:"Seconds in which every line or bridge that it can be heard through was down."`
	Unknown   float64          `json:"unknown_s" doc:"Seconds in which the gateway did not run."`
}

// Row is one alarm, as it is when the report is made.
type Row struct {
	Brief
	Priority   alerting.Priority
	State      alerting.State
	Device     devices.ID
	DeviceName string
	Policy     alerting.PolicyID
	Late       bool
	Drill      bool // a test is one without a drill
	Presses    int
	RaisedBy   alerting.Person
	RaisedName string
	CalledAt   time.Time
	AttendedAt time.Time
	AckedBy    alerting.Person
	AckedName  string
	ClosedBy   alerting.Person
	ClosedName string
	Outcome    alerting.Outcome
	Lapses     int
	Reopened   int
}

// took is alerting.Alarm.Took, from what is left of the alarm.
func (r *Row) took(m alerting.Milestone) (time.Duration, bool) {
	a := alerting.Alarm{RaisedAt: r.RaisedAt, NotifiedAt: r.CalledAt, AckedAt: r.AckedAt, AttendedAt: r.AttendedAt, ClosedAt: r.ClosedAt}
	return a.Took(m)
}

// counted reports whether the numbers are about it.
func (r *Row) counted() bool { return !r.Test }

// ended is how it ended. A drill is one whatever people said of it, so that no
// ambulance is counted that nobody called.
func (r *Row) ended() alerting.Outcome {
	if r.Drill && r.Outcome != "" {
		return alerting.DrillAlarm
	}
	return r.Outcome
}

// isFalse reports whether nobody needed help.
func (r *Row) isFalse() bool {
	return r.Outcome == alerting.NotNeeded || r.Outcome == alerting.Mistake
}
