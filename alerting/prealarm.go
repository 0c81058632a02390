package alerting

import (
	"cmp"
	"slices"
	"time"

	"telecare/devices"
)

// PreAlarm is how long the person has to take a fall back where a device is told
// to wait and not for how long. Chiptech's SEVEN waits as long.
const PreAlarm = 10 * time.Second

// MaxPreAlarm is the longest that a fall may wait.
const MaxPreAlarm = time.Minute

// Wait is a fall in its pre-alarm: nobody is called yet, and the person can take
// it back.
type Wait struct {
	Heard     Heard        `json:"heard"`
	ID        AlarmID      `json:"id"` // of the alarm that it becomes
	Place     PlaceID      `json:"place,omitempty"`
	Residents []ResidentID `json:"residents,omitempty"`
	Policy    PolicyID     `json:"policy,omitempty"`
	At        time.Time    `json:"at"`
	Until     time.Time    `json:"until"`
	Folded    int          `json:"folded,omitempty"`
}

// compare puts the oldest first.
func (w Wait) compare(o Wait) int {
	return cmp.Or(w.At.Compare(o.At), cmp.Compare(w.Heard.Device, o.Heard.Device))
}

// wait is a Wait with its place in the queue of deadlines.
type wait struct {
	Wait
	timer timer
}

// Waits lists the falls that wait, the oldest first.
func (m *Machine) Waits() []Wait {
	out := make([]Wait, 0, len(m.waits))
	for _, w := range m.waits {
		out = append(out, w.Wait)
	}
	slices.SortFunc(out, Wait.compare)
	return out
}

// waitForCancel takes in a fall of a device with a pre-alarm; false: it is raised
// now. One that is told late has had its time.
func (m *Machine) waitForCancel(t trigger, id AlarmID, in Heard) bool {
	d := m.plan.Devices[in.Device]
	if w := m.waits[t]; w != nil {
		if w.ID == id || in.Ref == "" && m.now.Sub(w.At) < FoldWindow {
			w.Folded++
			return true
		}
		// A second fall: no doubt any more.
		a := m.raiseWaiting(w, m.now)
		a.Presses++
		a.LastPress = m.now
		m.refer(a, in.Ref)
		return true
	}
	if in.Kind != devices.Fall || d.PreAlarm <= 0 || in.Late {
		return false
	}
	place, residents := m.from(d, m.wall())
	w := &wait{Wait: Wait{Heard: in, ID: id, Place: place, Residents: residents, Policy: d.Policy, At: m.now, Until: m.now.Add(d.PreAlarm)}}
	m.addWait(w)
	m.effects = append(m.effects, FallWaits{Device: in.Device, Until: w.Until})
	return true
}

func (m *Machine) addWait(w *wait) {
	m.waits[trigger{w.Heard.Device, w.Heard.Kind}] = w
	w.timer = timer{order: "wait " + string(w.Heard.Device), pass: func(m *Machine) { m.raiseWaiting(w, w.Until) }}
	m.due.set(&w.timer, w.Until)
}

func (m *Machine) endWait(w *wait) {
	m.due.stop(&w.timer)
	delete(m.waits, trigger{w.Heard.Device, w.Heard.Kind})
}

// alarmOf is the alarm that a fall which waited becomes. raised is when it should
// have been: a gateway that was down then does not count from its return.
func (w *wait) alarmOf(raised time.Time) *alarm {
	return &alarm{Alarm: Alarm{
		ID: w.ID, Kind: w.Heard.Kind, Device: w.Heard.Device, Place: w.Place, Residents: w.Residents, Policy: w.Policy,
		HeardAt: w.At, RaisedAt: raised, Presses: 1, Folded: w.Folded, LastPress: w.At,
	}}
}

func (m *Machine) raiseWaiting(w *wait, raised time.Time) *alarm {
	m.endWait(w)
	a := w.alarmOf(earlier(raised, w.Until)) // what comes first after a sleep ends no doubt of before
	m.raise(a)
	m.refer(a, w.Heard.Ref)
	return a
}

// hurry raises the falls that wait at a device's place, or at the device: one
// more alarm from there ends all doubt.
func (m *Machine) hurry(t trigger) {
	if len(m.waits) == 0 {
		return
	}
	place, _ := m.from(m.plan.Devices[t.device], m.wall())
	for _, w := range m.waitingAt(t.device, place) {
		if w.Heard.Device != t.device || w.Heard.Kind != t.kind {
			m.raiseWaiting(w, m.now)
		}
	}
}

// waitingAt lists what waits at a device or at its place, the oldest first.
func (m *Machine) waitingAt(d devices.ID, place PlaceID) []*wait {
	var out []*wait
	for _, w := range m.waits {
		if w.Heard.Device == d || place != "" && w.Place == place {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b *wait) int { return a.compare(b.Wait) })
	return out
}

// cancel: the person takes a fall back, at the device that told of it or at
// another one of the same place (a radar has no button). The record keeps it.
// Once somebody is called it is too late: it is shown to them and ends nothing.
// What may be old, a redelivery or a kept message, cancels nothing.
func (m *Machine) cancel(in Heard) {
	if in.Late || in.Repeat {
		return
	}
	place, _ := m.from(m.plan.Devices[in.Device], m.wall())
	for _, w := range m.waitingAt(in.Device, place) {
		t := trigger{w.Heard.Device, w.Heard.Kind}
		if m.now.After(w.Until) {
			continue // nobody was there to hear it in time
		}
		if last := m.alarms[m.ended[t]]; last != nil && m.now.Sub(last.ClosedAt) < FoldWindow {
			continue // the radio's repeat of the cancel before it
		}
		m.endWait(w)
		a := w.alarmOf(w.At)
		m.begin(a)
		m.note(a, Entry{What: WasRaised, Text: "pre_alarm"})
		m.end(a, Cancelled)
		m.refer(a, w.Heard.Ref)
	}
	for _, a := range m.openAt(in.Device, place) {
		if !a.has(CancelledLate) {
			m.note(a, Entry{What: CancelledLate})
		}
	}
}

// openAt lists the open falls of a device or of a place, the oldest first; one
// that is both, twice.
func (m *Machine) openAt(d devices.ID, place PlaceID) []*alarm {
	out := slices.Clone(m.open.from[trigger{d, devices.Fall}])
	if place != "" {
		out = append(out, m.open.at[spot{place, devices.Fall}]...)
	}
	slices.SortFunc(out, func(a, b *alarm) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// has reports whether something is in an alarm's history.
func (a *alarm) has(what What) bool {
	return slices.ContainsFunc(a.History, func(e Entry) bool { return e.What == what })
}

// end closes an alarm that calls nobody and never did.
func (m *Machine) end(a *alarm, o Outcome) {
	a.State, a.ClosedAt, a.Outcome = Closed, m.now, o
	m.open.remove(a)
	m.ended[trigger{a.Device, a.Kind}] = a.ID
	m.schedule(a)
	m.note(a, Entry{What: WasClosed, Text: string(o)})
}

// repeatsEnded folds a radio repeat of what was over by itself while it was
// still on the air.
func (m *Machine) repeatsEnded(t trigger, in Heard) bool {
	a := m.alarms[m.ended[t]]
	if a == nil || in.Ref != "" || m.now.Sub(a.LastPress) >= FoldWindow {
		return false
	}
	m.fold(a)
	return true
}

// endedByItself reports whether an alarm was over without anybody's answer.
func (a *Alarm) endedByItself() bool {
	return a.Messages == 0 && (a.Outcome == Cancelled || a.Outcome == TestAlarm)
}
