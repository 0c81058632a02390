package modem

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"telecare/alerting"
)

// What waits for the modem goes out in the order in which calls are sent, and no
// call beside another.
func TestQueue(t *testing.T) {
	night := time.Unix(1000, 0)
	at := func(s int, c alerting.Call) *job {
		return &job{ctx: t.Context(), call: c, since: night.Add(time.Duration(s) * time.Second), rings: s % 2}
	}
	want := []*job{
		at(3, alerting.Call{RaisedAt: night.Add(2)}), // the newest alarm
		at(2, alerting.Call{RaisedAt: night.Add(1)}),
		at(4, alerting.Call{RaisedAt: night.Add(1)}), // the same for somebody else, later
		at(1, alerting.Call{RaisedAt: night.Add(3), Priority: alerting.Low}),
		at(0, alerting.Call{RaisedAt: night.Add(9), Reason: alerting.Offered}),
		at(0, alerting.Call{Reason: alerting.Stopped}),
		at(1, alerting.Call{Repeat: true, RaisedAt: night.Add(9)}),
		at(3, alerting.Call{Repeat: true, RaisedAt: night.Add(99)}), // in turn
		at(0, alerting.Call{Kind: string(alerting.Technical)}),
	}
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	x := &Modem{queue: slices.Clone(backwards)}
	for i, j := range want {
		if x.next(false) != j {
			t.Errorf("job %d is not next", i)
		}
	}
	x.queue = slices.Clone(backwards)
	for j := x.next(true); j != nil; j = x.next(true) {
		if j.rings > 0 {
			t.Error("a call goes beside a call")
		}
	}
	if len(x.queue) != 4 {
		t.Errorf("%d calls wait, want 4", len(x.queue))
	}
}

// One modem rings one telephone at a time. Whoever waits longer than a try may
// take is told that others are before them, which is no fault, and keeps their
// place: with tries that go on all telephones ring.
func TestManyAreRung(t *testing.T) {
	r := newRig(t, nil)
	r.ready()
	began := time.Unix(1000, 0)
	const many = 5
	var order []string
	done, waited := make(chan error, many), make(chan bool, 1000)
	for i := range many {
		c := callFor(fmt.Sprintf("n%d", i), fmt.Sprintf("+4860010020%d", i))
		c.RaisedAt = began.Add(-time.Duration(i) * time.Hour) // the newest is rung first
		order = append(order, c.Address)
		go func() {
			for {
				// A bell of four rings takes 200 ms, a try may take 300.
				ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
				_, err := r.bells.Notify(ctx, c)
				cancel()
				e, _ := errors.AsType[*Error](err)
				switch {
				case err == nil, e.Word() != InLine && e.Word() != Timeout:
					done <- err
					return
				case e.Word() == InLine:
					waited <- true
				}
			}
		}()
		r.eventually("it waits or rings", func() bool {
			r.Modem.mu.Lock()
			defer r.Modem.mu.Unlock()
			return len(r.sim.Calls()) > 0 && len(r.Modem.queue) >= min(i, 1)
		})
	}
	for range many {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("not all are rung: %+v", r.sim.Calls())
		}
	}
	var rung []string
	for _, c := range r.sim.Calls() {
		if !slices.Contains(rung, c.Number) {
			rung = append(rung, c.Number)
		}
	}
	if len(rung) != many || rung[0] != order[0] {
		t.Errorf("rung %q, want %q", rung, order)
	}
	if len(waited) == 0 {
		t.Error("nobody was told to wait")
	}
	if err := r.Ready(); err != nil {
		t.Errorf("a queue is a fault: %v", err)
	}
}
