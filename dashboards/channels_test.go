package dashboards

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/alerting"
)

// reached are two ways to reach people.
type reached struct{ tested []alerting.ChannelID }

func (r *reached) Channels() []Channel {
	at := time.Date(2026, 8, 14, 2, 10, 0, 0, time.UTC)
	return []Channel{
		{Name: "fax", Result: "untestable", Contacts: []ChannelContact{{Person: "p-1", Result: "untestable"}}},
		{Name: "mail", Result: "well", TestedAt: at, Next: at.Add(24 * time.Hour), Contacts: []ChannelContact{{Person: "p-1", Result: "failed", Error: "status 550", TestedAt: at}}},
	}
}

func (r *reached) TestChannel(id alerting.ChannelID) bool {
	r.tested = append(r.tested, id)
	return id == "mail"
}

// Technicians read how channels are and test them; a program without people:read
// has ids for names; a nurse is not shown it, nor who walks past a wall.
func TestChannels(t *testing.T) {
	r := &reached{}
	h := newHouse(t, newWard(same), func(o *Options) { o.Channels = r })
	var got channelList
	read := func(c *caller) []channelView {
		t.Helper()
		got = channelList{}
		if err := json.Unmarshal([]byte(c.want(http.StatusOK, "GET", apiRoot+"/channels", "")), &got); err != nil {
			t.Fatal(err)
		}
		return got.Channels
	}
	technician := h.caller(t, "piotr")
	list := read(technician)
	if len(list) != 2 || list[0].Result != "untestable" || !list[0].TestedAt.IsZero() || list[1].Contacts[0].Error != "status 550" {
		t.Fatalf("%+v", list)
	}
	name := list[1].Contacts[0].Who
	if name == "p-1" || name == "" {
		t.Errorf("a technician reads %q", name)
	}
	if k := read(h.program(t, "", DevicesRead))[1].Contacts[0]; k.Who != "p-1" {
		t.Errorf("a program reads %q", k.Who)
	}
	for _, who := range []string{"marta", "wall"} {
		h.caller(t, who).want(http.StatusForbidden, "GET", apiRoot+"/channels", "")
	}
	technician.want(http.StatusNoContent, "POST", apiRoot+"/channel-tests", `{"channel":"mail"}`)
	if s := technician.want(http.StatusNotFound, "POST", apiRoot+"/channel-tests", `{"channel":"fax"}`); !strings.Contains(s, "no_such_channel") {
		t.Error(s)
	}
	h.program(t, "", DevicesRead).want(http.StatusForbidden, "POST", apiRoot+"/channel-tests", `{"channel":"mail"}`)
	if !slices.Equal(r.tested, []alerting.ChannelID{"mail", "fax"}) {
		t.Errorf("tested %q", r.tested)
	}

	h.hub.Fault(alerting.Fault{Code: alerting.ContactBad, Subject: "p-1/mail", Since: time.Now()}, true)
	if s := technician.want(http.StatusOK, "GET", apiRoot+"/faults", ""); !strings.Contains(s, `"name":"`+name+`, mail"`) {
		t.Errorf("a contact's fault is named otherwise: %s", s)
	}
}
