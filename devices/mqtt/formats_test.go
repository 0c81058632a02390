package mqtt

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"telecare/devices"
)

// An rtlVector is a line of rtl_433, from its tests of recorded signals, from a
// user's log or from the program itself on documented or made-up bits.
type rtlVector struct {
	Role string          `json:"role"`
	Note string          `json:"note"`
	Line json.RawMessage `json:"line"`
}

func rtlVectors(t testing.TB) []rtlVector {
	t.Helper()
	return lines[rtlVector](t, "testdata/rtl_433.jsonl", 56)
}

// others are the vectors of the formats beside Zigbee2MQTT and LoRaWAN.
func others(t testing.TB) []vector {
	t.Helper()
	return lines[vector](t, "testdata/others.jsonl", 21)
}

// TestOtherVectors holds each vector against what its collector says it means,
// in both directions.
func TestOtherVectors(t *testing.T) {
	want := map[string][]devices.Kind{
		"panic": {devices.Panic, devices.Button}, "fall": {devices.Fall}, "state only": {devices.Button},
		"device offline": {devices.Offline}, "receiver offline": {devices.Offline}, "device online": {devices.Online},
	}
	for _, v := range others(t) {
		t.Run(v.Topic+" "+v.Payload, func(t *testing.T) {
			format := Recognise(v.Topic)
			m, err := Decode(format, v.Topic, []byte(v.Payload), v.Retain)
			if err != nil {
				t.Fatal(err)
			}
			left := m.Events
			for _, means := range v.Means {
				kinds := want[means]
				i := slices.IndexFunc(left, func(e devices.Event) bool { return slices.Contains(kinds, e.Kind) })
				switch {
				case means == "health" && len(m.Readings) == 0:
					t.Error("no readings")
				case means == "state only" && (i < 0 || !left[i].Level):
					t.Errorf("want a state, got %s", say(m, nil))
				case kinds != nil && i < 0:
					t.Errorf("want one of %q, got %s", kinds, say(m, nil))
				case kinds != nil:
					left = slices.Delete(left, i, i+1)
				}
			}
			if len(left) > 0 {
				t.Errorf("events that the vector does not mean: %+v", left)
			}
			if v.Retain && slices.ContainsFunc(m.Events, func(e devices.Event) bool { return e.Kind == devices.Button && !e.Late }) {
				t.Error("what a broker kept is now")
			}
		})
	}
}

// A said is a message and what it means, in say's words.
type said struct {
	topic, payload string
	retained       bool
	want           string
}

func hold(t *testing.T, format string, cases []said) {
	t.Helper()
	for _, c := range cases {
		if got := Recognise(c.topic); got != format && c.topic[0] != '!' {
			t.Errorf("Recognise(%q) = %q, want %q", c.topic, got, format)
		}
		if got := say(Decode(format, strings.TrimPrefix(c.topic, "!"), []byte(c.payload), c.retained)); got != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.topic, c.payload, got, c.want)
		}
	}
}

// fuzzFormat fuzzes a format with its share of the vectors and more.
func fuzzFormat(f *testing.F, format string, more ...[2]string) {
	for _, v := range others(f) {
		if Recognise(v.Topic) == format {
			f.Add(v.Topic, []byte(v.Payload), v.Retain)
		}
	}
	for _, m := range more {
		f.Add(m[0], []byte(m[1]), false)
	}
	f.Fuzz(func(t *testing.T, topic string, payload []byte, retained bool) {
		fuzzDecode(t, format, topic, payload, retained)
	})
}

// say writes a message as a short line, so that a table stays readable.
func say(m devices.Message, err error) string {
	var words []string
	for _, e := range m.Events {
		w := string(e.Kind)
		if e.Level {
			w += "*"
		}
		if e.Late {
			w += " late"
		}
		if e.Ref != "" {
			w += "#" + e.Ref
		}
		words = append(words, w)
	}
	for _, c := range m.Cleared {
		words = append(words, "-"+string(c))
	}
	for _, r := range m.Readings {
		b, _ := json.Marshal(r.Value)
		words = append(words, string(r.Quantity)+"="+string(b)+r.Unit)
	}
	if err != nil {
		words = append(words, "ERR "+err.Error())
	}
	return m.Device + ": " + strings.Join(words, " ")
}

func must(m devices.Message, err error) devices.Message {
	if err != nil {
		panic(err)
	}
	return m
}

func TestBare(t *testing.T) {
	for _, c := range [][3]string{
		{FormatRTL433, `{"model":"X"}`, "rtl_433/events"}, {FormatShelly, `{"src":"shellyplus1-a8","method":"x"}`, "shellyplus1-a8/events/rpc"},
		{FormatShelly, `{"event":"S"}`, ""}, {FormatShelly, `{`, ""}, {FormatTasmota, `{}`, ""}, {FormatTheengs, `{"id":"a"}`, "home/gateway/BTtoMQTT"},
		{FormatMilesight, `{}`, "milesight/report"},
	} {
		if got := Bare(c[0], []byte(c[1])); got != c[2] || got != "" && Recognise(got) != c[0] {
			t.Errorf("Bare(%s, %s) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

// TestDefaultTopics: nobody is asked for everything that a broker has, and for
// nothing twice, which it may deliver twice.
func TestDefaultTopics(t *testing.T) {
	all := DefaultTopics()
	for i, a := range all {
		if a == "#" || a == "+/#" || strings.HasPrefix(a, "$") {
			t.Errorf("subscribes to %q", a)
		}
		for j, b := range all {
			if i != j && covers(a, b) {
				t.Errorf("%q covers %q", a, b)
			}
		}
	}
}

// TestRecogniseAll: a pattern takes nothing that is another format's.
func TestRecogniseAll(t *testing.T) {
	for topic, want := range map[string]string{
		"zigbee2mqtt/x/online": FormatZigbee2MQTT, "telecare/w/gateway": "", "telecare/w/d/event": FormatTelecare,
		"application/1/device/24e124535b316056/event/status": FormatChirpStack, "v3/a@t/devices/d/up": FormatTTN,
		"rtl_433/pi/events": FormatRTL433, "rtl_433/": "", "shellies/x/status": FormatShelly, "shellyplus1-a8/debug/log": FormatShelly,
		"tele/x/LWT": FormatTasmota, "home/OMG/LWT": FormatTheengs, "foo/LWT": "", "x/status/switch:0": FormatShelly, "x/status": FormatESPHome,
		"homie/5/x/$state": FormatHomie, "x-out/1/2/3/0/5": FormatMySensors, "x-out/1/2/3/0": "", "milesight/a": FormatMilesight,
		"homeassistant/x/config": FormatDiscovery, "$SYS/broker/uptime": "", "a/b/c": "", "x/sensor/y/state": FormatESPHome, "x/y/z/state": "",
		"stat/x/POWER": FormatTasmota, "cmnd/x/POWER": "", "x/stat/RESULT": FormatTasmota,
	} {
		if got := Recognise(topic); got != want {
			t.Errorf("Recognise(%q) = %q, want %q", topic, got, want)
		}
	}
}
