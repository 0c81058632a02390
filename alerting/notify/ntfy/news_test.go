package ntfy

import (
	"testing"

	"telecare/alerting"
)

// News has nothing to press, and does not ring through the night as a call does.
func TestNews(t *testing.T) {
	c := alerting.Call{
		ID: "a-1.there-ewa", Alarm: "a-1", Address: "ewa-x7", Link: "https://care.example/a/x", Reason: alerting.Informing, News: &alerting.CallNews{What: alerting.NewsThere},
	}
	n := &Ntfy{last: map[thread]string{}}
	th := thread{c.Address, c.Alarm}
	m := write(c, n.sequence(th, c))
	n.sent(th, c, m.Sequence)
	if m.Priority != normal || len(m.Actions) > 0 || n.last[th] != "" {
		t.Errorf("%+v, and a stop would replace %q", m, n.last[th])
	}
}
