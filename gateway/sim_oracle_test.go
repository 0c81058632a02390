package gateway

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// oracle says what must hold. It knows what people pressed and answered, what
// was called and what they were told, and believes the machine in nothing but
// the order of its records.
//
//   - What was answered is on disk: every answered press is in exactly one
//     alarm, and counted there once.
//   - A raised alarm promises a next call within a minute, and it is handed to
//     a channel by then; after a start, within two seconds of it.
//   - A channel that is free gets a call within a second of its order.
//   - While somebody has an alarm nobody else is called, from a second after,
//     and everybody else who was called is told: see stopped.
//   - Carers who are told are told each thing once: see sim_news_test.go.
//   - Faults: see sim_technical_test.go.
//   - A start finds every alarm as the disk had it, its clocks to a second, and
//     sends again what had no result.
//   - The journal decides the same again, and so does its newest snapshot.
type oracle struct {
	s       *simulation
	failure string

	presses []*press
	alarms  []*simAlarm
	byID    map[alerting.AlarmID]*simAlarm

	byContent map[string]*press
	orders    []*simOrder // not yet tried
	resend    map[alerting.NotificationID]bool
	carried   map[alerting.NotificationID]bool // messages that a channel has accepted, whether we know or not
	breaks    until
	away      until
	tests     until
	pauses    until
	eyes      map[alerting.WatchID]*simEye
	shown     map[devices.ID]float64 // what sensors said last
	lastFrame map[devices.ID]time.Duration
	tested    []simTest
	waits     []*simWait
	sum       simSum
	technical simTechnical
	onPhone   map[alerting.NotificationID]int64 // by the record that says so
	known     map[alerting.NotificationID]int64 // to be accepted, by that record
	signs     []simNews
	signsFrom time.Time                        // since when somebody is told of those; zero: not known
	delivered map[alerting.NotificationID]bool // by what was on disk at the start

	begunAt time.Duration

	clockSet time.Duration // when the wall clock was set; the gateway looks once a second
	last     struct {      // the gateway's time when the process ended
		time time.Time
		at   time.Duration
		lost bool // its wall clock was known to be wrong
	}
}

// simAlarm is an alarm as it was published, record by record.
type simAlarm struct {
	id      alerting.AlarmID
	seen    []shown
	holds   []hold
	called  time.Duration // when a call was ordered last; -1: never
	policy  alerting.PolicyID
	words   []simWord                // what was said to whom
	news    []simNews                // who was told of it
	knows   []simWord                // who knows by an answer of their own
	refused map[alerting.Person]bool // said that they cannot come, or do not want it

	reopened []int64 // the records by which it was

	lastSeq int64 // of the record that changed it last
	device  devices.ID
	kind    devices.Kind
	watch   alerting.WatchID
	place   alerting.PlaceID
	changed time.Time
}

type shown struct {
	seq              int64
	state            alerting.State
	holder           alerting.Person
	presses          int
	stepAt, deadline time.Time
	faults           *alerting.FaultSum // of a technical one
}

func newOracle(s *simulation) *oracle {
	return &oracle{s: s, byID: map[alerting.AlarmID]*simAlarm{}, byContent: map[string]*press{}, carried: map[alerting.NotificationID]bool{}, breaks: until{}, away: until{}, tests: until{}, pauses: until{},
		eyes: map[alerting.WatchID]*simEye{}, shown: map[devices.ID]float64{}, lastFrame: map[devices.ID]time.Duration{},
		onPhone: map[alerting.NotificationID]int64{}, known: map[alerting.NotificationID]int64{},
		technical: simTechnical{began: map[alerting.Chain]time.Time{}, newest: map[alerting.Chain]*simAlarm{}, empty: map[alerting.Chain]time.Duration{}, via: map[devices.ID]time.Duration{}, pressed: map[devices.ID]time.Time{}}}
}

func (o *oracle) fail(format string, args ...any) {
	if o.failure == "" {
		o.failure = fmt.Sprintf("after %s, %d crashes: ", o.s.elapsed(), o.s.crashes) + fmt.Sprintf(format, args...)
	}
}

// decided: a message of a press became records.
func (o *oracle) decided(d *simMessage, recs []alerting.Record) {
	if d.press == nil {
		return
	}
	for _, r := range recs {
		if r.Kind == "heard" {
			d.press.seqs = append(d.press.seqs, r.Seq)
			o.taken(d.press, r.Seq, r.At)
		}
	}
}

// written is decided for a process whose loop nobody looks into: each press has
// a content of its own there.
func (o *oracle) written(recs []alerting.Record) {
	for _, r := range recs {
		key := r.Delivery[strings.LastIndexByte(r.Delivery, '/')+1:]
		if p := o.byContent[key]; p != nil && r.Kind == "heard" && !slices.Contains(p.seqs, r.Seq) {
			p.seqs = append(p.seqs, r.Seq)
		}
	}
}

// heard: the loop is done with a frame. A message without an identity of its
// own whose first try was lost, and which comes with the packet id and the
// content of one that was answered, can be told from that one only if it is
// known that the sender has had the answer. Else it may be taken for it: see
// deliveries.
func (o *oracle) heard(d *simMessage, f *devices.Frame) {
	p := d.press
	if o.s.real != nil || p == nil || p.ref != "" || !f.Dup || len(p.seqs) > 0 {
		return
	}
	before, ok := d.link.answered[d.packet]
	told := ok && before <= d.link.settled
	if o.hasOpen(p.device) || !told {
		p.folded, p.mute = true, !o.hasOpen(p.device)
	}
}

func (o *oracle) hasOpen(d devices.ID) bool {
	return slices.ContainsFunc(o.s.g.machine.Alarms(), func(a alerting.Alarm) bool { return a.Device == d && a.Open() })
}

// answered: the sender has its answer and forgets the message.
func (o *oracle) answered(d *simMessage) {
	if d.press == nil {
		return
	}
	d.press.open--
	if len(d.press.seqs) == 0 && !d.press.folded {
		o.fail("a press of %s at %s (ref %q, packet %d) was answered and is in no record", d.press.device, d.press.at, d.press.ref, d.packet)
	}
	d.link.answered[d.packet] = o.s.elapsed()
}

// Alarm is told whenever one changes. [Publisher]
func (o *oracle) Alarm(a alerting.Alarm) {
	if a.Kind == alerting.Technical {
		o.fail("alarm %d is technical, and is shown among those of people", a.Number)
	}
	o.published(a, o.s.g.seq+1, o.now())
}

// published: an alarm became this, at a time, by a record.
func (o *oracle) published(a alerting.Alarm, seq int64, now time.Time) {
	s := o.s
	x := o.alarm(a.ID)
	x.policy, x.kind = a.Policy, a.Kind
	was := alerting.State("")
	if n := len(x.seen); n > 0 {
		was = x.seen[n-1].state
	}
	if was == alerting.Closed && a.State != alerting.Closed {
		x.reopened = append(x.reopened, seq)
	}
	fresh := len(x.seen) == 0
	stepped := fresh || !x.seen[len(x.seen)-1].stepAt.Equal(a.StepAt)
	next := shown{seq, a.State, a.Holder, a.Presses, a.StepAt, a.Deadline, a.Faults}
	waits := a.Kind == alerting.Technical && a.Step == 0 // for hours, or for its end
	if a.State == alerting.Raised && !waits {
		if left := a.Deadline.Sub(now); left > time.Minute || left < -time.Second && s.up && s.real == nil {
			o.fail("alarm %d is raised and its next deadline is in %s", a.Number, left)
		}
		if stepped && s.real == nil && x.called != s.elapsed() {
			o.fail("alarm %d went to step %d and nobody was called%s", a.Number, a.Step, o.story(a.ID))
		}
	}
	if n := len(x.holds); a.State == alerting.Raised && n > 0 && x.holds[n-1].doubtful {
		x.holds = append(x.holds, hold{seq: next.seq})
	}
	x.seen = append(x.seen, next)
	if s.real != nil {
		return
	}
	o.stopped(x, &a)
	o.newsRight(x, &a, was)
	x.lastSeq, x.device, x.watch, x.place, x.changed = seq, a.Device, a.Watch, a.Place, now
	switch {
	case a.Kind != alerting.Technical:
		o.publishedOfPeople(x, &a, fresh, seq, now)
	case fresh:
		o.technicalRight(x, &a)
	}
	if stepped && !a.StepAt.IsZero() && !waits && !changedSince(&a) {
		o.calledRight(x, &a)
	}
}

// publishedOfPeople is published for an alarm that is not technical.
func (o *oracle) publishedOfPeople(x *simAlarm, a *alerting.Alarm, fresh bool, seq int64, now time.Time) {
	for _, id := range sortedWatches { // somebody is there, or was
		if at, _ := o.watchedAt(id); at == a.Place || id == a.Watch {
			o.eye(id).excused = now
			if a.State != alerting.Raised {
				o.eye(id).out = time.Time{}
			}
		}
	}
	if fresh && a.Watch != "" {
		o.watchRaised(a)
		o.eye(a.Watch).out = time.Time{}
	}
	if fresh {
		var w *simWait
		if a.Kind == devices.Fall {
			w = o.waiting(a.Device)
		}
		if w != nil {
			w.over = seq
			o.waited(a, w)
		}
		if a.State == alerting.Closed {
			o.closedAtOnce(a, w)
		}
		o.raisedRight(a, w)
	}
}

func (o *oracle) alarm(id alerting.AlarmID) *simAlarm {
	x := o.byID[id]
	if x == nil {
		x = &simAlarm{id: id, called: -1, refused: map[alerting.Person]bool{}}
		o.byID[id] = x
		o.alarms = append(o.alarms, x)
	}
	return x
}

func (o *oracle) Device(devices.Status) {}

// story is what happened to an alarm, for a failure's text.
func (o *oracle) story(id alerting.AlarmID) string {
	var b strings.Builder
	var a alerting.Alarm
	if o.s.real == nil && o.s.g.machine != nil { // else it is the loop's
		a, _ = o.s.g.machine.Alarm(id)
	}
	for _, e := range a.History {
		fmt.Fprintf(&b, "\n\t%s %s %s step %d", e.At.Format("15:04:05.000"), e.What, e.Who, e.Step)
	}
	if x := o.byID[id]; x != nil {
		for _, h := range x.holds {
			fmt.Fprintf(&b, "\n\thold %+v", h)
		}
	}
	return b.String()
}

// sweep looks, twice a second, for what should have happened.
func (o *oracle) sweep() {
	s := o.s
	if !s.up {
		return
	}
	for _, x := range o.orders {
		if x.late() {
			o.fail("%s to %s has been waiting for a free channel for %s", x.call.Reason, x.call.To, x.waits())
		}
	}
	if s.elapsed() < max(o.begunAt, o.clockSet)+2*time.Second {
		return
	}
	now := o.now()
	if s.real == nil {
		o.overInTime(now)
		o.missed(now)
		o.technicalInTime(now)
		o.missedSigns()
	}
	for _, x := range o.alarms {
		if n := len(x.seen); n > 0 && x.seen[n-1].state == alerting.Raised && now.Sub(x.seen[n-1].deadline) > time.Second {
			o.fail("alarm %s was to call somebody at %s and did not by %s%s", x.id, x.seen[n-1].deadline, now, o.story(x.id))
		}
	}
}

// now is the gateway's time. Reading the clock itself would be noticed by it.
func (o *oracle) now() time.Time {
	if o.s.real != nil {
		return time.Now() // nobody sets it there
	}
	c := o.s.g.clock
	return c.now()
}

// crashed: all that is not among the disk's records never happened.
func (o *oracle) crashed(survive int64) {
	o.orders = nil
	o.last.time, o.last.at, o.last.lost = o.now(), o.s.elapsed(), o.s.real == nil && o.s.g.clock.lost
	for _, p := range o.presses {
		had := len(p.seqs)
		for len(p.seqs) > 0 && p.seqs[len(p.seqs)-1] > survive {
			p.seqs = p.seqs[:len(p.seqs)-1]
		}
		if had > 0 && len(p.seqs) == 0 && p.open == 0 && !p.folded {
			o.fail("a press of %s at %s (ref %q) was answered, and is lost", p.device, p.at, p.ref)
		}
	}
	o.heldCrashed(survive)
	o.newsCrashed(survive)
	kept := o.alarms[:0]
	for _, x := range o.alarms {
		for len(x.seen) > 0 && x.seen[len(x.seen)-1].seq > survive {
			x.seen = x.seen[:len(x.seen)-1]
		}
		for len(x.holds) > 0 && x.holds[len(x.holds)-1].seq > survive {
			x.holds = x.holds[:len(x.holds)-1]
		}
		lost := func(w simWord) bool { return w.seq > survive }
		x.reopened = slices.DeleteFunc(x.reopened, func(seq int64) bool { return seq > survive })
		x.words, x.knows = slices.DeleteFunc(x.words, lost), slices.DeleteFunc(x.knows, lost)
		if len(x.seen) == 0 {
			delete(o.byID, x.id)
			continue
		}
		x.seen = append(x.seen[:0], x.seen[len(x.seen)-1])
		kept = append(kept, x)
	}
	o.alarms = kept
	for _, m := range []map[alerting.NotificationID]int64{o.onPhone, o.known} {
		maps.DeleteFunc(m, func(_ alerting.NotificationID, seq int64) bool { return seq > survive })
	}
	o.technicalCrashed()
}

// recovered compares what a start found with what was published before.
func (o *oracle) recovered() {
	s := o.s
	o.resend = map[alerting.NotificationID]bool{}
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() <= time.Second }
	for _, x := range o.alarms {
		was := x.seen[len(x.seen)-1]
		a, ok := s.g.machine.Alarm(x.id)
		switch {
		case !ok && was.state == alerting.Closed: // after a day
		case !ok:
			o.fail("alarm %s is forgotten after a restart", x.id)
		case a.State != was.state || a.Holder != was.holder || a.Presses != was.presses:
			o.fail("alarm %d was %s by %q with %d presses, and is %s by %q with %d after a restart", a.Number, was.state, was.holder, was.presses, a.State, a.Holder, a.Presses)
		case !near(a.StepAt, was.stepAt) || !near(a.Deadline, was.deadline):
			o.fail("alarm %d was at a step of %s until %s, and is at one of %s until %s after a restart", a.Number, was.stepAt, was.deadline, a.StepAt, a.Deadline)
		}
	}
	for _, a := range s.g.machine.Alarms() {
		if o.byID[a.ID] == nil {
			o.fail("alarm %d is there after a restart and was not before", a.Number)
		}
		o.arrivedRemembered(&a)
		nobody := a.Kind == alerting.Technical && s.g.site.Plan.Faults == nil // is to be told any more
		for _, c := range a.Calls {
			if a.Open() && !nobody && c.Reason != alerting.Stopped && (c.State == alerting.Sending || c.State == alerting.Failing) {
				o.resend[c.ID] = true
			}
		}
	}
	o.stopsOutstanding()
	o.newsOutstanding()
	now := o.now()
	if now.Before(s.g.machine.Now()) || now.Before(s.g.clock.wall()) {
		o.fail("after a restart the clock is behind the journal or the wall")
	}
	away := now.Sub(o.last.time) - (s.elapsed() - o.last.at)
	// A wall clock that came up in the past says nothing about how long the
	// process was away: time goes on from the newest record. One that had been
	// set back before is right again when it has caught up meanwhile.
	caughtUp := s.g.machine.Behind() > 0 && !s.g.machine.Now().After(s.g.clock.wall())
	if s.boots > 1 && !o.last.lost && !caughtUp && o.last.at-o.clockSet > 2*time.Minute && (away > 3*time.Second || away < -3*time.Second) {
		o.fail("after a restart the clock is wrong by %s", away)
	}
}

func (o *oracle) begun() {
	o.begunAt = o.s.elapsed()
	o.watchesBegun()
	o.technicalBegun()
	if len(o.resend) > 0 {
		o.fail("%v had no result before the restart and are not sent again", slices.Sorted(maps.Keys(o.resend)))
	}
}
