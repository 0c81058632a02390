package dashboards

import (
	"maps"
	"slices"
	"time"

	"telecare/alerting"
)

// Technical shows a technical alarm as it is now: to whoever sees faults, and by
// its link to whoever was called. It does not block.
func (h *Hub) Technical(a alerting.Alarm) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := clone(a)
	h.technical[a.ID] = c
	h.send(change{tech: c})
}

// pruneTechnical forgets those that were closed long ago; h.mu is held.
func (h *Hub) pruneTechnical(now time.Time) {
	maps.DeleteFunc(h.technical, func(_ alerting.AlarmID, a *alerting.Alarm) bool {
		return !a.Open() && now.Sub(a.ClosedAt) > closedFor
	})
}

// faultsView is what a technical alarm says of the faults.
type faultsView struct {
	Root  string               `json:"root,omitempty" doc:"What they hang on: a source or channel of telecare.yaml, or a part of the gateway."`
	Count int                  `json:"count" doc:"How many faults there are."`
	Codes []alerting.FaultCode `json:"codes,omitempty" doc:"Which, the worst first."`
	At    []string             `json:"at,omitempty" doc:"Places of devices that have them, some."`
	// Without are places, not names.
	Without   []string `json:"without,omitempty" doc:"Places of people without a working button, some."`
	People    int      `json:"people,omitempty" doc:"How many people are without a working button, up to 200."`
	Everybody bool     `json:"everybody,omitempty" doc:"Everybody is."`
}

// faultsOf renders what a technical alarm is about; nil for every other.
func faultsOf(w *Ward, a *alerting.Alarm) *faultsView {
	c := a.Faults.ForCall(func(p alerting.PlaceID) string {
		if i, ok := w.placeAt[p]; ok {
			return w.Places[i].Name
		}
		return "" // it is none of the site's any more
	})
	if c == nil {
		return nil
	}
	return &faultsView{c.Root, c.Count, c.Codes, c.At, c.Without, c.People, c.Everybody}
}

// technicalAlarms renders the technical alarms, for whoever sees faults: those
// that are open, and those that were closed in the last hour.
func (v viewer) technicalAlarms(s *state) []alarmView {
	out := []alarmView{}
	if !v.faults() {
		return out
	}
	for _, a := range s.tech {
		out = append(out, v.alarm(s.ward, a))
	}
	return out
}

// waits says why a technical alarm calls nobody now; "" when it does. What was
// written of it last is why.
func waits(a *alerting.Alarm) string {
	if a.Kind != alerting.Technical || a.State != alerting.Raised || a.Step != 0 {
		return ""
	}
	for _, e := range slices.Backward(a.History) {
		switch e.What {
		case alerting.SeemsOver:
			return "over"
		case alerting.WaitsForHours:
			return "hours"
		}
	}
	return ""
}
