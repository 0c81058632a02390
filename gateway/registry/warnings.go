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
	w.blindWatches(&d.data)
	w.toldOfFaults(&d.data)
	w.vacancies(&d.data, now)
	w.unattended(&d.data, now)
	n := checker{d.pos.Fresh()}
	n.guarantees(&d.data)
	n.unseen(&d.data)
	return found(w.Err()), found(n.Err())
}

func found(err error) strictyaml.Errors {
	errs, _ := err.(strictyaml.Errors)
	return errs
}

// coverage warns of times in which a policy reaches nobody but the last resort.
func (c checker) coverage(d *data, now time.Time) {
	zone, err := time.LoadLocation(d.Zone)
	if err != nil || c.Unread("rosters") || c.Unread("policies") {
		return
	}
	b := d.byKey()
	plan := d.plan(b, zone)
	if b.err != nil {
		return // of a document with mistakes, which have been told
	}
	for i, r := range d.Rosters {
		if holes := plan.RosterHoles(alerting.RosterID(r.Key), now, now.Add(lookAhead)); len(holes) > 0 {
			c.Errorf(path("rosters[%d]", i), "nobody is on call in hours that it is to cover, %s; put somebody on call by an override, or give it more shifts or turns", times(holes, zone))
		}
	}
	for i, p := range d.Policies {
		holes := plan.Holes(alerting.PolicyID(p.Key), now, now.Add(lookAhead))
		if len(holes) == 0 {
			continue
		}
		at := path("policies[%d]", i)
		const do = "name a responder in a step, or give a roster more shifts or turns"
		first := holes[0]
		if first.From.Equal(now) && !first.Until.Before(now.Add(lookAhead)) {
			c.Errorf(at, "reaches nobody but the last resort in the next 30 days; %s", do)
			continue
		}
		c.Errorf(at, "nobody but the last resort is called %s; %s", times(holes, zone), do)
	}
}

// times says when holes are: the first, and how many there are.
func times(holes []alerting.Hole, zone *time.Location) string {
	var all time.Duration
	for _, h := range holes {
		all += h.Until.Sub(h.From)
	}
	text := fmt.Sprintf("from %s to %s", holes[0].From.In(zone).Format("Mon 2006-01-02 15:04"), until(holes[0], zone))
	if len(holes) > 1 {
		text += fmt.Sprintf(", and %d more times in the next 30 days, %s in all", len(holes)-1, hours(all))
	}
	return text
}

func until(h alerting.Hole, zone *time.Location) string {
	from, until := h.From.In(zone), h.Until.In(zone)
	if from.Format(time.DateOnly) == until.Format(time.DateOnly) {
		return until.Format("15:04")
	}
	return until.Format("Mon 2006-01-02 15:04")
}

func hours(d time.Duration) string {
	return strings.TrimSuffix(strconv.FormatFloat(d.Hours(), 'f', 1, 64), ".0") + " hours"
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
