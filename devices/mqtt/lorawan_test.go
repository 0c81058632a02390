package mqtt

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"telecare/devices"
)

// An objectVector is what a maker's codec gave for a frame, from the maker's or a
// network's own tests and documents, and what it means.
type objectVector struct {
	Device string          `json:"device"`
	Port   int             `json:"fPort"`
	Object json.RawMessage `json:"object"`
	Means  string          `json:"means"`
}

func TestMakersObjects(t *testing.T) {
	for i, v := range lines[objectVector](t, "testdata/lorawan_objects.jsonl", 88) {
		t.Run(fmt.Sprint(i, " ", v.Device), func(t *testing.T) {
			if got := sayObject(v.Port, string(v.Object)); got != v.Means {
				t.Errorf("%s\n got %q\nwant %q", v.Object, got, v.Means)
			}
			// A network server writes every number as a floating one, and hands on
			// what is nested.
			if got := sayObject(v.Port, `{"data":`+string(v.Object)+`}`); got != v.Means {
				t.Errorf("nested: got %q", got)
			}
		})
	}
}

// sayObject says what an object means, apart from that it could be read.
func sayObject(port int, object string) string {
	d := collector{}
	d.uplink(nil, Uplink{Port: port, Bytes: []byte{1}}, value(object), "")
	said := strings.TrimPrefix(say(d.done()), ": ")
	return strings.Join(strings.Fields(strings.Replace(said, "-fault", "", 1)), " ")
}

func TestObjects(t *testing.T) {
	for _, c := range []struct{ object, want string }{
		// Presses.
		{`{"press":"short"}`, "button"},
		{`{"button_1":1,"button_1_d2d":513,"button_1_msgid":884422}`, "button"}, // WS136
		{`{"button_1":0}`, ""},
		{`{"button":0,"pressed":false}`, ""},
		{`{"button":"released"}`, ""},
		{`{"button":"not pressed"}`, ""},
		{`{"button_event":{"status":"unknown","msgid":123456}}`, ""},
		{`{"button_event":[{"status":"long press"},{"status":"short press"}]}`, "button"},
		{`{"button_count":17,"press_time":5}`, ""},
		{`{"button":"sos"}`, "panic"},
		{`{"Device":"R312A","Alarm":0,"Volt":2.9}`, "-battery_low voltage=2.9V"},
		{`{"Device":"RB02I","Alarm":1}`, "panic"},
		{`{"alarm":true}`, "button"},
		{`{"alarm":"12:30"}`, ""},
		{`{"messages":[[{"type":"Event Status","measurementValue":[{"id":7,"eventName":"SOS event"}]}]]}`, "panic"},
		{`{"messages":[{"measurementValue":[{"eventName":"Press once event."},{"eventName":"Motionless event."}]}]}`, "button"},
		// States.
		{`{"sos":1}`, "panic"},
		{`{"sos":true,"sosEvent":true,"alertType":"sos","tamperStatus":false,"batteryVoltageState":"low"}`, "panic battery_low* -tamper"}, // AN301
		{`{"header":{"ackToken":0,"sos":true}}`, "panic*"}, // Abeeway v3
		{`{"sosStatus":"active"}`, "panic*"},
		{`{"fall_status":"fall_alarm"}`, "fall*"},
		{`{"sos":"off","fall":"no"}`, "-panic -fall"},
		{`{"sos":null,"fall":"unknown"}`, ""},
		{`{"sosFlag":1,"batteryLevel":"CHARGING"}`, "panic*"},
		{`{"fallDetected":"TRUE"}`, "fall"},
		{`{"Fall Status":"detected"}`, "fall*"},
		{`{"fall":"perhaps"}`, `ERR fall has an unreadable value "\"perhaps\""`},
		{`{"fall":"perhaps","button":1}`, "button"},
		{`{"manDown":true}`, "fall*"},
		{`{"event_type":"mandown_start","dev_status":"mandown"}`, "fall"},
		{`{"event_type":"mandown_stop"}`, "cancel -fall"},
		{`{"event_type":"sos_start","dev_status":"sos"}`, "panic"},
		{`{"dev_status":"sos"}`, "panic*"},
		{`{"dev_status":"downlink_fix"}`, ""},
		{`{"eventType":"GEOLOC_START"}`, ""},
		{`{"event":"temperature alert"}`, ""},
		// The radar VS373: fall and other alarms, as they come, end, and were.
		{`{"detection_status":"in_bed"}`, "-fall occupancy=1 in_bed=1"},
		{`{"detection_status":"out_of_bed"}`, "-fall occupancy=1 in_bed=0"},
		{`{"detection_status":2}`, "-fall occupancy=1 in_bed=1"},
		{`{"detection_status":3}`, "-fall occupancy=1 in_bed=0"},
		{`{"detection_status":"normal","target_status":"lying_down"}`, "-fall occupancy=1"},
		{`{"detection_status":"vacant","target_status":"normal"}`, "-fall occupancy=0 in_bed=0"},
		{`{"detection_status":"unknown"}`, ""},
		{`{"events":[{"alarm_id":7,"alarm_type":"fall","alarm_status":"alarm_triggered"}]}`, "fall"},
		{`{"events":[{"alarm_id":7,"alarm_type":"fall","alarm_status":"unknown"}]}`, "fall"}, // 0 in the maker's table
		{`{"events":[{"alarm_id":7,"alarm_type":0,"alarm_status":1}]}`, "fall"},
		{`{"events":[{"alarm_id":7,"alarm_type":"fall","alarm_status":"alarm_deactivated"}]}`, "-fall"},
		{`{"events":[{"alarm_id":7,"alarm_type":"fall","alarm_status":"alarm_ignored"}]}`, "-fall"},
		{`{"events":[{"alarm_id":9,"alarm_type":"out_of_bed","alarm_status":"alarm_triggered","region_id":1}]}`, "bed_exit"},
		{`{"events":[{"alarm_id":9,"alarm_type":"out_of_bed","alarm_status":"alarm_deactivated","region_id":1}]}`, "-bed_exit"},
		{`{"events":[{"alarm_type":"out_of_bed","alarm_status":"alarm_triggered"},{"alarm_type":"out_of_bed","alarm_status":"alarm_deactivated"}]}`, "-bed_exit"},
		{`{"events":[{"alarm_id":9,"alarm_type":"tachypnea","alarm_status":"alarm_triggered"}]}`, "medical"},
		{`{"events":[{"alarm_id":9,"alarm_type":"bradynea","alarm_status":"alarm_triggered"}]}`, "medical"}, // as a codec of the maker's writes it
		{`{"events":[{"alarm_id":9,"alarm_type":"bradypnea","alarm_status":"respiratory_status"}]}`, ""},
		{`{"events":[{"alarm_id":9,"alarm_type":"lying_down","alarm_status":"alarm_triggered"}]}`, "inactivity"},
		{`{"events":[{"alarm_id":65535,"alarm_type":"occupied","alarm_status":"alarm_triggered"}]}`, "occupancy=1"},
		{`{"events":[{"alarm_id":65535,"alarm_type":5,"alarm_status":4}]}`, "occupancy=0"},
		// And as its newest codec writes them, all of a kind in one.
		{`{"fall_alarm":{"alarm_id":"7","alarm_status":"1"}}`, "fall"},
		{`{"fall_alarm":{"alarm_id":"7, 8, 7","alarm_status":"1, 1, 2"}}`, "fall -fall"},
		{`{"fall_alarm":{"alarm_id":"7","alarm_status":"2"}}`, "-fall"},
		{`{"fall_alarm":{"alarm_id":"7","alarm_status":"0"}}`, "fall"},
		{`{"fall_alarm":{"alarm_id":7,"alarm_status":1}}`, "fall"},
		{`{"fall_alarm":{"alarm_id":"7","alarm_status":"3"},"out_of_bed_alarm":{"alarm_id":"8","alarm_status":"1","region_id":"0"}}`, "bed_exit -fall"},
		{`{"out_of_bed_alarm":{"alarm_id":"4, 4","alarm_status":"1, 2","region_id":"1, 1"}}`, "-bed_exit"},
		{`{"out_of_bed_alarm":{"alarm_id":"4, 4, 5","alarm_status":"1, 2, 1","region_id":"1, 1, 1"}}`, "bed_exit"},
		{`{"lying_alarm":{"alarm_id":"1","alarm_status":"1"},"dwell_alarm":{"alarm_id":"2","alarm_status":"1"}}`, "inactivity"},
		{`{"human_in_place":{"alarm_status":"1"}}`, "inactivity"},
		{`{"bradypnea":{"alarm_status":"1","region_id":"0"}}`, "medical"},
		{`{"tachypnea":{"alarm_status":"4"},"respiratory_status":"normal","respiratory_rate":15}`, ""},
		{`{"occupied":{"alarm_status":"4"}}`, "occupancy=1"},
		{`{"vacant":{"alarm_status":"4"}}`, "occupancy=0"},
		{`{"unknown":{"alarm_status":"1","temperature":21}}`, "temperature=21°C"},
		{`{"history":[{"timestamp":1710000000,"alarm_id":10,"alarm_type":"out_of_bed","alarm_status":"alarm_triggered","region_id":1}]}`, "bed_exit late"},
		{`{"confirm_fall_alarm":{"alarm_id":7,"action":"dismiss"},"release_alarm":"yes"}`, ""},
		{`{"trigger_digital_output_config":{"enable":"enable","fall":"enable","lying":"enable","out_of_bed":"enable"}}`, ""},
		{`{"region_1_occupancy":"occupied","region_1_type":"bed","region_1_out_of_bed_time":3}`, ""},
		{`{"detection_status":"fall","events":[{"alarm_id":7,"alarm_type":"fall","alarm_status":"alarm_triggered"}]}`, "fall* fall"},
		{`{"history":[{"timestamp":1700000000,"alarm_id":3,"alarm_type":"fall","alarm_status":"alarm_triggered"},{"timestamp":1700000900,"alarm_id":4,"alarm_type":"fall","alarm_status":"alarm_triggered"}]}`, "fall late fall late"},
		{`{"history":[{"timestamp":1700000000,"alarm_id":3,"alarm_type":"fall","alarm_status":"alarm_deactivated"}]}`, ""},
		{`{"history":[{"temperature":20.5,"tamper_status":"uninstalled"}],"temperature":21}`, "temperature=21°C"},
		// How a device is set is no event.
		{`{"release_alarm":"yes","buzzer_enable":"enable","fall_detection_settings":{"confirm_time":10,"fall":1,"alarm":true}}`, ""},
		{`{"alarm_config":{"alarm":true,"sos":1},"temperature_threshold":{"temperature":30}}`, ""},
		{`{"device_response_result":{"request":{"button":1}}}`, ""},
		// Battery.
		{`{"battery":"90%"}`, "battery=90%"},
		{`{"battery":"92.0"}`, "battery=92%"},
		{`{"battery":0}`, "battery=0%"},
		{`{"battery":null}`, ""},
		{`{"battery":"NaN"}`, ""},
		{`{"battery":255}`, ""},
		{`{"batteryLevel":193}`, ""},
		{`{"battery":3600}`, "voltage=3.6V"},
		{`{"battery":3.05}`, "voltage=3.05V"},
		{`{"battery":"3.6V"}`, "voltage=3.6V"},
		{`{"battery":"LOW"}`, "battery_low*"},
		{`{"battery":"OK"}`, "-battery_low"},
		{`{"Bat_status":0}`, "battery_low*"},
		{`{"batteryLow":true,"battery_voltage":2431}`, "battery_low* voltage=2.431V"},
		{`{"batV":"3.3"}`, "voltage=3.3V"},
		{`{"pack_type":"low_battery","batterylevle":"5%"}`, "battery_low* battery=5%"},
		// Everything else.
		{`{"status":1,"battery":3.6,"temperatureBoard":25,"humidity":40,"temperature":21}`, "voltage=3.6V humidity=40% temperature=21°C"}, // TBWL100
		{`{"temperature":"21.5°C","temp":30}`, "temperature=21.5°C"},
		{`{"temperature":"NaN","humidity":1e999}`, ""},
		{`{"occupancy":"occupied","pir":"normal"}`, "occupancy=1"},
		{`{"motion":3}`, "occupancy=1"},
		{`{"in_bed":true,"occupancy":1}`, "in_bed=1 occupancy=1"},
		{`{"bed_status":"out_of_bed"}`, "in_bed=0"},
		{`{"bed_occupancy":"vacant"}`, "in_bed=0"},
		{`{"bed_status":"unknown"}`, ""},
		{`{"bed_exit":1}`, "bed_exit*"},
		{`{"out_of_bed":"no"}`, "-bed_exit"},
		{`{"btn1":{"count":3,"state":"pressed"}}`, "button"},
		{`{"btn_2":"released"}`, ""},
		{`{"DOOR_OPEN_STATUS":1}`, "contact=0"},
		{`{"contact":"closed"}`, "contact=1"},
		{`{"magnet_status":"close"}`, "contact=1"},
		{`{"tamper":"installed"}`, "-tamper"},
		{`{"DisassembledAlarm":1}`, "tamper*"},
		{`{"leakage_status":"leak"}`, "flood*"},
		{`{"gas_status":"alarm"}`, "gas*"},
		{`{"smokeAlarm":"Alarm","faultAlarm":"Normal"}`, "smoke*"},
		{`{"status":{"buzzerFailure":1,"smokeAlarm":0}}`, "fault* -smoke"},
		{`{"testButtonPressed":"Pushed"}`, "test"},
		{`{"powerEvent":"AC Power Off"}`, "mains_lost*"},
		{`[]`, ""}, {`7`, ""}, {`"sos"`, ""}, {`{}`, ""},
		{strings.Repeat(`{"a":`, 40) + `{"sos":1}` + strings.Repeat(`}`, 40), ""},
	} {
		if got := sayObject(1, c.object); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.object, got, c.want)
		}
	}
}

func TestLoRaWANVectors(t *testing.T) {
	codec := func(u Uplink) ([]byte, error) {
		if u.Device != "24e124535b316056" || u.Profile != "WS101" || u.Port != 85 || fmt.Sprintf("%x", u.Bytes) != "01755cff2e01" || u.At.IsZero() {
			return nil, nil
		}
		return []byte(`{"battery":92,"button_event":{"status":"short press","msgid":1}}`), nil
	}
	want := []string{
		"a8404187d187106e: -fault rssi=-116dBm snr=-1dB voltage=3.301V",
		"24e124535b316056: button#0063dd23/7@2026-11-22T17:00 -fault rssi=-48dBm snr=9dB battery=92%",
		"24e124535b316056: button#0063dd23/7@2026-11-22T17:00 -fault rssi=-48dBm snr=9dB battery=92%",
		"24e124535b316056: button#0063dd23/7@2026-11-22T17:00 -fault rssi=-48dBm snr=9dB battery=92%",
		"24e124535b316056: button#0063dd23/7@2026-11-22T17:00 -fault rssi=-48dBm snr=9dB battery=92%",
		"24e124535b316056: battery=100% margin=10dB",
		"24e124535b316056: margin=-7dB",
		"24e124535b316056: margin=3dB",
		"24e124535b316056: online",
		"24e124535b316056: fault*",
		"24e124535b316056: button -fault rssi=-48dBm snr=9dB battery=92%",
		"2cf7f1213050002c: -fault rssi=-65dBm snr=9dB battery=100%",
		"24e124535b316056: button#0@2026-11-22T17:00 -fault rssi=-101dBm snr=-3.2dB",
		"24e124535b316056: online",
	}
	for i, v := range lines[vector](t, "testdata/lorawan.jsonl", len(want)) {
		format := FormatChirpStack
		if strings.HasPrefix(v.Topic, "v3/") {
			format = FormatTTN
		}
		if got := Recognise(v.Topic); got != format {
			t.Errorf("Recognise(%q) = %q", v.Topic, got)
		}
		if got := say(DecodeWith(codec, format, v.Topic, []byte(v.Payload), v.Retain)); got != want[i] {
			t.Errorf("%d, %s\n got %q\nwant %q", i, v.Note, got, want[i])
		}
	}
}

func TestLoRaWANFrames(t *testing.T) {
	const cs, tt = "application/a/device/70B3D57ED0001234/event/", "v3/care@ttn/devices/flat-7/"
	failing := func(Uplink) ([]byte, error) { return nil, errors.New("codec broke") }
	junk := func(Uplink) ([]byte, error) { return []byte(`{"a":`), nil }
	none := func(Uplink) ([]byte, error) { return nil, nil }
	for _, c := range []struct {
		name     string
		codec    Codec
		topic    string
		payload  string
		retained bool
		want     string
	}{
		{"no bytes", nil, cs + "up", `{"fCnt":3,"fPort":0,"data":""}`, false, "70b3d57ed0001234: "},
		{"no object", none, cs + "up", `{"fPort":1,"data":"AQ=="}`, false, "70b3d57ed0001234: ERR " + errNoObject.Error()},
		{"a null object", nil, cs + "up", `{"fPort":1,"data":"AQ==","object":null}`, false, "70b3d57ed0001234: ERR " + errNoObject.Error()},
		{"a codec that fails", failing, cs + "up", `{"fPort":1,"data":"AQ==","rxInfo":[{"rssi":-80}]}`, false, "70b3d57ed0001234: rssi=-80dBm snr=0dB ERR codec broke"},
		{"and an object", failing, cs + "up", `{"data":"AQ==","object":{"sos":true}}`, false, "70b3d57ed0001234: panic -fault"},
		{"a codec of junk", junk, cs + "up", `{"data":"AQ=="}`, false, "70b3d57ed0001234: ERR the decoded object is malformed JSON"},
		{"no base64", nil, cs + "up", `{"data":"?","object":{"sos":true}}`, false, "70b3d57ed0001234: ERR data is no base64: illegal base64 data at input byte 0"},
		{"kept: a press", nil, cs + "up", `{"object":{"press":"short","battery":50}}`, true, "70b3d57ed0001234: -fault battery=50%"},
		{"kept: a state", nil, cs + "up", `{"object":{"fall_status":"fall"}}`, true, "70b3d57ed0001234: fall* late -fault"},
		{"kept: a history", nil, cs + "up", `{"object":{"history":[{"alarm_type":"fall","alarm_status":"alarm_triggered"}]}}`, true, "70b3d57ed0001234: -fault"},
		{"kept: a join", nil, cs + "join", `{}`, true, "70b3d57ed0001234: "},
		{"two of a kind", nil, cs + "up", `{"devAddr":"01","fCnt":9,"object":{"history":[{"alarm_type":"fall","alarm_status":"alarm_triggered"},{"alarm_type":"fall","alarm_status":"alarm_triggered"}]}}`, false,
			"70b3d57ed0001234: fall late#01/9 fall late#01/9.2 -fault"},
		{"one fall, said in two ways", nil, cs + "up", `{"devAddr":"01","fCnt":9,"object":{"detection_status":"fall","events":[{"alarm_type":"fall","alarm_status":"alarm_triggered"}]}}`, false,
			"70b3d57ed0001234: fall*#01/9 fall#01/9 -fault"},
		{"gateways", nil, cs + "up", `{"deviceInfo":{},"rxInfo":[{"rssi":-120,"snr":-9},{"rssi":"x"},7,{"rssi":-70,"snr":"NaN"},{"rssi":0},{"snr":3}],"object":{}}`, false, "70b3d57ed0001234: -fault rssi=-70dBm"},
		{"v3", nil, "application/1/device/70b3d57ed0001234/event/up", `{"devEUI":"cLPVftAAEjQ=","devAddr":"Jgs=","deviceProfileName":"x","rxInfo":[{"time":"2026-03-01T02:10:59.5Z","rssi":-50,"loRaSNR":7.5}],"fCnt":4,"fPort":2,"data":"","objectJSON":"{\"fall\":1}"}`, false,
			"70b3d57ed0001234: fall#Jgs=/4@2026-03-01T02:10 -fault rssi=-50dBm snr=7.5dB"},
		{"v3, an object that is none", nil, "application/1/device/70b3d57ed0001234/event/up", `{"data":"AQ==","objectJSON":"{\"a\":"}`, false, "70b3d57ed0001234: ERR the decoded object is malformed JSON"},
		{"v3 before 3.11", nil, "application/1/device/70b3d57ed0001234/rx", `{"object":{"fall":1}}`, false, "70b3d57ed0001234: fall -fault"},
		{"v3 error", nil, "application/1/device/70b3d57ed0001234/event/error", `{"type":"UPLINK_CODEC","error":"x"}`, false, "70b3d57ed0001234: fault*"},
		{"log: every uplink is dropped", nil, cs + "log", `{"level":"WARNING","code":"UPLINK_F_CNT_RESET"}`, false, "70b3d57ed0001234: fault*"},
		{"log: everyday life", nil, cs + "log", `{"level":"WARNING","code":"UPLINK_F_CNT_RETRANSMISSION"}`, false, "70b3d57ed0001234: "},
		{"log: cannot join", nil, cs + "log", `{"level":"ERROR","code":"OTAA"}`, false, "70b3d57ed0001234: fault*"},
		{"txack", nil, cs + "txack", `{"gatewayId":"x"}`, false, "70b3d57ed0001234: "},
		{"ack", nil, cs + "ack", `{"acknowledged":true}`, false, "70b3d57ed0001234: "},
		{"location", nil, cs + "location", `{"location":{}}`, false, "70b3d57ed0001234: "},
		{"empty", nil, cs + "up", ``, false, "70b3d57ed0001234: ERR payload is empty; ChirpStack must publish JSON, not Protobuf"},
		{"protobuf", nil, cs + "up", "\n$57433366\xff", false, "70b3d57ed0001234: ERR payload is not valid UTF-8; ChirpStack must publish JSON, not Protobuf"},
		{"half", nil, cs + "up", `{"object":{"fall":1}`, false, "70b3d57ed0001234: ERR payload is malformed JSON; ChirpStack must publish JSON, not Protobuf"},
		{"ttn without a DevEUI", nil, tt + "up", `{"end_device_ids":{"device_id":"flat-7"},"uplink_message":{"session_key_id":"AZ==","f_cnt":5,"decoded_payload":{"button":"short"}}}`, false, "flat-7: button#AZ==/5 -fault"},
		{"ttn, status now", nil, tt + "up", `{"uplink_message":{"f_cnt":5,"last_battery_percentage":{"f_cnt":5,"value":39.1}}}`, false, "flat-7: battery=39.1%"},
		{"ttn, status of the first", nil, tt + "up", `{"uplink_message":{"last_battery_percentage":{"value":39.1},"decoded_payload":{"battery":80}}}`, false, "flat-7: -fault battery=80%"},
		{"ttn, status before", nil, tt + "up", `{"uplink_message":{"f_cnt":6,"last_battery_percentage":{"f_cnt":5,"value":39.1}}}`, false, "flat-7: "},
		{"ttn, no object", nil, tt + "up", `{"uplink_message":{"f_port":1,"frm_payload":"AQ=="}}`, false, "flat-7: ERR " + errNoObject.Error()},
		{"ttn, down", nil, tt + "down/sent", `{"downlink_sent":{}}`, false, "flat-7: "},
		{"ttn, solved", nil, tt + "location/solved", `{"location_solved":{}}`, false, "flat-7: "},
		{"ttn, odd", nil, tt + "up", `{"end_device_ids":7,"uplink_message":[],"received_at":{}}`, false, "flat-7: "},
		{"ttn, half", nil, tt + "up", `{`, false, "flat-7: ERR payload is malformed JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := say(DecodeWith(c.codec, Recognise(c.topic), c.topic, []byte(c.payload), c.retained)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
	for _, topic := range []string{"application/a/device/b/command/down", "application/a/device//event/up", "application/a/device/b/event/", "application/a/device/b",
		"application//device/b/event/up", "application/a/gateway/b/event/up", "v3/care@ttn/devices/x/down/push", "v3/care@ttn/devices/x/down/replace",
		"v3/care@ttn/devices/x", "v3/care@ttn/devices//up", "v3//devices/x/up", "v2/a/devices/x/up"} {
		if f := Recognise(topic); f == FormatChirpStack || f == FormatTTN {
			t.Errorf("Recognise(%q) = %q", topic, f)
		}
	}
}

// What is only said of a device is no sign of its life.
func TestLoRaWANHearsay(t *testing.T) {
	for event, want := range map[string]bool{
		"event/up": false, "event/join": false, "event/status": false, "event/ack": true, "event/txack": true, "event/log": true,
		"event/location": true, "event/integration": true,
	} {
		m, err := Decode(FormatChirpStack, "application/a/device/b/"+event, []byte(`{"object":{}}`), false)
		if err != nil || m.Hearsay != want {
			t.Errorf("%s: hearsay %v, error %v", event, m.Hearsay, err)
		}
	}
	for event, want := range map[string]bool{"up": false, "join": false, "down/ack": false, "down/nack": true, "down/queued": true, "service/data": true} {
		m, err := Decode(FormatTTN, "v3/a@t/devices/b/"+event, []byte(`{}`), false)
		if err != nil || m.Hearsay != want {
			t.Errorf("%s: hearsay %v, error %v", event, m.Hearsay, err)
		}
	}
}

// The same uplink has the same reference however often it comes; another never.
func TestLoRaWANReference(t *testing.T) {
	ref := func(addr, cnt, at string) string {
		m, err := Decode(FormatChirpStack, "application/a/device/b/event/up",
			[]byte(`{"devAddr":`+addr+`,"fCnt":`+cnt+`,"time":`+at+`,"object":{"sos":1}}`), false)
		if err != nil || len(m.Events) != 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		return m.Events[0].Ref
	}
	const now = `"2026-03-01T02:10:01.5+00:00"`
	one := ref(`"0063dd23"`, `7`, now)
	if again := ref(`"0063dd23"`, `7.0`, `"2026-03-01T02:10:09+00:00"`); again != one {
		t.Errorf("a repeated frame is another: %q and %q", one, again)
	}
	for _, other := range []string{
		ref(`"0063dd23"`, `8`, now),                                 // the next press
		ref(`"0063dd24"`, `7`, now),                                 // after it joined again
		ref(`"0063dd23"`, `7`, `"2026-03-01T03:10:01.5+00:00"`),     // after it began to count anew
		ref(`"`+strings.Repeat("x", 500)+`"`, `7`, `"2026-03-01"`),  // a session without end
		ref(`"0063dd23"`, strings.Repeat("9", 300), `"2026-03-01"`), // a counter without end
	} {
		if other == one || len(other) > 100 {
			t.Errorf("another frame has reference %q", other)
		}
	}
	if r := ref(`null`, `7`, `null`); r != "" {
		t.Errorf("a counter without a session is %q", r)
	}
}

func TestLoRaWANLines(t *testing.T) {
	codec := func(u Uplink) ([]byte, error) {
		return fmt.Appendf(nil, `{"sos":true,"battery":%d,"port%s":1}`, u.Bytes[0], fmt.Sprint(u.Port)), nil
	}
	for _, c := range []struct{ line, want string }{
		{`{"device":"24e124535b316056","fPort":85,"hex":"105CFF2E01"}`, "24e124535b316056: panic -fault battery=16%"},
		{`{"device":"x","hex":"10 5c:ff-2e"}`, "x: panic -fault battery=16%"},
		{`105cff2e01`, ": panic -fault battery=16%"},
		{` {"device":"x","fPort":"85","hex":"10","profile":"p","time":"2026-03-01T02:10:00Z"} `, "x: panic -fault battery=16%"},
		{`{"device":"x","fPort":1,"hex":""}`, "x: "},
		{`{"device":"x","fPort":1,"hex":"1"}`, "x: ERR hex cannot be read: encoding/hex: odd length hex string"},
		{`{"device":"x","hex":7}`, "x: "},
		{`{"device":`, ": ERR payload is malformed JSON"},
		{`zz`, ": ERR hex cannot be read: encoding/hex: invalid byte: U+007A 'z'"},
	} {
		if got := say(DecodeLoRaWAN(codec, []byte(c.line), 85)); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.line, got, c.want)
		}
	}
	if _, err := DecodeLoRaWAN(nil, []byte(`{"device":"x","hex":"10"}`), 0); !errors.Is(err, errNoObject) {
		t.Errorf("error %v", err)
	}
}

func FuzzLoRaWAN(f *testing.F) {
	for _, v := range lines[vector](f, "testdata/lorawan.jsonl", 14) {
		f.Add(v.Topic, []byte(v.Payload), []byte(`{"battery":92,"button_event":{"status":"short press"}}`), false)
	}
	f.Fuzz(func(t *testing.T, topic string, payload, object []byte, retained bool) {
		codec := func(Uplink) ([]byte, error) { return object, nil }
		for _, format := range []string{FormatChirpStack, FormatTTN} {
			m, err := DecodeWith(codec, format, topic, payload, retained)
			fuzzMessage(t, m, err, retained)
		}
		m, err := DecodeLoRaWAN(codec, payload, 1)
		fuzzMessage(t, m, err, false)
	})
}

func FuzzObject(f *testing.F) {
	for _, v := range lines[objectVector](f, "testdata/lorawan_objects.jsonl", 88) {
		f.Add(v.Port, []byte(v.Object), false)
	}
	f.Fuzz(func(t *testing.T, port int, object []byte, retained bool) {
		d := collector{late: retained}
		d.uplink(func(Uplink) ([]byte, error) { return object, nil }, Uplink{Port: port, Bytes: []byte{1}}, nil, "x/1")
		m, err := d.done()
		fuzzMessage(t, m, err, retained)
	})
}

func fuzzMessage(t *testing.T, m devices.Message, err error, retained bool) {
	t.Helper()
	if err != nil && len(m.Events) > 0 {
		t.Fatalf("error %v, and yet %+v", err, m)
	}
	if len(m.Device) > maxName || len(m.Events) > maxEvents+32 || len(m.Readings) > maxReadings {
		t.Fatalf("out of bounds: %+v", m)
	}
	for _, e := range m.Events {
		if retained && !e.Level {
			t.Fatalf("what happened once comes out of the store: %+v", m)
		}
		for _, c := range m.Cleared {
			if e.Level && e.Kind == c {
				t.Fatalf("%q alarmed and normal at once: %+v", c, m)
			}
		}
	}
	if _, err := json.Marshal(m); err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
}

// benchFloor is what it is measured against: the same bytes read as they come,
// without asking what they mean.
func benchFloor(b *testing.B, payload string) {
	b.Run("floor: json.Unmarshal of the same", func(b *testing.B) {
		payload := []byte(payload)
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal(payload, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLoRaWAN(b *testing.B) {
	all := lines[vector](b, "testdata/lorawan.jsonl", 14)
	for _, c := range []struct {
		name string
		v    vector
	}{{"chirpstack", all[2]}, {"chirpstack, two gateways", all[0]}, {"chirpstack v3", all[10]}, {"the things stack", all[11]}} {
		b.Run(c.name, func(b *testing.B) {
			payload, format := []byte(c.v.Payload), Recognise(c.v.Topic)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(format, c.v.Topic, payload, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	benchFloor(b, all[11].Payload)
}
