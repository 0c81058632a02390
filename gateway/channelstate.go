package gateway

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"telecare/alerting"
)

// TestResult is what a silent test found.
type TestResult string

// Results. Neither of the last two is a good one.
const (
	TestedWell TestResult = "well"
	TestFailed TestResult = "failed"
	Untested   TestResult = "untested"   // not yet, or it told nothing
	Untestable TestResult = "untestable" // it cannot be tested silently
)

// TestResults lists them.
func TestResults() []TestResult { return []TestResult{TestedWell, TestFailed, Untested, Untestable} }

// ChannelState is what is known of a channel by its silent tests and its calls.
type ChannelState struct {
	Channel  alerting.ChannelID
	Result   TestResult // of the newest test
	Error    string     // why that failed, in a word
	TestedAt time.Time  // zero: never yet
	Testing  bool       // now
	Next     time.Time  // zero: not by itself
	// CalledAt is when the newest call had a result by it; zero: none since the
	// start. CallError says why it failed, in a word.
	CalledAt  time.Time
	CallError string
	Contacts  []ContactState // by person
}

// ContactState is what is known of a responder's contact on a channel.
type ContactState struct {
	Person alerting.Person
	Result TestResult
	Error  string
	At     time.Time // zero: never yet
}

// ChannelStates lists all channels by name, with those that contacts name and
// telecare.yaml does not have.
func (g *Gateway) ChannelStates() []ChannelState { return *g.tests.shown.Load() }

// TestChannel has a channel tested as soon as no call goes out by it; false:
// there is none of that name that can be.
func (g *Gateway) TestChannel(id alerting.ChannelID) bool {
	for _, s := range g.ChannelStates() {
		if s.Channel == id && s.Result != Untestable {
			g.tests.inbox.put(testNotice{now: id})
			return true
		}
	}
	return false
}

// ContactKnown takes in what a contact's own channel has found out of it beside
// all tests, in the words of ContactTest.
func (g *Gateway) ContactKnown(channel alerting.ChannelID, who alerting.Person, retry bool, err error) {
	g.tests.inbox.put(testNotice{known: &testResult{channel: channel, to: who, retry: retry, err: err}})
}

// ContactOf is the subject of the fault ContactBad.
func ContactOf(who alerting.Person, channel alerting.ChannelID) string {
	return string(who) + "/" + string(channel)
}

// tell shows how things stand, and has contacts that do not work a fault.
func (t *tests) tell() {
	states := []ChannelState{}
	for _, c := range t.sorted() {
		s := c.state
		s.Testing, s.Next = c.stop != nil, c.due
		if !s.Next.IsZero() && c.hold.After(s.Next) {
			s.Next = c.hold
		}
		for _, who := range slices.Sorted(maps.Keys(c.contacts)) {
			s.Contacts = append(s.Contacts, c.contacts[who].state)
		}
		states = append(states, s)
	}
	states = append(states, t.missing()...)
	slices.SortFunc(states, func(a, b ChannelState) int { return cmp.Compare(a.Channel, b.Channel) })
	t.shown.Store(&states)
	t.measure(states)

	bad := map[string]bool{}
	for _, s := range states {
		for _, k := range s.Contacts {
			if k.Result == TestFailed {
				bad[ContactOf(k.Person, s.Channel)] = true
			}
		}
	}
	for _, subject := range slices.Sorted(maps.Keys(t.told)) {
		if !bad[subject] {
			delete(t.told, subject)
			t.g.Condition(alerting.ContactBad, subject, false)
		}
	}
	for _, subject := range slices.Sorted(maps.Keys(bad)) {
		if !t.told[subject] {
			t.told[subject] = true
			t.g.o.Log.Warn("a contact of a responder does not work", "contact", subject)
			t.g.Condition(alerting.ContactBad, subject, true)
		}
	}
}

// missing are the channels that contacts name and telecare.yaml does not have.
func (t *tests) missing() []ChannelState {
	if !t.wired { // it is not known yet which there are
		return nil
	}
	by := map[alerting.ChannelID]*ChannelState{}
	for _, who := range slices.Sorted(maps.Keys(t.site.Plan.People)) {
		for _, c := range t.site.Plan.People[who].Contacts {
			if t.all[c.Channel] != nil {
				continue
			}
			if by[c.Channel] == nil {
				by[c.Channel] = &ChannelState{Channel: c.Channel, Result: TestFailed, Error: word(errNoChannel)}
			}
			by[c.Channel].Contacts = append(by[c.Channel].Contacts, ContactState{Person: who, Result: TestFailed, Error: word(errNoChannel)})
		}
	}
	var out []ChannelState
	for _, s := range by {
		out = append(out, *s)
	}
	return out
}

// measure counts for technicians.
func (t *tests) measure(states []ChannelState) {
	contacts := map[TestResult]int{}
	for _, s := range states {
		for _, k := range s.Contacts {
			contacts[k.Result]++
		}
		if s.TestedAt.IsZero() {
			continue
		}
		well := map[bool]float64{true: 1}[s.Result == TestedWell]
		t.g.o.Meter.Set("telecare_channel_test_ok", string(s.Channel), well)
		t.g.o.Meter.Set("telecare_channel_tested_timestamp_seconds", string(s.Channel), float64(s.TestedAt.Unix()))
	}
	for _, r := range TestResults() {
		t.g.o.Meter.Set("telecare_contacts", string(r), float64(contacts[r]))
	}
}
