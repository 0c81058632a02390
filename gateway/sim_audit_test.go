package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"telecare/alerting"
)

// audit plays the whole journal once more when the night is over.
func (o *oracle) audit() {
	s := o.s
	type place struct {
		alarm alerting.AlarmID
		what  alerting.What
		at    time.Time
	}
	places, raised, waited, first := map[int64]place{}, map[alerting.AlarmID]bool{}, map[alerting.AlarmID]bool{}, map[alerting.AlarmID]string{}
	r := &replayer{machine: alerting.New(), seen: deliveries{}}
	for _, rec := range s.disk.recs {
		same, err := r.replay(rec)
		if err != nil || !same {
			o.fail("record %d is decided otherwise when it is replayed (%v)", rec.Seq, err)
			return
		}
		if rec.Kind != "heard" {
			for _, e := range r.effects {
				if c, ok := e.(alerting.Changed); ok {
					raised[c.Alarm.ID] = true
				}
			}
			continue
		}
		in := r.input.(alerting.Heard)
		for _, w := range r.machine.Waits() { // calls when it has waited
			if w.Heard.Device == in.Device && w.Heard.Kind == in.Kind {
				places[rec.Seq] = place{w.ID, alerting.WasRaised, rec.At}
				if waited[w.ID] {
					places[rec.Seq] = place{w.ID, alerting.Folded, rec.At}
				}
				waited[w.ID], first[w.ID] = true, w.Heard.Ref
			}
		}
		for _, e := range r.effects {
			c, ok := e.(alerting.Changed)
			if !ok {
				continue
			}
			raised[c.Alarm.ID] = true
			if c.Alarm.Device == in.Device && c.Alarm.Kind == in.Kind && (c.Entry.What == alerting.WasRaised || c.Entry.What == alerting.PressedAgain || c.Entry.What == alerting.Folded) {
				if c.Entry.What == alerting.WasRaised && waited[c.Alarm.ID] && in.Ref != "" && in.Ref == first[c.Alarm.ID] { // the press that waited until now
					places[rec.Seq] = place{c.Alarm.ID, alerting.Folded, rec.At}
					continue
				}
				places[rec.Seq] = place{c.Alarm.ID, c.Entry.What, rec.At}
				break
			}
		}
	}
	for _, w := range r.machine.Waits() { // at the night's end
		raised[w.ID] = true
	}
	for _, p := range o.presses {
		counted, alarms := 0, map[alerting.AlarmID]bool{}
		for _, seq := range p.seqs {
			at := places[seq]
			if !raised[at.alarm] {
				o.fail("record %d, a press of %s at %s, is in no alarm", seq, p.device, p.at)
			}
			alarms[at.alarm] = true
			if at.what != alerting.Folded {
				counted++
			}
		}
		if s.tracks {
			for _, seq := range p.seqs {
				s.tail = append(s.tail, fmt.Sprintf("press of %s at %s ref %q: record %d, %s in alarm %s", p.device, p.at, p.ref, seq, places[seq].what, places[seq].alarm))
			}
		}
		switch {
		case len(p.seqs) == 0 && p.folded:
		case len(p.seqs) == 0:
			o.fail("a press of %s at %s (ref %q) is lost", p.device, p.at, p.ref)
		case len(alarms) != 1:
			o.fail("a press of %s at %s (ref %q) is in %d alarms", p.device, p.at, p.ref, len(alarms))
		case counted > 1, p.ref != "" && counted == 0:
			o.fail("a press of %s at %s (ref %q) is counted %d times", p.device, p.at, p.ref, counted)
		case p.ref == "" && len(p.seqs) > 1:
			o.fail("a press of %s at %s, delivered as one message, became %d", p.device, p.at, len(p.seqs))
		}
	}
	o.replays(r)
}

// replays compares the newest snapshot and what follows it with the whole.
func (o *oracle) replays(whole *replayer) {
	s := o.s
	r, err := restoreNewest(s.disk.snapshots)
	if err != nil {
		o.fail("%v", err)
	}
	for _, rec := range s.disk.recs[r.seq:] {
		if same, err := r.replay(rec); err != nil || !same {
			o.fail("record %d is decided otherwise after the newest snapshot (%v)", rec.Seq, err)
			return
		}
	}
	a, err1 := whole.machine.State()
	b, err2 := r.machine.State()
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		o.fail("the newest snapshot and the whole journal lead to different states (%v, %v)", err1, err2)
	}
	if s.seed%16 == 0 {
		if done, err := Replay(context.Background(), s.disk, 1, io.Discard); err != nil || done.Differ != 0 || done.Records != len(s.disk.recs) {
			o.fail("replay: %+v, %v", done, err)
		}
	}
}
