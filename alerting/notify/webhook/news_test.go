package webhook

import (
	"strings"
	"testing"
	"time"

	"telecare/alerting"
)

// News says what it is, and the same in words.
func TestNews(t *testing.T) {
	at := time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC)
	b, err := encode(alerting.Call{
		ID: "signs.2026-11-17.r-1.s-1", RaisedAt: at, Place: "Room 7", Reason: alerting.Informing,
		News: &alerting.CallNews{What: alerting.NewsSigns, At: at, Signs: &alerting.CallSigns{Last: at.Add(-time.Hour), By: alerting.SawDoor, Sensors: 1, Heard: 1, HeardAt: at}},
	})
	for _, want := range []string{
		`"reason":"inform"`, `"link":""`, `"text":"Room 7, 09:00. Last sign of life 08:00 (door). All as usual."`,
		`"news":{"what":"signs","at":"2026-11-17T09:00:00Z","signs":{"last":"2026-11-17T08:00:00Z","by":"door","sensors":1,"heard":1,"heard_at":"2026-11-17T09:00:00Z"}}`,
	} {
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s (%v)", want, b, err)
		}
	}
	if b, _ = encode(alerting.Call{}); strings.Contains(string(b), "news") || strings.Contains(string(b), "text") {
		t.Errorf("a call says %s", b)
	}
}
