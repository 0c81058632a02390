package devices

import "time"

// BatteryState is what a battery is judged to be. "" is not known.
type BatteryState string

// Battery states.
const (
	BatteryFine    BatteryState = "ok"
	BatteryEmpties BatteryState = "low" // to be changed: nearly empty, or it will be in two weeks
	// BatteryUnclear: what the device says of it cannot all be true, so that
	// none of it can be relied on.
	BatteryUnclear BatteryState = "contradiction"
)

// BatteryHealth is what the evidence of a battery amounts to.
type BatteryHealth struct {
	State BatteryState `json:"state" enum:"ok,low,contradiction" doc:"What it is judged to be, by all that is known of it together."`
	// Why names the evidence that decided.
	Why []string `json:"why,omitempty" doc:"What decided: percent, voltage, flag, weeks, age, irregular."`
	// Weeks are left until it is empty; 0 when that cannot be estimated.
	Weeks float64 `json:"weeks_left,omitempty" doc:"Until it is empty, as far as that can be estimated."`
	// Replaced is when it was last noticed to be new, or charged.
	Replaced time.Time `json:"replaced,omitzero" doc:"When it was last noticed to be new, or charged."`
}
