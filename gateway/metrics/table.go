package metrics

import (
	"telecare/alerting"
	"telecare/devices"
)

type kind int

const (
	_ kind = iota
	counter
	gauge
	histogram
)

// metric declares one metric. Names follow Prometheus' rules: base units, and
// _total for counters.
type metric struct {
	name  string
	kind  kind
	help  string
	label string // "" for none
	// values of the label that are there from the start, at zero, so that an
	// alert rule sees the first one counted.
	values  []string
	buckets []float64 // of a histogram, in seconds
}

// undeclared counts uses of what is not in the table.
const undeclared = "telecare_undeclared_total"

// declared is the table of all metrics there are.
func declared() []metric {
	// A press must leave as a call well within a second; the disk's share is a
	// fraction of a millisecond.
	fast := []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
	channel := []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	// How long people take. EN 50134-7 and the programmes count in minutes.
	people := []float64{5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 600}
	hours := []float64{30, 60, 180, 300, 600, 900, 1800, 3600, 7200, 14400}

	return []metric{
		{name: "telecare_frames_total", kind: counter, label: "source", help: "Frames heard."},
		{name: "telecare_frames_bad_total", kind: counter, label: "source", help: "Frames that could not be understood."},
		{name: "telecare_frames_unknown_device_total", kind: counter, label: "source", help: "Frames of devices that are not registered."},
		{name: "telecare_readings_total", kind: counter, label: "source", help: "Readings accepted."},
		{name: "telecare_readings_shed_total", kind: counter, label: "why", values: []string{"store"}, help: "Readings counted and thrown away, so that alarms go first."},
		{name: "telecare_events_total", kind: counter, label: "kind", values: kinds(devices.Kinds()), help: "Events of registered devices."},
		{name: "telecare_answers_total", kind: counter, label: "source", help: "Frames answered: what they said is on disk."},
		{name: "telecare_redeliveries_total", kind: counter, label: "source", help: "Messages that came again, known for what they were."},
		{name: "telecare_unanswered_total", kind: counter, label: "source", help: "Frames left unanswered, so that they are sent again."},

		{name: "telecare_alarms_raised_total", kind: counter, label: "kind", values: kinds(devices.AlarmKinds()), help: "Alarms raised."},
		{name: "telecare_alarms_closed_total", kind: counter, label: "outcome", values: outcomes(), help: "Alarms closed."},
		{name: "telecare_alarms_open", kind: gauge, label: "state", values: openStates(), help: "Alarms open now."},
		{name: "telecare_time_to_acknowledge_seconds", kind: histogram, buckets: people, help: "From raised until somebody took it."},
		{name: "telecare_time_to_attend_seconds", kind: histogram, buckets: hours, help: "From raised until somebody was there."},
		{name: "telecare_time_to_close_seconds", kind: histogram, buckets: hours, help: "From raised until closed."},

		{name: "telecare_press_to_call_seconds", kind: histogram, buckets: fast, help: "From a press heard until its calls are handed to the channels."},
		{name: "telecare_commit_seconds", kind: histogram, buckets: fast, help: "One commit of the journal, on disk."},
		{name: "telecare_loop_lag_seconds", kind: histogram, buckets: fast, help: "How long inputs wait for the loop."},
		{name: "telecare_step_seconds", kind: histogram, buckets: fast, help: "One decision of the machine."},

		{name: "telecare_notifications_total", kind: counter, label: "channel", help: "Notifications accepted by their channel."},
		{name: "telecare_notification_failures_total", kind: counter, label: "channel", help: "Tries to notify that failed."},
		{name: "telecare_notifications_arrived_total", kind: counter, label: "channel", help: "Messages that have arrived, as a channel that reports it says."},
		{name: "telecare_notifications_missed_total", kind: counter, label: "channel", help: "Messages that were accepted and did not arrive, as a channel that reports it says."},
		{name: "telecare_text_messages_total", kind: counter, label: "what", help: "Text messages that came in by a modem: answered, ignored, or failed, a report that one could not be delivered."},
		{name: "telecare_notification_seconds", kind: histogram, label: "channel", buckets: channel, help: "One try to notify."},

		{name: "telecare_channel_tested_timestamp_seconds", kind: gauge, label: "channel", help: "When a channel was tested silently last."},
		{name: "telecare_channel_test_ok", kind: gauge, label: "channel", help: "Whether the newest silent test of a channel was well: 1 or 0; no series when it was never tested."},
		{name: "telecare_contacts", kind: gauge, label: "result", values: []string{"well", "failed", "untested", "untestable"}, help: "Responders' contacts by what their silent tests found."},

		{name: "telecare_faults_open", kind: gauge, label: "code", values: faultCodes(), help: "Faults open now."},
		{name: "telecare_devices", kind: gauge, label: "life", values: lives(), help: "Registered devices by what is known of their signs of life."},
		{name: "telecare_link_up", kind: gauge, label: "source", help: "Whether a source's link is up: 1 or 0."},
		{name: "telecare_screens", kind: gauge, help: "Pages and screens connected now."},

		{name: "telecare_spool_points", kind: gauge, help: "Points that wait for InfluxDB."},
		{name: "telecare_spool_bytes", kind: gauge, help: "Size of what waits for InfluxDB."},
		{name: "telecare_spool_dropped_points_total", kind: counter, help: "Points dropped, oldest first, because the spool was full."},
		{name: "telecare_influx_points_written_total", kind: counter, help: "Points that InfluxDB has accepted."},
		{name: "telecare_influx_points_poisoned_total", kind: counter, help: "Points that InfluxDB will never accept, set aside."},

		{name: "telecare_ready", kind: gauge, help: "Whether the gateway can keep its promises now, as /readyz says: 1 or 0."},
		{name: "telecare_config_reloads_total", kind: counter, label: "result", values: []string{"ok", "refused"}, help: "Times that telecare.yaml was read again while the gateway ran."},
		{name: "telecare_config_reload_successful", kind: gauge, help: "Whether telecare.yaml as it was read last is in force: 1 or 0."},
		{name: "telecare_config_reload_success_timestamp_seconds", kind: gauge, help: "When the configuration that is in force was read."},
		{name: "telecare_build_info", kind: gauge, label: "version", help: "The version that runs; always 1."},
		{name: undeclared, kind: counter, help: "Uses of metrics that are not declared: a mistake in the gateway."},
	}
}

func kinds(of []devices.Kind) []string {
	var out []string
	for _, k := range of {
		out = append(out, string(k))
	}
	return out
}

func outcomes() []string {
	var out []string
	for _, o := range append(alerting.Outcomes(), alerting.Cancelled, alerting.DrillAlarm) {
		out = append(out, string(o))
	}
	return out
}

func openStates() []string {
	return []string{string(alerting.Raised), string(alerting.Acknowledged), string(alerting.Attended)}
}

func faultCodes() []string {
	var out []string
	for _, f := range alerting.FaultTypes() {
		out = append(out, string(f.Code))
	}
	return out
}

func lives() []string {
	return []string{string(devices.LifeUnknown), string(devices.LifeHeard), string(devices.LifeSilent), string(devices.LifeUnsupervised)}
}

// Description is what others may know of a metric: dashboards and alert rules
// are tested against it.
type Description struct {
	Name    string
	Help    string
	Labels  []string
	Values  []string  // of its only label, where they are known beforehand
	Counter bool      // or else a gauge or a histogram
	Buckets []float64 // of a histogram
}

// Table describes every metric of ours.
func Table() []Description {
	var out []Description
	for _, m := range declared() {
		d := Description{Name: m.name, Help: m.help, Values: m.values, Counter: m.kind == counter, Buckets: m.buckets}
		if m.label != "" {
			d.Labels = []string{m.label}
		}
		out = append(out, d)
	}
	return append(out, standing()...)
}

// standing is what Standing shows.
func standing() []Description {
	return []Description{
		{Name: "telecare_device_life", Labels: []string{"device", "life"}, Help: "What is known of a registered device's signs of life; 1 for what it is now, no series for what it is not."},
		{Name: "telecare_device_last_heard_timestamp_seconds", Labels: []string{"device"}, Help: "When a registered device was last heard."},
		{Name: "telecare_fault", Labels: []string{"code", "subject"}, Help: "An open fault, of a device, source or channel; 1, no series when it has ended."},
		{Name: "telecare_alarm_unacknowledged_seconds", Help: "Age of the oldest alarm that nobody has now; 0 when there is none."},
	}
}
