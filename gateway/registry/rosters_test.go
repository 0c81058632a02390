package registry

import (
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/alerting"

	"github.com/google/go-cmp/cmp"
)

const nights = `site: a
zone: Europe/Warsaw
last_resort: centre
default_policy: all
responders:
  - {key: marta, name: Marta W., channels: [phones]}
  - {key: jan, name: Jan K., channels: [phones]}
  - {key: olga, name: Olga B., channels: [phones]}
  - {key: centre, name: Centre, channels: [phones]}
rosters:
  - key: nurses
    shifts:
      - {days: daily, from: "07:00", to: "19:00", who: [olga]}
    layers:
      - name: Nights
        every: 2 weeks
        start: 2026-11-02
        hand_over: "19:00"
        turns: [marta, [jan, olga]]
        only:
          - {from: "19:00", to: "07:00"}
      - {every: day, start: 2026-12-25, hand_over: "00:00", turns: [jan, marta], only: [{days: [fri, sat]}]}
    swaps:
      - {who: marta, turn: 2026-11-30, with: jan, for: 2026-12-14}
    overrides:
      - {from: 2026-11-25 01:00, until: 2026-11-25 03:00, who: jan, instead: marta}
      - {from: "2026-11-26T01:00:00Z", until: "2026-11-26 03:00", who: [olga, jan]}
    cover: always
  - key: abroad
    cover: [{days: [mon]}, {from: "19:00", to: "07:00"}]
    zone: America/New_York
    layers:
      - {every: 3 days, start: 2026-11-02, hand_over: "02:30", turns: [marta, jan]}
    overrides:
      - {from: 2026-11-25 01:00, until: 2026-11-25 03:00, who: olga}
policies:
  - key: all
    steps: [{call: ["roster:nurses", "roster:abroad"], wait: 30s}]
`

// A roster with everything in it means what it says, and is exported so that it
// means the same.
func TestRosters(t *testing.T) {
	d := parse(t, []byte(nights))
	b, err := encode(&d.data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("exported.yaml", b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if !d.Equal(again) {
		t.Errorf("exported, it says something else:\n%s", b)
	}
	if want := "turns: [marta, [jan, olga]]"; !strings.Contains(string(b), want) {
		t.Errorf("the export has no %q:\n%s", want, b)
	}

	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	plan := again.plan(again.byKey(), warsaw)
	if err := plan.Check(); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		roster, at string
		want       []alerting.Person
	}{
		{"nurses", "2026-11-02 18:59", []alerting.Person{"olga"}},
		{"nurses", "2026-11-02 19:00", []alerting.Person{"marta"}},
		{"nurses", "2026-11-16 18:59", []alerting.Person{"olga"}},
		{"nurses", "2026-11-16 19:00", []alerting.Person{"jan", "olga"}},
		{"nurses", "2026-12-01 02:00", []alerting.Person{"jan"}}, // swapped
		{"nurses", "2026-12-15 02:00", []alerting.Person{"marta", "olga"}},
		{"nurses", "2026-11-25 00:59", []alerting.Person{"jan", "olga"}},
		{"nurses", "2026-11-25 01:00", []alerting.Person{"jan", "olga"}}, // marta is not on call
		{"nurses", "2026-11-26 01:59", []alerting.Person{"jan", "olga"}},
		{"nurses", "2026-11-26 02:00", []alerting.Person{"olga", "jan"}},
		{"nurses", "2026-12-25 12:00", []alerting.Person{"jan"}}, // the feast lies on top
		{"nurses", "2026-12-26 12:00", []alerting.Person{"marta"}},
		{"nurses", "2026-12-27 12:00", []alerting.Person{"olga"}},
		{"abroad", "2026-11-25 06:59", []alerting.Person{"jan"}},
		{"abroad", "2026-11-25 07:00", []alerting.Person{"olga"}}, // 01:00 there
		{"abroad", "2026-11-25 09:00", []alerting.Person{"jan"}},
		{"abroad", "2026-11-26 08:29", []alerting.Person{"jan"}},
		{"abroad", "2026-11-26 08:30", []alerting.Person{"marta"}},
	} {
		at, err := ParseMoment(x.at, plan.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Rosters[alerting.RosterID(x.roster)].OnCall(at, plan.Zone); !slices.Equal(got, x.want) {
			t.Errorf("%s at %s: %q, want %q", x.roster, x.at, got, x.want)
		}
	}
}

func TestParseMoment(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"2026-03-29 02:30":          "2026-03-29T01:30:00Z", // is not: 03:30
		"2026-03-29 03:00":          "2026-03-29T01:00:00Z",
		"2026-10-25 02:30":          "2026-10-25T00:30:00Z", // the first of two
		"2026-10-25T02:30":          "2026-10-25T00:30:00Z",
		"2026-10-25 02:30:59":       "2026-10-25T00:30:59Z",
		"2026-10-25T02:30:00+01:00": "2026-10-25T01:30:00Z",
		"2026-10-25 02:30:00+01:00": "2026-10-25T01:30:00Z",
		"2026-10-25T02:30+01:00":    "2026-10-25T01:30:00Z",
		"2026-10-25 02:30Z":         "2026-10-25T02:30:00Z",
		"2028-02-29T23:59:59Z":      "2028-02-29T23:59:59Z",
	} {
		got, err := ParseMoment(in, alerting.Zone{Location: warsaw})
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s is %s (%v), want %s", in, got.Format(time.RFC3339), err, want)
		}
	}
	for _, in := range []string{"", "now", "2027-02-29 12:00", "2026-10-25", "2026-10-25 24:00", "2026-10-25 2:30", "0001-01-01 00:00", "02:30"} {
		if got, err := ParseMoment(in, alerting.Zone{}); err == nil {
			t.Errorf("%q is taken for %s", in, got)
		}
	}
}

func TestTurnLength(t *testing.T) {
	for in, want := range map[string]string{"day": "day", "1 day": "day", "3 days": "3 days", "3d": "3 days", "7 days": "week", "week": "week", "2 weeks": "2 weeks", "2w": "2 weeks", "14days": "2 weeks", "366 days": "366 days"} {
		var l TurnLength
		if err := l.UnmarshalText([]byte(in)); err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if got, _ := l.MarshalText(); string(got) != want {
			t.Errorf("%q is %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "0 days", "-1 day", "1.5 weeks", "12h", "month", "367 days", "1000 days"} {
		var l TurnLength
		if err := l.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q is taken for %d days", in, l)
		}
	}
}

// A swap may exchange what one before it has given.
func TestSwapAfterSwap(t *testing.T) {
	text := strings.Replace(nights, "    overrides:\n      - {from: 2026-11-25 01:00, until: 2026-11-25 03:00, who: jan", `      - {who: jan, turn: 2026-11-30, with: olga, for: 2026-11-16}
    overrides:
      - {from: 2026-11-25 01:00, until: 2026-11-25 03:00, who: jan`, 1)
	d := parse(t, []byte(text))
	warsaw, _ := time.LoadLocation("Europe/Warsaw")
	plan := d.plan(d.byKey(), warsaw)
	at, _ := ParseMoment("2026-12-01 02:00", plan.Zone)
	if diff := cmp.Diff([]alerting.Person{"olga"}, plan.Rosters["nurses"].OnCall(at, plan.Zone)); diff != "" {
		t.Error(diff)
	}
	if _, err := Parse("a", []byte(strings.Replace(text, "{who: jan, turn: 2026-11-30", "{who: marta, turn: 2026-11-30", 1))); err == nil || !strings.Contains(err.Error(), "swaps[1].turn: no turn or shift of \"marta\" begins on 2026-11-30") {
		t.Errorf("a turn given away is exchanged once more: %v", err)
	}
}
