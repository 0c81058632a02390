package registry

import (
	"slices"
	"strings"

	"telecare/alerting"
)

// docInform is somebody of the family who is told of a resident and not called.
type docInform struct {
	Who string   `yaml:"who"`
	By  string   `yaml:"by,omitempty"` // one of their channels; the first, if not said
	Of  []string `yaml:"of,flow,omitempty"`
	// Signs is a time of day, at which they are told the signs of life.
	Signs   string `yaml:"signs_of_life,omitempty"`
	Resting string `yaml:"while_resting,omitempty"`
}

// whileResting are the words of while_resting.
var whileResting = map[string]alerting.WhileResting{"": alerting.TellNothing, "none": alerting.TellNothing, "daily": alerting.TellSigns, "all": alerting.TellAll}

// informed are those of the plan.
func (d *data) informed(b *builder) []alerting.Informed {
	var out []alerting.Informed
	for _, r := range d.Residents {
		for _, in := range r.Inform {
			i := alerting.Informed{
				Resident: alerting.ResidentID(b.id(kindResident, r.Key)), To: alerting.Person(b.id(kindResponder, in.Who)),
				Channel: alerting.ChannelID(d.informedBy(in)), Resting: whileResting[in.Resting],
			}
			for _, n := range in.Of {
				i.Of = append(i.Of, alerting.News(n))
			}
			var at Clock
			if i.Signs = at.UnmarshalText([]byte(in.Signs)) == nil; i.Signs {
				i.SignsAt = int(at)
			}
			out = append(out, i)
		}
	}
	return out
}

// informedBy is the channel over which somebody is told: the one that is written,
// or the first by which they are called.
func (d *data) informedBy(in docInform) string {
	for _, r := range d.Responders {
		if r.Key != in.Who {
			continue
		}
		for _, c := range r.Channels {
			if in.By == c.Channel || in.By == "" && c.After == 0 {
				return c.Channel
			}
		}
	}
	return in.By
}

// inform checks who is told of a resident.
func (c checker) inform(d *data, responders map[string]bool) {
	for i, r := range d.Residents {
		twice := map[string]bool{}
		for j, in := range r.Inform {
			at := path("residents[%d].inform[%d]", i, j)
			c.callable(at+".who", in.Who, d, responders, twice)
			for _, who := range d.Responders {
				if who.Key == in.Who && in.Who != "" {
					c.informed(at, in, who)
				}
			}
			if len(in.Of) == 0 && in.Signs == "" && !c.Unread(at+".of") {
				c.Errorf(at, "%q would be told nothing; write of: [raised, there, closed], or signs_of_life: \"09:00\"", in.Who)
			}
			known := []string{}
			for _, n := range alerting.AlarmNews() {
				known = append(known, string(n))
			}
			for k, n := range in.Of {
				if at := path("%s.of[%d]", at, k); !slices.Contains(known, n) {
					c.Errorf(at, "%s", unknown("news", n, known, strings.Join(known, ", ")))
				} else if slices.Index(in.Of, n) < k {
					c.Errorf(at, "%q is given twice; take one out", n)
				}
			}
			if in.Signs != "" {
				var clock Clock
				if err := clock.UnmarshalText([]byte(in.Signs)); err != nil {
					c.Errorf(at+".signs_of_life", "%v", err)
				}
			}
			if _, ok := whileResting[in.Resting]; !ok {
				words := []string{"none", "daily", "all"}
				c.Errorf(at+".while_resting", "%s", unknown("wish", in.Resting, words, strings.Join(words, ", ")))
			}
		}
	}
}

// informed checks that somebody of the family is told, over a channel of theirs.
func (c checker) informed(at string, in docInform, who docResponder) {
	if who.Role != carer {
		c.Errorf(at+".who", "only a carer is told of a resident, and the role of %q is %q; write role: %s, or call them by a policy", in.Who, who.Role, carer)
	}
	var channels []string
	for _, k := range who.Channels {
		channels = append(channels, k.Channel)
	}
	if in.By != "" && len(channels) > 0 && !slices.Contains(channels, in.By) {
		c.Errorf(at+".by", "%q is no channel of %q, who has %s", in.By, in.Who, strings.Join(channels, ", "))
	}
}

// informFits says where somebody is to be told over a channel that carries no
// words.
func (d *Document) informFits(mute func(channel string) bool, bad func(at, format string, args ...any)) {
	for i, r := range d.Residents {
		for j, in := range r.Inform {
			if by := d.informedBy(in); mute(by) {
				bad(path("residents[%d].inform[%d]", i, j), "channel %q only rings, and says nothing; write by: with another channel of %q", by, in.Who)
			}
		}
	}
}

// unseen says of whom signs of life are told that nothing can show.
func (c checker) unseen(d *data) {
	for i, r := range d.Residents {
		j := slices.IndexFunc(r.Inform, func(in docInform) bool { return in.Signs != "" })
		if j < 0 || d.shown(r.Key) {
			continue
		}
		c.Errorf(path("residents[%d].inform[%d]", i, j), "no sensor is where %q stays, so that %q reads every day that nothing is known", r.Key, r.Inform[j].Who)
	}
}

// shown reports whether a sensor is at any place of a resident's stays.
func (d *data) shown(resident string) bool {
	return slices.ContainsFunc(d.Devices, func(v docDevice) bool {
		return v.sensor() && (v.Resident == resident || slices.ContainsFunc(d.Stays, func(s docStay) bool { return s.Resident == resident && s.Place == v.Place }))
	})
}
