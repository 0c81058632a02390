package alerting

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/devices"

	"github.com/google/go-cmp/cmp"
)

// TestFaultsAreDeclared holds what is declared about faults, and which events
// show them, to testdata/faults.txt; -update rewrites it.
func TestFaultsAreDeclared(t *testing.T) {
	var b strings.Builder
	for _, f := range FaultTypes() {
		if !cmp.Equal(FaultTypeOf(f.Code), f) {
			t.Errorf("%s is %+v, and is found as %+v", f.Code, f, FaultTypeOf(f.Code))
		}
		fmt.Fprintf(&b, "%s %s, told after %s, under %q\n", f.Code, f.Severity, f.Visible, f.Under)
	}
	for _, k := range devices.Kinds() {
		if code, on, ok := FaultOf(k); ok {
			fmt.Fprintf(&b, "event %s: %s %t\n", k, code, on)
		} else if code != "" || on {
			t.Errorf("event %s shows no fault, and it is %q %t", k, code, on)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/faults.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !cmp.Equal(FaultTypeOf("no"), FaultType{}) {
		t.Errorf("a code that is none is %+v", FaultTypeOf("no"))
	}
}

func TestPriorities(t *testing.T) {
	for k, want := range map[devices.Kind]Priority{
		devices.Panic: High, devices.Fall: High, devices.Medical: High, devices.Smoke: High, devices.Gas: High, devices.CO: High,
		devices.Heat: Medium, devices.Flood: Medium, devices.Intruder: Medium, devices.Wandering: Medium, devices.BedExit: Medium,
		devices.Inactivity: Low, Technical: Low,
	} {
		if got := PriorityOf(k); got != want {
			t.Errorf("%s is %s, want %s", k, got, want)
		}
	}
}

// TestInputsAsTheyAreKept: every input has a name and comes back as it was.
func TestInputsAsTheyAreKept(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	for name, in := range map[string]Input{
		"start": Start{Clock: &ClockSet{time.Minute}}, "tick": Tick{},
		"apply":        Apply{Plan{Site: "lipowa", Zone: Zone{time.UTC}}},
		"heard":        Heard{Device: "d", Kind: devices.Panic, Ref: "1", Counter: true, Delivery: "x", Repeat: true, Late: true, Level: true},
		"cleared":      Cleared{Device: "d", Kind: devices.Smoke},
		"sign":         Sign{Device: "d", What: Opened, Late: true},
		"away":         Away{Resident: "anna", Until: at, By: "jan"},
		"set_test":     SetTest{Device: "d", Until: at, By: "jan"},
		"pause":        Pause{Place: "room-7", Until: at, By: "jan"},
		"take":         Take{"a", "jan"},
		"decline":      Decline{"a", "jan"},
		"arrive":       Arrive{"a", "jan"},
		"need_help":    NeedHelp{"a", "jan"},
		"hand_over":    HandOver{"a", "jan", "ola"},
		"close":        Close{"a", "jan", Helped},
		"reopen":       Reopen{"a", "jan"},
		"recover":      Recover{Alarm: "a", By: "jan", Kind: devices.Fall, Device: "d", RaisedAt: at},
		"break_begins": BreakBegins{"jan", at}, "break_ends": BreakEnds{"jan"},
		"clock_set":     ClockSet{time.Minute},
		"sent":          Sent{"a", "a.1", "timeout", true},
		"adopt":         Adopt{json.RawMessage(`{"number":1}`)},
		"fault":         FaultEdge{Silent, "d", true},
		"raise_by_hand": RaiseByHand{devices.Panic, "room-7", "jan", true},
	} {
		kind, body, err := EncodeInput(in)
		if err != nil || kind != name {
			t.Errorf("%T is kept as %q: %v", in, kind, err)
			continue
		}
		if again, err := DecodeInput(kind, body); err != nil || !cmp.Equal(again, in, cmp.Comparer(func(a, b Zone) bool { return a == b })) {
			t.Errorf("%s comes back as %#v: %v", name, again, err)
		}
		if _, err := DecodeInput(kind, []byte("[")); err == nil {
			t.Errorf("%s is read from half a word", name)
		}
	}
	_, err := DecodeInput("tomorrow", []byte("{}"))
	if !errors.Is(err, ErrNewer) {
		t.Errorf("an input of a newer release: %v", err)
	}
	var newer interface{ Newer() bool }
	if !errors.As(err, &newer) || !newer.Newer() {
		t.Errorf("%v does not say that it is newer", err)
	}
	if _, _, err := EncodeInput(Adopt{json.RawMessage("{")}); err == nil {
		t.Error("an input that is no JSON is kept")
	}
	defer func() {
		if recover() == nil {
			t.Error("an input without a name is kept")
		}
	}()
	_, _, _ = EncodeInput(nil)
}

func TestContactsAsTheyAreWritten(t *testing.T) {
	for want, c := range map[string]Contact{`"push"`: {Channel: "push"}, `{"channel":"sms","after":30000000000}`: {"sms", 30 * time.Second}} {
		b, err := json.Marshal(c)
		if err != nil || string(b) != want {
			t.Errorf("%+v is written %s: %v", c, b, err)
		}
		again := Contact{"x", time.Hour}
		if err := json.Unmarshal(b, &again); err != nil || again != c {
			t.Errorf("%s is read as %+v: %v", b, again, err)
		}
	}
	var c Contact
	if err := json.Unmarshal([]byte("7"), &c); err == nil {
		t.Errorf("7 is read as %+v", c)
	}
	r := Responder{Contacts: []Contact{{Channel: "push"}}}
	if !r.On("push") || r.On("sms") {
		t.Error("who has a push only is not on push alone")
	}
}

func TestZonesAndDates(t *testing.T) {
	var z Zone
	if b, err := z.MarshalText(); string(b) != "UTC" || err != nil {
		t.Errorf("no zone is written %s: %v", b, err)
	}
	if err := z.UnmarshalText([]byte("Europe/Warsaw")); err != nil || z.String() != "Europe/Warsaw" {
		t.Errorf("%s: %v", z, err)
	}
	if err := z.UnmarshalText([]byte("Mars/Olympus")); err == nil || z.String() != "Europe/Warsaw" {
		t.Errorf("a zone that is not known leaves %s: %v", z, err)
	}
	d := DateAt(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC), z)
	if b, err := d.MarshalText(); string(b) != "2027-01-01" || err != nil {
		t.Errorf("half past midnight in Warsaw is on %s: %v", b, err)
	}
	if b, _ := d.Add(-2).MarshalText(); string(b) != "2026-12-30" {
		t.Errorf("two days before is %s", b)
	}
	if err := d.UnmarshalText([]byte("2028-02-29")); err != nil || d != (Date{2028, 2, 29}) {
		t.Errorf("the leap day is read as %v: %v", d, err)
	}
	if err := d.UnmarshalText([]byte("2027-02-29")); err == nil || d != (Date{2028, 2, 29}) {
		t.Errorf("a day that is none is read as %v: %v", d, err)
	}
}

// TestWhoStandsIn: whoever rests is answered for under every policy that calls
// them, by name or by whatever part of a roster.
func TestWhoStandsIn(t *testing.T) {
	p := Plan{
		Rosters: map[RosterID]Roster{
			"shifts":    {Shifts: []Shift{{Who: []Person{"jan"}}, {Who: []Person{"ola", "ewa"}}}},
			"overrides": {Overrides: []Override{{Who: []Person{"ewa"}}}},
			"layers":    {Layers: []Layer{{Turns: [][]Person{{"jan"}, {"ewa"}}}}},
			"others":    {Shifts: []Shift{{Who: []Person{"jan"}}}},
		},
		Policies: map[PolicyID]Policy{
			"a": {Steps: []PolicyStep{{Call: []Target{{Person: "jan"}}}, {Call: []Target{{Person: "ola"}, {Person: "ewa"}}}}},
			"b": {Steps: []PolicyStep{{Call: []Target{{Roster: "shifts"}}}}, StandIns: []Target{{Person: "nurse"}, {Person: "centre"}}},
			"c": {Steps: []PolicyStep{{Call: []Target{{Roster: "overrides"}}}}, StandIns: []Target{{Person: "doctor"}}},
			"d": {Steps: []PolicyStep{{Call: []Target{{Roster: "layers"}}}}, StandIns: []Target{{Roster: "others"}}},
			"e": {Steps: []PolicyStep{{Call: []Target{{Roster: "others"}}}}, StandIns: []Target{{Person: "ghost"}}},
		},
		StandIns: []Target{{Person: "centre"}},
	}
	want := []Target{{Person: "centre"}, {Person: "nurse"}, {Person: "doctor"}, {Roster: "others"}}
	if got := p.StandInsOf("ewa"); !slices.Equal(got, want) {
		t.Errorf("for Ewa stand in %+v, want %+v", got, want)
	}
	if got := p.StandInsOf("nobody"); got != nil {
		t.Errorf("for nobody stand in %+v", got)
	}
}

// TestTurnsThatBegin: what can be swapped is a turn or shift that begins on a day.
func TestTurnsThatBegin(t *testing.T) {
	r := Roster{
		Shifts: []Shift{{Days: days("mon"), Who: []Person{"ola"}}},
		Layers: []Layer{
			{Days: 2, Start: Date{2026, 11, 17}, Turns: [][]Person{{"marta"}, {"jan"}}},
			{Days: 0, Start: Date{2026, 11, 17}, Turns: [][]Person{{"zero"}}},
			{Days: 1, Start: Date{2026, 11, 17}},
		},
		Swaps: []Swap{{"marta", Date{2026, 11, 21}, "ewa", Date{2026, 11, 25}}},
	}
	for who, want := range map[Person]string{
		"ola": "16 23 30", "marta": "17 25 29", "jan": "19 23 27", "ewa": "21", "zero": "",
	} {
		var got []string
		for d := 10; d <= 30; d++ {
			if r.HasTurn(who, Date{2026, 11, d}) {
				got = append(got, fmt.Sprint(d))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("turns of %s begin on %q, want %q", who, got, want)
		}
	}
}

// TestDigest: other decisions, or the same in another order or of another number,
// have another digest.
func TestDigest(t *testing.T) {
	refused := func(who Person) Effect { return Refused{By: who, Why: NoSuchAlarm} }
	seen := map[[8]byte]int{{}: -1}
	for i, effects := range [][]Effect{
		nil, {refused("jan")}, {refused("ola")}, {refused("jan"), refused("ola")}, {refused("ola"), refused("jan")}, {refused("jan"), refused("jan")},
	} {
		d := Digest(effects)
		if other, ok := seen[d]; ok {
			t.Errorf("decisions %d and %d have the same digest", i, other)
		}
		seen[d] = i
		if d != Digest(slices.Clone(effects)) {
			t.Errorf("decisions %d have two digests", i)
		}
	}
	// What journals hold.
	if d := Digest([]Effect{refused("jan")}); fmt.Sprintf("%x", d) != "a4febecbff8f34aa" {
		t.Errorf("a refusal has digest %x", d)
	}
}

// TestOrderOfCalls: of calls that wait for one modem each goes before all that are
// named after it; two of the same place are the same.
func TestOrderOfCalls(t *testing.T) {
	now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	old := now.Add(-time.Hour)
	in := [][]Call{
		{{Reason: Calling, Priority: High, RaisedAt: now}, {Reason: Calling, RaisedAt: now}},
		{{Reason: Calling, Priority: High, RaisedAt: old}},
		{{Reason: Calling, Priority: Medium, RaisedAt: now}},
		{{Reason: Calling, Priority: Low, RaisedAt: now}},
		{{Reason: Offered, Priority: High, RaisedAt: now}},
		{{Reason: Stopped, Priority: High, RaisedAt: now}},
		{{Reason: Calling, Priority: High, RaisedAt: now, Repeat: true}, {Reason: Stopped, Priority: High, RaisedAt: old, Repeat: true}},
		{{Reason: Calling, Priority: Low, RaisedAt: old, Repeat: true}},
		{{Reason: Calling, Priority: High, RaisedAt: now, Kind: string(Technical)}, {News: &CallNews{}, Priority: High, RaisedAt: now}},
		{{Reason: Calling, Priority: Low, RaisedAt: now, Kind: string(Technical)}},
	}
	for i, first := range in {
		for _, a := range first {
			for j, second := range in {
				for _, b := range second {
					if got := CompareCalls(a, b); (got < 0) != (i < j) || (got > 0) != (i > j) {
						t.Errorf("%+v of place %d and %+v of place %d are in order %d", a, i, b, j, got)
					}
				}
			}
		}
	}
}
