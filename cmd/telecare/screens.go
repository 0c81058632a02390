package main

import (
	"context"
	"time"

	"telecare/alerting"
)

// screens sees that whoever is called by a screen has one there. That none is
// becomes a fault when it lasts (alerting.ScreenAway).
type screens struct{ h *house }

func (s screens) String() string { return "screens" }
func (s screens) Ready() error   { return nil }

func (s screens) Run(ctx context.Context) error {
	every := time.NewTicker(time.Second)
	defer every.Stop()
	away := map[alerting.Person]bool{}
	for {
		called := s.called()
		for p := range called {
			if on := !s.h.hub.Rings(p); on != away[p] {
				away[p] = on
				s.h.gateway.Condition(alerting.ScreenAway, string(p), on)
			}
		}
		for p, on := range away {
			if !called[p] {
				if on {
					s.h.gateway.Condition(alerting.ScreenAway, string(p), false)
				}
				delete(away, p)
			}
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// called are the people with a contact on a screen.
func (s screens) called() map[alerting.Person]bool {
	s.h.mu.Lock()
	defer s.h.mu.Unlock()
	out := map[alerting.Person]bool{}
	for _, c := range s.h.cfg.Channels {
		if !c.Screen {
			continue
		}
		for id, p := range s.h.site.Plan.People {
			if p.On(c.Name) {
				out[id] = true
			}
		}
	}
	return out
}
