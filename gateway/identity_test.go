package gateway

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// crash ends the gateway as a power cut would: what is not on disk is gone.
func (n *night) crash() {
	n.t.Helper()
	n.disk.mu.Lock()
	left := &disk{recs: slices.Clone(n.disk.recs), snapshots: slices.Clone(n.disk.snapshots)}
	n.disk.fail = errDisk
	n.disk.mu.Unlock()
	n.stop()
	n.disk = left
	n.board.fresh() // the page is another one, too
}

// freeze makes the disk stand still until the next crash.
func (n *night) freeze() {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.disk.stall = make(chan struct{})
}

// close closes every open alarm.
func (n *night) close() {
	n.t.Helper()
	for _, a := range n.board.open() {
		if err := n.g.Act(n.t.Context(), alerting.Close{Alarm: a.ID, By: "marta", Outcome: alerting.Helped}); err != nil {
			n.t.Errorf("close: %v", err)
		}
	}
	synctest.Wait()
}

// ever counts all alarms and presses in the journal.
func (n *night) ever() (alarms, presses, late int) {
	n.t.Helper()
	m := alerting.New()
	for _, rec := range n.disk.recs {
		in, err := alerting.DecodeInput(rec.Kind, rec.Body)
		if err != nil {
			n.t.Fatal(err)
		}
		for _, e := range m.Step(rec.At, in) {
			if c, ok := e.(alerting.Changed); ok {
				switch c.Entry.What {
				case alerting.WasRaised:
					alarms++
					presses++
					if c.Alarm.Late {
						late++
					}
				case alerting.PressedAgain:
					presses++
				case alerting.Folded:
					if c.Alarm.Open() { // with two of one moment; nobody comes for a closed one
						presses++
					}
				}
			}
		}
	}
	return alarms, presses, late
}

// TestRedeliveredDaysLater: the sender was away for three days; the alarm was
// closed, and the gateway restarted, with and without a snapshot.
func TestRedeliveredDaysLater(t *testing.T) {
	for _, end := range []struct {
		how string
		end func(*night)
	}{
		{"running", func(*night) {}},
		{"restarted", func(n *night) { n.stop(); n.start() }},
		{"killed", func(n *night) { n.crash(); n.start() }},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := newNight(t)
			n.clock = &setClock{}
			n.start()
			f, a := n.presses("pendant 7")
			n.expect("first", a, "answered")
			n.close()
			n.clock.set(36 * time.Hour) // longer than closed alarms are remembered
			wait(time.Minute)
			end.end(n)
			n.clock.set(36 * time.Hour)
			wait(time.Minute)
			f.Dup = true
			n.expect(end.how+": answered again", n.says("pendant 7", f), "answered")
			n.expect(end.how+": no other alarm", len(n.board.open()), 0)
			n.stop()
			alarms, presses, _ := n.ever()
			n.expect(end.how+": alarms and presses", fmt.Sprint(alarms, presses), "1 1")
		})
	}
}

// TestPressThatLooksLikeAnAnsweredOne: the sender went on speaking after the
// answer, so that it must have had it; then it repeats such a message. That may
// be another press whose first delivery was lost: help first.
func TestPressThatLooksLikeAnAnsweredOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		f, _ := n.presses("pendant 7")
		n.close()
		wait(time.Hour)

		f.Dup = true
		n.says("pendant 7", f)
		n.expect("it said nothing since: again", len(n.board.open()), 0)

		wait(time.Minute)
		f.Settled = time.Now().Add(-30 * time.Second)
		n.expect("in doubt", n.says("pendant 7", f), "answered")
		n.expect("somebody is called", len(n.board.open()), 1)
		n.expect("late", n.board.open()[0].Late, true)
		n.says("pendant 7", f)
		n.expect("its own repetition", n.board.open()[0].Presses+n.board.open()[0].Folded, 1)

		// What was settled by a snapshot is so after a restart, too.
		wait(time.Minute)
		f.Settled = time.Now().Add(-30 * time.Second)
		n.says("door", devices.Frame{Session: f.Session, Packet: 999, Settled: f.Settled})
		n.close()
		n.stop()
		n.start()
		f.Settled = time.Time{}
		n.says("pendant 7", f)
		n.expect("after a restart", len(n.board.open()), 1)
		n.stop()
	})
}

// TestNewPressIsNeverAnOldOne: without the mark of a repetition it is new,
// though id and content are those of an alarm that is closed, or open.
func TestNewPressIsNeverAnOldOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		f, _ := n.presses("pendant 7")
		wait(10 * time.Second)
		n.says("pendant 7", f)
		n.expect("open: a second press", n.board.open()[0].Presses, 2)
		ids := map[alerting.AlarmID]bool{n.board.open()[0].ID: true}
		for range 5 {
			n.close()
			wait(10 * time.Second)
			n.says("pendant 7", f)
			n.expect("closed: another alarm", len(n.board.open()), 1)
			ids[n.board.open()[0].ID] = true
			n.crash()
			n.start()
		}
		n.expect("each has an id of its own", len(ids), 6)
		n.stop()
	})
}

// TestSameAlarmAfterACrash: between the call and the commit everything is lost
// but what has left the house. The press comes again, and call, link and key
// are the same.
func TestSameAlarmAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.presses("pendant 7")
		n.close()
		wait(time.Minute)

		n.freeze()
		f, a := n.presses("pendant 7")
		n.expect("before the crash", a, "not answered")
		before := n.marta.last()
		n.crash()
		wait(time.Hour)
		n.start()
		n.expect("forgotten", len(n.board.open()), 0)
		f.Dup = true
		n.expect("after it", n.says("pendant 7", f), "answered")
		after := n.marta.last()
		n.expect("alarm, key and link", fmt.Sprint(after.Alarm, after.ID, after.Link), fmt.Sprint(before.Alarm, before.ID, before.Link))
		n.expect("number", after.Number, before.Number)
		n.stop()
	})
}

// TestAnsweredByLinkAfterACrash: the press was called and forgotten, and Marta
// answers by her link before it comes again.
func TestAnsweredByLinkAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.freeze()
		f, _ := n.presses("pendant 7")
		called := n.marta.last()
		n.crash()
		wait(time.Minute)
		n.start()
		n.expect("take alone", n.g.Act(t.Context(), alerting.Take{Alarm: called.Alarm, By: "marta"}), "refused: no_such_alarm")
		in := alerting.Recover{Alarm: called.Alarm, By: "marta", Kind: devices.Panic, Device: "d-1", RaisedAt: called.RaisedAt}
		n.expect("recover", n.g.Act(t.Context(), in), nil)
		n.expect("take", n.g.Act(t.Context(), alerting.Take{Alarm: called.Alarm, By: "marta"}), nil)
		f.Dup = true
		n.expect("the press comes again", n.says("pendant 7", f), "answered")
		wait(5 * time.Minute)
		a := n.board.open()
		n.expect("one alarm, hers", []any{len(a), a[0].ID == called.Alarm, a[0].Holder, a[0].Place, a[0].Presses, a[0].Folded}, "[1 true marta p-7 1 1]")
		n.expect("nobody else is called", n.centre.rang(), []string{})
		n.close()
		n.says("pendant 7", f)
		n.expect("closed", len(n.board.open()), 0)
		n.stop()
	})
}

// house is a model of a broker or device at QoS 1: it repeats, in order and
// marked, whatever was not answered when it connects again. Its few packet ids
// come round quickly.
type house struct {
	n       *night
	r       *rand.Rand
	looks   int // how many contents presses have; 0: each its own
	ids     int
	counter int

	inflight  []*pressing
	connected bool
	from      time.Time // see devices/mqtt talk
	settled   time.Time

	made  int
	slack int // presses that nobody can tell from the one before
	told  int // those that look alike and could be told
	used  map[uint16]*pressing
}

type pressing struct {
	frame    devices.Frame
	known    bool // the gateway has it on disk
	answered time.Time
	counted  bool // as told or not
}

func (s *house) connect() {
	s.connected, s.from = true, time.Now()
	for _, p := range slices.Clone(s.inflight) {
		p.frame.Dup = true
		s.from = time.Now()
		s.deliver(p)
		if !s.connected {
			return
		}
	}
}

// deliver lets a message come, and its answer, unless the connection is cut
// between the two.
func (s *house) deliver(p *pressing) {
	f := p.frame
	f.Settled = s.settled
	if old := s.used[f.Packet]; f.Dup && !p.known && !p.counted && old != nil && old != p && string(old.frame.Raw) == string(f.Raw) {
		p.counted = true
		if old.answered.IsZero() || s.settled.IsZero() || old.answered.After(s.settled) {
			s.slack++
		} else {
			s.told++
		}
	}
	a := s.n.says("pendant 7", f)
	if a.String() != "answered" {
		return
	}
	if p.answered.IsZero() {
		p.answered = time.Now()
	}
	p.known = true
	s.used[f.Packet] = p
	if s.r.IntN(4) == 0 {
		s.connected = false
		return
	}
	s.inflight = slices.DeleteFunc(s.inflight, func(x *pressing) bool { return x == p })
}

func (s *house) press() {
	s.counter++
	id := uint16(s.counter%s.ids + 1)
	if slices.ContainsFunc(s.inflight, func(p *pressing) bool { return p.frame.Packet == id }) {
		return
	}
	s.made++
	raw := []byte(`{"action":"single"}`)
	if s.looks == 0 {
		raw = fmt.Appendf(nil, `{"action":"single","counter":%d}`, s.counter)
	} else if s.r.IntN(s.looks) > 0 {
		raw = []byte(`{"action":"double"}`)
	}
	p := &pressing{frame: devices.Frame{
		Session: "house", Packet: id, Raw: raw, Topic: "zigbee2mqtt/pendant 7",
		Message: devices.Message{Events: []devices.Event{{Kind: devices.Button}}},
	}}
	s.inflight = append(s.inflight, p)
	switch {
	case !s.connected:
		p.frame.Dup = s.r.IntN(2) == 0 // sent when it connects; some mark it, some do not
	case s.r.IntN(4) == 0:
		s.connected = false // cut before it came
	default:
		s.deliver(p)
	}
}

// pass lets time pass; a sender that is connected speaks at the end of it.
func (s *house) pass(d time.Duration) {
	wait(d)
	if at := time.Now().Add(-30 * time.Second); s.connected && !at.Before(s.from) && at.After(s.settled) {
		s.settled = at
	}
}

// forget is a crash or a restart of the gateway: it does not know any more when
// it answered, and what was not on disk is gone.
func (s *house) forget() {
	s.connected, s.settled = false, time.Time{}
	for _, p := range s.used {
		p.answered = time.Time{}
	}
}

// TestModelSender: whatever is cut, killed and closed in between, each press
// counts once, but for those that look like the one before and that nobody can
// tell.
func TestModelSender(t *testing.T) {
	told, slack := 0, 0
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			n := newNight(t)
			n.start()
			s := &house{n: n, r: r, looks: int(seed % 3), ids: []int{1, 2, 5}[r.IntN(3)], used: map[uint16]*pressing{}}
			s.connect()
			for range 60 {
				s.pass([]time.Duration{6 * time.Second, 10 * time.Second, 35 * time.Second, time.Minute}[r.IntN(4)])
				switch r.IntN(12) {
				case 0, 1, 2, 3:
					s.press()
				case 4:
					s.connected = false
				case 5, 6, 7:
					s.connect()
				case 8:
					n.close()
				case 9: // in the middle of a press
					n.freeze()
					s.press()
					n.crash()
					s.forget()
					n.start()
				case 10:
					n.crash()
					s.forget()
					n.start()
				case 11:
					n.stop()
					s.forget()
					n.start()
				}
			}
			for len(s.inflight) > 0 {
				s.pass(6 * time.Second)
				s.connect()
			}
			n.stop()
			told, slack = told+s.told, slack+s.slack
			if _, presses, _ := n.ever(); presses > s.made || presses < s.made-s.slack {
				t.Errorf("seed %d: %d presses were made, %d count (%d contents, %d ids, %d cannot be told)", seed, s.made, presses, s.looks, s.ids, s.slack)
			}
			if s.looks == 0 && s.slack > 0 {
				t.Errorf("seed %d: all are different and %d cannot be told", seed, s.slack)
			}
		})
	}
	t.Logf("%d that look alike were told, %d cannot be", told, slack)
	if told < 5 {
		t.Errorf("only %d that look alike had to be told", told)
	}
}

// FuzzDeliveriesRead reads what snapshots and journals of any release may hold.
func FuzzDeliveriesRead(f *testing.F) {
	f.Add(`{"house/1":{"5":17822930420110519123}}`, "house/1/5/00000000000000ff") // the first days
	f.Add(`{"house/1":{"5":[17822930420110519123,3,1],"6":[0,2]}}`, "a/b/c/65535/f")
	f.Add(`{"house/1":{"5":[1]}}`, "//")
	f.Add(`{}`, "\xff/0/0/1")
	f.Fuzz(func(t *testing.T, snapshot, key string) {
		d := deliveries{}
		if json.Unmarshal([]byte(snapshot), &d) != nil {
			d = deliveries{}
		}
		for name, s := range d {
			if s == nil {
				delete(d, name)
			}
		}
		d.restore(strings.ToValidUTF8(key, "\ufffd")) // as the journal's JSON would have it
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		again := deliveries{}
		if err := json.Unmarshal(b, &again); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if c, err := json.Marshal(again); err != nil || string(c) != string(b) {
			t.Errorf("%s is read as %s (%v)", b, c, err)
		}
	})
}

// TestDeliveriesSurviveALostJournal: it begins anew, and the gateway is killed
// before the next snapshot is due.
func TestDeliveriesSurviveALostJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.clock = &setClock{}
		n.start()
		f, _ := n.presses("pendant 7")
		n.close()
		n.disk.mu.Lock()
		n.disk.recs, n.disk.snapshots, n.disk.fresh = nil, nil, true
		n.disk.mu.Unlock()
		wait(10 * time.Second)
		n.presses("pendant 7") // its commit finds a new journal
		n.close()
		wait(time.Second)
		n.crash()
		n.clock.set(36 * time.Hour) // longer than the alarm itself is remembered
		n.start()
		f.Dup = true
		n.says("pendant 7", f)
		n.expect("the press of before", len(n.board.open()), 0)
		n.stop()
	})
}

// TestAnswerToADeadConnection: a message comes again before its record is on
// disk. The answer that the first delivery gets then reaches nobody, and says
// nothing of what the sender knows; only that of the second does.
func TestAnswerToADeadConnection(t *testing.T) {
	d := deliveries{}
	f := &devices.Frame{Session: "zigbee", Packet: 1, Raw: []byte("pressed")}
	ignore := func(error) {}
	judge := func(want verdict) (answer func(error)) {
		t.Helper()
		got, p := d.judge(f, true)
		if got != want {
			t.Errorf("verdict %d, want %d", got, want)
		}
		return p.noting(ignore)
	}
	first := judge(isNew)
	f.Dup = true
	judge(isAgain)
	first(nil)
	f.Settled = time.Now().Add(time.Minute)
	third := judge(isAgain)
	third(nil)
	f.Settled = time.Now().Add(time.Minute)
	judge(isDoubtful)
}
