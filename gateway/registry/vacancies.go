package registry

import (
	"slices"
	"time"
)

// vacant is how long a bed may be empty, or somebody nowhere, before people are
// warned: a day is for cleaning and for the way.
const vacant = 24 * time.Hour

// span is a time from, until; a zero until is open.
type span struct {
	from, until time.Time
	i           int // of the stay
}

// hole finds the first time from now on, within the look-ahead, that the spans
// leave open after one of them for longer than a day. after is the span before
// it; next is when it ends, zero when nothing comes.
func hole(spans []span, now time.Time) (after span, next time.Time, found bool) {
	slices.SortStableFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	for i, s := range spans {
		if i == 0 || after.until.IsZero() || !s.from.After(after.until) {
			if i == 0 || !after.until.IsZero() && (s.until.IsZero() || s.until.After(after.until)) {
				after = s
			}
			continue
		}
		if s.from.After(now) && s.from.Sub(after.until) > vacant {
			return after, s.from, after.until.Before(now.Add(lookAhead))
		}
		after = s
	}
	found = len(spans) > 0 && !after.until.IsZero() && after.until.Before(now.Add(lookAhead))
	return after, time.Time{}, found
}

// vacancies warns of beds with a button and nobody in them, of residents who
// stay nowhere, and of carers who rest and for whom nobody stands in.
func (c checker) vacancies(d *data, now time.Time) {
	if c.Unread("stays") || c.Unread("residents") || c.Unread("devices") {
		return
	}
	zone := d.location()
	at, of := map[string][]span{}, map[string][]span{}
	for i, s := range d.Stays {
		stay := s.stay(zone)
		one := span{stay.From, stay.Until, i}
		at[s.Place], of[s.Resident] = append(at[s.Place], one), append(of[s.Resident], one)
	}
	told := map[string]bool{}
	for _, v := range d.Devices {
		if v.Resident != "" || told[v.Place] {
			continue
		}
		told[v.Place] = true
		if after, next, found := hole(at[v.Place], now); found {
			c.Errorf(path("stays[%d]", after.i), "nobody stays at %q %s, and its device %q would call without a name; write who comes next", v.Place, gapText(after.until, next, now, zone), v.Key)
		}
	}
	worn := map[string]string{}
	for _, v := range d.Devices {
		if v.Resident != "" && v.Place == "" {
			worn[v.Resident] = v.Key
		}
	}
	for i, r := range d.Residents {
		here := path("residents[%d]", i)
		if len(of[r.Key]) == 0 {
			c.Errorf(here, "%q stays nowhere; write where under stays:, or take the entry out", r.Key)
			continue
		}
		if after, next, found := hole(of[r.Key], now); found && worn[r.Key] != "" {
			c.Errorf(path("stays[%d]", after.i), "%q stays nowhere %s, and wears %q, which would call from the place before; write where they go, or kind: home for where they live", r.Key, gapText(after.until, next, now, zone), worn[r.Key])
		}
	}
}

// gapText says a gap: "from 2026-11-24 on".
func gapText(from, to, now time.Time, zone *time.Location) string {
	day := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04") }
	switch {
	case to.IsZero() && from.Before(now):
		return "since " + day(from)
	case to.IsZero():
		return "from " + day(from) + " on"
	}
	return "from " + day(from) + " to " + day(to)
}

// unattended warns of rests in which nobody stands in, and of those that never
// end.
func (c checker) unattended(d *data, now time.Time) {
	if c.Unread("responders") || c.Unread("policies") || c.Unread("rosters") {
		return
	}
	zone := d.location()
	for i, r := range d.Responders {
		told := false
		for j, rest := range r.Rests {
			at := path("responders[%d].rests[%d]", i, j)
			if rest.Until.IsZero() {
				c.Errorf(at, "has no end, so that %q is not called any more; write until:, such as until: %s", r.Key, When{Date: rest.From.Date}.later(respiteDays-1))
			} else if !rest.Until.end(zone).After(now) {
				continue
			}
			if p := d.alone(r.Key); p != "" && !told {
				told = true
				c.Errorf(at, "nobody stands in for %q in policy %q meanwhile: its steps are passed; name who does in stand_ins:, such as stand_ins: [role:nurse]", r.Key, p)
			}
		}
	}
}

// alone is a policy that calls a responder and has nobody stand in; "" when
// there is none.
func (d *data) alone(key string) string {
	if len(d.StandIns) > 0 {
		return ""
	}
	calls := []string{key}
	for _, r := range d.Rosters {
		if slices.ContainsFunc(r.Shifts, func(s docShift) bool { return slices.Contains(s.Who, key) }) {
			calls = append(calls, rosterPrefix+r.Key)
		}
	}
	for _, p := range d.Policies {
		if len(p.StandIns) == 0 && slices.ContainsFunc(p.Steps, func(s docStep) bool {
			return slices.ContainsFunc(s.Call, func(t string) bool { return slices.Contains(calls, t) })
		}) {
			return p.Key
		}
	}
	return ""
}
