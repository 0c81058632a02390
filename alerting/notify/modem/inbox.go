package modem

import (
	"context"
	"fmt"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/modem/at"
	"telecare/alerting/notify/modem/pdu"
)

// inbox sees whether there is room for what people answer. [3GPP TS 27.005 3.2.2]
func (s *session) inbox() (*Error, error) {
	lines, err := s.do("AT+CPMS?")
	if ends(err) {
		return nil, err
	}
	used, of := number(value(lines, 1)), number(value(lines, 2))
	if used <= 0 {
		return nil, nil
	}
	s.mail = true
	if used < of {
		return nil, nil
	}
	return s.m.because(InboxFull, fmt.Errorf("%d of %d messages; they are read and deleted", used, of)), nil
}

// read empties the inbox. [3GPP TS 27.005 4.1]
func (s *session) read() error {
	all := "AT+CMGL=4"
	if s.m.cfg.Text {
		all = `AT+CMGL="ALL"`
	}
	lines, err := s.within(4*s.m.timing.answer, all)
	if err != nil {
		return err
	}
	emptied := false
	for i, line := range lines {
		v := at.Values(line)
		if !strings.HasPrefix(line, "+CMGL:") || len(v) < 2 {
			continue
		}
		place := number(v[0])
		if s.busy[place] {
			continue
		}
		body := ""
		if i+1 < len(lines) && !strings.HasPrefix(lines[i+1], "+CMGL:") {
			body = lines[i+1]
		}
		if s.came(place, v, body) {
			continue
		}
		switch err := s.empty(place); {
		case ends(err):
			return err
		case err == nil:
			emptied = true
		}
	}
	if emptied && s.m.Ready() != nil {
		s.changed = true // there is room again
	}
	return nil
}

// empty deletes a message. [3GPP TS 27.005 3.5.4]
func (s *session) empty(place int) error {
	_, err := s.do(fmt.Sprintf("AT+CMGD=%d", place))
	return err
}

// came deals with one message, and reports whether it is to stay for now.
func (s *session) came(place int, v []string, body string) bool {
	var from, text string
	var at time.Time
	if s.m.cfg.Text {
		if !strings.HasPrefix(v[1], "REC") || len(v) < 3 {
			return false
		}
		from, text = fromUCS2(v[2]), fromUCS2(body)
		if len(v) > 4 {
			at = stamp(v[4])
		}
	} else {
		if st := v[1]; st != "0" && st != "1" { // one of our own
			return false
		}
		in, err := pdu.Inbound(body)
		if err != nil {
			s.m.cfg.Count(Ignored)
			return false
		}
		switch in := in.(type) {
		case pdu.Report:
			s.judge(in)
			return false
		case pdu.Deliver:
			from, at, text = in.From, in.At, in.Text
			if in.Part.Number > 1 { // an answer is not so long
				return false
			}
		}
	}
	if age := time.Since(at); !at.IsZero() && age > stale {
		s.m.log.Warn("a text message came too late to answer anything; if it did not, a clock is wrong", "age", age.Round(time.Minute))
		s.m.cfg.Count(Ignored)
		return false
	}
	s.busy[place] = true
	s.answers.Go(func() { s.answer(place, from, text) })
	return true
}

// stale is the age at which a text message answers nothing any more: who wrote
// it may not know of what is open by now.
const stale = 15 * time.Minute

// answer has it decided beside the modem's work; only then is it deleted.
func (s *session) answer(place int, from, text string) {
	reply := s.m.cfg.Answer(s.ctx, from, text)
	if s.ctx.Err() != nil {
		return // it is read again
	}
	kind := Ignored
	if reply != "" {
		kind = Answered
	}
	s.m.cfg.Count(kind)
	select {
	case s.handled <- place:
	case <-s.ctx.Done():
		return
	}
	to, err := Number(from)
	if reply == "" || err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	if err := s.m.do(&job{ctx: ctx, what: "reply " + to, call: alerting.Call{Reason: alerting.Stopped}, to: to, text: reply}); err != nil {
		s.m.log.Warn("somebody who answered by text message was not told what became of it", "error", err)
	}
}

// stamp reads a time in text mode, "26/11/23,02:59:07+04", in quarters of an
// hour. [3GPP TS 27.005 3.1]
func stamp(s string) time.Time {
	at, err := time.Parse("06/01/02,15:04:05", s[:max(len(s)-3, 0)])
	if err != nil {
		return time.Time{}
	}
	return at.Add(-time.Duration(number2(s[len(s)-3:])) * 15 * time.Minute)
}

func number2(s string) int {
	var n int
	if _, err := fmt.Sscanf(s, "%d", &n); err != nil {
		return 0
	}
	return n
}

// fromUCS2 reads what ucs2 wrote; what is not so written is as it stands.
func fromUCS2(s string) string {
	out, err := pdu.FromUCS2(s)
	if err != nil {
		return s
	}
	return out
}
