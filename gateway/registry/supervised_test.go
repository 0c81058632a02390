package registry

import (
	"testing"

	"telecare/devices"
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
