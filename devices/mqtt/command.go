package mqtt

import (
	"fmt"
	"strings"
)

// A Command is how a lamp, siren or socket is switched over MQTT.
type Command struct {
	Topic   string
	On, Off string // payloads
}

// CommandTo makes the command for a device by its address, format and name, as
// its format takes it. A siren is warned with, where the format knows sirens.
func CommandTo(address string, siren bool) (Command, error) {
	format, name, _ := strings.Cut(address, "/")
	if err := checkName(name); err != nil || strings.ContainsAny(address, "\x00+#") {
		return Command{}, fmt.Errorf("%q names no device", clip(address))
	}
	switch format {
	case FormatZigbee2MQTT:
		// zigbee2mqtt.io, "MQTT topics and messages", <name>/set; sirens: exposes "warning".
		c := Command{zigbeeBase + name + "/set", `{"state":"ON"}`, `{"state":"OFF"}`}
		if siren {
			c.On = `{"warning":{"mode":"emergency","level":"medium","strobe":true,"duration":30}}`
			c.Off = `{"warning":{"mode":"stop","level":"low","strobe":false,"duration":1}}`
		}
		return c, nil
	case FormatShelly:
		// shelly-api-docs: Gen1 shellies/<id>/relay/0/command; Gen2+ <prefix>/command/switch:0.
		if shellyFirst(name) {
			return Command{"shellies/" + name + "/relay/0/command", "on", "off"}, nil
		}
		return Command{name + "/command/switch:0", "on", "off"}, nil
	case FormatTasmota:
		// tasmota.github.io/docs/MQTT: cmnd/<topic>/POWER.
		return Command{"cmnd/" + name + "/POWER", "ON", "OFF"}, nil
	case FormatESPHome:
		// esphome.io, "MQTT client component": <prefix>/<component>/<id>/command.
		parts := strings.Split(name, "/")
		if len(parts) < 3 {
			break
		}
		switch component := parts[len(parts)-2]; component {
		case "light":
			return Command{name + "/command", `{"state":"ON"}`, `{"state":"OFF"}`}, nil
		case "switch", "fan", "siren":
			return Command{name + "/command", "ON", "OFF"}, nil
		}
		return Command{}, fmt.Errorf("%q cannot be switched; write esphome/NAME/light/ID or esphome/NAME/switch/ID", clip(address))
	}
	return Command{}, fmt.Errorf("%q cannot be told by its address: write its topic and what to publish", clip(address))
}

// shellyFirst reports whether an id is of the first generation: the later ones
// say Plus, Pro, Mini or their generation in it.
func shellyFirst(id string) bool {
	model, _, _ := strings.Cut(strings.ToLower(id), "-")
	for _, later := range []string{"plus", "pro", "mini", "g3", "g4", "wall", "blu"} {
		if strings.Contains(model, later) {
			return false
		}
	}
	return strings.HasPrefix(model, "shelly")
}
