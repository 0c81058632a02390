package serial

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"telecare/devices"
	"telecare/devices/devicetest"
)

// listener runs a Line and keeps what it hears.
type listener struct {
	*Line
	frames chan devices.Frame
	links  chan bool
	stop   func()
}

// prepare makes a listener without running it.
func prepare(t testing.TB, port string) *listener {
	t.Helper()
	h := &listener{frames: make(chan devices.Frame, 100_000), links: make(chan bool, 1000)}
	line, err := New(Config{
		Name: "hall", Port: port, Format: Jablotron,
		OnLink: func(up bool) { h.links <- up },
	}, func(f devices.Frame, answer func(error)) {
		h.frames <- f
		answer(nil)
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h.Line = line
	return h
}

// run runs the line until stop or the end of the test.
func (h *listener) run(t testing.TB) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- h.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run returned %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Run did not end within 5 s of its context")
		}
	})
	t.Cleanup(h.stop)
}

func listen(t testing.TB, port string) *listener {
	t.Helper()
	h := prepare(t, port)
	h.run(t)
	return h
}

// hears waits for frames that are no answers of the dongle, and returns what
// they say.
func (h *listener) hears(t testing.TB, n int) []string {
	t.Helper()
	var got []string
	deadline := time.After(20 * time.Second)
	for len(got) < n {
		select {
		case f := <-h.frames:
			if f.Message.Device != Dongle {
				got = append(got, said(f.Message, f.Err))
			}
		case <-deadline:
			t.Fatalf("heard %d of %d: %q", len(got), n, got)
		}
	}
	return got
}

func (h *listener) link(t testing.TB, want bool) {
	t.Helper()
	select {
	case up := <-h.links:
		if up != want {
			t.Fatalf("link up: %v, want %v", up, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("link did not become up: %v; ready: %v", want, h.Ready())
	}
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

func plugIn(t testing.TB) *devicetest.Dongle {
	t.Helper()
	d, err := devicetest.NewDongle(filepath.Join(t.TempDir(), "usb-FTDI_FT230X_Basic_UART_DO001-if00-port0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noLeak fails the test when it leaves goroutines behind.
func noLeak(t testing.TB) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		eventually(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
	})
}

func TestLineHears(t *testing.T) {
	noLeak(t)
	d := plugIn(t)
	h := prepare(t, d.Port())
	if err := h.Ready(); err == nil {
		t.Error("ready before it ran")
	}
	h.run(t)
	h.link(t, true)
	if err := h.Ready(); err != nil || d.Asked() != 1 {
		t.Errorf("ready: %v, asked %d times", err, d.Asked())
	}
	if f := <-h.frames; f.Source != "hall" || f.Format != Jablotron || !f.Unanswered || f.Topic != "" ||
		string(f.Raw) != "TURRIS DONGLE V1.7" || f.Address() != "jablotron/dongle" {
		t.Errorf("the dongle's answer is %+v", f)
	}
	var want []string
	for _, v := range readVectors(t).FromDongle {
		if strings.HasPrefix(v.Want, Dongle) {
			continue
		}
		_, err := d.Write([]byte("\n" + string(latin1(v.Line)) + "\n"))
		must(t, err)
		want = append(want, v.Want)
	}
	if got := h.hears(t, len(want)); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	must(t, d.Panic("08300001"))
	must(t, d.Beacon("06662032", true))
	if got := fmt.Sprint(h.hears(t, 2)); got != "[08300001 panic cleared:battery_low 06662032 heartbeat battery_low/level]" {
		t.Errorf("heard %s", got)
	}
}

// Bytes cut anywhere, noise, half lines and invalid UTF-8 between real lines:
// each real line is heard, in order.
func TestLineNoise(t *testing.T) {
	d := plugIn(t)
	h := listen(t, d.Port())
	h.link(t, true)
	rng := rand.New(rand.NewPCG(5, 6))
	var want []string
	var stream []byte
	for i := range 200 {
		switch rng.IntN(4) {
		case 0:
			stream = append(stream, noise(rng, rng.IntN(300))...)
		case 1:
			stream = append(stream, "\n[08300001] RC-86K PAN"...)
		case 2:
			stream = append(stream, "\n\xff\xfe\xc0\x80 [9999"...)
		}
		address := fmt.Sprintf("%08d", 1000000+i)
		stream = append(stream, "\n["+address+"] RC-86K PANIC\n"...)
		want = append(want, address+" panic")
	}
	for len(stream) > 0 {
		n := min(1+rng.IntN(60), len(stream))
		_, err := d.Write(stream[:n])
		must(t, err)
		stream = stream[n:]
	}
	var got []string
	for len(got) < len(want) {
		if s := h.hears(t, 1)[0]; strings.HasSuffix(s, " panic") {
			got = append(got, s)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("heard %q", got)
	}
}

// cpu is the processor time this process has used.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var r unix.Rusage
	must(t, unix.Getrusage(unix.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// Unplugged and plugged in again twenty times: the link's state is told, what
// is said behind a replug is heard, whole and once, within two seconds, and
// nothing spins.
func TestReplug(t *testing.T) {
	noLeak(t)
	d := plugIn(t)
	h := listen(t, d.Port())
	h.link(t, true)

	var worst time.Duration
	began, used := time.Now(), cpu(t)
	for round := range 20 {
		must(t, d.Unplug())
		h.link(t, false)
		if h.Ready() == nil {
			t.Fatal("ready without a port")
		}
		must(t, d.Replug())
		back := time.Now()
		var want []string
		for i := range 3 {
			address := fmt.Sprintf("%08d", 1000000+100*round+i)
			must(t, d.Panic(address))
			want = append(want, address+" panic cleared:battery_low")
		}
		if got := h.hears(t, len(want)); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("round %d: heard %q", round, got)
		}
		worst = max(worst, time.Since(back))
		h.link(t, true)
	}
	if worst > 2*time.Second {
		t.Errorf("recovery took %v", worst)
	}
	wall, used := time.Since(began), cpu(t)-used
	t.Logf("20 replugs in %v: worst recovery %v, processor %v", wall, worst, used)
	if used > wall/2 {
		t.Errorf("processor time %v in %v: something spins", used, wall)
	}

	h.stop()
	for len(h.frames) > 0 {
		if f := <-h.frames; f.Message.Device != Dongle {
			t.Errorf("heard beside: %q", f.Raw)
		}
	}
}

// The longest wait between two tries still recovers in two seconds, and neither
// a missing port nor a quiet one costs processor time.
func TestReplugAtTheLongestWait(t *testing.T) {
	d := plugIn(t)
	h := prepare(t, d.Port())
	h.timing.retry = h.timing.retryMax
	h.run(t)
	h.link(t, true)
	measure := func(state string) {
		used := cpu(t)
		<-time.After(time.Second) // a span to measure in, not to wait for something
		used = cpu(t) - used
		t.Logf("%s: %v processor a second", state, used)
		if used > 300*time.Millisecond {
			t.Errorf("%s: %v processor a second", state, used)
		}
	}
	measure("quiet")
	for range 2 {
		must(t, d.Unplug())
		h.link(t, false)
		measure("unplugged")
		must(t, d.Replug())
		back := time.Now()
		h.link(t, true)
		if took := time.Since(back); took > 10*time.Second {
			t.Errorf("recovery took %v", took)
		}
	}
}

// Unplugged while nobody was reading: from then on every read ends at once, as
// if its time had passed.
func TestUnpluggedBetweenReads(t *testing.T) {
	d := plugIn(t)
	h := prepare(t, d.Port())
	var reads, unplugged = make(chan bool), make(chan bool)
	deliver := h.Line.handle
	h.Line.handle = func(f devices.Frame, answer func(error)) {
		if f.Message.Device != Dongle {
			reads <- true
			<-unplugged
		}
		deliver(f, answer)
	}
	h.run(t)
	h.link(t, true)
	must(t, d.Panic("08300001"))
	<-reads
	must(t, d.Unplug())
	back := time.Now()
	close(unplugged)
	h.link(t, false)
	if took := time.Since(back); took > 10*time.Second {
		t.Errorf("noticed after %v", took)
	}
	must(t, d.Replug())
	h.link(t, true)
}

// A press whose newline was cut off by the unplugging is still a press.
func TestUnpluggedInALine(t *testing.T) {
	d := plugIn(t)
	h := listen(t, d.Port())
	h.link(t, true)
	_, err := d.Write([]byte("\n[06662032] JA-83P BEACON\n\n[08300001] RC-86K PANIC"))
	must(t, err)
	if got := h.hears(t, 1); got[0] != "06662032 heartbeat" {
		t.Fatalf("heard %q", got)
	}
	must(t, d.Unplug())
	if got := h.hears(t, 1); got[0] != "08300001 panic" {
		t.Errorf("heard %q", got)
	}
	h.link(t, false)
	must(t, d.Replug())
	must(t, d.Send("OK"))
	h.link(t, true)
}

func TestSecondOpenerIsRefused(t *testing.T) {
	d := plugIn(t)
	device, err := filepath.EvalSymlinks(d.Port())
	must(t, err)
	first := listen(t, d.Port())
	first.link(t, true)
	second := listen(t, device)
	second.link(t, false)
	if err := second.Ready(); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("the second is told %v", err)
	}
	for i := range 50 {
		must(t, d.Panic(fmt.Sprintf("%08d", i)))
	}
	first.hears(t, 50)
	if n := len(second.frames); n != 0 {
		t.Errorf("the second heard %d frames", n)
	}

	// It is tried again, so that it takes over when the first has ended.
	first.stop()
	second.link(t, true)
	must(t, d.Panic("08300001"))
	second.hears(t, 1)
}

// A dongle that hears and says nothing is a link that is down, although the
// port is open.
func TestMuteDongle(t *testing.T) {
	d := plugIn(t)
	h := prepare(t, d.Port())
	h.timing.silence, h.timing.answer = 300*time.Millisecond, 250*time.Millisecond
	h.run(t)
	h.link(t, true)
	eventually(t, "it is asked again in silence", func() bool { return d.Asked() >= 3 })
	if err := h.Ready(); err != nil {
		t.Errorf("a quiet dongle that answers: %v", err)
	}

	asked := d.Asked() // before: the next question may come at once
	d.Mute(true)
	h.link(t, false)
	if n := d.Asked() - asked; n < h.timing.misses {
		t.Errorf("down after %d questions", n)
	}
	if err := h.Ready(); err == nil || !strings.Contains(err.Error(), "did not answer") {
		t.Errorf("ready says %v", err)
	}
	d.Mute(false)
	h.link(t, true)

	// What it hears is a sign of life too, answer or not; noise is none.
	d.Mute(true)
	must(t, d.Panic("08300001"))
	h.hears(t, 1)
	eventually(t, "noise alone is a link that is down", func() bool {
		must(t, d.Send("\xff\xfe noise"))
		return h.Ready() != nil
	})
	h.link(t, false)
	must(t, d.Panic("08300001"))
	h.link(t, true)
}

// A peer that does not drain what it is asked must not stop the reading.
func TestPeerDoesNotDrain(t *testing.T) {
	noLeak(t)
	master, slave, err := pty.Open()
	must(t, err)
	defer master.Close()
	defer slave.Close()
	fd := int(slave.Fd()) // once: each call makes it blocking again
	must(t, unix.SetNonblock(fd, true))
	full := func() bool { // and stays so: the kernel moves bytes on for a while
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(fds, 100)
		return n == 0 && err == nil
	}
	for i := 0; !full(); i++ {
		for err := error(nil); err == nil; {
			_, err = unix.Write(fd, []byte("x"))
		}
		if i > 1000 {
			t.Fatal("the terminal never fills up")
		}
	}

	h := prepare(t, slave.Name())
	h.timing.silence, h.timing.misses = 0, 1000
	h.run(t)
	for i := range 500 { // each goes with a question, and some of these still find room
		_, err := fmt.Fprintf(master, "\n[%08d] RC-86K PANIC\n", i)
		must(t, err)
		h.hears(t, 1)
	}
	began := time.Now()
	h.stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Run ended after %v", took)
	}
}

// A link by id that leads to another device is followed, although the old
// device is still there.
func TestLinkMoves(t *testing.T) {
	byID := t.TempDir()
	link := filepath.Join(byID, "usb-FTDI_A-if00-port0")
	var dongles []*devicetest.Dongle
	for range 2 {
		d, err := devicetest.NewDongle("")
		must(t, err)
		defer d.Close()
		dongles = append(dongles, d)
	}
	must(t, os.Symlink(dongles[0].Port(), link))
	h := prepare(t, "usb-FTDI_A*")
	h.byID = byID
	h.run(t)
	h.link(t, true)
	must(t, os.Symlink(dongles[1].Port(), link+"~"))
	must(t, os.Rename(link+"~", link))
	h.link(t, false)
	h.link(t, true)
	must(t, dongles[1].Panic("08300001"))
	h.hears(t, 1)
}
