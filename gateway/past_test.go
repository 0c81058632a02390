package gateway

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telecare/alerting"
	"telecare/devices"
)

// hourly is a journal in memory: a panic each hour from 1 September 2026 on,
// taken after ten seconds and closed after a minute.
type hourly struct {
	recs []alerting.Record
	read int
}

func (j *hourly) Snapshots(context.Context) ([]alerting.Snapshot, error) { return nil, nil }

func (j *hourly) Records(_ context.Context, after int64, each func(alerting.Record) error) error {
	for _, r := range j.recs[min(int(after), len(j.recs)):] {
		j.read++
		if err := each(r); err != nil {
			return err
		}
	}
	return nil
}

var firstOfSeptember = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)

func newHourly(t testing.TB, hours int) *hourly {
	t.Helper()
	j, m := &hourly{}, alerting.New()
	step := func(at time.Time, in alerting.Input) {
		kind, body, err := alerting.EncodeInput(in)
		if err != nil {
			t.Fatal(err)
		}
		effects := m.Step(at, in)
		j.recs = append(j.recs, alerting.Record{
			Seq: int64(len(j.recs)) + 1, At: m.Now(), Version: alerting.Version, Kind: kind, Body: body, Digest: alerting.Digest(effects),
		})
	}
	call := []alerting.Target{{Person: "marta"}}
	step(firstOfSeptember, alerting.Apply{Plan: alerting.Plan{
		Site: "home", Devices: map[devices.ID]alerting.Device{"d-7": {Place: "p-7"}},
		People:   map[alerting.Person]alerting.Responder{"marta": {Contacts: []alerting.Contact{{Channel: "phone"}}}, "centre": {Contacts: []alerting.Contact{{Channel: "desk"}}}},
		Policies: map[alerting.PolicyID]alerting.Policy{"y": {Steps: []alerting.PolicyStep{{Call: call, Wait: time.Minute}}}}, Default: "y", LastResort: "centre",
	}})
	for h := range hours {
		at := firstOfSeptember.Add(time.Duration(h) * time.Hour)
		step(at.Add(time.Second), alerting.Heard{Device: "d-7", Kind: devices.Panic})
		a := m.Alarms()
		id := a[len(a)-1].ID
		step(at.Add(11*time.Second), alerting.Take{Alarm: id, By: "marta"})
		step(at.Add(time.Minute), alerting.Close{Alarm: id, By: "marta", Outcome: alerting.Helped})
	}
	return j
}

// told notes what a Past tells.
type told struct {
	said  []string
	until time.Time
	state []byte
}

func (x *told) Begin(m *alerting.Machine, at time.Time, first bool) {
	x.said = append(x.said, fmt.Sprintf("begins %s %t", at.UTC().Format(time.RFC3339), first))
	x.state, _ = m.State()
}

func (x *told) Next(m *alerting.Machine, n Moment) bool {
	if !n.At.Before(x.until) {
		return true
	}
	x.said = append(x.said, fmt.Sprintf("%s %s %d %t", n.At.UTC().Format(time.RFC3339), alerting.InputText(n.Input, func(alerting.AlarmID) int { return 0 }), len(n.Effects), n.Same))
	return false
}

type marks map[time.Time][]byte

func (k marks) Before(at time.Time) (newest []byte) {
	var when time.Time
	for t, b := range k {
		if !t.After(at) && t.After(when) {
			when, newest = t, b
		}
	}
	return newest
}

func (k marks) Keep(at time.Time, b []byte) { k[at] = b }

// A month is told the same from the beginning of the journal and from a state
// that was kept, which is found by whoever passed that moment before.
func TestPastIsToldTheSameFromAMark(t *testing.T) {
	j := newHourly(t, 70*24)
	october, november := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	tell := func(k Marks, from time.Time, keep ...time.Time) *told {
		t.Helper()
		x := &told{until: from.AddDate(0, 1, 0)}
		j.read = 0
		if err := (Past{History: j, Marks: k}).Tell(t.Context(), from, keep, x); err != nil {
			t.Fatal(err)
		}
		return x
	}
	whole := tell(nil, october)
	if len(whole.said) != 1+31*24*3 || whole.said[0] != "begins 2026-10-01T00:00:00Z false" || whole.said[1] != "2026-10-01T00:00:01Z panic d-7 3 true" {
		t.Fatalf("%d told, first %q", len(whole.said), whole.said[:2])
	}
	k := marks{}
	again := tell(k, october, november)
	if diff := cmp.Diff(whole.said, again.said); diff != "" {
		t.Fatal(diff)
	}
	if j.read < 61*24*3 || len(k) != 2 {
		t.Fatalf("%d records read, %d states kept", j.read, len(k))
	}
	again = tell(k, october, november)
	if diff := cmp.Diff(whole, again, cmp.AllowUnexported(told{})); diff != "" {
		t.Fatal(diff)
	}
	if j.read > 31*24*3+10 {
		t.Errorf("%d records were read for a month from a state that was kept", j.read)
	}
	fromNovember := tell(k, november)
	if j.read > 10*24*3+10 || len(fromNovember.said) != 1+(70-61)*24*3 {
		t.Errorf("November: %d read, %d told", j.read, len(fromNovember.said))
	}

	// Marks that are of another journal, or damaged, only cost time.
	for name, spoil := range map[string]func(marks){
		"damaged": func(k marks) { k[october] = []byte("{") },
		"empty":   func(k marks) { k[october] = []byte("{}") },
		"another journal": func(k marks) {
			k[october] = fmt.Appendf(nil, `{"version":%d,"seq":7,"at":"2026-09-01T00:00:00Z","digest":"AAAAAAAAAAA=","machine":{}}`, alerting.Version)
		},
		"beyond its end": func(k marks) {
			k[october] = fmt.Appendf(nil, `{"version":%d,"seq":7000000,"machine":{}}`, alerting.Version)
		},
		"another release": func(k marks) { k[october] = bytes.Replace(k[october], []byte(`"version":`), []byte(`"version":9`), 1) },
		"no machine":      func(k marks) { k[october] = []byte(`{"machine":7}`) },
	} {
		spoil(k)
		if diff := cmp.Diff(whole.said, tell(k, october).said); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestPastBeginsWithTheJournal(t *testing.T) {
	j := newHourly(t, 2)
	for _, c := range []struct {
		from time.Time
		want string
		n    int
	}{
		{firstOfSeptember.AddDate(0, -1, 0), "begins 2026-09-01T00:00:00Z true", 1 + 7},
		{firstOfSeptember.AddDate(0, 1, 0), "begins 2026-10-01T00:00:00Z false", 1},
	} {
		x := &told{until: c.from.AddDate(0, 2, 0)}
		if err := (Past{History: j}).Tell(t.Context(), c.from, nil, x); err != nil || x.said[0] != c.want || len(x.said) != c.n {
			t.Errorf("%v: %v, %q", c.from, err, x.said)
		}
	}
}

// Who asked can go, and others have their turn while it works.
func TestPastGivesWay(t *testing.T) {
	j := newHourly(t, 24)
	ctx, cancel := context.WithCancel(t.Context())
	rests := 0
	p := Past{History: j, Rest: func(time.Duration) {
		if rests++; rests == 1 {
			cancel()
		}
	}}
	if err := p.Tell(ctx, firstOfSeptember, nil, &told{until: firstOfSeptember.AddDate(0, 1, 0)}); err != context.Canceled || rests != 1 || j.read > 65 {
		t.Errorf("%v after %d rests and %d records", err, rests, j.read)
	}
}
