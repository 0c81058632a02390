package alerting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/devices"
)

// TestListsInOrder: what is listed is in an order of its own, and not in that in
// which it came or lies in memory.
func TestListsInOrder(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	p := ward()
	for i := range 6 {
		p.Devices[devices.ID(fmt.Sprintf("r%d", i))] = Device{Place: "room-r", PreAlarm: PreAlarm}
	}
	m := New()
	m.Step(at, Apply{p})
	var want []string
	for i := range 6 {
		n := 5 - i
		m.Step(at, Away{Resident: ResidentID(fmt.Sprintf("p%d", n)), Until: at.Add(time.Hour)})
		m.Step(at, Away{Place: PlaceID(fmt.Sprintf("room-%d", n)), Until: at.Add(time.Hour)})
		m.Step(at, SetTest{Device: devices.ID(fmt.Sprintf("r%d", n)), Until: at.Add(time.Hour)})
		m.Step(at, SetTest{Place: PlaceID(fmt.Sprintf("room-%d", n)), Until: at.Add(time.Hour)})
		m.Step(at, FaultEdge{Tampered, fmt.Sprintf("r%d", n), true})
		m.Step(at, FaultEdge{BatteryLow, fmt.Sprintf("r%d", n), true})
		want = append(want, fmt.Sprint(i))
	}
	m.Step(at.Add(time.Second), FaultEdge{AnswerLost, "lamp", true})
	var residents, places, tried, rooms, low, tampered []string
	for i, a := range m.Absences() {
		if a.Place != "" {
			places = append(places, strings.TrimPrefix(string(a.Place), "room-"))
		} else {
			residents = append(residents, strings.TrimPrefix(string(a.Resident), "p"))
		}
		if (a.Place != "") != (i < 6) {
			t.Error("residents are before places")
		}
	}
	for i, w := range m.Tests() {
		if w.Place != "" {
			rooms = append(rooms, strings.TrimPrefix(string(w.Place), "room-"))
		} else {
			tried = append(tried, strings.TrimPrefix(string(w.Device), "r"))
		}
		if (w.Place != "") != (i < 6) {
			t.Error("devices are before places")
		}
	}
	faults := slices.DeleteFunc(m.Faults(), func(f Fault) bool { return f.Code == RosterHole })
	for i, f := range faults[:12] {
		n := strings.TrimPrefix(f.Subject, "r")
		if f.Code == BatteryLow {
			low = append(low, n)
		} else {
			tampered = append(tampered, n)
		}
		if (f.Code == BatteryLow) != (i < 6) {
			t.Error("faults of one moment are not in the order of their codes")
		}
	}
	if faults[12].Code != AnswerLost {
		t.Error("the newest fault is not the last")
	}
	for name, got := range map[string][]string{"residents": residents, "places": places, "tested devices": tried, "tested places": rooms, "low batteries": low, "tampered": tampered} {
		if !slices.Equal(got, want) {
			t.Errorf("%s are in the order %v", name, got)
		}
	}

	for i := range 6 {
		m.Step(at.Add(2*time.Second), Heard{Device: devices.ID(fmt.Sprintf("r%d", 5-i)), Kind: devices.Fall})
	}
	for i, w := range m.Waits() {
		if w.Heard.Device != devices.ID(fmt.Sprintf("r%d", i)) {
			t.Errorf("fall %d waits for %s", i, w.Heard.Device)
		}
	}
	for i := range 6 {
		for _, k := range []devices.Kind{devices.Smoke, devices.Gas} {
			m.Step(at.Add(3*time.Second), Heard{Device: devices.ID(fmt.Sprintf("d%d", 5-i)), Kind: k, Level: true})
		}
	}
	for i := range 6 {
		m.Step(at.Add(3*time.Second), FaultEdge{LinkLost, fmt.Sprintf("usb%d", 5-i), true})
		m.Step(at.Add(3*time.Second), FaultEdge{ChannelDown, fmt.Sprintf("sms%d", 5-i), true})
	}
	b, err := m.State()
	var s state
	if err != nil || json.Unmarshal(b, &s) != nil || len(s.Levels) != 12 || bytes.Count(b, []byte(`"alarms":`)) != 1 {
		t.Fatalf("%d levels are written: %v\n%s", len(s.Levels), err, b)
	}
	var chains []string
	for _, g := range s.FaultGroups {
		chains = append(chains, g.Chain.String())
	}
	if !slices.IsSorted(chains) || len(chains) < 12 {
		t.Errorf("faults are told in the order %q", chains)
	}
	for i, l := range s.Levels {
		if kind := []devices.Kind{devices.Gas, devices.Smoke}[i%2]; l.Device != devices.ID(fmt.Sprintf("d%d", i/2)) || l.Kind != kind {
			t.Errorf("level %d is %v", i, l)
		}
	}
}

// TestFallsThatWait: one more alarm from where they are raises all of them, the
// oldest first; a cancel is of its device or its place, and comes in time.
func TestFallsThatWait(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	p := ward()
	for i := range 6 {
		p.Devices[devices.ID(fmt.Sprintf("r%d", i))] = Device{Place: "room-r", PreAlarm: MaxPreAlarm}
	}
	p.Devices["n1"], p.Devices["n2"] = Device{PreAlarm: PreAlarm}, Device{PreAlarm: PreAlarm}
	start := func() *Machine {
		m := New()
		m.Step(at, Apply{p})
		return m
	}
	m := start()
	for i := range 6 {
		d := devices.ID(fmt.Sprintf("r%d", 5-i))
		m.addWait(&wait{Wait: Wait{Heard: Heard{Device: d, Kind: devices.Fall}, ID: AlarmID("a-" + d), Place: "room-r", At: at.Add(time.Duration(i) * time.Second), Until: at.Add(MaxPreAlarm)}})
	}
	m.Step(at.Add(10*time.Second), Heard{Device: "r0", Kind: devices.Panic})
	for i, a := range m.Alarms()[:6] {
		if a.Device != devices.ID(fmt.Sprintf("r%d", 5-i)) {
			t.Errorf("fall %d to be raised is of %s", i, a.Device)
		}
	}

	m = start()
	m.Step(at, Heard{Device: "n1", Kind: devices.Fall})
	m.Step(at.Add(time.Second), Heard{Device: "n2", Kind: devices.Cancel})
	if len(m.Waits()) != 1 {
		t.Error("a cancel of nowhere ends what waits elsewhere")
	}
	m.Step(at.Add(PreAlarm+time.Second), Heard{Device: "n1", Kind: devices.Cancel})
	if a := m.Alarms(); len(a) != 1 || a[0].State != Raised {
		t.Errorf("a cancel that comes too late leaves %+v", a)
	}
	m.Step(at.Add(PreAlarm+2*time.Second), Heard{Device: "n2", Kind: devices.Cancel})
	if a := m.Alarms(); slices.ContainsFunc(a[0].History[len(a[0].History)-1:], func(e Entry) bool { return e.At.After(at.Add(PreAlarm + time.Second)) }) {
		t.Error("a cancel of nowhere is told of an alarm of nowhere")
	}

	m = start()
	m.Step(at, Heard{Device: "n1", Kind: devices.Fall})
	m.Step(at.Add(time.Second), Heard{Device: "n1", Kind: devices.Cancel})
	if a := m.Alarms(); len(a) != 1 || a[0].Outcome != Cancelled {
		t.Errorf("a device of nowhere takes its own fall back: %+v", a)
	}

	m = start()
	m.Step(at, Heard{Device: "n1", Kind: devices.Fall})
	m.Step(at, Heard{Device: "n2", Kind: devices.Fall})
	m.Step(at.Add(time.Second), Recover{Alarm: m.Waits()[1].ID, By: "jan", Kind: devices.Fall, Device: "n2", RaisedAt: at})
	if w := m.Waits(); len(w) != 1 || w[0].Heard.Device != "n1" {
		t.Errorf("recovered by its link, and there wait %+v", w)
	}
}

// TestWhereSomebodyIs: a device that is worn is where its wearer stays, or stayed
// last; where they were never said to be it is where it hangs.
func TestWhereSomebodyIs(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 11, d, 12, 0, 0, 0, time.UTC) }
	p := Plan{
		Devices: map[devices.ID]Device{"worn": {Resident: "anna"}, "kept": {Resident: "anna", Place: "hall"}, "cord": {Place: "room-1"}, "home": {Place: "flat"}},
		Stays: []Stay{
			{Resident: "anna", Place: "flat", From: day(1), Until: day(20), Home: true},
			{Resident: "anna", Place: "room-2", From: day(8), Until: day(10)},
			{Resident: "anna", Place: "room-1", From: day(5), Until: day(7)},
			{Resident: "jozef", Place: "room-1", From: day(3), Until: day(6)},
			{Resident: "jozef", Place: "room-1", From: day(4), Until: day(6)}, // said twice
			{Resident: "adam", Place: "flat", From: day(1), Until: day(20)},
		},
	}
	m := New()
	m.plan, m.where = p, p.Whereabouts()
	for _, c := range []struct {
		device devices.ID
		day    int
		want   string
	}{
		{"worn", 0, " [anna]"}, {"worn", 2, "flat [anna]"}, {"worn", 5, "room-1 [anna]"}, {"worn", 7, "flat [anna]"},
		{"worn", 9, "room-2 [anna]"}, {"worn", 20, "room-2 [anna]"}, {"worn", 25, "room-2 [anna]"},
		{"kept", 9, "room-2 [anna]"}, {"kept", 25, "hall [anna]"},
		{"cord", 4, "room-1 [jozef]"}, {"cord", 5, "room-1 [anna jozef]"}, {"cord", 6, "room-1 [anna]"}, {"cord", 12, "room-1 []"},
		{"home", 2, "flat [anna adam]"}, {"home", 9, "flat [adam]"},
	} {
		place, residents := m.from(p.Devices[c.device], day(c.day))
		if got := fmt.Sprintf("%s %v", place, residents); got != c.want {
			t.Errorf("on day %d %s is %q, want %q", c.day, c.device, got, c.want)
		}
	}
}

// TestOldPresses: the first press of an alarm is found when its number is not
// kept any more; one that comes after its deadline makes the next step due now.
func TestOldPresses(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{ward()})
	for i := range 40 {
		m.Step(at.Add(time.Duration(i)*time.Millisecond), Heard{Device: "d3", Kind: devices.Panic, Ref: fmt.Sprint(i)})
	}
	a := m.Alarms()[0]
	for _, ref := range a.Refs {
		if m.refs[reference{trigger{"d3", devices.Panic}, ref}] != a.ID {
			t.Errorf("press %s is kept, and not found", ref)
		}
	}
	m.Step(at.Add(time.Second), Heard{Device: "d3", Kind: devices.Panic, Ref: "0"})
	if a := m.Alarms()[0]; a.Folded != 1 || a.Presses != 40 {
		t.Errorf("the first press, delivered again: %d presses, %d repeats", a.Presses, a.Folded)
	}

	m = New()
	m.Step(at, Apply{ward()})
	m.Step(at, Heard{Device: "d3", Kind: devices.Panic})
	late := m.Alarms()[0].Deadline.Add(5 * time.Second)
	effects := m.Step(late, Heard{Device: "d3", Kind: devices.Panic})
	if c, ok := effects[0].(Changed); !ok || c.Entry.What != PressedAgain || !c.Entry.Until.Equal(late) {
		t.Errorf("pressed after its deadline at %s: %+v", late, effects[0])
	}
	if a := m.Alarms()[0]; a.Turn != 2 || !a.StepAt.Equal(late) {
		t.Errorf("the next turn is %d at %s", a.Turn, a.StepAt)
	}
}

// TestOldStates: faults of a release that did not know what they hang on do, and
// holes of one that did not look are looked for at once.
func TestOldStates(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 40, 0, 0, time.UTC)
	m := New()
	m.Step(at, Apply{ward()})
	m.Step(at, Through{"zigbee", []devices.ID{"d0"}})
	m.Step(at, FaultEdge{Silent, "d0", true})
	m.Step(at, FaultEdge{RosterHole, "hopeless", true})
	b, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	restored := func(change func(*state)) *Machine {
		var s state
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		change(&s)
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Restore(b)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	old := restored(func(s *state) {
		for i := range s.Faults {
			s.Faults[i].Chain = Chain{}
		}
	})
	for _, f := range old.Faults() {
		if f.Chain != old.chainOf(f.Code, f.Subject) || f.Chain == (Chain{}) {
			t.Errorf("%s of %s hangs on %s", f.Code, f.Subject, f.Chain)
		}
		if g := old.groups[f.Chain]; g == nil || !g.faults[faultKey{f.Code, f.Subject}] {
			t.Errorf("%s of %s is told under nothing", f.Code, f.Subject)
		}
	}
	looks := func(m *Machine) bool { return m.holes.when.Equal(at) }
	if m := restored(func(*state) {}); looks(m) {
		t.Error("holes that are known are looked for at once")
	}
	for name, change := range map[string]func(*state){
		"a hole that nobody saw": func(s *state) {
			s.Faults = slices.DeleteFunc(s.Faults, func(f Fault) bool { return f.Code == RosterHole })
		},
		"one too many": func(s *state) { s.Faults = append(s.Faults, Fault{Code: RosterHole, Subject: "ward", Since: at}) },
		"another one": func(s *state) {
			for i, f := range s.Faults {
				if f.Code == RosterHole {
					s.Faults[i].Subject = "ward"
				}
			}
		},
	} {
		if !looks(restored(change)) {
			t.Errorf("%s: not looked for at once", name)
		}
	}
}

// TestRosterOfNothing: what no plan that passed Check has, and the ends of what
// it may have.
func TestRosterOfNothing(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	limit := at.Add(time.Hour)
	for name, r := range map[string]Roster{
		"empty":       {},
		"of no days":  {Layers: []Layer{{Days: 0, Start: Date{2026, 11, 16}, Turns: [][]Person{{"marta"}}}}},
		"of no turns": {Layers: []Layer{{Days: 1, Start: Date{2026, 11, 16}}}},
	} {
		if who := r.OnCall(at, Zone{}); len(who) > 0 {
			t.Errorf("%s: %v", name, who)
		}
		if next := r.Next(at, limit, Zone{}); !next.Equal(limit) {
			t.Errorf("%s: others are on call at %s", name, next)
		}
	}
	both := Roster{
		Shifts: []Shift{{Days: days("mon-sun"), From: 0, To: 0, Who: []Person{"marta", "ewa"}}},
		Swaps:  []Swap{{"marta", Date{2026, 11, 17}, "ewa", Date{2026, 11, 25}}},
	}
	for day, want := range map[int]string{16: "[marta ewa]", 17: "[ewa]", 25: "[marta]"} {
		if got := fmt.Sprint(both.OnCall(time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC), Zone{})); got != want {
			t.Errorf("on %d November, of two who are both on call, %s, want %s", day, got, want)
		}
	}
	daily := Roster{Layers: []Layer{{Days: 1, Start: Date{2026, 11, 17}, Turns: [][]Person{{"marta"}}}}}
	if daily.HasTurn("marta", Date{2026, 11, 16}) || !daily.HasTurn("marta", Date{2026, 11, 17}) || !daily.HasTurn("marta", Date{2026, 11, 18}) {
		t.Error("a turn begins on every day from the first")
	}
	spans := both.Spans(at, at.Add(48*time.Hour), Zone{})
	for i, s := range spans {
		if i > 0 && !spans[i-1].Until.Equal(s.From) || !s.From.Before(s.Until) {
			t.Errorf("span %d is from %s until %s", i, s.From, s.Until)
		}
	}
	if len(spans) != 2 || !spans[1].Until.Equal(at.Add(48*time.Hour)) {
		t.Errorf("%d spans", len(spans))
	}
	p := Plan{
		People:  map[Person]Responder{"marta": {Contacts: []Contact{{Channel: "phone"}}}},
		Rosters: map[RosterID]Roster{"nurses": {Shifts: []Shift{{Days: days("mon-sun"), From: 8 * 60, To: 16 * 60, Who: []Person{"marta"}}}, Cover: []Hours{{days("mon-sun"), 0, 0}}}},
	}
	var got []string
	for _, h := range p.RosterHoles("nurses", at.Add(-3*time.Hour), at.Add(21*time.Hour)) {
		got = append(got, fmt.Sprintf("%d-%d", h.From.Hour(), h.Until.Hour()))
	}
	if strings.Join(got, " ") != "0-8 16-0" {
		t.Errorf("holes %v", got)
	}
	// Samoa had no 30 December 2011: the night of the 29th ended on the 31st.
	apia, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	night := Hours{days("mon-sun"), 22 * 60, 6 * 60}
	for hour, want := range map[int]bool{3: true, 7: false, 23: true} {
		if in := night.At(time.Date(2011, 12, 31, hour, 0, 0, 0, apia), Zone{apia}); in != want {
			t.Errorf("at %d o'clock on the day after the one that was not, it is night: %t", hour, in)
		}
	}
}
