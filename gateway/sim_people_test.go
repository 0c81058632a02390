package gateway

import (
	"time"

	"telecare/alerting"
)

// rings: somebody hears it, and does something or nothing.
func (w *world) rings(p alerting.Person, c alerting.Call) {
	s := w.s
	s.trace("rings", string(c.ID)+" "+string(p), 0)
	if c.Reason == alerting.Stopped || c.News != nil {
		return
	}
	after := s.between(2*time.Second, 50*time.Second)
	switch r := s.rng.IntN(10); {
	case r < 4 || w.calm:
		s.later(after, "take", func() { w.act(alerting.Take{Alarm: c.Alarm, By: p}, 0) })
		if s.chance(10) {
			s.later(after, "take twice", func() { w.act(alerting.Take{Alarm: c.Alarm, By: p}, 0) })
		}
	case r < 5:
		s.later(after, "decline", func() { w.act(alerting.Decline{Alarm: c.Alarm, By: p}, 0) })
	case r < 6:
		s.later(after, "arrive", func() { w.act(alerting.Arrive{Alarm: c.Alarm, By: p}, 0) })
	}
}

// act is a person's answer. Without a reaction it is given again.
func (w *world) act(in alerting.Input, tries int) {
	s := w.s
	if tries > 20 {
		return
	}
	repeat := func() {
		s.later(s.between(2*time.Second, 6*time.Second), "act again", func() { w.act(in, tries+1) })
	}
	if !s.up {
		repeat()
		return
	}
	life := s.life
	seen := false
	s.answers(in, func(r *alerting.Refused, seq int64) {
		seen = true
		s.oracle.acted(in, r, seq)
		if r == nil {
			w.goesOn(in)
		}
	})
	s.later(5*time.Second, "no reaction", func() {
		if !seen && s.life != life {
			repeat()
		}
	})
}

// goesOn is what a person does after an answer that was accepted.
func (w *world) goesOn(in alerting.Input) {
	s := w.s
	after := s.between(15*time.Second, 100*time.Second)
	switch in := in.(type) {
	case alerting.Take:
		switch r := s.rng.IntN(20); {
		case r < 15 || w.calm:
			s.later(after, "arrive", func() { w.act(alerting.Arrive(in), 0) })
		case r < 17:
			s.later(after, "give back", func() { w.act(alerting.Decline(in), 0) })
		case r < 18:
			s.later(after, "need help", func() { w.act(alerting.NeedHelp(in), 0) })
		case r < 19:
			to := []alerting.Person{"anna", "ewa", "jan", "ola", "kasia", "centre"}[s.rng.IntN(6)]
			s.later(after, "hand over", func() { w.act(alerting.HandOver{Alarm: in.Alarm, By: in.By, To: to}, 0) })
		}
	case alerting.Arrive:
		if s.chance(85) || w.calm {
			outcome := alerting.Helped
			if x := s.oracle.byID[in.Alarm]; x != nil && x.kind == alerting.Technical {
				outcome = alerting.OutcomesOf(alerting.Technical)[s.rng.IntN(2)]
			}
			s.later(after+45*time.Second, "close", func() { w.act(alerting.Close{Alarm: in.Alarm, By: in.By, Outcome: outcome}, 0) })
		}
	case alerting.Close:
		if s.chance(12) { // it was a mistake
			s.later(s.between(time.Second, time.Minute), "reopen", func() { w.act(alerting.Reopen{Alarm: in.Alarm, By: in.By}, 0) })
		}
	case alerting.Reopen:
		w.goesOn(alerting.Take(in))
	}
}
