package registry

import (
	"slices"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

func (c checker) rosters(d *data, responders map[string]bool) map[string]bool {
	seen := c.keys("rosters", len(d.Rosters))
	for i, r := range d.Rosters {
		at := path("rosters[%d]", i)
		c.key(at+".key", r.Key, seen)
		c.text(at+".name", r.Name, false, maxName)
		if _, err := time.LoadLocation(r.Zone); r.Zone != "" && (err != nil || r.Zone == "Local") {
			c.Errorf(at+".zone", "%q is not known; write a time zone such as America/New_York, or leave it out for the site's", r.Zone)
		}
		if len(r.Shifts) == 0 && len(r.Layers) == 0 && !c.Unread(at+".shifts") && !c.Unread(at+".layers") {
			c.Errorf(at, "has no shifts: and no layers:; a roster nobody is on calls nobody")
		}
		for j, s := range r.Shifts {
			c.shift(path("%s.shifts[%d]", at, j), s, d, responders)
		}
		for j, l := range r.Layers {
			c.layer(path("%s.layers[%d]", at, j), l, d, responders)
		}
		c.hours(at+".cover", r.Cover)
		for j, s := range r.Swaps {
			c.swap(path("%s.swaps[%d]", at, j), s, d, responders)
			c.swapped(i, j, d)
		}
		for j, o := range r.Overrides {
			c.override(path("%s.overrides[%d]", at, j), o, r, d, responders)
		}
	}
	return seen
}

func (c checker) shift(at string, s docShift, d *data, responders map[string]bool) {
	if len(s.Days) == 0 {
		c.Errorf(at+".days", "missing; write daily, or a list such as [mon, tue]")
	}
	c.days(at+".days", s.Days)
	for _, key := range []string{"from", "to"} {
		if !c.Has(at + "." + key) {
			c.Errorf(at+"."+key, "missing; write a time of day such as %s: \"19:00\"", key)
		}
	}
	c.onCall(at+".who", s.Who, d, responders)
}

// days checks that no day is named twice.
func (c checker) days(at string, days Days) {
	for i, day := range days {
		if slices.Contains(days[:i], day) {
			c.Errorf(path("%s[%d]", at, i), "%s is given twice; take one out", day)
		}
	}
}

// onCall checks who is to be on call.
func (c checker) onCall(at string, who []string, d *data, responders map[string]bool) {
	if len(who) == 0 {
		c.Errorf(at, "missing; name the responders on call")
	}
	twice := map[string]bool{}
	for i, key := range who {
		item := path("%s[%d]", at, i)
		if !c.Has(item) { // one alone, without brackets
			item = at
		}
		c.callable(item, key, d, responders, twice)
	}
}

func (c checker) layer(at string, l docLayer, d *data, responders map[string]bool) {
	c.text(at+".name", l.Name, false, maxName)
	if l.Every == 0 {
		c.Errorf(at+".every", "missing; write how long a turn lasts: day, 3 days, week or 2 weeks")
	}
	if l.Start.IsZero() {
		c.Errorf(at+".start", "missing; write the day on which the first turn begins, such as start: 2026-11-30")
	}
	if !c.Has(at + ".hand_over") {
		c.Errorf(at+".hand_over", "missing; write the hour at which one turn hands over to the next, such as hand_over: \"07:00\"")
	}
	if len(l.Turns) == 0 {
		c.Errorf(at+".turns", "missing; name in their order who takes turns, such as turns: [marta, [jan, olga]]")
	}
	for i, who := range l.Turns {
		c.onCall(path("%s.turns[%d]", at, i), who, d, responders)
	}
	c.hours(at+".only", l.Only)
}

// hours checks hours of days.
func (c checker) hours(at string, all []docHours) {
	for i, h := range all {
		at := path("%s[%d]", at, i)
		c.days(at+".days", h.Days)
		if from, to := c.Has(at+".from"), c.Has(at+".to"); from != to {
			missing := "from"
			if from {
				missing = "to"
			}
			c.Errorf(at+"."+missing, "missing; write both from: and to:, or none of them for whole days")
		}
	}
}

func (c checker) swap(at string, s docSwap, d *data, responders map[string]bool) {
	twice := map[string]bool{}
	c.callable(at+".who", s.Who, d, responders, twice)
	c.callable(at+".with", s.With, d, responders, twice)
	for _, day := range []struct {
		key  string
		date Date
	}{{"turn", s.Turn}, {"for", s.For}} {
		if day.date.IsZero() {
			c.Errorf(at+"."+day.key, "missing; write the day on which that turn begins, such as %s: 2026-12-24", day.key)
		}
	}
}

// swapped checks that there is what is to be exchanged, after the swaps before.
func (c checker) swapped(roster, i int, d *data) {
	r := d.Rosters[roster]
	s := r.Swaps[i]
	if s.Turn.IsZero() || s.For.IsZero() || s.Who == s.With || c.Unread(path("rosters[%d]", roster)) {
		return
	}
	for _, l := range r.Layers {
		if l.Every == 0 || l.Start.IsZero() {
			return // which has been said
		}
	}
	r.Swaps, r.Overrides, r.Zone = r.Swaps[:i], nil, ""
	b := d.byKey()
	plan := r.plan(b, alerting.Zone{})
	if b.err != nil {
		return // somebody in it is unknown, and that has been said
	}
	for _, x := range []struct {
		key, who string
		day      Date
	}{{"turn", s.Who, s.Turn}, {"for", s.With, s.For}} {
		if !plan.HasTurn(alerting.Person(x.who), alerting.Date(x.day)) {
			c.Errorf(path("rosters[%d].swaps[%d].%s", roster, i, x.key), "no turn or shift of %q begins on %s; %s", x.who, x.day, nearTurn(plan, x.who, x.day))
		}
	}
}

// nearTurn says when somebody's turn begins.
func nearTurn(r alerting.Roster, who string, day Date) strictyaml.Text {
	for n := range 100 {
		for _, d := range []alerting.Date{alerting.Date(day).Add(-n), alerting.Date(day).Add(n)} {
			if r.HasTurn(alerting.Person(who), d) {
				return strictyaml.Textf("the nearest begins on %s", Date(d))
			}
		}
	}
	return strictyaml.Textf("there is none for a hundred days")
}

func (c checker) override(at string, o docOverride, r docRoster, d *data, responders map[string]bool) {
	for _, m := range []struct {
		key    string
		moment Moment
	}{{"from", o.From}, {"until", o.Until}} {
		if m.moment == "" {
			c.Errorf(at+"."+m.key, "missing; write a time such as %s: 2026-12-24 18:00", m.key)
		}
	}
	site, err := time.LoadLocation(d.Zone)
	zone, err2 := r.zone(alerting.Zone{Location: site})
	if o.From != "" && o.Until != "" && err == nil && err2 == nil && !o.From.in(zone).Before(o.Until.in(zone)) {
		c.Errorf(at+".until", "%s is not after from: %s", o.Until, o.From)
	}
	c.onCall(at+".who", o.Who, d, responders)
	c.text(at+".calendar", o.Calendar, false, maxName)
	if c.Has(at + ".instead") {
		c.reference(at+".instead", "responder", o.Instead, responders, "responders:")
	}
}
