package serial

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"telecare/devices"
)

func accepting() bool { return os.Getenv("TELECARE_ACCEPT") == "1" }

// Over a real line, cut at random, glued and with noise between: every frame of
// every format is heard, in order, and nothing that was not said. Accepting, it
// is a million bytes of noise for each.
func TestFormatsOverALine(t *testing.T) {
	frames, gap := 100, 200
	if accepting() {
		frames, gap = 1000, 1350
	}
	for _, o := range ones() {
		t.Run(o.format, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			heard := make(chan string, 100_000)
			line, err := New(Config{Name: "far", Port: r.Port, Format: o.format}, func(f devices.Frame, answer func(error)) {
				if f.Err == nil && f.Message.Device != Dongle {
					heard <- said(f.Message, nil)
				}
				answer(nil)
			}, slog.New(slog.DiscardHandler))
			must(t, err)
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error)
			go func() { ended <- line.Run(ctx) }()
			defer func() { cancel(); must(t, <-ended) }()
			go func() { _, _ = io.Copy(io.Discard, r) }() // what is asked and answered
			eventually(t, "the port is open", func() bool {
				line.answers.mu.Lock()
				defer line.answers.mu.Unlock()
				return line.answers.write != nil
			})

			rng := rand.New(rand.NewPCG(9, 10))
			var stream []byte
			var want []string
			for i := range frames {
				frame, says := o.make(i)
				if rng.IntN(4) > 0 { // else glued to the one before
					stream = append(stream, noise(rng, rng.IntN(2*gap))...)
				}
				stream, want = append(stream, frame...), append(want, says)
			}
			go func() {
				for len(stream) > 0 {
					n := min(1+rng.IntN(900), len(stream))
					if _, err := r.Write(stream[:n]); err != nil {
						return // the end of the test
					}
					stream = stream[n:]
				}
			}()
			deadline := time.After(time.Minute)
			for i, w := range want {
				select {
				case got := <-heard:
					if got != w {
						t.Fatalf("frame %d: heard %q, said %q", i, got, w)
					}
				case <-deadline:
					t.Fatalf("heard %d of %d; next is %q", i, len(want), w)
				}
			}
		})
	}
}

// Unplugged in the middle of a line and plugged in again fifty times, on a
// machine that has no time: whatever was complete is heard, once, the port is
// back within two seconds, and nothing spins.
func TestReplugUnderLoad(t *testing.T) {
	if !accepting() {
		t.Skip("a long proof: `make accept` runs it, or TELECARE_ACCEPT=1")
	}
	for range 2 {
		busy := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
		must(t, busy.Start())
		defer func() { _ = busy.Wait() }() // killed
		defer func() { _ = busy.Process.Kill() }()
	}
	d := plugIn(t)
	h := listen(t, d.Port())
	h.link(t, true)
	var worst, sum time.Duration
	began, used := time.Now(), cpu(t)
	const rounds = 50
	for round := range rounds {
		var want []string
		for i := range 20 {
			address := fmt.Sprintf("%08d", 1000000+100*round+i)
			must(t, d.Panic(address))
			want = append(want, address+" panic cleared:battery_low")
		}
		if got := h.hears(t, len(want)); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("round %d: heard %q", round, got)
		}
		_, err := d.Write([]byte("\n[09999999] RC-86K PAN"))
		must(t, err)
		must(t, d.Unplug())
		h.link(t, false)
		must(t, d.Replug())
		back := time.Now()
		address := fmt.Sprintf("%08d", 1000000+100*round+99)
		must(t, d.Panic(address))
		for { // the half line may have been read, as an error
			got := h.hears(t, 1)[0]
			if got == "09999999 error" {
				continue
			}
			if got != address+" panic cleared:battery_low" {
				t.Fatalf("round %d: heard %q", round, got)
			}
			break
		}
		took := time.Since(back)
		worst, sum = max(worst, took), sum+took
		h.link(t, true)
	}
	if worst > 2*time.Second {
		t.Errorf("recovery took %v", worst)
	}
	wall, used := time.Since(began), cpu(t)-used
	t.Logf("%d replugs in %v beside two busy processes: recovery %v in the mean, %v at worst; our processor time %v", rounds, wall, sum/rounds, worst, used)
	if used > wall/4 {
		t.Errorf("processor time %v in %v: something spins", used, wall)
	}
}
