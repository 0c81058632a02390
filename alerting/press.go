package alerting

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"telecare/devices"
)

// heard sorts a device's event: an alarm, a fault, or neither.
func (m *Machine) heard(in Heard) {
	if code, on, ok := FaultOf(in.Kind); ok {
		m.fault(code, string(in.Device), on)
		return
	}
	if in.Kind == devices.Cancel {
		m.cancel(in)
		if !in.Late {
			m.moved(in.Device)
		}
		return
	}
	if !in.Kind.RaisesAlarm() {
		return
	}
	t := trigger{in.Device, in.Kind}
	if in.Level {
		if m.levels[t] {
			return // the same state again: news only once
		}
		m.levels[t] = true
	}
	if shows(in.Kind) && !in.Late {
		m.moved(in.Device)
	}
	if !m.watchHears(in) {
		m.press(t, in)
	}
}

// shows reports whether an alarm shows that somebody does something: not one of
// smoke, nor one that says that nobody does.
func shows(k devices.Kind) bool {
	switch k {
	case devices.Panic, devices.Fall, devices.Medical, devices.Wandering, devices.BedExit:
		return true
	}
	return false
}

// press raises an alarm, or counts in the one that is open already.
func (m *Machine) press(t trigger, in Heard) {
	id := alarmID(m.plan.Site, string(in.Device), string(in.Kind), identity(in, m.now))
	if a := m.alarms[id]; a != nil {
		if in.Ref != "" && !m.anew(a, in) || in.Ref == "" && (in.Delivery == "" || in.Repeat) {
			m.fold(a) // the press that made this alarm, delivered again
			return
		}
		// A new press that looks like an old one: the link or the device
		// numbers from the beginning again.
		id = alarmID(m.plan.Site, string(in.Device), string(in.Kind), identity(Heard{}, m.now))
	}
	if a := m.alarms[m.refs[reference{t, in.Ref}]]; a != nil && !m.anew(a, in) {
		m.fold(a) // one that was counted in it, also when it is closed by now
		return
	}
	m.hurry(t)
	a := m.open.newest(t)
	switch {
	case m.waits[t] != nil: // newer than one that is open again
		m.waitForCancel(t, id, in)
	case a == nil && m.repeatsEnded(t, in):
	case a == nil && m.isTest(id, in):
	case a == nil && m.waitForCancel(t, id, in):
	case a == nil:
		place, residents := m.from(m.plan.Devices[in.Device], m.wall())
		m.raise(&alarm{Alarm: Alarm{
			ID: id, Kind: in.Kind, Device: in.Device, Late: in.Late,
			Place: place, Residents: residents,
			Presses: 1, LastPress: m.now,
		}})
		m.refer(m.alarms[id], in.Ref)
	case in.Ref == "" && m.now.Sub(a.LastPress) < FoldWindow:
		m.fold(a)
	default:
		m.pressAgain(a, in.Ref)
	}
}

// CounterWindow is for how long after a press the same number of a counter that
// begins anew with its device is the same press. A pendant whose battery fails
// may say 1 each time; twin topics and a sender's retries come within seconds.
const CounterWindow = 2 * time.Minute

// anew reports whether a counter that was heard before counts anew by now,
// rather than repeats.
func (m *Machine) anew(a *alarm, in Heard) bool {
	return in.Counter && m.now.Sub(a.LastPress) > CounterWindow
}

func (m *Machine) fold(a *alarm) {
	a.Folded++
	m.tell(a, Entry{What: Folded})
}

// reference is a delivery identity of a press. They find its alarm for as long
// as that is remembered.
type reference struct {
	trigger trigger
	ref     string
}

// refer keeps the newest 32 delivery identities of an alarm.
func (m *Machine) refer(a *alarm, ref string) {
	if ref == "" {
		return
	}
	m.refs[reference{trigger{a.Device, a.Kind}, ref}] = a.ID
	if slices.Contains(a.Refs, ref) {
		return // of a counter that began anew
	}
	if len(a.Refs) == 32 {
		m.unrefer(a, a.Refs[0])
		a.Refs = slices.Delete(a.Refs, 0, 1)
	}
	a.Refs = append(a.Refs, ref)
}

func (m *Machine) unrefer(a *alarm, refs ...string) {
	for _, ref := range refs {
		if r := (reference{trigger{a.Device, a.Kind}, ref}); m.refs[r] == a.ID {
			delete(m.refs, r)
		}
	}
}

// raise opens a new alarm and calls its first step.
func (m *Machine) raise(a *alarm) {
	m.begin(a)
	m.note(a, Entry{What: WasRaised, Who: a.RaisedBy})
	m.nextStep(a)
	m.inform(a, NewsRaised, a.RaisedBy)
}

// begin makes an alarm known.
func (m *Machine) begin(a *alarm) {
	m.number++
	a.Number = m.number
	a.Priority = PriorityOf(a.Kind)
	if a.RaisedAt.IsZero() {
		a.RaisedAt = m.now
	}
	a.Policy = m.policyFor(a)
	a.Wanted = m.policyOf(a).Takers
	a.Away = m.isAway(a.Place, a.Residents)
	m.alarms[a.ID] = a
	m.open.add(a)
	a.State = Raised
}

func (m *Machine) raiseByHand(in RaiseByHand) {
	if !in.Kind.RaisesAlarm() {
		m.refuse("", in.By, NotAnAlarm, "")
		return
	}
	source := "by hand "
	if in.Drill {
		source = "drill at "
	}
	id := alarmID(m.plan.Site, source+string(in.Place), string(in.Kind), identity(Heard{}, m.now))
	if a := m.alarms[id]; a != nil {
		m.fold(a)
		return
	}
	m.raise(&alarm{Alarm: Alarm{
		ID: id, Kind: in.Kind, Place: in.Place, Residents: m.where.At(in.Place, m.wall()),
		RaisedBy: in.By, Drill: in.Drill, Presses: 1, LastPress: m.now,
	}})
}

// pressAgain: the person pressed a second time. It always counts: whoever was
// called, or has it, is called again, and what is left of the step is halved;
// but somebody who presses on and on leaves everybody Shortest to answer.
func (m *Machine) pressAgain(a *alarm, ref string) {
	a.Presses++
	a.LastPress = m.now
	// Whoever has come to stay there since is the one who calls now.
	_, residents := m.from(m.plan.Devices[a.Device], m.wall())
	newly := slices.DeleteFunc(residents, func(r ResidentID) bool { return slices.Contains(a.Residents, r) })
	a.Residents = append(a.Residents, newly...)
	m.refer(a, ref)
	if a.State == Raised {
		a.Deadline = later(m.now.Add(max(a.Deadline.Sub(m.now)/2, 0)), earlier(a.Deadline, a.StepAt.Add(Shortest)))
		a.Wait = a.Deadline.Sub(a.StepAt)
		m.schedule(a)
	}
	m.note(a, Entry{What: PressedAgain, Text: people(newly), Until: a.Deadline})
	m.callAgain(a)
	if a.State == Raised && len(newly) > 0 {
		m.inform(a, NewsRaised, "")
	}
}

// callAgain calls once more whoever has an alarm, or was called in its newest
// step.
func (m *Machine) callAgain(a *alarm) {
	if a.State != Raised {
		for _, p := range a.takers() {
			m.notify(a, p, Again)
		}
		return
	}
	called := a.calledAt(a.StepAt)
	awake := slices.DeleteFunc(slices.Clone(called), func(p Person) bool { return m.plan.Resting(p, m.wall()) })
	if len(awake) > 0 {
		called = awake
	}
	for _, p := range called {
		m.notify(a, p, Again)
	}
}

// identity is what tells a press from every other one of its device: the
// format's own, that of its delivery, or the time.
func identity(in Heard, now time.Time) string {
	switch {
	case in.Ref != "":
		return "ref " + in.Ref
	case in.Delivery != "":
		return "delivery " + in.Delivery
	}
	return "at " + now.UTC().Format(time.RFC3339Nano)
}

// alarmID derives an alarm's id from where it came from and its identity there.
func alarmID(site SiteID, source, kind, identity string) AlarmID {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(site), source, kind, identity}, "\x00")))
	return AlarmID("a-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])))
}
