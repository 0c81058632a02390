package mqtt

import "testing"

func TestTheengs(t *testing.T) {
	const mac = "home/OpenMQTTGateway/BTtoMQTT/3C2EF5DF1234"
	hold(t, FormatTheengs, []said{
		{mac, `{"id":"3C:2E:F5:DF:12:34","packet":30,"batt":100,"button":9}`, false, "3C2EF5DF1234: button#packet@30 battery=100%"},
		{mac, `{"id":"3c:2e:f5:df:12:34","packet":31,"batt":100,"button":0}`, false, "3C2EF5DF1234: battery=100%"},
		{mac, `{"packet":32,"button":10}`, false, "3C2EF5DF1234: "},
		{mac, `{"packet":32,"button":1}`, true, "3C2EF5DF1234: "},
		{mac, `{"button":"press"}`, false, "3C2EF5DF1234: button"},
		{mac, `{"button":"none"}`, false, "3C2EF5DF1234: "},
		{mac, `{"packet":5,"button1":0,"button2":0,"button3":1,"button4":0}`, false, "3C2EF5DF1234: button#packet@5"},
		{mac, `{"rssi":-71,"tempc":21.5,"tempf":70.7,"hum":45,"batt":null,"volt":2.97,"open":true,"motion":false}`, false, "3C2EF5DF1234: rssi=-71dBm temperature=21.5°C humidity=45% voltage=2.97V contact=0 occupancy=0"},
		{mac, `{"lowbatt":true,"batt":255}`, false, "3C2EF5DF1234: battery_low*"},
		{mac, `{"button":`, false, ": ERR payload is malformed JSON"},
		{"home/TheengsGateway/BTtoMQTT", `{"button":1}`, false, ": ERR the topic names no device"},
		{"home/OpenMQTTGateway/LWT", `offline`, true, "bridge/OpenMQTTGateway: offline"},
		{"home/OMG_flur/LWT", `online`, true, "bridge/OMG_flur: online"},
		{"home/OMG_flur/SYStoMQTT", `{"uptime":5}`, false, "bridge/OMG_flur: heartbeat"},
		{"home/OMG_flur/SYStoMQTT", `{"uptime":5}`, true, "bridge/OMG_flur: "},
		{"home/OMG_flur/433toMQTT", `{"value":5393,"protocol":1,"length":24,"delay":320}`, false, "rf/5393: button"},
		{"home/OMG_flur/433toMQTT/5393", `{"value":"0x1","protocol":1}`, false, "rf/0x1: button"},
		{"home/OMG_flur/433toMQTT", `{"protocol":1}`, false, ": ERR the frame names no code"},
		{"home/OMG_flur/RTL_433toMQTT/X10-Security/3133", `{"model":"X10-Security","id":"3133","event":"KR18 PANIC","rssi":-80}`, false, "X10-Security/3133: panic rssi=-80dB"},
	})
}

func FuzzTheengs(f *testing.F) {
	fuzzFormat(f, FormatTheengs,
		[2]string{"home/a/433toMQTT", `{"value":5393}`}, [2]string{"home/a/LWT", `online`},
		[2]string{"home/a/BTtoMQTT/1", `{"button":"press","packet":"7","open":"yes"}`})
}
