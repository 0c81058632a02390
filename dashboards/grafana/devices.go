package grafana

import (
	"fmt"
	"slices"
	"strings"

	"telecare/alerting"
	"telecare/devices"
)

// devicesDashboard is where a technician sees which device has gone silent, and
// which battery dies next.
func (o Options) devicesDashboard() *dashboard {
	in := o.influx()
	d := o.dashboard("telecare-devices", "Telecare: devices", "Which devices are heard, which are silent, and how their batteries and signals are. By opaque ids: the gateway's own page knows who is behind them.", "now-24h")
	d.Templating.List = append(d.Templating.List,
		in.variable(tagSite, "Site", measurementDevice),
		// From Prometheus: it has those too that have never sent a reading.
		prometheusVariable(tagDevice, "Device", `label_values(telecare_device_life{site=~"$site"}, device)`))
	const chosen = `{site=~"$site", device=~"$device"}`

	d.row("Now")
	count := func(l devices.Life, title, description string, limit *thresholds) {
		d.add(4, 4, stat(title, description, "none", limit,
			refs(promNow(fmt.Sprintf(`sum(telecare_devices{site=~"$site", life=%q})`, l), string(l)))...))
	}
	count(devices.LifeSilent, "Silent", "Devices whose time for a sign of life has passed. Somebody who presses one of them might not be heard: go and look.", limits(good, step{at(1), bad}))
	count(devices.LifeUnknown, "Unknown", "Devices of which nothing is known: not heard since the gateway started, or behind a bridge or line that is down. Unknown is not fine.", limits(good, step{at(1), soon}))
	count(devices.LifeHeard, "Heard", "Devices that gave a sign of life when they had to.", limits(neutral))
	count(devices.LifeUnsupervised, "Only a press proves it", "Devices that give no sign of life by themselves. Press them for a test, once a month.", limits(neutral))
	d.add(4, 4, stat("Low batteries", "Devices that say their battery is low, or were judged so. They still raise alarms; the battery is to be changed this week.", "none", limits(good, step{at(1), soon}),
		refs(promNow(fmt.Sprintf(`sum(telecare_faults_open{site=~"$site", code=%q})`, alerting.BatteryLow), "low batteries"))...))
	d.add(4, 4, stat("Not guaranteed", "Devices heard at QoS 0: what they send while the gateway is down is lost. Set qos: 1 in Zigbee2MQTT.", "none", limits(good, step{at(1), soon}),
		refs(promNow(fmt.Sprintf(`sum(telecare_faults_open{site=~"$site", code=%q})`, alerting.NotGuaranteed), "not guaranteed"))...))

	d.add(12, 8, table("Every device", "Each registered device, its state, and how long ago it was heard; -1 s: never since the gateway knows it.",
		[][2]string{{"device", "Device"}, {"life", "State"}, {"Value", "Heard ago"}},
		refs(promTable(`telecare_device_life`+chosen+` * on (instance, device) group_left () (time() - telecare_device_last_heard_timestamp_seconds`+chosen+`) or telecare_device_life`+chosen+` * -1`))...).unit("s"))
	d.add(12, 8, table("Open faults of devices", "What is wrong with a device now. The alert rules say what to do about each.",
		[][2]string{{"subject", "Device"}, {"code", "Fault"}},
		refs(promTable(fmt.Sprintf(`telecare_fault{site=~"$site", subject=~"$device", code=~%q}`, deviceFaults())))...).none("No device has a fault."))

	d.row("Signs of life")
	var numbered []string
	words := []text{}
	for i, l := range lives {
		numbered = append(numbered, fmt.Sprintf(`telecare_device_life{site=~"$site", device=~"$device", life=%q} * %d`, l, i))
		words = append(words, text{Text: string(l), Color: map[devices.Life]string{
			devices.LifeHeard: good, devices.LifeUnsupervised: neutral, devices.LifeUnknown: soon, devices.LifeSilent: bad}[l]})
	}
	d.add(24, 10, timeline("State of each device", "What was known of each device, in words. Behind a line that is down a device is unknown, not silent.",
		refs(prom("max by (device) ("+strings.Join(numbered, " or ")+")", "{{device}}"))...).words(words...))
	d.add(12, 8, graph("Devices by state", "How many devices are in which state. A step to unknown of many at once is a bridge or a line.", "none",
		refs(prom(`sum by (life) (telecare_devices{site=~"$site"})`, "{{life}}"))...).stacked())
	d.add(12, 8, graph("Heard how long ago", "Time since each device was last heard. A saw tooth that grows higher is a radio link that gets worse.", "s",
		refs(prom(`max by (device) (time() - telecare_device_last_heard_timestamp_seconds`+chosen+`)`, "{{device}}"))...))

	d.row("Batteries")
	low := limits(bad, step{at(15), soon}, step{at(30), good})
	d.add(12, 8, in.by(tagDevice, gauges("Battery now", "The newest battery reading of each device, in percent. Below 30 order a battery, below 15 change it today.", "percent", low,
		refs(in.newest(deviceQuestion(devices.Battery)))...)).between(0, 100))
	d.add(12, 8, in.by(tagDevice, graph("Battery", "Battery of each device over time. The dashed lines are at 15 and 30 %.", "percent",
		refs(in.mean(deviceQuestion(devices.Battery)))...)).lines(low).between(0, 100))
	d.add(12, 8, in.by(tagDevice, graph("Battery voltage", "For devices that report volts instead. A lithium cell is empty soon after its voltage begins to fall.", "volt",
		refs(in.mean(deviceQuestion(devices.Voltage)))...)))
	quantities := append(slices.Clone(batterySigns), signalSigns...)
	columns := [][2]string{{tagDevice, "Device"}}
	for _, q := range quantities {
		columns = append(columns, [2]string{string(q), columnOf[q]})
	}
	d.add(12, 8, table("Newest readings", "The newest reading of each kind in the chosen time, a row for each device. Click a column to sort by it.", columns,
		refs(in.newestTable(deviceQuestion(quantities...)))...).paint(columnOf[devices.Battery], low))

	d.row("Signal")
	weak := limits(bad, step{at(-100), soon}, step{at(-85), good})
	d.add(8, 8, in.by(tagDevice, graph("Signal strength", "RSSI. The dashed lines are at -100 dBm, where frames begin to be lost, and at -85 dBm.", "dBm",
		refs(in.mean(deviceQuestion(devices.RSSI)))...)).lines(weak).signed())
	d.add(8, 8, in.by(tagDevice, graph("Signal to noise", "SNR, for LoRa devices: below -15 dB little arrives.", "dB",
		refs(in.mean(deviceQuestion(devices.SNR)))...)).signed())
	d.add(8, 8, in.by(tagDevice, graph("Link quality", "Zigbee's figure, 0 to 255, from the device's last hop only. Compare a device with itself, not with others.", "none",
		refs(in.mean(deviceQuestion(devices.LinkQuality)))...)).between(0, 255))
	return d
}

// columnOf is the heading of a reading, with its unit.
var columnOf = map[devices.Quantity]string{
	devices.Battery: "Battery (%)", devices.Voltage: "Voltage (V)", devices.RSSI: "Signal (dBm)",
	devices.SNR: "SNR (dB)", devices.LinkQuality: "Link quality",
}

// deviceFaults is an expression that matches the faults that devices have.
func deviceFaults() string {
	var codes []string
	for _, c := range []alerting.FaultCode{
		alerting.Silent, alerting.BatteryLow, alerting.BatteryUnclear, alerting.LostPress, alerting.Tampered, alerting.MainsLost, alerting.DeviceFault, alerting.NotGuaranteed,
	} {
		codes = append(codes, string(c))
	}
	return strings.Join(codes, "|")
}
