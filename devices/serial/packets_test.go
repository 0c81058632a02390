package serial

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"telecare/devices"
)

// packetVectors are packets as they came from a line or a document, and what
// they say; "refused" is one whose checksum is wrong.
type packetVectors []struct{ Hex, Want, Source string }

func readPackets(t testing.TB, format string) packetVectors {
	t.Helper()
	b, err := os.ReadFile("testdata/" + format + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var v packetVectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newPackets(t testing.TB, format string) *packets {
	t.Helper()
	d, err := NewDecoder(format)
	if err != nil {
		t.Fatal(err)
	}
	return d.(*packets)
}

// told is what a frame said with its note, and "refused" for one that is not
// attributed to anybody.
func told(f Decoded) string {
	s := said(f.Message, f.Err)
	switch {
	case s == "error":
		return "refused"
	case f.Message.Note != "":
		s += " (" + f.Message.Note + ")"
	}
	if f.Message.Hearsay {
		s += " hearsay"
	}
	return s
}

func tolds(frames []Decoded) string {
	var all []string
	for _, f := range frames {
		all = append(all, told(f))
	}
	return strings.Join(all, ", ")
}

// packetFormats make a packet of their own for each i that differs from all
// others, and say what it means.
var packetFormats = []struct {
	name string
	make func(i int) (packet []byte, want string)
}{
	{ESP3, func(i int) ([]byte, string) {
		// A 0x55 stands within: in the sender, and often in the checksum.
		return esp3Packet(esp3Radio, []byte{rorgRPS, 0x10, 0x55, 0x00, byte(i >> 8), byte(i), 0x30}, []byte{1, 0xff, 0xff, 0xff, 0xff, 55, 0}),
			fmt.Sprintf("5500%04X button rssi=-55dBm (button AI)", i)
	}},
	{R60, func(i int) ([]byte, string) {
		if i%3 == 0 {
			return r60Packet(0x83, 0x01, 1), "radar fall/level"
		}
		return r60Packet(0x80, 0x01, byte(i&1)), fmt.Sprintf("radar occupancy=%d", i&1)
	}},
	{TinyFrame, func(i int) ([]byte, string) {
		if i%3 == 0 {
			return tinyPacket(i, 0x0e02, 1), "radar fall/level"
		}
		return tinyPacket(i, 0x0f09, byte(i&1)), fmt.Sprintf("radar occupancy=%d", i&1)
	}},
}

// esp3Packet builds a packet.
func esp3Packet(kind byte, data, optional []byte) []byte {
	p := []byte{0x55, byte(len(data) >> 8), byte(len(data)), byte(len(optional)), kind}
	p = append(p, crc8(p[1:]))
	p = append(append(p, data...), optional...)
	return append(p, crc8(p[esp3Head:]))
}

func TestPacketVectors(t *testing.T) {
	for _, f := range packetFormats {
		v := readPackets(t, f.name)
		if len(v) < 9 {
			t.Errorf("%s: %d vectors", f.name, len(v))
		}
		for _, x := range v {
			d := newPackets(t, f.name) // nothing is taught in
			packet := unhex(t, x.Hex)
			got := append(d.Feed(packet), d.End()...)
			if len(got) != 1 || told(got[0]) != x.Want || !bytes.Equal(got[0].Raw, packet) {
				t.Errorf("%s %s\n got %s\nwant %s", f.name, x.Hex, tolds(got), x.Want)
			}
		}
	}
}

// A million random bytes with a thousand real packets in them: every one is
// found, in order, and nothing else is.
func TestPacketsInNoise(t *testing.T) {
	for _, f := range packetFormats {
		rng := rand.New(rand.NewPCG(7, 8))
		d := newPackets(t, f.name)
		var got, want []string
		refused, most := 0, 0
		keep := func(frames []Decoded) {
			for _, x := range frames {
				if len(x.Raw) > 2*maxNoise {
					t.Fatalf("%s: a frame of %d bytes", f.name, len(x.Raw))
				}
				if s := told(x); x.Err == nil {
					got = append(got, s)
				} else {
					refused++
				}
			}
			most = max(most, len(d.buf))
		}
		for i := range 1000 {
			keep(d.Feed(noise(rng, 1000)))
			packet, means := f.make(i)
			want = append(want, means)
			for len(packet) > 0 { // cut anywhere
				n := 1 + rng.IntN(len(packet))
				keep(d.Feed(packet[:n]))
				packet = packet[n:]
			}
		}
		keep(d.End())
		if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
			t.Errorf("%s: found %d of %d", f.name, len(got), len(want))
		}
		if refused < 1000 || refused > 20_000 || most > 2048 {
			t.Errorf("%s: %d pieces of noise, %d bytes held", f.name, refused, most)
		}
		t.Logf("%s: found %d packets and nothing else, %d pieces of noise, at most %d bytes held", f.name, len(got), refused, most)
	}
}

func TestPacketsCut(t *testing.T) {
	for _, f := range packetFormats {
		one, first := f.make(1)
		two, second := f.make(2)
		bad := bytes.Clone(one)
		bad[len(bad)-3] ^= 0x04
		if f.name != R60 {
			bad = bytes.Clone(one)
			bad[len(bad)-1] ^= 0x04
		}
		join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
		half := one[:len(one)-2]
		tests := []struct {
			name   string
			stream []byte
			want   string
		}{
			{"glued", join(one, two, one), first + ", " + second + ", " + first},
			{"damaged", bad, "refused"},
			{"each damaged one is counted", join(bad, bad, one, bad), "refused, refused, " + first + ", refused"},
			{"cut short, and the next", join(half, two), "refused, " + second},
			{"its first byte alone, many times", join(bytes.Repeat(one[:1], 300), two), "refused, " + second},
			{"noise is told in pieces", join(bytes.Repeat([]byte{0xff}, maxNoise+1), two), "refused, refused, " + second},
			{"the stream ends in it", join(two, half), second + ", refused"},
			{"a byte lost within", join(one[:4], one[5:], two), "refused, " + second},
			{"a byte too many", join(one[:7], []byte{0xff}, one[7:], two), "refused, " + second},
		}
		for _, tt := range tests {
			for range 2 { // End leaves it as new
				d := newPackets(t, f.name)
				if got := tolds(append(d.Feed(tt.stream), d.End()...)); got != tt.want {
					t.Errorf("%s, %s:\n got %s\nwant %s", f.name, tt.name, got, tt.want)
				}
			}
		}
	}
}

// Noise that looks like a beginning holds a press back no longer than until the
// line is silent, and a packet that is only slow is not taken apart.
func TestPacketsIdle(t *testing.T) {
	for _, f := range packetFormats {
		d := newPackets(t, f.name)
		one, first := f.make(1)
		two, second := f.make(2)

		long := map[string]string{
			ESP3:      "55 01 F0 00 01", // a beginning that announces 496 bytes
			R60:       "53 59 80 01 00 F0",
			TinyFrame: "01 00 00 03 F0 0E 02",
		}
		head := unhex(t, long[f.name])
		switch f.name {
		case ESP3:
			head = append(head, crc8(head[1:]))
		case TinyFrame:
			head = append(head, tinySum(head))
		}
		if got := d.Feed(append(head, one...)); len(got) != 0 {
			t.Fatalf("%s: the beginning was not believed: %s", f.name, tolds(got))
		}
		if got := tolds(d.Idle()); got != "refused, "+first {
			t.Errorf("%s: behind a false beginning: %s", f.name, got)
		}
		if got := append(d.Feed(two[:5]), d.Idle()...); len(got) != 0 {
			t.Errorf("%s: half a packet gave %s", f.name, tolds(got))
		}
		if got := tolds(append(d.Feed(two[5:]), d.Idle()...)); got != second {
			t.Errorf("%s: a slow packet gave %s", f.name, got)
		}
		if got := tolds(append(d.Feed([]byte{0xff}), d.Idle()...)); got != "refused" {
			t.Errorf("%s: noise and silence gave %q", f.name, got)
		}
	}
}

// Where the stream is cut makes no difference, and whatever it is, a packet
// behind it is found.
func fuzzPackets(f *testing.F, format string, packet []byte, want string) {
	for _, x := range readPackets(f, format) {
		b := unhex(f, x.Hex)
		f.Add(b)
		f.Add(append(b[:len(b)/2:len(b)/2], b...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newPackets(t, format)
		whole := append(d.Feed(b), d.End()...)
		size := 0
		for _, w := range whole {
			size += len(w.Raw)
			if w.Err == nil && w.Message.Device == "" || len(w.Raw) == 0 {
				t.Fatalf("%x gave %+v", b, w)
			}
			for _, r := range w.Message.Readings {
				if r.Value != r.Value || r.Value < -1000 || r.Value > 1e6 {
					t.Fatalf("%x gave %+v", b, r)
				}
			}
		}
		if size != len(b) {
			t.Fatalf("%d bytes became %d", len(b), size)
		}
		pieces := newPackets(t, format)
		var got []Decoded
		for i := range b {
			got = append(got, pieces.Feed(b[i:i+1])...)
		}
		got = append(got, pieces.End()...)
		if read(got) != read(whole) {
			t.Fatalf("in pieces %s at once %s", read(got), read(whole))
		}
		d.Feed(b)
		d.Idle()
		d.Feed(bytes.Repeat([]byte{0xff}, 2048)) // the longest that b can have begun ends here
		if last := tolds(d.Feed(packet)); !strings.HasSuffix(last, want) {
			t.Fatalf("after %x: %s", b, last)
		}
	})
}

func FuzzESP3(f *testing.F) {
	packet, want := packetFormats[0].make(0x1234)
	fuzzPackets(f, ESP3, packet, want)
}

func decodeOne(t testing.TB, d Decoder, packet []byte) devices.Message {
	t.Helper()
	got := d.Feed(packet)
	if len(got) != 1 || got[0].Err != nil {
		t.Fatalf("% X gave %s", packet, tolds(got))
	}
	return got[0].Message
}
