package gateway

import (
	"cmp"
	"context"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"telecare/alerting"
)

// SilentTest is a Notifier that can be tried without waking anybody.
type SilentTest interface {
	// Test returns nil when the channel would take a call now, as far as can be
	// known without one. It honours ctx, and holds nothing that a call waits for
	// any longer than that: a call ends a test.
	Test(ctx context.Context) error
}

// ContactTest is a SilentTest that can say something of one responder's address.
type ContactTest interface {
	// TestContact returns what Notify would, as far as can be known without a
	// message: for an error retry is false when the address is wrong or refused
	// for good, and true when nothing is known of it now. Without an error it is
	// true when there is nothing wrong to be seen and nothing can be known.
	TestContact(ctx context.Context, address string) (retry bool, err error)
}

// PersonTest is the same for a channel that knows people by their ids: they have
// no address on it.
type PersonTest interface {
	TestPerson(ctx context.Context, who alerting.Person) (retry bool, err error)
}

// contactTester is how a contact on a channel is tested; nil: it cannot be.
func contactTester(n Notifier) func(context.Context, alerting.Person, string) (bool, error) {
	switch n := n.(type) {
	case ContactTest:
		return func(ctx context.Context, _ alerting.Person, address string) (bool, error) {
			return n.TestContact(ctx, address)
		}
	case PersonTest:
		return func(ctx context.Context, who alerting.Person, _ string) (bool, error) { return n.TestPerson(ctx, who) }
	}
	return nil
}

// DefaultTestEvery is how often a channel is tested where nothing else is said.
const DefaultTestEvery = 24 * time.Hour

const (
	// testSpread is how long after the start, or a change, the last channel is
	// tested first, so that not all are at once.
	testSpread = 2 * time.Minute
	// afterCall is how long a channel is left alone when a call was sent by it.
	afterCall = time.Minute
	// contactPace lies between the contacts of a channel: a server that counts
	// how often somebody signs in must not turn the next call away.
	contactPace = 2 * time.Second
	// badContactEvery is how soon a contact that is refused is tried again.
	badContactEvery = time.Hour
	// unknownInRow is how many contacts in a row may say nothing before the
	// others are left for the next time.
	unknownInRow = 3
)

// retest is when a channel is tried again that has failed so many times: a wrong
// password tried too often would close an account.
func retest(failures int, every time.Duration) time.Duration {
	d := time.Hour
	if waits := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}; failures <= len(waits) {
		d = waits[failures-1]
	}
	if every > 0 {
		d = min(d, every)
	}
	return d
}

// spread is when in a span a channel has its turn, the same at each start.
func spread(id alerting.ChannelID, span time.Duration) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(id))
	return time.Duration(h.Sum32()) % span
}

// tests try every channel and every contact on schedule and wake nobody: each
// channel in a goroutine and by a connection of its own. A test begins only when
// no call was sent by its channel within a minute, and ends at once when one is.
type tests struct {
	g     *Gateway
	inbox *mailbox[testNotice]
	shown atomic.Pointer[[]ChannelState]
	wait  sync.WaitGroup

	all   map[alerting.ChannelID]*channelTest
	wired bool // it is known which channels there are
	site  Site
	told  map[string]bool // contacts that are a fault

	toSave     chan testsKept // nil: nothing is kept
	remembered bool           // what was kept before the start is read
}

// channelTest is a channel and how it is tested.
type channelTest struct {
	notifier Notifier
	every    time.Duration // 0: only when somebody wants it
	due      time.Time     // zero: not by itself
	whole    bool          // with contacts that were well a short while ago
	hold     time.Time     // not before it: a call goes first
	failures int           // tests in a row
	refused  bool          // the last call was, in a way that no test can prove wrong
	round    int           // counts them; what an older one says is nothing
	began    time.Time
	stop     context.CancelFunc // ends the round under way; nil when none is
	state    ChannelState
	contacts map[alerting.Person]*contactTest
}

type contactTest struct {
	address string
	state   ContactState
}

// testNotice is one thing for the tests. Exactly one of its parts is used.
type testNotice struct {
	site  *Site
	wired *Wiring
	now   alerting.ChannelID // to be tested now
	// A call goes out by a channel, or has a result.
	call   alerting.ChannelID
	via    Notifier // what had the result; nil: it goes out
	word   string   // why it failed
	result *testResult
	known  *testResult // found out of a contact without a test
	kept   *testsKept  // before the start
}

// testResult is what a round found: of the channel, of a contact, or its end.
type testResult struct {
	channel alerting.ChannelID
	round   int
	to      alerting.Person
	ended   bool
	retry   bool
	err     error
}

func newTests(g *Gateway) *tests {
	t := &tests{g: g, inbox: newMailbox[testNotice](), site: g.o.Site, all: map[alerting.ChannelID]*channelTest{}, told: map[string]bool{}}
	t.shown.Store(&[]ChannelState{})
	t.inbox.put(testNotice{wired: &Wiring{Notifiers: g.o.Notifiers, TestEvery: g.o.TestEvery}})
	return t
}

func (t *tests) run(ctx context.Context) error {
	defer t.wait.Wait()
	saved := t.keep(ctx)
	defer func() { <-saved }()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var notices []testNotice
	for {
		now := time.Now()
		t.begin(ctx, now)
		t.tell()
		t.save()
		timer.Reset(t.sleep(now))
		select {
		case <-ctx.Done():
			if t.toSave != nil {
				close(t.toSave)
			}
			return nil
		case <-t.inbox.wake:
			notices = t.inbox.take(notices)
			for i := range notices {
				t.notice(&notices[i], time.Now())
			}
		case <-timer.C:
		}
	}
}

func (t *tests) notice(n *testNotice, now time.Time) {
	switch {
	case n.site != nil:
		t.site = *n.site
		for id, c := range t.all {
			if t.contactsOf(id, c) && c.every > 0 {
				c.due = earlier(c.due, now.Add(contactPace))
			}
		}
	case n.wired != nil:
		t.wire(n.wired, now)
	case n.now != "":
		if c := t.all[n.now]; c != nil {
			c.due, c.whole = now, true
		}
	case n.call != "":
		t.called(n, now)
	case n.result != nil:
		if c := t.all[n.result.channel]; c != nil && c.round == n.result.round && c.stop != nil {
			t.take(c, n.result, now)
		}
	case n.kept != nil:
		t.remember(*n.kept, now)
	case n.known != nil:
		if c := t.all[n.known.channel]; c != nil {
			t.take(c, n.known, now)
		}
	}
}

// wire takes in what channels there are from now on. One that is another one now
// is untested.
func (t *tests) wire(w *Wiring, now time.Time) {
	t.wired = true
	for id, c := range t.all {
		if w.Notifiers[id] != c.notifier {
			c.end()
			delete(t.all, id)
		}
	}
	for id, n := range w.Notifiers {
		every, said := w.TestEvery[id]
		if !said {
			every = DefaultTestEvery
		}
		if t.all[id] != nil {
			continue
		}
		c := &channelTest{notifier: n, every: every, state: ChannelState{Channel: id, Result: Untested}, contacts: map[alerting.Person]*contactTest{}}
		if _, ok := n.(SilentTest); !ok {
			c.state.Result, c.every = Untestable, 0
		}
		if c.every > 0 {
			c.due = now.Add(spread(id, testSpread))
		}
		t.all[id] = c
		t.contactsOf(id, c)
	}
}

// contactsOf brings a channel's contacts up to date, and reports whether any is
// to be tested anew.
func (t *tests) contactsOf(id alerting.ChannelID, c *channelTest) (news bool) {
	testable := contactTester(c.notifier) != nil
	for who, p := range t.site.Plan.People {
		if !p.On(id) {
			delete(c.contacts, who)
			continue
		}
		address := t.site.Addresses[who][id]
		if old := c.contacts[who]; old != nil && old.address == address {
			continue
		}
		k := &contactTest{address, ContactState{Person: who, Result: Untested}}
		if !testable {
			k.state.Result = Untestable
		}
		c.contacts[who] = k
		news = news || testable
	}
	maps.DeleteFunc(c.contacts, func(who alerting.Person, _ *contactTest) bool {
		_, ok := t.site.Plan.People[who]
		return !ok
	})
	return news
}

// called: calls go first. What became of one says more than any test.
func (t *tests) called(n *testNotice, now time.Time) {
	c := t.all[n.call]
	if c == nil || n.via != nil && n.via != c.notifier {
		return
	}
	c.hold = now.Add(afterCall)
	if c.stop != nil {
		c.end()
		c.due = c.hold
	}
	if n.via == nil {
		return
	}
	c.state.CalledAt, c.state.CallError = now, n.word
	c.refused = strings.HasPrefix(n.word, "status ")
	switch {
	case n.word == "":
		c.failures = 0
	case c.every > 0:
		c.due = earlier(c.due, c.hold)
	}
}

// end ends the round under way.
func (c *channelTest) end() {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
}

// begin starts the rounds that are due.
func (t *tests) begin(ctx context.Context, now time.Time) {
	for _, c := range t.sorted() {
		n, ok := c.notifier.(SilentTest)
		if !ok || c.stop != nil || c.due.IsZero() || c.due.After(now) || c.hold.After(now) {
			continue
		}
		var round context.Context
		round, c.stop = context.WithCancel(ctx)
		c.round++
		c.began = now
		var contacts []contactTest
		for _, who := range slices.Sorted(maps.Keys(c.contacts)) {
			k := *c.contacts[who]
			if c.whole || k.state.Result != TestedWell || now.Sub(k.state.At) >= c.every/2 {
				contacts = append(contacts, k)
			}
		}
		c.whole = false
		of := testResult{channel: c.state.Channel, round: c.round}
		t.wait.Go(func() { t.try(round, n, contactTester(c.notifier), of, contacts) })
	}
}

// try is one round: the channel, then its contacts.
func (t *tests) try(ctx context.Context, n SilentTest, by func(context.Context, alerting.Person, string) (bool, error), of testResult, contacts []contactTest) {
	say := func(r testResult) {
		r.channel, r.round = of.channel, of.round
		t.inbox.put(testNotice{result: &r})
	}
	within := func(do func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, t.g.o.TryFor)
		defer cancel()
		return do(ctx)
	}
	err := within(n.Test)
	say(testResult{err: err})
	defer say(testResult{ended: true})
	if err != nil || by == nil {
		return
	}
	pace := time.NewTimer(0)
	defer pace.Stop()
	silent := 0
	for _, k := range contacts {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		pace.Reset(contactPace)
		r := testResult{to: k.state.Person}
		r.err = within(func(ctx context.Context) (err error) {
			r.retry, err = by(ctx, k.state.Person, k.address)
			return err
		})
		say(r)
		if silent++; r.err == nil || !r.retry {
			silent = 0
		}
		if silent == unknownInRow {
			return
		}
	}
}

// take takes in what a round has found.
func (t *tests) take(c *channelTest, r *testResult, now time.Time) {
	switch {
	case r.ended:
		c.end()
		if c.state.Result == TestFailed {
			return // that has been settled
		}
		c.due = time.Time{}
		if c.every > 0 {
			c.due = c.began.Add(c.every)
			for _, k := range c.contacts {
				if k.state.Result == TestFailed {
					c.due = earlier(c.due, c.began.Add(badContactEvery))
				}
			}
		}
	case r.to != "":
		k := c.contacts[r.to]
		switch {
		case k == nil:
		case r.err == nil && r.retry:
			k.state.Result, k.state.Error, k.state.At = Untestable, "", now
		case r.err == nil:
			k.state.Result, k.state.Error, k.state.At = TestedWell, "", now
		case !r.retry:
			k.state.Result, k.state.Error, k.state.At = TestFailed, word(r.err), now
		case k.state.Result == Untested:
			k.state.Error = word(r.err)
		}
	case r.err == nil:
		c.failures = 0
		c.state.Result, c.state.Error, c.state.TestedAt = TestedWell, "", now
		if !c.refused {
			t.down(c, false)
		}
	default:
		c.failures++
		c.state.Result, c.state.Error, c.state.TestedAt = TestFailed, word(r.err), now
		c.due = now.Add(retest(c.failures, c.every))
		if c.every == 0 {
			c.due = time.Time{}
		}
		t.g.o.Log.Warn("a silent test of a channel has failed", "channel", c.state.Channel, "word", c.state.Error, "in_a_row", c.failures)
		if c.failures > 1 {
			t.down(c, true)
		}
	}
}

// down tells the loop as a call would: it knows which notifier counts.
func (t *tests) down(c *channelTest, on bool) {
	id := c.state.Channel
	t.g.inbox.put(item{condition: &condition{alerting.ChannelDown, string(id)}, on: on, channel: id, via: c.notifier})
}

// sleep is how long nothing is due.
func (t *tests) sleep(now time.Time) time.Duration {
	d := time.Hour
	for _, c := range t.all {
		if c.stop != nil || c.due.IsZero() {
			continue
		}
		at := c.due
		if c.hold.After(at) {
			at = c.hold
		}
		d = min(d, max(at.Sub(now), 0))
	}
	return d
}

// earlier is the earlier of two times, of which a zero one is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// sorted are the channels by name.
func (t *tests) sorted() []*channelTest {
	return slices.SortedFunc(maps.Values(t.all), func(a, b *channelTest) int { return cmp.Compare(a.state.Channel, b.state.Channel) })
}
