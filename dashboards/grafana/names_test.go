package grafana

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"telecare/alerting"
	"telecare/devices"
	store "telecare/gateway/influx"
	"telecare/gateway/metrics"
)

// The names of measurements, tags and fields are those of the gateway.
func TestNamesInInfluxDB(t *testing.T) {
	for _, n := range [][2]string{
		{measurementDevice, store.MeasurementDevice}, {measurementAlarm, store.MeasurementAlarm},
		{tagSite, store.TagSite}, {tagDevice, store.TagDevice}, {tagKind, store.TagKind}, {tagOutcome, store.TagOutcome},
		{fieldNotify, store.FieldNotify}, {fieldAcknowledge, store.FieldAcknowledge}, {fieldAttend, store.FieldAttend}, {fieldClose, store.FieldClose},
	} {
		if n[0] != n[1] {
			t.Errorf("dashboards ask for %q, the gateway writes %q", n[0], n[1])
		}
	}
}

// everyExpr is each PromQL expression of the dashboards and rules, by where it
// is.
func everyExpr(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, d := range (Options{}).defaults().dashboards() {
		for _, p := range d.Panels {
			p, ok := p.(*panel)
			if !ok {
				continue
			}
			for _, target := range p.Targets {
				if q, ok := target.(*promQuery); ok {
					out[fmt.Sprintf("%s, panel %q, query %s", d.UID, p.Title, q.RefID)] = q.Expr
				}
			}
		}
		for _, v := range d.Templating.List {
			if v.Datasource == prometheusRef {
				out[d.UID+", variable "+v.Name] = v.Query
			}
		}
	}
	b, err := (Options{}).defaults().rules()
	if err != nil {
		t.Fatal(err)
	}
	alert := ""
	for _, line := range strings.Split(string(b), "\n") {
		if _, name, ok := strings.Cut(line, "- alert: "); ok {
			alert = name
		}
		if _, expr, ok := strings.Cut(line, "expr: "); ok {
			out["rule "+alert] = expr
		}
	}
	if len(out) < 50 {
		t.Fatalf("only %d expressions found", len(out))
	}
	return out
}

var (
	ours     = regexp.MustCompile(`\b(telecare_[a-z_]+)(\{[^}]*\})?`)
	selector = regexp.MustCompile(`([a-z]+)(=~|=)"([^"]*)"`)
	grouping = regexp.MustCompile(`(?:by|on) \(([a-z, ]+)\)`)
)

// wrong says what an expression asks for that the gateway does not have.
func wrong(expr string, used map[string]bool) (problems []string) {
	described := map[string]metrics.Description{}
	for _, d := range metrics.Table() {
		described[d.Name] = d
	}
	// What Prometheus and our scrape_config add.
	labels := map[string]bool{"site": true, "instance": true, "job": true, "le": true, "version": true}
	found := ours.FindAllStringSubmatch(expr, -1)
	for _, m := range found {
		name := m[1]
		d, ok := described[name]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base, cut := strings.CutSuffix(name, suffix); !ok && cut {
				d = described[base]
				ok = d.Buckets != nil
			}
		}
		if !ok {
			problems = append(problems, fmt.Sprintf("the gateway has no metric %s", name))
			continue
		}
		used[d.Name] = true
		for _, l := range d.Labels {
			labels[l] = true
		}
		for _, s := range selector.FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(d.Labels, s[1]) && s[1] != "site" && s[1] != "instance" {
				problems = append(problems, fmt.Sprintf("%s has no label %s", name, s[1]))
			}
			if d.Values == nil || strings.HasPrefix(s[3], "$") {
				continue
			}
			for _, v := range strings.Split(s[3], "|") {
				if !slices.Contains(d.Values, v) {
					problems = append(problems, fmt.Sprintf("label %s of %s is never %q", s[1], name, v))
				}
			}
		}
	}
	for _, g := range grouping.FindAllStringSubmatch(expr, -1) {
		for _, l := range strings.Split(g[1], ", ") {
			if !labels[l] {
				problems = append(problems, fmt.Sprintf("nothing in it has the label %s", l))
			}
		}
	}
	return problems
}

// Each metric that is asked for is there, with its labels and their values; and
// each that is there is asked for.
func TestNamesInPrometheus(t *testing.T) {
	used := map[string]bool{}
	for where, expr := range everyExpr(t) {
		for _, p := range wrong(expr, used) {
			t.Errorf("%s: %s: %s", where, p, expr)
		}
	}
	elsewhere := map[string]string{
		"telecare_undeclared_total":                        "a mistake of ours, for tests",
		"telecare_time_to_attend_seconds":                  "shown from InfluxDB, an alarm each",
		"telecare_time_to_close_seconds":                   "shown from InfluxDB, an alarm each",
		"telecare_alarms_raised_total":                     "shown from InfluxDB, an alarm each",
		"telecare_alarms_closed_total":                     "shown from InfluxDB, an alarm each",
		"telecare_config_reload_successful":                "telecare_fault says it with config_refused",
		"telecare_config_reloads_total":                    "telecare_fault says it with config_refused",
		"telecare_config_reload_success_timestamp_seconds": "for people's own questions",
		"telecare_text_messages_total":                     "for people's own questions",
	}
	for _, d := range metrics.Table() {
		if !used[d.Name] && elsewhere[d.Name] == "" {
			t.Errorf("no dashboard and no rule has %s: show it, or say here why not", d.Name)
		}
		if used[d.Name] && elsewhere[d.Name] != "" {
			t.Errorf("%s is shown: take it out here", d.Name)
		}
	}
}

// The test above can fail.
func TestNamesAreNoticed(t *testing.T) {
	for expr, want := range map[string]string{
		`sum(telecare_alarm_open)`:                                     "no metric telecare_alarm_open",
		`telecare_alarms_open_bucket`:                                  "no metric telecare_alarms_open_bucket",
		`telecare_alarms_open{kind="panic"}`:                           "has no label kind",
		`telecare_alarms_open{state="rised"}`:                          `never "rised"`,
		`telecare_faults_open{code=~"store_down|spool"}`:               `never "spool"`,
		`sum by (kind) (telecare_alarms_open)`:                         "nothing in it has the label kind",
		`sum by (le, channel) (telecare_press_to_call_seconds_bucket)`: "nothing in it has the label channel",
	} {
		if got := strings.Join(wrong(expr, map[string]bool{}), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
	if got := wrong(`sum by (state) (telecare_alarms_open{site=~"$site", state="raised"})`, map[string]bool{}); len(got) > 0 {
		t.Errorf("a sound expression: %q", got)
	}
}

// Every fault there is has one alert, and every reading of batteries and signal
// a heading.
func TestNothingIsForgotten(t *testing.T) {
	alerts := map[alerting.FaultCode]int{}
	for _, f := range faultTexts {
		alerts[f.code]++
	}
	for _, f := range alerting.FaultTypes() {
		if alerts[f.Code] != 1 {
			t.Errorf("fault %q has %d alerts, want one: say in faultTexts what to do about it", f.Code, alerts[f.Code])
		}
	}
	for _, q := range append(slices.Clone(batterySigns), signalSigns...) {
		if columnOf[q] == "" {
			t.Errorf("reading %q has no heading", q)
		}
	}
	if len(lives) != 4 || len(openStates) != 3 {
		t.Errorf("%d lives and %d open states", len(lives), len(openStates))
	}
	for _, l := range []devices.Life{devices.LifeHeard, devices.LifeUnsupervised, devices.LifeUnknown, devices.LifeSilent} {
		if !slices.Contains(lives, l) {
			t.Errorf("life %q has no number", l)
		}
	}
}
