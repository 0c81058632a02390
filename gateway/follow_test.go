package gateway

import (
	"context"
	"errors"
	"testing"
	"time"

	"telecare/alerting"
)

// following notes what a Follower tells, and survives it as a store would.
type following struct {
	fresh, changed int
	marks          marks
	broken         error
}

func (x *following) on(j History) *Follower {
	return &Follower{
		Past:  Past{History: j, Marks: x.marks},
		Fresh: func(context.Context) error { x.fresh++; x.changed = 0; return nil },
		Each: func(_ context.Context, m Moment) error {
			for _, e := range m.Effects {
				if _, ok := e.(alerting.Changed); ok {
					x.changed++
				}
			}
			return x.broken
		},
	}
}

// What is told once is not told again: neither by the same one nor, after a
// restart, by the next, which begins where the last state was kept.
func TestFollowerGoesOn(t *testing.T) {
	j := newHourly(t, 48)
	all := j.recs
	x := &following{marks: marks{}}
	f := x.on(j)
	follow := func(f *Follower, ctx context.Context) (time.Time, bool) {
		t.Helper()
		until, done, err := f.Follow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return until, done
	}
	j.recs = all[:70]
	if until, done := follow(f, t.Context()); !done || !until.Equal(all[69].At) || x.fresh != 1 || x.changed == 0 {
		t.Fatalf("read to %s (%t), fresh %d times, %d changes", until, done, x.fresh, x.changed)
	}
	half := x.changed
	follow(f, t.Context())
	if x.changed != half {
		t.Error("what was told is told again")
	}
	j.recs = all
	j.read = 0
	next := x.on(j)
	if _, done := follow(next, t.Context()); !done || x.fresh != 1 || j.read > len(all)-70+1 {
		t.Errorf("the next one was fresh (%d) or read %d records, want the %d new ones", x.fresh, j.read, len(all)-70)
	}
	whole := &following{marks: marks{}}
	follow(whole.on(j), t.Context())
	if x.changed != whole.changed {
		t.Errorf("in parts %d changes were told, at once %d", x.changed, whole.changed)
	}

	over, cancel := context.WithCancel(t.Context())
	cancel()
	late := &following{marks: marks{}}
	f = late.on(j)
	if _, done := follow(f, over); done || late.changed != 0 {
		t.Errorf("with no time it is done: %t", done)
	}
	follow(f, t.Context())
	if late.changed != whole.changed {
		t.Errorf("after a wait %d changes were told, want %d", late.changed, whole.changed)
	}

	// After an error it begins at what was kept.
	bad := &following{marks: marks{}, broken: errors.New("the disk is full")}
	f = bad.on(j)
	if _, _, err := f.Follow(t.Context()); !errors.Is(err, bad.broken) {
		t.Errorf("an error is told as %v", err)
	}
	bad.broken, bad.changed = nil, 0
	follow(f, t.Context())
	if bad.changed != whole.changed || bad.fresh != 2 {
		t.Errorf("after an error %d changes were told, want %d", bad.changed, whole.changed)
	}

	// Another journal begins anew.
	other := newHourly(t, 3)
	other.recs[len(other.recs)-1].Digest[0]++
	if follow(x.on(other), t.Context()); x.fresh != 2 {
		t.Error("another journal was taken for the same")
	}
}
