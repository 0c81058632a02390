package alerting

import (
	"time"

	"telecare/devices"
)

// FaultCode names a declared fault. A fault is for technicians and never has
// an alarm's priority.
type FaultCode string

// Fault is an open fault of one subject.
type Fault struct {
	Code    FaultCode `json:"code"`
	Subject string    `json:"subject"` // an opaque id
	Since   time.Time `json:"since"`
	// Chain is what it hung on when it began.
	Chain Chain `json:"chain,omitzero"`
}

// Fault codes. Those of devices have the name of the event that shows them.
const (
	BatteryLow     FaultCode = "battery_low"
	BatteryUnclear FaultCode = "battery_contradiction" // what is known of it cannot all be true
	LostPress      FaultCode = "lost_press"            // it published without a change, as one does whose press was lost
	AnswerLost     FaultCode = "answer_lost"           // a lamp or siren was not told that help is coming
	Silent         FaultCode = "silent"
	Tampered       FaultCode = "tamper"
	MainsLost      FaultCode = "mains_lost"
	DeviceFault    FaultCode = "device_fault"
	LinkLost       FaultCode = "link_lost"    // a serial port or broker connection
	ChainDown      FaultCode = "chain_down"   // a bridge behind a broker
	CodecDown      FaultCode = "codec_down"   // a maker's codec that does not read frames
	ChannelDown    FaultCode = "channel_down" // a way to reach people
	ScreenAway     FaultCode = "screen_away"  // no page of somebody whose screen is to ring
	StoreDown      FaultCode = "store_down"   // the journal cannot be written
	SpoolDown      FaultCode = "spool_down"   // readings cannot be kept
	InfluxDown     FaultCode = "influx_down"  // readings are kept here until it is back
	ClockStepped   FaultCode = "clock_stepped"
	NotGuaranteed  FaultCode = "not_guaranteed" // a source that cannot be answered
	WatchBlind     FaultCode = "watch_blind"    // all sensors of a watch are silent: that nothing moves means nothing
	TestDue        FaultCode = "test_due"       // a button that gives no sign of life was not pressed for long: nobody knows whether it works
	ContactBad     FaultCode = "contact_bad"    // a responder is not reached by one of their contacts
	ConfigRefused  FaultCode = "config_refused" // telecare.yaml has changed and cannot be put in force
	RegistryDown   FaultCode = "registry_down"  // the registry cannot be read; what was read of it last is in force
	RosterHole     FaultCode = "roster_hole"    // within a day nobody is on call; of a policy or a roster
)

// Severity orders faults for technicians.
type Severity string

// Severities.
const (
	SomebodyUnheard Severity = "unheard" // somebody's call might not be heard
	SoonUnheard     Severity = "soon"    // it will be, if nothing is done
	Nuisance        Severity = "nuisance"
)

// FaultType is what is declared about a fault code.
type FaultType struct {
	Code     FaultCode
	Severity Severity
	// Visible is how long it must last before it is told, so that a blip is
	// not.
	Visible time.Duration
	// Under lists the faults of the chain before it that explain this one: it
	// is not told while one of them is open.
	Under []FaultCode
}

// FaultTypes declares every fault there is.
func FaultTypes() []FaultType {
	return []FaultType{
		{Code: BatteryLow, Severity: SoonUnheard},
		{Code: BatteryUnclear, Severity: SoonUnheard},
		{Code: LostPress, Severity: SomebodyUnheard},
		{Code: AnswerLost, Severity: Nuisance},
		{Code: Silent, Severity: SomebodyUnheard, Under: []FaultCode{LinkLost, ChainDown}},
		{Code: WatchBlind, Severity: SomebodyUnheard, Visible: 5 * time.Minute, Under: []FaultCode{LinkLost, ChainDown}},
		{Code: Tampered, Severity: SoonUnheard},
		{Code: MainsLost, Severity: SoonUnheard},
		{Code: DeviceFault, Severity: SomebodyUnheard},
		{Code: LinkLost, Severity: SomebodyUnheard, Visible: 10 * time.Second},
		{Code: ChainDown, Severity: SomebodyUnheard, Visible: 10 * time.Second, Under: []FaultCode{LinkLost}},
		{Code: CodecDown, Severity: SomebodyUnheard},
		{Code: ChannelDown, Severity: SomebodyUnheard, Visible: 30 * time.Second},
		{Code: ContactBad, Severity: SoonUnheard},
		{Code: ScreenAway, Severity: SomebodyUnheard, Visible: time.Minute},
		{Code: StoreDown, Severity: SomebodyUnheard, Visible: time.Second},
		{Code: SpoolDown, Severity: Nuisance, Visible: time.Second},
		{Code: InfluxDown, Severity: Nuisance, Visible: time.Minute},
		{Code: ClockStepped, Severity: SoonUnheard},
		{Code: NotGuaranteed, Severity: SoonUnheard},
		{Code: TestDue, Severity: Nuisance},
		{Code: ConfigRefused, Severity: SoonUnheard},
		{Code: RegistryDown, Severity: SoonUnheard, Visible: 10 * time.Second},
		{Code: RosterHole, Severity: SoonUnheard},
	}
}

// FaultOf maps a device's event to the fault it begins or ends.
func FaultOf(k devices.Kind) (code FaultCode, on, ok bool) {
	switch k {
	case devices.BatteryLow:
		return BatteryLow, true, true
	case devices.BatteryOK:
		return BatteryLow, false, true
	case devices.Tamper:
		return Tampered, true, true
	case devices.TamperClear:
		return Tampered, false, true
	case devices.MainsLost:
		return MainsLost, true, true
	case devices.MainsRestored:
		return MainsLost, false, true
	case devices.Fault:
		return DeviceFault, true, true
	case devices.FaultClear:
		return DeviceFault, false, true
	}
	return "", false, false
}

// FaultTypeOf is what is declared about a code; the zero FaultType when
// nothing is.
func FaultTypeOf(c FaultCode) FaultType {
	for _, t := range FaultTypes() {
		if t.Code == c {
			return t
		}
	}
	return FaultType{}
}
