package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"
)

// shownAlarm is an alarm as the page's interface shows it to the centre.
type shownAlarm struct {
	ID, Source, State, Place string
	Presses                  int
	Late                     bool
	Calls                    []struct {
		Channel, State string
		OnPhone        time.Time `json:"on_phone_at"`
	}
}

// alarms lists, for the centre, all alarms by their device's name.
func (h *home) alarms() map[string][]shownAlarm {
	h.t.Helper()
	var list struct{ Alarms []shownAlarm }
	h.get("centre", "/api/v1/alarms", &list)
	out := map[string][]shownAlarm{}
	for _, a := range list.Alarms {
		out[a.Source] = append(out[a.Source], a)
	}
	return out
}

// send asks for something, signed in under an account.
func (h *home) send(account, method, path, body string) (status int, answer []byte) {
	h.t.Helper()
	return h.sendIf(account, method, path, body, 0)
}

// sendIf is send if the registry is still of an edition; 0: whichever it is.
func (h *home) sendIf(account, method, path, body string, edition int64) (status int, answer []byte) {
	h.t.Helper()
	base := "http://" + h.page
	c := h.signed[account+base]
	if c == nil {
		c = h.signIn(account, base)
		h.signed[account+base] = c
	}
	r, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if edition != 0 {
		r.Header.Set("If-Match", fmt.Sprint(edition))
	}
	resp, err := c.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatalf("%s: %v", path, err)
	}
	return resp.StatusCode, b
}

// body reads a page or a file, signed in under an account.
func (h *home) body(account, path string) []byte {
	h.t.Helper()
	status, b := h.send(account, http.MethodGet, path, "")
	if status != http.StatusOK {
		h.t.Fatalf("%s: status %d", path, status)
	}
	return b
}

// get reads an answer of the interface, signed in under an account.
func (h *home) get(account, path string, into any) {
	h.t.Helper()
	if err := json.Unmarshal(h.body(account, path), into); err != nil {
		h.t.Fatalf("%s: %v", path, err)
	}
}

func (h *home) signIn(account, base string) *http.Client {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	in, err := http.NewRequest("POST", base+"/api/v1/session", strings.NewReader(`{"name":"`+account+`","password":"a good password"}`))
	if err != nil {
		h.t.Fatal(err)
	}
	in.Header.Set("Content-Type", "application/json")
	in.Header.Set("Origin", base)
	r, err := c.Do(in)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode/100 != 2 {
		h.t.Fatalf("sign in: %s", r.Status)
	}
	return c
}
