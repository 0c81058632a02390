package mqtt

import "testing"

func TestMilesight(t *testing.T) {
	report := func(trigger string) string {
		return `{"device info":{"device model":"VS373","device sn":"6757C","time":"2026-11-22T18:00:00+01:00"},"trigger data":` + trigger + `}`
	}
	const topic = "milesight/vs373"
	hold(t, FormatMilesight, []said{
		{topic, report(`{"type":1,"trigger id":12,"event":0,"status":1}`), false, "6757C: fall#20261122T170000Z@12"},
		{topic, report(`{"trigger id":12,"event":"0","status":"0"}`), false, "6757C: fall#20261122T170000Z@12"},
		{topic, report(`{"trigger id":12,"event":0,"status":2}`), false, "6757C: "},
		{topic, report(`{"trigger id":12,"event":0,"status":1}`), true, "6757C: "},
		{topic, report(`{"event":1,"status":1}`), false, "6757C: inactivity"},
		{topic, report(`{"event":3,"status":1}`), false, "6757C: bed_exit"},
		{topic, report(`{"event":3,"status":2}`), false, "6757C: -bed_exit"},
		{topic, report(`{"event":3,"status":2}`), true, "6757C: "},
		{topic, report(`{"event":3,"status":3}`), false, "6757C: "},
		{topic, report(`{"type":0,"event":4,"status":1}`), false, "6757C: occupancy=1"},
		{topic, report(`{"event":7,"status":4}`), false, "6757C: "},
		{topic, report(`{"event":6,"status":1}`), false, "6757C: medical"},
		{topic, report(`{"event":4,"status":4}`), false, "6757C: occupancy=1"},
		{topic, report(`{"event":5,"status":4}`), false, "6757C: occupancy=0"},
		{topic, report(`{"event":8,"status":1}`), false, "6757C: inactivity"},
		{topic, report(`{"event":8,"status":2}`), false, "6757C: "},
		{topic, report(`{"event":99,"status":1}`), false, "6757C: "},
		{topic, report(`{"event":null,"status":1}`), false, "6757C: ERR the trigger names no event"},
		{topic, report(`{"event":0}`), false, "6757C: ERR the trigger has no status"},
		{topic, report(`7`), false, "6757C: "},
		{topic, `{"device_info":{"device_mac":"24E124FFFE123456"},"trigger_data":{"trigger_id":3,"event":0,"status":1}}`, false, "24E124FFFE123456: fall"},
		// As the maker's document has it too: one inside the other, a time without a zone.
		{topic, `{"device info":{"device model":"Vs373-915M","device sn":"6806E51510750004","device mac":"d8:3b:da:9e:6e:a4","ipAddress":"192.168.130.157","time":"2025-08-18 20:44:34","trigger data":{"type":0,"trigger id":266,"event":0,"status":1,"location":" (565, -838, 277)"}}}`, false, "6806E51510750004: fall"},
		{topic, `{"a":1}`, false, ": ERR the report has no device_info; is it from a VS373?"},
		{topic, `{"device_info":{}}`, false, ": ERR the topic names no device"},
		{topic, `fall`, false, ": ERR payload is not a JSON object"},
	})
}

func FuzzMilesight(f *testing.F) {
	fuzzFormat(f, FormatMilesight, [2]string{"milesight/x", `{"device info":{"device sn":"1"},"trigger data":{"event":4,"status":4}}`})
}
