package modem

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"telecare/alerting/notify/modem/at"
)

// dialling is a call under way.
type dialling struct {
	job   *job
	began time.Time
	rings time.Time // since when it does; zero before
	over  string    // how it ended, in the modem's word
	blind bool      // the modem does not say how its calls are
}

// call begins to ring somebody. Messages go out meanwhile.
func (s *session) call(j *job) error {
	// A telephone that cannot ring to its end has waited too long for its turn, and
	// rings in the next try, which has its whole time.
	if end, ok := j.ctx.Deadline(); ok && time.Until(end) < min(s.m.timing.ring*time.Duration(j.rings+2), end.Sub(j.asked)*3/4) {
		s.finish(j, s.m.because(InLine, errors.New("others were before it; its turn comes")))
		return nil
	}
	d := &dialling{job: j, began: time.Now()}
	// By the semicolon it is a voice call. [3GPP TS 27.007 6.2] Most modems say
	// OK at once, some when it was answered.
	_, err := s.at.Do(j.ctx, s.m.timing.setup+s.m.timing.ring*time.Duration(j.rings), "ATD"+j.to+";")
	switch e, refused := errors.AsType[*at.Error](err); {
	case err == nil:
		s.dial = d
	case refused && e.Kind == "" && e.Text != "":
		d.over = e.Text
		s.dial = d
		s.ended()
	case refused:
		s.finish(j, err)
	case errors.Is(err, at.ErrGone):
		return err
	default: // it takes too long, or nobody wants it any more
		s.finish(j, err)
		s.hangUp()
	}
	return nil
}

// ring looks after the call under way.
func (s *session) ring() error {
	d := s.dial
	switch {
	case d == nil:
		return nil
	case d.over != "":
		s.ended()
		return nil
	case d.job.ctx.Err() != nil:
		s.hangUp()
		s.finish(d.job, d.job.ctx.Err())
		return nil
	}
	if !d.blind {
		if err := s.listCalls(d); ends(err) {
			return err
		}
	} else if d.rings.IsZero() && time.Since(d.began) > s.m.timing.ring {
		d.rings = time.Now() // as far as we know
	}
	switch t := s.m.timing; {
	case s.dial == nil:
	case d.over != "":
		s.ended()
	case !d.rings.IsZero() && time.Since(d.rings) >= t.ring*time.Duration(d.job.rings):
		s.hangUp()
		s.finish(d.job, nil)
	case d.rings.IsZero() && time.Since(d.began) >= t.setup:
		s.hangUp()
		s.finish(d.job, s.m.because(NotRinging, errors.New("the telephone did not ring in time")))
	}
	return nil
}

// listCalls sees how the call is. [3GPP TS 27.007 7.18]
func (s *session) listCalls(d *dialling) error {
	lines, err := s.do("AT+CLCC")
	if err != nil {
		d.blind = !ends(err)
		return err
	}
	s.hear() // it may have ended meanwhile
	ours := false
	for _, l := range lines {
		v := at.Values(l)
		if len(v) < 4 || v[1] != "0" || v[3] != "0" {
			continue
		}
		ours = true
		switch v[2] {
		case "0":
			s.hangUp()
			s.finish(d.job, nil) // answered: somebody is awake
			return nil
		case "3":
			if d.rings.IsZero() {
				d.rings = time.Now()
			}
		}
	}
	if !ours && d.over == "" && time.Since(d.began) > 2*s.m.timing.beat {
		d.over = "NO CARRIER"
	}
	return nil
}

// ended answers for a call that ended by itself. A telephone that rang, and was
// silenced or rejected, has woken somebody.
func (s *session) ended() {
	d := s.dial
	s.dial = nil
	switch {
	case !d.rings.IsZero() && d.over != "NO DIALTONE":
		s.finish(d.job, nil)
	case d.over == "BUSY":
		s.finish(d.job, s.m.because(Busy, nil))
	default:
		s.finish(d.job, s.m.because(NotRinging, fmt.Errorf("the network says %s", strings.ToLower(d.over))))
	}
}

// hangUp ends the call. [3GPP TS 27.007 6.5]
func (s *session) hangUp() {
	s.dial = nil
	if s.ctx.Err() != nil {
		return
	}
	if _, err := s.do("AT+CHUP"); err != nil {
		_, _ = s.do("ATH") // ends as the port does, or with the next command
	}
}
