package modem

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/modem/modemtest"
)

// file is the host's end of a pseudo-terminal as a Port.
type file struct{ *os.File }

func (f file) Read(b []byte) (int, error) {
	if err := f.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		return 0, err
	}
	n, err := f.File.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = nil
	}
	return n, err
}

func openFile(sim *modemtest.Modem) func() (Port, error) {
	return func() (Port, error) {
		f, err := os.OpenFile(sim.Port(), os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
		return file{f}, err
	}
}

// rig is our driver with a simulated modem.
type rig struct {
	t   testing.TB
	sim *modemtest.Modem
	*Modem
	texts *Channel
	bells *Channel

	mu      sync.Mutex
	links   []bool
	counted map[string]int
	told    []Receipt
	answers []string
	reply   string
	hold    chan struct{} // answers wait for it, when it is set
	stop    func()
}

// hasty has tests wait less.
func hasty() timing {
	return timing{
		retry: 10 * time.Millisecond, retryMax: 20 * time.Millisecond, answer: 400 * time.Millisecond, send: time.Second,
		look: 100 * time.Millisecond, inbox: time.Second, beat: 20 * time.Millisecond, setup: time.Second, ring: 50 * time.Millisecond,
	}
}

func newRig(t testing.TB, change func(*rig, *Config)) *rig {
	t.Helper()
	sim, err := modemtest.New(filepath.Join(t.TempDir(), "modem"))
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	r := &rig{t: t, sim: sim, counted: map[string]int{}}
	cfg := Config{
		Name: "gsm",
		Open: openFile(sim),
		Answer: func(ctx context.Context, from, text string) string {
			r.mu.Lock()
			r.answers = append(r.answers, from+": "+text)
			reply, hold := r.reply, r.hold
			r.mu.Unlock()
			if hold != nil {
				select {
				case <-hold:
				case <-ctx.Done():
				}
			}
			return reply
		},
		OnLink:    func(up bool) { r.mu.Lock(); r.links = append(r.links, up); r.mu.Unlock() },
		OnReceipt: func(got Receipt) { r.mu.Lock(); r.told = append(r.told, got); r.mu.Unlock() },
		Count:     func(kind string) { r.mu.Lock(); r.counted[kind]++; r.mu.Unlock() },
	}
	if change != nil {
		change(r, &cfg)
	}
	r.Modem, err = New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r.Modem.timing = hasty()
	r.texts, r.bells = r.Texts("gsm", false), r.Rings("bell", 4)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	r.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(30 * time.Second):
			t.Error("Run does not end")
		}
		r.sim.Close()
	})
	t.Cleanup(r.stop)
	return r
}

func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("not in time: %s; ready: %v; asked: %q", what, r.Ready(), tail(r.sim.Asked()))
		}
	}
}

func tail(s []string) []string { return s[max(0, len(s)-15):] }

func (r *rig) ready() {
	r.t.Helper()
	r.eventually("the modem is ready", func() bool { return r.Ready() == nil })
}

func (r *rig) down(word string) {
	r.t.Helper()
	r.eventually("the modem is down: "+word, func() bool {
		e, ok := errors.AsType[*Error](r.Ready())
		return ok && e.Word() == word
	})
}

func (r *rig) heard() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.answers...)
}

func (r *rig) receipts() []Receipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Receipt(nil), r.told...)
}

func (r *rig) count(kind string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counted[kind]
}

const anna = "+48600100200"

func callFor(id, to string) alerting.Call {
	return alerting.Call{
		ID: alerting.NotificationID(id), Alarm: "a-1", Number: 17, Kind: "fall", Reason: alerting.Calling, State: alerting.Raised,
		RaisedAt: time.Date(2026, 11, 23, 2, 59, 7, 0, time.UTC), Place: "Pokój 7, łazienka", Link: "https://care.example/a/4k7m2q8n",
		To: "s-1", Address: to, Lang: "pl",
	}
}

// notify sends, and wants no error.
func (r *rig) notify(c *Channel, call alerting.Call) {
	r.t.Helper()
	if retry, err := r.try(c, call); err != nil || retry {
		r.t.Fatalf("%s: %v (again: %v)", call.ID, err, retry)
	}
}

func (r *rig) try(c *Channel, call alerting.Call) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return c.Notify(ctx, call)
}
