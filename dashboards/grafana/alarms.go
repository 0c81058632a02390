package grafana

import (
	"fmt"

	"telecare/alerting"
)

// alarmsDashboard is where the programme sees how long people waited.
func (o Options) alarmsDashboard() *dashboard {
	in := o.influx()
	d := o.dashboard("telecare-alarms", "Telecare: alarms", "How long it took to call, to acknowledge, to arrive and to close; what is open now; and the shares within 60 and 180 seconds. An alarm is in the history when it has been closed, at the time when it was raised.", "now-30d")
	d.Templating.List = append(d.Templating.List,
		in.variable(tagSite, "Site", measurementAlarm),
		in.variable(tagKind, "Kind", measurementAlarm, tagSite))

	d.row("Now")
	for _, s := range openStates {
		limit := limits(neutral)
		if s.state == alerting.Raised {
			limit = limits(good, step{at(1), bad})
		}
		d.add(4, 5, stat(s.title, s.description, "none", limit,
			refs(promNow(fmt.Sprintf(`sum(telecare_alarms_open{site=~"$site", state=%q})`, s.state), string(s.state)))...))
	}
	kpi := limits(good, step{at(soonEnough), soon}, step{at(atTheLatest), bad})
	d.add(4, 5, stat("Waiting longest", "Age of the oldest alarm that nobody has now: 0 when there is none. Orange from 60 s, red from 180 s.", "s", kpi,
		refs(promNow(`max(telecare_alarm_unacknowledged_seconds{site=~"$site"})`, "oldest"))...))
	share := func(within int, asked float64) {
		q := alarmQuestion("", fieldAcknowledge, fieldClose)
		q.without = alerting.Uncounted()
		p := stat(fmt.Sprintf("Acknowledged within %d s", within),
			fmt.Sprintf("Share of the closed alarms of the chosen time, tests and falls that the person cancelled left out, that a person acknowledged within %d s; an alarm that nobody acknowledged is not within. Green from %g %%, which the TSA's quality standard asks for.", within, asked),
			"percent", limits(bad, step{at(asked), good}), refs(in.shareWithin(q, within))...)
		p.FieldConfig.Defaults.Decimals = digits(1)
		d.add(4, 5, p.none("no alarm yet"))
	}
	share(soonEnough, shareSoon)
	share(atTheLatest, shareAll)

	d.row("How long people waited")
	d.add(24, 9, in.by(tagKind, graph("To a person's acknowledgment", "A dot for each alarm, where it was raised, as high as it took until a person took it. The dashed lines are the two limits, 60 s and 180 s.", "s",
		refs(in.raw(alarmQuestion(tagKind, fieldAcknowledge)))...)).dots().lines(kpi))
	for _, one := range []struct{ field, title, description string }{
		{fieldNotify, "To the first call", "From raised until the first call left for somebody's phone. Tenths of a second; more is a channel that hangs."},
		{fieldAttend, "To somebody being there", "From raised until somebody said that they are with the person."},
		{fieldClose, "To close", "From raised until the alarm was closed with an outcome."},
	} {
		d.add(8, 8, in.by(tagKind, graph(one.title, one.description, "s",
			refs(in.raw(alarmQuestion(tagKind, one.field)))...)).dots())
	}
	ack := alarmQuestion("", fieldAcknowledge)
	d.add(12, 8, in.by("what", graph("To acknowledge, by day", "Half of a day's alarms were acknowledged sooner than the median, nine of ten sooner than the upper line. The dashed lines are at 60 s and 180 s.", "s",
		refs(in.percentile(ack, 0.5, "median"), in.percentile(ack, 0.9, "nine of ten"))...)).lines(kpi).every("1d"))
	d.add(12, 8, graph("To acknowledge, from the counters", "The same from Prometheus' histogram, over the last hour of each point; it has alarms that are still open, and only what was scraped.", "s",
		refs(prom(`histogram_quantile(0.5, sum by (le) (rate(telecare_time_to_acknowledge_seconds_bucket{site=~"$site"}[1h])))`, "median"),
			prom(`histogram_quantile(0.9, sum by (le) (rate(telecare_time_to_acknowledge_seconds_bucket{site=~"$site"}[1h])))`, "nine of ten"))...).lines(kpi))

	d.row("How many, and how they ended")
	d.add(12, 8, in.by(tagKind, graph("Alarms by day", "Closed alarms of each kind. Many of one kind from one device are a device to look at.", "none",
		refs(in.count(alarmQuestion(tagKind, fieldClose)))...)).bars().every("1d"))
	d.add(6, 8, in.by(tagOutcome, gauges("How they ended", "Closed alarms by outcome. Many mistakes wear people out: look at who presses, and how.", "none", limits(neutral),
		refs(in.total(alarmQuestion(tagOutcome, fieldClose)))...)).fromZero())
	d.add(6, 8, graph("Open alarms", "Open alarms by state.", "none",
		refs(prom(`sum by (state) (telecare_alarms_open{site=~"$site"})`, "{{state}}"))...).stacked())
	d.add(24, 10, table("The newest alarms", "The hundred newest closed alarms of the chosen time, with the seconds from raised. An empty cell: nobody did.",
		[][2]string{{o.timeColumn(), "Raised"}, {tagKind, "Kind"}, {tagOutcome, "Outcome"}, {fieldNotify, "Call (s)"}, {fieldAcknowledge, "Acknowledge (s)"}, {fieldAttend, "There (s)"}, {fieldClose, "Close (s)"}},
		refs(in.rows(alarmQuestion("", fieldNotify, fieldAcknowledge, fieldAttend, fieldClose), 100, tagKind, tagOutcome))...).paint("Acknowledge (s)", kpi))
	return d
}
