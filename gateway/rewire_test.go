package gateway

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
)

// A channel is another one now. What hangs in the old one, and what waits there
// to be tried again, goes out by the new one at once; what has arrived does not
// go out again; other channels are not touched.
func TestRewireChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		_, first := n.presses("pendant 7")
		n.expect("all is well", n.marta.rang(), []string{"call panic Room 7 to marta"})
		n.expect("and answered", first, "answered")

		time.Sleep(10 * time.Second) // or it would be the same press
		n.marta.mu.Lock()
		n.marta.hang = true
		n.marta.mu.Unlock()
		n.presses("pendant 7") // is being tried when the change comes
		time.Sleep(45 * time.Second)
		synctest.Wait()
		n.expect("the old one is down", n.board.fault("channel_down phone"), true)
		rang := len(n.centre.rang())
		other := &phone{}
		var told []alerting.Alarm
		n.g.Rewire(Wiring{
			Notifiers: map[alerting.ChannelID]Notifier{"phone": other, "screen": n.centre},
			Switch:    func(all []alerting.Alarm) { told = all },
		})
		synctest.Wait()
		n.expect("at once by the new one", other.rang(), []string{"again panic Room 7 to marta"})
		n.expect("its fault is over", n.board.fault("channel_down phone"), false)
		n.expect("nothing more by the old one", len(n.marta.rang()), 1)
		n.expect("the other channel was left alone", len(n.centre.rang()), rang)
		n.expect("told of all alarms", len(told), 1)
		n.expect("under its own key", other.last().ID != n.marta.last().ID, true)

		id := n.board.open()[0].ID
		n.expect("take", n.g.Act(t.Context(), alerting.Take{Alarm: id, By: "centre"}), nil)
		n.expect("close", n.g.Act(t.Context(), alerting.Close{Alarm: id, By: "centre", Outcome: alerting.Helped}), nil)
		time.Sleep(10 * time.Second)
		_, again := n.presses("pendant 7")
		n.expect("the next alarm by the new one", other.last().Number, 2)
		n.expect("answered", again, "answered")
		n.stop()
	})
}

// A channel that was missing is there at last: what waited for it goes out.
// Then it is gone again: nothing is tried for ever, nothing stays a fault.
func TestRewireMissingAndGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"screen": n.centre}})
		synctest.Wait()
		n.presses("pendant 7")
		time.Sleep(40 * time.Second)
		synctest.Wait()
		n.expect("no such channel", n.board.fault("channel_down phone"), true)
		broken := &phone{err: errors.New("broken")}
		n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": broken}})
		synctest.Wait()
		n.expect("there at last", len(n.marta.rang()) > 0, true)
		n.expect("the fault is over", n.board.fault("channel_down phone"), false)

		time.Sleep(2 * time.Minute) // the centre is called in vain
		synctest.Wait()
		n.expect("the screen is down", n.board.fault("channel_down screen"), true)
		was := len(n.g.senders.(*senders).all)
		n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"phone": n.marta}})
		synctest.Wait()
		n.expect("its fault is over", n.board.fault("channel_down screen"), false)
		n.expect("its sender has ended", len(n.g.senders.(*senders).all), was-1)
		for _, c := range n.board.open()[0].Calls {
			if c.Channel == "screen" && c.State != alerting.Failing && c.State != alerting.Delivered {
				t.Errorf("a call by a channel that is gone is %s, want %s", c.State, alerting.Failing)
			}
		}
		n.stop()
	})
}

// What an old channel says at last is no word about the new one.
func TestRewireLateResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.start()
		other := &phone{}
		n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"phone": other, "screen": n.centre}})
		w := &sender{route: route{channel: "phone", to: "marta"}}
		n.g.senders.(*senders).result(w, alerting.Call{}, n.marta, "timeout", false)
		time.Sleep(time.Minute)
		synctest.Wait()
		n.expect("fault", n.board.fault("channel_down phone"), false)
		n.g.senders.(*senders).result(w, alerting.Call{}, other, "timeout", false)
		time.Sleep(time.Minute)
		synctest.Wait()
		n.expect("fault of the new one", n.board.fault("channel_down phone"), true)
		n.stop()
	})
}

// A try that hangs when the change comes is cut short, and counts for nothing.
func TestRewireDuringTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		n.marta.hang = true
		n.start()
		n.presses("pendant 7")
		time.Sleep(2 * time.Second)
		other := &phone{}
		n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"phone": other, "screen": n.centre}})
		synctest.Wait()
		n.expect("at once by the new one", other.rang(), []string{"call panic Room 7 to marta"})
		for _, e := range n.board.open()[0].History {
			n.expect("no word of a failure", e.What == alerting.NotReached, false)
		}
		n.stop()
	})
}
