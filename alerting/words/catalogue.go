package words

import (
	"strings"

	"telecare/alerting"
	"telecare/devices"
)

// Words is the catalogue of one language. Its JSON is what the page is served:
// words that it shares with everything else. A name goes where {name} is.
type Words struct {
	Kinds map[devices.Kind]string `json:"kinds"` // of alarms
	// Roles are what a device is for, in the middle of a line.
	Roles      map[devices.Kind]string       `json:"roles"`
	Priorities map[alerting.Priority]string  `json:"priority"`
	States     map[alerting.State]string     `json:"states"`
	Outcomes   map[alerting.Outcome]string   `json:"outcomes"`
	Ended      map[alerting.Outcome]string   `json:"outcomesShort"` // in the middle of a line
	Lives      map[devices.Life]string       `json:"life"`
	Faults     map[alerting.FaultCode]Broken `json:"faults"`

	// Tries are why a channel did not carry a call, by the word that the journal
	// keeps.
	Tries map[string]string `json:"tries"`
	// Problems are why something could not be done, by the code that programs
	// read. A holder's name goes where {name} is.
	Problems map[string]string `json:"problems"`
	// Pages are what stands on pages that a program's words are not loaded for.
	Pages Pages `json:"-"`
	// Report are the words of a month's numbers.
	Report Report `json:"-"`

	// Handover are the words of the sheet for the change of shift.
	Handover Handover `json:"-"`

	// Formats are of the catalogue of formats.
	Formats FormatWords `json:"formats"`

	call      callWords
	faults    faultWords
	newsWords newsWords
}

// Broken is a fault in words: what it is, and what it means for people.
type Broken struct {
	What  string `json:"what"`
	Means string `json:"means"`
}

// Pages are the words of pages that the gateway writes itself.
type Pages struct {
	Boot     string // until the page is live
	NoScript string
	NotHere  string // a title
	All      string // the way back to all alarms

	NoPage, NoPageDo   string
	BadLink, BadLinkDo string
	Unknown, UnknownDo string

	Offline, OfflineDo string // what a phone shows without a network
	Centre, Again      string
	// Of whoever comes back from a sign-in elsewhere.
	NotSignedIn, NotSignedInDo string
}

// Kind names an alarm; one without words is named as programs do.
func (w Words) Kind(k devices.Kind) string { return or(w.Kinds[k], string(k)) }

// Fault says what is broken, and what that means.
func (w Words) Fault(c alerting.FaultCode, name string) (what, means string) {
	f := w.Faults[c]
	return with(or(f.What, "{name}: "+string(c)), name), f.Means
}

// Try says why a channel did not carry a call.
func (w Words) Try(word string) string { return or(w.Tries[word], word) }

// Problem says why something could not be done. who is the person it is about,
// or "".
func (w Words) Problem(code, who string) string {
	if who != "" {
		if s, ok := w.Problems[code+" by name"]; ok {
			return with(s, who)
		}
	}
	return or(w.Problems[code], w.Problems["cannot"])
}

func with(s, name string) string { return strings.ReplaceAll(s, "{name}", name) }

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
