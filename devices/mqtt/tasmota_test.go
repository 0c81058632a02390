package mqtt

import "testing"

func TestTasmota(t *testing.T) {
	hold(t, FormatTasmota, []said{
		{"stat/klingel/RESULT", `{"Button2":{"Action":"HOLD"}}`, false, "klingel: button"},
		{"stat/klingel/RESULT", `{"Button1":{"Action":"PENTA"}}`, false, "klingel: button"},
		{"stat/klingel/RESULT", `{"Button1":{"Action":"CLEAR"}}`, false, "klingel: "},
		{"stat/klingel/RESULT", `{"Button1":{"Action":"SINGLE"}}`, true, "klingel: "},
		{"stat/klingel/BUTTON1", `{"ACTION":"TRIPLE"}`, false, "klingel: button"},
		{"stat/klingel/SWITCH1", `{"ACTION":"ON"}`, false, "klingel: button*"},
		{"stat/klingel/RESULT", `{"Switch1":{"Action":"TOGGLE"}}`, false, "klingel: button"},
		{"stat/klingel/RESULT", `{"Switch1":{"Action":"OFF"}}`, false, "klingel: -button"},
		{"stat/klingel/RESULT", `{"POWER":"ON"}`, false, "klingel: "},
		{"stat/klingel/POWER", `ON`, false, "klingel: "},
		{"tele/klingel/SENSOR", `{"Time":"2025-01-07T10:00:00","Switch1":"OFF","Switch2":"ON"}`, false, "klingel: button*"},
		{"tele/klingel/SENSOR", `{"Time":"2025-01-07T10:00:00","Switch1":"ON","Switch2":"OFF"}`, true, "klingel: button* late"},
		{"tele/klingel/SENSOR", `{"Time":"2025-01-07T10:00:00","SI7021":{"Temperature":68.0,"Humidity":44},"BH1750":{"Illuminance":120},"TempUnit":"F"}`, false, "klingel: humidity=44% illuminance=120lx temperature=20°C"},
		{"tele/klingel/SENSOR", `{"DS18B20-1":{"Temperature":null},"DS18B20-2":{"Temperature":20.5},"TempUnit":"C"}`, false, "klingel: temperature=20.5°C"},
		{"tele/klingel/STATE", `{"Time":"2025-01-07T10:00:00","Uptime":"1T","Wifi":{"AP":1,"RSSI":80,"Signal":-60}}`, false, "klingel: rssi=-60dBm"},
		{"stat/klingel/STATUS10", `{"StatusSNS":{"Time":"2025-01-07T10:00:00","Switch1":"ON"}}`, false, "klingel: button*"},
		{"tele/bridge/RESULT", `{"RfReceived":{"Sync":12700,"Low":420,"High":1250,"Data":"7028D4","RfKey":"None"}}`, false, "bridge/rf/7028d4: button"},
		{"tele/bridge/RESULT", `{"Time":"x","RfReceived":{"Data":"0x7028D4","Bits":24,"Protocol":1,"Pulse":320}}`, false, "bridge/rf/7028d4: button"},
		{"tele/klingel/LWT", `Online`, true, "klingel: online"},
		{"klingel/tele/LWT", `Offline`, true, "klingel: offline"},
		{"tele/klingel/LWT", `Déconnecté`, true, `klingel: offline`},
		{"klingel/tele/LWT", `Aktywny`, true, `klingel: online`},
		{"tele/klingel/LWT", `perhaps`, true, `klingel: ERR availability "perhaps" is neither online nor offline`},
		{"tele/Haus 3/bad/klingel/LWT", `Online`, true, "Haus 3/bad/klingel: online"},
		{"bad/klingel/stat/RESULT", `{"Button1":{"Action":"SINGLE"}}`, false, "bad/klingel: button"},
		{"stat/klingel/RESULT", `{"Button1":{"Action":7}}`, false, "klingel: ERR Action has an unreadable value \"7\""},
		{"stat/klingel/RESULT", `{"Button1":`, false, "klingel: ERR payload is malformed JSON"},
		{"stat/klingel/RESULT", ``, false, "klingel: "},
	})
	for _, topic := range []string{"cmnd/klingel/POWER", "stat/klingel", "tele"} {
		if tasmotaTopic(topic) {
			t.Errorf("%q was taken for a message of Tasmota", topic)
		}
	}
}

func FuzzTasmota(f *testing.F) {
	fuzzFormat(f, FormatTasmota,
		[2]string{"tele/b/RESULT", `{"RfReceived":{"Data":"0x7028D4"}}`},
		[2]string{"tele/b/SENSOR", `{"A":{"Temperature":1,"Humidity":2},"Switch1":"ON","Switch2":"OFF","TempUnit":"F"}`},
		[2]string{"stat/b/STATUS8", `{"StatusSNS":{"Switch1":{"Action":"ON"}}}`})
}
