package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// lookAhead is how far Warnings looks for hours in which nobody is on call.
const lookAhead = 30 * 24 * time.Hour

// Warnings says what is allowed and probably not meant, and notes what cannot
// be mended but should be known. Both quote the document.
func (d *Document) Warnings(now time.Time) (warnings, notes strictyaml.Errors) {
	w := checker{d.pos.Fresh()}
	for i, r := range d.Responders {
		if len(r.Channels) == 0 && !w.Unread(path("responders[%d].channels", i)) {
			w.Errorf(path("responders[%d]", i), "has no channel, so that nobody can call %q; write channels:, or take the entry out", r.Key)
		}
	}
	w.coverage(&d.data, now)
	n := checker{d.pos.Fresh()}
	n.guarantees(&d.data)
	return found(w.Err()), found(n.Err())
}

func found(err error) strictyaml.Errors {
	errs, _ := err.(strictyaml.Errors)
	return errs
}

// gap is a time in which a policy has nobody to call.
type gap struct{ from, to time.Time }

// coverage warns of times in which a policy reaches nobody but the last resort.
func (c checker) coverage(d *data, now time.Time) {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil || c.Unread("rosters") || c.Unread("policies") {
		return
	}
	ids := idOf{}
	for _, r := range d.records() {
		if ids[r.kind] == nil {
			ids[r.kind] = map[string]string{}
		}
		ids[r.kind][r.key] = r.key
	}
	plan := d.plan(&builder{ids: ids}, zone)
	for i, p := range d.Policies {
		gaps := gaps(d, plan, plan.Policies[alerting.PolicyID(p.Key)], now.In(zone))
		if len(gaps) == 0 {
			continue
		}
		at := path("policies[%d]", i)
		const do = "name a responder in a step, or give a roster more shifts"
		first := gaps[0]
		if first.from.Equal(now) && !first.to.Before(now.Add(lookAhead)) {
			c.Errorf(at, "reaches nobody but the last resort in the next 30 days; %s", do)
			continue
		}
		var all time.Duration
		for _, g := range gaps {
			all += g.to.Sub(g.from)
		}
		more := ""
		if len(gaps) > 1 {
			more = fmt.Sprintf(", and %d more times in the next 30 days, %s in all", len(gaps)-1, hours(all))
		}
		c.Errorf(at, "nobody but the last resort is called from %s to %s%s; %s",
			first.from.Format("Mon 2006-01-02 15:04"), until(first), more, do)
	}
}

func until(g gap) string {
	if g.from.Format(time.DateOnly) == g.to.Format(time.DateOnly) {
		return g.to.Format("15:04")
	}
	return g.to.Format("Mon 2006-01-02 15:04")
}

func hours(d time.Duration) string {
	return strings.TrimSuffix(strconv.FormatFloat(d.Hours(), 'f', 1, 64), ".0") + " hours"
}

// gaps finds the times in which no step of a policy has anybody to call. Who is
// on call changes only where a shift begins or ends; whole hours are looked at
// too, for the days on which the clocks change.
func gaps(d *data, plan alerting.Plan, p alerting.Policy, now time.Time) []gap {
	if slices.ContainsFunc(p.Steps, func(s alerting.PolicyStep) bool {
		return slices.ContainsFunc(s.Call, func(t alerting.Target) bool { return t.Person != "" })
	}) {
		return nil
	}
	marks := map[Clock]bool{}
	for h := range 24 {
		marks[Clock(h*60)] = true
	}
	for _, r := range d.Rosters {
		for _, s := range r.Shifts {
			marks[s.From], marks[s.To] = true, true
		}
	}
	end := now.Add(lookAhead)
	times := []time.Time{now, end}
	for day := -1; day <= 32; day++ {
		for m := range marks {
			if t := time.Date(now.Year(), now.Month(), now.Day()+day, 0, int(m), 0, 0, now.Location()); t.After(now) && t.Before(end) {
				times = append(times, t)
			}
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	var out []gap
	for i, t := range times[:len(times)-1] {
		if reached(plan, p, t) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].to.Equal(t) {
			out[n-1].to = times[i+1]
		} else {
			out = append(out, gap{t, times[i+1]})
		}
	}
	return out
}

func reached(plan alerting.Plan, p alerting.Policy, at time.Time) bool {
	for _, s := range p.Steps {
		for _, t := range s.Call {
			if len(plan.Rosters[t.Roster].OnCall(at, plan.Zone)) > 0 {
				return true
			}
		}
	}
	return false
}

// The second addresses of RC-86K pendants with two buttons, and how far they
// are from the first, which the pendant is heard as whichever is pressed.
const (
	secondFrom, secondTo = 0x900000, 0x97ffff
	secondAddress        = 0x100000
)

// guarantees notes what a device cannot promise.
func (c checker) guarantees(d *data) {
	var mute []string
	muteAt := ""
	for i, v := range d.Devices {
		at := path("devices[%d]", i)
		format, name, _ := strings.Cut(v.Address, "/")
		if n, err := strconv.Atoi(name); format == jablotron && err == nil && n >= secondFrom && n <= secondTo {
			c.Errorf(at+".address", "if this is the second address of a pendant with two buttons, nothing is heard of it: both say %s/%08d; register that one", jablotron, n-secondAddress)
		}
		if v.unsupervised() {
			mute = append(mute, v.Key)
			muteAt = cmp.Or(muteAt, at)
		}
	}
	if len(mute) > 0 {
		few, more := mute, ""
		if len(mute) > 5 {
			few, more = mute[:5], fmt.Sprintf(" and %d more", len(mute)-5)
		}
		c.Errorf(muteAt, "no sign of life comes from %s%s: only a press proves that it works; test it once a month", strings.Join(few, ", "), more)
	}
}

// Hears reports whether a device of that format is registered.
func (d *Document) Hears(format string) bool {
	return slices.ContainsFunc(d.Devices, func(v docDevice) bool { return strings.HasPrefix(v.Address, format+"/") })
}
