package dashboards

import (
	"testing"

	"telecare/alerting"
)

// No screen rings for what somebody is only told.
func TestNoBellForNews(t *testing.T) {
	c := alerting.Call{To: "ewa", Reason: alerting.Informing, News: &alerting.CallNews{What: alerting.NewsRaised}}
	if retry, err := (Bell{}).Notify(t.Context(), c); retry || err != nil {
		t.Errorf("retry %t, %v", retry, err)
	}
}
