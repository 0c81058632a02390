package dashboards

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/gateway/gatewaytest"
)

// faulty is a house whose plan has faults told, with two faults of one source.
// A technical alarm is raised with the first turn of its machine.
func faulty(t testing.TB, w Ward, change func(*Options)) (*house, alerting.AlarmID) {
	t.Helper()
	h := newHouse(t, w, change)
	p := plan(w)
	p.Policies["technicians"] = alerting.Policy{Arrive: 15 * time.Minute, Finish: time.Hour,
		Steps: []alerting.PolicyStep{{Call: []alerting.Target{{Person: "p-5"}}, Wait: time.Minute}}}
	p.Faults = &alerting.FaultPlan{Policy: "technicians", Gather: time.Millisecond}
	w.Plan, w.Policies = p, map[alerting.PolicyID][]Step{"policy": w.Policies["policy"], "technicians": {{"Piotr N.", 60}}}
	h.hub.SetWard(w)
	h.step(alerting.Apply{Plan: p})
	h.step(alerting.FaultEdge{Code: alerting.Silent, Subject: "d-11", On: true})
	h.step(alerting.FaultEdge{Code: alerting.BatteryLow, Subject: "d-5", On: true})
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		var id alerting.AlarmID
		h.set(func() {
			for _, a := range h.machine.Alarms() {
				if a.Kind == alerting.Technical {
					id = a.ID
				}
			}
		})
		if id != "" {
			return h, id
		}
		<-time.After(5 * time.Millisecond)
	}
	t.Fatal("the faults have raised no alarm")
	return nil, ""
}

// A technician's account, and a token with faults:write, answer technical alarms
// from beginning to end, and no others; the board and a token that only looks
// answer none.
func TestWhoAnswersTechnicalAlarms(t *testing.T) {
	h, id := faulty(t, newWard(same), nil)
	h.Press("d-1")
	persons := "/api/v1/alarms/" + string(h.alarm(t, "d-1").ID)
	faults := "/api/v1/alarms/" + string(id)
	piotr, token := h.caller(t, "piotr"), h.program(t, "p-5", AlarmsRead, DevicesRead, FaultsWrite)
	others := []*caller{h.caller(t, "wall"), h.program(t, "p-5", AlarmsRead, DevicesRead)}

	for _, do := range []string{"take", "decline", "arrive", "help", "reopen", "hand-over", "close"} {
		body := map[string]string{"hand-over": `{"to":"p-2"}`, "close": `{"outcome":"helped"}`}[do]
		for _, c := range []*caller{piotr, token} {
			if text := c.want(403, "POST", persons+"/"+do, body); !strings.Contains(text, "not_for_you") {
				t.Errorf("%s: %s", do, text)
			}
			if text := c.want(404, "POST", "/api/v1/alarms/a-none/"+do, body); !strings.Contains(text, "no_such_alarm") {
				t.Errorf("%s: %s", do, text)
			}
		}
		for _, c := range others {
			c.want(403, "POST", faults+"/"+do, body)
		}
	}
	see := func(c *caller) (a alarmView) {
		t.Helper()
		text := c.want(200, "GET", faults, "")
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := see(piotr); a.Kind != alerting.Technical || len(a.Calls) == 0 || a.Calls[0].To != "Piotr N." || !slices.Contains(a.Can, "take") || a.Faults == nil {
		t.Errorf("the technician sees %+v", a)
	}
	if a := see(others[0]); a.Can != nil || a.Calls != nil {
		t.Errorf("the board sees %+v", a)
	}
	piotr.want(204, "POST", faults+"/take", "")
	if a := see(piotr); !a.Yours || a.State != alerting.Acknowledged || a.Can[0] != "arrive" {
		t.Errorf("taken, the technician sees %+v", a)
	}
	token.want(204, "POST", faults+"/arrive", "")
	piotr.want(400, "POST", faults+"/close", `{"outcome":"helped"}`) // which is how people's alarms end
	token.want(204, "POST", faults+"/close", `{"outcome":"fixed"}`)
	if a := see(token); a.Outcome != alerting.Fixed || !slices.Equal(a.Can, []string{"reopen"}) {
		t.Errorf("closed, the token sees %+v", a)
	}
	piotr.want(204, "POST", faults+"/reopen", "")
	if text := piotr.want(200, "GET", persons, ""); strings.Contains(text, "calls") || strings.Contains(text, "Marta") || strings.Contains(text, "can") {
		t.Errorf("of somebody's alarm the technician sees %s", text)
	}
}

// Whose account names nobody answers nothing: the journal says who did what.
func TestNobodyAnswersTechnicalAlarms(t *testing.T) {
	h, id := faulty(t, newWard(same), func(o *Options) {
		o.Accounts = append(o.Accounts, Account{Name: "lamp", PasswordHash: password(), Person: "", Role: RoleTechnician})
	})
	lamp := h.caller(t, "lamp")
	lamp.want(403, "POST", "/api/v1/alarms/"+string(id)+"/take", "")
	if text := lamp.want(200, "GET", "/api/v1/alarms/"+string(id), ""); strings.Contains(text, `"can"`) {
		t.Errorf("it may %s", text)
	}
}

// Of a technical alarm that calls nobody it is said why: nothing is wrong any
// more, or it is not the hour for technicians.
func TestTechnicalAlarmWaits(t *testing.T) {
	w := newWard(same)
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	hours := &alerting.Hours{Days: []time.Weekday{time.Monday}, From: 10 * 60, To: 12 * 60}
	for _, x := range []struct {
		name, want string
		off        bool
		at         time.Time
	}{
		{"called", "", false, start.Add(90 * time.Second)},
		{"well again", "over", true, start.Add(130 * time.Second)},
		{"after hours", "hours", false, start.Add(150 * time.Minute)},
		{"closed by itself", "", true, start.Add(time.Hour)},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := plan(w)
			p.Zone = alerting.Zone{}
			p.Policies["technicians"] = alerting.Policy{Arrive: 15 * time.Minute, Finish: time.Hour,
				Steps: []alerting.PolicyStep{{Call: []alerting.Target{{Person: "p-5"}}, Wait: time.Minute}}}
			p.Faults = &alerting.FaultPlan{Policy: "technicians", Gather: time.Minute, Hours: hours}
			m := alerting.New()
			m.Step(start, alerting.Apply{Plan: p})
			m.Step(start, alerting.FaultEdge{Code: alerting.BatteryLow, Subject: "d-5", On: true})
			for now, off := start, x.off; !now.After(x.at); now = now.Add(10 * time.Second) {
				m.Step(now, alerting.Tick{})
				if off && now.Sub(start) > 80*time.Second {
					m.Step(now, alerting.FaultEdge{Code: alerting.BatteryLow, Subject: "d-5"})
					off = false
				}
			}
			all := m.Alarms()
			if len(all) != 1 || all[0].Kind != alerting.Technical {
				t.Fatalf("the alarms are %+v", all)
			}
			if got := (viewer{role: RoleCentre}).alarm(&w, &all[0]).Waits; got != x.want {
				t.Errorf("it waits as %q, want %q: %s at step %d, %+v", got, x.want, all[0].State, all[0].Step, all[0].History)
			}
		})
	}
}

// Technical alarms are listed apart, for whoever sees faults.
func TestTechnicalAlarmsAreListed(t *testing.T) {
	h, id := faulty(t, newWard(same), nil)
	h.Press("d-1")
	list := func(c *caller, query string) (out alarmList) {
		t.Helper()
		if err := json.Unmarshal([]byte(c.want(200, "GET", "/api/v1/alarms"+query, "")), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for who, want := range map[string]int{"piotr": 1, "centre": 1, "wall": 1, "marta": 0} {
		if l := list(h.caller(t, who), ""); len(l.Alarms) != 1 || len(l.Technical) != want || want == 1 && l.Technical[0].ID != id {
			t.Errorf("%s: alarms %v, technical ones %v", who, l.Alarms, l.Technical)
		}
	}
	centre := h.caller(t, "centre")
	h.Act(t.Context(), alerting.Close{Alarm: id, By: "p-9", Outcome: alerting.NotNeeded})
	for query, want := range map[string]int{"": 1, "?state=closed": 1, "?state=open": 0} {
		if l := list(centre, query); len(l.Technical) != want {
			t.Errorf("closed, with %q there are %d, want %d", query, len(l.Technical), want)
		}
	}
}

// What is published of a technical alarm reaches the screens of those who see
// faults as what it is, others as a number alone, and a screen that comes later;
// a closed one is forgotten after an hour.
func TestHubTechnical(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := NewHub()
		now, s := hub.subscribe("")
		defer hub.unsubscribe(s)
		a := alerting.Alarm{ID: "a-1", Number: 4, Kind: alerting.Technical, State: alerting.Raised, Faults: &alerting.FaultSum{Count: 2}}
		hub.Technical(a)
		a.State = alerting.Acknowledged // whoever published it goes on with it
		c := <-s.changes
		if len(now.tech) != 0 || c.seq != now.seq+1 || c.tech == nil || c.alarm != nil || c.tech.State != alerting.Raised || c.tech.Faults.Count != 2 {
			t.Errorf("after %+v the screen gets %+v", now, c)
		}
		h := &Handler{}
		for role, want := range map[Role]bool{RoleCentre: true, RoleTechnician: true, RoleBoard: true, RoleNurse: false} {
			m := h.change(viewer{person: "p-1", role: role}, c)
			if m.Type != "technical" || m.Seq != c.seq || m.Alarm != nil || (m.TechnicalNews != nil) != want {
				t.Errorf("%s is sent %+v", role, m)
			}
		}
		if m := h.change(viewer{person: "p-1", role: RoleNurse, only: "a-1"}, c); m == nil || m.Alarm == nil || m.Alarm.ID != "a-1" {
			t.Errorf("by its link it is %+v", m)
		}
		if m := h.change(viewer{person: "p-1", role: RoleNurse, only: "a-2"}, c); m != nil {
			t.Errorf("by another link it is %+v", m)
		}
		hub.Alarm(alerting.Alarm{ID: "a-0", Number: 3, Kind: "panic", State: alerting.Raised})
		if got := hub.now(); len(got.tech) != 1 || len(got.alarms) != 1 || len(hub.Alarms()) != 1 {
			t.Errorf("a screen that comes later gets %+v", got)
		}
		if found, _ := hub.alarm("a-1"); found == nil || found.Kind != alerting.Technical {
			t.Errorf("it is found as %+v", found)
		}
		a.State, a.ClosedAt = alerting.Closed, time.Now()
		hub.Technical(a)
		time.Sleep(closedFor)
		synctest.Wait()
		if len(hub.now().tech) != 1 {
			t.Error("it is forgotten at once")
		}
		time.Sleep(time.Second)
		if len(hub.now().tech) != 0 {
			t.Error("it is never forgotten")
		}
	})
}

// A technician takes a technical alarm from the strip of faults, says that it is
// put right, and opens it again: on their own page, on which nothing else is
// answered.
func TestTechnicalStrip(t *testing.T) {
	for _, x := range []struct {
		name          string
		width, height int
	}{{"technical-desk", 1280, 800}, {"technical-phone", 360, 740}} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			h, id := faulty(t, newWard(same), nil)
			h.Press("d-1")
			tab := gatewaytest.Browser(t, x.width, x.height)
			tab.Open(h.url)
			tab.One("button", "Sign in")
			gatewaytest.Eval[any](tab, `document.querySelector("[name=who]").value = "piotr"`)
			gatewaytest.Eval[any](tab, `document.querySelector("[name=password]").value = "secret of the ward"`)
			tab.Press("Sign in")
			tab.Await(`document.querySelector(".technical")`)
			does := []string{"Take", "Arrived", "Put right", "Reopen"}
			for i, name := range does {
				tab.One("button", name)
				sideways(t, tab)
				gatewaytest.Eval[any](tab, `document.querySelector(".technical").scrollIntoView({ block: "center" })`)
				tab.Shot(x.name + "-" + string(rune('0'+i)))
				tab.Press(name)
			}
			tab.One("button", "Arrived") // it is theirs again
			a, _ := h.hub.alarm(id)
			if a.State != alerting.Acknowledged || a.Holder != "p-5" {
				t.Errorf("it is %s by %q", a.State, a.Holder)
			}
			if n := len(h.acted()); n != len(does) {
				t.Errorf("answered %d times: %v", n, h.acted())
			}
		})
	}
}
