package gateway

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// watch is the second lane: it owns when each device was last heard, its newest
// readings and frames, and notices silence. A flood of readings ends here and
// never in the loop.
type watch struct {
	g     *Gateway
	inbox *mailbox[notice]
	// places are the site's, for callers outside the loop.
	places atomic.Pointer[map[alerting.PlaceID]string]

	devices map[devices.ID]*life
	order   []devices.ID // their ids, sorted
	faults  map[devices.ID]map[alerting.FaultCode]bool
	down    map[condition]bool // chains that are not there
	unknown unknowns
	sight   sights
	blind   map[alerting.WatchID]bool // what was last told of those
	// framesKept is how many of each device.
	framesKept int
	bridges    map[string]time.Duration // when a source's bridge last came up, by clock.mono
	toSave     chan *lives              // nil: nothing is kept
	savedAt    time.Duration            // clock.mono
	lastAt     time.Time                // of the newest sample, so that the next is later
}

// life is what is known of one device.
type life struct {
	device    Device
	lastSeen  time.Time
	heardAt   time.Duration // the same by clock.mono: silence is a duration; 0 never
	lastPress time.Time
	known     time.Time // since when the device is
	// from is when the silence began that counts, by clock.mono.
	from time.Duration
	// mute: it was silent before this process began, and has not spoken since.
	mute     bool
	evidence evidence
	sight    sight
	source   string            // heard through
	readings []devices.Reading // the newest of each quantity, by quantity
	frames   frames
	shown    devices.Life
	dirty    bool
	offline  bool   // its bridge says so
	unread   string // the source of its newest frame, if that could not be decoded
}

// notice is one thing for the watch. Exactly one field but on is used.
type notice struct {
	seen   seen // with a frame
	site   *Site
	chain  *condition
	fault  *alerting.Fault
	on     bool
	ask    func(*watch)
	sights *sights
	lives  *lives
}

// seen is a frame on its way to the watch.
type seen struct {
	frame  *devices.Frame
	device Device
	known  bool
	at     time.Time
	mono   time.Duration // the same by clock.mono
	done   func(error)
}

func newWatch(g *Gateway) *watch {
	w := &watch{
		g: g, inbox: newMailbox[notice](), devices: map[devices.ID]*life{},
		faults: map[devices.ID]map[alerting.FaultCode]bool{}, down: map[condition]bool{},
		bridges: map[string]time.Duration{}, blind: map[alerting.WatchID]bool{},
	}
	w.places.Store(&g.o.Site.Places)
	return w
}

func (w *watch) put(s seen) { w.inbox.put(notice{seen: s}) }
func (w *watch) apply(s Site) {
	w.places.Store(&s.Places)
	w.inbox.put(notice{site: &s})
}
func (w *watch) sights(s sights)                            { w.inbox.put(notice{sights: &s}) }
func (w *watch) ask(q func(*watch))                         { w.inbox.put(notice{ask: q}) }
func (w *watch) chain(c condition, on bool)                 { w.inbox.put(notice{chain: &c, on: on}) }
func (w *watch) fault(f alerting.Fault, on bool)            { w.inbox.put(notice{fault: &f, on: on}) }
func (w *watch) hasPlace(p alerting.PlaceID) bool           { _, ok := (*w.places.Load())[p]; return ok }
func (w *watch) isDown(c alerting.FaultCode, s string) bool { return w.down[condition{c, s}] }

func (w *watch) run(ctx context.Context) error {
	w.setSite(w.g.o.Site)
	saved := w.keepLives(ctx)
	defer func() { <-saved }()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var notices []notice
	for {
		select {
		case <-ctx.Done():
			for _, n := range w.inbox.take(nil) {
				w.notice(&n)
			}
			w.endLives()
			return nil
		case <-w.inbox.wake:
			notices = w.inbox.take(notices)
			for i := range notices {
				w.notice(&notices[i])
			}
		case <-second.C:
			w.look()
		}
	}
}

func (w *watch) notice(n *notice) {
	switch {
	case n.seen.frame != nil:
		w.see(&n.seen)
	case n.site != nil:
		w.setSite(*n.site)
	case n.chain != nil:
		if n.on {
			w.down[*n.chain] = true
		} else {
			delete(w.down, *n.chain)
		}
	case n.fault != nil:
		w.setFault(*n.fault, n.on)
	case n.sights != nil:
		w.setSights(*n.sights)
	case n.ask != nil:
		n.ask(w)
	case n.lives != nil:
		w.remember(n.lives)
	}
}

// setSite adds new devices and forgets those that are gone.
func (w *watch) setSite(s Site) {
	known := map[devices.ID]bool{}
	for address, d := range s.Devices {
		known[d.ID] = true
		w.unknown.forget(address)
		if l := w.devices[d.ID]; l != nil {
			l.device, l.dirty = d, true
			continue
		}
		w.devices[d.ID] = &life{device: d, dirty: true, from: w.g.clock.mono(), known: w.g.clock.wall()}
	}
	maps.DeleteFunc(w.devices, func(id devices.ID, _ *life) bool { return !known[id] })
	w.order = slices.Sorted(maps.Keys(w.devices))
	w.framesKept = framesOfEach(len(w.devices))
	w.look()
}

func (w *watch) setFault(f alerting.Fault, on bool) {
	id := devices.ID(f.Subject)
	l := w.devices[id]
	if l == nil {
		return
	}
	if w.faults[id] == nil {
		w.faults[id] = map[alerting.FaultCode]bool{}
	}
	if on {
		w.faults[id][f.Code] = true
	} else {
		delete(w.faults[id], f.Code)
	}
	if f.Code == alerting.Silent && on && l.heardAt == 0 {
		l.mute = true
	}
	l.evidence.told(f.Code, w.g.clock.mono())
	w.publish(l)
}

// see takes in one frame and passes its readings on.
func (w *watch) see(s *seen) {
	f := s.frame
	if !s.known {
		if !isBox(f) {
			w.unknown.add(f, s.at)
		} else if slices.ContainsFunc(f.Message.Events, func(e devices.Event) bool { return e.Kind == devices.Online }) {
			w.bridges[f.Source] = s.mono
		}
		s.done(nil)
		return
	}
	l := w.devices[s.device.ID]
	if l == nil { // registered while the frame was on its way
		s.done(nil)
		return
	}
	l.frames.keep(w.framesKept, f, s.at)
	if f.Err != nil {
		l.unread = f.Source
		s.done(nil)
		return
	}
	l.unread = ""
	w.weigh(l, f, s) // before what was known is replaced
	l.sees(f, s.at)
	w.alive(l, f, s)
	for _, r := range f.Message.Readings {
		if i, known := l.reading(r.Quantity); known {
			l.readings[i] = r
		} else {
			l.readings = slices.Insert(l.readings, i, r)
		}
	}
	l.dirty = true
	if len(f.Message.Readings) == 0 {
		s.done(nil)
		return
	}
	if !s.at.After(w.lastAt) {
		s.at = w.lastAt.Add(1) // a point twice at one time would be one point
	}
	w.lastAt = s.at
	w.g.o.Meter.Count("telecare_readings_total", f.Source, float64(len(f.Message.Readings)))
	w.g.spool.put(kept{
		sample: devices.Sample{
			Device: l.device.ID, Kind: l.device.kind(), Source: f.Source, At: s.at, Readings: f.Message.Readings,
		},
		done: s.done,
	})
}

// reading is where that of a quantity is, or would be.
func (l *life) reading(q devices.Quantity) (at int, known bool) {
	return slices.BinarySearchFunc(l.readings, q, func(r devices.Reading, q devices.Quantity) int { return cmp.Compare(r.Quantity, q) })
}

// alive notes a sign of life. What a broker has kept is none, nor what others
// say of the device.
func (w *watch) alive(l *life, f *devices.Frame, s *seen) {
	for _, e := range f.Message.Events {
		if e.Kind == devices.Offline {
			l.offline, l.source = true, f.Source
			w.judge(l)
			return
		}
		if e.Kind == devices.Button || e.Kind.RaisesAlarm() {
			l.lastPress = s.at
		}
	}
	if f.Retained || f.Message.Hearsay {
		return
	}
	l.lastSeen, l.heardAt, l.from, l.source, l.offline, l.mute = s.at, s.mono, s.mono, f.Source, false, false
	if l.shown != devices.LifeHeard {
		w.judge(l)
	}
}

// look is once a second: who has gone silent, and what changed for the page.
func (w *watch) look() {
	lives, now := map[devices.Life]int{}, w.g.clock.wall()
	for _, id := range w.order {
		l := w.devices[id]
		w.judge(l)
		w.judgeTest(l, now)
		lives[l.shown]++
		if l.dirty {
			w.publish(l)
		}
	}
	w.lookBlind()
	if w.g.clock.mono()-w.savedAt >= saveEvery(len(w.devices)) {
		w.saveLives()
	}
	for _, s := range []devices.Life{devices.LifeUnknown, devices.LifeHeard, devices.LifeSilent, devices.LifeUnsupervised} {
		w.g.o.Meter.Set("telecare_devices", string(s), float64(lives[s]))
	}
}

// judge decides what is known of a device now, and tells the loop at the edges.
func (w *watch) judge(l *life) {
	now := w.lifeOf(l)
	if now == l.shown {
		return
	}
	l.shown = now
	silent := w.faults[l.device.ID][alerting.Silent]
	switch {
	case now == devices.LifeSilent && !silent:
		w.tell(l, true)
	case now == devices.LifeHeard && silent, now == devices.LifeUnsupervised && silent:
		w.tell(l, false)
	}
	w.publish(l)
}

func (w *watch) tell(l *life, silent bool) {
	w.g.inbox.put(item{in: alerting.FaultEdge{Code: alerting.Silent, Subject: string(l.device.ID), On: silent}})
}

// lifeOf judges by the window; the time that the gateway itself was down does
// not count, and behind a chain that is down nothing is known.
func (w *watch) lifeOf(l *life) devices.Life {
	if l.device.Window <= 0 {
		return devices.LifeUnsupervised
	}
	chainDown := l.source != "" && (w.isDown(alerting.LinkLost, l.source) || w.isDown(alerting.ChainDown, l.source)) || l.unread != "" && w.codecDown(l.unread)
	late := w.g.clock.mono()-l.from > l.device.Window || l.mute
	switch {
	case (chainDown || w.sight.away[l.device.ID]) && (late || l.offline):
		return devices.LifeUnknown
	case late || l.offline:
		return devices.LifeSilent
	case l.lastSeen.IsZero():
		return devices.LifeUnknown
	}
	return devices.LifeHeard
}

// codecDown reports whether a maker's codec of a source does not read frames:
// which devices' it is, the frames that cannot be read say.
func (w *watch) codecDown(source string) bool {
	for c := range w.down {
		if c.code == alerting.CodecDown && strings.HasPrefix(c.subject, CodecOf(source, "")) {
			return true
		}
	}
	return false
}

// CodecOf is the subject of the fault CodecDown.
func CodecOf(source, file string) string { return source + "/" + file }

func (w *watch) publish(l *life) {
	l.dirty = false
	s := devices.Status{
		ID: l.device.ID, Life: l.shown, LastSeen: l.lastSeen, LastPress: l.lastPress,
		DueEvery: int(l.device.Window / time.Second), Readings: slices.Clone(l.readings),
	}
	if l.evidence.health.State != "" {
		health := l.evidence.health
		s.Battery = &health
	}
	for code := range w.faults[l.device.ID] {
		s.Faults = append(s.Faults, devices.Kind(code))
	}
	slices.Sort(s.Faults)
	for _, p := range w.g.o.Publishers {
		p.Device(s)
	}
}
