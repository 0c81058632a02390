package mqtt

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"telecare/devices"

	"github.com/google/go-cmp/cmp"
)

// A vector is a message that a device, its converter or its documentation gave.
type vector struct {
	Topic   string   `json:"topic"`
	Payload string   `json:"payload"`
	Retain  bool     `json:"retain"`
	Means   []string `json:"means"`
	Note    string   `json:"note"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	return lines[vector](t, "testdata/zigbee2mqtt.jsonl", 38)
}

// lines reads a file of so many JSON lines.
func lines[T any](t testing.TB, file string, want int) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	s := bufio.NewScanner(f)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	if len(all) != want {
		t.Fatalf("%d vectors in %s, want %d", len(all), file, want)
	}
	return all
}

// TestZigbeeVectors holds each vector against what its collector says it means,
// in both directions: nothing may be missed and nothing made up.
func TestZigbeeVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Topic+" "+v.Payload, func(t *testing.T) {
			if got := Recognise(v.Topic); got != FormatZigbee2MQTT {
				t.Fatalf("Recognise = %q", got)
			}
			m, err := Decode(FormatZigbee2MQTT, v.Topic, []byte(v.Payload), v.Retain)
			if err != nil {
				t.Fatal(err)
			}
			kinds := map[devices.Kind]bool{}
			for _, e := range m.Events {
				kinds[e.Kind] = true
			}
			want := func(ks ...devices.Kind) {
				for _, k := range ks {
					if kinds[k] {
						delete(kinds, k)
						return
					}
				}
				t.Errorf("want one of %q, got %+v", ks, m.Events)
			}
			wantName := strings.TrimPrefix(v.Topic, "zigbee2mqtt/")
			for _, suffix := range []string{"/action", "/availability"} {
				wantName = strings.TrimSuffix(wantName, suffix)
			}
			for _, means := range v.Means {
				switch means {
				case "panic":
					want(devices.Panic, devices.Button)
				case "fall":
					want(devices.Fall)
				case "fall warning":
					want(devices.FallWarning)
				case "tamper":
					want(devices.Tamper)
				case "low battery":
					want(devices.BatteryLow)
				case "device online":
					want(devices.Online)
				case "device offline":
					want(devices.Offline)
				case "bridge online":
					want(devices.Online)
					wantName = "bridge"
				case "bridge offline":
					want(devices.Offline)
					wantName = "bridge"
				case "device lost from network":
					want(devices.Offline)
					wantName = "sos_button"
				case "device rejoined":
					want(devices.Online)
					wantName = "sos_button"
				case "state only":
					want(devices.Fall)
					if !m.Events[0].Level {
						t.Errorf("a repeated state must be a level: %+v", m.Events)
					}
				case "health":
					if len(m.Readings) == 0 {
						t.Error("no readings")
					}
				default:
					t.Fatalf("the vector means %q, which this test does not know", means)
				}
			}
			if len(kinds) > 0 {
				t.Errorf("events that the vector does not mean: %v", kinds)
			}
			if m.Device != wantName {
				t.Errorf("device %q, want %q", m.Device, wantName)
			}
		})
	}
}

func TestZigbeeStates(t *testing.T) {
	level := func(k devices.Kind) devices.Event { return devices.Event{Kind: k, Level: true} }
	late := func(k devices.Kind) devices.Event { return devices.Event{Kind: k, Level: true, Late: true} }
	read := func(q devices.Quantity, v float64, unit string) devices.Reading {
		return devices.Reading{Quantity: q, Value: v, Unit: unit}
	}
	seen := time.Date(2023, 6, 20, 9, 7, 5, 27e6, time.UTC)
	for _, c := range []struct {
		name, topic, payload string
		retained             bool
		want                 devices.Message
	}{
		{"an endpoint behind the action", "x", `{"action":"Emergency_1"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Panic}}}},
		{"a word that only begins alike", "x", `{"action":"sospiro"}`, false, devices.Message{Device: "x", Named: true}},
		{"letting go", "x", `{"action":"hold_release"}`, false, devices.Message{Device: "x", Named: true}},
		{"arming", "x", `{"action":"arm_all_zones"}`, false, devices.Message{Device: "x", Named: true}},
		{"disarming", "x", `{"action":"disarm"}`, false, devices.Message{Device: "x", Named: true}},
		{"exit delay", "x", `{"action":"exit_delay"}`, false, devices.Message{Device: "x", Named: true}},
		{"the off button of a remote", "x", `{"action":"off_press"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Button}}}},
		{"an endpoint before the press", "x", `{"action":"1_double"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Button}}}},
		{"a tap", "x", `{"action":"double_tap"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Button}}}},
		{"an unknown word", "x", `{"action":"wobble_1","battery":3}`, false,
			devices.Message{Device: "x", Named: true, Readings: []devices.Reading{read(devices.Battery, 3, "%")}}},
		{"a stored press", "x", `{"action":"emergency","battery":50}`, true,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Battery, 50, "%")}}},
		{"a stored fall", "x", `{"fall_status":"fall_alarm"}`, true,
			devices.Message{Device: "x", Events: []devices.Event{late(devices.Fall)}}},
		{"a normal radar", "x", `{"fall_status":"normal"}`, false,
			devices.Message{Device: "x", Cleared: []devices.Kind{devices.Fall, devices.FallWarning}}},
		{"an unsure radar", "x", `{"fall_status":"unknown"}`, false, devices.Message{Device: "x"}},
		{"a warning does not clear the fall", "x", `{"status":"low_posture"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{level(devices.FallWarning)}}},
		{"falling", "x", `{"status":"falling"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{level(devices.Fall)}}},
		{"another device's status", "x", `{"status":"idle"}`, false, devices.Message{Device: "x"}},
		{"every state normal", "x", `{"sos":false,"tamper":"FALSE","battery_low":0,"smoke":"no","gas":false,"carbon_monoxide":false,"water_leak":false}`, false,
			devices.Message{Device: "x", Cleared: []devices.Kind{devices.Panic, devices.Smoke, devices.CO, devices.Flood, devices.Gas, devices.Tamper, devices.BatteryLow}}},
		{"every state alarmed", "x", `{"sos":"TRUE","tamper":1,"battery_low":"yes","smoke":true,"gas":true,"carbon_monoxide":1.0,"water_leak":"on"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{level(devices.Panic), level(devices.Smoke), level(devices.CO), level(devices.Flood), level(devices.Gas), level(devices.Tamper), level(devices.BatteryLow)}}},
		{"a concentration", "x", `{"gas":412}`, false, devices.Message{Device: "x"}},
		{"nulls", "x", `{"sos":null,"action":null,"fall_status":null,"battery":null,"voltage":null}`, false, devices.Message{Device: "x"}},
		{"battery as text", "x", `{"battery":" 90% "}`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Battery, 90, "%")}}},
		{"battery as quoted number", "x", `{"battery":"92.0"}`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Battery, 92, "%")}}},
		{"battery by word", "x", `{"battery":"2.5(low battery)"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{level(devices.BatteryLow)}}},
		{"battery unknown", "x", `{"battery":"CHARGING"}`, false, devices.Message{Device: "x"}},
		{"battery impossible", "x", `{"battery":255,"linkquality":-1,"humidity":1e300}`, false, devices.Message{Device: "x"}},
		{"low said twice", "x", `{"battery_low":true,"battery_state":"low"}`, false,
			devices.Message{Device: "x", Events: []devices.Event{level(devices.BatteryLow)}}},
		{"millivolt", "x", `{"voltage":3000}`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Voltage, 3, "V")}}},
		{"volt", "x", `{"voltage":3.1}`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Voltage, 3.1, "V")}}},
		{"mains", "x", `{"voltage":230}`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Voltage, 230, "V")}}},
		{"measurements", "x", `{"linkquality":255,"temperature":-3.5,"humidity":41.2,"illuminance":9000,"illuminance_lux":8,"contact":true,"occupancy":false}`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{
				read(devices.LinkQuality, 255, ""), read(devices.Temperature, -3.5, "°C"), read(devices.Humidity, 41.2, "%"),
				read(devices.Illuminance, 8, "lx"), read(devices.Contact, 1, ""), read(devices.Occupancy, 0, "")}}},
		{"presence", "x", `{"presence":true}`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Occupancy, 1, "")}}},
		{"last seen, ISO", "x", `{"last_seen":"2023-06-20T09:07:05.027Z"}`, false, devices.Message{Device: "x", At: seen}},
		{"last seen, local", "x", `{"last_seen":"2023-06-20T11:07:05.027+02:00"}`, false, devices.Message{Device: "x", At: seen}},
		{"last seen, epoch", "x", `{"last_seen":1687252025027}`, false, devices.Message{Device: "x", At: seen}},
		{"last seen never", "x", `{"last_seen":"N/A"}`, false, devices.Message{Device: "x"}},
		{"last seen absurd", "x", `{"last_seen":"1970-01-01T00:00:00Z"}`, false, devices.Message{Device: "x"}},
		{"last seen absurd number", "x", `{"last_seen":1e18}`, false, devices.Message{Device: "x"}},
		{"a press with one bad field", "x", `{"action":"emergency","sos":{},"fall_status":7,"battery":[]}`, false,
			devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Panic}}}},
		{"a name like a topic", "Wohnung 3/Bad/Notruf ☎", `{"action":"sos"}`, false,
			devices.Message{Device: "Wohnung 3/Bad/Notruf ☎", Events: []devices.Event{{Kind: devices.Panic}}}},
		{"twin", "Bad/Notruf/action", `panic`, false,
			devices.Message{Device: "Bad/Notruf", Events: []devices.Event{{Kind: devices.Panic}}}},
		{"twin, stored", "x/action", `emergency`, true, devices.Message{Device: "x"}},
		{"twin, empty", "x/action", ``, false, devices.Message{Device: "x"}},
		{"attribute, text", "x/fall_status", `fall_alarm`, false,
			devices.Message{Device: "x", Events: []devices.Event{level(devices.Fall)}}},
		{"attribute, number", "x/battery", `51.5`, false,
			devices.Message{Device: "x", Readings: []devices.Reading{read(devices.Battery, 51.5, "%")}}},
		{"a device called battery", "x/battery", `{"action":"sos"}`, false,
			devices.Message{Device: "x/battery", Events: []devices.Event{{Kind: devices.Panic}}}},
		{"a command", "x/set", `{"action":"emergency"}`, false, devices.Message{}},
		{"a question", "x/get/state", ``, false, devices.Message{}},
		{"a press with quotes", "x/action", `"emergency"`, false, devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Panic}}}},
		{"an attribute that means nothing", "x/update_available", `false`, false, devices.Message{Device: "x"}},
		{"an attribute of text", "x/motion_state", `none`, false, devices.Message{Device: "x"}},
		{"availability cleared", "x/availability", ``, true, devices.Message{Device: "x", Cleared: []devices.Kind{devices.Offline}}},
		{"bridge health", "bridge/health", `{"response_time":1}`, false,
			devices.Message{Device: "bridge", Events: []devices.Event{{Kind: devices.Heartbeat}}}},
		{"bridge health, stored", "bridge/health", `{"response_time":1}`, true, devices.Message{Device: "bridge"}},
		{"bridge state 1.x", "bridge/state", `offline`, true,
			devices.Message{Device: "bridge", Events: []devices.Event{{Kind: devices.Offline}}}},
		{"bridge log", "bridge/logging", `{"message":"emergency"}`, false, devices.Message{Device: "bridge"}},
		{"interview", "bridge/event", `{"type":"device_interview","data":{"friendly_name":"x","status":"started"}}`, false, devices.Message{Device: "x"}},
		{"joined", "bridge/event", `{"type":"device_joined","data":{"friendly_name":"x"}}`, false,
			devices.Message{Device: "x", Events: []devices.Event{{Kind: devices.Online}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode(FormatZigbee2MQTT, "zigbee2mqtt/"+c.topic, []byte(c.payload), c.retained)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestZigbeeErrors(t *testing.T) {
	for _, c := range []struct{ name, topic, payload, want string }{
		{"half a frame", "zigbee2mqtt/x", `{"action":"emerg`, "malformed JSON"},
		{"two frames", "zigbee2mqtt/x", `{}{}`, "malformed JSON"},
		{"not an object", "zigbee2mqtt/x", `["emergency"]`, "not a JSON object"},
		{"text", "zigbee2mqtt/a/b", `emergency`, "not a JSON object"},
		{"nothing", "zigbee2mqtt/x", ``, "empty"},
		{"latin-1", "zigbee2mqtt/x", "{\"action\":\"\xe9\"}", "UTF-8"},
		{"latin-1 twin", "zigbee2mqtt/x/action", "\xe9", "UTF-8"},
		{"action of a wrong type", "zigbee2mqtt/x", `{"action":{"a":1}}`, `action has an unreadable value`},
		{"sos of a wrong type", "zigbee2mqtt/x", `{"sos":"perhaps"}`, `sos has an unreadable value`},
		{"availability", "zigbee2mqtt/x/availability", `{"state":7}`, "neither online nor offline"},
		{"availability half", "zigbee2mqtt/x/availability", `{"state":`, "malformed"},
		{"bridge event", "zigbee2mqtt/bridge/event", `{`, "malformed"},
		{"no name", "zigbee2mqtt/", `{}`, "names no device"},
		{"only slashes", "zigbee2mqtt///", `{}`, "names no device"},
		{"long name", "zigbee2mqtt/" + strings.Repeat("x", 300), `{}`, "over the limit"},
		{"another base", "zigbee/x", `{}`, "base topic"},
		{"wildcard", "zigbee2mqtt/+", `{}`, "not a valid topic"},
		{"topic not UTF-8", "zigbee2mqtt/\xff", `{}`, "not a valid topic"},
		{"huge", "zigbee2mqtt/x", `{"a":"` + strings.Repeat("x", maxPayload) + `"}`, "over the limit"},
		{"deep", "zigbee2mqtt/x", `{"a":` + strings.Repeat("[", 500_000), "malformed JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode(FormatZigbee2MQTT, c.topic, []byte(c.payload), false)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if len(m.Events)+len(m.Readings) > 0 {
				t.Errorf("a bad frame that says something: %+v", m)
			}
		})
	}
	if _, err := Decode("morse", "homie/5/x", nil, false); err == nil {
		t.Error("an unknown format was accepted")
	}
}

func TestTelecare(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 10, 0, 0, time.UTC)
	for _, c := range []struct {
		name, topic, payload string
		retained             bool
		want                 devices.Message
	}{
		{"a press", "telecare/ward/p-12/event", `{"device":"somebody else","at":"2026-03-01T03:10:00+01:00","events":[{"kind":"panic","ref":"17"}]}`, false,
			devices.Message{Device: "p-12", At: at, Events: []devices.Event{{Kind: devices.Panic, Ref: "17"}}}},
		{"a counter", "telecare/ward/p-12/event", `{"at":"yesterday","events":[{"kind":"fall","ref":17,"late":true}],"readings":[{"quantity":"battery","value":80,"unit":"%"}]}`, false,
			devices.Message{Device: "p-12", Events: []devices.Event{{Kind: devices.Fall, Ref: "17", Late: true}},
				Readings: []devices.Reading{{Quantity: devices.Battery, Value: 80, Unit: "%"}}}},
		{"stored", "telecare/ward/p-12/event", `{"events":[{"kind":"panic"},{"kind":"battery_low"}]}`, true,
			devices.Message{Device: "p-12", Events: []devices.Event{{Kind: devices.BatteryLow, Late: true}}}},
		{"a reading", "telecare/ward/p-12/reading", `{"readings":[{"quantity":"steps","value":1.5}]}`, false,
			devices.Message{Device: "p-12", Readings: []devices.Reading{{Quantity: "steps", Value: 1.5}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Recognise(c.topic); got != FormatTelecare {
				t.Fatalf("Recognise = %q", got)
			}
			got, err := Decode(FormatTelecare, c.topic, []byte(c.payload), c.retained)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, c := range []struct{ name, topic, payload, want string }{
		{"unknown kind", "telecare/w/d/event", `{"events":[{"kind":"panik"}]}`, `events[0] has an unknown kind "panik"`},
		{"no kind", "telecare/w/d/event", `{"events":[{}]}`, "unknown kind"},
		{"no events", "telecare/w/d/event", `{}`, "no events"},
		{"events on reading", "telecare/w/d/reading", `{"events":[{"kind":"panic"}],"readings":[{"quantity":"a","value":1}]}`, "/event"},
		{"no readings", "telecare/w/d/reading", `{}`, "no readings"},
		{"no quantity", "telecare/w/d/reading", `{"readings":[{"value":1}]}`, "quantity"},
		{"no value", "telecare/w/d/reading", `{"readings":[{"quantity":"a"}]}`, "finite number"},
		{"infinite", "telecare/w/d/reading", `{"readings":[{"quantity":"a","value":1e999}]}`, "finite number"},
		{"a text for a number", "telecare/w/d/reading", `{"readings":[{"quantity":"a","value":"1"}]}`, "finite number"},
		{"ref", "telecare/w/d/event", `{"events":[{"kind":"panic","ref":[]}]}`, "ref"},
		{"wrong type", "telecare/w/d/event", `{"events":"panic"}`, "malformed"},
		{"too many", "telecare/w/d/event", `{"events":[` + strings.Repeat(`{"kind":"panic"},`, 99) + `{"kind":"panic"}]}`, "limits"},
		{"half", "telecare/w/d/event", `{"events":[`, "malformed"},
		{"latin-1", "telecare/w/d/event", "\xff", "UTF-8"},
		{"topic", "telecare/w/d/alarm", `{}`, "is not telecare/"},
		{"deeper topic", "telecare/w/d/event/x", `{}`, "is not telecare/"},
		{"no device", "telecare/w//event", `{}`, "is not telecare/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode(FormatTelecare, c.topic, []byte(c.payload), false)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want one with %q", err, c.want)
			}
			if len(m.Events)+len(m.Readings) > 0 {
				t.Errorf("a bad frame that says something: %+v", m)
			}
		})
	}
}

func TestRecognise(t *testing.T) {
	for topic, want := range map[string]string{
		"zigbee2mqtt/x": FormatZigbee2MQTT, "zigbee2mqtt/": "", "zigbee2mqtt": "", "zigbee2mqttx/y": "",
		"telecare/w/d/event": FormatTelecare, "telecare/w/d/reading": FormatTelecare, "telecare/w/alarm/17": "",
		"telecare/w/event": "", "": "", "/": "", "$SYS/broker": "",
	} {
		if got := Recognise(topic); got != want {
			t.Errorf("Recognise(%q) = %q, want %q", topic, got, want)
		}
	}
}

// fuzzDecode holds what is true of any message: no panic, a bad one says
// nothing, no level is alarmed and normal at once, and the numbers can be
// stored.
func fuzzDecode(t *testing.T, format, topic string, payload []byte, retained bool) {
	m, err := Decode(format, topic, payload, retained)
	if err != nil && (len(m.Events) > 0 || len(m.Readings) > 0 && format == FormatTelecare) {
		t.Fatalf("error %v, and yet %+v", err, m)
	}
	if len(m.Device) > maxName || len(m.Events) > maxEvents || len(m.Readings) > maxReadings {
		t.Fatalf("out of bounds: %+v", m)
	}
	catalogued(t, format, m)
	for _, e := range m.Events {
		if !slices.Contains(devices.Kinds(), e.Kind) {
			t.Fatalf("unknown kind %q", e.Kind)
		}
		if retained && (e.Kind == devices.Button || e.Kind == devices.Panic) && !e.Level {
			t.Fatalf("a press out of the store: %+v", m)
		}
		if e.Level && slices.Contains(m.Cleared, e.Kind) {
			t.Fatalf("%q alarmed and normal at once: %+v", e.Kind, m)
		}
	}
	if _, err := json.Marshal(m); err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
	if !m.At.IsZero() && (m.At.Year() < 2000 || m.At.Year() > 2100) {
		t.Fatalf("absurd time %v", m.At)
	}
}

func FuzzZigbee2MQTT(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Topic, []byte(v.Payload), v.Retain)
	}
	f.Add("zigbee2mqtt/x/fall_status", []byte("fall_alarm"), false)
	f.Add("zigbee2mqtt/x/battery", []byte("{"), true)
	f.Fuzz(func(t *testing.T, topic string, payload []byte, retained bool) {
		fuzzDecode(t, FormatZigbee2MQTT, topic, payload, retained)
	})
}

func FuzzTelecare(f *testing.F) {
	f.Add("telecare/w/d/event", []byte(`{"at":"2026-03-01T03:10:00+01:00","events":[{"kind":"panic","ref":"17","late":true}]}`), false)
	f.Add("telecare/w/d/event", []byte(`{"events":[{"kind":"battery_low","ref":3}],"readings":[{"quantity":"battery","value":2e1}]}`), true)
	f.Add("telecare/w/d/reading", []byte(`{"readings":[{"quantity":"rssi","value":-80,"unit":"dBm"}]}`), false)
	f.Fuzz(func(t *testing.T, topic string, payload []byte, retained bool) {
		fuzzDecode(t, FormatTelecare, topic, payload, retained)
	})
}

func BenchmarkDecode(b *testing.B) {
	const press = `{"action":"emergency","battery":100,"last_seen":"2026-04-17T23:33:22+08:00","linkquality":18}`
	for _, c := range []struct{ name, topic, payload string }{
		{"press", "zigbee2mqtt/sos_button", press},
		{"radar", "zigbee2mqtt/HS2FD", `{"occupancy":true,"sensor_status":"activity","fall_status":"fall_alarm","linkquality":99}`},
		{"twin", "zigbee2mqtt/sos_button/action", `emergency`},
		{"telecare", "telecare/ward/p-12/event", `{"events":[{"kind":"panic","ref":"17"}]}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			payload := []byte(c.payload)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := decodeAny(nil, c.topic, payload, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	benchFloor(b, press)
}
