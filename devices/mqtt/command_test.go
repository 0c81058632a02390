package mqtt

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestCommandTo(t *testing.T) {
	for address, want := range map[string]Command{
		"zigbee2mqtt/Room 7/lamp":           {"zigbee2mqtt/Room 7/lamp/set", `{"state":"ON"}`, `{"state":"OFF"}`},
		"shelly/shelly1-A4CF12F45A11":       {"shellies/shelly1-A4CF12F45A11/relay/0/command", "on", "off"},
		"shelly/shellyplus1-a8032abe54dc":   {"shellyplus1-a8032abe54dc/command/switch:0", "on", "off"},
		"shelly/shelly1minig3-84fce6362abc": {"shelly1minig3-84fce6362abc/command/switch:0", "on", "off"},
		"tasmota/lamp7":                     {"cmnd/lamp7/POWER", "ON", "OFF"},
		"esphome/room7/light/help":          {"room7/light/help/command", `{"state":"ON"}`, `{"state":"OFF"}`},
		"esphome/room7/switch/buzzer":       {"room7/switch/buzzer/command", "ON", "OFF"},
		"esphome/room7":                     {},
		"esphome/room7/sensor/t":            {},
		"jablotron/08300001":                {},
		"zigbee2mqtt/":                      {},
		"tasmota/#":                         {},
	} {
		got, err := CommandTo(address, false)
		if got != want || (err == nil) != (want != Command{}) {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	siren, err := CommandTo("zigbee2mqtt/siren", true)
	if err != nil || !strings.Contains(siren.On, `"warning"`) || !json.Valid([]byte(siren.On)) || !json.Valid([]byte(siren.Off)) {
		t.Errorf("%+v, %v", siren, err)
	}
	// A command is nobody's word: it must not look like a sign of life.
	for _, c := range []string{"zigbee2mqtt/Room 7/lamp/set", "cmnd/lamp7/POWER", "shellies/shelly1-A4CF12F45A11/relay/0/command", "room7/light/help/command", "shellyplus1-a8032abe54dc/command/switch:0"} {
		if f := Recognise(c); f != "" {
			if m, err := Decode(f, c, []byte("ON"), false); m.Device != "" && (err != nil || len(m.Events)+len(m.Readings) > 0) {
				t.Errorf("%s: %+v, %v", c, m, err)
			}
		}
	}
}

func TestCheckCommand(t *testing.T) {
	for _, c := range []struct{ topic, payload, want string }{
		{"zigbee2mqtt/Room 7/lamp/set", `{"state":"ON"}`, ""},
		{"zigbee2mqtt/lamp/set", `ON`, ""},
		{"zigbee2mqtt/lamp/set", `bright`, "publish JSON"},
		{"zigbee2mqtt/lamp/set", `{"state":`, "publish JSON"},
		{"zigbee2mqtt/lamp/set/state", `ON`, ""},
		{"zigbee2mqtt/lamp", `{"state":"ON"}`, "publish on zigbee2mqtt/lamp/set"},
		{"cmnd/lamp7/POWER", "ON", ""}, {"cmnd/lamp7/POWER2", "toggle", ""}, {"lamp7/cmnd/POWER", "1", ""},
		{"cmnd/lamp7/POWER", "HELP", "publish one of"},
		{"cmnd/lamp7/DisplayText", "Somebody comes", ""},
		{"stat/lamp7/POWER", "ON", "of format tasmota speak"},
		{"shellies/shelly1-A4/relay/0/command", "on", ""}, {"shellies/shelly1-A4/relay/0/command", "1", "publish one of"},
		{"shellies/shelly1-A4/relay/0", "on", "of format shelly speak"},
		{"hall/command/switch:0", "on,30", ""}, {"hall/command/switch:0", "{}", "publish one of"},
		{"hall/rpc", `{"id":1,"src":"x","method":"Switch.Set"}`, ""}, {"hall/rpc", `on`, "publish JSON"},
		{"room7/light/help/command", `{"state":"ON"}`, ""}, {"room7/light/help/command", "ON", "publish JSON"},
		{"room7/switch/buzzer/command", "ON", ""}, {"room7/switch/buzzer/command", `{"state":"ON"}`, "publish one of"},
		{"room7/binary_sensor/cord/state", "ON", "of format esphome speak"},
		{"telecare/ward/lamp/event", "{}", "of format telecare speak"},
		{"speaker/7/say", "Somebody comes", ""},
	} {
		err := CheckCommand(c.topic, []byte(c.payload))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %q", c.topic, c.payload, err, c.want)
		}
	}
	for _, address := range []string{"zigbee2mqtt/lamp", "shelly/shelly1-A4CF12F45A11", "shelly/shellyplus1-a8032abe54dc", "tasmota/lamp7", "esphome/room7/light/help", "esphome/room7/siren/x"} {
		for _, siren := range []bool{false, true} {
			c, err := CommandTo(address, siren)
			if err == nil {
				err = errors.Join(CheckCommand(c.Topic, []byte(c.On)), CheckCommand(c.Topic, []byte(c.Off)))
			}
			if err != nil {
				t.Errorf("%s: %v", address, err)
			}
		}
	}
}

func FuzzCheckCommand(f *testing.F) {
	f.Add("zigbee2mqtt/lamp/set", "ON")
	f.Add("/", "")
	f.Fuzz(func(t *testing.T, topic, payload string) { _ = CheckCommand(topic, []byte(payload)) })
}
