package alerting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/devices"
)

// Technical is the kind of an alarm that calls a technician because of faults.
// The machine alone raises it; no device does, and nobody by hand.
const Technical devices.Kind = "technical"

// Durations of faults that people are told of.
const (
	// Gathering is how long faults are gathered before somebody is told, when
	// nothing else is said. What is over by then nobody is told of.
	Gathering = 2 * time.Minute
	// MaxGather is the longest that they may be.
	MaxGather = time.Hour
	// settles is how soon it is seen that somebody has a working button again.
	settles = 10 * time.Second
	// looksAgain is how often it is seen anew who has a working button: people
	// come, and go, and no fault changes.
	looksAgain = time.Hour
)

// FaultPlan says who is told of faults, and when.
type FaultPlan struct {
	Policy PolicyID `json:"policy"` // the technicians'
	// Hours are those in which technicians are called; nil: at any hour.
	Hours  *Hours        `json:"hours,omitempty"`
	Gather time.Duration `json:"gather,omitempty"` // 0 is Gathering
	// Unheard is the policy when somebody is left without a working button, at
	// any hour. Without it that is Policy in its hours, and the plan's default
	// in others.
	Unheard PolicyID `json:"unheard,omitempty"`
}

// ChainKind is what faults can hang on.
type ChainKind string

// What faults hang on.
const (
	OfSource  ChainKind = "source"  // a broker or serial line, and all that is heard through it
	OfChannel ChainKind = "channel" // a way to reach people
	OfGateway ChainKind = "gateway" // its store, clock, configuration, …
	OfRosters ChainKind = "rosters"
	OfOther   ChainKind = "other" // a watch, a lamp
)

// Chain is what faults have in common: those of one are told of together. The
// source of devices that nobody has heard yet is "".
type Chain struct {
	Kind ChainKind `json:"kind"`
	ID   string    `json:"id,omitempty"` // as the source or channel is called, or an opaque id
}

func (c Chain) String() string {
	if c.ID == "" {
		return string(c.Kind)
	}
	return string(c.Kind) + " " + c.ID
}

// FaultSum is what an alarm says of the faults of a chain.
type FaultSum struct {
	Chain    Chain       `json:"chain"`
	Count    int         `json:"count"`           // of faults
	Codes    []FaultCode `json:"codes,omitempty"` // the worst first
	Severity Severity    `json:"severity,omitempty"`
	// At are places of devices that have them, Bare places of people who have no
	// working button because of them: at most mostPlaces, in order.
	At   []PlaceID `json:"at,omitempty"`
	Bare []PlaceID `json:"bare,omitempty"`
	// People have no working button, so many, mostNamed or more, or Everybody.
	People    int  `json:"people,omitempty"`
	Everybody bool `json:"everybody,omitempty"`
}

// Bounds of what is said of faults, so that it costs little however many there are.
const (
	mostPlaces = 8
	mostNamed  = 200
)

// Unheard reports whether somebody is left without a working button.
func (s FaultSum) Unheard() bool { return s.People > 0 || s.Everybody }

// rank orders what faults mean for people.
func (s FaultSum) rank() int {
	switch {
	case s.Unheard():
		return 4
	case s.Count == 0:
		return 0
	}
	return 3 - slices.Index([]Severity{SomebodyUnheard, SoonUnheard, Nuisance}, s.Severity)
}

// worse reports whether it is worth a second call: it means more, or leaves
// twice as many without a button.
func (s FaultSum) worse(than FaultSum) bool {
	return s.rank() > than.rank() && s.rank() > 2 || s.People >= 2*than.People && s.People > than.People
}

func (s FaultSum) same(as FaultSum) bool {
	return s.Count == as.Count && s.People == as.People && s.Everybody == as.Everybody && s.Severity == as.Severity &&
		slices.Equal(s.Codes, as.Codes) && slices.Equal(s.Bare, as.Bare)
}

// text shows it in a script.
func (s FaultSum) text() string {
	var b strings.Builder
	codes := make([]string, len(s.Codes))
	for i, c := range s.Codes {
		codes[i] = string(c)
	}
	fmt.Fprintf(&b, "%s, %d: %s", s.Chain, s.Count, strings.Join(codes, " "))
	if s.Count == 0 {
		fmt.Fprintf(&b, "nothing any more")
	}
	switch {
	case s.Everybody:
		b.WriteString("; everybody without a button")
	case s.People > 0:
		fmt.Fprintf(&b, "; %d without a button", s.People)
		for i, p := range s.Bare {
			b.WriteString(map[bool]string{true: " at ", false: ", "}[i == 0] + string(p))
		}
	}
	return b.String()
}

// OutcomesOf lists the outcomes with which an alarm of a kind can be closed, in
// the order in which a page offers them.
func OutcomesOf(k devices.Kind) []Outcome {
	if k == Technical {
		return []Outcome{Fixed, NotNeeded}
	}
	return Outcomes()
}

// chainOf is what a fault hangs on.
func (m *Machine) chainOf(code FaultCode, subject string) Chain {
	if _, device := m.plan.Devices[devices.ID(subject)]; device {
		return Chain{OfSource, m.through[devices.ID(subject)]}
	}
	switch code {
	case LinkLost, ChainDown, CodecDown:
		return Chain{OfSource, sourceOf(code, subject)}
	case ChannelDown:
		return Chain{OfChannel, subject}
	case RosterHole, ContactBad: // of whoever plans, and all in one
		return Chain{Kind: OfRosters}
	case WatchBlind:
		// What it sees by is silent: forty of them behind one bridge are one thing.
		for _, d := range m.seesBy(WatchID(subject)) {
			if s := m.through[d]; s != "" {
				return Chain{OfSource, s}
			}
		}
		return Chain{OfOther, subject}
	case StoreDown, SpoolDown, InfluxDown, ClockStepped, ConfigRefused, RegistryDown:
		return Chain{OfGateway, subject}
	}
	return Chain{OfOther, subject}
}

// sourceOf is the source that a fault of a chain is of: a codec is named by its
// source and its file.
func sourceOf(code FaultCode, subject string) string {
	if at := strings.LastIndexByte(subject, '/'); code == CodecDown && at >= 0 {
		return subject[:at]
	}
	return subject
}

// seesBy lists the devices by which a watch sees.
func (m *Machine) seesBy(id WatchID) []devices.ID {
	w := m.plan.Watches[id]
	if len(w.Devices) > 0 {
		return w.Devices
	}
	place, _ := m.placeOf(w)
	return m.fleet.sensors[place]
}
