package alerting

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Bounds of a step's wait.
const (
	MinWait = time.Second
	MaxWait = time.Hour
)

// Check says every reason why a plan cannot promise that somebody comes.
func (p Plan) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p.Site == "" {
		bad("plan names no site")
	}
	switch last, known := p.People[p.LastResort]; {
	case p.LastResort == "":
		bad("plan has no last-resort contact: name somebody outside all rosters who is called when nobody else comes")
	case !known || len(last.Channels) == 0:
		bad("last-resort contact %q has no channel: nobody could be reached", p.LastResort)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Rosters)) {
		for i, s := range p.Rosters[id].Shifts {
			if slices.Contains(s.Who, p.LastResort) {
				bad("last-resort contact %q is in roster %q: name somebody outside all rosters", p.LastResort, id)
			}
			if s.From < 0 || s.From >= 24*60 || s.To < 0 || s.To > 24*60 || len(s.Days) == 0 {
				bad("roster %q shift %d has no days or hours outside 00:00 to 24:00", id, i+1)
			}
			for _, w := range s.Who {
				if _, ok := p.People[w]; !ok {
					bad("roster %q shift %d names %q, who is not a responder", id, i+1, w)
				}
			}
		}
	}
	if _, ok := p.Policies[p.Default]; !ok {
		bad("default policy %q does not exist", p.Default)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Policies)) {
		policy := p.Policies[id]
		if len(policy.Steps) == 0 {
			bad("policy %q has no steps: nobody would be called", id)
		}
		for i, s := range policy.Steps {
			if s.Wait < MinWait || s.Wait > MaxWait {
				bad("policy %q step %d waits %s: give %s to %s", id, i+1, s.Wait, MinWait, MaxWait)
			}
			if len(s.Call) == 0 {
				bad("policy %q step %d calls nobody", id, i+1)
			}
			for _, t := range s.Call {
				_, person := p.People[t.Person]
				_, roster := p.Rosters[t.Roster]
				if person == roster {
					bad("policy %q step %d calls neither one responder nor one roster: %q %q", id, i+1, t.Person, t.Roster)
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Devices)) {
		if d := p.Devices[id]; d.Policy != "" {
			if _, ok := p.Policies[d.Policy]; !ok {
				bad("device %q has policy %q, which does not exist", id, d.Policy)
			}
		}
	}
	return errors.Join(errs...)
}
