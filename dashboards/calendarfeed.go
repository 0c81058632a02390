package dashboards

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/dashboards/calendar"
)

// How far a roster's calendar looks, and how often a phone is to fetch it.
const (
	feedBack    = 7 * 24 * time.Hour
	feedAhead   = 90 * 24 * time.Hour
	feedRefresh = time.Hour
)

// calendarToken is the roster and 128 bits of HMAC-SHA256 over it. It opens that
// calendar and nothing else, and is no link to an alarm.
func (h *Handler) calendarToken(id alerting.RosterID) string {
	m := hmac.New(sha256.New, h.o.LinkKey)
	m.Write([]byte("calendar\x00" + string(id)))
	return b64.EncodeToString([]byte(id)) + "." + b64.EncodeToString(m.Sum(nil)[:16])
}

// calendarFeed serves a roster's calendar to whoever has its address.
func (h *Handler) calendarFeed(w http.ResponseWriter, r *http.Request) {
	token := strings.TrimSuffix(r.PathValue("token"), ".ics")
	id, _, _ := strings.Cut(token, ".")
	text, err := b64.DecodeString(id)
	ward := h.hub.names()
	roster, known := ward.Plan.Rosters[alerting.RosterID(text)]
	if err != nil || !known || !hmac.Equal([]byte(token), []byte(h.calendarToken(alerting.RosterID(text)))) {
		nothingHere().write(w)
		return
	}
	zone := alerting.Zone{}
	if l, err := time.LoadLocation(ward.Zone); err == nil {
		zone.Location = l
	}
	now := time.Now()
	var events []calendar.Event
	for _, s := range roster.Spans(now.Add(-feedBack).Truncate(24*time.Hour), now.Add(feedAhead).Truncate(24*time.Hour), zone) {
		var names []string
		for _, p := range s.Who {
			names = append(names, ward.person(p))
		}
		if len(names) > 0 {
			events = append(events, calendar.Event{From: s.From, Until: s.Until, Title: strings.Join(names, ", ")})
		}
	}
	b, err := calendar.Write(cmp.Or(ward.RosterNames[alerting.RosterID(text)], string(text)), events, now.Truncate(time.Second), feedRefresh)
	if err != nil {
		h.o.Log.Error("a roster's calendar cannot be written", "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, _ = w.Write(b) // whoever has gone misses nothing
}
