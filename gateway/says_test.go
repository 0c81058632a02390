package gateway

import (
	"testing"

	"telecare/alerting"
)

// Each channel names as much of who called as it is trusted with.
func TestWhatAChannelSays(t *testing.T) {
	site := Site{
		Places: map[alerting.PlaceID]string{"p-7": "Room 7"},
		Names:  map[alerting.ResidentID]string{"r-1": "Anna Nowak", "r-2": "Jan Nowak"},
	}
	room := alerting.Alarm{Place: "p-7", Residents: []alerting.ResidentID{"r-1", "r-2"}}
	for _, x := range []struct {
		alarm      alerting.Alarm
		says       alerting.Says
		place, who string
	}{
		{room, alerting.SaysName, "Room 7", "Anna Nowak, Jan Nowak"},
		{room, alerting.SaysPlace, "Room 7", ""},
		{room, "", "Room 7", ""},
		{room, alerting.SaysPseudonym, "r-1, r-2", ""},
		{alerting.Alarm{Place: "p-7"}, alerting.SaysPseudonym, "p-7", ""},
		{alerting.Alarm{Place: "p-7", Residents: []alerting.ResidentID{"r-gone"}}, alerting.SaysName, "Room 7", ""},
	} {
		c := site.call(alerting.Notify{Channel: "phone"}, x.alarm, x.says, "")
		if c.Place != x.place || c.Who != x.who {
			t.Errorf("%q of %v: %q, %q, want %q, %q", x.says, x.alarm.Residents, c.Place, c.Who, x.place, x.who)
		}
	}
}
