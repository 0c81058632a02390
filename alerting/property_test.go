package alerting

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/devices"

	"pgregory.net/rapid"
)

// ward is a plan with everything in it, also a roster with holes.
func ward() Plan {
	p := Plan{
		Site: "lipowa", Default: "ward", LastResort: "centre",
		Devices: map[devices.ID]Device{},
		People: map[Person]Responder{
			"marta": {Contacts: []Contact{{Channel: "phone"}, {Channel: "sms", After: 30 * time.Second}}}, "jan": {Contacts: []Contact{{Channel: "phone"}}},
			"nobody": {}, "centre": {Contacts: []Contact{{Channel: "screen"}}},
		},
		Rosters: map[RosterID]Roster{"nurses": {Shifts: []Shift{
			{Days: []time.Weekday{1, 2, 3}, From: 19 * 60, To: 7 * 60, Who: []Person{"marta"}},
		}}},
		Policies: map[PolicyID]Policy{
			"ward": {Steps: []PolicyStep{
				{Call: []Target{{Roster: "nurses"}, {Person: "nobody"}}, Wait: 30 * time.Second},
				{Call: []Target{{Person: "jan"}}, Wait: 5 * time.Minute},
			}, Arrive: 10 * time.Minute, Finish: time.Hour},
			"two":      {Steps: []PolicyStep{{Call: []Target{{Person: "jan"}, {Person: "marta"}}, Wait: 20 * time.Second, OneByOne: true}}, Takers: 2},
			"hopeless": {Steps: []PolicyStep{{Call: []Target{{Person: "nobody"}}, Wait: time.Second}}},
		},
	}
	for i := range 4 {
		d := Device{Place: PlaceID(fmt.Sprintf("room-%d", i))}
		switch i {
		case 2:
			d.Policy = "two"
		case 3:
			d.Policy = "hopeless"
		}
		if i < 2 {
			d.PreAlarm = PreAlarm
		}
		d.Sensor, d.Button = i > 0, i != 1
		p.Devices[devices.ID(fmt.Sprintf("d%d", i))] = d
	}
	days := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	p.Stays = []Stay{{Resident: "anna", Place: "room-2", From: time.Date(2026, 11, 17, 3, 10, 0, 0, time.UTC), Hours: &Hours{days, 3 * 60, 9 * 60}}}
	jan := p.People["jan"] // rests in the middle, and Marta stands in
	jan.Rests = []Rest{{time.Date(2026, 11, 17, 3, 20, 0, 0, time.UTC), time.Date(2026, 11, 17, 4, 0, 0, 0, time.UTC)}}
	p.People["jan"], p.StandIns = jan, []Target{{Person: "marta"}}
	p.Watches = map[WatchID]Watch{
		"w-1": {Kind: devices.Inactivity, Resident: "anna", Times: []WatchTime{{Hours{days, 0, 0}, 20 * time.Minute}}},
		"w-2": {Kind: devices.Inactivity, Place: "room-1", Times: []WatchTime{{Hours{days, 4 * 60, 5 * 60}, 7 * time.Minute}, {Hours{days, 4*60 + 30, 8 * 60}, time.Minute}}},
		"w-3": {Kind: devices.BedExit, Place: "room-1", Times: []WatchTime{{Hours{days, 22 * 60, 6 * 60}, 0}}},
		"w-4": {Kind: devices.Wandering, Place: "room-2", Devices: []devices.ID{"d2"}, Times: []WatchTime{{Hours{days, 22 * 60, 6 * 60}, 0}}, Policy: "hopeless"},
	}
	jan.Contacts = append(jan.Contacts, Contact{Channel: "sms", After: time.Minute})
	p.People["jan"], p.People["ewa"] = jan, Responder{Contacts: []Contact{{Channel: "sms"}}}
	p.Informed = []Informed{
		{Resident: "anna", To: "ewa", Channel: "sms", Of: AlarmNews(), Signs: true, SignsAt: 3*60 + 30},
		{Resident: "anna", To: "jan", Channel: "sms", Of: AlarmNews(), Signs: true, SignsAt: 3*60 + 15}, // who is called, too
	}
	p.Faults = &FaultPlan{Policy: "ward", Hours: &Hours{days, 3*60 + 30, 5 * 60}, Gather: time.Minute, Unheard: "two"}
	return p
}

// TestAlways draws nights at random and checks after every step what must
// always hold.
func TestAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := New()
		now := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
		m.Step(now, Apply{ward()})
		calls := map[NotificationID]Notify{}
		presses, raised := 0, 0
		for i := range rapid.IntRange(1, 50).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 900, 5000, 61000, 700000}).Draw(t, "ms")) * time.Millisecond)
			in := drawInput(t, m, calls)
			if h, ok := in.(Heard); ok && h.Kind == devices.Panic {
				presses++
			}
			var before []byte
			if i%5 == 0 {
				var err error
				if before, err = m.State(); err != nil {
					t.Fatal(err)
				}
			}
			effects := m.Step(now, in)
			for _, e := range effects {
				switch e := e.(type) {
				case Notify:
					if old, ok := calls[e.ID]; ok && (old.To != e.To || old.Channel != e.Channel || old.Reason != e.Reason) {
						t.Fatalf("message %q is two messages: %+v and %+v", e.ID, old, e)
					}
					calls[e.ID] = e
				case Inform:
					calls[e.ID] = Notify{ID: e.ID, Alarm: e.Alarm, To: e.To, Channel: e.Channel}
				case Changed:
					if e.Entry.What == WasRaised {
						raised++
					}
				}
			}
			check(t, m, now)
			if before != nil {
				replay(t, before, now, in, effects)
				sameTimers(t, m, in)
			}
		}
		counted := 0
		for _, a := range m.Alarms() {
			if a.Kind == devices.Panic && a.Device != "" {
				counted += a.Presses + a.Folded
			}
		}
		if now.Sub(time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)) < Remember && counted != presses {
			t.Fatalf("%d presses were heard, %d are counted in %d alarms", presses, counted, raised)
		}
	})
}

// check: a raised alarm has a next deadline, soon, and has called somebody; a
// held one has a holder; a closed one an outcome and nothing waiting.
func check(t *rapid.T, m *Machine, now time.Time) {
	if next := m.Next(); !next.IsZero() && !next.After(now) {
		t.Fatalf("a deadline at %s is left behind at %s", next, now)
	}
	for _, a := range m.sorted() {
		pending := 0
		for _, c := range a.Calls {
			if c.Reason != Stopped && (c.State == Sending || c.State == Failing) {
				pending++
			}
		}
		switch a.State {
		case Raised:
			longest := Unreached
			if a.Reached {
				longest = a.Wait
			}
			if a.waitsForHours() {
				if !a.Deadline.After(now) || pending > 0 {
					t.Fatalf("technical alarm %d waits until %s with %d calls", a.Number, a.Deadline, pending)
				}
				continue
			}
			if !a.Deadline.After(now) || a.Deadline.Sub(a.StepAt) > max(longest, a.Wait) {
				t.Fatalf("alarm %d is raised; its next deadline is %s after its step, wait %s, reached %t", a.Number, a.Deadline.Sub(a.StepAt), a.Wait, a.Reached)
			}
			if !a.Reached && a.Deadline.Sub(a.StepAt) > Unreached {
				t.Fatalf("alarm %d reached nobody and waits %s", a.Number, a.Deadline.Sub(a.StepAt))
			}
			if len(a.Calls) == 0 || a.Holder != "" {
				t.Fatalf("alarm %d is raised, %d calls, holder %q", a.Number, len(a.Calls), a.Holder)
			}
		case Acknowledged, Attended:
			if a.Holder == "" || !a.Deadline.After(now) || a.AckedAt.IsZero() {
				t.Fatalf("alarm %d is %s by %q until %s", a.Number, a.State, a.Holder, a.Deadline)
			}
		case Closed:
			if a.Outcome == "" || pending > 0 {
				t.Fatalf("alarm %d is closed with outcome %q, %d calls waiting", a.Number, a.Outcome, pending)
			}
		}
	}
}

// sameTimers: a machine that is restored from the state looks at the same in the
// same moments, or what is kept and not in the state is gone with a restart. Only
// a watch for silence may look earlier: it finds out then that it is too early.
func sameTimers(t *rapid.T, m *Machine, in Input) {
	state, err := m.State()
	if err != nil {
		t.Fatal(err)
	}
	restored, err := Restore(state)
	if err != nil {
		t.Fatal(err)
	}
	timers := func(m *Machine) map[string]time.Time {
		out := map[string]time.Time{}
		for _, x := range m.due {
			out[x.order] = x.when
		}
		return out
	}
	kept, again := timers(m), timers(restored)
	for _, w := range m.watching {
		if order := w.timer.order; w.Kind == devices.Inactivity && (again[order].IsZero() || kept[order].Before(again[order])) && !kept[order].IsZero() {
			kept[order] = again[order]
		}
	}
	maps.DeleteFunc(kept, func(_ string, at time.Time) bool { return at.IsZero() })
	if !maps.EqualFunc(kept, again, time.Time.Equal) {
		t.Fatalf("after %T the deadlines are\n%v\nand restored\n%v", in, kept, again)
	}
}

func replay(t *rapid.T, before []byte, now time.Time, in Input, effects []Effect) {
	kind, body, err := EncodeInput(in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := DecodeInput(kind, body)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Restore(before)
	if err != nil {
		t.Fatal(err)
	}
	if state, _ := m.State(); !bytes.Equal(state, before) {
		t.Fatalf("state changes on its way through JSON:\n%s\n%s", before, state)
	}
	if second := m.Step(now, again); Digest(second) != Digest(effects) {
		t.Fatalf("%T decides otherwise from the journal:\n%s\nand\n%s", in, texts(effects), texts(second))
	}
}

func drawInput(t *rapid.T, m *Machine, calls map[NotificationID]Notify) Input {
	var ids []AlarmID
	for _, a := range m.Alarms() {
		ids = append(ids, a.ID)
	}
	ids = append(ids, "a-unknown")
	alarm := rapid.SampledFrom(ids).Draw(t, "alarm")
	who := rapid.SampledFrom([]Person{"marta", "jan", "centre", "ghost"}).Draw(t, "who")
	device := devices.ID(fmt.Sprintf("d%d", rapid.IntRange(0, 3).Draw(t, "device")))
	switch rapid.IntRange(0, 28).Draw(t, "input") {
	case 0, 1, 2:
		return Heard{
			Device: device, Kind: devices.Panic, Ref: rapid.SampledFrom([]string{"", "", "1", "2", "3"}).Draw(t, "ref"),
			Delivery: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "delivery"), Repeat: rapid.Bool().Draw(t, "repeat"),
		}
	case 3:
		return Heard{Device: device, Kind: rapid.SampledFrom([]devices.Kind{devices.Fall, devices.BedExit}).Draw(t, "kind"), Level: rapid.Bool().Draw(t, "level")}
	case 4:
		return Cleared{Device: device, Kind: devices.Fall}
	case 5:
		return Take{alarm, who}
	case 6:
		return Decline{alarm, who}
	case 7:
		return Arrive{alarm, who}
	case 8:
		return NeedHelp{alarm, who}
	case 9:
		return Close{alarm, who, rapid.SampledFrom([]Outcome{Helped, "nonsense"}).Draw(t, "outcome")}
	case 10:
		return Reopen{alarm, who}
	case 11:
		if rapid.Bool().Draw(t, "clock too") {
			return Start{Clock: &ClockSet{rapid.SampledFrom([]time.Duration{0, 5 * time.Hour}).Draw(t, "behind")}}
		}
		return Start{}
	case 12, 13:
		for _, id := range slices.Sorted(maps.Keys(calls)) {
			if calls[id].Alarm == alarm || calls[id].Alarm == "" {
				word := rapid.SampledFrom([]string{"", "", "timeout", NotArrived, "on the phone"}).Draw(t, "error")
				if word == "on the phone" {
					return Sent{Alarm: alarm, Notification: id, Arrived: true}
				}
				return Sent{Alarm: alarm, Notification: id, Error: word}
			}
		}
		return Tick{}
	case 14:
		return Recover{
			Alarm: rapid.SampledFrom([]AlarmID{alarm, "a-lost"}).Draw(t, "lost"), By: who, Kind: devices.Fall, Device: device,
			RaisedAt: m.Now().Add(-rapid.SampledFrom([]time.Duration{-time.Hour, time.Minute, Remember}).Draw(t, "ago")),
		}
	case 22:
		return HandOver{alarm, who, rapid.SampledFrom([]Person{"marta", "jan", "nobody", "centre"}).Draw(t, "to")}
	case 21:
		in := SetTest{Until: m.Now().Add(rapid.SampledFrom([]time.Duration{0, time.Minute, MaxTest, MaxTest + 1}).Draw(t, "for")), By: who}
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 1:
			in.Device = device
		case 2:
			in.Place = "room-1"
		}
		return in
	case 23:
		return RaiseByHand{Kind: devices.Panic, Place: "room-2", By: who, Drill: rapid.Bool().Draw(t, "drill")}
	case 17:
		return Sign{Device: device, What: rapid.SampledFrom(Motions()).Draw(t, "motion"), Late: rapid.Bool().Draw(t, "kept")}
	case 18:
		in := Away{Until: m.Now().Add(rapid.SampledFrom([]time.Duration{0, time.Hour, MaxAway, MaxAway + 1}).Draw(t, "for")), By: who}
		if rapid.Bool().Draw(t, "a place") {
			in.Place = "room-1"
		} else {
			in.Resident = "anna"
		}
		return in
	case 19:
		return Pause{Place: "room-2", Until: m.Now().Add(rapid.SampledFrom([]time.Duration{0, time.Minute, MaxPause}).Draw(t, "for")), By: who}
	case 20:
		return FaultEdge{Code: WatchBlind, Subject: "w-2", On: rapid.Bool().Draw(t, "blind")}
	case 16:
		return Heard{Device: device, Kind: devices.Cancel}
	case 15:
		return ClockSet{Behind: rapid.SampledFrom([]time.Duration{0, 5 * time.Hour, 100 * 24 * time.Hour}).Draw(t, "behind")}
	case 24:
		return Through{Source: rapid.SampledFrom([]string{"zigbee", "own"}).Draw(t, "source"), Devices: []devices.ID{device}}
	case 27:
		return FaultEdge{Code: rapid.SampledFrom([]FaultCode{LinkLost, ChainDown}).Draw(t, "chain"), Subject: "zigbee", On: rapid.Bool().Draw(t, "down")}
	case 28:
		return FaultEdge{Code: rapid.SampledFrom([]FaultCode{Silent, BatteryLow, TestDue}).Draw(t, "fault"), Subject: string(device), On: rapid.Bool().Draw(t, "begins")}
	case 25:
		return BreakBegins{By: who, Until: m.Now().Add(-m.Behind()).Add(rapid.SampledFrom([]time.Duration{0, time.Second, time.Hour, MaxBreak, MaxBreak + 1}).Draw(t, "break"))}
	case 26:
		return BreakEnds{By: who}
	}
	return Tick{}
}

func texts(effects []Effect) string {
	var b strings.Builder
	for _, e := range effects {
		b.WriteString(EffectText(e, Zone{}) + "\n")
	}
	return b.String()
}
