package grafana

import (
	"bytes"
	"fmt"

	"telecare/alerting"

	"github.com/goccy/go-yaml"
)

// Rules are a second pair of eyes: the gateway calls people by itself, and needs
// no Prometheus for it. What it cannot say itself is that it is not there.

type ruleFile struct {
	Groups []ruleGroup `yaml:"groups"`
}

type ruleGroup struct {
	Name  string `yaml:"name"`
	Rules []rule `yaml:"rules"`
}

type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for,omitempty"`
	Labels      map[string]string `yaml:"labels"`
	Annotations ruleText          `yaml:"annotations"`
}

// ruleText says what it is, and what to do.
type ruleText struct {
	Summary   string `yaml:"summary"`
	Do        string `yaml:"description"`
	Dashboard string `yaml:"dashboard"`
}

// Severities, in the words that most people's Alertmanager routes by.
const (
	critical = "critical" // somebody's call might not be heard: now
	warning  = "warning"  // it will not be, if nothing is done: today
	info     = "info"     // this week
)

func severityOf(s alerting.Severity) string {
	switch s {
	case alerting.SomebodyUnheard:
		return critical
	case alerting.SoonUnheard:
		return warning
	}
	return info
}

// faultTexts say of each fault what it is called, what it is, and what to do.
// The gateway itself has waited until a fault is worth telling (its
// time-to-visible), so that these alerts wait no longer.
var faultTexts = []struct {
	code    alerting.FaultCode
	alert   string
	summary string
	do      string
	board   string
}{
	{alerting.Silent, "TelecareDeviceSilent", "Device {{ $labels.subject }} has gone silent",
		"Somebody who presses it might not be heard. Look up whose it is on the gateway's page under Devices, telephone that person, then look at its battery and its place. Press it for a test afterwards.", "telecare-devices"},
	{alerting.BatteryLow, "TelecareBatteryLow", "The battery of device {{ $labels.subject }} is low",
		"It still raises alarms. Change the battery or the device within the week, and press it for a test afterwards. The page says where it is.", "telecare-devices"},
	{alerting.BatteryUnclear, "TelecareBatteryUnclear", "What device {{ $labels.subject }} says of its battery cannot all be true",
		"Percent, voltage and warning do not go together, so that none of it can be relied on. Put a new battery in within the week, and press it for a test afterwards.", "telecare-devices"},
	{alerting.LostPress, "TelecareLostPress", "Perhaps a press of device {{ $labels.subject }} was lost",
		"It spoke and said nothing new, as a button does whose battery is low while it is pressed. Ask the person it belongs to, then press it for a test and look at its battery.", "telecare-devices"},
	{alerting.AnswerLost, "TelecareAnswerLost", "Nobody at {{ $labels.subject }} could be told that help is coming",
		"Help comes all the same. Look at the lamp, siren or speaker there, and at the broker between.", "telecare-devices"},
	{alerting.Tampered, "TelecareDeviceTampered", "Device {{ $labels.subject }} has been opened or taken off",
		"Ask the person it belongs to, then look whether it hangs where it should and is closed.", "telecare-devices"},
	{alerting.MainsLost, "TelecareMainsLost", "Device {{ $labels.subject }} runs on its battery: mains power is lost",
		"Look at plug, fuse and power cut before its battery is empty, which takes some hours.", "telecare-devices"},
	{alerting.DeviceFault, "TelecareDeviceFault", "Device {{ $labels.subject }} says that it is faulty",
		"Take it for broken until a test press has arrived. Give the person another one.", "telecare-devices"},
	{alerting.NotGuaranteed, "TelecareNotGuaranteed", "Device {{ $labels.subject }} is heard at QoS 0",
		"What it sends while the gateway or the broker is away is lost. Set qos: 1 for it in Zigbee2MQTT (device_options: {qos: 1} for all).", "telecare-devices"},
	{alerting.LinkLost, "TelecareSourceDown", "The link to source {{ $labels.subject }} is down",
		"Nothing is heard through it. For a broker: is it running, are address, user and password right? For a serial line: is the receiver plugged in, and is its light on? `telecare check --online` tries it.", "telecare-gateway"},
	{alerting.ChainDown, "TelecareBridgeDown", "The bridge behind source {{ $labels.subject }} is down",
		"The broker is there, the bridge (Zigbee2MQTT, the radio dongle) is not. Restart it, and look at its stick and its log.", "telecare-gateway"},
	{alerting.CodecDown, "TelecareCodecDown", "The maker's codec {{ $labels.subject }} does not read what its devices send",
		"It runs for ever, takes too much memory, or is no codec at all. Presses of its devices are not heard. Try it with `telecare decode --from lorawan --codec FILE`, put a working one in its place, and `telecare reload`.", "telecare-gateway"},
	{alerting.ChannelDown, "TelecareChannelDown", "Channel {{ $labels.subject }} does not take calls",
		"People are not reached through it; the policy's other contacts are called. Look at the receiving service and at the uplink. Until it is back somebody should watch the page.", "telecare-gateway"},
	{alerting.ContactBad, "TelecareContactBad", "A responder is not reached: {{ $labels.subject }}",
		"The subject is the responder's id and the channel. The address is refused or missing, or telecare.yaml has no such channel. `telecare channels` says why; correct the address in the registry (`telecare apply`). Until then their other contacts and the policy's next step are called.", "telecare-gateway"},
	{alerting.ScreenAway, "TelecareScreenAway", "No screen that rings for {{ $labels.subject }}",
		"Nobody has the page open under that account, or it has no network: their next contact is called instead. Open the page, sign in, and press once so that it may sound.", "telecare-gateway"},
	{alerting.StoreDown, "TelecareDegraded", "The journal cannot be written: the gateway is degraded",
		"People are called all the same, but devices get no answer and send again, and a power cut now would lose what happened. Look at the disk: full (df -h), read-only (mount), dying (dmesg).", "telecare-gateway"},
	{alerting.SpoolDown, "TelecareReadingsNotKept", "Readings cannot be kept: they are counted and thrown away",
		"Alarms are not concerned. Look at the disk: full, slow or read-only.", "telecare-gateway"},
	{alerting.InfluxDown, "TelecareInfluxAway", "InfluxDB does not take readings",
		"They wait in the spool on disk and are written when it is back; nothing is lost before the spool is full (influx.quota). Is InfluxDB running, is the token right?", "telecare-gateway"},
	{alerting.ClockStepped, "TelecareClockStepped", "The clock of the gateway was set, or runs wrong",
		"Waits go on by the monotonic clock, rosters go by the wall. See that time synchronisation runs (timedatectl), then that the right people are on call.", "telecare-gateway"},
	{alerting.RosterHole, "TelecareRosterHole", "Within a day nobody is on call in {{ $labels.subject }}",
		"An alarm would call nobody but the last resort, or a roster has nobody in hours that it is to cover. `telecare check` says when, `telecare roster --for 2d` shows it; put somebody on call by an override.", "telecare-gateway"},
	{alerting.WatchBlind, "TelecareWatchBlind", "Nothing is known of who moves at {{ $labels.subject }}",
		"All sensors of a watch are silent, so that its silence means nothing: an alarm for no movement, an open door or an empty bed would not come. Look at their batteries and at the bridge; until they are back somebody should look in.", "telecare-devices"},
	{alerting.TestDue, "TelecareTestDue", "Button {{ $labels.subject }} was not pressed for long",
		"It gives no sign of life, so that only a press shows that it works. Begin a test (`telecare test start`), press it, and see that it was heard.", "telecare-devices"},
	{alerting.ConfigRefused, "TelecareConfigRefused", "A changed telecare.yaml cannot be put in force",
		"The gateway goes on with the configuration that it had; a restart would not come up with the new one. `telecare check` says what is wrong, with file and line.", "telecare-gateway"},
	{alerting.RegistryDown, "TelecareRegistryDown", "The registry cannot be read",
		"People are called by what was read of it last, and no change of people, stays or rosters counts. Stop the gateway and put registry.db of a backup in its place: it has the ids that the journal knows. Without a backup move it away and `telecare apply -f registry.yaml`. Then look at the disk.", "telecare-gateway"},
}

// rules makes the alert rules.
func (o Options) rules() ([]byte, error) {
	make := func(name, severity, lasts, expr, summary, do, board string) rule {
		return rule{Alert: name, Expr: expr, For: lasts, Labels: map[string]string{"severity": severity},
			Annotations: ruleText{Summary: summary, Do: do, Dashboard: "/d/" + board}}
	}
	gateway := []rule{
		make("TelecareGatewayAbsent", critical, "1m", `up{job="telecare"} == 0`,
			"The gateway at {{ $labels.instance }} does not answer",
			"Nobody might be called. Look at the machine: power, network, `systemctl status telecare`. Until it answers, people in care must be looked after by other means: telephone, rounds.", "telecare-gateway"),
		make("TelecareGatewayNotScraped", critical, "5m", `absent(up{job="telecare"})`,
			"Prometheus does not look at any gateway",
			"There is no target of job telecare: see scrape_configs in prometheus.yml. Until then none of these rules can speak.", "telecare-gateway"),
		make("TelecareNotReady", critical, "15s", `telecare_ready == 0`,
			"The gateway at {{ $labels.instance }} is not ready",
			"It cannot keep its promises: the loop does not turn, or the journal cannot be written. http://{{ $labels.instance }}/readyz says which. Look at the disk first.", "telecare-gateway"),
		make("TelecareAlarmUnacknowledged", critical, "", fmt.Sprintf(`telecare_alarm_unacknowledged_seconds > %d`, atTheLatest),
			"An alarm at {{ $labels.instance }} has been waiting for {{ $value | humanizeDuration }}, and nobody has it",
			"Somebody needs help and nobody has taken it. The gateway goes on calling. Open its page, take the alarm, or telephone whoever is on call; then ask why nobody answered.", "telecare-alarms"),
		make("TelecareCallsLate", critical, "5m", `histogram_quantile(0.99, sum by (le, instance, site) (rate(telecare_press_to_call_seconds_bucket[5m]))) > 1`,
			"Calls leave later than a second after the press",
			"The machine does not keep up. Look at its processors and at what else runs on it; the dashboard shows whether the loop waits or decides slowly.", "telecare-gateway"),
		make("TelecareReadingsLost", warning, "", `sum by (instance, site) (increase(telecare_readings_shed_total[10m]) + on (instance, site) group_left () increase(telecare_spool_dropped_points_total[10m])) > 0`,
			"Readings were thrown away in the last ten minutes",
			"Alarms are not concerned. The disk is slow, or the spool is full because InfluxDB has been away for long: bring it back, or raise influx.quota.", "telecare-gateway"),
		make("TelecareReadingsRefused", info, "", `increase(telecare_influx_points_poisoned_total[1h]) > 0`,
			"InfluxDB has refused readings for good",
			"They are set aside in the spool. As a rule something else wrote text where a number belongs into the same measurement: keep the bucket to the gateway.", "telecare-gateway"),
	}
	var faults []rule
	for _, f := range faultTexts {
		faults = append(faults, make(f.alert, severityOf(alerting.FaultTypeOf(f.code).Severity), "",
			fmt.Sprintf(`telecare_fault{code=%q} == 1`, f.code), f.summary, f.do, f.board))
	}
	var b bytes.Buffer
	b.WriteString("# Alert rules for Prometheus, written by `telecare grafana`. Each description says what\n" +
		"# to do. critical: somebody's call might not be heard, now. warning: it will not be, if\n" +
		"# nothing is done today. info: this week.\n")
	e := yaml.NewEncoder(&b, yaml.IndentSequence(true))
	if err := e.Encode(ruleFile{Groups: []ruleGroup{{"telecare", gateway}, {"telecare-faults", faults}}}); err != nil {
		return nil, fmt.Errorf("write the alert rules: %w", err)
	}
	return b.Bytes(), nil
}
