// Package devices is the vocabulary of what a device can say: who it is, what
// happened, what it measured, and how the message came. Values only; it holds
// no state, does no I/O and imports the standard library alone.
//
// Two names for one device are kept apart on purpose. An Address is what the
// wire calls it and may be personal data (a Zigbee name is often "Anna
// bedroom"); an ID is opaque, given at registration, and the only one that may
// reach the journal, InfluxDB, metrics, logs and topics.
package devices

import (
	"slices"
	"time"
)

// ID is a registered device's opaque name, such as "d-4k7m2q". The zero value
// is no device.
type ID string

// Address is a device's name on the wire with the format in front, such as
// "zigbee2mqtt/Wohnung 3/Bad/Notruf" or "jablotron/08300001". It may be
// personal data: it stays in the registry and on the technician's page.
type Address string

// Kind says what happened.
type Kind string

// Kinds that raise an alarm: somebody may need help.
const (
	Panic      Kind = "panic"
	Fall       Kind = "fall"
	Inactivity Kind = "inactivity"
	Medical    Kind = "medical"
	Smoke      Kind = "smoke"
	Gas        Kind = "gas"
	CO         Kind = "co"
	Heat       Kind = "heat"
	Flood      Kind = "flood"
	Intruder   Kind = "intruder"
	Wandering  Kind = "wandering"
	BedExit    Kind = "bed_exit"
)

// Kinds that say something else.
const (
	Cancel        Kind = "cancel"       // the person takes a fall back
	Reset         Kind = "reset"        // the device was reset by hand
	Presence      Kind = "presence"     // somebody moved
	Test          Kind = "test"         // a test the device itself declares
	Button        Kind = "button"       // a press whose meaning the device's role decides
	FallWarning   Kind = "fall_warning" // perhaps a fall
	Tamper        Kind = "tamper"
	TamperClear   Kind = "tamper_clear"
	BatteryLow    Kind = "battery_low"
	BatteryOK     Kind = "battery_ok"
	MainsLost     Kind = "mains_lost"
	MainsRestored Kind = "mains_restored"
	Online        Kind = "online"    // the chain says the device is reachable
	Offline       Kind = "offline"   // the chain says it is not
	Heartbeat     Kind = "heartbeat" // a sign of life and nothing else
	Fault         Kind = "fault"
	FaultClear    Kind = "fault_clear"
)

// RaisesAlarm reports whether an event of this kind calls for a person.
func (k Kind) RaisesAlarm() bool {
	return slices.Contains(AlarmKinds(), k)
}

// AlarmKinds lists every kind that raises an alarm.
func AlarmKinds() []Kind {
	return []Kind{Panic, Fall, Inactivity, Medical, Smoke, Gas, CO, Heat, Flood, Intruder, Wandering, BedExit}
}

// Kinds lists every kind there is, alarms first.
func Kinds() []Kind {
	return append(AlarmKinds(),
		Cancel, Reset, Presence, Test, Button, FallWarning, Tamper, TamperClear, BatteryLow, BatteryOK,
		MainsLost, MainsRestored, Online, Offline, Heartbeat, Fault, FaultClear)
}

// Event is one thing that happened.
type Event struct {
	Kind Kind `json:"kind"`
	// Ref is the format's own delivery identity (a counter, a packet id). Two
	// events of a device with the same Ref are one event delivered twice. ""
	// when the format has none.
	Ref string `json:"ref,omitempty"`
	// Counter says that Ref comes from a counter that begins anew with the
	// device: it tells a repeat from another press for minutes, not for a day.
	Counter bool `json:"-"`
	// Late says that this is history, not now: retained, stored, or stamped
	// long ago by the device.
	Late bool `json:"late,omitempty"`
	// Level says that the field behind this event is a state which repeats in
	// every frame (sos, fall_status, tamper): only its edge is news. The
	// opposite state is a Kind in Message.Cleared.
	Level bool `json:"-"`
}

// Quantity names what a reading measures. See the list for units.
type Quantity string

// Quantities and their units.
const (
	Battery     Quantity = "battery"      // %
	Voltage     Quantity = "voltage"      // V
	RSSI        Quantity = "rssi"         // dBm
	SNR         Quantity = "snr"          // dB
	LinkQuality Quantity = "link_quality" // 0..255, no unit
	Temperature Quantity = "temperature"  // °C
	Humidity    Quantity = "humidity"     // %
	Illuminance Quantity = "illuminance"  // lx
	Contact     Quantity = "contact"      // 1 closed, 0 open, no unit
	Occupancy   Quantity = "occupancy"    // 1 somebody, 0 nobody, no unit
	InBed       Quantity = "in_bed"       // 1 somebody is in bed, 0 nobody, no unit
)

// Reading is one measured value. Unit is "" where the quantity has none.
type Reading struct {
	Quantity Quantity `json:"quantity"`
	Value    float64  `json:"value"`
	Unit     string   `json:"unit,omitempty"`
}

// Message is what one frame said. It is also the output of `telecare decode`:
// its JSON is a contract.
type Message struct {
	// Device is the bare name on the wire, without the format in front.
	Device string `json:"device"`
	// At is when the device says it happened; zero when it does not say.
	At       time.Time `json:"at,omitzero"`
	Events   []Event   `json:"events,omitempty"`
	Readings []Reading `json:"readings,omitempty"`
	// Note is what the frame says to a technician alone: the profile that a
	// sensor is taught in with, a stick's version, what a slot holds.
	Note string `json:"note,omitempty"`
	// Cleared lists the level kinds that this frame shows in their normal
	// state, so that the next alarm state is an edge. Never in the output.
	Cleared []Kind `json:"-"`
	// Hearsay says that the frame is about the device and not from it, such as
	// what became of a command: no sign of its life. Never in the output.
	Hearsay bool `json:"-"`
	// Named says that the frame names what was done, though it calls nobody: a
	// button was let go, a keypad disarmed. Never in the output.
	Named bool `json:"-"`
}

// Frame is one delivery from the wire: what was heard and how it came. A frame
// that could not be understood has Err set and Raw kept.
type Frame struct {
	Source  string  // the source's name in telecare.yaml
	Format  string  // "zigbee2mqtt", "jablotron", "telecare"
	Topic   string  // where it was heard: an MQTT topic; "" on a serial line
	Message Message // zero Device when it could not even be attributed
	Raw     []byte  // the bytes as heard, whole; owned by the receiver
	Err     error   // why it could not be decoded; nil when it could

	// The delivery's identity on a link that redelivers (MQTT QoS 1). Session
	// is "" on a link that does not.
	Session string
	Packet  uint16
	Dup     bool
	// Settled: answers that were given before it have reached the sender, for
	// it went on speaking for long and did not repeat. Zero when that is not
	// known. Such a message that comes again as a Dup may be another one.
	Settled time.Time

	// Retained says that the broker kept it: a state from some time, not a sign
	// of life now.
	Retained bool

	// Unanswered says that this link cannot be answered (QoS 0, a serial line
	// without an acknowledgment), so that nothing can be promised for it.
	Unanswered bool
}

// Address is the registry's name for the device that spoke, "" when unknown.
func (f Frame) Address() Address {
	if f.Message.Device == "" {
		return ""
	}
	return Address(f.Format + "/" + f.Message.Device)
}

// Handler takes a frame. It returns as soon as the frame has its place in the
// queue and never waits for a disk. The answer is called exactly once, from any
// goroutine: with nil when what the frame said is on disk and the sender may be
// answered, with an error when it must be left unanswered so that it is sent
// again. The answer itself must not block.
type Handler func(f Frame, answer func(error))

// Sample is the readings of one frame on their way to the reading store.
type Sample struct {
	Device   ID
	Kind     string // the device's role, such as "pendant" or "panic"
	Source   string
	At       time.Time // fixed when accepted; strictly increasing for a device
	Readings []Reading
}

// Life says what is known about a device's signs of life.
type Life string

// Lives. Unknown is never shown as fine.
const (
	LifeUnknown      Life = "unknown"      // not heard since the gateway knows it, or the chain before it is down
	LifeHeard        Life = "heard"        // heard within its window
	LifeSilent       Life = "silent"       // its window has passed without a sign
	LifeUnsupervised Life = "unsupervised" // it gives no sign of life; only a press proves it
)

// Status is what the page shows of a device.
type Status struct {
	ID       ID        `json:"id"`
	Life     Life      `json:"life"`
	LastSeen time.Time `json:"last_seen,omitzero"`
	// DueEvery is the window within which a sign of life is expected, in
	// seconds; 0 when unsupervised.
	DueEvery  int       `json:"due_every,omitempty"`
	LastPress time.Time `json:"last_press,omitzero"`
	// Readings are the newest value of each quantity, in order of quantity.
	Readings []Reading `json:"readings,omitempty"`
	// Battery is what its battery is judged to be; nil when nothing is known.
	Battery *BatteryHealth `json:"battery,omitempty" doc:"What its battery is judged to be; absent when nothing is known."`
	// Faults are the device's open faults: battery_low, tamper, silent, …
	Faults []Kind `json:"faults,omitempty"`
}
