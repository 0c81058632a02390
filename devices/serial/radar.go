package serial

import (
	"fmt"

	"telecare/devices"
)

// Radar is the Message.Device of a radar, whose frames tell no name: one is at
// the end of the line. On a line it is called as its source is.
const Radar = "radar"

// condition adds a state that is 1 or 0 in every frame: only its edge is news.
// Anything else is an error, never "all is well".
func condition(m *devices.Message, kind devices.Kind, v byte) error {
	switch v {
	case 0:
		m.Cleared = append(m.Cleared, kind)
	case 1:
		m.Events = append(m.Events, devices.Event{Kind: kind, Level: true})
	default:
		return fmt.Errorf("%s is %d, neither 0 nor 1", kind, v)
	}
	return nil
}

// occupancy adds whether somebody is there.
func occupancy(m *devices.Message, v uint32) error {
	if v > 1 {
		return fmt.Errorf("presence is %d, neither 0 nor 1", v)
	}
	m.Readings = append(m.Readings, devices.Reading{Quantity: devices.Occupancy, Value: float64(v)})
	return nil
}

// radarCannotTell is the same for both.
func radarCannotTell() []string {
	return []string{
		"Who fell.",
		"A fall outside its field (2 m round its foot), or behind something.",
		"Whether the person got up again, with an r60 that misses the end: it is asked again after a quiet minute.",
	}
}
