package main

import (
	"strings"

	"telecare/alerting"
	"telecare/devices"
)

// rounds tells the page who is away and what is being tried.
type rounds struct{ h *house }

func (r rounds) Absences() []alerting.Absence { return r.h.gateway.Absences() }
func (r rounds) Tests() []alerting.TestWindow { return r.h.gateway.Tests() }

// Find looks for keys and ids first, then for names.
func (r rounds) Find(who string) (alerting.ResidentID, alerting.PlaceID, devices.ID) {
	r.h.mu.Lock()
	site := r.h.site
	r.h.mu.Unlock()
	for _, same := range []func(key, id, name string) bool{
		func(key, id, _ string) bool { return key == who || id == who },
		func(_, _, name string) bool { return strings.EqualFold(name, who) },
	} {
		for _, x := range site.Residents {
			if same(x.Key, string(x.ID), x.Name) {
				return x.ID, "", ""
			}
		}
		for _, x := range site.Places {
			if same(x.Key, string(x.ID), x.Name) {
				return "", x.ID, ""
			}
		}
		for _, x := range site.Devices {
			if same(x.Key, string(x.ID), x.Name) {
				return "", "", x.ID
			}
		}
	}
	return "", "", ""
}
