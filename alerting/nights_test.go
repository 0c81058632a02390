package alerting

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
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
	sent map[string]NotificationID
}

// play runs a script and returns it as it should have been written.
func play(t *testing.T, script []byte) []byte {
	n := &night{t: t, m: New(), sent: map[string]NotificationID{}, plan: Plan{
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
			n.dated(day)
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

// at passes every deadline before now, then gives the input. "restart", or
// "restart, clock 3h0m0s behind", writes the machine's state and goes on from it;
// the process was down until then, so nothing passed by itself.
func (n *night) at(now time.Time, clock, text string) {
	n.t.Helper()
	set, restart := strings.CutPrefix(text, "restart")
	for next := n.m.Next(); !restart && !next.IsZero() && next.Before(now); next = n.m.Next() {
		n.step(next, ClockText(next, n.plan.Zone), "", Tick{})
	}
	if restart {
		state, err := n.m.State()
		if err != nil {
			n.t.Fatal(err)
		}
		if n.m, err = Restore(state); err != nil {
			n.t.Fatal(err)
		}
		var start Start
		if f := strings.Fields(set); len(f) > 0 { // , clock 3h0m0s behind
			set := n.input(f[1:]).(ClockSet)
			start.Clock = &set
		}
		n.step(now, clock, text, start)
		return
	}
	if what, ok := strings.CutPrefix(text, "show "); ok {
		n.dated(now)
		fmt.Fprintf(&n.out, "%s %s\n", clock, text)
		for _, line := range n.show(strings.Fields(what)) {
			fmt.Fprintf(&n.out, "\t%s\n", line)
		}
		return
	}
	in := n.input(strings.Fields(text))
	if got := InputText(in, n.number); got != text {
		n.t.Errorf("input %q is shown as %q", text, got)
	}
	n.step(now, clock, text, in)
}

// dated writes the date of what comes, unless it stands there already.
func (n *night) dated(t time.Time) {
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
		n.dated(now)
		fmt.Fprintf(&n.out, "%s %s\n", clock, text)
	}
	for _, e := range effects {
		fmt.Fprintf(&n.out, "\t%s\n", EffectText(e, n.plan.Zone))
		n.complete(e)
	}
	n.replays(before, now, in, effects)
}

// complete checks what an effect says beside what is shown: of which alarm and
// message it is, and when.
func (n *night) complete(e Effect) {
	n.t.Helper()
	sameMessage := func(id AlarmID, number int, want Notification) {
		a, ok := n.m.Alarm(id)
		is := func(c Notification) bool {
			return c.ID == want.ID && c.To == want.To && c.Channel == want.Channel && (want.Reason == "" || c.Reason == want.Reason && c.Step == want.Step)
		}
		if !ok || a.Number != number || !slices.ContainsFunc(a.Calls, is) {
			n.t.Errorf("%+v is no message of an alarm", e)
		}
	}
	switch e := e.(type) {
	case Notify:
		n.sent[message(e.ID, fmt.Sprintf("alarm %d", e.Number))] = e.ID
		sameMessage(e.Alarm, e.Number, Notification{ID: e.ID, To: e.To, Channel: e.Channel, Reason: e.Reason, Step: e.Step})
	case Withdraw:
		if a, _ := n.m.Alarm(e.Alarm); e.Alarm == "" && strings.HasPrefix(string(e.ID), "signs.") || slices.ContainsFunc(a.Informed, func(t Told) bool { return t.ID == e.ID && t.To == e.To && t.Channel == e.Channel }) {
			return // of somebody who is informed
		}
		sameMessage(e.Alarm, e.Number, Notification{ID: e.ID, To: e.To, Channel: e.Channel})
	case Inform:
		all := []Told{}
		if a, ok := n.m.Alarm(e.Alarm); ok && a.Number == e.Number {
			all = a.Informed
		}
		for _, s := range n.m.Signs() {
			if e.Alarm == "" && s.Last != nil {
				all = append(all, *s.Last)
			}
		}
		if !slices.ContainsFunc(all, func(t Told) bool {
			return t.ID == e.ID && t.To == e.To && t.Channel == e.Channel && t.News == e.News && t.At.Equal(e.At) && !e.At.IsZero() && t.Shared == e.Shared && slices.Equal(t.Of, e.Of)
		}) {
			n.t.Errorf("%+v is no message to a carer", e)
		}
	case Changed:
		// An alarm may be forgotten in the same moment.
		if a, ok := n.m.Alarm(e.Alarm.ID); ok && !cmp.Equal(a, e.Alarm) || e.Alarm.Number == 0 || !e.Entry.At.Equal(n.m.Now()) ||
			slices.ContainsFunc(e.Alarm.History, func(h Entry) bool { return h.At.IsZero() }) {
			n.t.Errorf("%+v is not what is known of the alarm, at %s", e, n.m.Now())
		}
	}
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
	if !m.Next().Equal(n.m.Next()) {
		n.t.Errorf("%s: replayed from a snapshot, something is due at %s, not at %s", InputText(in, n.number), m.Next(), n.m.Next())
	}
	after, err := n.m.State()
	if err != nil {
		n.t.Fatal(err)
	}
	if state, err := m.State(); err != nil || !bytes.Equal(state, after) {
		n.t.Errorf("%s: replayed from a snapshot its state is another: %v\n%s\nand not\n%s", InputText(in, n.number), err, state, after)
	}
	if m, err = Restore(after); err != nil {
		n.t.Fatal(err)
	}
	if diff := cmp.Diff(derived(m), derived(n.m)); diff != "" {
		n.t.Errorf("%s: what follows from the state is another than in a machine restored from it (-restored +kept):\n%s", InputText(in, n.number), diff)
	}
	for _, t := range m.due { // a watch may be looked at for nothing, when somebody has come meanwhile; never later
		if !slices.ContainsFunc(n.m.due, func(kept *timer) bool { return kept.order == t.order && !kept.when.After(t.when) }) {
			n.t.Errorf("%s: %s is due at %s, and is not looked at then", InputText(in, n.number), t.order, t.when)
		}
	}
}

// derived lists what a machine knows beside its state because it follows from
// that. It is kept up to date with every step, so that nothing in it outlives
// what it is of.
func derived(m *Machine) (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, t := range m.due {
		if !strings.HasPrefix(t.order, "watch ") {
			say("due at %s: %s", t.when.UTC(), t.order)
		}
	}
	for ref, id := range m.refs {
		say("ref %v is of %s", ref, id)
	}
	for t, id := range m.ended {
		say("%v was over by itself in %s", t, id)
	}
	for place, ids := range m.held {
		for id := range ids {
			say("somebody has %s at %s", id, place)
		}
	}
	for t, all := range m.open.from {
		for i, a := range all {
			say("open of %v: %d is %s", t, i, a.ID)
		}
	}
	for s, all := range m.open.at {
		for i, a := range all {
			say("open at %v: %d is %s", s, i, a.ID)
		}
	}
	for source, n := range m.codecs {
		if n != 0 {
			say("%d codecs of %s do not work", n, source)
		}
	}
	for source, buttons := range m.fleet.behind {
		for b := range buttons {
			say("button %s is heard through %s", b, source)
		}
	}
	for c, g := range m.groups {
		for k := range g.faults {
			say("%v is told under %s", k, c)
		}
	}
	slices.Sort(lines)
	return lines
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
		sent, ok := n.sent[strings.Join(f[1:6], " ")]
		if !ok { // one of somebody who is informed, or that nobody has sent
			sent = NotificationID(string(id) + "." + f[2])
		}
		return id, sent
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
		if len(f) == 2 { // signs.2026-11-17.anna.ewa
			return Sent{Notification: NotificationID(f[1])}
		}
		a, id := message()
		return Sent{Alarm: a, Notification: id}
	case "on-phone":
		a, id := message()
		return Sent{Alarm: a, Notification: id, Arrived: true}
	case "failed":
		if strings.HasPrefix(f[1], signsPrefix) {
			return Sent{Notification: NotificationID(f[1]), Error: strings.Join(f[2:], " ")}
		}
		a, id := message()
		return Sent{Alarm: a, Notification: id, Error: strings.Join(f[6:], " ")}
	case "through": // through zigbee pendant-3 pendant-7; "-" is a source that nobody knows
		in := Through{Source: f[1]}
		for _, d := range f[2:] {
			in.Devices = append(in.Devices, devices.ID(d))
		}
		return in
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
