package dashboards

import (
	"strings"
	"testing"
)

// A name that stands twice in a body would be checked as one and read as the
// other.
func TestAttackNamesTwice(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	centre := h.caller(t, "centre")
	path := "/api/v1/alarms/" + string(a.ID)
	centre.want(204, "POST", path+"/take", "{}")
	centre.want(204, "POST", path+"/arrive", "{}")
	n := len(h.acted())
	for _, x := range []struct{ at, body string }{
		{path + "/close", `{"outcome":"helped","outcome":"` + strings.Repeat("x", 5000) + `"}`},
		{path + "/close", `{"outcome":"helped","OUTCOME":"bogus"}`},
		{path + "/close", `{"OUTCOME":"bogus","outcome":"helped"}`},
		{path + "/close", `{"outcome":"helped","outcome":"bogus"}`},
		{"/api/v1/alarms", `{"kind":"panic","place":"l-1","Place":"l-2"}`},
		{"/api/v1/alarms", `{"kind":"panic","KIND":"nonsense","place":"l-1"}`},
		{"/api/v1/alarms", `{"kind":"panic","place":"l-1","\u0070lace":"l-2"}`},
		{"/api/v1/session", `{"name":"marta","name":"jan","password":"` + wardWord + `"}`},
		{"/api/v1/session", `{"name":"marta","Name":"jan","password":"` + wardWord + `"}`},
	} {
		if text := centre.want(400, "POST", x.at, x.body); !strings.Contains(text, `"bad_json"`) {
			t.Errorf("%s says of %.80s: %s", x.at, x.body, text)
		}
	}
	if got := h.acted(); len(got) != n {
		t.Errorf("they did %+v", got[n:])
	}
	// In two objects a name is another one each time.
	for body, want := range map[string]error{
		`{"a":{"b":1,"c":[{"b":1},{"b":2}]},"b":"a"}`: nil, `["a","a"]`: nil, `{"a":"a","b":"a"}`: nil, `[{"a":1},{"a":1}]`: nil, `{"a":[],"b":{},"c":"b"}`: nil,
		`{"a":{"b":1},"a":2}`: errTwice, `[{"a":1,"b":{"c":[1,{"d":1,"D":2}]}}]`: errTwice, `{"s":1,"\u017f":2}`: errTwice, `{"a":"x","b":["a"],"A":1}`: errTwice,
	} {
		if err := namedOnce([]byte(body)); err != want {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
}
