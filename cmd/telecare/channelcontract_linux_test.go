package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/gateway"
)

// end is the other side of a channel, which can be bad.
type end interface {
	// channel is a new channel to it, whose tries take so long at most.
	channel(timeout time.Duration) gateway.Notifier
	// be makes it bad in one of the ways below, or well.
	be(way string)
	// took are the calls that it took, by what a receiver tells them apart by; the
	// same for all where it cannot.
	took() []string
}

// The ways to be bad. A serial port has no connections: what is said of them
// there stands behind.
const (
	wayWell    = ""
	wayRefuses = "refuses"                  // the modem is unplugged
	wayDeaf    = "hangs in connect"         // a backlog that is full; the modem never answers
	wayMute    = "hangs before a word"      // connected, and no answer, greeting or prompt
	wayHalf    = "hangs in the body"        // half an answer; the modem takes the text and says nothing
	wayGarbage = "answers garbage"          //
	waySlow    = "answers when all is over" // takes the call, and says so when nobody listens
	wayCloses  = "closes"                   // the modem is unplugged in mid message
	wayTwice   = "answers twice"            //
	wayBusy    = "says that it is busy"     // takes nothing
)

// ends are those of all channels that reach people. The phones of the demo are a
// webhook; a screen has no other side but our own page.
func ends() map[string]struct {
	new     func(*testing.T) end
	address string
} {
	type row = struct {
		new     func(*testing.T) end
		address string
	}
	all := map[string]row{
		"email": {func(t *testing.T) end { return newFarEnd(t, mailServer{}) }, "marta@example.org"},
		"modem": {newGSM, "+48600100200"},
	}
	for name, r := range httpReceivers() {
		all[name] = row{func(t *testing.T) end { return newFarEnd(t, r) }, r.address}
	}
	return all
}

// contractCall is the call of a person's at an address.
func contractCall(address string) alerting.Call {
	return alerting.Call{
		ID: "a-1.1", Alarm: "a-1", Number: 1, Kind: "fall", Reason: alerting.Calling, State: alerting.Raised, Step: 1, Presses: 1,
		RaisedAt: time.Date(2026, 2, 3, 2, 0, 0, 0, time.UTC), Place: "Room 7", Link: "https://care.example.org/a/x.y", To: "r-1", Lang: "en",
		Address: address,
	}
}

// TestEveryChannelBad holds all channels to one contract: however the other side
// is bad, a try ends by itself, says so and is to be made again; a channel that
// is well delivers meanwhile; and when the other side is well again, the call is
// accepted, and is one for whoever can tell.
func TestEveryChannelBad(t *testing.T) {
	const short, long = 150 * time.Millisecond, 30 * time.Second
	try := func(n gateway.Notifier, c alerting.Call, d time.Duration) (bool, error) {
		ctx, cancel := context.WithTimeout(t.Context(), d) // as the gateway's senders do
		defer cancel()
		return n.Notify(ctx, c)
	}
	accepted := func(t *testing.T, n gateway.Notifier, c alerting.Call) {
		t.Helper()
		for began := time.Now(); ; {
			_, err := try(n, c, long)
			if err == nil {
				return
			}
			if time.Since(began) > 2*long {
				t.Fatalf("it is well, and not called: %v", err)
			}
			time.Sleep(20 * time.Millisecond) // as the senders wait, if less
		}
	}
	for name, ch := range ends() {
		call := contractCall(ch.address)
		for _, way := range []string{wayRefuses, wayDeaf, wayMute, wayHalf, wayGarbage, waySlow, wayCloses} {
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				bad, beside := ch.new(t), ch.new(t)
				bad.be(way)
				n := bad.channel(short)
				for range 2 {
					// By its own time, not by its caller's: but for the modem, which
					// everybody shares, so that who waits for it says how long.
					d := long
					if name == "modem" {
						d = short
					}
					began := time.Now()
					if retry, err := try(n, call, d); err == nil || !retry {
						t.Fatalf("retry %v, %v", retry, err)
					}
					if took := time.Since(began); took > long/2 {
						t.Errorf("a try of %s took %s", short, took)
					}
				}
				beside.be(wayWell)
				accepted(t, beside.channel(long), call)
				bad.be(wayWell)
				again := n
				if name != "shoutrrr" && name != "modem" { // which remember their tries; the modem is one
					again = bad.channel(long)
				}
				accepted(t, again, call)
				took := bad.took()
				if len(took) == 0 || len(slices.Compact(took)) != 1 {
					t.Errorf("one call came as %q", took)
				}
				if name == "shoutrrr" && way != wayMute && len(took) > 1 { // it takes a status alone for an answer
					t.Errorf("came %d times", len(took))
				}
			})
		}
		// The second answer is nobody's: the next call must not take it for its own.
		t.Run(name+"/"+wayTwice, func(t *testing.T) {
			t.Parallel()
			e := ch.new(t)
			e.be(wayTwice)
			n := e.channel(long)
			accepted(t, n, call)
			if f, ok := e.(*farEnd); ok { // until what came too much has ended the connection: a moment is the library's
				for deadline := time.Now().Add(long); f.open.Load() > 0 && time.Now().Before(deadline); <-time.After(time.Millisecond) {
				}
			}
			next := call
			next.ID = "a-1.2"
			e.be(wayBusy)
			if _, err := try(n, next, long); err == nil {
				t.Error("the second answer to one call is taken for that to the next")
			}
		})
	}
}
