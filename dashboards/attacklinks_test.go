package dashboards

import (
	"encoding/base64"
	"strings"
	"testing"

	"telecare/alerting"
)

// The attacker's list, third part: links, and what belongs to somebody else.

func TestAttackLinks(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	other := newHouse(t, newWard(same), func(o *Options) { o.LinkKey = []byte("another site's key, 32 bytes long") })
	h.Press("d-1")
	h.Press("d-2")
	a, b := h.alarm(t, "d-1"), h.alarm(t, "d-2")
	mine := h.token(a, "p-1")
	what, mac, _ := strings.Cut(mine, ".")
	enc := base64.RawURLEncoding.EncodeToString
	plain, _ := base64.RawURLEncoding.DecodeString(what)
	sum, _ := base64.RawURLEncoding.DecodeString(mac)
	wrong := map[string]string{
		"nothing": "", "a dot": ".", "no signature": what, "an empty signature": what + ".", "half a signature": what + "." + enc(sum[:8]),
		"another signature":    what + "." + enc(make([]byte, 16)),
		"another alarm":        enc([]byte(strings.Replace(string(plain), string(a.ID), string(b.ID), 1))) + "." + mac,
		"another person":       enc([]byte(strings.Replace(string(plain), "p-1", "p-9", 1))) + "." + mac,
		"a later time":         enc(append(plain, 'z')) + "." + mac,
		"another site's":       other.token(a, "p-1"),
		"a calendar's":         h.calendarToken("night"),
		"padded":               what + "=." + mac,
		"with a line in it":    what + "\n." + mac,
		"a second dot":         mine + ".x",
		"of the known browser": h.known("marta", "x"),
		"nobody's alarm":       enc([]byte("\x00p-1")) + "." + enc(h.sign("\x00p-1")),
		"nobody":               enc([]byte("a-1\x00")) + "." + enc(h.sign("a-1\x00")),
	}
	c := h.caller(t, "")
	n := len(h.acted())
	for name, token := range wrong {
		escaped := strings.NewReplacer("\n", "%0A").Replace(token)
		if name != "nothing" {
			for _, action := range []string{"take", "decline", "arrive", "help", "reopen", "keysafe"} {
				if status, text, _ := c.do("POST", "/api/v1/links/"+escaped+"/"+action, "{}"); status != 404 && status != 403 {
					t.Errorf("%s: %s answers %d: %s", name, action, status, text)
				}
			}
		}
		if status, text, _ := c.do("GET", "/a/"+escaped, ""); status != 404 || strings.Contains(text, "Room") {
			t.Errorf("%s opens: %d", name, status)
		}
		if name == "nothing" {
			continue // no link at all
		}
		conn, resp, err := c.live("?link=" + escaped)
		if err == nil {
			if m, raw := next(t, conn, "snapshot"); len(m.Alarms) > 0 {
				t.Errorf("%s is shown %s", name, raw)
			}
			conn.Close()
		} else if resp == nil || resp.StatusCode != 404 {
			t.Errorf("the stream of %s: %v", name, err)
		}
	}
	if got := h.acted(); len(got) != n {
		t.Errorf("they did %+v", got[n:])
	}
	// A link opens its alarm and nothing else of the interface.
	for _, path := range []string{"/api/v1/alarms", "/api/v1/session", "/api/v1/people", "/handover", "/report"} {
		if status, _, _ := c.do("GET", path, "", "Authorization", "Bearer "+mine); status != 401 && status != 429 {
			t.Errorf("a link as a token opens %s: %d", path, status)
		}
		if status, _, _ := c.do("GET", path, "", "Cookie", "telecare="+mine); status != 401 {
			t.Errorf("a link as a cookie opens %s: %d", path, status)
		}
	}
	// And is over when the alarm is.
	c.want(204, "POST", "/api/v1/links/"+mine+"/take", "{}")
	c.want(204, "POST", "/api/v1/links/"+mine+"/close", `{"outcome":"helped"}`)
	for _, action := range []string{"take", "arrive", "help", "keysafe", "reopen"} {
		c.want(409, "POST", "/api/v1/links/"+mine+"/"+action, "{}")
	}
}

// One gateway is one site. What is another's is nobody's here: its ids lead to
// nothing, and its cookies and tokens open nothing.
func TestAttackOtherSites(t *testing.T) {
	here := newHouse(t, newWard(same), nil)
	w := newWard(same)
	w.Site = "s-2"
	for i := range w.Places {
		w.Places[i].ID = "else-" + w.Places[i].ID
		w.Stays[i].Place = w.Places[i].ID
		w.Devices[i].ID, w.Devices[i].Place = "else-"+w.Devices[i].ID, w.Places[i].ID
	}
	w.Plan = plan(w)
	there := newHouse(t, w, func(o *Options) { o.LinkKey = []byte("the key of the other site") })
	there.Press("else-d-1")
	theirs := there.alarm(t, "else-d-1")
	centre, piotr := here.caller(t, "centre"), here.caller(t, "piotr")
	id := string(theirs.ID)
	n := len(here.acted())
	centre.want(404, "GET", "/api/v1/alarms/"+id, "")
	for _, action := range []string{"take", "decline", "arrive", "help", "reopen"} {
		centre.want(404, "POST", "/api/v1/alarms/"+id+"/"+action, "{}")
	}
	centre.want(404, "POST", "/api/v1/alarms/"+id+"/close", `{"outcome":"helped"}`)
	centre.want(403, "POST", "/api/v1/alarms/"+id+"/keysafe", "{}")
	centre.want(400, "POST", "/api/v1/alarms", `{"kind":"panic","place":"else-l-1"}`)
	centre.want(404, "GET", "/api/v1/devices/else-d-1", "")
	if text := piotr.want(200, "GET", "/api/v1/devices/else-d-99/frames", ""); strings.Contains(text, "else-l") {
		t.Errorf("frames of another site: %s", text)
	}
	centre.want(400, "POST", "/api/v1/tests", `{"what":"else-d-1","minutes":5}`)
	for _, in := range here.acted()[n:] {
		if _, known := here.machineAlarm(theirs.ID); known {
			t.Errorf("another site's alarm is known here after %+v", in)
		}
	}
	// Cookies and tokens of there.
	stranger := there.caller(t, "centre")
	stranger.h = here
	stranger.want(401, "GET", "/api/v1/alarms", "")
	token := there.program(t, "p-9", AlarmsRead)
	token.h = here
	token.want(401, "GET", "/api/v1/alarms", "")
}

func (h *house) machineAlarm(id alerting.AlarmID) (alerting.Alarm, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.machine.Alarms() {
		if a.ID == id {
			return a, true
		}
	}
	return alerting.Alarm{}, false
}
