package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"
)

// TestDemoHasAll: the demo has what every view of the page is for, and an account
// of every role to see it with.
func TestDemoHasAll(t *testing.T) {
	beside(t)
	d := startDemo(t)
	base := d.url[:len(d.url)-1]
	client := func(account string) *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Jar: jar, Timeout: 20 * time.Second}
		if account == "" {
			return c
		}
		body, _ := json.Marshal(map[string]string{"name": account, "password": demoPassword})
		r, err := http.NewRequest(http.MethodPost, base+"/api/v1/session", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", base)
		resp, err := c.Do(r)
		if err != nil || resp.StatusCode/100 != 2 {
			t.Fatalf("%s cannot sign in: %v %v", account, resp, err)
		}
		resp.Body.Close()
		return c
	}
	get := func(c *http.Client, path string, into any) {
		t.Helper()
		resp, err := c.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %v", path, resp.Status, err)
		}
	}
	var you struct {
		Role string
		Open bool
	}
	for account, role := range map[string]string{"": "centre", "marta": "nurse", "piotr": "technician", "olga": "manager", "adam": "administrator", "zofia": "family", "wall": "board"} {
		you.Open = false
		if get(client(account), "/api/v1/session", &you); you.Role != role || you.Open != (account == "") {
			t.Errorf("%q is %+v, want %s", account, you, role)
		}
	}
	centre := client("")
	var past struct {
		Alarms []struct {
			Number  int
			Kind    string
			State   string
			Outcome string
			Drill   bool
		}
	}
	get(centre, "/api/v1/journal", &past)
	kinds, drills := map[string]bool{}, 0
	for _, a := range past.Alarms {
		kinds[a.Kind] = true
		if a.Drill {
			drills++
		}
		if a.State != "closed" {
			t.Errorf("alarm %d of before is %s", a.Number, a.State)
		}
	}
	if len(past.Alarms) != len(demoNights()) || len(kinds) < 3 || drills != 1 {
		t.Errorf("the journal of before has %+v", past.Alarms)
	}
	var holes struct{ Holes []any }
	if get(centre, "/api/v1/rosters/holes", &holes); len(holes.Holes) == 0 {
		t.Error("the rota has no hole to show")
	}
	var stays struct{ Stays []struct{ Kind, Now string } }
	get(centre, "/api/v1/stays", &stays)
	respite := 0
	for _, s := range stays.Stays {
		if s.Kind == "respite" && s.Now == "here" {
			respite++
		}
	}
	if respite == 0 {
		t.Errorf("nobody is here for fourteen days: %+v", stays)
	}
	var looks struct{ Looks []any }
	if get(client("olga"), "/api/v1/looks", &looks); len(looks.Looks) == 0 {
		t.Error("nobody has looked at a name")
	}
	if out := d.said(); !bytes.Contains([]byte(out), []byte("the password is "+demoPassword)) {
		t.Errorf("the demo says\n%s", out)
	}
	d.stop(t)
}
