package alerting

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"telecare/devices"

	"github.com/google/go-cmp/cmp"
)

// TestWhatFaultsHangOn: what hangs on one thing is told together.
func TestWhatFaultsHangOn(t *testing.T) {
	p := ward()
	p.Watches["w-5"] = Watch{Kind: devices.Inactivity, Place: "room-9"}
	p.Watches["w-6"] = Watch{Kind: devices.Inactivity, Place: "room-1", Devices: []devices.ID{"d0", "d3"}}
	m := New()
	m.Step(time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC), Apply{p})
	m.Step(m.Now(), Through{"zigbee", []devices.ID{"d1"}})
	m.Step(m.Now(), Through{"wires", []devices.ID{"d3"}})
	for _, c := range []struct {
		code    FaultCode
		subject string
		want    Chain
	}{
		{Silent, "d1", Chain{OfSource, "zigbee"}},
		{BatteryLow, "d2", Chain{OfSource, ""}}, // heard through nothing yet
		{LinkLost, "zigbee", Chain{OfSource, "zigbee"}},
		{ChainDown, "zigbee", Chain{OfSource, "zigbee"}},
		{CodecDown, "lns/dragino.js", Chain{OfSource, "lns"}},
		{CodecDown, "a/b/dragino.js", Chain{OfSource, "a/b"}},
		{CodecDown, "/dragino.js", Chain{OfSource, ""}},
		{CodecDown, "lns", Chain{OfSource, "lns"}},
		{LinkLost, "usb/0", Chain{OfSource, "usb/0"}},
		{ChannelDown, "sms", Chain{OfChannel, "sms"}},
		{RosterHole, "ward", Chain{Kind: OfRosters}},
		{ContactBad, "marta", Chain{Kind: OfRosters}},
		{WatchBlind, "w-2", Chain{OfSource, "zigbee"}}, // by the sensors of its place
		{WatchBlind, "w-6", Chain{OfSource, "wires"}},  // by the first of its own that was heard
		{WatchBlind, "w-5", Chain{OfOther, "w-5"}},     // by none
		{StoreDown, "journal", Chain{OfGateway, "journal"}},
		{SpoolDown, "spool", Chain{OfGateway, "spool"}},
		{InfluxDown, "influxdb", Chain{OfGateway, "influxdb"}},
		{ClockStepped, "clock", Chain{OfGateway, "clock"}},
		{ConfigRefused, "telecare.yaml", Chain{OfGateway, "telecare.yaml"}},
		{RegistryDown, "registry", Chain{OfGateway, "registry"}},
		{AnswerLost, "lamp", Chain{OfOther, "lamp"}},
	} {
		if got := m.chainOf(c.code, c.subject); got != c.want {
			t.Errorf("%s of %s hangs on %s, want %s", c.code, c.subject, got, c.want)
		}
	}
	delete(p.Devices, "d1")
	m.Step(m.Now(), Apply{p})
	m.Step(m.Now(), Through{"wires", []devices.ID{"ghost"}})
	if m.Source("d1") != "" || m.Source("ghost") != "" || m.Source("d3") != "wires" {
		t.Error("what is no device of the plan is heard through something")
	}
}

// TestWhatFaultsMean: what is worse is told again, what is the same is not.
func TestWhatFaultsMean(t *testing.T) {
	sum := func(people int, s Severity, codes ...FaultCode) FaultSum {
		return FaultSum{Count: len(codes), Severity: s, People: people, Codes: codes}
	}
	none := FaultSum{}
	nuisance, soon := sum(0, Nuisance, InfluxDown), sum(0, SoonUnheard, BatteryLow)
	silent, bare := sum(0, SomebodyUnheard, Silent), sum(1, SomebodyUnheard, Silent)
	everybody := FaultSum{Count: 1, Severity: SomebodyUnheard, Everybody: true}
	for i, s := range []FaultSum{none, nuisance, soon, silent, bare} {
		if s.rank() != i {
			t.Errorf("%+v has rank %d, want %d", s, s.rank(), i)
		}
	}
	if everybody.rank() != bare.rank() || everybody.Unheard() != true || silent.Unheard() {
		t.Error("nobody is heard, and that is not the worst")
	}
	for name, c := range map[string]struct {
		now, than FaultSum
		want      bool
	}{
		"the first nuisance":                  {nuisance, none, false},
		"a battery":                           {soon, nuisance, false},
		"a silent device":                     {silent, soon, true},
		"the first silent device":             {silent, none, true},
		"silent still":                        {silent, silent, false},
		"nobody is without a button any more": {silent, bare, false},
		"somebody is without a button":        {bare, silent, true},
		"one as before":                       {bare, bare, false},
		"two instead of one":                  {sum(2, SomebodyUnheard, Silent), bare, true},
		"three instead of two":                {sum(3, SomebodyUnheard, Silent), sum(2, SomebodyUnheard, Silent), false},
		"four instead of two":                 {sum(4, SomebodyUnheard, Silent), sum(2, SomebodyUnheard, Silent), true},
		"everybody instead of one":            {everybody, bare, false},
		"everybody still":                     {everybody, everybody, false},
		"one instead of everybody":            {bare, everybody, true},
	} {
		if got := c.now.worse(c.than); got != c.want {
			t.Errorf("%s is worse: %t, want %t", name, got, c.want)
		}
	}
	one := FaultSum{Count: 1, Codes: []FaultCode{Silent}, Severity: SomebodyUnheard, Bare: []PlaceID{"room-1"}, People: 1}
	for name, change := range map[string]func(*FaultSum){
		"count": func(s *FaultSum) { s.Count++ }, "people": func(s *FaultSum) { s.People++ }, "everybody": func(s *FaultSum) { s.Everybody = true },
		"severity": func(s *FaultSum) { s.Severity = Nuisance }, "codes": func(s *FaultSum) { s.Codes = []FaultCode{LostPress} },
		"places": func(s *FaultSum) { s.Bare = []PlaceID{"room-2"} },
	} {
		other := one
		change(&other)
		if other.same(one) || one.same(other) || !other.same(other) {
			t.Errorf("with another %s it is the same, or not the same as itself", name)
		}
	}
	for want, s := range map[string]FaultSum{
		"source zigbee, 0: nothing any more":                         {Chain: Chain{OfSource, "zigbee"}},
		"rosters, 2: roster_hole contact_bad":                        {Chain: Chain{Kind: OfRosters}, Count: 2, Codes: []FaultCode{RosterHole, ContactBad}},
		"gateway journal, 1: store_down; everybody without a button": {Chain: Chain{OfGateway, "journal"}, Count: 1, Codes: []FaultCode{StoreDown}, Everybody: true, People: 3},
		"source, 1: silent; 2 without a button at room-1, room-2":    {Chain: Chain{Kind: OfSource}, Count: 1, Codes: []FaultCode{Silent}, People: 2, Bare: []PlaceID{"room-1", "room-2"}},
		"source zigbee, 200: silent; 200 without a button":           {Chain: Chain{OfSource, "zigbee"}, Count: 200, Codes: []FaultCode{Silent}, People: 200},
	} {
		if got := s.text(); got != want {
			t.Errorf("shown as %q, want %q", got, want)
		}
	}
}

// TestWhatACallSaysOfFaults: what they hang on where that has a name of its own,
// and the places that the channel may name.
func TestWhatACallSaysOfFaults(t *testing.T) {
	call := func(p PlaceID) string {
		return map[PlaceID]string{"room-1": "Room 1", "room-2": "Room 2"}[p]
	}
	var none *FaultSum
	if none.ForCall(call) != nil {
		t.Error("an alarm without faults has some")
	}
	sum := FaultSum{
		Count: 3, Codes: []FaultCode{Silent, BatteryLow}, Severity: SomebodyUnheard,
		At: []PlaceID{"room-1", "room-9"}, Bare: []PlaceID{"room-9", "room-2"}, People: 2, Everybody: true,
	}
	want := CallFaults{Count: 3, Codes: []FaultCode{Silent, BatteryLow}, At: []string{"Room 1"}, Without: []string{"Room 2"}, People: 2, Everybody: true}
	for chain, root := range map[Chain]string{
		{OfSource, "zigbee"}: "zigbee", {OfChannel, "sms"}: "sms", {OfGateway, "journal"}: "journal", {OfRosters, "x"}: "", {OfOther, "lamp"}: "",
	} {
		sum.Chain, want.Root = chain, root
		sum.Everybody, want.Everybody = chain.Kind == OfGateway, chain.Kind == OfGateway
		if diff := cmp.Diff(&want, sum.ForCall(call)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", chain, diff)
		}
	}
}

// TestMostFaults: however many there are, a call names few places, and of so many
// people without a button none.
func TestMostFaults(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	for n, want := range map[int]struct{ people, bare, at int }{
		3: {3, 3, 3}, 9: {9, 8, 8}, 199: {199, 8, 8}, 200: {200, 0, 8}, 201: {200, 0, 0},
	} {
		p := Plan{
			Site: "lipowa", Default: "ward", LastResort: "jan", Devices: map[devices.ID]Device{}, Faults: &FaultPlan{Policy: "ward"},
			People:   map[Person]Responder{"jan": {Contacts: []Contact{{Channel: "phone"}}}},
			Policies: map[PolicyID]Policy{"ward": {Steps: []PolicyStep{{Call: []Target{{Person: "jan"}}, Wait: time.Minute}}}},
		}
		p.Devices["nowhere"] = Device{Sensor: true}
		for i := range n {
			p.Devices[devices.ID(fmt.Sprintf("b-%03d", i))] = Device{Place: PlaceID(fmt.Sprintf("flat-%03d", i)), Button: true}
		}
		m := New()
		m.Step(at, Apply{p})
		for i := range n {
			m.Step(at, FaultEdge{Silent, fmt.Sprintf("b-%03d", i), true})
		}
		m.Step(at.Add(Gathering-1), Tick{})
		if len(m.Alarms()) != 0 {
			t.Fatalf("%d faults are told before they are gathered", n)
		}
		m.Step(at.Add(Gathering), Tick{})
		got := m.Alarms()[0].Faults
		if got.Count != n || got.People != want.people || len(got.Bare) != want.bare || len(got.At) != want.at || !slices.IsSorted(got.Bare) || !slices.IsSorted(got.At) {
			t.Errorf("%d faults: %+v", n, got)
		}
	}
}

// TestFaultsInOrder: groups are kept in one order, and what is nowhere is at no
// place that a call could name.
func TestFaultsInOrder(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	p := ward()
	p.Faults = &FaultPlan{Policy: "ward"}
	p.Devices["nowhere"] = Device{Sensor: true}
	p.Devices["bulb"] = Device{Place: "room-1"}
	m := New()
	m.Step(at, Apply{p})
	m.Step(at, Through{"zigbee", []devices.ID{"nowhere", "bulb"}})
	for _, f := range []FaultEdge{
		{ChannelDown, "sms", true}, {LinkLost, "lora", true}, {BatteryLow, "nowhere", true}, {BatteryLow, "bulb", true}, {ChannelDown, "push", true}, {StoreDown, "journal", true},
		{DeviceFault, "a", true}, {LinkLost, "mqtt", true},
	} {
		m.Step(at, f)
	}
	var order []string
	for _, c := range m.chains() {
		order = append(order, c.String())
	}
	want := []string{"channel push", "channel sms", "gateway journal", "other a", "rosters", "source lora", "source mqtt", "source zigbee"}
	if !slices.Equal(order, want) {
		t.Errorf("the order is %q, want %q", order, want)
	}
	m.Step(at.Add(Gathering), Tick{})
	for _, a := range m.Alarms() {
		if a.Faults.Chain.ID == "zigbee" && !slices.Equal(a.Faults.At, []PlaceID{"room-1"}) {
			t.Errorf("the batteries are at %q", a.Faults.At)
		}
	}
	if len(m.Alarms()) != len(want) {
		t.Errorf("%d alarms of %d chains", len(m.Alarms()), len(want))
	}
}

// TestAnswersOfALink: buttons under a message, where there is something to answer.
func TestAnswersOfALink(t *testing.T) {
	link := "https://desk/a/token"
	take, decline, ok := Call{Link: link, Reason: Calling}.Answers()
	if take != "https://desk/api/v1/links/token/take" || decline != "https://desk/api/v1/links/token/decline" || !ok {
		t.Errorf("%q and %q: %t", take, decline, ok)
	}
	for name, c := range map[string]Call{"no link": {Reason: Calling}, "it is taken care of": {Link: link, Reason: Stopped}, "another page": {Link: "https://desk/", Reason: Calling}} {
		if take, decline, ok := c.Answers(); take != "" || decline != "" || ok {
			t.Errorf("%s: %q and %q: %t", name, take, decline, ok)
		}
	}
}
