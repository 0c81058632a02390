package grafana

import (
	"fmt"
	"strings"

	"telecare/alerting"
	"telecare/devices"
)

// sources are the data sources of a dashboard: chosen at its top, and those of
// our provisioning unless somebody does.
var (
	prometheusRef = &ref{Type: "prometheus", UID: "${prometheus}"}
	influxRef     = &ref{Type: "influxdb", UID: "${influx}"}
)

// prom asks Prometheus over time; legend is a template such as {{source}}.
func prom(expr, legend string) any {
	return &promQuery{Datasource: prometheusRef, EditorMode: "code", Expr: expr, LegendFormat: legend, Format: "time_series", Range: true}
}

// promNow asks Prometheus for now only.
func promNow(expr, legend string) any {
	return &promQuery{Datasource: prometheusRef, EditorMode: "code", Expr: expr, LegendFormat: legend, Format: "time_series", Instant: true}
}

// promTable asks Prometheus for now, with a row for each series.
func promTable(expr string) any {
	return &promQuery{Datasource: prometheusRef, EditorMode: "code", Expr: expr, Format: "table", Instant: true}
}

// refs gives the queries of a panel their letters.
func refs(targets ...any) []any {
	for i, t := range targets {
		id := string(rune('A' + i))
		switch t := t.(type) {
		case *promQuery:
			t.RefID = id
		case *fluxQuery:
			t.RefID = id
		case *influxqlQuery:
			t.RefID = id
		}
	}
	return targets
}

// influx writes queries in one of InfluxDB's two languages.
type influx struct {
	language Influx
	policy   string // retention policy of an InfluxDB 1.x, "" for its default
}

// fields of a measurement, with filters and grouping. What a question does not
// need is zero.
type question struct {
	measurement string
	fields      []string
	by          string             // one series for each value of this tag
	filters     []string           // tags with a variable of the dashboard of the same name
	without     []alerting.Outcome // that are left out
}

func deviceQuestion(q ...devices.Quantity) question {
	out := question{measurement: measurementDevice, by: tagDevice, filters: []string{tagSite, tagDevice}}
	for _, one := range q {
		out.fields = append(out.fields, string(one))
	}
	return out
}

func alarmQuestion(by string, fields ...string) question {
	return question{measurement: measurementAlarm, fields: fields, by: by, filters: []string{tagSite, tagKind}}
}

// raw asks for every point, for those that are few.
func (in influx) raw(q question) any {
	if in.language == InfluxQL {
		return in.ql(in.selecting(q, quoted(q.fields[0]))+in.grouped(q, ""), "time_series", q.by)
	}
	return in.flux(in.from(q), in.group(q), `sort(columns: ["_time"])`, in.keep(q))
}

// mean asks for the mean of each window.
func (in influx) mean(q question) any {
	if in.language == InfluxQL {
		return in.ql(in.selecting(q, "mean("+quoted(q.fields[0])+")")+in.grouped(q, "$__interval")+" fill(none)", "time_series", q.by)
	}
	return in.flux(in.from(q), in.group(q), "aggregateWindow(every: v.windowPeriod, fn: mean, createEmpty: false)", in.keep(q))
}

// count asks how many there are in each window.
func (in influx) count(q question) any {
	if in.language == InfluxQL {
		return in.ql(in.selecting(q, "count("+quoted(q.fields[0])+")")+in.grouped(q, "$__interval")+" fill(none)", "time_series", q.by)
	}
	return in.flux(in.from(q), in.group(q), "aggregateWindow(every: v.windowPeriod, fn: count, createEmpty: false)", in.keep(q))
}

// percentile asks below what the part p of the values of each window are.
func (in influx) percentile(q question, p float64, name string) any {
	if in.language == InfluxQL {
		t := in.ql(in.selecting(q, fmt.Sprintf("percentile(%s, %g)", quoted(q.fields[0]), 100*p))+in.grouped(q, "$__interval")+" fill(none)", "time_series", "")
		t.Alias = name
		return t
	}
	return in.flux(in.from(q), in.group(q),
		fmt.Sprintf(`aggregateWindow(every: v.windowPeriod, createEmpty: false, fn: (tables=<-, column) => tables |> quantile(q: %g, column: column, method: "exact_selector"))`, p),
		fmt.Sprintf(`set(key: "what", value: %q)`, name), `keep(columns: ["_time", "_value", "_measurement", "_field", "what"])`)
}

// total asks how many there are in all.
func (in influx) total(q question) any {
	if in.language == InfluxQL {
		return in.ql(in.selecting(q, "count("+quoted(q.fields[0])+")")+in.grouped(q, ""), "time_series", q.by)
	}
	return in.flux(in.from(q), fmt.Sprintf(`group(columns: ["_measurement", "_field", "_stop", %q])`, q.by), "count()",
		`duplicate(column: "_stop", as: "_time")`, in.keep(q))
}

// newest asks for the last value.
func (in influx) newest(q question) any {
	if in.language == InfluxQL {
		return in.ql(in.selecting(q, "last("+quoted(q.fields[0])+")")+in.grouped(q, ""), "time_series", q.by)
	}
	return in.flux(in.from(q), in.group(q), "last()", in.keep(q))
}

// newestTable asks for the last value of every field, with a row for each
// series.
func (in influx) newestTable(q question) any {
	if in.language == InfluxQL {
		var what []string
		for _, f := range q.fields {
			what = append(what, fmt.Sprintf("last(%s) AS %s", quoted(f), quoted(f)))
		}
		return in.ql(in.selecting(q, what...)+in.grouped(q, ""), "table", "")
	}
	return in.flux(in.from(q), fmt.Sprintf(`group(columns: [%q, "_field"])`, q.by), "last()", "group()",
		fmt.Sprintf(`pivot(rowKey: [%q], columnKey: ["_field"], valueColumn: "_value")`, q.by))
}

// rows asks for the newest points with all their fields and the tags.
func (in influx) rows(q question, n int, tags ...string) any {
	if in.language == InfluxQL {
		what := make([]string, 0, len(q.fields)+len(tags))
		for _, f := range append(append([]string{}, q.fields...), tags...) {
			what = append(what, quoted(f))
		}
		return in.ql(fmt.Sprintf("%s ORDER BY time DESC LIMIT %d", in.selecting(q, what...), n), "table", "")
	}
	return in.flux(in.from(q), "group()",
		fmt.Sprintf(`pivot(rowKey: ["_time", "%s"], columnKey: ["_field"], valueColumn: "_value")`, strings.Join(tags, `", "`)),
		`sort(columns: ["_time"], desc: true)`, fmt.Sprintf("limit(n: %d)", n))
}

// shareWithin asks what part of the points, in percent, has the first field and
// not above limit. Every point has the second field.
func (in influx) shareWithin(q question, limit int) any {
	field, every := q.fields[0], q.fields[1]
	if in.language == InfluxQL {
		from := in.measurement(q)
		where := in.where(q)
		return in.ql(fmt.Sprintf(`SELECT 100 * count("within") / count("all") AS "share" FROM (SELECT %s AS "within" FROM %s WHERE %s <= %d AND %s), (SELECT %s AS "all" FROM %s WHERE %s) WHERE $timeFilter fill(0)`,
			quoted(field), from, quoted(field), limit, where, quoted(every), from, where), "time_series", "")
	}
	return in.flux(in.from(q), `group(columns: ["_measurement", "_stop"])`,
		fmt.Sprintf(`reduce(identity: {within: 0.0, all: 0.0}, fn: (r, accumulator) => ({
    within: accumulator.within + (if r._field == %q and r._value <= %d.0 then 1.0 else 0.0),
    all: accumulator.all + (if r._field == %q then 1.0 else 0.0)}))`, field, limit, every),
		"filter(fn: (r) => r.all > 0.0)", `map(fn: (r) => ({_time: r._stop, _value: 100.0 * r.within / r.all, _measurement: r._measurement, _field: "share"}))`)
}

// values asks for the values of a tag, for a variable.
func (in influx) values(measurement, tag string, filters ...string) string {
	if in.language == InfluxQL {
		s := fmt.Sprintf("SHOW TAG VALUES FROM %s WITH KEY = %s", in.measurement(question{measurement: measurement}), quoted(tag))
		if len(filters) > 0 {
			s += " WHERE " + in.where(question{filters: filters})
		}
		return s
	}
	condition := fmt.Sprintf("r._measurement == %q", measurement)
	for _, f := range filters {
		condition += fmt.Sprintf(" and r.%s =~ /^${%s:regex}$/", f, f)
	}
	// Not influxdata/influxdb/schema, which an InfluxDB 1.8 does not have; and its
	// start is a length of time there, not the dashboard's.
	return fmt.Sprintf("import \"influxdata/influxdb/v1\"\nv1.tagValues(bucket: v.defaultBucket, tag: %q, predicate: (r) => %s, start: -30d)", tag, condition)
}

func (in influx) ql(query, format, by string) *influxqlQuery {
	t := &influxqlQuery{Datasource: influxRef, RawQuery: true, Query: query, ResultFormat: format}
	if by != "" {
		t.Alias = "$tag_" + by
	}
	return t
}

func (in influx) measurement(q question) string {
	if in.policy == "" {
		return quoted(q.measurement)
	}
	return quoted(in.policy) + "." + quoted(q.measurement)
}

func (in influx) where(q question) string {
	var all []string
	for _, f := range q.filters {
		all = append(all, fmt.Sprintf("%s =~ /^${%s:regex}$/", quoted(f), f))
	}
	for _, o := range q.without {
		all = append(all, fmt.Sprintf("%s != '%s'", quoted(tagOutcome), o))
	}
	return strings.Join(all, " AND ")
}

func (in influx) selecting(q question, what ...string) string {
	return fmt.Sprintf("SELECT %s FROM %s WHERE $timeFilter AND %s", strings.Join(what, ", "), in.measurement(q), in.where(q))
}

func (in influx) grouped(q question, window string) string {
	var by []string
	if window != "" {
		by = append(by, "time("+window+")")
	}
	if q.by != "" {
		by = append(by, quoted(q.by))
	}
	if len(by) == 0 {
		return ""
	}
	return " GROUP BY " + strings.Join(by, ", ")
}

func (in influx) flux(steps ...string) any {
	return &fluxQuery{Datasource: influxRef, Query: strings.Join(steps, "\n  |> ")}
}

func (in influx) from(q question) string {
	var fields []string
	for _, f := range q.fields {
		fields = append(fields, fmt.Sprintf("r._field == %q", f))
	}
	condition := fmt.Sprintf("r._measurement == %q and (%s)", q.measurement, strings.Join(fields, " or "))
	for _, f := range q.filters {
		condition += fmt.Sprintf(" and r.%s =~ /^${%s:regex}$/", f, f)
	}
	for _, o := range q.without {
		condition += fmt.Sprintf(" and r.%s != %q", tagOutcome, o)
	}
	return "from(bucket: v.defaultBucket)\n  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)\n  |> filter(fn: (r) => " + condition + ")"
}

// group makes a series for each value of a tag. Grafana makes a series with
// labels only of what still has its measurement and a time, in every version.
func (in influx) group(q question) string {
	return fmt.Sprintf(`group(columns: ["_measurement", "_field"%s])`, also(q.by))
}

func (in influx) keep(q question) string {
	return fmt.Sprintf(`keep(columns: ["_time", "_value", "_measurement", "_field"%s])`, also(q.by))
}

func also(column string) string {
	if column == "" {
		return ""
	}
	return fmt.Sprintf(", %q", column)
}

func quoted(name string) string { return `"` + name + `"` }
