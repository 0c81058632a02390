package report

import (
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Options say what a report is about.
type Options struct {
	Span
	Zone *time.Location // in which hours are told; nil is UTC
	// Behind lists the lines and bridges through which a device can be heard,
	// by the names that their faults have. nil: not known of any.
	Behind func(devices.ID) []string
	// Unsupervised reports whether silence says nothing about a device. nil: of
	// none.
	Unsupervised func(devices.ID) bool
}

// Fold makes a report of what the machine decides, record by record. It belongs
// to one goroutine.
type Fold struct {
	o    Options
	zone *time.Location

	began    time.Time // from when on it is told everything
	first    bool      // it has not started yet: there is no gap before that
	last     time.Time // of the newest record
	records  int
	otherway int

	lives  map[alerting.AlarmID]*life
	closed []closing // in the order of closing
	rows   []Row
	misses []Miss
	lapses []Lapse
	people map[alerting.Person]*Responder

	gaps      []Gap
	incidents []Incident
	burst     []time.Time // of the records of a start, as far as this may be one
	fleet     fleet
}

// life is an alarm of the period whose numbers can still change.
type life struct {
	row    Row
	asked  map[alerting.Person]*asked
	tries  []Try
	more   int
	lapses []Lapse
}

// asked is what one person did about one alarm.
type asked struct {
	called, took           time.Time
	has                    time.Time // since when they have it; zero when they do not
	declined, gave, lapsed bool
	unheard                bool // somebody else had it by then
}

type closing struct {
	id alerting.AlarmID
	at time.Time
}

// New begins a report.
func New(o Options) *Fold {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &Fold{o: o, zone: o.Zone, lives: map[alerting.AlarmID]*life{}, people: map[alerting.Person]*Responder{}, fleet: newFleet(o)}
}

// Begin tells it how things stood at a time: when the period began, or, as the
// first thing there is, when the journal did.
func (f *Fold) Begin(m *alerting.Machine, at time.Time, first bool) {
	f.began, f.last, f.first = f.o.clamp(at), at, first
	f.adopt(m)
}

// adopt takes in a whole state.
func (f *Fold) adopt(m *alerting.Machine) {
	f.fleet.plan(m.Plan(), f.last)
	for _, x := range m.Faults() {
		f.fault(x, true)
	}
	for _, a := range m.Alarms() {
		if a.Kind == alerting.Technical || f.lives[a.ID] != nil || !f.o.has(a.RaisedAt) {
			continue
		}
		l := f.begin(a)
		for _, c := range a.Calls {
			l.call(c.To, c.Step, c.Reason, c.At)
		}
		for _, e := range a.History {
			f.entry(l, e)
		}
		l.take(a)
		if !a.Open() {
			f.closed = append(f.closed, closing{a.ID, a.ClosedAt})
		}
	}
}

// Step tells it of one record: the input, what was decided, and the machine
// afterwards. same says that it was decided so then, too.
func (f *Fold) Step(at time.Time, in alerting.Input, effects []alerting.Effect, m *alerting.Machine, same bool) {
	f.starting(at, in)
	f.settle(at)
	f.last = at
	if f.o.has(at) {
		f.records++
		if !same {
			f.otherway++
		}
	}
	_, start := in.(alerting.Start)
	for _, e := range effects {
		switch e := e.(type) {
		case alerting.Notify:
			if l := f.lives[e.Alarm]; l != nil && !start { // at a start old calls are sent again
				l.call(e.To, e.Step, e.Reason, at)
			}
		case alerting.Changed:
			f.changed(e)
		case alerting.FaultChanged:
			f.fault(e.Fault, e.On)
		}
	}
	switch in.(type) {
	case alerting.Apply:
		f.fleet.plan(m.Plan(), at)
	case alerting.Adopt:
		f.adopt(m)
	}
}

// Over reports whether nothing that comes later can change the report.
func (f *Fold) Over() bool {
	// A crash can have forgotten an alarm, and a link bring it back for so long.
	return len(f.lives) == 0 && f.last.After(f.o.Until.Add(alerting.Remember))
}

func (f *Fold) changed(c alerting.Changed) {
	l := f.lives[c.Alarm.ID]
	if l == nil {
		if c.Alarm.Kind == alerting.Technical { // nobody needed help
			return
		}
		if c.Entry.What != alerting.WasRaised || !f.o.has(c.Alarm.RaisedAt) {
			return
		}
		l = f.begin(c.Alarm)
	}
	f.entry(l, c.Entry)
	l.take(c.Alarm)
	if c.Entry.What == alerting.WasClosed {
		f.closed = append(f.closed, closing{c.Alarm.ID, c.Alarm.ClosedAt})
	}
}

func (f *Fold) begin(a alerting.Alarm) *life {
	l := &life{asked: map[alerting.Person]*asked{}}
	l.row = Row{
		Brief:    Brief{Alarm: a.ID, Number: a.Number, Kind: a.Kind, Place: a.Place, RaisedAt: a.RaisedAt},
		Priority: a.Priority, Device: a.Device, Policy: a.Policy, Late: a.Late, RaisedBy: a.RaisedBy,
	}
	f.lives[a.ID] = l
	return l
}

// take brings what changes up to date.
func (l *life) take(a alerting.Alarm) {
	r := &l.row
	r.AckedAt, r.ClosedAt, r.CalledAt, r.AttendedAt = a.AckedAt, a.ClosedAt, a.NotifiedAt, a.AttendedAt
	r.State, r.Outcome, r.Presses = a.State, a.Outcome, a.Presses
	r.Test, r.Drill = marked(a)
}

// marked reports whether an alarm is none that anybody needed: a test, a fall
// that the person cancelled before anybody was called, or a drill.
func marked(a alerting.Alarm) (test, drill bool) {
	return a.Drill || slices.Contains(alerting.Uncounted(), a.Outcome), a.Drill
}

func (l *life) person(p alerting.Person) *asked {
	if l.asked[p] == nil {
		l.asked[p] = &asked{}
	}
	return l.asked[p]
}

// mostTries are listed for one miss.
const mostTries = 20

// call notes that somebody is called, over one of their channels or several.
func (l *life) call(p alerting.Person, step int, why alerting.Reason, at time.Time) {
	if why != alerting.Calling {
		return
	}
	if x := l.person(p); x.called.IsZero() {
		x.called = at
	}
	if len(l.tries) > 0 || l.more > 0 {
		for _, t := range slices.Backward(l.tries) {
			if !t.At.Equal(at) {
				break
			}
			if t.Who == p && t.Step == step {
				return
			}
		}
	}
	l.try(Try{At: at, Step: step, Who: p, Result: NoResult})
}

func (l *life) try(t Try) {
	switch {
	case !l.row.AckedAt.IsZero(): // somebody has had it: what came after is not what was tried for them
	case len(l.tries) < mostTries:
		l.tries = append(l.tries, t)
	default:
		l.more++
	}
}

// result notes how the newest call to somebody went. One channel that accepts
// it counts for all.
func (l *life) result(p alerting.Person, r Result) {
	for i := range slices.Backward(l.tries) {
		if t := &l.tries[i]; t.Who == p {
			if t.Result != WasReached || r == SaidNo {
				t.Result = r
			}
			return
		}
	}
}

// entry takes in a line of an alarm's history.
func (f *Fold) entry(l *life, e alerting.Entry) {
	r := &l.row
	switch e.What {
	case alerting.StepPassed:
		l.try(Try{At: e.At, Step: e.Step, Result: NobodyToAsk})
	case alerting.Reached:
		if e.Text == string(alerting.Calling) || e.Text == "" {
			l.result(e.Who, WasReached)
		}
	case alerting.NotReached:
		l.result(e.Who, NotReached)
	case alerting.CannotCome:
		l.person(e.Who).declined = true
		l.result(e.Who, SaidNo)
	case alerting.Taken, alerting.Arrived, alerting.WasReopened:
		if e.What == alerting.WasReopened {
			r.Reopened++
			r.ClosedBy = ""
		}
		l.has(e.Who, e.At)
	case alerting.GivenBack, alerting.LeftToOthers:
		l.person(e.Who).gave = true
		l.person(e.Who).has = time.Time{}
	case alerting.OfferOver: // offered to somebody who did not take it: raised again
		l.person(e.Who).has = time.Time{}
	case alerting.Lapsed:
		x := l.person(e.Who)
		x.lapsed = true
		r.Lapses++
		lapse := Lapse{Who: e.Who, At: e.At}
		if !x.has.IsZero() {
			lapse.Held = seconds(e.At.Sub(x.has))
		}
		l.lapses = append(l.lapses, lapse)
		for _, x := range l.asked { // of all who had it
			x.has = time.Time{}
		}
	case alerting.WasClosed:
		r.ClosedBy = e.Who
		if r.AckedBy == "" {
			r.AckedBy = e.Who
		}
	}
}

// has notes that somebody has it from now on, or comes to help who has it.
func (l *life) has(p alerting.Person, at time.Time) {
	if l.row.AckedBy == "" {
		l.row.AckedBy = p
	}
	x := l.person(p)
	if x.took.IsZero() {
		x.took = at
	}
	if x.has.IsZero() {
		x.has = at
	}
	for _, other := range l.asked {
		if other.took.IsZero() && !other.declined && !other.called.IsZero() {
			other.unheard = true
		}
	}
}

// settle puts away alarms that nothing can change any more by now.
func (f *Fold) settle(now time.Time) {
	for len(f.closed) > 0 && now.Sub(f.closed[0].at) > alerting.ReopenFor {
		c := f.closed[0]
		f.closed = f.closed[1:]
		if l := f.lives[c.id]; l != nil && l.row.ClosedAt.Equal(c.at) { // not reopened since
			f.put(l, c.at)
			delete(f.lives, c.id)
		}
	}
}

// put counts an alarm as it was at now.
func (f *Fold) put(l *life, now time.Time) {
	r := l.row
	f.rows = append(f.rows, r)
	for _, x := range l.lapses {
		x.Brief = r.Brief
		f.lapses = append(f.lapses, x)
	}
	if !r.counted() {
		return
	}
	if m, ok := l.miss(now); ok {
		f.misses = append(f.misses, m)
	}
	for p, x := range l.asked {
		f.count(p, x)
	}
}

func (f *Fold) count(p alerting.Person, x *asked) {
	r := f.people[p]
	if r == nil {
		r = &Responder{Person: p}
		f.people[p] = r
	}
	for _, c := range []struct {
		n  *int
		so bool
	}{
		{&r.Called, !x.called.IsZero()}, {&r.Took, !x.took.IsZero()}, {&r.Declined, x.declined}, {&r.GaveBack, x.gave},
		{&r.Lapsed, x.lapsed}, {&r.Unheard, x.unheard && x.took.IsZero() && !x.declined},
	} {
		if c.so {
			*c.n++
		}
	}
	if !x.called.IsZero() && !x.took.IsZero() && !x.took.Before(x.called) {
		r.durations = append(r.durations, x.took.Sub(x.called))
	}
}

// The limits in seconds.
const (
	soon = 60
	late = 180
)

// miss reports whether the alarm waited longer than the shorter limit, as far as is
// known at now.
func (l *life) miss(now time.Time) (Miss, bool) {
	took, missed := l.row.missed(soon, now)
	if !missed {
		return Miss{}, false
	}
	m := Miss{Brief: l.row.Brief, Seconds: seconds(took), Over: soon, By: l.row.AckedBy, Tries: slices.Clone(l.tries), MoreTries: l.more}
	if _, missed := l.row.missed(late, now); missed {
		m.Over = late
	}
	return m, true
}

// missed reports whether a person acknowledged too late or, as far as is known
// at now, not at all; and how long it has waited.
func (r *Row) missed(limit int, now time.Time) (waited time.Duration, missed bool) {
	most := time.Duration(limit) * time.Second
	if took, ok := r.took(alerting.ToAcknowledge); ok {
		return took, took > most
	}
	if !r.ClosedAt.IsZero() { // and nobody had it, nor closed it
		return r.ClosedAt.Sub(r.RaisedAt), true
	}
	waited = now.Sub(r.RaisedAt)
	return waited, waited > most
}

// kept reports whether a person acknowledged in time.
func (r *Row) kept(limit int) bool {
	took, ok := r.took(alerting.ToAcknowledge)
	return ok && took <= time.Duration(limit)*time.Second
}

// fault takes in a fault's edge.
func (f *Fold) fault(x alerting.Fault, on bool) {
	f.fleet.fault(x, on, f.last)
	if x.Code != alerting.ClockStepped && x.Code != alerting.StoreDown {
		return
	}
	if on {
		if x.Since.Before(f.o.Until) {
			f.incidents = append(f.incidents, Incident{Code: x.Code, From: f.o.clamp(x.Since)})
		}
		return
	}
	for i := range f.incidents {
		if in := &f.incidents[i]; in.Code == x.Code && in.Until.IsZero() {
			in.Until = f.o.clamp(f.last)
		}
	}
}

// seconds is a duration to the millisecond, as it is written.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond)) / float64(time.Second)
}
