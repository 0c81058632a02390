package serial

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"telecare/devices"
)

func newDecoder(t testing.TB) Decoder {
	t.Helper()
	d, err := NewDecoder(Jablotron)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// read is every frame of the stream, one a line.
func read(frames []Decoded) string {
	var s strings.Builder
	for _, f := range frames {
		fmt.Fprintf(&s, "%q %s\n", f.Raw, said(f.Message, f.Err))
	}
	return s.String()
}

func TestCut(t *testing.T) {
	const panicLine = "[08300001] RC-86K PANIC"
	tests := []struct{ name, stream, want string }{
		{"newline before and after", "\n" + panicLine + "\n\nOK\n", "08300001 panic, dongle heartbeat"},
		{"carriage returns", panicLine + "\r\nOK\r", "08300001 panic, dongle heartbeat"},
		{"blank lines", "\n \n\t\n\r\n\n", ""},
		{"stray NULs", "\x00[083\x0000001] RC-86K PA\x00NIC\x00\n\x00\n", "08300001 panic"},
		{"unfinished", "\nOK\n" + panicLine, "dongle heartbeat, 08300001 panic"},
		{"half a line", "\n[08300001] RC-8", "08300001 error"},
		{"noise glued before", "\xff\x80ab" + panicLine + "\n", "error, 08300001 panic"},
		{"two lines glued", "[01842835] JA-81M SENSOR LB:0 ACT:1" + panicLine + "\n", "01842835 contact=0 cleared:battery_low, 08300001 panic"},
		{"a slot is one line", "SLOT:03 [07439975]\n", "dongle heartbeat"},
		{"noise without an end", strings.Repeat("x", 5000) + "\n" + panicLine + "\n", "error, 08300001 panic"},
		{"the longest line", strings.Repeat("x", maxLine) + "\nOK\n", "error, dongle heartbeat"},
		{"too long, then nothing", strings.Repeat("x", maxLine+1), "error"},
		{"spaces without an end", strings.Repeat(" ", 1000) + "\nOK\n", "error, dongle heartbeat"},
	}
	for _, tt := range tests {
		d := newDecoder(t)
		var got []string
		for _, f := range append(d.Feed([]byte(tt.stream)), d.End()...) {
			if len(f.Raw) > maxLine {
				t.Errorf("%s: a frame of %d bytes", tt.name, len(f.Raw))
			}
			got = append(got, said(f.Message, f.Err))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, s, tt.want)
		}
	}
}

// Raw is the receiver's: a later line must not change it.
func TestRawIsOwned(t *testing.T) {
	d := newDecoder(t)
	first := d.Feed([]byte("OK\n"))
	d.Feed([]byte("XXXXXXXX\nYYYYYYY\n"))
	if string(first[0].Raw) != "OK" {
		t.Errorf("the first frame became %q", first[0].Raw)
	}
}

// realLines are what a dongle can say.
func realLines(t testing.TB) [][]byte {
	var out [][]byte
	for _, v := range readVectors(t).FromDongle {
		if v.Want != "error" {
			out = append(out, latin1(v.Line))
		}
	}
	return out
}

// Where the stream is cut into pieces makes no difference.
func TestCutAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	real := realLines(t)
	for range 300 {
		var stream []byte
		for range 1 + rng.IntN(20) {
			switch rng.IntN(4) {
			case 0:
				stream = append(stream, noise(rng, rng.IntN(600))...)
			default:
				stream = append(stream, '\n')
				stream = append(stream, real[rng.IntN(len(real))]...)
				stream = append(stream, '\n')
			}
		}
		whole := newDecoder(t)
		want := read(append(whole.Feed(stream), whole.End()...))

		pieces := newDecoder(t)
		var got []Decoded
		for rest := stream; len(rest) > 0; {
			n := 1 + rng.IntN(min(len(rest), 40))
			got = append(got, pieces.Feed(rest[:n])...)
			rest = rest[n:]
		}
		got = append(got, pieces.End()...)
		if read(got) != want {
			t.Fatalf("stream %q\n in pieces %s\n at once %s", stream, read(got), want)
		}
	}
}

func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// A million random bytes with a thousand real lines in them: every one of them
// is found, in order.
func TestNoise(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	d := newDecoder(t)
	var got []string
	bad := 0
	keep := func(frames []Decoded) {
		for _, f := range frames {
			if f.Err != nil {
				bad++
				continue
			}
			got = append(got, f.Message.Device)
		}
	}
	var want []string
	for i := range 1000 {
		address := fmt.Sprintf("%08d", 1000000+i)
		want = append(want, address)
		keep(d.Feed(noise(rng, 1000)))
		keep(d.Feed([]byte("\n[" + address + "] RC-86K PANIC LB:0\n")))
	}
	keep(d.End())
	if g, w := strings.Join(got, " "), strings.Join(want, " "); g != w {
		t.Errorf("found %d of %d lines\n got %s", len(got), len(want), g)
	}
	if bad == 0 || bad > 1_000_000/20 {
		t.Errorf("%d errors", bad)
	}
	t.Logf("found %d lines, %d pieces of noise", len(got), bad)
}

func TestUnknownFormat(t *testing.T) {
	if _, err := NewDecoder("morse"); err == nil || !strings.Contains(err.Error(), `"morse"`) {
		t.Errorf("error is %v", err)
	}
	if err := DecodeStream("morse", strings.NewReader(""), false, nil); err == nil {
		t.Error("DecodeStream took an unknown format")
	}
}

func TestDecodeStream(t *testing.T) {
	stream := "junk\n\n[08300001] RC-86K PANIC LB:1\n\nOK"
	want := "error\n08300001 panic battery_low/level\ndongle heartbeat\n"
	collect := func(s *strings.Builder) func(devices.Message, error) {
		return func(m devices.Message, err error) { fmt.Fprintln(s, said(m, err)) }
	}

	var raw strings.Builder
	if err := DecodeStream(Jablotron, iotest.OneByteReader(strings.NewReader(stream)), false, collect(&raw)); err != nil {
		t.Fatal(err)
	}
	if raw.String() != want {
		t.Errorf("raw:\n%s\nwant\n%s", raw.String(), want)
	}

	var lines strings.Builder
	fmt.Fprintf(&lines, "%x\n", "junk")
	fmt.Fprintf(&lines, "% X\r\n\n", "\n[08300001] RC-86K PANIC LB:1\n")
	lines.WriteString("4f:4b") // OK, and no newline at the end
	var fromHex strings.Builder
	if err := DecodeStream(Jablotron, iotest.OneByteReader(strings.NewReader(lines.String())), true, collect(&fromHex)); err != nil {
		t.Fatal(err)
	}
	if fromHex.String() != want {
		t.Errorf("hex:\n%s\nwant\n%s", fromHex.String(), want)
	}

	// Bad lines are frames with an error; those behind them are read.
	var bad strings.Builder
	in := "zz\n4f4\n0a\n" + strings.Repeat("41", maxHexFrame) + "\n4f4b\n"
	if err := DecodeStream(Jablotron, strings.NewReader(in), true, collect(&bad)); err != nil {
		t.Fatal(err)
	}
	if want := "error\nerror\nerror\nerror\ndongle heartbeat\n"; bad.String() != want {
		t.Errorf("bad hex:\n%s\nwant\n%s", bad.String(), want)
	}

	// A reader that fails is an error, and what came before it was decoded.
	for _, asHex := range []bool{false, true} {
		in := "OK\n"
		if asHex {
			in = hex.EncodeToString([]byte(in)) + "\n"
		}
		broken := errors.New("disk on fire")
		var got strings.Builder
		err := DecodeStream(Jablotron, io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), asHex, collect(&got))
		if !errors.Is(err, broken) || got.String() != "dongle heartbeat\n" {
			t.Errorf("hex %v: error %v after %q", asHex, err, got.String())
		}
	}
}

func FuzzJablotron(f *testing.F) {
	v := readVectors(f)
	for _, x := range v.FromDongle {
		f.Add(latin1(x.Line))
	}
	for _, x := range v.ToDongle {
		f.Add(latin1(x.Line))
	}
	f.Add([]byte("\n[01842835] JA-81M SENSOR LB:0 ACT:1[08300001] RC-86K PANIC LB:0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newDecoder(t)
		whole := append(d.Feed(b), d.End()...)
		size := 0
		for _, w := range whole {
			size += len(w.Raw)
			if len(w.Raw) > maxLine || w.Err == nil && w.Message.Device == "" || len(w.Message.Events) > 4 {
				t.Fatalf("%q gave %+v", w.Raw, w)
			}
		}
		if size > len(b) {
			t.Fatalf("%d bytes became %d", len(b), size)
		}
		var pieces []Decoded
		for i := range b {
			pieces = append(pieces, d.Feed(b[i:i+1])...)
		}
		pieces = append(pieces, d.End()...)
		if read(pieces) != read(whole) {
			t.Fatalf("in pieces %s at once %s", read(pieces), read(whole))
		}
		// A real line behind whatever this was is found.
		d.Feed(b)
		last := d.Feed([]byte("\n[08300001] RC-86K PANIC LB:0\n"))
		if n := len(last); n == 0 || said(last[n-1].Message, last[n-1].Err) != "08300001 panic cleared:battery_low" {
			t.Fatalf("after %q: %s", b, read(last))
		}
	})
}

func FuzzDecodeStreamHex(f *testing.F) {
	f.Add([]byte("4f4b\n0a 4F 4B\nzz\n\n4f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		if err := DecodeStream(Jablotron, bytes.NewReader(b), true, func(devices.Message, error) { n++ }); err != nil {
			t.Fatal(err)
		}
		if n > len(b) {
			t.Fatalf("%d bytes became %d frames", len(b), n)
		}
	})
}
