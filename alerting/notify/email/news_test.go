package email_test

import (
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/email"
)

// News is not urgent; that of an alarm belongs to it, the signs of life to none.
func TestNews(t *testing.T) {
	s := serve(t, false)
	e := newEmail(t, s.config(email.STARTTLS))
	for _, c := range []alerting.Call{
		{ID: "a-1.there-ewa", Alarm: "a-1", Kind: "panic", News: &alerting.CallNews{What: alerting.NewsThere}},
		{ID: "signs.2026-11-17.r-1.s-1", News: &alerting.CallNews{What: alerting.NewsSigns, At: time.Now(), Signs: &alerting.CallSigns{}}},
	} {
		c.Reason, c.Address = alerting.Informing, "ewa@example.org"
		if retry, err := e.Notify(t.Context(), c); retry || err != nil {
			t.Fatal(retry, err)
		}
	}
	for i, r := range s.received() {
		h := r.parse(t).Header
		if want := []string{"<a-1@example.org>", ""}[i]; h.Get("References") != want || h.Get("In-Reply-To") != want || h.Get("Importance") != "" {
			t.Errorf("header %q", h)
		}
	}
}
