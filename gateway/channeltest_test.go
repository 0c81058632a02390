package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
)

// silent is a phone that can be tested without ringing.
type silent struct {
	phone
	mu      sync.Mutex
	tests   []time.Time
	tried   []string // addresses
	down    error
	hang    bool
	ended   int
	refused map[string]error // addresses
	unsure  map[string]error
	formal  bool // of an address only its form is known
}

func (s *silent) Test(ctx context.Context) error {
	s.mu.Lock()
	s.tests = append(s.tests, time.Now())
	hang, down := s.hang, s.down
	s.mu.Unlock()
	if hang {
		<-ctx.Done()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended++
		return ctx.Err()
	}
	return down
}

func (s *silent) TestContact(_ context.Context, address string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, address)
	if err := s.unsure[address]; err != nil {
		return true, err
	}
	return s.formal && s.refused[address] == nil, s.refused[address]
}

func (s *silent) set(f func()) { s.mu.Lock(); defer s.mu.Unlock(); f() }

// at says when tests were, since a time.
func (s *silent) at(since time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, t := range s.tests {
		out = append(out, t.Sub(since).Round(time.Second).String())
	}
	return strings.Join(out, " ")
}

// gaveUp is how many hung until they were ended.
func (s *silent) gaveUp() int { s.mu.Lock(); defer s.mu.Unlock(); return s.ended }

// mailed is a night in which marta has a mailbox on a channel that can be
// tested, too.
func mailed(t *testing.T) (*night, *silent) {
	n := newNight(t)
	n.site.Plan.People["marta"] = alerting.Responder{Contacts: []alerting.Contact{{Channel: "phone"}, {Channel: "mail"}}}
	n.site.Addresses = map[alerting.Person]map[alerting.ChannelID]string{"marta": {"mail": "marta@example.org"}}
	return n, &silent{refused: map[string]error{}, unsure: map[string]error{}}
}

func (n *night) startTested(mail Notifier, every map[alerting.ChannelID]time.Duration) {
	n.t.Helper()
	n.startWith(New(Options{
		Site: n.site, Journal: n.disk, History: n.disk,
		Notifiers:  map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre, "mail": mail},
		Publishers: []Publisher{n.board}, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler), TestEvery: every, Tests: n.lives,
	}))
}

func (n *night) channel(id alerting.ChannelID) ChannelState {
	for _, s := range n.g.ChannelStates() {
		if s.Channel == id {
			return s
		}
	}
	n.t.Fatalf("no channel %q", id)
	return ChannelState{}
}

// A channel is tested soon after the start and then on schedule; one that fails
// sooner again, and is a fault at the second time; a test that is well ends it.
func TestChannelTestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, mail := mailed(t)
		start := time.Now()
		n.startTested(mail, map[alerting.ChannelID]time.Duration{"mail": 3 * time.Hour})
		first := spread("mail", testSpread).Round(time.Second)
		n.expect("not yet", n.channel("mail").Result, Untested)
		n.expect("what cannot be tested", n.channel("phone").Result, Untestable)
		time.Sleep(7 * time.Hour)
		synctest.Wait()
		n.expect("on schedule", mail.at(start), fmt.Sprint(first, " ", first+3*time.Hour, " ", first+6*time.Hour))
		n.expect("well", n.channel("mail").Result, TestedWell)
		n.expect("its contact", n.channel("mail").Contacts[0].Result, TestedWell)
		n.expect("and nobody was called", len(n.marta.rang())+len(mail.rang()), 0)

		mail.set(func() { mail.down, mail.tests = worded("login"), nil })
		n.expect("by hand", n.g.TestChannel("mail"), true)
		n.expect("one that cannot", n.g.TestChannel("phone"), false)
		n.expect("one that there is not", n.g.TestChannel("fax"), false)
		start = time.Now()
		time.Sleep(45 * time.Second)
		synctest.Wait()
		n.expect("once is no fault", n.board.fault("channel_down mail"), false)
		n.expect("but is shown", n.channel("mail").Error, "login")
		time.Sleep(time.Minute)
		synctest.Wait()
		n.expect("twice is one", n.board.fault("channel_down mail"), true)
		time.Sleep(3 * time.Hour)
		n.expect("sooner again, and more seldom", mail.at(start), "0s 1m0s 6m0s 21m0s 1h21m0s 2h21m0s")
		mail.set(func() { mail.down = nil })
		time.Sleep(time.Hour)
		synctest.Wait()
		n.expect("well again", n.board.fault("channel_down mail"), false)
		n.stop()
	})
}

// A press calls at once while a test hangs: the test ends for it, does not count,
// and comes again when no call was sent for a minute.
func TestChannelTestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, mail := mailed(t)
		mail.hang = true
		n.startTested(mail, nil)
		time.Sleep(spread("mail", testSpread) + time.Second)
		synctest.Wait()
		n.expect("it hangs", n.channel("mail").Testing, true)
		_, a := n.presses("pendant 7")
		n.expect("called at once by the phone", n.marta.rang(), []string{"call panic Room 7 to marta"})
		n.expect("and by the channel that is tested", mail.rang(), []string{"call panic Room 7 to marta"})
		n.expect("answered", a, "answered")
		n.expect("the test has ended", mail.gaveUp(), 1)
		n.expect("and says nothing", n.channel("mail").Result, Untested)
		n.expect("the call does", n.channel("mail").CallError == "" && !n.channel("mail").CalledAt.IsZero(), true)

		mail.set(func() { mail.tests, mail.hang = nil, false })
		time.Sleep(59 * time.Second)
		id := n.board.open()[0].ID
		n.expect("take", n.g.Act(t.Context(), alerting.Take{Alarm: id, By: "marta"}), nil)
		synctest.Wait()
		n.g.TestChannel("mail")
		synctest.Wait()
		n.expect("left alone while it calls", mail.at(time.Time{}), "")
		time.Sleep(time.Hour)
		synctest.Wait()
		n.expect("then tested", n.channel("mail").Result, TestedWell)
		n.stop()
	})
}

// A test that does not end has its deadline; with every channel hanging a press
// calls all the same.
func TestChannelTestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, mail := mailed(t)
		mail.hang = true
		n.startTested(mail, nil)
		time.Sleep(testSpread + 10*time.Second)
		synctest.Wait()
		n.expect("its deadline has passed", n.channel("mail").Error, "timeout")
		n.stop() // while the next one hangs
	})
}

// A contact that is refused is that contact's fault and not the channel's. What
// tells nothing changes nothing, and a registry that has changed is tried at once.
func TestContactBad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, mail := mailed(t)
		n.site.Plan.People["ola"] = alerting.Responder{Contacts: []alerting.Contact{{Channel: "mail"}, {Channel: "fax"}}}
		n.site.Addresses["ola"] = map[alerting.ChannelID]string{"mail": "ola@example.org"}
		mail.refused["ola@example.org"] = worded("status 550")
		mail.unsure["marta@example.org"] = worded("status 451")
		n.startTested(mail, nil)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		n.expect("a channel that there is not", n.board.fault("contact_bad ola/fax"), true)
		n.expect("is listed", n.channel("fax").Error, "no such channel")
		time.Sleep(testSpread + 10*time.Second)
		synctest.Wait()
		n.expect("refused", n.board.fault("contact_bad ola/mail"), true)
		n.expect("not known", n.board.fault("contact_bad marta/mail"), false)
		n.expect("and not said to be well", n.channel("mail").Contacts[0].Result, Untested)
		n.expect("the channel is well", n.board.fault("channel_down mail"), false)

		mail.set(func() { mail.tried = nil; clear(mail.unsure) })
		n.g.Condition(alerting.ChannelDown, "mail", false)
		time.Sleep(time.Hour)
		synctest.Wait()
		mail.set(func() {
			n.expect("both again within the hour", mail.tried, "[marta@example.org ola@example.org]")
			mail.tried = nil
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		mail.set(func() { n.expect("then what is refused", mail.tried, "[ola@example.org]"); mail.tried = nil })

		n.stop() // over a restart it is found again
		n.startTested(mail, nil)
		time.Sleep(testSpread + 10*time.Second)
		synctest.Wait()
		n.expect("after a restart", n.board.fault("contact_bad ola/mail"), true)

		site := n.site
		site.Addresses = map[alerting.Person]map[alerting.ChannelID]string{"marta": {"mail": "marta@example.org"}, "ola": {"mail": "ola.k@example.org"}}
		n.g.Apply(site)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		n.expect("corrected", n.board.fault("contact_bad ola/mail"), false)
		n.expect("and tested", n.channel("mail").Contacts[1].Result, TestedWell)
		site.Plan.People = maps.Clone(site.Plan.People)
		mail.set(func() { mail.formal = true })
		n.g.TestChannel("mail")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		n.expect("of which nothing can be known", n.channel("mail").Contacts[1].Result, Untestable)
		delete(site.Plan.People, "ola")
		n.g.Apply(site)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		n.expect("gone", n.board.fault("contact_bad ola/fax"), false)
		n.expect("and not listed", len(n.channel("mail").Contacts), 1)
		n.stop()
	})
}

// byPerson is a channel that knows people by their ids.
type byPerson struct {
	phone
	mu    sync.Mutex
	tried []alerting.Person
	bad   error
}

func (*byPerson) Test(context.Context) error { return nil }

func (b *byPerson) TestPerson(_ context.Context, who alerting.Person) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tried = append(b.tried, who)
	return false, b.bad
}

// What a channel finds out of a contact by itself is known at once, and again by
// its next test.
func TestContactKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := mailed(t)
		by := &byPerson{}
		n.startTested(by, nil)
		time.Sleep(testSpread + 10*time.Second)
		synctest.Wait()
		n.expect("by the id", fmt.Sprint(by.tried), "[marta]")
		n.expect("well", n.channel("mail").Contacts[0].Result, TestedWell)
		n.g.ContactKnown("mail", "marta", false, worded("no phone"))
		n.g.ContactKnown("mail", "nobody", false, worded("no phone"))
		n.g.ContactKnown("fax", "marta", false, worded("no phone"))
		synctest.Wait()
		n.expect("at once", n.channel("mail").Contacts[0].Error, "no phone")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		n.expect("a fault", n.board.fault("contact_bad marta/mail"), true)
		n.g.ContactKnown("mail", "marta", true, nil)
		time.Sleep(time.Second)
		synctest.Wait()
		n.expect("not any more", n.board.fault("contact_bad marta/mail"), false)
		n.expect("and nothing is known", n.channel("mail").Contacts[0].Result, Untestable)
		n.stop()
	})
}

// A call says more than a test: one that is well ends a fault of tests; one that
// was answered with a refusal is not proved wrong by a test that is well.
func TestCallsOverTests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, mail := mailed(t)
		mail.down = worded("refused")
		n.startTested(mail, nil)
		time.Sleep(testSpread + 2*time.Minute)
		synctest.Wait()
		n.expect("down", n.board.fault("channel_down mail"), true)
		n.presses("pendant 7")
		synctest.Wait()
		n.expect("a call ends it", n.board.fault("channel_down mail"), false)
		n.close()

		mail.set(func() { mail.down, mail.tests = nil, nil })
		time.Sleep(time.Hour)
		for _, word := range []string{"timeout", "status 500"} {
			mail.phone.mu.Lock()
			mail.phone.err = worded(word)
			mail.phone.mu.Unlock()
			n.presses("pendant 7")
			time.Sleep(45 * time.Second)
			synctest.Wait()
			n.expect(word, n.board.fault("channel_down mail"), true)
			n.close()
			time.Sleep(time.Hour)
			synctest.Wait()
			n.expect("tested meanwhile", n.channel("mail").Result, TestedWell)
			n.expect("after "+word, n.board.fault("channel_down mail"), word == "status 500")
		}
		n.stop()
	})
}

// At a start nobody's contact is bad only because the channels are not known yet.
func TestContactsAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		var log strings.Builder
		n.startWith(New(Options{
			Site: n.site, Journal: n.disk, History: n.disk,
			Notifiers:  map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre},
			Publishers: []Publisher{n.board}, Meter: noMeter{}, Log: slog.New(slog.NewTextHandler(&log, nil)),
		}))
		synctest.Wait()
		n.stop()
		if strings.Contains(log.String(), "does not work") {
			t.Errorf("all is well, and the log says:\n%s", log.String())
		}
	})
}

// Another channel of that name is tested anew; what the old one still says is
// nothing, and never is never.
func TestChannelTestRewired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, mail := mailed(t)
		mail.hang = true
		n.startTested(mail, map[alerting.ChannelID]time.Duration{"mail": 0})
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		n.expect("never by itself", mail.at(time.Time{}), "")
		n.g.TestChannel("mail")
		time.Sleep(time.Second)
		synctest.Wait()
		n.expect("only by hand", n.channel("mail").Testing, true)
		other := &silent{}
		n.g.Rewire(Wiring{
			Notifiers: map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre, "mail": other},
			TestEvery: map[alerting.ChannelID]time.Duration{"mail": time.Minute},
		})
		time.Sleep(testSpread + time.Minute)
		synctest.Wait()
		n.expect("the old one ended", mail.gaveUp(), 1)
		n.expect("the new one is tested", len(other.tests) > 1, true)
		n.expect("and well", n.channel("mail").Result, TestedWell)
		n.stop()
	})
}
