package main

import (
	"context"
	"time"

	"golang.org/x/crypto/bcrypt"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/config"
	"telecare/gateway/journal"
	"telecare/gateway/registry"
)

// demoPassword is that of all accounts of the demo, which is on the loopback.
const demoPassword = "lipowa"

// demoAccounts are one of each role, to see what each is shown.
func demoAccounts() ([]config.Account, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(demoPassword), bcrypt.MinCost)
	if err != nil {
		return nil, err
	}
	all := []config.Account{
		{Name: "marta", Person: "marta", Role: config.Nurse},
		{Name: "piotr", Person: "piotr", Role: config.Technician},
		{Name: "olga", Role: config.Manager},
		{Name: "adam", Role: config.Administrator},
		{Name: "zofia", Person: "daughter", Role: config.Family, Of: []string{"aniela"}},
		{Name: "wall", Role: config.Board},
	}
	for i := range all {
		all[i].PasswordHash = hash
	}
	return all, nil
}

// demoNight is an alarm that the ward had before the demo began.
type demoNight struct {
	ago    time.Duration
	device string // "" by hand, in place
	place  string
	kind   devices.Kind
	drill  bool
	// After how long who did what.
	take, arrive, end time.Duration
	who               string
	outcome           alerting.Outcome
}

// demoNights are in order.
func demoNights() []demoNight {
	const h, s = time.Hour, time.Second
	return []demoNight{
		{ago: 152 * h, device: "button-8", kind: devices.Panic, take: 6 * s, arrive: 95 * s, end: 400 * s, who: "marta", outcome: alerting.Helped},
		{ago: 131*h + 900*s, device: "radar-2", kind: devices.Fall, take: 9 * s, arrive: 70 * s, end: 900 * s, who: "ola", outcome: alerting.Hurt},
		{ago: 119 * h, device: "pendant-5", kind: devices.Panic, take: 11 * s, arrive: 130 * s, end: 200 * s, who: "ola", outcome: alerting.Mistake},
		{ago: 101 * h, place: "room-10", kind: devices.Wandering, take: 20 * s, arrive: 240 * s, end: 700 * s, who: "jan", outcome: alerting.Helped},
		{ago: 78*h + 300*s, device: "button-11", kind: devices.Panic, take: 8 * s, arrive: 60 * s, end: 330 * s, who: "marta", outcome: alerting.Helped},
		{ago: 54 * h, place: "room-4", kind: devices.Panic, drill: true, take: 5 * s, arrive: 44 * s, end: 90 * s, who: "ola", outcome: alerting.TestAlarm},
		{ago: 31*h + 1200*s, device: "button-7", kind: devices.Panic, take: 37 * s, arrive: 140 * s, end: 800 * s, who: "jan", outcome: alerting.Ambulance}, // two steps of the policy
		{ago: 11 * h, device: "pendant-3", kind: devices.Panic, take: 7 * s, arrive: 50 * s, end: 260 * s, who: "marta", outcome: alerting.NotNeeded},
		{ago: 3*h + 600*s, device: "radar-7", kind: devices.Fall, take: 10 * s, arrive: 80 * s, end: 620 * s, who: "ola", outcome: alerting.Helped},
	}
}

// before writes what the ward had before the demo began into an empty journal, as
// a gateway would have: decided by a machine, at those times.
func (w *demoWard) before(ctx context.Context, j *journal.Store, site *registry.Site, now time.Time) error {
	empty := true
	if err := j.Records(ctx, 0, func(alerting.Record) error { empty = false; return nil }); err != nil || !empty {
		return err
	}
	m := alerting.New()
	var recs []alerting.Record
	var sent []alerting.Sent // that are under way
	step := func(at time.Time, in alerting.Input) error {
		effects := m.Step(at, in)
		kind, body, err := alerting.EncodeInput(in)
		if err != nil {
			return err
		}
		recs = append(recs, alerting.Record{Seq: int64(len(recs) + 1), At: m.Now(), Version: alerting.Version, Kind: kind, Body: body, Digest: alerting.Digest(effects)})
		for _, e := range effects {
			switch e := e.(type) {
			case alerting.Notify:
				sent = append(sent, alerting.Sent{Alarm: e.Alarm, Notification: e.ID})
			case alerting.Inform:
				sent = append(sent, alerting.Sent{Alarm: e.Alarm, Notification: e.ID})
			}
		}
		return nil
	}
	// until lets time pass: phones take what is sent a second later, and what is due
	// is done.
	until := func(at time.Time) error {
		for {
			if len(sent) > 0 {
				next := sent[0]
				sent = sent[1:]
				if err := step(m.Now().Add(time.Second/4), next); err != nil {
					return err
				}
				continue
			}
			due := m.Next()
			if due.IsZero() || !due.Before(at) {
				return nil
			}
			if err := step(due, alerting.Tick{}); err != nil {
				return err
			}
		}
	}
	at := now.Add(-7 * 24 * time.Hour)
	if err := step(at, alerting.Apply{Plan: site.Plan}); err != nil {
		return err
	}
	if err := step(at, alerting.Start{}); err != nil {
		return err
	}
	device, place, person := map[string]devices.ID{}, map[string]alerting.PlaceID{}, map[string]alerting.Person{}
	for _, d := range site.Devices {
		device[d.Key] = d.ID
	}
	for _, p := range site.Places {
		place[p.Key] = p.ID
	}
	for _, p := range site.Responders {
		person[p.Key] = p.ID
	}
	for _, n := range demoNights() {
		at, who := now.Add(-n.ago).Truncate(time.Second), person[n.who]
		if err := until(at); err != nil {
			return err
		}
		var in alerting.Input = alerting.Heard{Device: device[n.device], Kind: n.kind}
		if n.device == "" {
			in = alerting.RaiseByHand{Kind: n.kind, Place: place[n.place], By: person[demoCentre], Drill: n.drill}
		}
		if err := step(at, in); err != nil {
			return err
		}
		all := m.Alarms()
		id := all[len(all)-1].ID
		for _, x := range []struct {
			after time.Duration
			in    alerting.Input
		}{{n.take, alerting.Take{Alarm: id, By: who}}, {n.arrive, alerting.Arrive{Alarm: id, By: who}}, {n.end, alerting.Close{Alarm: id, By: who, Outcome: n.outcome}}} {
			if err := until(at.Add(x.after)); err != nil {
				return err
			}
			if err := step(at.Add(x.after), x.in); err != nil {
				return err
			}
		}
	}
	if err := until(now.Add(-time.Minute)); err != nil {
		return err
	}
	return j.Append(ctx, recs)
}
