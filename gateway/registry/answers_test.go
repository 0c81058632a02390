package registry

import (
	"strings"
	"testing"
)

// TestAnswers: what is to be told is read, written back as it was, and refused
// where nobody could be told by it.
func TestAnswers(t *testing.T) {
	d := changed(t, "devices:\n", `devices:
  - key: told
    name: Told
    address: zigbee2mqtt/told
    role: panic
    place: room-7
    answer:
      - {to: zigbee2mqtt/Room 7 siren, as: siren}
      - {topic: say/room-7, coming: "Help is coming", there: "", over: "{}", source: house}
`)
	roundTrip(t, d)
	got := answers(d.Devices[0].Answer)
	if len(got) != 2 || !got[0].Siren || got[1].Coming != "Help is coming" || got[1].Source != "house" {
		t.Errorf("%+v", got)
	}
	for bad, why := range map[string]string{
		"{as: lamp}":                       "whom to tell",
		"{to: zigbee2mqtt/x, topic: y}":    "take one out",
		"{topic: y}":                       "missing",
		"{topic: y/#, coming: x}":          "no topic",
		"{to: jablotron/08300001}":         "topic: and coming:",
		"{to: esphome/room7}":              "esphome/NAME/light/ID",
		"{to: tasmota/}":                   "no address",
		"{to: tasmota/x, as: sirene}":      "did you mean siren?",
		"{to: tasmota/x, source: A house}": "no source",
		"{to: tasmota/x, color: red}":      "color",
	} {
		text := strings.Replace(string(ward(t)), "devices:\n", "devices:\n  - {key: told, name: Told, address: telecare/told, place: room-7, answer: ["+bad+"]}\n", 1)
		_, err := Parse("x", []byte(text))
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
