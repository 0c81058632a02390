package devices

import "time"

// Format is what there is to know of a format before anything was heard in it:
// for whoever chooses a device, wires it or registers it. Its texts are English,
// plain and short; alerting/words has them in other languages.
type Format struct {
	Name    string    `json:"name" doc:"As an address begins, and as telecare.yaml calls it."`
	Over    Transport `json:"over" enum:"mqtt,lorawan,serial" doc:"How it gets here."`
	Reads   string    `json:"reads" doc:"What speaks it."`
	Devices string    `json:"devices" doc:"What is known to be understood."`
	Address string    `json:"address" doc:"How one of its devices is called in the registry: an example."`
	Named   string    `json:"named" doc:"Where that name is from."`
	// Topics and Baud are what a source takes when it is not told otherwise.
	Topics []string `json:"topics,omitempty" doc:"MQTT topics that a source subscribes to when it is not told otherwise."`
	Baud   int      `json:"baud,omitempty" doc:"Speed of the serial line when none is given."`

	Events   []Kind     `json:"events" doc:"Every kind of event that it can give; button is a press whose meaning the device's role decides."`
	Readings []Quantity `json:"readings,omitempty" doc:"Every quantity that it can measure."`
	Answered Answered   `json:"answered" enum:"always,at_qos_1,never" doc:"Whether what it says is answered once it is on disk, and comes again until then."`
	// Asked is the question to which a peer answers with a sign of life; "" where
	// there is none.
	Asked       string       `json:"asked,omitempty" doc:"What a quiet line is asked, for a sign of life; absent where the protocol has no question."`
	Supervision []Supervised `json:"supervision" doc:"How often its devices must be heard, unless the registry says otherwise."`
	CannotTell  []string     `json:"cannot_tell" doc:"What no device of it can tell."`
}

// Transport is how a format gets here.
type Transport string

// Transports.
const (
	OverMQTT    Transport = "mqtt"
	OverLoRaWAN Transport = "lorawan"
	OverSerial  Transport = "serial"
)

// Transports lists them.
func Transports() []Transport { return []Transport{OverMQTT, OverLoRaWAN, OverSerial} }

// Answered says whether a sender is told that it was heard, and so whether
// anything can be guaranteed for it.
type Answered string

// Answers.
const (
	AnsweredAlways Answered = "always"
	AnsweredAtQoS1 Answered = "at_qos_1" // as far as it is published so
	AnsweredNever  Answered = "never"
)

// AllAnswered lists them, the best first.
func AllAnswered() []Answered { return []Answered{AnsweredAlways, AnsweredAtQoS1, AnsweredNever} }

// Supervised is how some of a format's devices are supervised when the registry
// does not say it.
type Supervised struct {
	Of string `json:"of,omitempty" doc:"Which of its devices; absent: all others."`
	// Every is within what time one must be heard, in seconds; 0 for those that
	// give no sign of life.
	Every int `json:"every,omitempty" doc:"Within how many seconds one must be heard; absent: it gives no sign of life, and only a press proves it."`
	// Name and Role are those of an example, to try it with.
	Name string `json:"-"`
	Role Kind   `json:"-"`
}

// Within is Every as a length of time.
func (s Supervised) Within() time.Duration { return time.Duration(s.Every) * time.Second }
