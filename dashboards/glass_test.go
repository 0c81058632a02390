package dashboards

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
)

// paper is a book in memory.
type paper struct {
	mu    sync.Mutex
	lines []string
}

func (p *paper) Add(line []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, string(line))
}

func (p *paper) Read(each func([]byte)) error {
	p.mu.Lock()
	lines := slices.Clone(p.lines)
	p.mu.Unlock()
	for _, l := range lines {
		each([]byte(l))
	}
	return nil
}

func (p *paper) Back(before int64, each func([]byte, int64) bool) error {
	p.mu.Lock()
	lines := slices.Clone(p.lines)
	p.mu.Unlock()
	if before > 0 {
		lines = lines[:min(int(before)-1, len(lines))]
	}
	for i := len(lines) - 1; i >= 0; i-- {
		if !each([]byte(lines[i]), int64(i+1)) {
			break
		}
	}
	return nil
}

// Without an alarm nobody reads notes and codes, but for a reason, those who
// come, for a quarter of an hour, of one person; and it is in the book.
func TestGlass(t *testing.T) {
	book, log := &paper{}, new(syncBuffer)
	h := newHouse(t, newWard(same), func(o *Options) {
		o.Book, o.Log = book, slog.New(slog.NewTextHandler(log, nil))
	})
	const path, why = "/api/v1/glass/r-1", "Her daughter rings: nobody opens the door"
	reason := `{"reason":"` + why + `"}`
	marta, jan := h.caller(t, "marta"), h.caller(t, "jan")
	if text := marta.want(403, "GET", path, ""); !strings.Contains(text, "glass_closed") {
		t.Errorf("without a reason: %s", text)
	}
	marta.want(403, "POST", path+"/keysafe", "{}")
	for _, bad := range []string{"{}", `{"reason":""}`, `{"reason":"because"}`, `{"reason":"` + strings.Repeat("x", 301) + `"}`} {
		marta.want(422, "POST", path, bad)
	}
	marta.want(404, "POST", "/api/v1/glass/r-99", reason)
	for _, who := range []string{"piotr", "wall", "olga", "adam", "ewa"} {
		h.caller(t, who).want(403, "POST", path, reason)
		h.caller(t, who).want(403, "GET", path, "")
	}
	h.program(t, "p-9", Scopes()...).want(403, "POST", path, reason)
	marta.want(200, "POST", path, reason)
	text := marta.want(200, "GET", path, "")
	for _, s := range []string{"Aniela Kowalczyk", "Walks with", "500 000", "Room 1", "second door"} {
		if !strings.Contains(text, s) {
			t.Errorf("behind the glass there is no %q: %s", s, text)
		}
	}
	if strings.Contains(text, "4719#") {
		t.Errorf("the code is there unasked: %s", text)
	}
	if text := marta.want(200, "POST", path+"/keysafe", "{}"); !strings.Contains(text, "4719#") {
		t.Errorf("the code is %s", text)
	}
	marta.want(403, "GET", "/api/v1/glass/r-2", "")
	jan.want(403, "GET", path, "") // it is not open for others

	h.Press("d-2")
	a := h.alarm(t, "d-2")
	h.caller(t, "centre").want(200, "GET", "/api/v1/alarms/"+string(a.ID), "")
	var all lookList
	if err := json.Unmarshal([]byte(h.caller(t, "olga").want(200, "GET", "/api/v1/looks", "")), &all); err != nil || len(all.Looks) != 4 {
		t.Fatalf("the book has %+v, %v", all, err)
	}
	if l := all.Looks[0]; l.PersonID != "p-9" || l.Alarm != a.ID || !slices.Equal(l.Of, []alerting.ResidentID{"r-2"}) || l.Names[0] != "Henryk Mazur" {
		t.Errorf("the newest look is %+v", l)
	}
	if l := all.Looks[3]; l.PersonID != "p-1" || l.Person != "Marta W." || l.Why != why || l.What != brokeIn || l.Role != RoleNurse {
		t.Errorf("the first look is %+v", l)
	}
	for i, what := range []string{sawCodes, sawName} {
		if l := all.Looks[1+i]; l.What != what || l.Why != why {
			t.Errorf("a look through the glass is %+v", l)
		}
	}
	if text := h.caller(t, "olga").want(200, "GET", "/api/v1/looks?resident=r-1&limit=2", ""); strings.Contains(text, "r-2") || !strings.Contains(text, `"more":true`) {
		t.Errorf("two of r-1 are %s", text)
	}
	marta.want(403, "GET", "/api/v1/looks", "")
	// Neither the book nor the log has a name; the log has no reason.
	for _, private := range []string{"Aniela", "Marta", "4719#", "Walks"} {
		if strings.Contains(strings.Join(book.lines, "\n")+log.String(), private) {
			t.Errorf("the book or the log has %q", private)
		}
	}
	if strings.Contains(log.String(), "daughter") {
		t.Error("the log has the reason")
	}
}

func TestGlassCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g glass
		p := pane{"p-1", "r-1"}
		g.breaks(p, "why", time.Now())
		time.Sleep(glassFor - time.Second)
		if _, ok := g.broken(p, time.Now()); !ok {
			t.Error("it is closed too soon")
		}
		time.Sleep(time.Second)
		if _, ok := g.broken(p, time.Now()); ok {
			t.Error("it is open for longer than a quarter of an hour")
		}
		g.breaks(pane{"p-2", "r-1"}, "why", time.Now())
		if len(g.open) != 1 {
			t.Errorf("%d panes are kept", len(g.open))
		}
	})
}

// Who may come in is listed for administrators, without a secret.
func TestAccessList(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.program(t, "p-9", AlarmsRead)
	h.caller(t, "centre").want(403, "GET", "/api/v1/access", "")
	text := h.caller(t, "adam").want(200, "GET", "/api/v1/access", "")
	var out accessList
	if err := json.Unmarshal([]byte(text), &out); err != nil || len(out.Accounts) < 9 || len(out.Tokens) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	if a := out.Accounts[0]; a.Name != "marta" || a.Person != "Marta W." || a.Role != RoleNurse || a.Code || a.SignedIn != 0 || len(a.Scopes) != 5 {
		t.Errorf("the first is %+v", a)
	}
	if strings.Contains(text, "$2") || strings.Contains(strings.ToLower(text), "hash") {
		t.Errorf("a hash is told: %s", text)
	}
}
