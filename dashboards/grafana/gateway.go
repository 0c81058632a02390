package grafana

import "fmt"

// gatewayDashboard is where a technician sees whether the gateway keeps up.
func (o Options) gatewayDashboard() *dashboard {
	d := o.dashboard("telecare-gateway", "Telecare: gateway", "Whether the gateway is ready and keeps up: decisions, the journal on disk, sources, channels, readings on their way to InfluxDB, and the process itself.", "now-6h")
	d.Templating.List = append(d.Templating.List,
		prometheusVariable("site", "Site", "label_values(telecare_build_info, site)"),
		prometheusVariable("instance", "Gateway", `label_values(telecare_build_info{site=~"$site"}, instance)`))
	const on = `site=~"$site", instance=~"$instance"`
	of := func(name string) string { return name + "{" + on + "}" }
	rate := func(name, by string) string {
		return fmt.Sprintf("sum by (%s) (rate(%s[$__rate_interval]))", by, of(name))
	}
	quantile := func(q float64, name, by string) string {
		if by != "" {
			by = ", " + by
		}
		return fmt.Sprintf("histogram_quantile(%g, sum by (le%s) (rate(%s[$__rate_interval])))", q, by, of(name+"_bucket"))
	}
	quantiles := func(name string) []any {
		return refs(prom(quantile(0.5, name, ""), "median"), prom(quantile(0.99, name, ""), "99 of 100"))
	}

	d.row("Now")
	d.add(4, 4, stat("Ready", "Whether the gateway can keep its promises now, as /readyz says: the loop turns and the journal can be written.", "none", limits(bad, step{at(1), good}),
		refs(promNow("min("+of("telecare_ready")+")", "ready"))...).words(text{Text: "NOT READY", Color: bad}, text{Text: "ready", Color: good}).none("not heard"))
	d.add(4, 4, stat("Degraded", "0: no. 1 and more: the journal or the spool cannot be written. People are called all the same, readings may be shed.", "none", limits(good, step{at(1), bad}),
		refs(promNow(fmt.Sprintf(`sum(telecare_faults_open{%s, code=~"store_down|spool_down"})`, on), "degraded"))...))
	d.add(4, 4, stat("Open faults", "All faults that are open now, of devices too.", "none", limits(good, step{at(1), soon}),
		refs(promNow("sum("+of("telecare_faults_open")+")", "faults"))...))
	d.add(4, 4, stat("Runs for", "Time since the process started. A short time that nobody knows of is a restart.", "s", limits(neutral),
		refs(promNow("time() - min("+of("process_start_time_seconds")+")", "runs for"))...))
	d.add(4, 4, stat("Screens", "Pages and screens connected now. An information centre without one sees nothing.", "none", limits(neutral),
		refs(promNow("sum("+of("telecare_screens")+")", "screens"))...))
	version := stat("Version", "The version of each gateway.", "none", limits(neutral), refs(promNow(of("telecare_build_info"), "{{version}}"))...)
	version.Options["textMode"] = "name"
	d.add(4, 4, version)
	d.add(16, 7, graph("Open faults by kind", "What is wrong, over time.", "none",
		refs(prom("sum by (code) ("+of("telecare_faults_open")+") > 0", "{{code}}"))...).stacked().none("nothing is wrong"))
	d.add(8, 7, table("What is wrong now", "Each open fault, and what has it: a device's opaque id, a source or a channel.",
		[][2]string{{"code", "Fault"}, {"subject", "Of"}},
		refs(promTable(of("telecare_fault")))...).none("Nothing is wrong."))

	d.row("From a press to a call, and to disk")
	call := limits(good, step{at(1), bad})
	d.add(12, 8, graph("Press to call", "From a press heard until its calls are handed to the channels. Milliseconds; the dashed line is at 1 s, which is too late.", "s",
		quantiles("telecare_press_to_call_seconds")...).lines(call))
	d.add(12, 8, graph("Commit", "One commit of the journal, on disk. A tenth of a second is a slow disk, more than 1 s (the dashed line) is degraded.", "s",
		quantiles("telecare_commit_seconds")...).lines(call))
	d.add(8, 8, graph("Loop: how long inputs wait", "From a frame heard until the loop takes it. Grows when more comes than can be decided.", "s", quantiles("telecare_loop_lag_seconds")...))
	d.add(8, 8, graph("Loop: one decision", "One step of the machine.", "s", quantiles("telecare_step_seconds")...))
	d.add(8, 8, graph("Events", "Events of registered devices by kind.", "cps", refs(prom(rate("telecare_events_total", "kind")+" > 0", "{{kind}}"))...).stacked())

	d.row("Sources")
	d.add(8, 8, timeline("Links", "Whether the link to each broker, port or bridge is up.",
		refs(prom("min by (source) ("+of("telecare_link_up")+")", "{{source}}"))...).words(text{Text: "DOWN", Color: bad}, text{Text: "up", Color: good}))
	d.add(8, 8, graph("Frames", "Frames heard from each source.", "cps", refs(prom(rate("telecare_frames_total", "source"), "{{source}}"))...))
	d.add(8, 8, graph("Frames that say nothing", "Not understood, or of devices that nobody registered. Both are on the technician's page with their bytes.", "cps",
		refs(prom(rate("telecare_frames_bad_total", "source"), "{{source}}: not understood"), prom(rate("telecare_frames_unknown_device_total", "source"), "{{source}}: unknown device"))...))
	d.add(12, 8, graph("Answers", "Frames answered: what they said is on disk. Unanswered ones are sent again; redeliveries are those that came again.", "cps",
		refs(prom(rate("telecare_answers_total", "source"), "{{source}}: answered"), prom(rate("telecare_unanswered_total", "source"), "{{source}}: unanswered"),
			prom(rate("telecare_redeliveries_total", "source"), "{{source}}: came again"))...))
	d.add(12, 8, graph("Readings accepted", "Readings accepted from each source.", "cps", refs(prom(rate("telecare_readings_total", "source"), "{{source}}"))...))

	d.row("Channels")
	d.add(8, 8, graph("Calls accepted", "Notifications that their channel has accepted.", "cps", refs(prom(rate("telecare_notifications_total", "channel"), "{{channel}}"))...))
	d.add(8, 8, graph("Tries that failed", "Tries to notify that failed. They are tried again; a channel that goes on failing is a fault.", "cps",
		refs(prom(rate("telecare_notification_failures_total", "channel"), "{{channel}}"))...))
	d.add(8, 8, graph("One try", "How long one try takes, 95 of 100.", "s", refs(prom(quantile(0.95, "telecare_notification_seconds", "channel"), "{{channel}}"))...))
	d.add(24, 8, graph("Did they arrive", "What channels that report it say of what they had accepted: SMS gateways do. One that did not arrive is tried by the person's next contact.", "cps",
		refs(prom(rate("telecare_notifications_arrived_total", "channel"), "{{channel}}: arrived"), prom(rate("telecare_notifications_missed_total", "channel"), "{{channel}}: did not"))...))
	d.add(8, 8, timeline("Silent tests", "Whether the newest silent test of each channel was well. A channel that cannot be tested silently, or was not yet, is not here.",
		refs(prom("min by (channel) ("+of("telecare_channel_test_ok")+")", "{{channel}}"))...).words(text{Text: "FAILED", Color: bad}, text{Text: "well", Color: good}))
	d.add(8, 8, graph("Since the last silent test", "How long ago each channel was tested. It rises to test_every, and then a test begins.", "s",
		refs(prom("time() - max by (channel) ("+of("telecare_channel_tested_timestamp_seconds")+")", "{{channel}}"))...))
	d.add(8, 8, graph("Contacts", "Responders' contacts by what their silent tests found. One that failed is a fault and names itself under What is wrong now.", "none",
		refs(prom("sum by (result) ("+of("telecare_contacts")+") > 0", "{{result}}"))...).stacked())

	d.row("Readings to InfluxDB")
	d.add(6, 8, graph("Points that wait", "Points in the spool. It grows while InfluxDB is away and shrinks when it is back.", "none", refs(prom("sum by (instance) ("+of("telecare_spool_points")+")", "{{instance}}"))...))
	d.add(6, 8, graph("Size of the spool", "What waits takes this much on disk. At its quota the oldest are dropped.", "bytes", refs(prom("sum by (instance) ("+of("telecare_spool_bytes")+")", "{{instance}}"))...))
	d.add(6, 8, graph("Points written", "Points that InfluxDB has accepted.", "cps", refs(prom(rate("telecare_influx_points_written_total", "instance"), "{{instance}}"))...))
	d.add(6, 8, graph("Readings lost", "Shed: thrown away while the disk was slow, so that alarms go first. Dropped: the spool was full. Set aside: InfluxDB will never take them. All three are 0 on a good day.", "cps",
		refs(prom(rate("telecare_readings_shed_total", "instance"), "shed"), prom(rate("telecare_spool_dropped_points_total", "instance"), "dropped"),
			prom(rate("telecare_influx_points_poisoned_total", "instance"), "set aside"))...))

	d.row("Process")
	d.add(8, 7, graph("Memory", "Resident memory of the process.", "bytes", refs(prom(of("process_resident_memory_bytes"), "{{instance}}"))...))
	d.add(8, 7, graph("Processor", "Processors in use.", "none", refs(prom("sum by (instance) (rate("+of("process_cpu_seconds_total")+"[$__rate_interval]))", "{{instance}}"))...))
	d.add(8, 7, graph("Goroutines and files", "A line that only ever rises is a leak.", "none",
		refs(prom(of("go_goroutines"), "{{instance}}: goroutines"), prom(of("process_open_fds"), "{{instance}}: open files"))...))
	return d
}
