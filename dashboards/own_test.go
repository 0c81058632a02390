package dashboards

import (
	"encoding/json"
	"strings"
	"testing"

	"telecare/alerting"
)

// A family is shown their own person, and cannot find out of anybody else: not
// by names, ids, numbers, counts, nor by how the stream goes on.
func TestFamily(t *testing.T) {
	h := newHouse(t, newWard(same), withNumbers(&counted{}))
	h.Press("d-2") // somebody else's, before
	h.Press("d-3")
	ewa := h.caller(t, "ewa") // of r-1, in Room 1
	conn, _, err := ewa.live("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	first, quiet := next(t, conn, "snapshot")
	if len(first.Alarms) != 0 || len(first.Devices) != 1 || first.Devices[0].ID != "d-1" || first.You.Role != RoleFamily || len(first.You.Of) != 1 || first.You.Of[0].Name != "Aniela Kowalczyk" {
		t.Errorf("the family is shown %s", quiet)
	}
	other := h.alarm(t, "d-2")
	h.step(alerting.Take{Alarm: other.ID, By: "p-1"})
	h.step(alerting.FaultEdge{Code: alerting.Silent, Subject: "d-11", On: true})
	h.Press("d-4")
	h.Press("d-1")
	own := h.alarm(t, "d-1")
	got, raw := next(t, conn, "alarm")
	if got.Alarm.ID != own.ID || got.Alarm.Place != "Room 1" || got.Alarm.State != alerting.Raised || len(got.Alarm.Persons) != 1 || got.Alarm.Persons[0].Name != "Aniela Kowalczyk" {
		t.Errorf("of its own alarm it is told %s", raw)
	}
	if got.Seq != first.Seq+1 {
		t.Errorf("what others do moves the stream from %d to %d", first.Seq, got.Seq)
	}
	h.step(alerting.Take{Alarm: own.ID, By: "p-1"})
	before := got.Seq
	taken, rawTaken := next(t, conn, "alarm")
	for ; taken.Alarm.Holder == ""; taken, rawTaken = next(t, conn, "alarm") { // how the call went
		before++
	}
	if taken.Alarm.Holder != "Marta W." || taken.Seq != before+1 {
		t.Errorf("who comes is %s", rawTaken)
	}
	all := []string{quiet, raw, rawTaken}
	for _, path := range []string{"/api/v1/own", "/api/v1/session", "/api/v1/site", "/api/v1/health", "/api/v1/formats"} {
		all = append(all, ewa.want(200, "GET", path, ""))
	}
	var mine ownList
	if err := json.Unmarshal([]byte(all[3]), &mine); err != nil || len(mine.Alarms) != 1 || len(mine.Devices) != 1 {
		t.Errorf("its own list is %s", all[3])
	}
	for _, text := range all {
		for _, private := range []string{
			"Henryk", "Mazur", "H. M.", "Room 2", "Room 3", "Room 4", "l-2", "r-2", "d-2", "d-3", "d-4", "d-11", string(other.ID), `"number":1`, `"number":4`,
			"second door", "4719#", "Walks with", "500 000", "jablotron", `"battery"`, `"last_seen"`, `"history"`, `"calls"`, `"can"`, `"places"`, "Jan Z.", `"faults":1`, `"open":3`, `"raised":2`,
		} {
			if strings.Contains(text, private) {
				t.Errorf("a family is shown %q in %s", private, text)
			}
		}
	}
	// Nothing else is for them, whoever's id it is.
	for _, x := range [][2]string{
		{"GET", "/alarms"}, {"GET", "/alarms/" + string(own.ID)}, {"GET", "/alarms/" + string(other.ID)}, {"GET", "/alarms/a-none"}, {"GET", "/people"}, {"GET", "/rosters"}, {"GET", "/rests"},
		{"GET", "/stays"}, {"GET", "/absences"}, {"GET", "/devices"}, {"GET", "/devices/d-1"}, {"GET", "/faults"}, {"GET", "/handover"}, {"GET", "/report"}, {"GET", "/tests"}, {"GET", "/channels"},
		{"POST", "/alarms/" + string(own.ID) + "/take"}, {"POST", "/alarms/" + string(own.ID) + "/keysafe"}, {"POST", "/absences"}, {"POST", "/pauses"},
	} {
		if text := ewa.want(403, x[0], "/api/v1"+x[1], "{}"); !strings.Contains(text, "not_for_you") {
			t.Errorf("%v says %s", x, text)
		}
	}
	ewa.want(403, "GET", "/handover", "")
	ewa.want(403, "GET", "/report", "")
	// A board is not to be had by asking for one.
	if board, _, err := ewa.live("?board"); err == nil {
		_, raw := next(t, board, "snapshot")
		board.Close()
		if strings.Contains(raw, "Room 2") {
			t.Errorf("as a board it is shown %s", raw)
		}
	}
}

// A room that two share: the family of one sees that it may be theirs, and not
// whose else.
func TestFamilyOfASharedRoom(t *testing.T) {
	w := newWard(same)
	w.Stays[1].Place = "l-1"
	w.Plan = plan(w)
	h := newHouse(t, w, nil)
	h.Press("d-1")
	text := h.caller(t, "ewa").want(200, "GET", "/api/v1/own", "")
	if !strings.Contains(text, "Aniela") || strings.Contains(text, "Henryk") || strings.Contains(text, "H. M.") {
		t.Errorf("the family is shown %s", text)
	}
	if text := h.caller(t, "ewa").want(200, "GET", "/api/v1/own", ""); strings.Contains(text, "d-2") {
		t.Errorf("the family is shown %s", text)
	}
}

// A manager plans and reads reports, and learns who calls only as somebody who
// comes. An administrator does not.
func TestManagersAndAdministrators(t *testing.T) {
	h := newHouse(t, newWard(same), withNumbers(&counted{}))
	h.Press("d-1")
	a := h.alarm(t, "d-1")
	path := "/api/v1/alarms/" + string(a.ID)
	olga, basia, adam := h.caller(t, "olga"), h.caller(t, "basia"), h.caller(t, "adam")
	never := []string{"Aniela", "Walks with", "second door", "4719#", "500 000"}
	for name, c := range map[string]*caller{"manager": olga, "manager who comes": basia, "administrator": adam} {
		text := c.want(200, "GET", path, "")
		hidden := never
		if c == basia {
			hidden = []string{"Aniela", "Walks with", "4719#"} // the way in is for who may come
		}
		for _, s := range hidden {
			if strings.Contains(text, s) {
				t.Errorf("%s: an alarm that is not theirs shows %q", name, s)
			}
		}
		if !strings.Contains(text, "A. K.") {
			t.Errorf("%s: no initials in %s", name, text)
		}
		if stays := c.want(200, "GET", "/api/v1/stays", ""); !strings.Contains(stays, "Aniela Kowalczyk") {
			t.Errorf("%s plans whom? %s", name, stays)
		}
		c.want(200, "GET", "/api/v1/report", "")
	}
	olga.want(403, "POST", path+"/take", "{}")
	adam.want(403, "POST", path+"/take", "{}")
	olga.want(403, "POST", path+"/keysafe", "{}")
	adam.want(403, "POST", path+"/keysafe", "{}")
	basia.want(403, "POST", path+"/keysafe", "{}")
	basia.want(204, "POST", path+"/take", "{}")
	if text := basia.want(200, "GET", path, ""); !strings.Contains(text, "Aniela Kowalczyk") {
		t.Errorf("a manager who comes is not told to whom: %s", text)
	}
	basia.want(200, "POST", path+"/keysafe", "{}")
	if text := olga.want(200, "GET", path, ""); strings.Contains(text, "Aniela") {
		t.Errorf("a manager is told who calls: %s", text)
	}
}
