package mqtt

import "testing"

func TestMySensors(t *testing.T) {
	hold(t, FormatMySensors, []said{
		{"mygateway1-out/12/1/1/0/16", `0`, false, "12: "},
		{"mygateway1-out/12/1/1/0/16", `1`, true, "12: "},
		{"mygateway1-out/12/1/1/1/16", `1`, false, "12: "},
		{"mygateway1-out/12/1/1/0/16", `x`, false, `12: ERR V_TRIPPED has an unreadable value "\"x\""`},
		{"mygateway1-out/12/1/1/0/19", `3`, false, "12: button"},
		{"mygateway1-out/12/1/1/0/20", `3`, false, "12: "},
		{"mygateway1-out/12/1/1/0/2", `1`, false, "12: "},
		{"mygateway1-out/12/1/1/0/0", `21.5`, false, "12: temperature=21.5°C"},
		{"mygateway1-out/12/1/1/0/38", `3.02`, false, "12: voltage=3.02V"},
		{"mygateway1-out/12/1/1/0/47", `SOS`, false, "12: panic"},
		{"mygateway1-out/12/1/1/0/47", `Help me`, false, "12: panic"},
		{"mygateway1-out/12/1/1/0/47", `helpful`, false, "12: "},
		{"mygateway1-out/12/1/1/0/47", `all is well`, false, "12: "},
		{"mygateway1-out/12/255/3/0/0", `87`, false, "12: battery=87%"},
		{"mygateway1-out/12/255/3/0/0", `101`, false, "12: "},
		{"mygateway1-out/12/255/3/0/22", `5000`, false, "12: heartbeat"},
		{"mygateway1-out/12/255/3/0/31", `-77`, false, "12: rssi=-77dBm"},
		{"mygateway1-out/12/255/0/0/17", `2.3.2`, false, "12: "},
		{"mygateway1-out/0/255/3/0/14", `Gateway startup complete.`, false, "bridge/mygateway1: online"},
		{"haus/flur-out/12/1/1/0/16", `1`, false, "haus/flur/12: button"},
		{"!mygateway1-in/12/1/1/0/16", `1`, false, ": ERR topic is not <prefix>-out/<node>/<child>/<command>/<ack>/<type>"},
		{"!mygateway1-out/12/1/1/0/256", `1`, false, ": ERR topic is not <prefix>-out/<node>/<child>/<command>/<ack>/<type>"},
	})
}

func FuzzMySensors(f *testing.F) {
	fuzzFormat(f, FormatMySensors, [2]string{"a-out/1/255/3/0/0", `87`}, [2]string{"a-out/0/255/3/0/14", `x`},
		[2]string{"a-out/1/1/1/0/47", `panic`})
}
