package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/gatewaytest"
	"telecare/gateway/journal"
	"telecare/gateway/registry"
)

// TestBackToAnswering starts the gateway on a journal of 100,000 inputs and
// measures from the start of the process to the answer to a press: with the
// newest snapshot, as far behind as it may be, and with that one damaged.
func TestBackToAnswering(t *testing.T) {
	accept(t)
	const inputs, runs = 100_000, 3
	program, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, span := range []struct {
		name  string
		over  time.Duration
		sound time.Duration // with the newest snapshot
	}{
		{"over a month", 30 * 24 * time.Hour, 2 * time.Second},
		// Twenty thousand alarms in a day are no house's; the state to be read
		// is the time it takes.
		{"in twenty hours, all remembered", 20 * time.Hour, 5 * time.Second},
	} {
		t.Run(span.name, func(t *testing.T) {
			phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
			own := gatewaytest.FreePort(t)
			h := newHome(t, fmt.Sprintf(`
sources:
  - {name: own, type: broker, listen: %q}
channels:
  - {name: phone, type: webhook, url: %q, secret: `+phoneSecret+`}
`, own, phone.URL), manyDevices(101, 0))
			data := filepath.Join(h.dir, "data")
			remember(t, folder(data), inputs, span.over)
			full := filepath.Join(h.dir, "full")
			if err := os.Rename(data, full); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				name, damage string
				within       time.Duration
			}{
				{"newest snapshot sound", "", span.sound},
				{"newest snapshot damaged", "UPDATE snapshots SET state = x'00' WHERE seq = (SELECT max(seq) FROM snapshots)", 10 * time.Second},
				{"all snapshots damaged", "UPDATE snapshots SET state = x'00'", time.Minute},
			} {
				var took []time.Duration
				for range runs {
					if err := os.CopyFS(data, os.DirFS(full)); err != nil {
						t.Fatal(err)
					}
					gatewaytest.Meddle(t, folder(data).journal(), c.damage)
					took = append(took, h.untilAnswered(program, own))
					h.kill()
					if err := os.RemoveAll(data); err != nil {
						t.Fatal(err)
					}
				}
				slices.Sort(took)
				t.Logf("%d inputs %s, %s: back to answering after %s (median of %d; %s at most)", inputs, span.name, c.name, took[runs/2], runs, took[runs-1])
				if took[runs/2] > c.within {
					t.Errorf("%s: %s, want at most %s", c.name, took[runs/2], c.within)
				}
			}
		})
	}
}

// untilAnswered starts the gateway and presses as soon as it listens.
func (h *home) untilAnswered(program, own string) time.Duration {
	h.t.Helper()
	began := time.Now()
	started := make(chan time.Duration, 1)
	go func() {
		for {
			c, err := net.Dial("tcp", own)
			if err == nil {
				c.Close()
				break
			}
			<-time.After(time.Millisecond)
		}
		p := newPresser(h.t, "tcp://"+own)
		p.publish("own100", "telecare/lipowa/own100/event", `{"events":[{"kind":"button","ref":"new"}]}`)
		p.sent[0].token.Wait()
		took := time.Since(began)
		if err := p.sent[0].token.Error(); err != nil {
			h.t.Errorf("the press: %v", err)
		}
		p.close()
		started <- took
	}()
	h.startAs(program)
	return <-started
}

// remember fills the journal with presses that were taken care of, evenly over
// a time that has just ended, as the shell would have written them: a snapshot
// every 5,000 records, and as many records as there may be behind the newest.
func remember(t *testing.T, data folder, inputs int, over time.Duration) {
	t.Helper()
	ctx := context.Background()
	store, err := registry.Open(ctx, data.registry())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r, err := store.Load(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var who alerting.Person
	for _, p := range r.Responders {
		if p.Key == "marta" {
			who = p.ID
		}
	}
	j, err := journal.Open(ctx, data.journal())
	if err != nil {
		t.Fatal(err)
	}
	const every, eachPress = 5000, 6
	m := alerting.New()
	var recs []alerting.Record
	seq := int64(0)
	step := func(at time.Time, in alerting.Input) []alerting.Effect {
		effects := m.Step(at, in)
		kind, body, err := alerting.EncodeInput(in)
		if err != nil {
			t.Fatal(err)
		}
		seq++
		recs = append(recs, alerting.Record{Seq: seq, At: m.Now(), Version: alerting.Version, Kind: kind, Body: body, Digest: alerting.Digest(effects)})
		if seq%every != 0 {
			return effects
		}
		if err := j.Append(ctx, recs); err != nil {
			t.Fatal(err)
		}
		recs = nil
		if seq == int64(inputs) { // the newest is as old as it may be
			return effects
		}
		state, err := m.State()
		if err != nil {
			t.Fatal(err)
		}
		saved, err := json.Marshal(map[string]any{"machine": json.RawMessage(state)})
		if err != nil {
			t.Fatal(err)
		}
		if err := j.SaveSnapshot(ctx, alerting.Snapshot{Seq: seq, At: m.Now(), Version: alerting.Version, State: saved}); err != nil {
			t.Fatal(err)
		}
		return effects
	}
	now := time.Now().Add(-over - time.Minute)
	between := over / time.Duration(inputs/eachPress)
	step(now, alerting.Apply{Plan: r.Plan})
	step(now, alerting.Start{})
	var sends []alerting.Effect
	var id alerting.AlarmID
	for n := 0; seq < int64(inputs); n++ {
		now = now.Add(between)
		for next := m.Next(); !next.IsZero() && next.Before(now) && seq < int64(inputs); next = m.Next() {
			step(next, alerting.Tick{})
		}
		for i, in := range []func() alerting.Input{
			func() alerting.Input {
				return alerting.Heard{Device: r.Devices[n%100].ID, Kind: devices.Panic, Ref: fmt.Sprint(n)}
			},
			func() alerting.Input { return alerting.Take{Alarm: id, By: who} },
			func() alerting.Input { return alerting.Arrive{Alarm: id, By: who} },
			func() alerting.Input { return alerting.Close{Alarm: id, By: who, Outcome: alerting.Helped} },
		} {
			if seq == int64(inputs) {
				break
			}
			sends = step(now.Add(time.Duration(i)*time.Millisecond), in())
			for _, e := range sends {
				switch e := e.(type) {
				case alerting.Changed:
					id = e.Alarm.ID
				case alerting.Notify:
					if seq < int64(inputs) {
						step(now.Add(time.Duration(i)*time.Millisecond), alerting.Sent{Alarm: e.Alarm, Notification: e.ID})
					}
				}
			}
		}
	}
	alarms := len(m.Alarms())
	s, err := j.Snapshots(ctx)
	if err != nil || len(s) == 0 {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d inputs over %s: %d alarms remembered, newest snapshot after record %d with %d KiB", seq, over, alarms, s[0].Seq, len(s[0].State)>>10)
}
