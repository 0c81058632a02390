package gateway

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
)

// oneAtATime is a modem that rings for 30 s each, and tells others to wait.
type oneAtATime struct {
	mu   sync.Mutex
	turn chan struct{}
	rang []alerting.Person
	at   []time.Time
}

type inLine struct{}

func (inLine) Error() string { return alerting.InLine }
func (inLine) Word() string  { return alerting.InLine }

func (m *oneAtATime) Notify(ctx context.Context, c alerting.Call) (bool, error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return true, inLine{}
	}
	m.mu.Lock()
	m.rang, m.at = append(m.rang, c.To), append(m.at, time.Now())
	m.mu.Unlock()
	time.Sleep(30 * time.Second)
	<-m.turn
	return false, nil
}

// TestInLine: four people are to be rung by one modem. All are, one after
// another without a pause and each once; meanwhile the step goes on as it does
// where nobody was reached, people are called in other ways, and the channel is
// no fault.
func TestInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(t)
		var call []alerting.Target
		for _, p := range []alerting.Person{"a", "b", "c", "d"} {
			n.site.Plan.People[p] = alerting.Responder{Contacts: []alerting.Contact{{Channel: "bell"}, {Channel: "phone", After: time.Hour}}}
			call = append(call, alerting.Target{Person: p})
		}
		n.site.Plan.Policies["ward"] = alerting.Policy{Steps: []alerting.PolicyStep{{Call: call, Wait: 10 * time.Minute}}}
		n.start()
		n.g.o.TryFor = time.Minute
		bell := &oneAtATime{turn: make(chan struct{}, 1)}
		n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"bell": bell, "phone": n.marta, "screen": n.centre}})
		began := time.Now()
		n.presses("pendant 7")
		time.Sleep(30*time.Second + time.Second)
		n.expect("a fault", n.board.fault("channel_down bell"), false)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if len(n.marta.rang()) == 0 {
			t.Error("nobody who waited a minute is called in another way")
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		n.expect("a fault", n.board.fault("channel_down bell"), false)
		bell.mu.Lock()
		defer bell.mu.Unlock()
		rung := map[alerting.Person]bool{}
		for i, p := range bell.rang {
			n.expect("rung at", bell.at[i].Sub(began), time.Duration(i)*30*time.Second)
			if rung[p] {
				t.Errorf("rung %q", bell.rang)
			}
			rung[p] = true
		}
		n.expect("rung", len(rung), 4)
		n.stop()
	})
}
