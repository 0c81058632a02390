package main

import (
	"encoding/json"
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

// open asks for something, signed in under an account.
func (h *home) open(account, path string) *http.Response {
	h.t.Helper()
	base := "http://" + h.page
	c := h.signed[account+base]
	if c == nil {
		c = h.signIn(account, base)
		h.signed[account+base] = c
	}
	r, err := c.Get(base + path)
	if err != nil {
		h.t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK {
		r.Body.Close()
		h.t.Fatalf("%s: %s", path, r.Status)
	}
	return r
}

// get reads an answer of the interface, signed in under an account.
func (h *home) get(account, path string, into any) {
	h.t.Helper()
	r := h.open(account, path)
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
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
