package webpush

import (
	"testing"

	"telecare/alerting"
)

// News is as quiet as a stop, says everything, and takes no call's place.
func TestNews(t *testing.T) {
	call := alerting.Call{ID: "a-1.1", Alarm: "a-1", Kind: "panic", Link: "https://care.example/a/x"}
	c := call
	c.ID, c.Link, c.News = "a-1.closed-ewa", "", &alerting.CallNews{What: alerting.NewsClosed, Outcome: alerting.Helped}
	m := messageOf(c)
	if m.Kind != kindStop || m.Take.Post != "" || m.Tag == messageOf(call).Tag || m.Body != "Over: Help wanted, place not known, 00:00. Helped, not hurt." {
		t.Errorf("%+v", m)
	}
}
