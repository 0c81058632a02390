package influx

// The names in InfluxDB. Dashboards and people's own queries go by them; a
// field of MeasurementDevice is a devices.Quantity.
const (
	MeasurementDevice = "device"
	MeasurementAlarm  = "alarm"

	TagSite    = "site"
	TagDevice  = "device"
	TagKind    = "kind"
	TagSource  = "source"
	TagOutcome = "outcome"

	// Seconds since the alarm was raised.
	FieldNotify      = "notify"
	FieldAcknowledge = "acknowledge"
	FieldAttend      = "attend"
	FieldClose       = "close"
)
