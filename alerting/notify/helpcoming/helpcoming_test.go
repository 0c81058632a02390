package helpcoming

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// broker takes what is sent, or does not.
type broker struct {
	mu     sync.Mutex
	said   []string
	faults []string
	fail   error
	hang   time.Duration
}

func (b *broker) send(source, topic string, payload []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hang > 0 {
		b.mu.Unlock()
		time.Sleep(b.hang)
		b.mu.Lock()
	}
	if b.fail != nil {
		return b.fail
	}
	b.said = append(b.said, fmt.Sprintf("%s %s %s", source, topic, payload))
	return nil
}

func (b *broker) fault(subject string, on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if on {
		b.faults = append(b.faults, subject)
	} else {
		b.faults = slices.DeleteFunc(b.faults, func(s string) bool { return s == subject })
	}
}

func (b *broker) expect(t *testing.T, what string, want ...string) {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.said, want) {
		t.Errorf("%s: said %q, want %q", what, b.said, want)
	}
	b.said = nil
}

func alarm(id string, s alerting.State) alerting.Alarm {
	a := alerting.Alarm{ID: alerting.AlarmID(id), State: s, Place: "p-7", Device: "d-1", RaisedAt: time.Now()}
	if s != alerting.Raised {
		a.AckedAt = time.Now()
	}
	if s == alerting.Closed {
		a.ClosedAt = time.Now()
	}
	return a
}

func begin(t *testing.T, b *broker) (*Answers, func()) {
	a := New(b.send, b.fault, slog.New(slog.DiscardHandler))
	lamp := Command{"p-7", "house", "lamp", []byte("ON"), nil, []byte("OFF")}
	a.Set(Commands{Places: map[alerting.PlaceID][]Command{"p-7": {lamp}}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	synctest.Wait()
	return a, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestHelpIsComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broker{}
		a, end := begin(t, b)
		a.Alarm(alarm("1", alerting.Raised))
		b.expect(t, "raised")
		a.Alarm(alarm("1", alerting.Acknowledged))
		b.expect(t, "taken", "house lamp ON")
		a.Alarm(alarm("1", alerting.Acknowledged))
		b.expect(t, "news of the same")
		a.Alarm(alarm("1", alerting.Raised))
		b.expect(t, "given back: nobody comes", "house lamp OFF")
		a.Alarm(alarm("1", alerting.Attended))
		b.expect(t, "somebody is there", "house lamp ON")
		a.Alarm(alarm("2", alerting.Acknowledged))
		b.expect(t, "a second one", "house lamp ON")
		a.Alarm(alarm("1", alerting.Closed))
		b.expect(t, "one of two is over", "house lamp ON")
		a.Alarm(alarm("2", alerting.Closed))
		b.expect(t, "over", "house lamp OFF")
		a.Alarm(alarm("3", alerting.Closed))
		b.expect(t, "closed while nobody ran", "house lamp OFF")
		old := alarm("4", alerting.Closed)
		old.ClosedAt = time.Now().Add(-time.Hour)
		a.Alarm(old)
		b.expect(t, "closed long ago")
		elsewhere := alarm("5", alerting.Acknowledged)
		elsewhere.Place, elsewhere.Device = "p-8", "d-8"
		a.Alarm(elsewhere)
		b.expect(t, "a place without a lamp")

		speaker := Command{"d-1", "", "say", []byte("coming"), []byte("there"), nil}
		a.Set(Commands{Devices: map[devices.ID][]Command{"d-1": {speaker}}})
		a.Alarm(alarm("6", alerting.Acknowledged))
		b.expect(t, "coming", " say coming")
		a.Alarm(alarm("6", alerting.Attended))
		b.expect(t, "there", " say there")
		a.Alarm(alarm("6", alerting.Closed))
		b.expect(t, "nothing to undo")
		end()
	})
}

// TestBrokerThatIsAway: it is tried again, it is a fault meanwhile, and what is
// no longer true is not said.
func TestBrokerThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &broker{fail: errors.New("not connected")}
		a, end := begin(t, b)
		set := func(err error) { b.mu.Lock(); defer b.mu.Unlock(); b.fail = err }
		faults := func(want int) {
			t.Helper()
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.faults) != want {
				t.Errorf("faults %v", b.faults)
			}
		}
		a.Alarm(alarm("1", alerting.Acknowledged))
		time.Sleep(time.Second)
		faults(0)
		set(nil)
		time.Sleep(5 * time.Second)
		b.expect(t, "shortly", "house lamp ON")
		set(errors.New("not connected"))
		a.Alarm(alarm("1", alerting.Attended))
		time.Sleep(5 * time.Second)
		faults(1)
		a.Alarm(alarm("1", alerting.Closed))
		time.Sleep(time.Minute)
		set(nil)
		time.Sleep(mostWait)
		b.expect(t, "only what is true now", "house lamp OFF")
		faults(0)

		// One that hangs delays nobody.
		b.mu.Lock()
		b.hang = time.Hour
		b.mu.Unlock()
		began := time.Now()
		for i := range 10 {
			a.Alarm(alarm(fmt.Sprint("more", i), alerting.Acknowledged))
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it was waited for %v", took)
		}
		end()
	})
}
