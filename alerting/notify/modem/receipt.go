package modem

import (
	"telecare/alerting"
	"telecare/alerting/notify/modem/at"
	"telecare/alerting/notify/modem/pdu"
)

// Receipt is what the network reports of a message of ours. That it is on the
// telephone is no answer of anybody's.
type Receipt struct {
	Channel      alerting.ChannelID
	Alarm        alerting.AlarmID
	Notification alerting.NotificationID
	Arrived      bool // else it did not, and will not
}

// awaited is a message whose parts the network reports on.
type awaited struct {
	receipt Receipt
	to      string
	parts   int // of which it has not said yet that they arrived
}

// await keeps by which reference the network reports on a part. Another message
// takes the same one 256 messages later. [3GPP TS 23.040 9.2.3.6]
func (s *session) await(j *job, a *awaited, lines []string) {
	if j.receipt.Notification == "" {
		return // an answer to an answer
	}
	for _, l := range lines {
		if v := at.Values(l); len(v) > 0 && number(v[0]) >= 0 { // +CMGS: 17 [3GPP TS 27.005 4.3]
			s.m.awaited[byte(number(v[0]))] = a
		}
	}
}

// forget what the network has yet to report of a message that goes out again.
func (m *Modem) forget(j *job) {
	for ref, a := range m.awaited {
		if a.receipt.Notification == j.receipt.Notification {
			delete(m.awaited, ref)
		}
	}
}

// reported reads a report that came by itself.
func (s *session) reported(n at.Notice) {
	if n.PDU != "" {
		if in, err := pdu.Inbound(n.PDU); err == nil {
			if r, ok := in.(pdu.Report); ok {
				s.judge(r)
			}
		}
		return
	}
	// fo, mr, number, its type, two times, status [3GPP TS 27.005 3.1]
	if v := at.Values(n.Line); len(v) >= 5 {
		if ref, st := number(v[1]), number(v[len(v)-1]); st >= 0 && st < 256 && ref >= 0 {
			s.judge(pdu.Report{Reference: byte(ref), To: fromUCS2(v[2]), Status: byte(st)})
		}
	}
}

// judge says what became of a message: it has arrived when all of its parts
// have, and has not when one did not.
func (s *session) judge(r pdu.Report) {
	if r.Trying() {
		return
	}
	if !r.Delivered() {
		s.m.log.Warn("a text message could not be delivered: is the telephone switched off, or the number out of use?", "status", r.Status)
		s.m.cfg.Count(Failed)
	}
	a := s.m.awaited[r.Reference]
	if a == nil || !sameEnd(a.to, r.To) {
		return // of before the last start, or of another program's
	}
	delete(s.m.awaited, r.Reference)
	if r.Delivered() {
		if a.parts--; a.parts > 0 {
			return
		}
	}
	for ref, x := range s.m.awaited {
		if x == a {
			delete(s.m.awaited, ref)
		}
	}
	a.receipt.Arrived = r.Delivered()
	s.m.cfg.OnReceipt(a.receipt)
}

// sameEnd reports whether two numbers can be the same telephone's, of which one
// may be written without its country; none at all can be anybody's.
func sameEnd(a, b string) bool {
	const enough = 7
	end := func(s string) string { return s[max(0, len(s)-enough):] }
	return b == "" || end(a) == end(b)
}
