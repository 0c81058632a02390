package registry

import (
	"strings"
	"testing"
	"time"

	"telecare/devices"
	"telecare/gateway/strictyaml"
)

// TestUnsupervised: silence says nothing about a device that only speaks when
// it is pressed, and much about one that reports by itself.
func TestUnsupervised(t *testing.T) {
	for address, want := range map[string]bool{
		"jablotron/08300001": true, "zigbee2mqtt/sos": false, "shelly/shellybutton1-3C61": true, "shelly/shellyplusi4-a8": false,
		"tasmota/klingel": false, "tasmota/bridge/rf/7028d4": true, "theengs/3C2EF5DF1234": true, "rtl_433/Generic-Remote/39985": true,
		"rtl_433/X10-Security/3133": true, "rtl_433/Visonic-Powercode/6f4770": false, "mysensors/12": false,
		"esp3/00298979": true, "r60/bath": false, "tinyframe/bath": false,
	} {
		if got := (docDevice{Address: address, Role: string(devices.Panic)}).unsupervised(); got != want {
			t.Errorf("%s: unsupervised %v, want %v", address, got, want)
		}
	}
	if (docDevice{Address: "rtl_433/Kerui-Security/1", Role: roleNone}).unsupervised() {
		t.Error("a detector is supervised until somebody says never")
	}
}

// TestWindows: how long a device may be silent follows from its format and
// model, unless the registry says.
func TestWindows(t *testing.T) {
	for address, want := range map[string]time.Duration{
		"zigbee2mqtt/sos": 25 * time.Hour, "jablotron/01842835": 30 * time.Minute, "chirpstack/24e124535b316056": 45 * time.Hour,
		"ttn/24e124535b316056": 45 * time.Hour, "rtl_433/Honeywell-Security/1": 4 * time.Hour, "rtl_433/Visonic-Powercode/6f4770": 25 * time.Hour,
	} {
		role := string(devices.Panic)
		if strings.HasPrefix(address, "jablotron") {
			role = roleNone // a detector
		}
		b := &builder{ids: idOf{kindDevice: {"k": "d-1"}, kindPlace: {"p": "p-1"}}}
		v := docDevice{Key: "k", Place: "p", Address: address, Role: role}
		if got := v.device(b); got.HeardEvery != want || got.Unsupervised || b.err != nil {
			t.Errorf("%s: %v, want %v (%v)", address, got.HeardEvery, want, b.err)
		}
		v.HeardEvery.Every = strictyaml.Duration(time.Hour)
		if got := v.device(b); got.HeardEvery != time.Hour {
			t.Errorf("%s: %v though the registry says 1h", address, got.HeardEvery)
		}
	}
}
