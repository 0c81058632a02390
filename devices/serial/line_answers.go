package serial

import (
	"bytes"
	"errors"
	"sync"
	"time"

	"telecare/devices"
)

// What a receiver of alarms is answered with, and for how long it waits for
// that: Sur-Gard MLR2000 manual, 12.2; others wait longer.
const (
	ack           = 0x06
	nak           = 0x15
	nakEven       = 0x95 // with even parity, as a line with seven bits has it
	answerWindow  = 4 * time.Second
	forgetRepeats = 5 * time.Minute
	maxWaiting    = 256 // a receiver keeps some hundred messages
)

// answers acknowledge the frames of a receiver of alarms, which sends one at a
// time and repeats it until it is acknowledged.
//
// An ACK is a bare byte: it does not say for what. So it is written for the
// frame that came last and for no other, once, and only as long as the receiver
// waits for it: an ACK that comes too late could be taken for that of the next
// frame, which is not on disk yet. The frame comes again then, is known to be
// the same, and is answered at once.
//
// A frame is a repeat when it has the bytes of one that came and was not
// acknowledged. Two heartbeats, the first of them acknowledged, say that the
// receiver has nothing more to repeat: it sends them when it is idle.
type answers struct {
	mu      sync.Mutex
	write   func(byte)        // to the open port; nil while there is none
	last    *asked            // the frame that came last
	waiting map[string]*asked // by their bytes: not acknowledged yet
	packet  uint16            // of the newest frame
	refused []byte            // what was asked for again
	idle    bool              // the last frame was a heartbeat, acknowledged
}

// asked is a frame that waits for its answer.
type asked struct {
	packet uint16
	at     time.Time // when it came last
	done   bool      // acknowledged
}

// open says where answers go to from now on; nil is nowhere.
func (a *answers) open(write func(byte)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.write, a.last = write, nil
}

// came notes a frame and returns its delivery's number and whether it came
// before; answer is called when it is on disk.
func (a *answers) came(f Decoded, now time.Time) (packet uint16, again bool, answer func(error, time.Time)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget(f, now)
	x := a.waiting[string(f.Raw)]
	again = x != nil
	if !again {
		a.packet++
		x = &asked{packet: a.packet}
		if a.waiting == nil || len(a.waiting) >= maxWaiting {
			a.waiting = map[string]*asked{}
		}
		a.waiting[string(f.Raw)] = x
	}
	x.at, a.last = now, x
	raw := string(f.Raw)
	return x.packet, again, func(err error, now time.Time) {
		if err == nil {
			a.acknowledge(x, raw, now)
		}
	}
}

// forget drops what the receiver can no longer repeat.
func (a *answers) forget(f Decoded, now time.Time) {
	if f.Err == nil && f.Message.Device == Dongle {
		if a.idle {
			clear(a.waiting)
		}
	} else {
		a.idle = false
	}
	for raw, x := range a.waiting {
		if now.Sub(x.at) > forgetRepeats {
			delete(a.waiting, raw)
		}
	}
}

func (a *answers) acknowledge(x *asked, raw string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if x.done || x != a.last || now.Sub(x.at) >= answerWindow || a.write == nil {
		return
	}
	x.done = true
	if a.waiting[raw] == x {
		delete(a.waiting, raw)
	}
	a.write(ack)
}

// alive acknowledges a heartbeat, at once: it brings nothing that could be lost,
// and without an answer the receiver holds its events back.
func (a *answers) alive(f Decoded, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget(f, now)
	a.last, a.idle = nil, true
	if a.write != nil {
		a.write(ack)
	}
}

// refuse asks for a damaged frame again. One whose bytes come twice is not
// damaged but what the receiver means: it is taken as it is, so that it does not
// stand before all others for ever. It reports whether it asked.
func (a *answers) refuse(f Decoded) bool {
	if !errors.Is(f.Err, errDamaged) || len(f.Raw) > 64 || !isText(f.Raw) {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if bytes.Equal(a.refused, f.Raw) {
		a.refused = nil
		return false
	}
	a.refused, a.last = bytes.Clone(f.Raw), nil
	if a.write != nil {
		if bytes.ContainsFunc(f.Raw, func(r rune) bool { return r >= 0x80 }) {
			a.write(nakEven)
		} else {
			a.write(nak)
		}
	}
	return true
}

// isText reports whether bytes of seven bits are text: what else came was
// noise, which nobody repeats.
func isText(b []byte) bool {
	for _, c := range b {
		if c &= 0x7f; c < ' ' || c > '~' {
			return false
		}
	}
	return len(b) > 8
}

// repeats know that a transmitter sends each press several times, and on while
// it is held: they give all of them the same Event.Ref.
type repeats struct {
	within time.Duration
	recent map[string]*press
}

type press struct {
	ref string
	at  time.Time // of the newest repeat
}

// mark gives the press of a frame its Ref: that of the same press when it was
// heard a moment ago, else one that no other has.
func (r *repeats) mark(m *devices.Message, now time.Time) {
	if r.within == 0 || len(m.Events) == 0 {
		return
	}
	for key, p := range r.recent {
		if now.Sub(p.at) >= r.within {
			delete(r.recent, key)
		}
	}
	if r.recent == nil {
		r.recent = map[string]*press{}
	}
	p := r.recent[m.Device]
	if p == nil {
		p = &press{ref: now.UTC().Format("20060102T150405.000000")}
		r.recent[m.Device] = p
	}
	p.at = now
	for i := range m.Events {
		if m.Events[i].Kind == devices.Button {
			m.Events[i].Ref = p.ref
		}
	}
}
