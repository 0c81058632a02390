package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// refusing is the answer of one who is there.
type refusing struct{}

func (refusing) Error() string { return "status 500" }
func (refusing) Word() string  { return "status 500" }

// line is a channel that may be out, and remembers every try.
type line struct {
	mu       sync.Mutex
	out      bool
	poison   alerting.NotificationID // fails always
	tries    []time.Time
	accepted []alerting.Call
	at       []time.Time
}

func (l *line) Notify(_ context.Context, c alerting.Call) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tries = append(l.tries, time.Now())
	switch {
	case l.out:
		return true, errors.New("out")
	case c.ID == l.poison:
		return true, refusing{}
	}
	l.accepted, l.at = append(l.accepted, c), append(l.at, time.Now())
	return false, nil
}

func (l *line) works(yes bool) { l.mu.Lock(); defer l.mu.Unlock(); l.out = !yes }

func (l *line) tried() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.tries) }

func (l *line) got() ([]alerting.Call, []time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.accepted), slices.Clone(l.at)
}

// nightSender is a sender by itself over a line.
func nightSender(t *testing.T, l *line) *sender {
	w := &sender{notifier: l, tryFor: 10 * time.Second, meter: noMeter{}, inbox: newMailbox[order](), result: func(*sender, alerting.Call, Notifier, string, bool) {}}
	ended := make(chan struct{})
	go func() { w.run(t.Context()); close(ended) }()
	t.Cleanup(func() { <-ended })
	return w
}

// ids are the messages that came, in order.
func ids(calls []alerting.Call) string {
	var out []string
	for _, c := range calls {
		out = append(out, string(c.ID))
	}
	return strings.Join(out, " ")
}

func TestAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{out: true}
		w := nightSender(t, l)
		night := time.Now()
		say := func(id string, c alerting.Call) {
			c.ID = alerting.NotificationID(id)
			if c.Reason == "" {
				c.Reason = alerting.Calling
			}
			w.inbox.put(order{call: c})
			time.Sleep(time.Second)
			synctest.Wait()
		}
		say("repeated-1", alerting.Call{RaisedAt: night.Add(-time.Hour), Repeat: true})
		say("first-1", alerting.Call{RaisedAt: night})
		say("low-9", alerting.Call{RaisedAt: night.Add(9 * time.Second), Priority: alerting.Low})
		say("first-2", alerting.Call{RaisedAt: night.Add(2 * time.Second)})
		say("stop-0", alerting.Call{RaisedAt: night.Add(-time.Minute), Reason: alerting.Stopped})
		say("offer-3", alerting.Call{RaisedAt: night.Add(3 * time.Second), Reason: alerting.Offered})
		say("repeated-4", alerting.Call{RaisedAt: night.Add(4 * time.Second), Repeat: true})
		l.works(true)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		got, at := l.got()
		want := "first-2 first-1 low-9 offer-3 stop-0 repeated-1 repeated-4"
		if ids(got) != want {
			t.Errorf("in the order %s\nwant            %s", ids(got), want)
		}
		if took := at[len(at)-1].Sub(at[0]); took > 0 {
			t.Errorf("the first went through, the last waited %s more", took)
		}
		// Eight seconds and seven messages: each tried once at once, and knocks.
		if n := l.tried(); n > 7+7+7 {
			t.Errorf("%d tries", n)
		}
	})
}

func TestOldNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{out: true}
		w := nightSender(t, l)
		w.inbox.put(order{call: alerting.Call{ID: "stop", Reason: alerting.Stopped}})
		w.inbox.put(order{call: alerting.Call{ID: "call", Reason: alerting.Calling}})
		time.Sleep(alerting.StopFor + time.Minute)
		l.works(true)
		time.Sleep(11 * time.Second)
		synctest.Wait()
		if got, _ := l.got(); ids(got) != "call" {
			t.Errorf("came %q, want the call alone", ids(got))
		}
	})
}

// A message that the other end chokes on keeps none from being sent, whether it
// is older or newer than they.
func TestPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{poison: "9"}
		w := nightSender(t, l)
		night := time.Now()
		put := func(i int) {
			w.inbox.put(order{call: alerting.Call{ID: alerting.NotificationID(fmt.Sprint(i)), Reason: alerting.Calling, RaisedAt: night.Add(time.Duration(i) * time.Second)}})
		}
		l.works(false)
		for i := range 10 {
			put(i)
		}
		time.Sleep(time.Minute)
		l.works(true)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got, _ := l.got(); ids(got) != "8 7 6 5 4 3 2 1 0" {
			t.Errorf("after an outage came %s", ids(got))
		}
		was := l.tried()
		for i := 10; i < 40; i++ {
			put(i)
			synctest.Wait()
		}
		if got, _ := l.got(); len(got) != 39 {
			t.Errorf("beside it came %d of 39", len(got))
		}
		if tries := l.tried() - was; tries > 32 {
			t.Errorf("it was tried %d times within a moment", tries-30)
		}
	})
}

// Repeated calls take turns; a first call does not wait for them.
func TestRepeatsAreShaped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		w := nightSender(t, l)
		for i := range 20 {
			w.inbox.put(order{call: alerting.Call{ID: alerting.NotificationID(fmt.Sprint(i)), Reason: alerting.Calling, Repeat: true}})
		}
		synctest.Wait()
		got, _ := l.got()
		if len(got) != repeatsAtOnce+1 {
			t.Errorf("%d at once", len(got))
		}
		w.inbox.put(order{call: alerting.Call{ID: "emergency", Reason: alerting.Calling}})
		synctest.Wait()
		if got, _ = l.got(); got[len(got)-1].ID != "emergency" {
			t.Errorf("the emergency waits: %s", ids(got))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got, _ = l.got(); len(got) != repeatsAtOnce+1+1+12 {
			t.Errorf("%d within a minute", len(got))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got, _ = l.got(); len(got) != 21 {
			t.Errorf("%d in the end, want all of 21", len(got))
		}
	})
}

// TestEveryPathOutForAnHour: for an hour nothing reaches anybody, and 200
// people press. Then everything works again: each alarm comes to each person
// once, the newest first, and what follows is no storm.
func TestEveryPathOutForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const presses = 200
		n := newNight(t)
		for i := range presses {
			id := devices.ID(fmt.Sprintf("d-%d", 1000+i))
			n.site.Plan.Devices[id] = alerting.Device{Place: "p-7"}
			n.site.Devices[devices.Address(fmt.Sprintf("zigbee2mqtt/pendant %d", 1000+i))] = Device{ID: id, Role: devices.Panic}
		}
		n.start()
		phone, screen := &line{out: true}, &line{out: true}
		n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"phone": phone, "screen": screen}})
		for i := range presses {
			n.presses(fmt.Sprintf("pendant %d", 1000+i))
			time.Sleep(time.Hour / presses)
		}
		synctest.Wait()
		for name, l := range map[string]*line{"phone": phone, "screen": screen} {
			// Each once at once, and a knock every ten seconds; what a step asks for
			// again may hurry a knock.
			if most := presses + int(time.Hour/time.Second); l.tried() > most {
				t.Errorf("%s: %d tries in an hour, want at most %d", name, l.tried(), most)
			}
			l.works(true)
		}
		back := time.Now()
		time.Sleep(11 * time.Second)
		synctest.Wait()
		for name, l := range map[string]*line{"phone": phone, "screen": screen} {
			all, at := l.got()
			got := slices.DeleteFunc(slices.Clone(all), func(c alerting.Call) bool { return c.Repeat }) // the next turn of some
			newest := presses
			if name == "screen" {
				newest-- // her step of the last one is not over yet
			}
			if len(got) != newest {
				t.Fatalf("%s: %d messages, want each of %d alarms once", name, len(got), newest)
			}
			for i, c := range got {
				if want := newest - i; c.Number != want {
					t.Fatalf("%s: message %d is of alarm %d, want %d: the newest first", name, i+1, c.Number, want)
				}
			}
			t.Logf("%s: %d tries in the hour; all there %s after", name, l.tried()-len(all), at[len(got)-1].Sub(back))
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		for name, l := range map[string]*line{"phone": phone, "screen": screen} {
			if got, _ := l.got(); len(got)-presses > 2+repeatsAtOnce+int(10*time.Minute/repeatEvery) {
				t.Errorf("%s: %d more within ten minutes", name, len(got)-presses)
			}
		}
		n.stop()
	})
}
