package pdu_test

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"telecare/alerting/notify/modem/pdu"
)

// gammuText is a text, and what gammu makes of it in both directions. gammu has
// validity 0, which is five minutes, in all of them.
type gammuText struct {
	Text            string
	Submit, Deliver []string
}

func gammuTexts(t testing.TB) (out []gammuText) {
	t.Helper()
	f, err := os.Open("testdata/gammu.jsonl") // testdata/vectors.py wrote it
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var g gammuText
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	if len(out) < 10 {
		t.Fatalf("only %d texts", len(out))
	}
	return out
}

// Octet for octet what gammu writes.
func TestEncodeAsGammu(t *testing.T) {
	for _, g := range gammuTexts(t) {
		var ref uint16
		if len(g.Submit) > 1 {
			ref = uint16(reference(t, g.Submit[0]))
		}
		got, err := pdu.Submit{To: "+48600100200", Text: g.Text, Report: true, Validity: 5 * time.Minute, Reference: ref}.Encode()
		if err != nil || len(got) != len(g.Submit) {
			t.Errorf("%.30q: %d parts, %v; gammu has %d", g.Text, len(got), err, len(g.Submit))
			continue
		}
		for i, want := range g.Submit {
			if got[i].Hex() != want {
				t.Errorf("%.30q part %d:\n got %s\nwant %s", g.Text, i+1, got[i].Hex(), want)
			}
			if n := len(want)/2 - 1; got[i].Length() != n {
				t.Errorf("%.30q part %d: length %d, want %d", g.Text, i+1, got[i].Length(), n)
			}
		}
	}
}

func reference(t *testing.T, submit string) byte {
	t.Helper()
	b, err := hex.DecodeString(submit)
	if err != nil {
		t.Fatal(err)
	}
	return b[len("000000")/2+9+3+1+3-1] // behind address, protocol, coding, validity, length and three octets of header
}

func TestDecodeGammu(t *testing.T) {
	for _, g := range gammuTexts(t) {
		text := ""
		for i, line := range g.Deliver {
			m, err := pdu.Inbound(line)
			d, ok := m.(pdu.Deliver)
			if err != nil || !ok {
				t.Fatalf("%.30q: %T, %v", g.Text, m, err)
			}
			if d.From != "+48600100200" || d.At.Format(time.DateTime) != "2026-11-23 02:59:07" {
				t.Errorf("%.30q: from %s at %s", g.Text, d.From, d.At)
			}
			if len(g.Deliver) > 1 && (d.Part.Number != i+1 || d.Part.Of != len(g.Deliver) || d.Part.Wide) {
				t.Errorf("%.30q: part %+v is %d of %d", g.Text, d.Part, i+1, len(g.Deliver))
			}
			text += d.Text
		}
		if text != g.Text {
			t.Errorf("decoded %q, want %q", text, g.Text)
		}
	}
}

// What networks have sent, as gammu reads it, and things that are rare.
func TestInbound(t *testing.T) {
	for _, c := range []struct {
		line string
		want any
	}{
		{"07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
			pdu.Deliver{From: "+31641600986", At: time.Date(2002, 8, 26, 19, 37, 41, 0, time.UTC), Text: "How are you?"}},
		{"0006D60B911326880736F4111011719551401110117195714000",
			pdu.Report{Reference: 214, To: "+31628870634", At: time.Date(2011, 1, 11, 17, 59, 15, 0, time.FixedZone("", 3600)), Done: time.Date(2011, 1, 11, 17, 59, 17, 0, time.FixedZone("", 3600))}},
		// A name for a number; a reserved coding is read as letters; west of Greenwich.
		{"0004" + "0BD04F79D87D2E03" + "00C0" + "621132209570" + "0A" + "01" + "31",
			pdu.Deliver{From: "Orange", At: time.Date(2026, 11, 23, 2, 59, 7, 0, time.FixedZone("", -20*15*60)), Text: "1"}},
		// A port comes before the part, as from some programs; 16 bits of reference.
		{"0044" + "0B918406100002F0" + "0000" + "62113220957000" + "10" + "0C" + "0504158A0000" + "0804123403" + "02" + "62",
			pdu.Deliver{From: "+48600100200", At: time.Date(2026, 11, 23, 2, 59, 7, 0, time.FixedZone("", 0)), Text: "1", Part: pdu.Part{Reference: 0x1234, Wide: true, Of: 3, Number: 2}}},
		// No letters.
		{"0004" + "0B918406100002F0" + "0004" + "62113220957000" + "02" + "FFFE",
			pdu.Deliver{From: "+48600100200", At: time.Date(2026, 11, 23, 2, 59, 7, 0, time.FixedZone("", 0)), Alphabet: pdu.Data}},
	} {
		got, err := pdu.Inbound(c.line)
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		switch want := c.want.(type) {
		case pdu.Deliver:
			d, _ := got.(pdu.Deliver)
			if !d.At.Equal(want.At) {
				t.Errorf("%s: at %s, want %s", c.line, d.At, want.At)
			}
			if d.At, want.At = (time.Time{}), (time.Time{}); d != want {
				t.Errorf("%s:\n got %+v\nwant %+v", c.line, d, want)
			}
		case pdu.Report:
			r, _ := got.(pdu.Report)
			if !r.At.Equal(want.At) || !r.Done.Equal(want.Done) {
				t.Errorf("%s: at %s and %s", c.line, r.At, r.Done)
			}
			if r.Reference != want.Reference || r.To != want.To || !r.Delivered() || r.Trying() {
				t.Errorf("%s: %+v, want %+v", c.line, r, want)
			}
		}
	}
	for line, want := range map[string]string{
		"": "cut off", "00": "cut off", "zz": "hex", "0004": "cut off", "0001": "type 1", "0003": "type 3",
		"0004FF91":                                                                  "cut off", // an address of 255 digits
		"00040B918406100002F000006211322095700":                                     "hex",
		"00040B918406100002F0002062113220957000" + "0131":                           "compressed",
		"00440B918406100002F0000462113220957000" + "020501":                         "longer than itself",
		"00040B918406100002F0000462113220957000" + "FF" + strings.Repeat("00", 255): "there is room for 140",
	} {
		if got, err := pdu.Inbound(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", line, got, err, want)
		}
	}
}

func TestNoNumber(t *testing.T) {
	for _, to := range []string{"", "+", "anna", "+48 600", "+48600100200300400500600"} {
		if _, err := (pdu.Submit{To: to, Text: "x"}).Encode(); err == nil {
			t.Errorf("%q is a number", to)
		}
	}
	for _, to := range []string{"112", "*100#", "600100200", "+1"} {
		out, err := pdu.Submit{To: to, Text: "x"}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if s, _, err := pdu.Outbound(out[0].Octets); err != nil || s.To != to {
			t.Errorf("%q became %q, %v", to, s.To, err)
		}
	}
	if _, err := (pdu.Submit{To: "112", Text: strings.Repeat("ą", 67*255+1)}).Encode(); err == nil {
		t.Error("256 parts are sent")
	}
}

func TestValidity(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		time.Minute: 5 * time.Minute, 5 * time.Minute: 5 * time.Minute, time.Hour: time.Hour, 12 * time.Hour: 12 * time.Hour,
		12*time.Hour + time.Minute: 12*time.Hour + 30*time.Minute, 24 * time.Hour: 24 * time.Hour, 25 * time.Hour: 48 * time.Hour,
		30 * 24 * time.Hour: 30 * 24 * time.Hour, 31 * 24 * time.Hour: 35 * 24 * time.Hour, 1000 * 24 * time.Hour: 63 * 7 * 24 * time.Hour,
	} {
		out, err := pdu.Submit{To: "112", Text: "x", Validity: d}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if s, _, err := pdu.Outbound(out[0].Octets); err != nil || s.Validity != want {
			t.Errorf("%v became %v, %v; want %v", d, s.Validity, err, want)
		}
	}
}

// Any text comes back whole, with either reference, and is cut in no more parts
// than it must be.
func TestThereAndBack(t *testing.T) {
	letters := []rune("aąłŻ1 @€{^~\n中🚑Ω")
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var b strings.Builder
		few := letters
		if r.IntN(2) == 0 {
			few = []rune("a1 @€{^Ω")
		}
		for range r.IntN(500) {
			b.WriteRune(few[r.IntN(len(few))])
		}
		backAndForth(t, b.String(), uint16(r.Uint32()), r.IntN(2) == 0)
	}
}

func backAndForth(t *testing.T, text string, ref uint16, wide bool) {
	t.Helper()
	text = strings.ToValidUTF8(text, "�")
	parts, err := pdu.Submit{To: "+48600100200", Text: text, Reference: ref, Wide: wide}.Encode()
	if err != nil {
		if len(text) > 30000 {
			return
		}
		t.Fatalf("%q: %v", text, err)
	}
	got := ""
	for i, p := range parts {
		if p.Length() > 164 { // [3GPP TS 23.040 9.2.2.2: 140 octets behind at most 24]
			t.Fatalf("a part of %d octets", p.Length())
		}
		s, d, err := pdu.Outbound(p.Octets)
		if err != nil {
			t.Fatalf("%q part %d: %v", text, i+1, err)
		}
		if len(parts) > 1 && (d.Part.Number != i+1 || d.Part.Of != len(parts) || d.Part.Wide != wide || byte(d.Part.Reference) != byte(ref)) {
			t.Fatalf("%q part %d of %d is %+v", text, i+1, len(parts), d.Part)
		}
		got += s.Text
	}
	if got != text {
		t.Fatalf("%q came back as %q", text, got)
	}
}

func FuzzInbound(f *testing.F) {
	for _, g := range gammuTexts(f) {
		f.Add(g.Deliver[0])
		f.Add(g.Submit[0])
	}
	f.Add("0006D60B911326880736F4111011719551401110117195714000")
	f.Fuzz(func(t *testing.T, line string) {
		m, err := pdu.Inbound(line)
		if d, ok := m.(pdu.Deliver); ok && err == nil && len(d.Text) > 4*160 {
			t.Errorf("%d octets of text in one message", len(d.Text))
		}
		if b, err := hex.DecodeString(line); err == nil {
			_, _, _ = pdu.Outbound(b)
		}
	})
}

func FuzzThereAndBack(f *testing.F) {
	f.Add("Zażółć gęślą jaźń", uint16(1), false)
	f.Add(strings.Repeat("a€", 200), uint16(300), true)
	f.Fuzz(backAndForth)
}
