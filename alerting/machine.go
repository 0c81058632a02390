package alerting

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"telecare/devices"
)

// Durations that no policy changes.
const (
	// FoldWindow is how long repeats without a delivery identity of their own
	// are folded into the press before them. Radio repeats and twin topics
	// come within four seconds of it.
	FoldWindow = 5 * time.Second
	// Unreached is the longest wait of a step in which nobody was reached.
	Unreached = time.Minute
	// Shortest is the least that a step has to be answered in when the person
	// presses again, and the least from one turn of a policy to the next.
	Shortest = 10 * time.Second
	// AnswerOffer is how long somebody has to answer who is handed an alarm.
	AnswerOffer = time.Minute
	// ReopenFor is how long a close can be undone.
	ReopenFor = 10 * time.Minute
	// StopFor is how long it is tried to tell people that an alarm is taken
	// care of.
	StopFor = 10 * time.Minute
	// Remember is how long a closed alarm is kept, so that a late redelivery
	// of its press finds it.
	Remember = 24 * time.Hour
)

// Machine is one site's alarms and what is to be done about them. It belongs
// to one goroutine.
type Machine struct {
	now    time.Time
	behind time.Duration // of the clock on the wall
	plan   Plan
	number int // of the newest alarm
	alarms map[AlarmID]*alarm
	open   opened
	refs   map[reference]AlarmID
	levels map[trigger]bool // levels that are in their alarm state
	faults map[faultKey]Fault
	waits  map[trigger]*wait   // falls in their pre-alarm
	ended  map[trigger]AlarmID // the newest that was over by itself
	due    dues
	where  Whereabouts // of the plan
	holes  *timer      // looks for holes in rosters

	groups  map[Chain]*group      // of open faults, where somebody is told of them
	through map[devices.ID]string // the source through which a device was heard last
	codecs  map[string]int        // of a source, that do not work
	fleet   fleet                 // of the plan

	watching map[WatchID]*watching
	watchers watchIndex                     // of the plan
	contacts map[devices.ID]bool            // watched doors that are known: open?
	held     map[PlaceID]map[AlarmID]*alarm // that somebody holds
	doors    map[PlaceID]time.Time          // until when whoever was there may leave
	pauses   map[PlaceID]time.Time          // until when door and bed are somebody's
	absences map[absentee]*absence
	tests    map[tested]*trial

	breaks    map[Person]time.Time // until when they are on a break
	breakOver *timer

	informed map[ResidentID][]Informed // of the plan
	signs    map[signsOf]*signsTold

	effects []Effect // of the step under way
}

// trigger is what presses are folded by.
type trigger struct {
	device devices.ID
	kind   devices.Kind
}

type faultKey struct {
	code    FaultCode
	subject string
}

// New returns a machine that knows of nothing and calls nobody: the first
// input is an Apply.
func New() *Machine {
	return &Machine{
		alarms: map[AlarmID]*alarm{},
		open:   newOpened(),
		refs:   map[reference]AlarmID{},
		levels: map[trigger]bool{},
		faults: map[faultKey]Fault{},
		waits:  map[trigger]*wait{},
		ended:  map[trigger]AlarmID{},

		groups:  map[Chain]*group{},
		through: map[devices.ID]string{},
		codecs:  map[string]int{},

		watching: map[WatchID]*watching{},
		contacts: map[devices.ID]bool{},
		held:     map[PlaceID]map[AlarmID]*alarm{},
		doors:    map[PlaceID]time.Time{},
		pauses:   map[PlaceID]time.Time{},
		absences: map[absentee]*absence{},
		tests:    map[tested]*trial{},
		holes:    &timer{order: "holes", pass: (*Machine).watchHoles},

		signs: map[signsOf]*signsTold{},

		breaks:    map[Person]time.Time{},
		breakOver: &timer{order: "breaks", pass: (*Machine).passBreaks},
	}
}

// Step tells the machine one thing and the time, and returns what is to be
// done, in order. A now before the newest one counts as that: time never goes
// back here. Deadlines that have passed are dealt with after the input, so that
// an answer which comes in the same moment still counts.
func (m *Machine) Step(now time.Time, in Input) []Effect {
	if now.After(m.now) {
		m.now = now.UTC().Round(0) // without the monotonic part: it must survive JSON
	}
	switch in := in.(type) {
	case Start:
		if in.Clock != nil {
			m.clockSet(*in.Clock)
		}
		m.sendOutstanding()
		m.tellOutstanding()
		m.graceWatches()
	case Tick:
	case Apply:
		m.apply(in.Plan)
	case Heard:
		m.heard(in)
	case Cleared:
		delete(m.levels, trigger{in.Device, in.Kind})
		if in.Kind == devices.BedExit {
			m.bedFound(in.Device)
		}
	case Sign:
		m.sign(in)
	case Away:
		m.setAway(in)
	case SetTest:
		m.setTest(in)
	case Pause:
		m.pause(in)
	case RaiseByHand:
		m.raiseByHand(in)
	case Take:
		m.take(in)
	case Decline:
		m.decline(in)
	case Arrive:
		m.arrive(in)
	case NeedHelp:
		m.needHelp(in)
	case HandOver:
		m.handOver(in)
	case Close:
		m.close(in)
	case Reopen:
		m.reopen(in)
	case Recover:
		m.recover(in)
	case BreakBegins:
		m.beginBreak(in)
	case BreakEnds:
		m.endBreak(in.By)
	case ClockSet:
		m.clockSet(in)
	case Sent:
		m.sent(in)
	case Adopt:
		m.adopt(in)
	case Through:
		m.heardThrough(in)
	case FaultEdge:
		m.fault(in.Code, in.Subject, in.On)
	default:
		panic(fmt.Sprintf("alerting: input %T is not one of input.go", in))
	}
	m.passDeadlines()
	return m.finish()
}

// finish puts the alarms as they are now into the effects.
func (m *Machine) finish() []Effect {
	copies := map[AlarmID]Alarm{}
	for i, e := range m.effects {
		c, ok := e.(Changed)
		if !ok {
			continue
		}
		final, ok := copies[c.Alarm.ID]
		if !ok {
			if a := m.alarms[c.Alarm.ID]; a != nil {
				final = a.clone()
			} else {
				final = c.Alarm
			}
			copies[c.Alarm.ID] = final
		}
		c.Alarm = final
		m.effects[i] = c
	}
	out := m.effects
	m.effects = nil
	return out
}

// Next is when something is to be done if nothing happens: call Step with a
// Tick then. Zero when nothing is.
func (m *Machine) Next() time.Time {
	if len(m.due) == 0 {
		return time.Time{}
	}
	return m.due[0].when
}

// Now is the machine's time: the newest it was told.
func (m *Machine) Now() time.Time { return m.now }

// Behind is how far the clock on the wall is behind Now, as it was told.
func (m *Machine) Behind() time.Duration { return m.behind }

// Plan is the plan in force. It must not be changed.
func (m *Machine) Plan() Plan { return m.plan }

// LevelOn reports whether a level is known to be in its alarm state, so that
// another Heard of it is no news.
func (m *Machine) LevelOn(d devices.ID, k devices.Kind) bool { return m.levels[trigger{d, k}] }

// FaultOn reports whether a fault is open.
func (m *Machine) FaultOn(code FaultCode, subject string) bool {
	_, on := m.faults[faultKey{code, subject}]
	return on
}

// Faults lists the open faults, oldest first.
func (m *Machine) Faults() []Fault {
	out := make([]Fault, 0, len(m.faults))
	for _, f := range m.faults {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Fault) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
	})
	return out
}

// Alarm returns a copy of an alarm.
func (m *Machine) Alarm(id AlarmID) (Alarm, bool) {
	a := m.alarms[id]
	if a == nil {
		return Alarm{}, false
	}
	return a.clone(), true
}

// Alarms lists copies of all alarms it remembers, open ones and those closed
// within Remember, in the order of their numbers.
func (m *Machine) Alarms() []Alarm {
	out := make([]Alarm, 0, len(m.alarms))
	for _, a := range m.sorted() {
		out = append(out, a.clone())
	}
	return out
}

func (m *Machine) sorted() []*alarm {
	out := make([]*alarm, 0, len(m.alarms))
	for _, a := range m.alarms {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *alarm) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// fault opens or ends a fault; what is so already changes nothing.
func (m *Machine) fault(code FaultCode, subject string, on bool) {
	k := faultKey{code, subject}
	f, was := m.faults[k]
	if was == on {
		return
	}
	if on {
		f = Fault{Code: code, Subject: subject, Since: m.now, Chain: m.chainOf(code, subject)}
		m.faults[k] = f
	} else {
		delete(m.faults, k)
	}
	m.effects = append(m.effects, FaultChanged{Fault: f, On: on})
	if code == CodecDown {
		m.codecs[sourceOf(code, subject)] += map[bool]int{true: 1, false: -1}[on]
	}
	if on {
		m.faultBegan(f)
	} else {
		m.faultEnded(f)
	}
	if w := m.watching[WatchID(subject)]; w != nil && code == WatchBlind {
		w.Since = m.now // what was not seen counts neither way
		m.armWatch(w)
	}
}

// apply puts a plan in force and forgets levels and faults of devices that
// are no longer in it. Open alarms stay open, whatever the plan says.
func (m *Machine) apply(p Plan) {
	old := m.plan.Devices
	m.plan, m.where = p, p.Whereabouts()
	m.setFleet()
	gone := func(d devices.ID) bool {
		_, was := old[d]
		_, is := p.Devices[d]
		return was && !is
	}
	for t := range m.levels {
		if gone(t.device) {
			delete(m.levels, t)
		}
	}
	for _, f := range m.Faults() {
		if gone(devices.ID(f.Subject)) {
			m.fault(f.Code, f.Subject, false)
		}
	}
	m.applyWatches()
	m.passBreaks()
	m.applyFaults()
	m.applyInformed()
}

// alarm is an Alarm with its place in the queue of deadlines.
type alarm struct {
	Alarm
	timer timer
}

func (a *alarm) clone() Alarm {
	c := a.Alarm
	c.Residents = slices.Clone(c.Residents)
	c.Refs = slices.Clone(c.Refs)
	c.Declined = slices.Clone(c.Declined)
	c.Later = slices.Clone(c.Later)
	c.With = slices.Clone(c.With)
	c.There = slices.Clone(c.There)
	c.Asked = slices.Clone(c.Asked)
	c.Calls = slices.Clone(c.Calls)
	c.Informed = slices.Clone(c.Informed)
	c.History = slices.Clone(c.History)
	return c
}

// schedule puts the alarm where its next deadline belongs. To be called after
// every change of Deadline, Later or State.
func (m *Machine) schedule(a *alarm) {
	when := a.Deadline
	if later := a.nextLater(); !later.IsZero() && later.Before(when) {
		when = later
	}
	if a.State == Closed {
		when = a.ClosedAt.Add(Remember)
	}
	if a.timer.pass == nil {
		a.timer = timer{order: fmt.Sprintf("alarm %09d", a.Number), pass: func(m *Machine) { m.passAlarm(a) }}
	}
	m.due.set(&a.timer, when)
	m.noteHeld(a)
}

// Count tells how many alarms are in each state, closed and technical ones left
// out.
func (m *Machine) Count() map[State]int {
	n := map[State]int{}
	for _, a := range m.alarms {
		if a.Open() && a.Kind != Technical {
			n[a.State]++
		}
	}
	return n
}
