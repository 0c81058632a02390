package serial

import (
	"bytes"
	"fmt"
	"testing"
)

// telegram is an ERP1 packet from the sender 0181B744, at -45 dBm.
func telegram(rorg byte, payload ...byte) []byte {
	data := append([]byte{rorg}, payload...)
	return esp3Packet(esp3Radio, append(data, 0x01, 0x81, 0xb7, 0x44, 0x30), []byte{1, 0xff, 0xff, 0xff, 0xff, 45, 0})
}

// The first and the last of the table that the specification prints.
func TestCRC8(t *testing.T) {
	for b, want := range map[byte]byte{0x00: 0x00, 0x01: 0x07, 0x02: 0x0e, 0x1f: 0x5d, 0x20: 0xe0, 0xff: 0xf3} {
		if got := crc8([]byte{b}); got != want {
			t.Errorf("crc8(%02X) is %02X, want %02X", b, got, want)
		}
	}
	if got := esp3Packet(esp3Command, []byte{0x03}, nil); !bytes.Equal(got, esp3Version) {
		t.Errorf("CO_RD_VERSION is % X", got)
	}
}

func TestTelegrams(t *testing.T) {
	const who, rssi = "0181B744", " rssi=-45dBm"
	u := func(data byte) []byte { // a telegram without NU
		p := telegram(rorgRPS, data)
		return esp3Packet(esp3Radio, append(p[esp3Head:esp3Head+6:esp3Head+6], 0x20), []byte{1, 0xff, 0xff, 0xff, 0xff, 45, 0})
	}
	tests := []struct {
		packet []byte
		want   string
	}{
		{telegram(rorgRPS, 0x10), who + " button" + rssi + " (button AI)"},
		{telegram(rorgRPS, 0x30), who + " button" + rssi + " (button AO)"},
		{telegram(rorgRPS, 0x70), who + " button" + rssi + " (button BO)"},
		{telegram(rorgRPS, 0x15), who + " button" + rssi + " (button AI)"}, // a second one with it
		{telegram(rorgRPS, 0x00), who + rssi},
		{u(0x00), who + rssi},
		{u(0x70), who + " button" + rssi}, // three or four at once
		{u(0x10), who + " button" + rssi},
		{u(0xf0), who + " contact=1" + rssi}, // a window handle, down
		{u(0xe0), who + " contact=0" + rssi},
		{u(0xc0), who + " contact=0" + rssi},
		{u(0xd0), who + " contact=0" + rssi},

		{telegram(rorg1BS, 0x09), who + " contact=1" + rssi},
		{telegram(rorg1BS, 0x08), who + " contact=0" + rssi},
		{telegram(rorg1BS, 0x00), who + " (teach-in D5-00-01)"},

		// Untaught sensors, by the shape of what they say.
		{telegram(rorg4BS, 0, 0, 0xff, 0x08), who + " temperature=0°C" + rssi},
		{telegram(rorg4BS, 0, 0, 0x00, 0x08), who + " temperature=40°C" + rssi},
		{telegram(rorg4BS, 0, 125, 125, 0x0a), who + " humidity=50% temperature=20°C" + rssi},
		{telegram(rorg4BS, 250, 0, 0x7f, 0x09), who + " voltage=5V occupancy=0" + rssi},
		{telegram(rorg4BS, 0x12, 0x34, 0x56, 0x08), who}, // not guessed
		{telegram(rorg4BS, 0x00, 0x80, 0x7f, 0x08), who}, // a room panel, perhaps
		{telegram(rorg4BS, 0, 251, 10, 0x0a), who},
		{telegram(rorg4BS, 251, 0, 0xff, 0x08), who},
		{telegram(rorg4BS, 1, 2, 3, 0), who + " (teach-in without a profile)"},

		{telegram(0xd4, 0xa0, 0xff, 0x46, 0x00, 0x0f, 0x01, 0xd2), who + " (teach-in D2-01-0F)"},
		{telegram(0xd0, 0x08), who + " heartbeat" + rssi},
		{telegram(0xd0, 0x06, 80), who + " battery=80%" + rssi + " cleared:battery_low"},
		{telegram(0xd0, 0x06, 0), who + " battery_low/level battery=0%" + rssi},
		{telegram(0xd0, 0x06, 101), who},
		{telegram(0xd0, 0x0e), who},
		{telegram(0xd2, 1, 2, 3), who},
		{telegram(0x30, 1, 2, 3, 4, 5, 6), who},
		{telegram(0x99, 1), who},

		{telegram(rorgRPS, 0x10, 0x10), who + " error"},
		{telegram(rorg4BS, 1, 2, 3), who + " error"},
		{telegram(0xd4, 1, 2, 3), who + " error"},
		{esp3Packet(esp3Radio, []byte{rorgRPS, 1, 2, 3, 4, 0x30}, nil), "refused"},

		// Without optional data, or where it says nothing of the strength.
		{esp3Packet(esp3Radio, []byte{rorg1BS, 9, 1, 2, 3, 4, 0}, nil), "01020304 contact=1"},
		{esp3Packet(esp3Radio, []byte{rorg1BS, 9, 1, 2, 3, 4, 0}, []byte{3, 255, 255, 255, 255, 255, 0}), "01020304 contact=1"},
		{esp3Packet(esp3Radio, []byte{rorg1BS, 9, 1, 2, 3, 4, 0}, []byte{3, 255, 255, 255, 255, 0, 0}), "01020304 contact=1"},

		{esp3Packet(esp3Response, append([]byte{0, 2, 11, 1, 0, 2, 5, 1, 0, 1, 2, 3, 4, 'E', 'O', 1, 3}, "GATEWAYCTRL\x00\x00\x00\x00\x00"...), nil),
			"dongle heartbeat (GATEWAYCTRL 2.11.1.0)"},
		{esp3Packet(esp3Response, []byte{2}, nil), "dongle heartbeat"},
		{esp3Version, "dongle hearsay"},
		{esp3Packet(0x11, []byte{1, 2}, nil), "dongle"},
		{esp3Packet(esp3Radio2, []byte{0x20, 1, 2, 3, 4, 5, 6}, nil), "dongle error"},
	}
	for _, tt := range tests {
		d := newPackets(t, ESP3)
		if got := tolds(append(d.Feed(tt.packet), d.End()...)); got != tt.want {
			t.Errorf("% X\n got %s\nwant %s", tt.packet, got, tt.want)
		}
	}
}

// What is taught in goes before the shape, until something else is.
func TestTeachIn(t *testing.T) {
	teach := func(function, kind byte) []byte {
		return telegram(rorg4BS, function<<2|kind>>5, kind<<3|0x07, 0xff, 0x80)
	}
	tests := []struct {
		function, kind byte
		data           [4]byte
		want           string
	}{
		{0x02, 0x05, [4]byte{0, 0, 0x55, 8}, "temperature=26.7°C"},
		{0x02, 0x01, [4]byte{0, 0, 0, 8}, "temperature=0°C"},
		{0x02, 0x01, [4]byte{0, 0, 255, 8}, "temperature=-40°C"},
		{0x02, 0x0b, [4]byte{0, 0, 0, 8}, "temperature=100°C"},
		{0x02, 0x10, [4]byte{0, 0, 255, 8}, "temperature=-60°C"},
		{0x02, 0x1b, [4]byte{0, 0, 0, 8}, "temperature=130°C"},
		{0x02, 0x20, [4]byte{0, 0x03, 0xff, 8}, "temperature=-10°C"},
		{0x02, 0x30, [4]byte{0, 0x00, 0x00, 8}, "temperature=62.3°C"},
		{0x04, 0x01, [4]byte{0, 250, 250, 0x0a}, "humidity=100% temperature=40°C"},
		{0x04, 0x01, [4]byte{0, 100, 250, 0x08}, "humidity=40%"}, // measures no temperature
		{0x04, 0x02, [4]byte{0, 100, 125, 0x0a}, "humidity=40% temperature=20°C"},
		{0x04, 0x03, [4]byte{255, 0x03, 0xff, 0x08}, "humidity=100% temperature=60°C"},
		{0x07, 0x01, [4]byte{0, 0, 0x80, 0x08}, "occupancy=1"}, // its supply is not known
		{0x07, 0x01, [4]byte{251, 0, 0x7f, 0x08}, "occupancy=0"},
		{0x07, 0x02, [4]byte{150, 0, 0, 0x88}, "voltage=3V occupancy=1"},
		{0x07, 0x03, [4]byte{150, 0x19, 0x00, 0x08}, "voltage=3V occupancy=0 illuminance=100lx"},
		{0x07, 0x03, [4]byte{150, 0xff, 0xc0, 0x88}, "voltage=3V occupancy=1"}, // 1023 is a fault
		{0x20, 0x01, [4]byte{0, 0, 0x55, 8}, ""},                               // not known: not guessed either
	}
	d := newPackets(t, ESP3)
	for _, tt := range tests {
		if got, want := decodeOne(t, d, teach(tt.function, tt.kind)).Note, fmt.Sprintf("teach-in A5-%02X-%02X", tt.function, tt.kind); got != want {
			t.Errorf("taught in with %q, want %q", got, want)
		}
		want := "0181B744"
		if tt.want != "" {
			want += " " + tt.want + " rssi=-45dBm"
		}
		if got := said(decodeOne(t, d, telegram(rorg4BS, tt.data[:]...)), nil); got != want {
			t.Errorf("A5-%02X-%02X % X\n got %s\nwant %s", tt.function, tt.kind, tt.data, got, want)
		}
	}

	// Anybody may teach in: what is kept has a bound.
	e := &esp3{&profiles{taught: map[string]profile{}}}
	for i := range 2 * maxProfiles {
		data := []byte{rorg4BS, 0x08, 0x28, 0x46, 0x80, 0, 0, byte(i >> 8), byte(i), 0}
		if _, err := e.radio(data, nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(e.profiles.taught) != maxProfiles {
		t.Errorf("%d profiles are kept", len(e.profiles.taught))
	}
}
