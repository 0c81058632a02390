package modem

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"telecare/alerting/notify/modem/at"
)

// session drives a modem from its port's opening to its end. It is its one
// owner's, but for answers.
type session struct {
	m   *Modem
	at  *at.Dialogue
	in  <-chan []byte
	ctx context.Context

	armed   bool // SIM card and modem are set up for messages
	missed  int  // answers in a row
	dial    *dialling
	mail    bool // the inbox is to be read
	noRing  bool // a call came in: nobody is here to answer it
	changed bool // the SIM card or the network
	looked  time.Time

	answers sync.WaitGroup
	handled chan int // places in the inbox that can be emptied
	busy    map[int]bool
}

// mostMissed answers in a row make a modem that is there a mute one.
const mostMissed = 2

func (s *session) run() error {
	t := s.m.timing
	look, inbox, beat := time.NewTicker(t.look), time.NewTicker(t.inbox), time.NewTicker(t.beat)
	defer look.Stop()
	defer inbox.Stop()
	defer beat.Stop()
	for _, command := range []string{"ATE0", "AT+CMEE=1"} {
		if _, err := s.do(command); ends(err) {
			return err
		}
	}
	if err := s.look(); err != nil {
		return err
	}
	for {
		if err := s.work(); err != nil {
			return err
		}
		select {
		case b, ok := <-s.in:
			if !ok {
				return at.ErrGone
			}
			s.at.Hear(b)
		case <-s.m.wake:
		case place := <-s.handled:
			if err := s.empty(place); ends(err) {
				return err
			}
			delete(s.busy, place)
		case <-look.C:
			s.changed = true
		case <-inbox.C:
			s.mail = true
		case <-beat.C:
		case <-s.ctx.Done():
			s.hangUp()
			return s.ctx.Err()
		}
	}
}

// ends reports whether an error is one after which the port is opened again.
func ends(err error) bool {
	_, refused := errors.AsType[*at.Error](err)
	return err != nil && !refused
}

// do asks for what takes no time, and counts answers that do not come.
func (s *session) do(command string) ([]string, error) {
	return s.within(s.m.timing.answer, command)
}

func (s *session) within(d time.Duration, command string) ([]string, error) {
	out, err := s.at.Do(s.ctx, d, command)
	return out, s.counted(err)
}

// counted makes of a modem that does not answer one that is gone.
func (s *session) counted(err error) error {
	if !errors.Is(err, at.ErrTimeout) {
		s.missed = 0
		return err
	}
	if s.missed++; s.missed < mostMissed {
		return &at.Error{Text: "nothing in time"} // once is none
	}
	return fmt.Errorf("the port is open, but %w: is it the right port?", err)
}

// work does all that is to be done now: in turns what people say and what is to
// be said to them, and then what is for technicians. A modem that never stops
// talking keeps no call waiting.
func (s *session) work() error {
	for {
		s.hear()
		if err := s.ring(); err != nil {
			return err
		}
		if s.noRing && s.dial == nil {
			if _, err := s.do("ATH"); ends(err) {
				return err
			}
		}
		s.noRing = false
		read := s.mail && s.armed && s.m.cfg.Answer != nil
		if read {
			s.mail = false
			if err := s.read(); ends(err) {
				return err
			}
		}
		j := s.m.next(s.dial != nil)
		if j != nil {
			if err := s.start(j); err != nil {
				return err
			}
		}
		if read || j != nil {
			continue
		}
		if s.changed && time.Since(s.looked) >= s.m.timing.beat {
			if err := s.look(); err != nil {
				return err
			}
			continue
		}
		return nil
	}
}

// start does a job, or begins it where it is a call. The job is answered; an
// error is the session's end.
func (s *session) start(j *job) error {
	var err error
	switch {
	case j.look:
		if err = s.look(); err == nil {
			err = s.m.Ready()
			j.done <- err
			return nil
		}
	case j.rings > 0:
		err = s.call(j)
	default:
		err = s.send(j)
		if !ends(err) {
			s.finish(j, err)
		}
	}
	if ends(err) {
		s.finish(j, err)
		return err
	}
	return nil
}

// finish answers a job; nil when it is done.
func (s *session) finish(j *job, err error) {
	if err != nil {
		e := s.m.failed(err)
		if e.word == NoSIM || e.word == NoNetwork {
			s.changed = true
		}
		err = e
	} else {
		s.m.mu.Lock()
		delete(s.m.before, j.what)
		s.m.mu.Unlock()
	}
	select {
	case j.done <- err:
	default: // it was answered before
	}
}

// hear sorts what the modem has said by itself.
func (s *session) hear() {
	for _, n := range s.at.Notices() {
		switch {
		case n.Is("+CMTI"), n.Is("+CDSI"), n.Is("+CMT"):
			s.mail = true
		case n.Is("+CDS"):
			s.reported(n)
			s.mail = true // some keep it, too
		case n.Is("+CREG"), n.Is("+CPIN"), n.Is("+CFUN"), n.Is("^SIMST"), n.Is("+SIM"):
			s.changed = true
		case n.Is("RING"), n.Is("+CRING"):
			s.noRing = true
		case s.dial != nil && (n.Line == "NO CARRIER" || n.Line == "BUSY" || n.Line == "NO ANSWER" || n.Line == "NO DIALTONE"):
			s.dial.over = n.Line
		case n.Line == "RDY", strings.HasPrefix(n.Line, "SMS Ready"), strings.HasPrefix(n.Line, "Call Ready"):
			s.armed, s.changed = false, true // it has started anew
		}
	}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
