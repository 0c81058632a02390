package mqtt

import "testing"

func TestHomie(t *testing.T) {
	hold(t, FormatHomie, []said{
		{"homie/5/bed-12/$state", `ready`, true, "bed-12: online"},
		{"homie/bed-12/$state", `disconnected`, true, "bed-12: offline"},
		{"homie/bed-12/$state", `sleeping`, true, "bed-12: "},
		{"homie/bed-12/$state", `init`, true, "bed-12: "},
		{"homie/bed-12/$state", `alert`, false, "bed-12: online fault*"},
		{"homie/bed-12/$state", `gone`, true, `bed-12: ERR $state "gone" is none of init, ready, disconnected, sleeping, lost and alert`},
		{"homie/bed-12/$state", ``, true, "bed-12: "},
		{"homie/5/bed-12/$alert/childlost", `a sensor is gone`, true, "bed-12: fault* late"},
		{"homie/5/bed-12/$alert/childlost", ``, false, "bed-12: -fault"},
		{"homie/5/bed-12/$description", `{"homie":"5.0"}`, true, "bed-12: "},
		{"homie/bed-12/$stats/battery", `80`, true, "bed-12: battery=80%"},
		{"homie/bed-12/$nodes", `call,light`, true, "bed-12: "},
		{"homie/bed-12/call/$name", `true`, true, "bed-12: "},
		{"homie/5/bed-12/call/pressed/$target", `true`, false, "bed-12: "},
		{"homie/bed-12/call/pressed", `true`, false, "bed-12: button"},
		{"homie/bed-12/call/pressed", `false`, false, "bed-12: "},
		{"homie/5/bed-12/call/pressed", `true`, true, "bed-12: "},
		{"homie/5/bed-12/call/action", `double`, false, "bed-12: button"},
		{"homie/5/bed-12/call/action", `idle`, false, "bed-12: "},
		{"homie/5/bed-12/sos/state", `true`, false, "bed-12: panic"},
		{"homie/5/bed-12/light/power", `true`, false, "bed-12: "},
		{"homie/5/bed-12/radar/fall", `true`, true, "bed-12: fall* late"},
		{"homie/5/bed-12/room/motion", `false`, true, "bed-12: occupancy=0"},
		{"homie/5/bed-12/room/temperature", `21.5`, true, "bed-12: temperature=21.5°C"},
		{"homie/5/bed-12/power/battery-level", `4`, true, "bed-12: battery=4%"},
		{"homie/5/bed-12/call/pressed/set", `true`, false, ": "},
		{"homie/5/$broadcast/alert", `fire`, false, ": "},
		{"homie//x", `1`, false, ": ERR the topic names no device"},
	})
}

func FuzzHomie(f *testing.F) {
	fuzzFormat(f, FormatHomie, [2]string{"homie/5/a/sos/state", `true`}, [2]string{"homie/a/b/battery", `3.1`},
		[2]string{"homie/a/$state", `alert`}, [2]string{"homie/a/radar/fall", `true`})
}
