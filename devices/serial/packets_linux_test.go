package serial

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"telecare/devices"
)

// listenTo runs a line of the format, of a source called hall.
func listenTo(t testing.TB, format, port string) *listener {
	t.Helper()
	h := &listener{frames: make(chan devices.Frame, 100_000), links: make(chan bool, 1000)}
	line, err := New(Config{Name: "hall", Port: port, Format: format, OnLink: func(up bool) { h.links <- up }},
		func(f devices.Frame, answer func(error)) {
			h.frames <- f
			answer(nil)
		}, slog.New(slog.DiscardHandler))
	must(t, err)
	h.Line = line
	h.run(t)
	return h
}

// A million random bytes with a thousand real frames among them, cut anywhere,
// through a pseudo-terminal: every one is heard, in order, and of a format with
// checksums nothing else is.
func TestLinesInNoise(t *testing.T) {
	type made struct {
		name string
		make func(i int) ([]byte, string)
	}
	all := []made{{Jablotron, func(i int) ([]byte, string) {
		return fmt.Appendf(nil, "\n[%08d] RC-86K PANIC LB:0\n", 1000000+i), fmt.Sprintf("%08d panic cleared:battery_low", 1000000+i)
	}}}
	for _, f := range packetFormats {
		all = append(all, made{f.name, f.make})
	}
	for _, f := range all {
		t.Run(f.name, func(t *testing.T) {
			d := plugIn(t)
			d.Mute(true) // or its answer comes in the middle of a frame, where no real one speaks
			h := listenTo(t, f.name, d.Port())
			rng := rand.New(rand.NewPCG(9, 10))
			var want []string
			for i := range 1000 {
				b := noise(rng, 1000)
				real, means := f.make(i)
				if f.name == R60 || f.name == TinyFrame {
					means = "hall" + means[len(Radar):] // a radar is called as its source is
				}
				want = append(want, means)
				for b = append(b, real...); len(b) > 0; {
					n := 1 + rng.IntN(len(b))
					_, err := d.Write(b[:n])
					must(t, err)
					b = b[n:]
				}
			}
			refused, at := 0, 0
			deadline := time.After(60 * time.Second)
			for at < len(want) {
				select {
				case f := <-h.frames:
					switch {
					case f.Err != nil:
						refused++
					case told(Decoded{Message: f.Message}) != want[at]:
						t.Fatalf("frame %d is %s, want %s", at, told(Decoded{Message: f.Message}), want[at])
					default:
						at++
					}
				case <-deadline:
					t.Fatalf("heard %d of %d", at, len(want))
				}
			}
			if refused < 900 {
				t.Errorf("%d pieces of noise", refused)
			}
			t.Logf("heard %d frames and nothing else; %d pieces of noise", at, refused)
		})
	}
}

// A quiet peer is asked, and its answer is a sign of life; our own question
// coming back is none.
func TestPacketProbes(t *testing.T) {
	tests := []struct {
		format        string
		question      []byte
		answer        []byte
		says, address string
	}{
		{ESP3, esp3Version, esp3Packet(esp3Response, make([]byte, 33), nil), "dongle heartbeat", "esp3/dongle"},
		{R60, r60Fall, r60Packet(0x83, 0x81, 0), "hall cleared:fall", "r60/hall"},
		{TinyFrame, tinyParameters, tinyPacket(0, 0x0e06, make([]byte, 28)...), "hall heartbeat", "tinyframe/hall"},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			master, slave, err := pty.Open()
			must(t, err)
			defer master.Close()
			defer slave.Close()
			raw(t, slave)
			h := listenTo(t, tt.format, slave.Name())
			asked := make([]byte, len(tt.question))
			must(t, master.SetReadDeadline(time.Now().Add(20*time.Second)))
			for n := 0; n < len(asked); {
				k, err := master.Read(asked[n:])
				must(t, err)
				n += k
			}
			if !bytes.Equal(asked, tt.question) {
				t.Fatalf("was asked % X", asked)
			}
			if tt.format != TinyFrame { // whose settings and question look alike
				_, err = master.Write(tt.question)
				must(t, err)
				if f := <-h.frames; !f.Message.Hearsay || f.Err != nil {
					t.Errorf("its own question is %+v", f)
				}
				if h.Ready() == nil {
					t.Error("up by its own question")
				}
			}
			_, err = master.Write(tt.answer)
			must(t, err)
			h.link(t, true)
			if f := <-h.frames; said(f.Message, f.Err) != tt.says || f.Address() != devices.Address(tt.address) || !f.Unanswered {
				t.Errorf("the answer is %+v", f)
			}
			h.stop()
		})
	}
}

// Noise that announces a long packet does not hold a press back for longer than
// a read takes.
func TestLineIdle(t *testing.T) {
	d := plugIn(t)
	h := listenTo(t, ESP3, d.Port())
	head := []byte{0x55, 0x01, 0xf0, 0x00, 0x01}
	press, want := packetFormats[0].make(1)
	_, err := d.Write(append(append(head, crc8(head[1:])), press...))
	must(t, err)
	h.link(t, true)
	if f := <-h.frames; f.Err == nil {
		t.Errorf("the beginning is %+v", f)
	}
	if f := <-h.frames; told(Decoded{Message: f.Message, Err: f.Err}) != want {
		t.Errorf("the press is %+v", f)
	}
}

// raw makes a terminal pass bytes as they are.
func raw(t testing.TB, tty *os.File) {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	must(t, err)
	mode.Iflag, mode.Oflag, mode.Lflag = 0, 0, 0
	must(t, unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, mode))
}
