package serial

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"telecare/devices"
)

type vector struct{ In, Want, Source string }

// textFormats are those whose vectors are a file of this shape.
func textFormats() []string {
	return []string{SurGard, Ademco685, Easywave, AlarmDecoder, MySensors, RFLink}
}

func vectorsOf(t testing.TB, format string) []vector {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", format+".json"))
	var v struct{ Vectors []vector }
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v.Vectors
}

func decoderOf(t testing.TB, format string) Decoder {
	t.Helper()
	d, err := NewDecoder(format)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// saidLate is said, and late.
func saidLate(m devices.Message, err error) string {
	s := said(m, err)
	for _, e := range m.Events {
		if e.Late {
			s += " late"
		}
	}
	return s
}

func sayings(frames []Decoded) string {
	var all []string
	for _, f := range frames {
		all = append(all, saidLate(f.Message, f.Err))
	}
	return strings.Join(all, ", ")
}

func TestTextVectors(t *testing.T) {
	for _, format := range textFormats() {
		for _, v := range vectorsOf(t, format) {
			d := decoderOf(t, format)
			if got := sayings(append(d.Feed(latin1(v.In)), d.End()...)); got != v.Want {
				t.Errorf("%s %q\n got %s\nwant %s\n(%s)", format, v.In, got, v.Want, v.Source)
			}
			// Cut anywhere it is the same.
			var pieces []Decoded
			for _, b := range latin1(v.In) {
				pieces = append(pieces, d.Feed([]byte{b})...)
			}
			if got := sayings(append(pieces, d.End()...)); got != v.Want {
				t.Errorf("%s %q, byte by byte:\n got %s\nwant %s", format, v.In, got, v.Want)
			}
		}
	}
}

// one is a frame of each format, and what it says; %d is its device.
type one struct{ format, frame, says string }

func ones() []one {
	return []one{
		{SurGard, "5011 18%04dE10100012\x14", "%04d/012 panic"},
		{Ademco685, "\n11 %04d 18 E101 00 C012 \r", "%04d/012 panic"},
		{Easywave, "REC,%06d,A\r", "%06d/A button"},
		{Easywave, "", "%06d/05 button"}, // an RCD22's, see frame
		{AlarmDecoder, "!RFX:%07d,80\r\n", "%07d button cleared:battery_low"},
		// A line has no beginning of its own: behind noise that ends in a digit
		// nobody can tell where it began.
		{MySensors, "\n%d;1;1;0;19;1\n", "%d button"},
		{RFLink, "20;2D;EV1527;ID=%06d;SWITCH=01;CMD=ON;\r\n", "EV1527/%06d/01 button"},
	}
}

func (o one) make(i int) (frame []byte, says string) {
	if o.format == MySensors {
		i = 1 + i%250
	}
	if o.frame == "" {
		frame = []byte("\xa5\x08\x30\x00\x00\x00\x00\x05\x0a\x0d")
		for k, div := range []int{10000, 100, 1} { // the digits as they are
			n := i / div % 100
			frame[4+k] = byte(n/10<<4 | n%10)
		}
		return frame, fmt.Sprintf(o.says, i)
	}
	return fmt.Appendf(nil, o.frame, i), fmt.Sprintf(o.says, i)
}

// A million random bytes with a thousand real frames in them, cut at random:
// every one is found, in order, and nothing that was not there.
func TestTextNoise(t *testing.T) {
	for _, o := range ones() {
		t.Run(o.format, func(t *testing.T) { t.Parallel(); inNoise(t, o) })
	}
}

func inNoise(t *testing.T, o one) {
	rng := rand.New(rand.NewPCG(7, 8))
	d := decoderOf(t, o.format)
	var stream []byte
	var want, got []string
	for i := range 1000 {
		frame, says := o.make(i)
		stream = append(append(stream, noise(rng, 1000)...), frame...)
		want = append(want, says)
	}
	bad, raw := 0, 0
	keep := func(frames []Decoded) {
		for _, f := range frames {
			raw = max(raw, len(f.Raw))
			switch {
			case f.Err != nil:
				bad++
			case f.Message.Device != Dongle:
				got = append(got, said(f.Message, nil))
			}
		}
	}
	for len(stream) > 0 {
		n := min(1+rng.IntN(4000), len(stream))
		keep(d.Feed(stream[:n]))
		stream = stream[n:]
	}
	keep(d.End())
	if len(got) != len(want) || strings.Join(got, "\n") != strings.Join(want, "\n") {
		missing := map[string]int{}
		for _, w := range want {
			missing[w]++
		}
		for _, g := range got {
			missing[g]--
		}
		for what, n := range missing {
			if n != 0 {
				t.Errorf("%s: %q: %d missing", o.format, what, n)
			}
		}
	}
	if bad < 1000 || raw > maxLine {
		t.Errorf("%s: %d pieces of noise were counted, the longest frame has %d bytes", o.format, bad, raw)
	}
	t.Logf("%s: %d of 1000 found, %d pieces of noise", o.format, len(got), bad)
}

// fuzzText holds a decoder to what all decoders promise.
func fuzzText(f *testing.F, format string) {
	for _, v := range vectorsOf(f, format) {
		f.Add(latin1(v.In))
	}
	var real one
	for _, o := range ones() {
		if o.format == format {
			real = o
			break
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoderOf(t, format)
		whole := append(d.Feed(b), d.End()...)
		size := 0
		for _, w := range whole {
			size += len(w.Raw)
			if len(w.Raw) > maxLine || len(w.Message.Events) > 4 || len(w.Message.Device) > maxLine {
				t.Fatalf("%q gave %+v", w.Raw, w)
			}
			for _, e := range w.Message.Events {
				if e.Kind == "" {
					t.Fatalf("%q says something without a name", w.Raw)
				}
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
		// A real frame behind whatever this was is found.
		frame, says := real.make(123)
		d.Feed(b)
		last := d.Feed(append([]byte{'\n', '\r', 0x14}, frame...))
		if n := len(last); n == 0 || said(last[n-1].Message, last[n-1].Err) != says {
			t.Fatalf("after %q: %s", b, read(last))
		}
	})
}

func FuzzSurGard(f *testing.F)      { fuzzText(f, SurGard) }
func FuzzAdemco685(f *testing.F)    { fuzzText(f, Ademco685) }
func FuzzEasywave(f *testing.F)     { fuzzText(f, Easywave) }
func FuzzAlarmDecoder(f *testing.F) { fuzzText(f, AlarmDecoder) }
func FuzzMySensors(f *testing.F)    { fuzzText(f, MySensors) }
func FuzzRFLink(f *testing.F)       { fuzzText(f, RFLink) }
