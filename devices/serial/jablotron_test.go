package serial

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"telecare/devices"
)

type vectors struct {
	FromDongle []struct{ Line, Want string } `json:"from_dongle"`
	ToDongle   []struct{ Line string }       `json:"to_dongle"`
}

func readVectors(t testing.TB) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/jablotron.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// latin1 is the bytes of a vector's line.
func latin1(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

// said is a message in one line, as in testdata.
func said(m devices.Message, err error) string {
	if err != nil {
		return strings.TrimSpace(m.Device + " error")
	}
	words := []string{m.Device}
	for _, e := range m.Events {
		w := string(e.Kind)
		if e.Level {
			w += "/level"
		}
		words = append(words, w)
	}
	for _, r := range m.Readings {
		words = append(words, fmt.Sprintf("%s=%v%s", r.Quantity, r.Value, r.Unit))
	}
	for _, k := range m.Cleared {
		words = append(words, "cleared:"+string(k))
	}
	return strings.Join(words, " ")
}

func TestVectors(t *testing.T) {
	v := readVectors(t)
	if len(v.FromDongle) < 24 || len(v.ToDongle) != 6 {
		t.Fatalf("testdata has %d and %d lines", len(v.FromDongle), len(v.ToDongle))
	}
	for _, x := range v.FromDongle {
		if got := said(DecodeJablotron(latin1(x.Line))); got != x.Want {
			t.Errorf("%q\n got %s\nwant %s", x.Line, got, x.Want)
		}
	}
	// What the host says is nothing that a dongle says: an echo is an error.
	for _, x := range v.ToDongle {
		if got := said(DecodeJablotron(latin1(x.Line))); got != "error" {
			t.Errorf("%q was understood as %s", x.Line, got)
		}
	}
}

func TestJablotron(t *testing.T) {
	tests := []struct{ line, want string }{
		// A pendant's second address is the first plus hex 100000, printed in decimal.
		{"[08388608] RC-86K PANIC LB:0", "08388608 panic cleared:battery_low"}, // 800000, the first
		{"[09437183] RC-86K PANIC", "09437183 panic"},                          // 8FFFFF, no second address
		{"[09437184] RC-86K PANIC", "08388608 panic"},                          // 900000 → 800000
		{"[09437185] RC-86K ARM:1", "08388609 button"},
		{"[09961471] RC-86K ARM:0", "08912895 button"}, // 97FFFF → 87FFFF
		{"[09961472] RC-86K PANIC", "09961472 panic"},  // 980000, no second address
		{"[09437184] JA-83P SENSOR", "09437184 presence"},
		{"[09437184] RC-86K", "08388608 error"},
		{"[09437184] RC-86K NONSENSE", "08388608 error"},
		{"[09437184] ID:007 RC-86K PANIC", "08388608 panic"},

		{"[02439956] TP-82N INT:21.5\xb0C", "02439956 temperature=21.5°C"},
		{"[02439956] TP-82N INT:21.5\u00b0C", "02439956 temperature=21.5°C"},
		{"[02439956] TP-82N INT: 21.5 \xb0C LB:1", "02439956 battery_low/level temperature=21.5°C"},
		{"[02439956] TP-82N INT:-0.0C", "02439956 temperature=0°C"},
		{"[02439956] TP-82N INT: -7.5 C", "02439956 temperature=-7.5°C"},
		{"[02439956] TP-82N INT:2", "02439956 error"}, // perhaps 21.5, cut off
		{"[02439956] TP-82N INT:21.5 \xb0", "02439956 error"},
		{"[02439956] TP-82N INT:--.-C", "02439956 error"},
		{"[02439956] TP-82N INT:999999C", "02439956 error"},
		{"[02439956] TP-82N SET:--.-C LB:0", "02439956 cleared:battery_low"},

		{"[01950000] JA-83M SENSOR ACT:0 LB:0", "01950000 contact=1 cleared:battery_low"},
		{"[01950000] JA-83M SENSOR LB:0", "01950000 error"}, // open or closed?
		{"[07733248] JA-85ST SENSOR ACT:1", "07733248 smoke"},
		{"[07733248] JA-85ST SENSOR ACT:0", "07733248 cleared:smoke"},
		{"[12345678] JA-99X SENSOR", "12345678 error"},
		{"[12345678] JA-99X PANIC", "12345678 panic"},

		// A damaged or unknown tail takes no alarm away.
		{"[08300001] RC-86K PANIC LB:", "08300001 panic"},
		{"[08300001] RC-86K PANIC LB:2 RSSI:7 \xff\xfe", "08300001 panic"},
		{"  [08300001] \t RC-86K  PANIC \r", "08300001 panic"},
		{"[08300001] RC-86K PANI", "08300001 error"},
		{"[08300001] RC-86K PANICLB:0", "08300001 error"},
		{"[08300001] ID:042", "08300001 error"},
		{"[08300001] ", "error"},
		{"[0830001] RC-86K PANIC", "error"},
		{"[0830000x] RC-86K PANIC", "error"},
		{"08300001] RC-86K PANIC", "error"},

		{"TURRIS DONGLE V1.10", "dongle heartbeat"},
		{"TURRIS DONGLE", "error"},
		{"SLOT:3 [07439975]", "error"},
		{"SLOT:03 [0743997-]", "error"},
		{"OKAY", "error"},
		{"", "error"},
	}
	for _, tt := range tests {
		if got := said(DecodeJablotron([]byte(tt.line))); got != tt.want {
			t.Errorf("%q\n got %s\nwant %s", tt.line, got, tt.want)
		}
	}
}

// The technician sees what was not understood.
func TestErrorQuotesTheLine(t *testing.T) {
	_, err := DecodeJablotron([]byte("[08300001] RC-86K PAN\xff"))
	if err == nil || !strings.Contains(err.Error(), `"[08300001] RC-86K PAN\xff"`) {
		t.Errorf("error is %v", err)
	}
}
