package words

import (
	"time"

	"telecare/alerting"
)

// Report are the words of a period's numbers: see alerting/report. A moment
// goes where {a} and {b} are, a number where {n} is.
type Report struct {
	Name      string // "Report"
	Month     func(time.Month, int) string
	Decimals  func(string) string // a number as it is written
	Long      func(hours, minutes int) string
	FromUntil string // {a}, {b}: days
	Made      string // {a}
	Zone      string // {a}: its name
	SoFar     string // the period is not over
	NotWhole  string // {a}: the journal begins
	Nothing   string // nothing is known of the period
	Otherwise string // {n} records
	Gap       string // {a}, {b}
	MoreGaps  string // {n}
	Unsettled string // {n} alarms
	Incident  map[alerting.FaultCode]string
	Lasting   string // an incident that has not ended
	None      string // no alarms

	Limits, Waits, Misses, Totals, Outcomes, Kinds, Places, Times, People, Lapses, Late, Open, Devices string // titles

	LimitsNote, WaitsNote, MissesNote, PeopleNote, LapsesNote, LateNote, OpenNote, DevicesNote string

	Limit, Asked, Kept, Share, Verdict, Source string
	Of                                         string // {a} of {b}
	Verdicts                                   map[string]string
	Sources                                    map[string]string
	Pending                                    string // {n}

	What, Count, Median, P90, P95, P99, Worst, Without string
	Milestones                                         map[alerting.Milestone]string

	Number, Raised, Kind, Place, Waited, By, Tried, Until string
	Nobody                                                string // acknowledged it
	Results                                               map[string]string
	More                                                  string // {n} tries
	Step                                                  string // {n}

	All, Counted, Tests, Drills, Cancelled, Lates, ByHand, StillOpen, False, Lapsed, Reopened string

	Alarms, Within60, Within180 string
	NotClosed, NoPlace          string
	Who, Called, Took, Declined string
	GaveBack, LapsedBy, Unheard string
	MedianTake                  string
	Held, Acked, Closed         string
	Device, Well, Silent        string
	Faulty, Cut, Unknown        string
	Fleet                       string // {a} percent, {n} supervised devices
	Unsupervised                string // {n}
	NoDevices, AllWell          string

	// The page's own.
	Beside                                                                  string // the month beside the one before
	Choose, Show, AsCSV, AsJSON, Print, Back, SignIn, NotYours, Wrong, Busy string
	MonthLabel, FromLabel, ToLabel, Anonymous                               string
}
