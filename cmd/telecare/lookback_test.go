package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestLooksBack: alarms of before a kill are found and told after it, by an
// archive that went with them, and by one that is none.
func TestLooksBack(t *testing.T) {
	beside(t)
	secret := []byte("between the gateway and the phones")
	phone := gatewaytest.NewPhone(t, secret)
	h := newHome(t, fmt.Sprintf(`
channels:
  - {name: marta-phone, type: webhook, url: %q, secret: %q}
  - {name: jan-phone, type: webhook, url: %q, secret: %q}
`, phone.URL, secret, phone.URL, secret), registryOf)
	h.start()
	var site struct{ Places []struct{ ID, Name string } }
	h.get("centre", "/api/v1/site", &site)
	raise := func(place string) {
		t.Helper()
		if status, b := h.send("centre", "POST", "/api/v1/alarms", fmt.Sprintf(`{"kind":"medical","place":%q}`, place)); status != 201 {
			t.Fatalf("raise: %d %s", status, b)
		}
		phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Reason == "call" })
	}
	type shown struct {
		ID, State string
		Number    int
	}
	look := func(when string, want int) []shown {
		t.Helper()
		var list struct {
			Alarms []shown
			Behind bool
		}
		h.eventually("the journal is read, "+when, 20*time.Second, func() bool {
			h.get("centre", "/api/v1/journal", &list)
			return !list.Behind
		})
		if len(list.Alarms) != want || list.Alarms[0].Number != want {
			t.Fatalf("%s there are %+v, want %d", when, list.Alarms, want)
		}
		return list.Alarms
	}
	raise(site.Places[0].ID)
	a := look("at first", 1)[0]
	h.command("alarms", "take", a.ID)
	h.command("alarms", "close", a.ID, "--outcome", "helped")
	if s := look("closed", 1)[0].State; s != "closed" {
		t.Errorf("it is %s, want closed", s)
	}
	path := filepath.Join(h.dir, "data", "archive.db")
	for _, before := range []struct {
		what string
		do   func() error
	}{
		{"with its archive", func() error { return nil }},
		{"with a broken one", func() error { return os.WriteFile(path, []byte("no database, and none has been"), 0o600) }},
	} {
		h.kill()
		if err := before.do(); err != nil {
			t.Fatal(err)
		}
		h.start()
		var story struct {
			Alarm shown
			Steps []struct{ What, State string }
		}
		look(before.what, 1)
		h.get("centre", "/api/v1/journal/"+a.ID, &story)
		last := story.Steps[len(story.Steps)-1]
		if story.Steps[0].What != "raised" || last.What != "closed" || last.State != "closed" {
			t.Errorf("%s the story is %+v", before.what, story.Steps)
		}
	}
	raise(site.Places[1].ID)
	look("in the end", 2)
}
