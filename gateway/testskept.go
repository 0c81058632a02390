package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"telecare/alerting"
)

// testsKept is what silent tests and calls have shown, as it is kept over a
// restart.
type testsKept map[alerting.ChannelID]channelKept

type channelKept struct {
	Result    TestResult                      `json:"result"`
	Error     string                          `json:"error,omitempty"`
	TestedAt  time.Time                       `json:"tested_at,omitzero"`
	CalledAt  time.Time                       `json:"called_at,omitzero"`
	CallError string                          `json:"call_error,omitempty"`
	Contacts  map[alerting.Person]contactKept `json:"contacts,omitempty"`
}

type contactKept struct {
	Address string     `json:"address"` // as sameAddress has it
	Result  TestResult `json:"result"`
	Error   string     `json:"error,omitempty"`
	At      time.Time  `json:"at"`
}

// sameAddress tells whether an address is still the one that was tested. It is
// too short to find out which that was: addresses stay in the registry.
func sameAddress(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:2])
}

// keepEvery is how soon what has changed is written again.
const keepEvery = 10 * time.Second

// keep reads what was kept, and writes what is put into toSave until that is
// closed, beside the tests, which wait for no disk. The channel it returns is
// closed when the last was written, or the disk had its time.
func (t *tests) keep(ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	store := t.g.o.Tests
	if store == nil {
		close(ended)
		return ended
	}
	t.toSave = make(chan testsKept, 1)
	go func() {
		defer close(ended)
		var kept testsKept
		b, err := store.Load()
		if err == nil && len(b) > 0 {
			err = json.Unmarshal(b, &kept)
		}
		if err != nil {
			t.g.o.Log.Error("what tests of channels have shown cannot be read: each is untested until its first", "error", err)
			kept = nil
		}
		t.inbox.put(testNotice{kept: &kept})
		last, failed := string(b), false
		for k := range t.toSave {
			b, err := json.Marshal(k)
			if err == nil && string(b) == last {
				continue
			}
			if err == nil {
				err = store.Save(b)
			}
			if err == nil {
				last = string(b)
			} else if !failed {
				t.g.o.Log.Error("what tests of channels have shown is not kept for the next start", "error", err)
			}
			failed = err != nil
			pause := time.NewTimer(keepEvery)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
			pause.Stop()
		}
	}()
	return withPatience(ctx, ended)
}

// save hands the writer a copy, in place of one that waits.
func (t *tests) save() {
	if t.toSave == nil || !t.remembered {
		return
	}
	all := testsKept{}
	for id, c := range t.all {
		s := c.state
		k := channelKept{Result: s.Result, Error: s.Error, TestedAt: s.TestedAt, CalledAt: s.CalledAt, CallError: s.CallError, Contacts: map[alerting.Person]contactKept{}}
		for who, p := range c.contacts {
			if !p.state.At.IsZero() {
				k.Contacts[who] = contactKept{sameAddress(p.address), p.state.Result, p.state.Error, p.state.At}
			}
		}
		if !k.TestedAt.IsZero() || !k.CalledAt.IsZero() || len(k.Contacts) > 0 {
			all[id] = k
		}
	}
	select {
	case <-t.toSave: // older
	default:
	}
	t.toSave <- all
}

// remember takes in what was kept before the start, of channels and addresses
// that there are still and that nothing newer is known of. All is tested anew soon
// all the same.
func (t *tests) remember(kept testsKept, now time.Time) {
	t.remembered = true
	past := func(at time.Time) bool { return !at.IsZero() && !at.After(now) }
	for id, k := range kept {
		c := t.all[id]
		if c == nil {
			continue
		}
		if c.state.CalledAt.IsZero() && past(k.CalledAt) {
			c.state.CalledAt, c.state.CallError = k.CalledAt, k.CallError
		}
		if c.state.Result == Untested && past(k.TestedAt) && (k.Result == TestedWell || k.Result == TestFailed) {
			c.state.Result, c.state.Error, c.state.TestedAt = k.Result, k.Error, k.TestedAt
			if k.Result == TestFailed {
				c.failures = 1 // the next is the second in a row
			}
		}
		for who, was := range k.Contacts {
			p := c.contacts[who]
			if p != nil && p.state.Result == Untested && p.state.At.IsZero() && was.Address == sameAddress(p.address) && past(was.At) {
				switch was.Result {
				case TestedWell, TestFailed, Untestable:
					p.state.Result, p.state.Error, p.state.At = was.Result, was.Error, was.At
				}
			}
		}
		c.whole = true
	}
}
