package mqtt

import (
	"slices"
	"testing"

	"telecare/devices"
)

func TestMappings(t *testing.T) {
	ms := Mappings{
		{Topic: "nurse/+/call", Device: "{1}", Field: "state", Values: map[string]devices.Kind{"pressed": devices.Button, "sos": devices.Panic}},
		{Topic: "nurse/+/call", Field: "power.volts", Quantity: devices.Voltage, Unit: "V", Scale: 0.001},
		{Topic: "mat/#", Device: "mat {1}", Values: map[string]devices.Kind{"0": devices.BedExit}, Normal: []string{"1"}},
		{Topic: "gw/up", Device: "{list.0.id}/x", Field: "list.0.lwt", Values: map[string]devices.Kind{"up": devices.Online, "down": devices.Offline}},
		{Topic: "whole/+", Field: "", Quantity: devices.Battery, Unit: "%"},
		{Topic: "zigbee2mqtt/own", Values: map[string]devices.Kind{"x": devices.Test}},
	}
	for _, c := range []said{
		{"nurse/7/call", `{"state":"Pressed","power":{"volts":2950}}`, false, "7: button voltage=2.95V"},
		{"nurse/7/call", `{"state":"SOS"}`, false, "7: panic"},
		{"nurse/7/call", `{"state":"SOS"}`, true, "7: "},
		{"nurse/7/call", `{"state":"who knows"}`, false, "7: "},
		{"nurse/7/call", `{"state":null,"power":[1]}`, false, "7: "},
		{"nurse/7/call", `{"state":`, false, "7: "},
		{"nurse//call", `{"state":"sos"}`, false, ": ERR the topic names no device"},
		{"mat/a/b", `0`, false, "mat a/b: bed_exit*"},
		{"mat/a/b", `0.0`, true, "mat a/b: bed_exit* late"},
		{"mat/a/b", `"1"`, false, "mat a/b: -bed_exit"},
		{"mat/a/b", `7`, false, "mat a/b: "},
		{"gw/up", `{"list":[{"id":12,"lwt":"down"}]}`, true, "12/x: offline"},
		{"gw/up", `{"list":[]}`, true, `: ERR the payload says nothing at "list.0.id", which names the device`},
		{"whole/x", `81`, false, "whole/x: battery=81%"},
		{"whole/x", `NaN`, false, "whole/x: "},
		{"zigbee2mqtt/own", `X`, false, "zigbee2mqtt/own: test"},
		{"whole/x", "\xff", false, ": ERR payload or topic is not valid UTF-8, or too long"},
	} {
		m, matched, err := ms.Decode(c.topic, []byte(c.payload), c.retained)
		if got := say(m, err); got != c.want || !matched {
			t.Errorf("%s %s\n got %s\nwant %s", c.topic, c.payload, got, c.want)
		}
	}
	if format, _, _ := ms.decodeAny(nil, "zigbee2mqtt/own", []byte("x"), false); format != FormatMapping {
		t.Errorf("a mapping does not go before the formats: %q", format)
	}
	if format, m, _ := ms.decodeAny(nil, "zigbee2mqtt/sos/action", []byte("emergency"), false); format != FormatZigbee2MQTT || len(m.Events) != 1 {
		t.Errorf("%q %+v", format, m)
	}
	for _, bad := range []string{"{2}", "{0}", "{1"} {
		if _, _, err := (Mappings{{Topic: "a/+", Device: bad}}).Decode("a/b", nil, false); err == nil {
			t.Errorf("device %q was accepted", bad)
		}
	}
	if got := ms.Topics([]string{"zigbee2mqtt/#", "+/+/call"}); !slices.Equal(got, []string{"zigbee2mqtt/#", "+/+/call", "mat/#", "gw/up", "whole/+"}) {
		t.Errorf("topics %q", got)
	}
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		filter, topic string
		want          []string
		ok            bool
	}{
		{"a/b", "a/b", nil, true}, {"a/b", "a/b/c", nil, false}, {"a/b/c", "a/b", nil, false}, {"a/+", "a/x", []string{"x"}, true},
		{"+/+/c", "a/b/c", []string{"a", "b"}, true}, {"a/#", "a/b/c", []string{"b/c"}, true}, {"a/#", "a", nil, true},
		{"#", "a/b", []string{"a/b"}, true}, {"a/+", "a", nil, false}, {"+", "a/b", nil, false}, {"a//c", "a//c", nil, true},
	} {
		if got, ok := wildcards(c.filter, c.topic); ok != c.ok || ok && !slices.Equal(got, c.want) {
			t.Errorf("wildcards(%q, %q) = %q, %v", c.filter, c.topic, got, ok)
		}
	}
	for _, c := range [][2]string{{"a/#", "a/+/b"}, {"+/b", "a/b"}, {"#", "a/#"}, {"a/+", "a/+"}} {
		if !covers(c[0], c[1]) || c[0] != c[1] && covers(c[1], c[0]) {
			t.Errorf("%q covers %q, and not the other way", c[0], c[1])
		}
	}
	if covers("a/+", "a/#") || covers("a/b", "a/+") {
		t.Error("covers too much")
	}
}

func FuzzMapping(f *testing.F) {
	f.Add("a/+/#", "{1}-{2}-{x.0}", "x.0.y", "a/b/c", []byte(`{"x":[{"y":1}]}`), "1", false)
	f.Fuzz(func(t *testing.T, filter, device, field, topic string, payload []byte, word string, retained bool) {
		ms := Mappings{{Topic: filter, Device: device, Field: field, Values: map[string]devices.Kind{word: devices.Button}, Quantity: devices.Battery, Scale: 1e308}}
		m, _, err := ms.Decode(topic, payload, retained)
		if err != nil && len(m.Events) > 0 || len(m.Device) > maxName {
			t.Fatalf("%+v, %v", m, err)
		}
		say(m, err)
	})
}
