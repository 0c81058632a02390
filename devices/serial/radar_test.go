package serial

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

func r60Packet(control, command byte, data ...byte) []byte {
	p := append([]byte{0x53, 0x59, control, command, byte(len(data) >> 8), byte(len(data))}, data...)
	var sum byte
	for _, c := range p {
		sum += c
	}
	return append(p, sum, 0x54, 0x43)
}

func tinyPacket(id, kind int, data ...byte) []byte {
	p := []byte{0x01, byte(id >> 8), byte(id), byte(len(data) >> 8), byte(len(data)), byte(kind >> 8), byte(kind)}
	p = append(p, tinySum(p))
	if len(data) == 0 {
		return p
	}
	return append(append(p, data...), tinySum(data))
}

func TestRadarQuestions(t *testing.T) {
	if got := fmt.Sprintf("% X", r60Packet(0x83, 0x81, r60Query)); got != fmt.Sprintf("% X", r60Fall) {
		t.Errorf("the question for a fall is %s", got)
	}
	if got := fmt.Sprintf("% X", tinyPacket(0, 0x0e06)); got != fmt.Sprintf("% X", tinyParameters) {
		t.Errorf("the question for settings is %s", got)
	}
}

func TestR60(t *testing.T) {
	tests := []struct {
		packet []byte
		want   string
	}{
		{r60Packet(0x80, 0x81, 1), "radar occupancy=1"},
		{r60Packet(0x80, 0x01, 2), "radar error"},
		{r60Packet(0x80, 0x82, 2), "radar presence"},
		{r60Packet(0x80, 0x02, 3), "radar error"},
		{r60Packet(0x80, 0x81, 0x0f), "radar hearsay"},
		{r60Packet(0x80, 0x01, 0x0f), "radar error"},
		{r60Packet(0x80, 0x83, 0x0f), "radar"}, // a body movement of 15
		{r60Packet(0x83, 0x85, 1), "radar inactivity/level"},
		{r60Packet(0x83, 0x01, 0xff), "radar error"},
		{r60Packet(0x83, 0x01, 1, 1), "radar error"},
		{r60Packet(0x83, 0x0b, 1), "radar"},
		{r60Packet(0x01, 0x01), "radar heartbeat"},
		// The sync bytes and the tail stand within.
		{r60Packet(0x83, 0x8e, 0x53, 0x59, 0x54, 0x43), "radar"},
		{r60Packet(0x80, 0x05, make([]byte, r60Most-9)...), "radar"},
	}
	for _, tt := range tests {
		d := newPackets(t, R60)
		if got := tolds(append(d.Feed(tt.packet), d.End()...)); got != tt.want {
			t.Errorf("% X\n got %s\nwant %s", tt.packet, got, tt.want)
		}
	}
}

func TestTinyFrame(t *testing.T) {
	f32 := func(v float32) []byte { return binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)) }
	settings := append(append(f32(2.2), f32(0.6)...), 10, 0, 0, 0)
	settings = append(settings, make([]byte, 16)...)
	tests := []struct {
		packet []byte
		want   string
	}{
		{tinyPacket(0x8001, 0x0e02, 1), "radar fall/level"},
		{tinyPacket(1, 0x0e02, 2), "radar error"},
		{tinyPacket(1, 0x0e02, 1, 0), "radar error"},
		{tinyPacket(1, 0x0e02), "radar"},
		{tinyPacket(1, 0x0f09, 1, 0), "radar occupancy=1"},
		{tinyPacket(1, 0x0f09, 0, 0, 0, 0), "radar occupancy=0"},
		{tinyPacket(1, 0x0f09, 2), "radar error"},
		{tinyPacket(1, 0x0f09, 1, 0, 0, 0, 0), "radar error"},
		{tinyPacket(1, 0x0a0a, make([]byte, 16)...), "radar occupancy=0"},
		{tinyPacket(1, 0x0a0a, make([]byte, 12)...), "radar error"},
		{tinyPacket(1, 0x0e06, settings...), "radar heartbeat (height 2.20 m, fall below 0.60 m, sensitivity 10)"},
		{tinyPacket(1, 0x0e06, 1), "radar heartbeat"},
		{tinyPacket(1, 0x0a08, make([]byte, 1024)...), "radar"},
		{tinyPacket(1, 0x0a04, 0x01, 0x00, 0x00, 0x00), "radar"},
	}
	for _, tt := range tests {
		d := newPackets(t, TinyFrame)
		if got := tolds(append(d.Feed(tt.packet), d.End()...)); got != tt.want {
			t.Errorf("% X\n got %s\nwant %s", tt.packet, got, tt.want)
		}
	}
}

func FuzzR60(f *testing.F) {
	fuzzPackets(f, R60, r60Packet(0x83, 0x01, 1), "radar fall/level")
}

func FuzzTinyFrame(f *testing.F) {
	fuzzPackets(f, TinyFrame, tinyPacket(7, 0x0e02, 1), "radar fall/level")
}
