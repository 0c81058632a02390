package modem

import (
	"testing"

	"telecare/alerting"
)

// No telephone rings for news, and its text waits behind every call.
func TestNewsRingsNoTelephone(t *testing.T) {
	m := &Modem{} // that would hang
	c := alerting.Call{Address: "+48 600 100 200", Reason: alerting.Informing, News: &alerting.CallNews{What: alerting.NewsThere}}
	if retry, err := m.Rings("voice", 3).Notify(t.Context(), c); retry || err != nil {
		t.Errorf("retry %t, %v", retry, err)
	}
	if alerting.CompareCalls(c, alerting.Call{Reason: alerting.Stopped}) <= 0 {
		t.Error("it goes before a stop")
	}
}
