package gateway

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// badly is a channel that is bad until it is well, and whoever is behind it:
// they ring once for each key.
type badly struct {
	way  func(ctx context.Context, rings func()) (bool, error)
	mu   sync.Mutex
	well bool
	rang map[alerting.NotificationID]bool
}

func (b *badly) Notify(ctx context.Context, c alerting.Call) (bool, error) {
	rings := func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.rang[c.ID] = true
	}
	b.mu.Lock()
	well := b.well
	b.mu.Unlock()
	if !well {
		return b.way(ctx, rings)
	}
	rings()
	return false, nil
}

// TestBadChannelKeepsNobodyWaiting: one channel is bad in each of the ways that
// there are while two people are called twice. Whoever is called by the other
// one is called in that very moment; and once the bad one is well, each alarm
// has rung there once.
func TestBadChannelKeepsNobodyWaiting(t *testing.T) {
	after := func(ctx context.Context, d time.Duration, err error) (bool, error) {
		select {
		case <-time.After(d):
			return err != nil, err
		case <-ctx.Done():
			return true, ctx.Err()
		}
	}
	failed := errors.New("timeout")
	for name, way := range map[string]func(ctx context.Context, rings func()) (bool, error){
		"refuses":          func(context.Context, func()) (bool, error) { return true, failed },
		"hangs in connect": func(ctx context.Context, _ func()) (bool, error) { return after(ctx, 10*time.Second, failed) },
		"hangs in the body": func(ctx context.Context, rings func()) (bool, error) {
			rings()
			return after(ctx, 10*time.Second, failed)
		},
		"hangs, and has no bound": func(ctx context.Context, _ func()) (bool, error) { return after(ctx, 100*time.Hour, nil) },
		"garbage":                 func(ctx context.Context, rings func()) (bool, error) { rings(); return true, failed },
		"slow by 30 s":            func(ctx context.Context, rings func()) (bool, error) { rings(); return after(ctx, 30*time.Second, nil) },
		"slow, then refuses":      func(ctx context.Context, _ func()) (bool, error) { return after(ctx, 30*time.Second, failed) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newNight(t)
				n.site.Plan.Policies["ward"] = alerting.Policy{Steps: []alerting.PolicyStep{
					{Call: []alerting.Target{{Person: "marta"}, {Person: "centre"}}, Wait: time.Hour},
				}}
				n.site.Devices["zigbee2mqtt/pendant 3"] = Device{ID: "d-2", Role: devices.Panic, Window: 25 * time.Hour}
				bad := &badly{way: way, rang: map[alerting.NotificationID]bool{}}
				n.start()
				n.g.o.TryFor = time.Minute // as the program has it
				n.g.Rewire(Wiring{Notifiers: map[alerting.ChannelID]Notifier{"phone": bad, "screen": n.centre}})
				began := time.Now()
				for i, who := range []string{"pendant 7", "pendant 3"} {
					n.presses(who)
					n.expect("the other is called", len(n.centre.rang()), i+1)
				}
				n.expect("after", time.Since(began), time.Duration(0))
				time.Sleep(45 * time.Second)
				bad.mu.Lock()
				bad.well = true
				bad.mu.Unlock()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				bad.mu.Lock()
				n.expect("alarms that rang, each once", len(bad.rang), 2)
				bad.mu.Unlock()
				for _, a := range n.board.open() {
					for _, c := range a.Calls {
						n.expect(string(c.ID), c.State, alerting.Delivered)
					}
				}
				n.expect("the other is called once for each", len(n.centre.rang()), 2)
				n.stop()
			})
		})
	}
}
