package mqtt

import "testing"

// TestRTL433Vectors holds every recorded and computed frame against what it
// means, whole.
func TestRTL433Vectors(t *testing.T) {
	want := []string{
		"Honeywell-ActivLink/581456: button -battery_low -tamper",            // button
		"Honeywell-ActivLink/581456: button -battery_low -tamper",            // button
		"Honeywell-ActivLink/176547: button -battery_low -tamper",            // button
		"Honeywell-ActivLink/176547: button -battery_low -tamper",            // button
		"Honeywell-ActivLink/176547: button -battery_low -tamper",            // button
		"SimpliSafe-Keypad/1JZAG: panic",                                     // panic
		"SimpliSafe-Sensor/1M38R: button contact=0",                          // panic
		"SimpliSafe-Sensor/1M38R: cancel",                                    // cancel
		"SimpliSafe-Sensor/1JV7T: contact=1",                                 // contact
		"Interlogix-Security/468d19: tamper* -battery_low",                   // tamper
		"Interlogix-Security/468d19: presence -battery_low -tamper",          // motion
		"Interlogix-Security/29cd45: smoke -battery_low",                     // smoke
		"Interlogix-Security/29cd45: heartbeat -battery_low -tamper",         // heartbeat
		"Interlogix-Security/29cd45: tamper* test -battery_low",              // tamper/test
		"Interlogix-Security/a7106d: -battery_low contact=0",                 // contact
		"Visonic-Powercode/6f4770: button -battery_low -tamper",              // alarm
		"Visonic-Powercode/6f4770: -battery_low -tamper",                     // restore
		"X10-Security/3133: battery_low* contact=1",                          // contact, low battery
		"X10-Security/3133: battery_low* contact=0",                          // contact, low battery
		"X10-Security/f58e: contact=0",                                       // contact
		"DSC-Security/2407880: -battery_low -tamper contact=1",               // restore
		"DSC-Security/2515998: button -battery_low -tamper contact=0",        // alarm
		"DSC-Security/2280838: button -battery_low -tamper contact=0",        // alarm
		"Honeywell-Security/73942: button contact=0",                         // contact
		"Honeywell-Security/74925: heartbeat contact=0",                      // heartbeat
		"Kerui-Security/840811: presence",                                    // motion
		"Visonic-Powercode/6f4770: tamper* -battery_low",                     // Visonic PowerCode documented example: magnet near, case open
		"Visonic-Powercode/6f4770: tamper* button -battery_low",              // Visonic PowerCode documented example: magnet away, case open
		"Visonic-Powercode/6f4770: -battery_low -tamper",                     // Visonic PowerCode documented example: magnet near, case closed
		"Visonic-Powercode/6f4770: button -battery_low -tamper",              // Visonic PowerCode documented example: magnet away, case closed
		"Visonic-Powercode/6f4770: battery_low* button -tamper",              // Visonic PowerCode pendant-like: alarm, low battery (synthesised bits)
		"X10-Security/3133: panic",                                           // X10 KR18 PANIC (synthesised bits)
		"X10-Security/3133: panic",                                           // X10 KR15 PANIC-3SECOND (synthesised bits)
		"X10-Security/3133: ",                                                // X10 KEY-FOB DISARM (synthesised bits)
		"Interlogix-Security/368d19: battery_low* panic",                     // Interlogix panic pendant, F1 latch set, low battery (synthesised bits)
		"Interlogix-Security/f68d19: button -battery_low",                    // Interlogix keyfob button 1 (synthesised bits)
		"Interlogix-Security/f68d19: button -battery_low",                    // Interlogix keyfob button 4 (synthesised bits)
		"DSC-Security/2407880: battery_low* -tamper contact=1",               // DSC closed, low battery (synthesised bits)
		"DSC-Security/2407880: tamper* -battery_low contact=1",               // DSC tamper (synthesised bits)
		"DSC-Security/2407880: heartbeat -battery_low -tamper contact=1",     // DSC heartbeat closed (synthesised bits)
		"Honeywell-Security/73942: tamper* button -battery_low contact=0",    // Honeywell-Security tamper+open (synthesised bits)
		"Honeywell-Security/73942: battery_low* heartbeat -tamper contact=1", // Honeywell-Security low battery heartbeat (synthesised bits)
		"Honeywell-Security/73942: button -battery_low -tamper contact=0",    // Honeywell-Security 5800 alarm (synthesised bits)
		"SimpliSafe-Sensor/1M38R: button contact=0",                          // SimpliSafe sensor state 1 (synthesised bits)
		"SimpliSafe-Keypad/1JZAG: panic",                                     // SimpliSafe keypad panic (synthesised bits)
		"Honeywell-ActivLink/176547: button -battery_low -tamper",            // Honeywell-ActivLink doorbell/call button normal (synthesised bits)
		"Honeywell-ActivLink/176547: button -battery_low -tamper",            // Honeywell-ActivLink alert Full (synthesised bits)
		"Honeywell-ActivLink/176547: button -battery_low -tamper",            // Honeywell-ActivLink secret knock (synthesised bits)
		"Honeywell-ActivLink/176547: presence -battery_low -tamper",          // Honeywell-ActivLink PIR (synthesised bits)
		"Honeywell-ActivLink/176547: -battery_low -tamper contact=0",         // Honeywell-ActivLink contact open (synthesised bits)
		"Honeywell-ActivLink/176547: tamper* -battery_low contact=1",         // Honeywell-ActivLink contact closed tamper (synthesised bits)
		"Generic-Remote/39985: button",                                       // EV1527 / SC226x generic 433 MHz button (synthesised bits)
		"Kerui-Security/840811: presence",                                    // Kerui (synthesised bits)
		"Kerui-Security/840811: tamper*",                                     // Kerui (synthesised bits)
		"Kerui-Security/840811: battery_low*",                                // Kerui (synthesised bits)
		"Chuango-Security/348451: ",                                          // Chuango (decoder off by default; -R 29) (synthesised bits)
	}
	all := rtlVectors(t)
	if len(want) != len(all) {
		t.Fatalf("%d answers to %d vectors", len(want), len(all))
	}
	for i, v := range all {
		if got := say(Decode(FormatRTL433, "rtl_433/pi/events", v.Line, false)); got != want[i] {
			t.Errorf("%d %s\n got %s\nwant %s", i, v.Role, got, want[i])
		}
		// What a broker has kept is no press.
		for _, e := range must(Decode(FormatRTL433, "rtl_433/pi/events", v.Line, true)).Events {
			if !e.Level || !e.Late {
				t.Errorf("%s %s: retained, and yet %+v", v.Note, v.Role, e)
			}
		}
	}
}

func TestRTL433(t *testing.T) {
	const events = "rtl_433/pi/events"
	hold(t, FormatRTL433, []said{
		{events, `{"model":"X10-Security","id":"3133","code":"88","event":"KR15 PANIC"}`, true, "X10-Security/3133: "},
		{events, `{"time":"2026-11-22T17:18:28+0100","model":"X10 Security","id":"f58e","remarks":"KR15A PANIC"}`, false, "X10-Security/f58e: panic"},
		{events, `{"model":"X10-Security","id":"a1","event":"MS10A MOTION TRIPPED"}`, false, "X10-Security/a1: presence -battery_low"},
		{events, `{"model":"X10-Security","id":"a1","event":"MS10A MOTION READY"}`, false, "X10-Security/a1: -battery_low"},
		{events, `{"model":"Interlogix-Security","subtype":"panic","id":"1","switch1":"OPEN","switch3":"CLOSED"}`, false, "Interlogix-Security/1: panic"},
		{events, `{"model":"Interlogix-Security","subtype":"panic","id":"1","switch1":"OPEN","switch2":"OPEN"}`, false, "Interlogix-Security/1: "},
		{events, `{"model":"Honeywell-Security","id":7,"event":128,"state":"open","heartbeat":"yes"}`, false, "Honeywell-Security/7: heartbeat contact=0"},
		{events, `{"model":"Yale-HSA","id":"1b2c","stype":"15","state":"30","event":"01"}`, false, "Yale-HSA/1b2c: presence -battery_low"},
		{events, `{"model":"Yale-HSA","id":"1b2c","stype":"ac","state":"18","event":"04"}`, false, "Yale-HSA/1b2c: battery_low* -tamper"},
		{events, `{"model":"Yale-HSA","id":"1b2c","stype":"60","state":"10","event":"01"}`, false, "Yale-HSA/1b2c: button -battery_low"},
		{events, `{"model":"Risco-RWX95P","id":9,"counter":3,"motion":1,"battery_ok":1}`, false, "Risco-RWX95P/9: presence -battery_low -tamper"},
		{events, `{"model":"X10-Security","id":"a1","code":"04","event":"DS10A DOOR/WINDOW OPEN"}`, false, "X10-Security/a1: -battery_low contact=0"},
		{events, `{"model":"Risco-RWX95P","id":9,"counter":3,"tamper":1,"battery_ok":1}`, false, "Risco-RWX95P/9: tamper* -battery_low"},
		{events, `{"model":"Kerui-Security","id":840811,"cmd":5,"water":1,"state":"water"}`, false, "Kerui-Security/840811: flood"},
		{events, `{"model":"Chuango-Security","id":5,"cmd":"Alarm","cmd_id":5}`, false, "Chuango-Security/5: button"},
		{events, `{"model":"Chuango-Security","id":5,"cmd":"Low Battery"}`, false, "Chuango-Security/5: battery_low*"},
		{events, `{"model":"Kerui Security","id":5,"cmd":11,"state":"tamper"}`, false, "Kerui-Security/5: tamper*"},
		{events, `{"model":"Govee-Water","id":5,"event":"Water Leak","battery_mV":2900,"battery_ok":0.556}`, false, "Govee-Water/5: flood -battery_low battery=55.6% voltage=2.9V"},
		{events, `{"model":"Govee-Water","id":5,"event":"Button Press"}`, false, "Govee-Water/5: button"},
		{events, `{"model":"Prologue-TH","id":5,"button":0,"battery_ok":1,"temperature_C":-3.5,"humidity":41}`, false, "Prologue-TH/5: -battery_low temperature=-3.5°C humidity=41%"},
		{events, `{"model":"Microchip-HCS200","id":"5","button":2,"battery_ok":1}`, false, "Microchip-HCS200/5: button -battery_low"},
		{events, `{"model":"Acurite-Tower","id":5,"temperature_F":212.0,"battery":"LOW","rssi":-0.1,"snr":20.5}`, false, "Acurite-Tower/5: battery_low* temperature=100°C rssi=-0.1dB snr=20.5dB"},
		{events, `{"model":"sos","count":3,"num_rows":3,"codes":["{25}63cef38"],"data":"63cef38"}`, false, "sos/63cef38: button"},
		{events, `{"model":"X","id":5,"battery_ok":null,"temperature_C":"NaN","humidity":"nan"}`, false, "X/5: "},
		{events, `{"time":"x","id":5}`, false, ": ERR the frame names no model; is it from rtl_433?"},
		{events, `{"model":"X10-Sec`, false, ": ERR payload is malformed JSON"},
		{events, `["panic"]`, false, ": ERR payload is not a JSON object"},
		{"rtl_433/pi/states", `{"frames":{"count":7}}`, false, "bridge/pi: heartbeat"},
		{"rtl_433/pi/availability", `online`, true, "bridge/pi: online"},
		{"rtl_433/availability", `offline`, false, "bridge: offline"},
		{"rtl_433/pi/devices/Kerui-Security/840811/battery_ok", `0`, false, "Kerui-Security/840811: battery_low*"},
		{"rtl_433/events", `{"model":"A/B","id":"c/d"}`, false, "A-B/c-d: "},
	})
	at := func(s string) string {
		m := must(Decode(FormatRTL433, events, []byte(`{"model":"X","time":`+s+`}`), false))
		if m.At.IsZero() {
			return ""
		}
		return m.At.Format("2006-01-02T15:04:05.999Z07:00")
	}
	for in, want := range map[string]string{
		`"2026-11-22 17:18:28"`: "", `"@0.161920s"`: "", `"1700000000"`: "2023-11-14T22:13:20Z", `1700000000.5`: "2023-11-14T22:13:20.5Z",
		`"2026-11-22T17:18:28+0100"`: "2026-11-22T16:18:28Z", `"2026-11-22 17:18:28+0100"`: "2026-11-22T16:18:28Z", `"2026-11-22T16:18:28Z"`: "2026-11-22T16:18:28Z",
		`-5`: "", `1e300`: "",
	} {
		if got := at(in); got != want {
			t.Errorf("time %s is %q, want %q", in, got, want)
		}
	}
}

func FuzzRTL433(f *testing.F) {
	for _, v := range rtlVectors(f) {
		f.Add("rtl_433/pi/events", []byte(v.Line), false)
	}
	f.Add("rtl_433/pi/devices/A/1/event", []byte("PANIC"), false)
	f.Fuzz(func(t *testing.T, topic string, payload []byte, retained bool) {
		fuzzDecode(t, FormatRTL433, topic, payload, retained)
	})
}
