package gateway

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"telecare/alerting"
)

// simLink is a connection at QoS 1 whose other side keeps what is unanswered
// and delivers it again on the next connection, marked, in order, before
// anything new. [MQTT 3.1.1, 4.4 and 4.6]
type simLink struct {
	w      *world
	name   string
	window int
	cycles bool // through all packet ids; else the lowest that is free
	queue  []*simMessage
	flight []*simMessage
	conn   int // counts connections
	up     bool
	last   uint16
	wire   time.Duration // when the newest frame arrives
	acks   time.Duration // when the newest answer arrives
	cut    time.Duration // until then it cannot be connected

	answered map[uint16]time.Duration // when each packet id was answered last

	// What the source knows of how the other side speaks: see devices/mqtt, talk.
	from    time.Duration // since when it is connected and repeats nothing
	settled time.Duration // -1: not known
}

func (l *simLink) publish(d *simMessage) {
	l.queue = append(l.queue, d)
	l.pump()
}

func (l *simLink) pump() {
	for l.up && len(l.queue) > 0 && len(l.flight) < l.window {
		d := l.queue[0]
		l.queue = l.queue[1:]
		d.packet = l.freeID()
		l.flight = append(l.flight, d)
		l.transmit(d)
	}
}

func (l *simLink) freeID() uint16 {
	used := func(id uint16) bool {
		return slices.ContainsFunc(l.flight, func(d *simMessage) bool { return d.packet == id })
	}
	id := uint16(1)
	if l.cycles {
		id = l.last%65535 + 1
	}
	for used(id) {
		id++
	}
	l.last = id
	return id
}

func (l *simLink) transmit(d *simMessage) {
	s := l.w.s
	f := d.frame
	f.Packet, f.Dup = d.packet, d.sent
	d.sent, d.ready = true, false
	conn := l.conn
	l.wire = max(l.wire, s.elapsed()+s.between(time.Millisecond, 30*time.Millisecond))
	s.later(l.wire-s.elapsed(), "arrives", func() {
		if l.conn != conn || !l.up || !s.up {
			return
		}
		s.trace("frame", f.Topic, int64(f.Packet))
		l.spoke()
		if l.settled >= 0 {
			f.Settled = s.began.Add(l.settled)
		}
		if f.Dup {
			l.from = s.elapsed()
		}
		given := false
		s.receive(f, d, func(err error) {
			if given {
				s.oracle.fail("a frame was answered twice")
			}
			given = true
			if l.conn != conn || !l.up {
				return
			}
			if err != nil {
				l.drop()
				return
			}
			d.ready = true
			l.answer()
		})
	})
}

// answer sends the answers that are due, in the order of arrival.
func (l *simLink) answer() {
	s := l.w.s
	conn := l.conn
	for _, d := range l.flight {
		if !d.ready {
			return
		}
		l.acks = max(l.acks, s.elapsed()+s.between(time.Millisecond, 30*time.Millisecond))
		s.later(l.acks-s.elapsed(), "answered", func() {
			i := slices.Index(l.flight, d)
			if l.conn != conn || !l.up || i < 0 {
				return
			}
			l.flight = slices.Delete(l.flight, i, i+1)
			s.trace("answer", d.frame.Topic, int64(d.packet))
			s.oracle.answered(d)
			l.pump()
		})
	}
}

// drop is a connection that breaks by itself.
func (l *simLink) drop() {
	if l.up {
		l.lose()
		l.tells(true)
		l.reconnect()
	}
}

func (l *simLink) lose() {
	if l.up {
		l.spoke()
		l.up = false
		l.conn++
	}
}

// spoke notes what follows from the other side's last ping; there is one every
// ten seconds.
func (l *simLink) spoke() {
	const ping, settleAfter = 10 * time.Second, 30 * time.Second
	last := l.from + (l.w.s.elapsed() - l.from).Truncate(ping)
	if s := last - settleAfter; s >= l.from {
		l.settled = max(l.settled, s)
	}
}

func (l *simLink) reconnect() {
	l.w.s.later(max(l.w.s.between(10*time.Millisecond, 4*time.Second), l.cut-l.w.s.elapsed()), "reconnect", l.connect)
}

func (l *simLink) connect() {
	if !l.w.s.up || l.up {
		return
	}
	l.tells(false)
	l.up, l.from = true, l.w.s.elapsed()
	l.wire, l.acks = 0, 0
	for _, d := range l.flight {
		l.transmit(d)
	}
	l.pump()
}

// simChannel is a way to reach people, and what is wrong with it.
type simChannel struct {
	mode  int
	until time.Duration
}

const (
	works = iota
	refuses
	hangs
	late
	losesResults
	modes
)

func (w *world) channelTrouble() {
	name := []alerting.ChannelID{"phone", "screen"}[w.s.rng.IntN(2)]
	c := w.channels[name]
	c.mode, c.until = 1+w.s.rng.IntN(modes-1), w.s.elapsed()+w.s.between(5*time.Second, 30*time.Second)
}

var errRefused = errors.New("refused")

// isTheSame: a key is one message's for ever, whatever was forgotten meanwhile.
// Who gets them all rings once a key, and would keep another's call from them.
func (w *world) isTheSame(r route, c alerting.Call) {
	what := fmt.Sprint(r.to, " on ", r.channel, ", ", c.Reason)
	if was, ok := w.keys[c.ID]; ok && was != what {
		w.s.oracle.fail("message %s is for %s, and was for %s", c.ID, what, was)
	}
	w.keys[c.ID] = what
}

// carry is one try: how long it takes and how it ends.
func (w *world) carry(r route, c alerting.Call) (takes time.Duration, a attempt) {
	s := w.s
	w.isTheSame(r, c)
	ch := w.channels[r.channel]
	mode := works
	if s.elapsed() < ch.until {
		mode = ch.mode
	} else if s.chance(3) && !w.calm {
		mode = 1 + s.rng.IntN(modes-1)
	}
	takes = s.between(time.Millisecond, 300*time.Millisecond)
	rings := func(after time.Duration) {
		s.later(after, "rings", func() { w.rings(r.to, c) })
		w.delivers(r, c)
	}
	switch mode {
	case refuses:
		return takes, attempt{retry: s.chance(90), err: errRefused}
	case hangs:
		return time.Hour, attempt{}
	case late:
		rings(s.between(9*time.Second, 15*time.Second))
		return s.between(9*time.Second, 15*time.Second), attempt{retry: true}
	case losesResults:
		rings(takes / 2)
		return takes, attempt{retry: true, err: errRefused}
	}
	rings(takes / 2)
	return takes, attempt{retry: true}
}
