package dashboards

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

const (
	// closedFor is how long a closed alarm stays on the desk.
	closedFor = time.Hour
	// maxClosed bounds them all the same.
	maxClosed = 200
	// maxPast bounds those that the hand-over sheet may still show.
	maxPast = 1000
	// slack is how many more there may be of both until somebody asks: a start
	// shows all of a day, and to go through all for each is slow.
	slack = 100
	// gather is how long changes of devices and faults may wait for each other:
	// no screen is sent more than two of them a second.
	gather = 500 * time.Millisecond
	// buffer is how many changes a screen may be behind before it is closed.
	buffer = 256
)

// Hub holds what all screens show and gives each of them a snapshot and the
// changes after it. What is published is taken at once: a lock is held only
// to copy and to put into buffers, never over anything that can wait.
type Hub struct {
	mu      sync.Mutex
	seq     uint64
	ward    *Ward // never changed, only replaced
	alarms  map[alerting.AlarmID]*alerting.Alarm
	devices map[devices.ID]devices.Status
	weeks   weeks
	faults  map[faultKey]alerting.Fault
	// technical are the alarms of faults, in no list of those of people.
	technical map[alerting.AlarmID]*alerting.Alarm
	breaks    []alerting.Break // replaced, never changed
	// dirty devices and faults have changed since they were sent last.
	dirty       map[devices.ID]bool
	dirtyFaults map[faultKey]alerting.Fault
	timer       *time.Timer
	flushed     time.Time
	screens     map[*screen]bool
	since       time.Time
	// past are alarms that have left the desk, for the hand-over sheet.
	past   map[alerting.AlarmID]*alerting.Alarm
	closed int // alarms that were shown as closed since the last look at what to forget
	// rings are calls that wait for a screen to say that it rings.
	rings map[alerting.NotificationID]ringing
}

// state is the whole of what is known at one point of the stream. It is shared
// and never changed.
type state struct {
	seq     uint64
	ward    *Ward
	alarms  []*alerting.Alarm
	devices []devices.Status
	faults  []alerting.Fault
	tech    []*alerting.Alarm // technical alarms
	since   time.Time         // when the hub began to know
}

// change is one step of the stream after a state: everything anew, an alarm, a
// technical one, or devices and faults together. It is shared and never changed,
// but for what is kept in common.
type change struct {
	seq     uint64
	ward    *Ward
	whole   *state // everything anew: the names have changed
	alarm   *alerting.Alarm
	tech    *alerting.Alarm // a technical alarm
	devices []devices.Status
	faults  []faultChange
	common  *common // of devices and faults
}

// faultChange is a fault as it is now.
type faultChange struct {
	alerting.Fault
	on bool
}

type faultKey struct {
	code    alerting.FaultCode
	subject string
}

// screen is one reader of the stream. Its channel is closed by the hub when it
// falls behind.
type screen struct {
	changes chan change
	of      alerting.Person // who is called by it; "" nobody
	rings   chan ringView
}

// NewHub returns a hub that knows nothing yet.
func NewHub() *Hub {
	return &Hub{
		ward:        &Ward{},
		alarms:      map[alerting.AlarmID]*alerting.Alarm{},
		devices:     map[devices.ID]devices.Status{},
		weeks:       weeks{},
		faults:      map[faultKey]alerting.Fault{},
		dirty:       map[devices.ID]bool{},
		dirtyFaults: map[faultKey]alerting.Fault{},
		screens:     map[*screen]bool{},
		rings:       map[alerting.NotificationID]ringing{},
		technical:   map[alerting.AlarmID]*alerting.Alarm{},
		past:        map[alerting.AlarmID]*alerting.Alarm{},
		since:       time.Now(),
	}
}

// Alarm shows an alarm as it is now. It does not block.
func (h *Hub) Alarm(a alerting.Alarm) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := clone(a)
	delete(h.past, a.ID) // it may come back: reopened
	h.alarms[a.ID] = c
	if !c.Open() { // only then is there more to forget; a press must not pay for all that are open
		if h.closed++; h.closed > slack {
			h.prune(time.Now())
		}
	}
	h.send(change{alarm: c})
}

// Device shows a device as it is now. It does not block; several changes may be
// shown as one.
func (h *Hub) Device(s devices.Status) {
	s.Readings, s.Faults = slices.Clone(s.Readings), slices.Clone(s.Faults)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.devices[s.ID] = s
	h.weeks.heard(s, time.Now())
	h.dirty[s.ID] = true
	h.soon()
}

// Fault shows that a fault began or ended. It does not block; several changes
// may be shown as one.
func (h *Hub) Fault(f alerting.Fault, on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := faultKey{f.Code, f.Subject}
	if h.dirtyFaults[key] = f; on {
		h.faults[key] = f
	} else {
		delete(h.faults, key)
	}
	h.soon()
}

// soon sends what has changed now, or when what was sent last is half a second
// ago; h.mu is held.
func (h *Hub) soon() {
	if h.timer != nil {
		return
	}
	if wait := gather - time.Since(h.flushed); wait > 0 {
		h.timer = time.AfterFunc(wait, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.timer = nil
			h.flush()
		})
		return
	}
	h.flush()
}

// flush sends the devices and faults that have changed as one change; h.mu is
// held.
func (h *Hub) flush() {
	h.flushed = time.Now()
	if len(h.dirty)+len(h.dirtyFaults) == 0 {
		return
	}
	c := change{common: &common{}}
	for id := range h.dirty {
		c.devices = append(c.devices, h.devices[id])
	}
	for key, f := range h.dirtyFaults {
		_, on := h.faults[key]
		c.faults = append(c.faults, faultChange{f, on})
	}
	clear(h.dirty)
	clear(h.dirtyFaults)
	h.send(c)
}

// SetWard puts new names behind the ids: every screen is drawn anew. It does
// not block.
func (h *Hub) SetWard(w Ward) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ward = w.indexed()
	s := h.state()
	s.seq = h.seq + 1
	h.send(change{whole: s})
}

// send numbers a change and gives it to every screen; one that is full is
// closed.
func (h *Hub) send(c change) {
	h.seq++
	c.seq, c.ward = h.seq, h.ward
	for s := range h.screens {
		select {
		case s.changes <- c:
		default:
			delete(h.screens, s)
			close(s.changes)
		}
	}
}

// subscribe returns what is known now, and a screen that gets every change
// after it. By it somebody is called, or nobody.
func (h *Hub) subscribe(of alerting.Person) (*state, *screen) {
	s := &screen{changes: make(chan change, buffer), of: of, rings: make(chan ringView, buffer)}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.state()
	h.screens[s] = true
	return now, s
}

// unsubscribe ends a screen. It may be called more than once.
func (h *Hub) unsubscribe(s *screen) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.screens[s] {
		delete(h.screens, s)
		close(s.changes)
	}
}

// now returns what is known.
func (h *Hub) now() *state {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state()
}

// alarm finds one alarm and the names around it.
func (h *Hub) alarm(id alerting.AlarmID) (*alerting.Alarm, *Ward) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.technical[id]; a != nil {
		return a, h.ward
	}
	return h.alarms[id], h.ward
}

// names returns the names behind the ids.
func (h *Hub) names() *Ward {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ward
}

// state copies what is known; h.mu is held. Devices that wait are sent first,
// or the snapshot would be ahead of the stream.
func (h *Hub) state() *state {
	h.flush()
	h.prune(time.Now())
	h.pruneTechnical(time.Now())
	s := &state{seq: h.seq, ward: h.ward, faults: slices.Collect(maps.Values(h.faults)), since: h.since}
	slices.SortFunc(s.faults, func(a, b alerting.Fault) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
	})
	for _, a := range h.alarms {
		s.alarms = append(s.alarms, a)
	}
	for _, a := range h.technical {
		s.tech = append(s.tech, a)
	}
	slices.SortFunc(s.tech, func(a, b *alerting.Alarm) int { return a.Number - b.Number })
	for _, d := range h.devices {
		s.devices = append(s.devices, d)
	}
	slices.SortFunc(s.alarms, func(a, b *alerting.Alarm) int { return a.Number - b.Number })
	return s
}

// Alarms are those that are open, and those that were closed lately.
func (h *Hub) Alarms() []alerting.Alarm {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []alerting.Alarm
	for _, a := range h.alarms {
		out = append(out, *a)
	}
	return out
}

// prune forgets alarms that were closed long ago; h.mu is held.
func (h *Hub) prune(now time.Time) {
	h.closed = 0
	var closed []*alerting.Alarm
	for id, a := range h.alarms {
		switch {
		case a.Open():
		case now.Sub(a.ClosedAt) > closedFor:
			h.leave(id)
		default:
			closed = append(closed, a)
		}
	}
	for _, a := range oldest(closed, len(closed)-maxClosed) {
		h.leave(a.ID)
	}
	maps.DeleteFunc(h.past, func(_ alerting.AlarmID, a *alerting.Alarm) bool { return now.Sub(a.ClosedAt) > alerting.Remember })
	for _, a := range oldest(slices.Collect(maps.Values(h.past)), len(h.past)-maxPast) {
		delete(h.past, a.ID)
	}
}

// oldest are the n that were closed first.
func oldest(closed []*alerting.Alarm, n int) []*alerting.Alarm {
	if n <= 0 {
		return nil
	}
	slices.SortFunc(closed, func(a, b *alerting.Alarm) int { return a.ClosedAt.Compare(b.ClosedAt) })
	return closed[:n]
}

// leave takes an alarm from the desk; h.mu is held.
func (h *Hub) leave(id alerting.AlarmID) {
	h.past[id] = h.alarms[id]
	delete(h.alarms, id)
}

// shift returns what is known, and the alarms that have left the desk since
// yesterday.
func (h *Hub) shift() (*state, []*alerting.Alarm) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.state()
	return s, slices.Collect(maps.Values(h.past))
}

// clone copies an alarm so that later work on the original is not seen.
func clone(a alerting.Alarm) *alerting.Alarm {
	a.Residents = slices.Clone(a.Residents)
	a.Calls, a.History, a.Declined = slices.Clone(a.Calls), slices.Clone(a.History), slices.Clone(a.Declined)
	return &a
}
