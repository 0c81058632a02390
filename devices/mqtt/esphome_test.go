package mqtt

import "testing"

func TestESPHome(t *testing.T) {
	hold(t, FormatESPHome, []said{
		{"esp/binary_sensor/pull_cord/state", `ON`, false, "esp: button*"},
		{"esp/binary_sensor/pull_cord/state", `OFF`, false, "esp: -button"},
		{"esp/binary_sensor/rt2x/state", `ON`, false, "esp: button*"},
		{"esp/binary_sensor/notruf_bad/state", `ON`, true, "esp: panic* late"},
		{"esp/binary_sensor/bad_bewegung/state", `ON`, false, "esp: occupancy=1"},
		{"esp/binary_sensor/falling_information/state", `ON`, false, "esp: fall*"},
		{"esp/binary_sensor/falling_information/state", `OFF`, false, "esp: -fall"},
		{"esp/binary_sensor/front_door/state", `ON`, false, "esp: contact=0"},
		{"esp/binary_sensor/smoke/state", `ON`, false, "esp: smoke*"},
		{"esp/binary_sensor/status/state", `ON`, false, "esp: "},
		{"esp/binary_sensor/low_battery/state", `ON`, false, "esp: battery_low*"},
		{"esp/binary_sensor/panic_button/state", ``, true, "esp: "},
		{"esp/binary_sensor/panic_button/state", `unknown`, true, "esp: "},
		{"esp/binary_sensor/panic_button/state", `perhaps`, false, `esp: ERR panic_button has an unreadable value "\"perhaps\""`},
		{"esp/sensor/battery_level/state", `3`, false, "esp: battery=3%"},
		{"esp/sensor/battery/state", `3.1`, false, "esp: "},
		{"esp/sensor/battery/state", `87.0`, false, "esp: battery=87%"},
		{"esp/sensor/battery_voltage/state", `3.1`, false, "esp: voltage=3.1V"},
		{"esp/sensor/wifi_signal/state", `-61`, false, "esp: rssi=-61dBm"},
		{"esp/sensor/room_temperature/state", `nan`, false, "esp: "},
		{"esp/sensor/room_temperature/state", `20.5`, false, "esp: temperature=20.5°C"},
		{"esp/event/ruf/state", `{"event_type":"single_click"}`, false, "esp: button"},
		{"esp/event/ruf/state", `{"event_type":"emergency"}`, false, "esp: panic"},
		{"esp/event/ruf/state", `{"event_type":"emergency"}`, true, "esp: "},
		{"esp/event/ruf/state", `{"event_type":"wobble"}`, false, "esp: "},
		{"esp/event/ruf/state", `press`, false, "esp: ERR payload is not a JSON object"},
		{"esp/switch/siren/state", `ON`, false, "esp: "},
		{"haus/bad/esp/binary_sensor/cord/state", `ON`, false, "haus/bad/esp: button*"},
		{"haus/bad/esp/status", `online`, true, "haus/bad/esp: online"},
		{"esp/status", `offline`, true, "esp: offline"},
		{"esp/status", `{"a":1}`, true, `esp: ERR availability "" is neither online nor offline`},
		{"!esp/light/x", `ON`, false, ": ERR topic is neither <prefix>/<component>/<id>/state nor <prefix>/status"},
	})
}

func FuzzESPHome(f *testing.F) {
	fuzzFormat(f, FormatESPHome,
		[2]string{"a/event/b/state", `{"event_type":"press"}`}, [2]string{"a/sensor/battery/state", `87`},
		[2]string{"a/binary_sensor/fall low batt/state", `ON`})
}
