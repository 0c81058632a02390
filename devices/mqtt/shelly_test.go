package mqtt

import "testing"

func TestShelly(t *testing.T) {
	rpc := func(rest string) string {
		return `{"src":"shellyplusi4-a8","dst":"shellyplusi4-a8/events",` + rest + `}`
	}
	const gen2 = "shellyplusi4-a8/events/rpc"
	hold(t, FormatShelly, []said{
		// Gen1
		{"shellies/shellybutton1-3C/input_event/0", `{"event":"SSS","event_cnt":3}`, false, "shellybutton1-3C: button#0/3"},
		{"shellies/shellybutton1-3C/input_event/0", `{"event":"L","event_cnt":"4"}`, false, "shellybutton1-3C: button#0/4"},
		{"shellies/shellyix3-3C/input_event/2", `{"event":"SL"}`, false, "shellyix3-3C: button"},
		{"shellies/shellyix3-3C/input_event/2", `{"event":"","event_cnt":0}`, false, "shellyix3-3C: "},
		{"shellies/shellyix3-3C/input_event/2", `{"event":"X","event_cnt":5}`, false, "shellyix3-3C: "},
		{"shellies/shellyix3-3C/input_event/2", `{"event":null,"event_cnt":5}`, false, "shellyix3-3C: "},
		{"shellies/shellyix3-3C/input_event/0", `{"event":"S","event_cnt":2}`, true, "shellyix3-3C: "},
		{"shellies/shellyix3-3C/input_event/0", `S`, false, "shellyix3-3C: ERR payload is not a JSON object"},
		{"shellies/shellyix3-3C/input/0", `1`, false, "shellyix3-3C: "},
		{"shellies/shelly1-AA/input/0", `1`, false, "shelly1-AA: button*"},
		{"shellies/shelly1-AA/input/0", `1`, true, "shelly1-AA: button* late"},
		{"shellies/shelly1-AA/input/0", `0`, false, "shelly1-AA: -button"},
		{"shellies/shelly1-AA/longpush/0", `1`, false, "shelly1-AA: button"},
		{"shellies/shelly1-AA/longpush/0", `0`, false, "shelly1-AA: "},
		{"shellies/shelly1-AA/relay/0", `on`, false, "shelly1-AA: "},
		{"shellies/shelly1-AA/online", `true`, true, "shelly1-AA: online"},
		{"shellies/shelly1-AA/online", `false`, true, "shelly1-AA: offline"},
		{"shellies/shelly1-AA/online", ``, true, "shelly1-AA: "},
		{"shellies/shelly1-AA/online", `perhaps`, true, `shelly1-AA: ERR online has an unreadable value "\"perhaps\""`},
		{"shellies/shellyflood-AA/online", `false`, true, "shellyflood-AA: "},
		{"shellies/shellyflood-AA/sensor/flood", `true`, false, "shellyflood-AA: flood*"},
		{"shellies/shellyflood-AA/sensor/flood", `false`, false, "shellyflood-AA: -flood"},
		{"shellies/shellysmoke-AA/sensor/smoke", `true`, true, "shellysmoke-AA: smoke* late"},
		{"shellies/shellygas-AA/sensor/gas", `heavy`, false, "shellygas-AA: gas*"},
		{"shellies/shellygas-AA/sensor/gas", `test`, false, "shellygas-AA: test"},
		{"shellies/shellygas-AA/sensor/gas", `none`, false, "shellygas-AA: -gas"},
		{"shellies/shellydw2-AA/sensor/state", `open`, false, "shellydw2-AA: contact=0"},
		{"shellies/shellydw2-AA/sensor/temperature", `21.5`, false, "shellydw2-AA: temperature=21.5°C"},
		{"shellies/shellydw2-AA/sensor/battery", `nan`, false, "shellydw2-AA: "},
		{"shellies/shellymotionsensor-60A423976594/status", `{"motion":true,"timestamp":1614416952,"active":true,"vibration":true,"lux":303,"bat":87,"tmp":{"value":20.5,"units":"C","is_valid":true}}`, false,
			"shellymotionsensor-60A423976594: occupancy=1 illuminance=303lx battery=87% temperature=20.5°C"},
		{"shellies/announce", `{"id":"shellyix3-3C","model":"SHIX3-1"}`, false, "shellyix3-3C: "},
		{"shellies/command", `announce`, false, ": "},
		{"shellies/shelly1-AA/relay/0/command", `on`, false, ": "},
		{"shellies//x", `1`, false, ": ERR the topic names no device"},
		// Gen2 and later
		{gen2, rpc(`"method":"NotifyEvent","params":{"ts":1631266595.44,"events":[{"component":"input:2","id":2,"event":"btn_down","ts":1631266595.44}]}`), false, "shellyplusi4-a8: "},
		{gen2, rpc(`"method":"NotifyEvent","params":{"ts":1631266595.44,"events":[{"component":"input:2","id":2,"event":"btn_up","ts":1631266595.44}]}`), false, "shellyplusi4-a8: "},
		{gen2, rpc(`"method":"NotifyEvent","params":{"events":[{"component":"input:2","event":"triple_push"}]}`), false, "shellyplusi4-a8: button"},
		{gen2, rpc(`"method":"NotifyEvent","params":{"ts":1.5,"events":[{"component":"input:2","event":"long_push","ts":1.5}]}`), true, "shellyplusi4-a8: "},
		{gen2, rpc(`"method":"NotifyEvent","params":{"ts":5,"events":[{"component":"sys","event":"sleep","ts":5}]}`), false, "shellyplusi4-a8: "},
		{gen2, rpc(`"method":"NotifyEvent","params":{"ts":5,"events":["x",7,null,{"component":9,"event":[]}]}`), false, "shellyplusi4-a8: "},
		{gen2, rpc(`"method":"NotifyEvent","params":{"events":[{"component":"smoke:0","event":"alarm"}]}`), false, "shellyplusi4-a8: smoke*"},
		{gen2, rpc(`"method":"NotifyEvent","params":{"events":[{"component":"smoke:0","event":"alarm_test"}]}`), false, "shellyplusi4-a8: test"},
		{gen2, rpc(`"method":"NotifyEvent","params":{"events":[{"component":"script:1","event":"shelly-blu","data":{"encryption":false,"BTHome_version":2,"pid":118,"battery":100,"button":1,"rssi":-64,"address":"bc:02:6e:c3:c8:b9"}}]}`), false,
			"bc:02:6e:c3:c8:b9: button#pid@118 battery=100% rssi=-64dBm"},
		{gen2, rpc(`"method":"NotifyEvent","params":{"events":[{"component":"script:1","event":"shelly-blu","data":{"pid":7,"button":[0,0,254,0],"address":"bc:02:6e:c3:c8:b9"}}]}`), false, "bc:02:6e:c3:c8:b9: button#pid@7"},
		{gen2, rpc(`"method":"NotifyEvent","params":{"events":[{"component":"script:1","event":"shelly-blu","data":{"pid":7,"button":0,"motion":1,"illuminance":174,"address":"e8:e0:7e:d0:f9:89"}}]}`), false, "e8:e0:7e:d0:f9:89: occupancy=1 illuminance=174lx"},
		{gen2, rpc(`"method":"NotifyStatus","params":{"ts":1631266595.44,"bthomedevice:200":{"id":200,"rssi":-63,"battery":100,"packet_id":209,"last_updated_ts":1726738130}}`), false, "shellyplusi4-a8/bthomedevice:200: rssi=-63dBm battery=100%"},
		{gen2, rpc(`"method":"NotifyFullStatus","params":{"ts":1.1,"ble":{},"devicepower:0":{"id":0,"battery":{"V":5.9,"percent":98},"external":{"present":false}},"temperature:0":{"id":0,"tC":21.2,"tF":70.1},"humidity:0":{"rh":44.5},"wifi":{"rssi":-55},"bthomedevice:200":{"battery":3}}`), false,
			"shellyplusi4-a8: battery=98% voltage=5.9V temperature=21.2°C humidity=44.5% rssi=-55dBm"},
		{gen2, rpc(`"method":"NotifyStatus","params":{"devicepower:0":{"battery":{"V":null,"percent":null}},"input:0":{"id":0,"state":null}}`), false, "shellyplusi4-a8: "},
		{gen2, rpc(`"method":"NotifyStatus","params":{"input:0":{"id":0,"state":true}}`), false, "shellyplusi4-a8: button*"},
		{gen2, rpc(`"id":1,"result":{}`), false, "shellyplusi4-a8: "},
		{"bad/ruf/events/rpc", rpc(`"method":"NotifyEvent","params":{"events":[{"component":"input:0","event":"double_push"}]}`), false, "bad/ruf: button"},
		{"bad/ruf/online", `false`, true, "bad/ruf: offline"},
		{"shellyplussmoke-1/status/smoke:0", `{"id":0,"alarm":true,"mute":false}`, false, "shellyplussmoke-1: smoke*"},
		{"shellyplussmoke-1/status/smoke:0", `{"id":0,"alarm":`, false, "shellyplussmoke-1: ERR payload is malformed JSON"},
		{"shellyplussmoke-1/command/switch:0", `on`, false, ": "},
		{"shellyplussmoke-1/rpc", `{}`, false, ": "},
	})
}

func FuzzShelly(f *testing.F) {
	fuzzFormat(f, FormatShelly,
		[2]string{"shelly-1/events/rpc", `{"method":"NotifyEvent","params":{"events":[{"component":"script:1","event":"shelly-blu","data":{"pid":7,"button":[0,1],"address":"a"}}]}}`},
		[2]string{"shelly-1/events/rpc", `{"method":"NotifyStatus","params":{"ts":1,"bthomedevice:200":{"battery":100},"input:0":{"state":true}}}`},
		[2]string{"shellies/x/status", `{"motion":true,"bat":{"value":3,"voltage":3.1}}`})
}
