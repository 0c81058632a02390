package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"telecare/devices"
)

// declare reads a line of the plan.
func (n *night) declare(f []string) {
	n.t.Helper()
	switch f[0] {
	case "site":
		n.plan.Site = SiteID(f[1])
		if err := n.plan.Zone.UnmarshalText([]byte(f[2])); err != nil {
			n.t.Fatal(err)
		}
	case "person": // person marta push sms+30s
		r := Responder{}
		for _, c := range f[2:] {
			channel, after, _ := strings.Cut(c, "+")
			contact := Contact{Channel: ChannelID(channel)}
			if after != "" {
				var err error
				if contact.After, err = time.ParseDuration(after); err != nil {
					n.t.Fatal(err)
				}
			}
			r.Contacts = append(r.Contacts, contact)
		}
		n.plan.People = maps.Clone(n.plan.People)
		n.plan.People[Person(f[1])] = r
	case "policy": // policy ward nurses,jan 30s centre 60s arrive 15m finish 1h; the first is the default; jan>ola one by one; takers 2
		p := Policy{}
		for i := 2; i+1 < len(f); i += 2 {
			if f[i] == "takers" {
				p.Takers, _ = strconv.Atoi(f[i+1])
				continue
			}
			d, err := time.ParseDuration(f[i+1])
			if err != nil {
				n.t.Fatal(err)
			}
			switch f[i] {
			case "arrive":
				p.Arrive = d
				continue
			case "finish":
				p.Finish = d
				continue
			}
			s := PolicyStep{Wait: d}
			targets := strings.Split(f[i], ",")
			if strings.Contains(f[i], ">") {
				targets, s.OneByOne = strings.Split(f[i], ">"), true
			}
			for _, who := range targets {
				s.Call = append(s.Call, n.target(who))
			}
			p.Steps = append(p.Steps, s)
		}
		n.plan.Policies = maps.Clone(n.plan.Policies)
		n.plan.Policies[PolicyID(f[1])] = p
		if n.plan.Default == "" {
			n.plan.Default = PolicyID(f[1])
		}
	case "without": // without calm, before "apply"
		n.plan.Policies = maps.Clone(n.plan.Policies)
		delete(n.plan.Policies, PolicyID(f[1]))
	case "device": // device pendant-7 room-7 [policy]
		d := Device{Place: PlaceID(f[2]), Button: true}
		if len(f) > 3 {
			d.Policy = PolicyID(f[3])
		}
		n.plan.Devices = maps.Clone(n.plan.Devices)
		n.plan.Devices[devices.ID(f[1])] = d
	case "stay": // stay anna room-7 2026-11-10T12:00 2026-11-24T12:00, "-" when open; then home, or day mon-fri 08:00-16:00
		s := Stay{Resident: ResidentID(f[1]), Place: PlaceID(f[2]), From: n.moment(f[3]), Until: n.moment(f[4])}
		switch {
		case len(f) > 5 && f[5] == "home":
			s.Home = true
		case len(f) > 5:
			from, to, _ := strings.Cut(f[7], "-")
			s.Hours = &Hours{Days: days(f[6]), From: minutes(n.t, from), To: minutes(n.t, to)}
		}
		n.plan.Stays = append(slices.Clone(n.plan.Stays), s)
	case "inform": // inform ewa of anna raised there closed signs 09:00 resting all; on the first of her channels, or "on sms"
		n.inform(f[1:])
	case "wears": // wears anna pendant-7: the device goes where she goes
		d := n.plan.Devices[devices.ID(f[2])]
		d.Resident = ResidentID(f[1])
		n.plan.Devices = maps.Clone(n.plan.Devices)
		n.plan.Devices[devices.ID(f[2])] = d
	case "rest": // rest ewa 2026-11-10T12:00 2026-11-24T12:00; "rest ewa over" before "apply"
		r := n.plan.People[Person(f[1])]
		r.Rests = slices.Clone(r.Rests)
		if f[2] == "over" {
			r.Rests = nil
		} else {
			r.Rests = append(r.Rests, Rest{n.moment(f[2]), n.moment(f[3])})
		}
		n.plan.People = maps.Clone(n.plan.People)
		n.plan.People[Person(f[1])] = r
	case "stand-ins": // stand-ins nurses centre; stand-ins of ward: jan
		if f[1] == "of" {
			id := PolicyID(strings.TrimSuffix(f[2], ":"))
			p := n.plan.Policies[id]
			p.StandIns = n.targets(f[3:])
			n.plan.Policies[id] = p
		} else {
			n.plan.StandIns = n.targets(f[1:])
		}
	case "watch": // watch quiet inactivity anna daily 07:00-22:00 4h sun 09:00-22:00 5h by pir-7,door-7 policy calm
		w := Watch{Kind: devices.Kind(f[2])}
		if n.isPlace(f[3]) {
			w.Place = PlaceID(f[3])
		} else {
			w.Resident = ResidentID(f[3])
		}
		for i := 4; i+1 < len(f); {
			switch f[i] {
			case "by":
				for _, d := range strings.Split(f[i+1], ",") {
					w.Devices = append(w.Devices, devices.ID(d))
				}
				i += 2
			case "policy":
				w.Policy = PolicyID(f[i+1])
				i += 2
			default:
				from, to, _ := strings.Cut(f[i+1], "-")
				after, err := time.ParseDuration(f[i+2])
				if err != nil {
					n.t.Fatal(err)
				}
				w.Times = append(w.Times, WatchTime{Hours{days(f[i]), minutes(n.t, from), minutes(n.t, to)}, after})
				i += 3
			}
		}
		if n.plan.Watches = maps.Clone(n.plan.Watches); n.plan.Watches == nil {
			n.plan.Watches = map[WatchID]Watch{}
		}
		n.plan.Watches[WatchID(f[1])] = w
	case "forget": // forget quiet, before "apply"
		n.plan.Watches = maps.Clone(n.plan.Watches)
		delete(n.plan.Watches, WatchID(f[1]))
	case "sensor": // sensor pir-7 room-7
		n.plan.Devices[devices.ID(f[1])] = Device{Place: PlaceID(f[2]), Sensor: true}
	case "lamp": // lamp lamp-7 room-7: neither button nor sensor
		n.plan.Devices[devices.ID(f[1])] = Device{Place: PlaceID(f[2])}
	case "pre-alarm": // pre-alarm radar-7 10s
		d := n.plan.Devices[devices.ID(f[1])]
		var err error
		if d.PreAlarm, err = time.ParseDuration(f[2]); err != nil {
			n.t.Fatal(err)
		}
		n.plan.Devices[devices.ID(f[1])] = d
	case "rule": // rule night-falls kinds fall,panic places room-7 hours sat-sun 22:00-06:00: the policy first
		r := Rule{Policy: PolicyID(f[1])}
		for i := 2; i < len(f); i++ {
			switch f[i] {
			case "kinds":
				i++
				for _, k := range strings.Split(f[i], ",") {
					r.Kinds = append(r.Kinds, devices.Kind(k))
				}
			case "places":
				i++
				for _, p := range strings.Split(f[i], ",") {
					r.Places = append(r.Places, PlaceID(p))
				}
			case "residents":
				i++
				for _, p := range strings.Split(f[i], ",") {
					r.Residents = append(r.Residents, ResidentID(p))
				}
			case "hours":
				from, to, _ := strings.Cut(f[i+2], "-")
				r.Hours = &Hours{Days: days(f[i+1]), From: minutes(n.t, from), To: minutes(n.t, to)}
				i += 2
			default:
				n.t.Fatalf("not understood: %q in %q", f[i], f)
			}
		}
		n.plan.Rules = append(n.plan.Rules, r)
	case "no-faults": // before "apply"
		n.plan.Faults = nil
	case "faults": // faults technicians hours mon-fri 08:00-16:00 gather 5m unheard ward; the policy first
		p := &FaultPlan{Policy: PolicyID(f[1])}
		for i := 2; i+1 < len(f); i += 2 {
			switch f[i] {
			case "hours":
				from, to, _ := strings.Cut(f[i+2], "-")
				p.Hours = &Hours{Days: days(f[i+1]), From: minutes(n.t, from), To: minutes(n.t, to)}
				i++
			case "gather":
				var err error
				if p.Gather, err = time.ParseDuration(f[i+1]); err != nil {
					n.t.Fatal(err)
				}
			case "unheard":
				p.Unheard = PolicyID(f[i+1])
			default:
				n.t.Fatalf("not understood: %q in %q", f[i], f)
			}
		}
		n.plan.Faults = p
	case "gone": // gone pendant-7, before "apply"
		n.plan.Devices = cloneWithout(n.plan.Devices, devices.ID(f[1]))
	case "last-resort":
		n.plan.LastResort = Person(f[1])
	default:
		if !n.declareRoster(f) {
			n.t.Fatalf("not understood: %q", f)
		}
	}
}

// target is a roster where there is one of that name, else a person.
func (n *night) target(who string) Target {
	if _, ok := n.plan.Rosters[RosterID(who)]; ok {
		return Target{Roster: RosterID(who)}
	}
	return Target{Person: Person(who)}
}

func (n *night) targets(who []string) (out []Target) {
	for _, w := range who {
		out = append(out, n.target(w))
	}
	return out
}

// moment reads a time on the wall of the site.
func (n *night) moment(s string) time.Time {
	n.t.Helper()
	if s == "-" {
		return time.Time{}
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", s, n.plan.Zone.location())
	if err != nil {
		n.t.Fatal(err)
	}
	return t
}

// inform reads who is told of whom; "inform ewa of anna nothing" before "apply".
func (n *night) inform(f []string) {
	i := Informed{To: Person(f[0]), Resident: ResidentID(f[2]), Channel: n.plan.People[Person(f[0])].Contacts[0].Channel}
	for k := 3; k < len(f); k++ {
		switch f[k] {
		case "signs":
			k++
			i.Signs, i.SignsAt = true, minutes(n.t, f[k])
		case "resting":
			k++
			i.Resting = WhileResting(f[k])
		case "on":
			k++
			i.Channel = ChannelID(f[k])
		case "nothing":
		default:
			i.Of = append(i.Of, News(f[k]))
		}
	}
	n.plan.Informed = slices.DeleteFunc(slices.Clone(n.plan.Informed), func(x Informed) bool { return x.To == i.To && x.Resident == i.Resident })
	if len(i.Of) > 0 || i.Signs {
		n.plan.Informed = append(n.plan.Informed, i)
	}
}

// isPlace tells a place of the plan from a resident.
func (n *night) isPlace(s string) bool {
	for _, d := range n.plan.Devices {
		if d.Place == PlaceID(s) {
			return true
		}
	}
	return false
}

func cloneWithout(in map[devices.ID]Device, gone devices.ID) map[devices.ID]Device {
	out := map[devices.ID]Device{}
	for k, v := range in {
		if k != gone {
			out[k] = v
		}
	}
	return out
}

func days(s string) []time.Weekday {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	index := func(d string) int {
		for i, n := range names {
			if n == d {
				return i
			}
		}
		return 0
	}
	from, to, ranged := strings.Cut(s, "-")
	if !ranged {
		to = from
	}
	var out []time.Weekday
	for i := index(from); ; i = (i + 1) % 7 {
		out = append(out, time.Weekday(i))
		if i == index(to) {
			return out
		}
	}
}

func minutes(t *testing.T, s string) int {
	t.Helper()
	var h, m int
	if _, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil {
		t.Fatalf("time %q: %v", s, err)
	}
	return h*60 + m
}
