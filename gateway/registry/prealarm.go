package registry

import (
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// PreAlarm is how long a fall waits for the person to cancel it. The zero
// PreAlarm is not at all.
type PreAlarm strictyaml.Duration

// UnmarshalText reads 10s, or on for the usual time.
func (p *PreAlarm) UnmarshalText(b []byte) error {
	if string(b) == "on" || string(b) == "true" {
		*p = PreAlarm(alerting.PreAlarm)
		return nil
	}
	var d strictyaml.Duration
	if err := d.UnmarshalText(b); err != nil || time.Duration(d) < time.Second || time.Duration(d) > alerting.MaxPreAlarm {
		return strictyaml.Textf("%q is no time to cancel a fall; write on, or something from 1s to %v, or leave it out so that a fall calls at once", b, strictyaml.Duration(alerting.MaxPreAlarm))
	}
	*p = PreAlarm(d)
	return nil
}

// MarshalText writes it so.
func (p PreAlarm) MarshalText() ([]byte, error) { return strictyaml.Duration(p).MarshalText() }
