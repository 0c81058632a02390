package mqtt

import (
	"encoding/json"
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
