package mqtt

import (
	"strings"

	"telecare/devices"
)

// pressed adds what an action means. A panic is said by name, with the endpoint
// behind it or not (emergency, emergency_1); any other press is a button, whose
// meaning the device's role decides. Letting go, switching off, arming and
// turning a knob are no press.
func pressed(events []devices.Event, action string) []devices.Event {
	action = strings.ToLower(strings.TrimSpace(action))
	for _, word := range []string{"emergency", "panic", "sos"} {
		if rest, ok := strings.CutPrefix(action, word); ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return append(events, devices.Event{Kind: devices.Panic})
		}
	}
	button := false
	for part := range strings.FieldsFuncSeq(action, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
		switch part {
		case "release", "released":
			return events
		case "single", "double", "triple", "tripple", "quadruple", "quintuple", "many",
			"hold", "long", "short", "press", "pressed", "click", "clicked", "push", "pushed", "tap", "tapped", "on", "toggle":
			button = true
		}
	}
	if button {
		return append(events, devices.Event{Kind: devices.Button})
	}
	return events
}
