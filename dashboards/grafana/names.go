package grafana

import (
	"telecare/alerting"
	"telecare/devices"
)

// The names that the gateway writes under. Metrics are spelt out where they are
// asked for. A test holds these, the metrics and their labels to what the
// gateway has: gateway/influx and gateway/metrics, which nothing here imports.
const (
	measurementDevice = "device"
	measurementAlarm  = "alarm"

	tagSite    = "site"
	tagDevice  = "device"
	tagKind    = "kind"
	tagOutcome = "outcome"

	fieldNotify      = "notify"
	fieldAcknowledge = "acknowledge"
	fieldAttend      = "attend"
	fieldClose       = "close"
)

// batterySigns and signalSigns are the readings that a technician goes by.
var (
	batterySigns = []devices.Quantity{devices.Battery, devices.Voltage}
	signalSigns  = []devices.Quantity{devices.RSSI, devices.SNR, devices.LinkQuality}
)

// The two limits for a person's acknowledgment, in seconds, and the shares of
// alarms that must keep to them: what the British telecare quality standard
// asks of a monitoring centre (TSA Quality Standards Framework).
const (
	soonEnough, shareSoon = 60, 97.5
	atTheLatest, shareAll = 180, 99
)

// lives are the states of a device in the order of the numbers that stand for
// them in a timeline.
var lives = []devices.Life{devices.LifeHeard, devices.LifeUnsupervised, devices.LifeUnknown, devices.LifeSilent}

// openStates are the states of an alarm that is open, with what to say of it.
var openStates = []struct {
	state              alerting.State
	title, description string
}{
	{alerting.Raised, "Nobody has it", "Alarms that nobody holds now. The gateway goes on calling until somebody takes them."},
	{alerting.Acknowledged, "Somebody is going", "Alarms that a named responder has taken and who is on the way."},
	{alerting.Attended, "Somebody is there", "Alarms at which somebody is with the person."},
}
