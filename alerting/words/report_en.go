package words

import (
	"fmt"
	"time"

	"telecare/alerting"
)

func englishReport() Report {
	return Report{
		Name: "Report", Month: func(m time.Month, year int) string { return fmt.Sprintf("%s %d", m, year) },
		Decimals:  func(s string) string { return s },
		Long:      func(h, m int) string { return fmt.Sprintf("%d h %02d min", h, m) },
		FromUntil: "{a} to {b}", Made: "Made {a}.", Zone: "Days and hours are those of {a}.",
		SoFar:     "The period is not over: all of this is so far.",
		NotWhole:  "The journal begins at {a}: what was before is not known, and not counted.",
		Nothing:   "Nothing is known of this period: the journal begins later.",
		Otherwise: "This release decides {n} records otherwise than the release of then: what was done then may differ from what stands here.",
		Gap:       "The gateway did not run until {b}; the last thing on record before is of {a}.",
		MoreGaps:  "And {n} more times.",
		Unsettled: "Alarms that can still change: {n}. They are open, or were closed less than ten minutes ago.",
		Incident: map[alerting.FaultCode]string{
			alerting.ClockStepped: "The clock was wrong or had been set, from {a} to {b}: times may be wrong.",
			alerting.StoreDown:    "The journal could not be written, from {a} to {b}: what was said then may be missing.",
		},
		Lasting: "now", None: "no alarms",

		Limits: "Acknowledged by a person", Waits: "How long people waited", Misses: "Not within 60 seconds", Totals: "Alarms", Outcomes: "How they ended",
		Kinds: "By kind", Places: "By place", Times: "By hour of the day", People: "Who was called", Lapses: "Taken, and not arrived or closed in time",
		Late: "Heard late", Open: "Open at the end", Devices: "Devices",

		LimitsNote:  "From raised until a person first took it, was there or closed it. What a channel or a phone accepts is no acknowledgment. Tests and drills are left out.",
		WaitsNote:   "So many percent waited no longer. Each is of the alarms that came so far; the last column counts those that did not.",
		MissesNote:  "Each alarm once, with what was tried until a person acknowledged it.",
		PeopleNote:  "Alarms are counted, each once for one person. Unanswered: somebody else had it before they did anything.",
		LapsesNote:  "They were raised again, and others were called. For the limits the first acknowledgment counts, also one that lapsed.",
		LateNote:    "Their times count from when they were heard. How long somebody had waited before is not known.",
		OpenNote:    "Not closed when the period ended, or now when it is not over.",
		DevicesNote: "Of the time in which the gateway ran. A silent device counts from when its silence is known: its window must have passed.",

		Limit: "Within", Asked: "asked", Kept: "kept", Share: "share", Verdict: "verdict", Source: "asked by", Of: "{a} of {b}",
		Verdicts: map[string]string{"met": "met", "not_met": "NOT MET", "no_alarms": "no alarms"},
		Sources:  map[string]string{"tsa": "TSA", "en": "TSA, before"},
		Pending:  "Not known yet of {n}, which nobody has and which still have time.",

		What: "until", Count: "alarms", Median: "median", P90: "90 %", P95: "95 %", P99: "99 %", Worst: "longest", Without: "not",
		Milestones: map[alerting.Milestone]string{
			alerting.ToCall: "the first call was accepted", alerting.ToAcknowledge: "a person acknowledged", alerting.ToAttend: "somebody was there", alerting.ToClose: "closed",
		},

		Number: "no", Raised: "raised", Kind: "kind", Place: "place", Waited: "waited", By: "then by", Tried: "tried", Until: "until",
		Nobody:  "nobody",
		Results: map[string]string{"reached": "reached", "not_reached": "not reached", "no_result": "no result", "declined": "cannot come", "nobody": "nobody to call"},
		More:    "and {n} more", Step: "step {n}",

		All: "all", Counted: "counted", Tests: "tests", Drills: "drills", Cancelled: "falls cancelled by the person", Lates: "heard late", ByHand: "raised by hand", StillOpen: "not closed yet",
		False: "false alarms", Lapsed: "taken, and lapsed", Reopened: "opened again",

		Alarms: "alarms", Within60: "in 60 s", Within180: "in 180 s", NotClosed: "not closed yet", NoPlace: "place not known",
		Who: "who", Called: "called", Took: "took", Declined: "could not", GaveBack: "gave back", LapsedBy: "lapsed", Unheard: "unanswered", MedianTake: "median to take",
		Held: "had it for", Acked: "acknowledged", Closed: "closed",
		Device: "device", Well: "well", Silent: "silent", Faulty: "faulty", Cut: "cut off", Unknown: "not known",
		Fleet:        "Well for {a} of the time, all {n} supervised devices together.",
		Unsupervised: "Devices that give no sign of life: {n}. Whether they work is known when somebody presses them.",
		NoDevices:    "no supervised devices", AllWell: "every device was well whenever the gateway ran",

		Beside: "Beside the month before",
		Choose: "Choose a period", Show: "Show", AsCSV: "Alarms as CSV", AsJSON: "All of it as JSON", Print: "To print it, use the browser's own command.", Back: "All alarms",
		SignIn: "Sign in on the first page, then come back.", NotYours: "This account may not read reports.", Wrong: "This period cannot be shown:",
		Busy:       "The report could not be made now. Try again.",
		MonthLabel: "Month", FromLabel: "First day", ToLabel: "Last day", Anonymous: "Without names",
	}
}
