package gateway

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"telecare/devices"
)

// deliveries tell a redelivery from a second press, by session. A sender may
// use a packet id again only when it was answered (MQTT 3.1.1, section 2.3.1),
// so the newest message of each id is all that has to be known, however old.
//
//   - Not a Dup: it is new, whatever looks like it.
//   - A Dup of other content, or of an id that is not known: it is new; its
//     first delivery did not get here.
//   - A Dup of the same id and content: that message again, if its answer may
//     have been lost. If the sender must have had the answer, it is in doubt:
//     another message that looks alike and whose first delivery was lost, or a
//     broker restored to an older state. Help first: it counts as new.
//
// What cannot be told, and is taken for the first one again: a second press of
// the same id and content of which only a repetition gets here, when its sender
// had said nothing for long between the first one's answer and the loss, or the
// gateway was killed between the two and had not written a snapshot since.
type deliveries map[string]*session

// session is what a sender has delivered in one run of packet ids.
type session struct {
	packets map[uint16]*delivery
	settled time.Time // the newest Frame.Settled
	heard   time.Time // zero before the first frame after a restart
}

// delivery is the newest message of a packet id.
type delivery struct {
	hash uint64 // of its content; 0: it had no events
	// uses counts the messages with events of this id that were recorded: with
	// it no two of them have the same identity, also when they look alike.
	uses int
	// answered is when its answer was given, nil while it was not. The zero
	// time is from before a restart, and before everything.
	answered *atomic.Pointer[time.Time]
	settled  bool // the sender had its answer when the snapshot was written
}

// Bounds of what is remembered; the session heard longest ago goes first. A
// broker of our own has at most so many clients.
const (
	maxSessions = 4096
	maxPackets  = 200_000 // over all sessions, when one is added
)

// verdict says what a frame with events is.
type verdict int

const (
	isNew verdict = iota
	isAgain
	isDoubtful // perhaps again, perhaps another one that looks alike
)

// judge says what a frame is, and remembers it. carries says whether it has
// events at all: readings are the same point twice. The delivery is nil on a
// link that does not redeliver, and without events.
func (d deliveries) judge(f *devices.Frame, carries bool) (verdict, *delivery) {
	if f.Session == "" {
		return isNew, nil
	}
	s := d.session(f.Session)
	s.heard = time.Now()
	if f.Settled.After(s.settled) {
		s.settled = f.Settled
	}
	p := s.packets[f.Packet]
	if !carries {
		if p != nil {
			p.hash = 0
		}
		return isNew, nil
	}
	if p == nil {
		p = &delivery{}
		s.packets[f.Packet] = p
	}
	v := isNew
	hash := contentHash(f)
	if f.Dup && p.hash == hash {
		if !s.has(p) {
			// What counts is this delivery's answer: that of the one before
			// went to a connection that is gone.
			p.answered = new(atomic.Pointer[time.Time])
			return isAgain, p
		}
		v = isDoubtful
	}
	p.hash, p.settled, p.answered = hash, false, new(atomic.Pointer[time.Time])
	return v, p
}

// has reports whether the sender must have had a delivery's answer.
func (s *session) has(p *delivery) bool {
	at := p.answered.Load()
	return p.settled || at != nil && !s.settled.IsZero() && !at.After(s.settled)
}

// noting is an answer of which the delivery notes when it was given.
func (p *delivery) noting(answer func(error)) func(error) {
	if p == nil {
		return answer
	}
	answered := p.answered
	return func(err error) {
		if err == nil {
			now := time.Now() // with its monotonic part
			answered.Store(&now)
		}
		answer(err)
	}
}

// record counts a use and gives it its identity: the same when a crash forgets
// the use and the message comes again.
func (p *delivery) record(f *devices.Frame) (identity string) {
	p.uses++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", deliveryKey(f), p.uses))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

func (d deliveries) session(name string) *session {
	s := d[name]
	if s == nil {
		d.makeRoom()
		s = &session{packets: map[uint16]*delivery{}}
		d[name] = s
	}
	return s
}

func (d deliveries) makeRoom() {
	for {
		packets, oldest := 0, ""
		for name, s := range d {
			packets += len(s.packets)
			if oldest == "" || s.heard.Before(d[oldest].heard) {
				oldest = name
			}
		}
		if len(d) < maxSessions && packets <= maxPackets {
			return
		}
		delete(d, oldest)
	}
}

// join takes in what an older memory knows and this one does not.
func (d deliveries) join(older deliveries) {
	for name, o := range older {
		s := d.session(name)
		for id, p := range o.packets {
			if mine := s.packets[id]; mine != nil {
				mine.uses = max(mine.uses, p.uses)
			} else {
				s.packets[id] = p
			}
		}
	}
}

func contentHash(f *devices.Frame) uint64 {
	h := fnv.New64a()
	h.Write([]byte(f.Topic))
	h.Write([]byte{0})
	h.Write(f.Raw)
	return max(h.Sum64(), 1)
}

// deliveryKey is the delivery as the journal keeps it.
func deliveryKey(f *devices.Frame) string {
	if f.Session == "" {
		return ""
	}
	return fmt.Sprintf("%s/%d/%016x", f.Session, f.Packet, contentHash(f))
}

// restore takes in a recorded deliveryKey.
func (d deliveries) restore(key string) {
	parts := strings.Split(key, "/")
	if len(parts) < 3 {
		return
	}
	n := len(parts)
	packet, err1 := strconv.ParseUint(parts[n-2], 10, 16)
	hash, err2 := strconv.ParseUint(parts[n-1], 16, 64)
	if err1 != nil || err2 != nil {
		return
	}
	s := d.session(strings.Join(parts[:n-2], "/"))
	p := s.packets[uint16(packet)]
	if p == nil {
		p = &delivery{}
		s.packets[uint16(packet)] = p
	}
	p.hash, p.settled, p.answered = hash, false, longAgo()
	p.uses++
}

func longAgo() *atomic.Pointer[time.Time] {
	p := new(atomic.Pointer[time.Time])
	p.Store(&time.Time{})
	return p
}

// MarshalJSON writes hash, uses and whether it is settled, by packet id.
func (s *session) MarshalJSON() ([]byte, error) {
	out := make(map[uint16][]uint64, len(s.packets))
	for id, p := range s.packets {
		switch {
		case p.hash != 0 && s.has(p):
			out[id] = []uint64{p.hash, uint64(p.uses), 1}
		case p.hash != 0 || p.uses > 0:
			out[id] = []uint64{p.hash, uint64(p.uses)}
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote, and the bare hash that the first
// releases wrote.
func (s *session) UnmarshalJSON(b []byte) error {
	var in map[uint16]json.RawMessage
	if err := json.Unmarshal(b, &in); err != nil {
		return fmt.Errorf("read deliveries: %w", err)
	}
	s.packets = make(map[uint16]*delivery, len(in))
	for id, raw := range in {
		p := &delivery{answered: longAgo()}
		var all []uint64
		if err := json.Unmarshal(raw, &p.hash); err != nil {
			if err := json.Unmarshal(raw, &all); err != nil || len(all) < 2 {
				return fmt.Errorf("read delivery %d: %q is neither a hash nor a list", id, raw)
			}
			p.hash, p.uses, p.settled = all[0], int(all[1]), len(all) > 2 && all[2] == 1
		}
		s.packets[id] = p
	}
	return nil
}
