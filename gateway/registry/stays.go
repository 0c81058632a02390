package registry

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// Kinds of stays. One without a kind is day and night from its from: to its
// until:.
const (
	respite = "respite" // fourteen days, day and night
	dayCare = "day"     // hours of the day
	atHome  = "home"    // where somebody lives, and is when nowhere else
)

// respiteDays is how long a respite stay is when it says no end. The city's are
// of 14 days, day and night.
const respiteDays = 14

// Day care is eight hours on working days when it says no others.
var (
	workingDays = Days{Day(time.Monday), Day(time.Tuesday), Day(time.Wednesday), Day(time.Thursday), Day(time.Friday)}
	workHours   = Hours{8 * 60, 16 * 60}
)

// ends is the stay's end as it would be written; zero is open. Fourteen days
// count the first: from the 10th the last is the 23rd, to its midnight; from
// noon on the 10th they end at noon on the 24th.
func (s docStay) ends() When {
	if s.Kind != respite || !s.Until.IsZero() {
		return s.Until
	}
	if s.From.Exact {
		return s.From.later(respiteDays)
	}
	return s.From.later(respiteDays - 1)
}

// stay is the stay in the site's zone, its ids still to be given.
func (s docStay) stay(zone *time.Location) alerting.Stay {
	out := alerting.Stay{From: s.From.begin(zone), Home: s.Kind == atHome}
	if until := s.ends(); !until.IsZero() {
		out.Until = until.end(zone)
	}
	if s.Kind == dayCare {
		days, hours := s.Days, s.Hours
		if len(days) == 0 {
			days = workingDays
		}
		if hours.IsZero() {
			hours = workHours
		}
		out.Hours = &alerting.Hours{From: int(hours.From), To: int(hours.To)}
		for _, d := range days {
			out.Hours.Days = append(out.Hours.Days, time.Weekday(d))
		}
	}
	return out
}

// stays are those of the plan.
func (d *data) stays(b *builder, zone *time.Location) []alerting.Stay {
	var out []alerting.Stay
	for _, s := range d.Stays {
		stay := s.stay(zone)
		stay.Resident = alerting.ResidentID(b.id(kindResident, s.Resident))
		stay.Place = alerting.PlaceID(b.id(kindPlace, s.Place))
		out = append(out, stay)
	}
	return out
}

// StayID finds a stay again: it has no key of its own.
type StayID string

// stayID is of who, where, and from when.
func stayID(s alerting.Stay) StayID {
	b := fmt.Appendf(nil, "%s %s %d", s.Resident, s.Place, s.From.Unix())
	if s.Hours != nil {
		b = fmt.Append(b, *s.Hours)
	}
	sum := sha256.Sum256(b)
	return StayID("t-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10])))
}

// ResidentsAt lists who stays at a place at a moment.
func (s *Site) ResidentsAt(place alerting.PlaceID, at time.Time) []Resident {
	var out []Resident
	for _, id := range s.Plan.Whereabouts().At(place, at) {
		for _, r := range s.Residents {
			if r.ID == id {
				out = append(out, r)
			}
		}
	}
	return out
}

// ByKey is the site with keys in the place of opaque ids, to be looked at. The
// document must be without a mistake.
func (d *Document) ByKey() (*Site, error) { return d.site(0, d.byKey().ids) }

// stays checks where people stay, and that no bed has more of them at once than
// it holds, and nobody is in two places.
func (c checker) stays(d *data, places, residents map[string]bool) {
	zone := d.location()
	at, of := map[string][]lasting{}, map[string][]lasting{}
	for i, s := range d.Stays {
		here := path("stays[%d]", i)
		c.reference(here+".resident", "resident", s.Resident, residents, "residents:")
		c.reference(here+".place", "place", s.Place, places, "places:")
		if !c.stay(here, s, zone) {
			continue
		}
		one := lasting{i, s.stay(zone)}
		at[s.Place] = append(at[s.Place], one)
		whose := s.Resident
		if s.Kind == atHome {
			whose += " at home" // gives way to every other
		}
		of[whose] = append(of[whose], one)
	}
	seen := map[string]bool{}
	for i, s := range d.Stays {
		if !seen["place "+s.Place] {
			seen["place "+s.Place] = true
			c.crowded(d, at[s.Place], bedsOf(d, s.Place), zone, func(at string, lines string, n, beds int) {
				if beds == 1 && n == 2 {
					c.Errorf(at, "two stays at place %q at once, this and the one in line %s; end one with until: before the other begins, or write beds: 2 at the place", s.Place, lines)
				} else {
					c.Errorf(at, "%d stays at once at place %q, which has beds: %d, this and those in lines %s; end one with until: before another begins", n, s.Place, beds, lines)
				}
			})
		}
		for _, whose := range []string{s.Resident, s.Resident + " at home"} {
			if !seen["of "+whose] {
				seen["of "+whose] = true
				c.crowded(d, of[whose], 1, zone, func(at string, lines string, _, _ int) {
					c.Errorf(at, "resident %q stays twice at once, here and in line %s; end one with until: before the other begins", d.Stays[i].Resident, lines)
				})
			}
		}
	}
}

// location is the site's zone, or UTC where it is none, which is reported.
func (d *data) location() *time.Location {
	if zone, err := time.LoadLocation(d.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// stay checks one stay, and reports whether it can be held against others.
func (c checker) stay(at string, s docStay, zone *time.Location) bool {
	switch s.Kind {
	case "", respite, dayCare, atHome:
	default:
		c.Errorf(at+".kind", "%s", unknown("kind of stay", s.Kind, []string{respite, dayCare, atHome}, "kind:, one of respite, day, home"))
		return false
	}
	if s.Kind != dayCare && (len(s.Days) > 0 || !s.Hours.IsZero()) {
		c.Errorf(at, "has days: or hours:, which only a stay of kind: day has; write kind: day, or take them out")
		return false
	}
	c.days(at+".days", s.Days)
	switch {
	case s.From.IsZero():
		c.Errorf(at+".from", "missing; write the first day, such as from: 2026-11-10")
	case !s.Until.IsZero() && !s.Until.end(zone).After(s.From.begin(zone)):
		c.backwards(at+".until", s.From, s.Until, "stay")
	default:
		return true
	}
	return false
}

// backwards says that something ends before it begins.
func (c checker) backwards(at string, from, until When, what string) {
	if until.Exact {
		c.Errorf(at, "%s is not after from: %s; until with a time of day is when the %s is over", until, from, strictyaml.Text{Format: what})
	} else {
		c.Errorf(at, "%s is before from: %s; until is the last day of the %s", until, from, strictyaml.Text{Format: what})
	}
}

func bedsOf(d *data, place string) int {
	for _, p := range d.Places {
		if p.Key == place && p.Beds > 0 {
			return p.Beds
		}
	}
	return 1
}

// lasting is a stay and where in the document it stands.
type lasting struct {
	i int
	alerting.Stay
}

// crowded reports each stay with which too many last at once.
func (c checker) crowded(d *data, stays []lasting, most int, zone *time.Location, report func(at, lines string, n, most int)) {
	reported := map[string]bool{}
	for i, s := range stays {
		together := together(s, append(slices.Clone(stays[:i]), stays[i+1:]...), zone)
		if len(together) < most {
			continue
		}
		together = append(together, s.i)
		slices.Sort(together)
		if key := fmt.Sprint(together); reported[key] {
			continue
		} else {
			reported[key] = true
		}
		var lines []string
		for _, j := range together[:len(together)-1] {
			line, _ := c.At(path("stays[%d]", j))
			// Whoever adds a stay without the file sees no line of it, and may not
			// be one who may read who has the bed.
			lines = append(lines, fmt.Sprintf("%d (%s, %s)", line, d.Stays[j].Place, d.Stays[j].From))
		}
		report(path("stays[%d]", together[len(together)-1]), strings.Join(lines, ", "), len(together), most)
	}
}

// together lists those of the others that last at one moment with s, when most
// do. Only those are looked at that begin no later than s: whoever comes later
// is looked at as s. So the moment is within the first week of s, when s or the
// hours of one begin: later there are only fewer.
func together(s lasting, others []lasting, zone *time.Location) []int {
	others = slices.DeleteFunc(others, func(o lasting) bool {
		return o.From.After(s.From) || !o.Until.IsZero() && !o.Until.After(s.From)
	})
	moments := []time.Time{s.From}
	began := s.From.In(zone)
	begins := map[int]bool{}
	for _, o := range append(others, s) {
		if o.Hours == nil || begins[o.Hours.From] {
			continue
		}
		begins[o.Hours.From] = true
		for day := range 8 {
			t := alerting.OnTheWall(alerting.DateAt(began, alerting.Zone{Location: zone}).Add(day), o.Hours.From, alerting.Zone{Location: zone})
			if t.After(s.From) {
				moments = append(moments, t)
			}
		}
	}
	var most []int
	for _, t := range moments {
		if !s.At(t, alerting.Zone{Location: zone}) {
			continue
		}
		var now []int
		for _, o := range others {
			if o.At(t, alerting.Zone{Location: zone}) {
				now = append(now, o.i)
			}
		}
		if len(now) > len(most) {
			most = now
		}
	}
	return most
}
