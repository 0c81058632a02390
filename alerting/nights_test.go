package alerting

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"telecare/devices"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the nights in testdata")

// TestNights plays every night in testdata/nights: what happened, and indented
// what the machine did. A night is its own expectation; -update rewrites it and
// the diff is the review. Deadlines pass by themselves, as "tick" lines.
func TestNights(t *testing.T) {
	files, err := filepath.Glob("testdata/nights/*.txt")
	if err != nil || len(files) < 12 {
		t.Fatalf("found %d nights (%v), want at least 12", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, want)
			if *update {
				if err := os.WriteFile(f, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
				t.Errorf("night went otherwise (-want +got):\n%s", diff)
			}
		})
	}
}

// night is a script under way.
type night struct {
	t    *testing.T
	m    *Machine
	day  time.Time
	out  bytes.Buffer
	plan Plan
	on   bool   // the plan has been applied
	date string // that was written last
}

// play runs a script and returns it as it should have been written.
func play(t *testing.T, script []byte) []byte {
	n := &night{t: t, m: New(), plan: Plan{
		Devices: map[devices.ID]Device{}, People: map[Person]Responder{},
		Rosters: map[RosterID]Roster{}, Policies: map[PolicyID]Policy{},
	}}
	lines := bufio.NewScanner(bytes.NewReader(script))
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "\t"):
			continue // what the machine did the last time
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
			n.out.WriteString(line + "\n")
		default:
			n.line(line)
		}
	}
	return n.out.Bytes()
}

func (n *night) line(line string) {
	n.t.Helper()
	f := strings.Fields(line)
	if day, err := time.ParseInLocation("2006-01-02", f[0], n.plan.Zone.location()); err == nil {
		if !n.on {
			if err := n.plan.Check(); err != nil {
				n.t.Fatalf("plan: %v", err)
			}
			n.m.Step(day, Apply{n.plan})
			n.on = true
		}
		n.day = day
		if next := n.m.Next(); next.IsZero() || !next.Before(day) {
			n.show(day)
		} // else what is due before it comes first
		return
	}
	if clock, rest, ok := strings.Cut(line, " "); ok && strings.Count(clock, ":") == 2 {
		n.at(n.clock(clock), clock, rest)
		return
	}
	n.out.WriteString(line + "\n")
	n.declare(f)
}

func (n *night) clock(s string) time.Time {
	n.t.Helper()
	c, err := time.Parse("15:04:05.999", s)
	if err != nil {
		n.t.Fatalf("time %q: %v", s, err)
	}
	y, mo, d := n.day.Date()
	return time.Date(y, mo, d, c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), n.plan.Zone.location())
}

// at passes every deadline before now, then gives the input. "restart" writes
// the machine's state and goes on from it; the process was down until then, so
// nothing passed by itself.
func (n *night) at(now time.Time, clock, text string) {
	n.t.Helper()
	for next := n.m.Next(); text != "restart" && !next.IsZero() && next.Before(now); next = n.m.Next() {
		n.step(next, ClockText(next, n.plan.Zone), "", Tick{})
	}
	if text == "restart" {
		state, err := n.m.State()
		if err != nil {
			n.t.Fatal(err)
		}
		if n.m, err = Restore(state); err != nil {
			n.t.Fatal(err)
		}
		n.step(now, clock, text, Start{})
		return
	}
	in := n.input(strings.Fields(text))
	if got := InputText(in, n.number); got != text {
		n.t.Errorf("input %q is shown as %q", text, got)
	}
	n.step(now, clock, text, in)
}

// show writes the date of what comes, unless it stands there already.
func (n *night) show(t time.Time) {
	if date := DayText(t, n.plan.Zone); date != n.date {
		n.date = date
		n.out.WriteString(date + "\n")
	}
}

func (n *night) step(now time.Time, clock, text string, in Input) {
	n.t.Helper()
	before, err := n.m.State()
	if err != nil {
		n.t.Fatal(err)
	}
	effects := n.m.Step(now, in)
	if text == "" && len(effects) > 0 { // that nothing came of a deadline is not shown
		text = "tick"
	}
	if text != "" {
		n.show(now)
		fmt.Fprintf(&n.out, "%s %s\n", clock, text)
	}
	for _, e := range effects {
		fmt.Fprintf(&n.out, "\t%s\n", EffectText(e, n.plan.Zone))
	}
	n.replays(before, now, in, effects)
}

// replays checks that the journal's form of the input, given to a machine
// restored from a snapshot, decides the same.
func (n *night) replays(before []byte, now time.Time, in Input, effects []Effect) {
	n.t.Helper()
	kind, body, err := EncodeInput(in)
	if err != nil {
		n.t.Fatal(err)
	}
	again, err := DecodeInput(kind, body)
	if err != nil {
		n.t.Fatal(err)
	}
	m, err := Restore(before)
	if err != nil {
		n.t.Fatal(err)
	}
	if Digest(m.Step(now, again)) != Digest(effects) {
		n.t.Errorf("%s: replayed from a snapshot it decides otherwise", InputText(in, n.number))
	}
}

func (n *night) number(id AlarmID) int {
	a, _ := n.m.Alarm(id)
	return a.Number
}

// alarm finds an alarm by its number; an unknown one has an id of its own.
func (n *night) alarm(number string) AlarmID {
	want, err := strconv.Atoi(number)
	if err != nil {
		n.t.Fatalf("alarm %q: %v", number, err)
	}
	for _, a := range n.m.Alarms() {
		if a.Number == want {
			return a.ID
		}
	}
	return AlarmID("a-unknown")
}

// input reads what InputText shows.
func (n *night) input(f []string) Input {
	n.t.Helper()
	message := func() (AlarmID, NotificationID) {
		id := n.alarm(f[5])
		return id, NotificationID(string(id) + "." + f[2])
	}
	switch f[0] {
	case "tick":
		return Tick{}
	case "apply":
		return Apply{n.plan}
	case "moved", "opened", "shut", "left", "back":
		return Sign{What: Motion(f[0]), Device: devices.ID(f[1]), Late: len(f) > 2}
	case "away", "pause": // away anna by jan until 2026-11-20T12:00:00Z; room-7 is a place
		var until time.Time
		if len(f) > 5 {
			var err error
			if until, err = time.Parse(time.RFC3339, f[5]); err != nil {
				n.t.Fatal(err)
			}
		}
		if f[0] == "pause" {
			return Pause{Place: PlaceID(f[1]), By: Person(f[3]), Until: until}
		}
		in := Away{Resident: ResidentID(f[1]), By: Person(f[3]), Until: until}
		if n.isPlace(f[1]) {
			in.Resident, in.Place = "", PlaceID(f[1])
		}
		return in
	case "clear":
		return Cleared{Kind: devices.Kind(f[1]), Device: devices.ID(f[2])}
	case "by":
		return RaiseByHand{By: Person(f[2]), Kind: devices.Kind(f[3]), Place: PlaceID(f[4]), Drill: len(f) > 5}
	case "test": // test pendant-7 by tomek until 2026-11-17T10:00:00Z; of a device, a place, or all
		if len(f) < 4 || f[2] != "by" { // an event of that kind
			break
		}
		in := SetTest{By: Person(f[3])}
		if len(f) > 5 {
			var err error
			if in.Until, err = time.Parse(time.RFC3339, f[5]); err != nil {
				n.t.Fatal(err)
			}
		}
		switch {
		case f[1] == "all":
		case n.isPlace(f[1]):
			in.Place = PlaceID(f[1])
		default:
			in.Device = devices.ID(f[1])
		}
		return in
	case "take":
		return Take{By: Person(f[1]), Alarm: n.alarm(f[3])}
	case "decline":
		return Decline{By: Person(f[1]), Alarm: n.alarm(f[3])}
	case "arrive":
		return Arrive{By: Person(f[1]), Alarm: n.alarm(f[3])}
	case "help":
		return NeedHelp{By: Person(f[1]), Alarm: n.alarm(f[3])}
	case "hand": // hand marta to jan alarm 1
		return HandOver{By: Person(f[1]), To: Person(f[3]), Alarm: n.alarm(f[5])}
	case "close":
		return Close{By: Person(f[1]), Alarm: n.alarm(f[3]), Outcome: Outcome(f[4])}
	case "reopen":
		return Reopen{By: Person(f[1]), Alarm: n.alarm(f[3])}
	case "recover": // recover marta a-… panic device pendant-7 raised 2026-11-17T02:00:00Z
		in := Recover{By: Person(f[1]), Alarm: AlarmID(f[2]), Kind: devices.Kind(f[3])}
		for i := 4; i+1 < len(f); i += 2 {
			switch f[i] {
			case "device":
				in.Device = devices.ID(f[i+1])
			case "place":
				in.Place = PlaceID(f[i+1])
			case "raised":
				var err error
				if in.RaisedAt, err = time.Parse(time.RFC3339, f[i+1]); err != nil {
					n.t.Fatal(err)
				}
			}
		}
		return in
	case "break":
		return n.breakInput(f)
	case "clock": // clock 3h0m0s behind
		d, err := time.ParseDuration(f[1])
		if err != nil {
			n.t.Fatal(err)
		}
		return ClockSet{Behind: d}
	case "sent":
		a, id := message()
		return Sent{Alarm: a, Notification: id}
	case "failed":
		a, id := message()
		return Sent{Alarm: a, Notification: id, Error: strings.Join(f[6:], " ")}
	case "fault":
		if f[1] == "over" {
			return FaultEdge{Code: FaultCode(f[2]), Subject: f[3]}
		}
		return FaultEdge{Code: FaultCode(f[1]), Subject: f[2], On: true}
	}
	in := Heard{Kind: devices.Kind(f[0]), Device: devices.ID(f[1])}
	for i := 2; i < len(f); i++ {
		switch f[i] {
		case "ref":
			i++
			in.Ref = f[i]
		case "counter":
			in.Counter = true
		case "delivery":
			i++
			in.Delivery = f[i]
		case "repeat":
			in.Repeat = true
		case "late":
			in.Late = true
		case "level":
			in.Level = true
		default:
			n.t.Fatalf("not understood: %q in %q", f[i], f)
		}
	}
	return in
}

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
		n.plan.Policies[PolicyID(f[1])] = p
		if n.plan.Default == "" {
			n.plan.Default = PolicyID(f[1])
		}
	case "device": // device pendant-7 room-7 [policy]
		d := Device{Place: PlaceID(f[2])}
		if len(f) > 3 {
			d.Policy = PolicyID(f[3])
		}
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
