package alerting

import (
	"slices"
	"testing"
	"time"

	"telecare/devices"
)

// TestWhoIsToldIsChecked: every mistake in who is told of whom is refused in its
// own words, and the last value that is still allowed is not.
func TestWhoIsToldIsChecked(t *testing.T) {
	good := Informed{Resident: "anna", To: "marta", Channel: "sms", Of: []News{NewsRaised, NewsThere, NewsClosed}}
	with := func(change func(*Informed)) []Informed {
		i := good
		change(&i)
		return []Informed{i}
	}
	for name, c := range map[string]struct {
		told []Informed
		want string // "" is none
	}{
		"good":                      {[]Informed{good}, ``},
		"of two":                    {append(with(func(i *Informed) { i.Resident = "maria" }), good), ``},
		"two of one":                {append(with(func(i *Informed) { i.To, i.Channel = "jan", "phone" }), good), ``},
		"twice":                     {append(with(func(i *Informed) { i.Channel = "phone" }), good), `"marta" is told of "anna" twice`},
		"of nobody":                 {with(func(i *Informed) { i.Resident = "" }), `informed 1 is told of no resident`},
		"the second of nobody":      {append(with(func(i *Informed) {}), with(func(i *Informed) { i.Resident = "" })...), `informed 2 is told of no resident`},
		"a stranger":                {with(func(i *Informed) { i.To = "who" }), `"who" is told of "anna" on channel "sms", which is none of theirs`},
		"channel of somebody else":  {with(func(i *Informed) { i.Channel = "screen" }), `"marta" is told of "anna" on channel "screen", which is none of theirs`},
		"nothing":                   {with(func(i *Informed) { i.Of = nil }), `"marta" is told nothing of "anna"`},
		"signs alone":               {with(func(i *Informed) { i.Of, i.Signs = nil, true }), ``},
		"signs at midnight":         {with(func(i *Informed) { i.Signs, i.SignsAt = true, 0 }), ``},
		"signs at last":             {with(func(i *Informed) { i.Signs, i.SignsAt = true, 24*60-1 }), ``},
		"signs before midnight":     {with(func(i *Informed) { i.Signs, i.SignsAt = true, -1 }), `"marta" is told of "anna" at a time outside 00:00 to 24:00`},
		"signs at midnight to come": {with(func(i *Informed) { i.Signs, i.SignsAt = true, 24*60 }), `"marta" is told of "anna" at a time outside 00:00 to 24:00`},
		"resting, signs":            {with(func(i *Informed) { i.Resting = TellSigns }), ``},
		"resting, all":              {with(func(i *Informed) { i.Resting = TellAll }), ``},
		"resting, some":             {with(func(i *Informed) { i.Resting = "some" }), `"marta" is told "some" of "anna" while resting; give signs, all, or nothing`},
		"of what is no news":        {with(func(i *Informed) { i.Of = []News{NewsRaised, NewsReopened} }), `"marta" is told of "anna" that it is "reopened", which is none of the news`},
	} {
		p := ward()
		p.Informed = c.told
		got := ""
		if err := p.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// TestNothingShowsWhoIsNowhere: of somebody who stays nowhere only what they wear
// says anything, not what is nowhere, too.
func TestNothingShowsWhoIsNowhere(t *testing.T) {
	p := ward()
	p.Devices["spare"] = Device{Sensor: true}
	p.Devices["worn"] = Device{Button: true, Resident: "maria"}
	m := New()
	m.Step(time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC), Apply{p})
	if by, shared, away := m.ShownBy("maria"); !slices.Equal(by, []devices.ID{"worn"}) || shared || away {
		t.Errorf("shown by %q, shared %t, away %t", by, shared, away)
	}
}
