package mqtt

import (
	"fmt"
	"slices"
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

// CheckCommand says why a payload on a topic would switch nothing: the topic is
// one on which a device speaks, or its format takes another payload. What is on
// topics of no format is taken as it is.
func CheckCommand(topic string, payload []byte) error {
	word := strings.ToLower(strings.TrimSpace(string(payload)))
	oneOf := func(words ...string) error {
		first, _, _ := strings.Cut(word, ",") // Shelly: on,30 for half a minute
		if !slices.Contains(words, first) {
			return fmt.Errorf("%q means nothing on topic %q; publish one of: %s", clip(string(payload)), clip(topic), strings.Join(words, ", "))
		}
		return nil
	}
	object := func(such string) error {
		if checkObject(trim(payload)) != nil {
			return fmt.Errorf("%q means nothing on topic %q; publish JSON such as %s", clip(string(payload)), clip(topic), such)
		}
		return nil
	}
	levels := strings.Split(topic, "/")
	n := len(levels)
	last := func(i int) string { // from the end
		if i >= n {
			return ""
		}
		return levels[n-1-i]
	}
	switch name, zigbee := strings.CutPrefix(topic, zigbeeBase); {
	case zigbee && last(0) == "set" && strings.Count(name, "/") > 0:
		if object(`{"state":"ON"}`) == nil { // what zigbee2mqtt/<name>/set takes beside an object
			return nil
		}
		if oneOf("on", "off", "toggle") != nil {
			return object(`{"state":"ON"}`)
		}
		return nil
	case zigbee && last(1) == "set" && strings.Count(name, "/") > 1:
		return nil // one attribute, whose values are its own
	case zigbee:
		return fmt.Errorf("topic %q is where a device speaks; publish on %s/set", clip(topic), clip(topic))
	case levels[0] == "cmnd" || last(1) == "cmnd":
		if strings.HasPrefix(strings.ToUpper(last(0)), "POWER") {
			return oneOf("on", "off", "toggle", "blink", "1", "0", "2", "3")
		}
		return nil
	case strings.HasPrefix(topic, shellyBase) && last(0) == "command" && n > 3:
		return oneOf("on", "off", "toggle", "open", "close", "stop")
	case last(1) == "command" && strings.HasPrefix(last(0), "switch:"):
		return oneOf("on", "off", "toggle", "status_update")
	case last(0) == "rpc" && last(1) != "events" && n > 1:
		return object(`{"id":1,"src":"telecare","method":"Switch.Set","params":{"id":0,"on":true}}`)
	case last(0) == "command" && last(2) == "light":
		return object(`{"state":"ON"}`)
	case last(0) == "command" && (last(2) == "switch" || last(2) == "fan" || last(2) == "siren"):
		return oneOf("on", "off", "toggle")
	}
	if f := Recognise(topic); f != "" && f != FormatDiscovery {
		return fmt.Errorf("topic %q is where devices of format %s speak: nothing is switched by it; write the topic of its command", clip(topic), f)
	}
	return nil
}
